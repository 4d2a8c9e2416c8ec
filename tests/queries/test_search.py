"""Search finds what is the asker's to see, whatever is typed."""

import pytest
from tests.desk import Company, Database, company

from tocsin.actions import customers, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, search


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


def find(desk: Company, words: str, most: int = 50) -> list[int]:
    return search.tickets(words=words, by=desk.person("ann"), most=most)


def test_a_ticket_is_found_by_its_subject_its_body_and_what_is_said_later(desk: Company) -> None:
    ticket = desk.open(subject="Printer jammed", body="The tray is stuck")
    tickets.reply(ticket_id=ticket, body="Have you tried the handle?", by=desk.person("ann"))
    tickets.note(ticket_id=ticket, body="sounds like the roller", by=desk.person("ann"))
    for words in ("printer", "TRAY", "handle", "roller", "printer roller", "jammed the handle"):
        assert find(desk, words) == [ticket], words
    assert find(desk, "printer scanner") == []


def test_the_newest_come_first_and_no_more_than_asked_for(desk: Company) -> None:
    made = [desk.open(subject=f"same {k}") for k in range(5)]
    assert find(desk, "same") == made[::-1]
    assert find(desk, "same", most=2) == made[:2:-1]


def test_phrases_alternatives_and_exclusions_work(desk: Company) -> None:
    red = desk.open(subject="the red box", body="")
    blue = desk.open(subject="a box in blue, red lid", body="")
    assert find(desk, '"red box"') == [red]
    assert find(desk, "box -lid") == [red]
    assert find(desk, "lid or nothing") == [blue]


@pytest.mark.parametrize(
    "words",
    [
        "'",
        '"',
        '"unclosed phrase',
        "it's",
        "a & b | !c <-> (d",
        "\\",
        "%s %(x)s %",
        ":*",
        "or or or",
        "-",
        "---",
        "'; DROP TABLE ticket; --",
        "🎉 日本語",
        "\u202e\ufeff",
        "<b>",
        "x" * 10_000,
        "word " * 2_000,
        " ".join(f"w{k}" for k in range(2_000)),
        '"' * 10_000,
        "-(" * 5_000,
        '-"' * 5_000,
        "-_ " * 3_000,
        "--a " * 3_000,
    ],
    ids=range(23),
)
def test_nothing_that_is_typed_is_an_error(desk: Company, words: str) -> None:
    desk.open(subject="plain", body="")
    assert find(desk, words) in ([], [1])
    assert find(desk, "plain")


def test_a_quote_in_a_word_finds_it(desk: Company) -> None:
    ticket = desk.open(subject="O'Brien's \\ 100% <tag>", body="")
    assert find(desk, "O'Brien's") == [ticket]


@pytest.mark.parametrize("words", ["", "   ", "\n\t"])
def test_no_words_find_nothing(desk: Company, words: str) -> None:
    desk.open()
    assert find(desk, words) == []


def test_a_nul_and_a_wild_number_are_refused_by_name(desk: Company) -> None:
    with pytest.raises(Invalid, match=r"^words: "):
        find(desk, "a\0b")
    for most in (0, -1, 1001, True):
        with pytest.raises(Invalid, match=r"^most: "):
            find(desk, "a", most=most)


@pytest.mark.promise("P26")
def test_the_words_of_another_tenant_find_nothing(database: Database, desk: Company) -> None:
    other = company("bolt")
    theirs = other.open(subject="their secret")
    assert find(desk, "secret") == []
    assert find(other, "secret") == [theirs]
    for table in ("ticket", "search_text"):
        database.rows(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    assert find(desk, "secret") == []


def test_a_contact_finds_their_own_tickets_only_even_behind_many_newer_ones(desk: Company) -> None:
    cara, carl = (customers.add_contact(name=name, by=desk.operator) for name in ("Cara", "Carl"))
    own = desk.open(subject="same words", contact=cara)
    for _ in range(4):
        desk.open(subject="same words", contact=carl)
    desk.open(subject="same words")
    by = access.contact(desk.tenant, cara)
    assert search.tickets(words="same", by=by, most=2) == [own]
    assert search.tickets(words="same", by=access.contact(desk.tenant, 999)) == []


def test_without_the_right_nothing_is_there(desk: Company) -> None:
    nobody = access.Actor(desk.tenant, "nobody")
    with pytest.raises(access.NotFound):
        search.tickets(words="x", by=nobody)


def test_a_ticket_on_which_much_was_said_can_still_be_answered(desk: Company) -> None:
    ticket = desk.open()
    for part in range(6):
        body = " ".join(f"{part}{k:05x}" for k in range(28_000))
        tickets.reply(ticket_id=ticket, body=body, by=desk.person("ann"))
    assert find(desk, "000001") == [ticket]
