"""Slack: writes to people and channels as a bot of the customer's own, and hears its buttons."""
