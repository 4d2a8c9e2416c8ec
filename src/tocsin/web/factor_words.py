"""What is said of changes to second factors, in the reader's language."""

from django.utils.translation import gettext as _


def told(deed: str) -> str:
    """Return the sentence for a line of a notification, "" for a deed of another kind."""
    match deed:
        case "factor added":
            return _("A second factor, or recovery codes, were added to your sign-in")
        case "factor removed":
            return _("A second factor was removed from your sign-in")
        case "recovery code used":
            return _("A recovery code was used in your name")
    return ""
