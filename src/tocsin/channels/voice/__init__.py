"""Calls by Twilio: a short text is read aloud, and a key acknowledges it."""
