"""Short messages by 46elks or Twilio: sending them, and hearing whether they arrived."""
