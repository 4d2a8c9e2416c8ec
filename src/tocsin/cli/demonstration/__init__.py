"""The demo's desks: who is in them, what is promised, what happened so far, and who writes next."""
