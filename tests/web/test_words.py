"""Texts in other languages: all there, looked at, and with every gap that is filled in later."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from tocsin.web import catalogs

SRC = Path(__file__).resolve().parents[2] / "src" / "tocsin"
MAPPING = [("**.py", "python"), ("web/templates/**.html", "jinja2")]
OPTIONS = {"web/templates/**.html": {"trimmed": "true"}}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
}
OTHERS = sorted(catalogs.OFFERED.keys() - {"en"})


def gathered() -> set[str]:
    found: set[str] = set()
    for _, _, message, _, _ in extract_from_dir(str(SRC), MAPPING, OPTIONS, KEYWORDS):
        found.update([message] if isinstance(message, str) else message)
    return found


def texts(language: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for message in catalogs.catalog(language):
        if message.id:
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            told = message.string if isinstance(message.string, tuple | list) else (message.string,)
            yield tuple(ids), tuple(str(one) for one in told)


def gaps(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sr]|%%", text))


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_a_translation_that_somebody_looked_at(language: str) -> None:
    assert list(catalogs.missing(language)) == []


@pytest.mark.long("gathers all words")
@pytest.mark.parametrize("language", OTHERS)
def test_what_the_pages_say_is_what_was_gathered(language: str) -> None:
    known = {one for ids, _ in texts(language) for one in ids}
    said = gathered()
    assert len(said) > 300
    assert said - known == set(), "run make words, and translate"
    assert known - said == set(), "run make words"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_loses_a_gap(language: str) -> None:
    for ids, told in texts(language):
        # A plural may leave the number out, or name it where English does not.
        wanted = set().union(*(gaps(one) for one in ids))
        for one in told:
            assert gaps(one) <= wanted, one
            assert wanted - gaps(one) <= ({"%(n)s"} if len(ids) > 1 else set()), one


def test_a_text_is_found_in_the_readers_language() -> None:
    from django.utils import translation

    with translation.override("sv"):
        assert translation.gettext("Breached") != "Breached"
        # Theirs are still there.
        assert translation.gettext("January") == "januari"
    with translation.override("en"):
        assert translation.gettext("Breached") == "Breached"
