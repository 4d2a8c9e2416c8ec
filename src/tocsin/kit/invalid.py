"""Refusals: one error for input that cannot be taken, which names the field and the reason."""


class Invalid(ValueError):
    """Input refused. `path` names the field (``week.mon[1]``), `reason` says why in a sentence.

    Loaders that know more (a file, a line) read `path` and add it; the reason never changes.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason

    def under(self, parent: str) -> "Invalid":
        """Return the same refusal with `parent` put in front of the path."""
        if not parent:
            return self
        joint = "" if self.path.startswith("[") or not self.path else "."
        return Invalid(f"{parent}{joint}{self.path}", self.reason)
