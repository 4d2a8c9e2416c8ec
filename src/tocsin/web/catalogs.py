"""Our texts in other languages: read from the .po files as they lie, and given to Django.

Nothing has to be compiled first, so nothing can be stale or missing.
"""

import gettext
import io
from collections.abc import Iterator
from importlib import resources

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation import trans_real

# Those that are whole; a test sees to it.
OFFERED = {"en": "English", "sv": "Svenska", "pt-BR": "Português (Brasil)"}
_FOLDER = resources.files("tocsin.web") / "words"


def catalog(language: str) -> Catalog:
    """Return a language's texts as their translators wrote them."""
    with (_FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def load() -> None:
    """Put our texts beside those of the libraries; called once, when the pages start."""
    for language in OFFERED.keys() - {"en"}:
        compiled = io.BytesIO()
        write_mo(compiled, catalog(language))
        compiled.seek(0)
        trans_real.translation(language.lower()).merge(gettext.GNUTranslations(compiled))


def missing(language: str) -> Iterator[str]:
    """Yield the texts that have no translation, or one that somebody still has to look at."""
    for message in catalog(language):
        told = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(told)):
            yield str(message.id)
