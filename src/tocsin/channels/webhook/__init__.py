"""Webhooks: messages as signed JSON to an address of the customer's, by Standard Webhooks 1.0."""
