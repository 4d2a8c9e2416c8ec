"""Texts that somebody wrote are texts: no template engine, no script and no pattern reads them."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tocsin
from tocsin.actions import wording
from tocsin.kit.invalid import Invalid
from tocsin.queries import template_form
from tocsin.web import templating

STATIC = Path(tocsin.__file__).parent / "web" / "static"
HOSTILE = (
    "{{7*7}}",
    "{{ ticket.tenant.secret }}",
    "{ticket.__class__.__mro__}",
    "{ticket!r:>9}",
    "{0.__init__.__globals__}",
    "{% include '/etc/passwd' %}",
    "{% for i in range(1000000) %}x{% endfor %}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
)


@pytest.mark.promise("A48", "P36")
@pytest.mark.asvs("1.3.7")
@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_of_a_message_is_refused_or_stays_what_it_is(text: str) -> None:
    facts = dict.fromkeys(template_form.NAMES, "FACT")
    filled = template_form.filled(text, facts)
    assert "49" not in filled
    assert "FACT" not in filled
    assert len(filled) <= len(text)
    # What is filled in is not read again.
    assert template_form.filled("{subject}", {"subject": text}) == text


@pytest.mark.promise("A48")
def test_a_text_knows_the_names_of_the_list_and_no_others() -> None:
    for text in ("{secret}", "{ticket.tenant}", "{", "{}", "{ticket!r}"):
        with pytest.raises(Invalid, match=r"knows no|brace"):
            template_form._text(text, "body", 100)
    template_form._text("{ticket} {{sic}}", "body", 100)


@pytest.mark.promise("A48", "A49")
@given(st.text(alphabet="{}%$ab.", max_size=400), st.text(alphabet="{}a", max_size=40))
def test_filling_in_ends_and_adds_nothing_but_facts(text: str, fact: str) -> None:
    facts = dict.fromkeys(template_form.NAMES, fact)
    found = template_form.filled(text, facts)
    names = sum(text.count(f"{{{name}}}") for name in facts)
    assert len(found) <= len(text) + names * len(fact)


@pytest.mark.promise("A48", "A49", "P36")
def test_a_long_text_of_braces_costs_nothing() -> None:
    begun = time.perf_counter()
    for text in ("{" * 20_000, "{a" * 10_000, "{{" * 10_000, "{" + "a" * 20_000 + "}"):
        template_form.filled(text, {})
    assert time.perf_counter() - begun < 5


@pytest.mark.promise("A48")
def test_our_own_texts_are_filled_once_and_with_words_alone() -> None:
    for language, texts in wording.TEXTS.items():
        for key, text in texts.items():
            # A name and nothing that follows it: no attribute, no item, no conversion.
            for name in re.findall(r"\{([^{}]*)\}", text):
                assert name.isidentifier(), (language, key)
            names = dict.fromkeys(re.findall(r"\{(\w+)\}", text), "{secret} {0} %s")
            assert text.format(**names).count("{secret}") == len(re.findall(r"\{\w+\}", text))


@pytest.mark.promise("A11", "A48")
@pytest.mark.asvs("1.2.1")
def test_pages_are_made_of_files_alone_and_write_what_they_show_as_text() -> None:
    made = templating.environment(autoescape=True, loader=None)
    assert made.autoescape
    assert made.from_string("{{ x }}").render(x="<b>{{7*7}}") == "&lt;b&gt;{{7*7}}"
    pages = (Path(tocsin.__file__).parent / "web" / "templates").rglob("*.html")
    # The hidden field of a form, which the product itself has made.
    token = "csrf_input | string | safe"
    for page in pages:
        text = page.read_text().replace(token, "")
        assert not re.search(r"\|\s*safe\b|autoescape false", text), page.name


@pytest.mark.promise("A52", "P31")
@pytest.mark.asvs("3.2.3", "1.3.2")
def test_our_scripts_run_no_text_and_take_nothing_from_the_window_by_name() -> None:
    for path in sorted(STATIC.rglob("*.js")):
        script = path.read_text()
        assert not re.search(r"\beval\(|new Function|setTimeout\(\s*[\"'`]", script), path.name
        assert not re.search(r"document\.write|outerHTML\s*=|__proto__", script), path.name
        # An element with that id would stand in for a name that the window does not have.
        assert not re.search(
            r"window\.(?!location|addEventListener|matchMedia|scroll|inner"
            r"|getSelection|PublicKeyCredential|Notification|isSecureContext"
            r"|PushManager|open\b|history|navigator|crypto)\w",
            script,
        ), path.name
        assert not re.search(r"document\.forms\.|document\.anchors|document\.images", script)


@pytest.mark.promise("A52")
def test_no_text_of_a_ticket_can_be_an_element_with_an_id() -> None:
    made = templating.environment(autoescape=True, loader=None)
    shown = made.from_string("<p>{{ body }}</p>").render(
        body="<form id=words name=live><input name=textContent></form><a id=pane href=x:y>"
    )
    assert "<form" not in shown
    assert "<a " not in shown
