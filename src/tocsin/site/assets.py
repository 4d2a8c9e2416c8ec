"""How static files get their names: by their contents, so that browsers may keep them for ever."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Hashed and compressed; imports between our own modules are written anew.

    Only between ours: a comment in htmx's extensions looks like an import of a file there is not.
    """

    patterns = (
        *HashedFilesMixin.patterns,
        ("tocsin/js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1]),  # type: ignore[attr-defined]  # it is there
    )
