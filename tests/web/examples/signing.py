"""Signing in: its pages, links and forms."""

EXAMPLES = {"session": "999"}
PUBLIC = {"forgotten", "invitation_link", "password_link", "address_link", "first_run"}
FORMS: dict[str, dict[str, str]] = {
    "my_password": {"current": "x", "password": "y", "again": "z"},
    "my_address": {"email": "new@acme.example"},
    "my_session_end": {},
    "my_sessions_end": {},
}
