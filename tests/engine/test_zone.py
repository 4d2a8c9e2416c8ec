"""Zones against `zoneinfo`, POSIX rules of each form, the published form that needs no tzdata."""

import datetime as dt
import importlib.metadata
import io
import random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine import oracle
from tests.engine.oracle import DAY_S, EPOCH
from tests.engine.random_calendars import HARD_DATES, ZONES, second_of

from tocsin.engine import zone as zones
from tocsin.engine.calendar import Calendar
from tocsin.engine.zone import Zone
from tocsin.engine.zone_rule import ZoneRule
from tocsin.kit import timezone_data
from tocsin.kit.invalid import Invalid

ALL = sorted(timezone_data.names())
# One name of each zone that has links.
DISTINCT = sorted({zones.named(name).digest: name for name in ALL}.values())
CHANGEABLE = [
    "Africa/Casablanca",
    "America/Grand_Turk",
    "America/Nuuk",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Tallinn",
    "Pacific/Apia",
    "Pacific/Norfolk",
]


def spell(at: int) -> str:
    return (EPOCH + dt.timedelta(seconds=at)).isoformat()


def offsets_differ(name: str, instants: list[int]) -> list[tuple[str, int, int]]:
    """Return the instants at which the engine and zoneinfo disagree, with both offsets."""
    zone = zones.named(name)
    found = [(at, zone.offset_at(at), oracle.offset.__wrapped__(name, at)) for at in instants]
    return [(spell(at), ours, theirs) for at, ours, theirs in found if ours != theirs]


def scanned_changes(name: str, lo: int, hi: int) -> list[tuple[int, int, int]]:
    """Return (UTC second, offset before, offset after) by asking zoneinfo every twelve hours."""
    found = []
    step = 12 * 3600
    before = oracle.offset.__wrapped__(name, lo)
    for late in range(lo + step, hi, step):
        after = oracle.offset.__wrapped__(name, late)
        if after != before:
            early, at = late - step, late
            while at - early > 1:
                middle = (early + at) // 2
                if oracle.offset.__wrapped__(name, middle) == before:
                    early = middle
                else:
                    at = middle
            found.append((at, before, after))
            before = after
    return found


# ------------------------------------------------------------------ agreement with zoneinfo


def test_offsets_of_every_zone_agree_with_zoneinfo() -> None:
    lo, hi, far = second_of("1900-01-01"), second_of("2100-01-01"), second_of("2500-01-01")
    found = []
    for name in ALL:
        choose = random.Random(name)
        instants = [choose.randrange(lo, hi) for _ in range(30)]
        instants += [choose.randrange(hi, far) for _ in range(10)]
        # What the engine takes for a change must be one, and at that second.
        changes = zones.named(name).changes(second_of("1800-01-01"), hi)
        instants += [at for change in changes for at in (change.at - 1, change.at)]
        found += [(name, *difference) for difference in offsets_differ(name, instants)]
    assert found == []


@pytest.mark.parametrize("name", CHANGEABLE)
def test_no_change_of_offset_is_missed(name: str) -> None:
    for lo, hi in (("1895-01-01", "2045-01-01"), ("2086-01-01", "2102-01-01")):
        a, b = second_of(lo), second_of(hi)
        found = [
            (c.at, c.before, c.after)
            for c in zones.named(name).changes(a, b)
            if c.before != c.after
        ]
        assert found == scanned_changes(name, a, b)


