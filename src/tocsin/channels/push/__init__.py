"""Web push: a message to a browser, sealed for it alone (RFC 8030, 8188, 8291, 8292)."""