def folds(name: str, local: int, gap: int) -> list[int]:
    """Return the two UTC seconds that zoneinfo gives for a local one, or twice the gap."""
    theirs = oracle.zone(name)
    naive = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=local)
    found = [naive.replace(tzinfo=theirs, fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
    exists = found[0].astimezone(theirs).replace(tzinfo=None) == naive
    return [oracle.micros(at) // oracle.SECOND for at in found] if exists else [gap, gap]


def test_first_and_last_are_the_two_folds_of_zoneinfo() -> None:
    found = []
    for name in DISTINCT:
        zone = zones.named(name)
        choose = random.Random(name)
        changes = zone.changes(second_of("1900-01-01"), second_of("2060-01-01"))
        for change in choose.sample(changes, min(len(changes), 12)):
            low, high = sorted((change.at + change.before, change.at + change.after))
            for local in (low - 1, low, choose.randint(low, high), high - 1, high):
                ours = [zone.first(local), zone.last(local)]
                if ours != folds(name, local, change.at):
                    found.append((name, spell(local), ours))
    assert found == []


@given(st.sampled_from(ZONES), st.integers(second_of("1890-01-01"), second_of("2500-01-01")))
def test_first_and_last_by_looking_at_every_instant(name: str, local: int) -> None:
    zone = zones.named(name)
    assert zone.first(local) == oracle.opening(name, local)
    assert zone.last(local) == oracle.closing(name, local)


@given(st.sampled_from(HARD_DATES), st.integers(-2 * DAY_S, 3 * DAY_S))
def test_first_and_last_on_hard_dates(hard: tuple[str, str], off: int) -> None:
    name, date = hard
    local = second_of(date) + off
    assert zones.named(name).first(local) == oracle.opening(name, local)
    assert zones.named(name).last(local) == oracle.closing(name, local)


@pytest.mark.parametrize(
    ("name", "date", "skipped"),
    [
        ("Pacific/Apia", "2011-12-30", True),
        ("Pacific/Apia", "2011-12-29", False),
        ("Pacific/Apia", "2011-12-31", False),
        ("Pacific/Kwajalein", "1993-08-21", True),
        ("Pacific/Kiritimati", "1994-12-31", True),
        ("Pacific/Kiritimati", "1995-01-01", False),  # only its first forty minutes
        ("Asia/Manila", "1844-12-31", True),
        ("America/Sao_Paulo", "2018-11-04", False),  # only its first hour
        ("America/Juneau", "1867-10-18", False),
    ],
)
def test_skipped_dates(name: str, date: str, skipped: bool) -> None:
    midnight = second_of(date)
    changes = zones.named(name).changes(midnight - 2 * DAY_S, midnight + 2 * DAY_S)
    assert any(change.skips_date(midnight) for change in changes) is skipped
    assert oracle.date_exists(name, midnight // DAY_S) is not skipped


@pytest.mark.parametrize(
    "offsets", [(3600, 0), (-3600, 0), (3600, 7200), (-3600, -1800), (7200, -3600)]
)
def test_two_changes_a_day_apart(offsets: tuple[int, int]) -> None:
    # No land has done that yet, and some have come near.
    zone = Zone("Test/Twice", 0, (DAY_S, 2 * DAY_S), offsets, "")
    step = 900
    shown: dict[int, list[int]] = {}
    for at in range(0, 3 * DAY_S, step):
        shown.setdefault(at + zone.offset_at(at), []).append(at)
    for local in range(DAY_S // 2, 5 * DAY_S // 2, step):
        if local in shown:
            assert zone.first(local) == shown[local][0]
            assert zone.last(local) == shown[local][-1]
        else:
            gap = next(at for at in (DAY_S, 2 * DAY_S) if at + zone.offset_at(at) > local)
            assert zone.first(local) == zone.last(local) == gap


def test_the_rule_takes_over_after_the_last_transition_and_not_earlier() -> None:
    # Norfolk Island changed its offset in 2015 and began summer time in 2019 with a transition
    # that changes the name alone: its rule must not give summers to the years between.
    norfolk = zones.named("Pacific/Norfolk")
    assert [
        norfolk.offset_at(second_of(f"{year}-01-01")) for year in (2016, 2018, 2019, 2020, 2040)
    ] == [
        39_600,
        39_600,
        39_600,
        43_200,
        43_200,
    ]


def test_the_database_is_the_package_and_its_version_is_known() -> None:
    assert importlib.metadata.version("tzdata").replace(".", "") >= "20251"
    assert timezone_data.VERSION[:4] == importlib.metadata.version("tzdata").split(".")[0]


# ------------------------------------------------------------------ POSIX rules


def changes_of(rule: str, year: int) -> list[str]:
    parsed = ZoneRule.parse(rule)
    lo, hi = second_of(f"{year}-01-01"), second_of(f"{year + 1}-01-01")
    return [f"{spell(at)} {offset}" for at, offset in parsed.settings(lo, hi)]


@pytest.mark.parametrize(
    ("rule", "year", "expected"),
    [
        ("UTC0", 2026, []),
        ("<+0545>-5:45", 2026, []),
        # M: the fifth week means the last; the times default to two o'clock and an hour's summer.
        (
            "CET-1CEST,M3.5.0,M10.5.0/3",
            2026,
            ["2026-03-29T01:00:00+00:00 7200", "2026-10-25T01:00:00+00:00 3600"],
        ),
        (
            "EST5EDT,M3.2.0,M11.1.0",
            2026,
            ["2026-03-08T07:00:00+00:00 -14400", "2026-11-01T06:00:00+00:00 -18000"],
        ),
        ("XST-1,M2.5.0,M2.1.1", 2026, None),
        (
            "AAA0BBB,M2.5.0/0,M8.4.6/0",
            2026,
            ["2026-02-22T00:00:00+00:00 3600", "2026-08-21T23:00:00+00:00 0"],
        ),
        (
            "AAA0BBB,M5.5.6/0,M6.5.2/0",
            2026,
            ["2026-05-30T00:00:00+00:00 3600", "2026-06-29T23:00:00+00:00 0"],
        ),
        # J: 29 February is never counted.
        (
            "AAA0BBB,J59/0,J60/0",
            2028,
            ["2028-02-28T00:00:00+00:00 3600", "2028-02-29T23:00:00+00:00 0"],
        ),
        (
            "AAA0BBB,J60/0,J365/0",
            2026,
            ["2026-03-01T00:00:00+00:00 3600", "2026-12-30T23:00:00+00:00 0"],
        ),
        (
            "AAA0BBB,J1/0,J60/0",
            2028,
            ["2028-01-01T00:00:00+00:00 3600", "2028-02-29T23:00:00+00:00 0"],
        ),
        # n: counted from 0, with 29 February.
        (
            "AAA0BBB,58/0,59/0",
            2028,
            ["2028-02-28T00:00:00+00:00 3600", "2028-02-28T23:00:00+00:00 0"],
        ),
        (
            "AAA0BBB,0/0,60/0",
            2028,
            ["2028-01-01T00:00:00+00:00 3600", "2028-02-29T23:00:00+00:00 0"],
        ),
        (
            "AAA0BBB,0/0,60/0",
            2026,
            ["2026-01-01T00:00:00+00:00 3600", "2026-03-01T23:00:00+00:00 0"],
        ),
        # Times before midnight and beyond 24:00, offsets with seconds, a summer of half an hour.
        (
            "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
            2026,
            ["2026-03-29T01:00:00+00:00 -3600", "2026-10-25T01:00:00+00:00 -7200"],
        ),
        (
            "EET-2EEST,M3.4.4/50,M10.4.4/50",
            2026,
            ["2026-03-28T00:00:00+00:00 10800", "2026-10-23T23:00:00+00:00 7200"],
        ),
        (
            "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
            2026,
            ["2026-04-04T15:00:00+00:00 37800", "2026-10-03T15:30:00+00:00 39600"],
        ),
        (
            "AAA-0:00:30BBB,M3.1.1/0:00:15,M9.1.1/0",
            2026,
            ["2026-03-01T23:59:45+00:00 3630", "2026-09-06T22:59:30+00:00 30"],
        ),
        # Summer time that lies before standard time, as in Ireland.
        (
            "IST-1GMT0,M10.5.0,M3.5.0/1",
            2026,
            ["2026-03-29T01:00:00+00:00 3600", "2026-10-25T01:00:00+00:00 0"],
        ),
    ],
)
def test_rule_forms(rule: str, year: int, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(Invalid, match="is not a POSIX time zone rule"):
            ZoneRule.parse(rule)
    else:
        assert changes_of(rule, year) == expected


def tzif(rule: str, offset: int = 0) -> bytes:
    """Return a TZif file of version 2 without transitions, whose footer is the rule."""
    counts = (0, 0, 0, 0, 1, 4)
    block = b"TZif2" + bytes(15) + b"".join(count.to_bytes(4, "big") for count in counts)
    block += offset.to_bytes(4, "big", signed=True) + b"\0\0" + b"AAA\0"
    return block + block + f"\n{rule}\n".encode()


# Both hemispheres; far enough from the ends of the year and from each other that every reader of
# such rules must agree. (Not the form n, nor J59: in leap years zoneinfo takes J59 for a day later,
# and always n for a day earlier, than POSIX and the C library do.)
_SPRING = st.one_of(
    st.builds("M{}.{}.{}".format, st.integers(3, 5), st.integers(1, 5), st.integers(0, 6)),
    st.integers(60, 150).map("J{}".format),
)
_AUTUMN = st.one_of(
    st.builds("M{}.{}.{}".format, st.integers(8, 10), st.integers(1, 5), st.integers(0, 6)),
    st.integers(220, 300).map("J{}".format),
)
_TIMES = st.one_of(st.integers(0, 26).map(str), st.just("1:30"), st.just("2:00:30"))


@given(
    st.tuples(_SPRING, _AUTUMN) | st.tuples(_AUTUMN, _SPRING),
    st.tuples(_TIMES, _TIMES),
    st.tuples(st.integers(-12, 12), st.integers(-12, 12)).filter(lambda both: both[0] != both[1]),
    st.lists(st.integers(second_of("1971-01-01"), second_of("2400-01-01")), min_size=9, max_size=9),
)
def test_random_rules_agree_with_zoneinfo(
    days: tuple[str, str], times: tuple[str, str], west: tuple[int, int], instants: list[int]
) -> None:
    rule = f"AAA{west[0]}BBB{west[1]},{days[0]}/{times[0]},{days[1]}/{times[1]}"
    theirs = ZoneInfo.from_file(io.BytesIO(tzif(rule)))
    ours = zones.parse("Test/Zone", tzif(rule))
    instants += [at for change in ours.changes(0, 2**31) for at in (change.at - 1, change.at)][:20]
    for at in instants:
        shown = (EPOCH + dt.timedelta(seconds=at)).astimezone(theirs)
        assert dt.timedelta(seconds=ours.offset_at(at)) == shown.utcoffset(), spell(at)


@pytest.mark.parametrize(
    "rule",
    [
        "CET",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M0.1.0,M10.5.0",
        "CET-1CEST,J0,J100",
        "CET-1CEST,J1,J366",
        "CET-1CEST,0,366",
        "CET-1CEST,M3.5.0/2:60,M10.5.0",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "C-1",
        "CET-1 ",
        "CET-25",
        "CET-1CEST,J00,J100",
        "CET-1CEST,M3.5.0/1:60,M10.5.0",
    ],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(Invalid, match="is not a POSIX time zone rule"):
        ZoneRule.parse(rule)


@pytest.mark.parametrize("data", [b"", b"TZif", b"TZif\0" + bytes(39), b"not a zone file"])
def test_what_is_no_zone_file_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="is not a TZif file of version 2 or later"):
        zones.parse("Test/Zone", data)


# ------------------------------------------------------------------ the published form


@pytest.mark.parametrize("name", ZONES)
def test_published_form_round_trips(name: str) -> None:
    zone = zones.named(name)
    again = Zone.from_dict(zone.to_dict())
    assert again == zone
    assert again.digest == zone.digest
    assert again.to_dict() == zone.to_dict()


def test_the_digest_is_of_the_facts_and_not_of_the_name() -> None:
    assert zones.named("Europe/Stockholm").digest == zones.named("Arctic/Longyearbyen").digest
    assert zones.named("Europe/Stockholm").digest != zones.named("Europe/Helsinki").digest


def published() -> dict[str, object]:
    return zones.named("Europe/Stockholm").to_dict()


def test_one_second_moved_in_a_published_zone_is_seen() -> None:
    data = published()
    transitions = data["transitions"]
    assert isinstance(transitions, list)
    transitions[5][0] += 1
    with pytest.raises(Invalid, match=r"^zone\.digest: does not belong to these transitions$"):
        Zone.from_dict(data)


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"digest": "0" * 64}, "zone.digest", "does not belong"),
        ({"digest": None}, "zone.digest", "does not belong"),
        ({"first_offset": 3601}, "zone.digest", "does not belong"),
        ({"rule": "CET-1"}, "zone.digest", "does not belong"),
        ({"rule": "CET-1CEST,M13.5.0,M10.5.0"}, "zone.rule", "not a POSIX time zone rule"),
        ({"rule": 7}, "zone.rule", "as text"),
        ({"first_offset": 1.5}, "zone.first_offset", "whole seconds"),
        ({"first_offset": 10**9}, "zone.first_offset", "within a day"),
        ({"first_offset": True}, "zone.first_offset", "whole seconds"),
        ({"transitions": None}, "zone.transitions", "expected a list"),
        ({"transitions": [[1, 2, 3]]}, "zone.transitions[0]", "[UTC second, offset in seconds]"),
        ({"transitions": [[1, 2], [1, 3]]}, "zone.transitions[1]", "in order"),
        (
            {"transitions": [[1, 2], ["2", 3]]},
            "zone.transitions[1]",
            "[UTC second, offset in seconds]",
        ),
        ({"transitions": [[2**80, 0]]}, "zone.transitions[0]", "out of range"),
        ({"transitions": [[0, 10**9]]}, "zone.transitions[0]", "out of range"),
        ({"name": ""}, "zone.name", "expected text"),
        ({"offset": 3}, "zone.offset", "unknown field"),
    ],
)
def test_mistakes_in_a_published_zone_are_refused(
    change: dict[str, object], path: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Zone.from_dict(published() | change)
    assert refused.value.path == path
    assert words in refused.value.reason


def test_a_published_calendar_needs_no_time_zone_database(monkeypatch: pytest.MonkeyPatch) -> None:
    team = Calendar.from_dict(
        {
            "union": [
                {
                    "zone": "Europe/Stockholm",
                    "week": {"mon": ["00:00-08:00"], "sun": ["00:00-08:00"]},
                },
                {"zone": "Australia/Lord_Howe", "week": {"sun": ["01:00-03:00"]}},
            ]
        }
    )
    data = team.published()
    start = dt.datetime(2026, 3, 27, tzinfo=dt.UTC)
    due = team.add(start, dt.timedelta(hours=20))
    before_by_name = team.to_dict()

    def no_database(name: str) -> bytes:
        raise AssertionError(f"read {name} from the database")

    zones.named.cache_clear()
    monkeypatch.setattr(timezone_data, "read", no_database)
    again = Calendar.from_dict(data)
    assert again.add(start, dt.timedelta(hours=20)) == due
    assert again.digest == team.digest
    assert again.published() == data
    with pytest.raises(AssertionError, match="from the database"):
        Calendar.from_dict(before_by_name)


def test_a_newer_database_does_not_move_the_dues_of_a_published_calendar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # E32: the land abolishes summer time; the published version keeps the law it was made under,
    # a version made from the new database has another digest.
    old = Calendar.from_dict({"zone": "Europe/Stockholm", "week": {"mon": ["09:00-17:00"]}})
    data = old.published()
    monday = dt.datetime(2031, 7, 6, tzinfo=dt.UTC)
    zones.named.cache_clear()
    monkeypatch.setattr(timezone_data, "read", lambda name: tzif("CET-1", 3600))
    try:
        new = Calendar.from_dict(old.to_dict())
    finally:
        zones.named.cache_clear()
    assert new.next_open(monday) == dt.datetime(2031, 7, 7, 8, tzinfo=dt.UTC)
    assert Calendar.from_dict(data).next_open(monday) == dt.datetime(2031, 7, 7, 7, tzinfo=dt.UTC)
    assert new.digest != old.digest
