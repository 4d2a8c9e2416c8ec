"""`tocsin config` as a shell runs it: out, compared, tested and in again."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.test_drafts import PRIORITIES
from tests.actions.test_tickets import BEGIN, OPENED
from tests.cli.command import output, refusal, refusal_within, tocsin
from tests.desk import Company, Database, company

from tocsin.actions import config_versions, customers
from tocsin.kit import yaml_file
from tocsin.queries import configuration
from tocsin.queries.configuration import Kept

pytestmark = pytest.mark.long("starts the command again and again")

FILE = """\
tocsin: 1
calendars:
  office:
    zone: Europe/Stockholm
    week: {mon: ["09:00-17:00"], tue: ["09:00-17:00"]}
policies:
  - key: standard
    rank: 1
    calendar: office
    clocks:
      - {clock: first response, targets: {P1: 1h, "*": 8h}}
      - {clock: resolution, targets: {"*": 24h}}
examples:
  - name: a day and a bit
    policy: standard
    events:
      - {at: "2026-03-02T15:00:00+01:00", kind: created, priority: P3}
      - {at: "2026-03-02T16:00:00+01:00", kind: status, to: waiting customer}
      - {at: "2026-03-03T09:00:00+01:00", kind: customer message}
      - {at: "2026-03-03T09:00:00+01:00", kind: status, to: open}
    expect:
      - {clock: first response, due: "2026-03-03T15:00:00+01:00", state: running}
      - {clock: resolution, verdict: open, used: 1h}
  - name: answered in time
    events:
      - {at: "2026-03-02T09:00:00+01:00", kind: created, priority: P1}
      - {at: "2026-03-02T09:59:00+01:00", kind: agent message}
    expect:
      - {clock: first response, verdict: met, state: stopped}
"""


@pytest.fixture
def desk(database: Database) -> Company:
    made = company("global", now=BEGIN)
    customers.add_account(name="Umbrella", key="umbrella", by=made.operator, now=BEGIN)
    contract = {
        "account": "umbrella",
        "policies": ["standard"],
        "valid_from": "2026-01-01T00:00:00+01:00",
    }
    for kind, key, data in (
        ("contract", "c-1", contract),
        ("hours", "account:umbrella", {"calendar": "always"}),
        ("priorities", "matrix", PRIORITIES),
        ("options", "desk", {"default_policy": "required"}),
    ):
        config_versions.publish(kind=kind, key=key, data=data, by=made.operator, now=OPENED)
    return made


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------ test


def test_a_file_is_tested_without_a_database(tmp_path: Path) -> None:
    said = output("config", "test", written(tmp_path, FILE), DATABASE_URL="")
    assert said == f"{tmp_path}/policy.yaml: 2 of 2 examples pass\n"
    bare = FILE.partition("examples:")[0]
    assert "carries no examples" in output("config", "test", written(tmp_path, bare))


def test_an_example_that_fails_says_where_and_what_came(tmp_path: Path) -> None:
    wrong = FILE.replace("2026-03-03T15:00:00+01:00", "2026-03-03T16:00:00+01:00")
    wrong = wrong.replace("verdict: met", "verdict: breached")
    done = tocsin("config", "test", written(tmp_path, wrong))
    assert (done.returncode, done.stderr) == (1, "")
    line = wrong.splitlines().index(
        '      - {clock: first response, due: "2026-03-03T16:00:00+01:00", state: running}'
    )
    assert f"policy.yaml, line {line + 1}: examples[0].expect[0].due: expected" in done.stdout
    assert "but it is 2026-03-03T14:00:00+00:00" in done.stdout
    assert "FAILED answered in time" in done.stdout
    assert "expected breached, but it is met" in done.stdout
    assert "0 of 2 examples pass" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("kind: created, priority: P3", "kind: creatd", "examples[0].events[0].kind"),
        ("kind: created, priority: P1", "kind: note", "examples[1].events"),
        ("policy: standard\n", "policy: standrad\n", "examples[0].policy"),
        ("clock: resolution, verdict", "clock: resolutoin, verdict", "examples[0].expect[1].clock"),
        ('due: "2026-03-03T15:00:00+01:00"', "due: tomorrow", "examples[0].expect[0].due"),
        ("used: 1h", "used: long", "examples[0].expect[1].used"),
        ("zone: Europe/Stockholm", "zone: Mars/Base", "calendars.office.zone"),
        ("examples:", "pipelines: {a: {name: A, stages: []}}\nexamples:", "pipelines.a.stages"),
        ("examples:", "priorities: {impacts: [a]}\nexamples:", "priorities.urgencies"),
        ("examples:", 'hours: {"team:x": {calendar: no}}\nexamples:', "hours.team:x.calendar"),
        ("examples:", "contracts: {c: {account: x}}\nexamples:", "contracts.c.policies"),
        ("examples:", "options: {colour: red}\nexamples:", "options.colour"),
        ("examples:", "colour: red\nexamples:", "colour"),
    ],
)
def test_a_mistake_names_file_line_and_field(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    text = FILE.replace(old, new, 1)
    assert text != FILE
    path = written(tmp_path, text)
    told = refusal_within("config", "test", path)
    line = yaml_file.line_of(yaml_file.load(path).data, named)
    assert told.startswith(f"{path}, line {line}: {named}: "), told


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal("config", "test", tmp_path / "none.yaml")
    assert "expected a mapping" in refusal_within("config", "test", written(tmp_path, "- 1\n"))


# ------------------------------------------------------------------------------------ out and in


def test_what_is_exported_and_applied_makes_no_new_version(
    database: Database, desk: Company, tmp_path: Path
) -> None:
    path, url = tmp_path / "out.yaml", database.url
    assert output("config", "export", path, DATABASE_URL=url) == ""
    text = path.read_text(encoding="utf-8")
    assert output("config", "export", DATABASE_URL=url) == text
    for told in (
        "# always v1",
        "# standard v1 since 2026-03-01 00:00:00Z, by operator",
        "# support v1",
        "# c-1 v1",
        "# matrix v1",
        "# desk v1",
    ):
        assert told in text
    assert output("config", "test", path).endswith("it carries no examples\n")
    counts = "SELECT (SELECT count(*) FROM event), (SELECT config_version FROM tenant)"
    before = database.rows(counts)
    same = "Nothing differs from the configuration in force\n"
    assert output("config", "diff", path, DATABASE_URL=url) == same
    assert output("config", "apply", path, "--yes", DATABASE_URL=url) == same
    assert database.rows(counts) == before


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff"),
    min_size=1,
)
PLAIN = st.recursive(
    st.booleans() | st.integers() | TEXT | st.sampled_from(["2026-12-24", "no", "1", "09:00", "~"]),
    lambda one: st.lists(one) | st.dictionaries(TEXT, one),
    max_leaves=8,
)


@given(data=st.dictionaries(TEXT, st.dictionaries(TEXT, PLAIN)))
def test_what_is_written_is_read_back_to_the_letter(data: dict[str, Any]) -> None:
    from tocsin.cli import config_changes
    from tocsin.cli.imports import plain

    document = {"tocsin": 1, "calendars": data, "policies": [{"key": "a", "when": data}]}
    kept: dict[str, dict[str, Kept]] = {kind: {} for kind in configuration.SECTION}
    text = config_changes._written(document, kept, "global")
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), text)
        assert plain(yaml_file.load(path).data) == document


def test_a_changed_file_is_shown_and_only_then_applied(
    database: Database, desk: Company, tmp_path: Path
) -> None:
    url = database.url
    desk.open(now=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=20))  # noqa: TID251  # the command goes by the real time
    path = tmp_path / "out.yaml"
    output("config", "export", path, DATABASE_URL=url)
    text = path.read_text(encoding="utf-8")
    assert text.count("P1: 15m") == text.count("'*': 1h") == 1
    path.write_text(text.replace("'*': 1h", "'*': 10m").replace("low: P2", "low: P1"))
    done = tocsin("config", "diff", path, DATABASE_URL=url)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "policies.standard:\n  clocks[first response].targets.*: 1h → 10m\n"
        "priorities:\n  matrix.all.low: P2 → P1\n"
    )
    change = ("config", "apply", path, "--basis", "future time")
    done = tocsin(*change, DATABASE_URL=url)
    assert done.returncode == 1
    assert "1 running ones would be due at another instant, 1 would be breached" in done.stdout
    assert "--yes puts it into force" in done.stderr
    assert database.one("SELECT max(version) FROM policy_version") == 1
    said = output(*change, "--yes", DATABASE_URL=url)
    assert said.endswith("Published: policy standard v2, priorities matrix v2\n")
    found = configuration.document(by=desk.operator)
    assert found["policies"][0]["clocks"][0]["targets"]["*"] == "10m"
    assert found["priorities"]["matrix"]["all"]["low"] == "P1"


def test_a_file_of_ones_own_is_taken_beside_what_there_is(
    database: Database, desk: Company, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        FILE.replace("key: standard", "key: office")
        .replace("policy: standard", "policy: office")
        .replace("rank: 1", "rank: 7"),
    )
    said = output("config", "apply", path, "--yes", DATABASE_URL=database.url)
    assert said.startswith("calendars.office: new\npolicies.office: new\n")
    assert said.endswith("Published: calendar office v1, policy office v1\n")


CONTRACT = 'contracts: {c: {account: x, policies: [standard], valid_from: "2026-01-01T00:00:00Z"}}'


@pytest.mark.parametrize(
    ("new", "more", "named"),
    [
        ("rank: 1", (), "policies[0].rank"),
        ('rank: 9\nhours: {"team:nobody": {calendar: office}}', (), "hours.team:nobody.key"),
        (f"rank: 9\n{CONTRACT}", (), "contracts.c.account"),
        ("rank: 9\npipelines: [a]", (), "pipelines"),
        ("rank: 9", ("--basis", "restate"), "--reason"),
        ("rank: 9", ("--tenant", "nobody"), "--tenant"),
    ],
)
def test_what_the_desk_refuses_is_refused_whole_and_by_line(
    database: Database,
    desk: Company,
    tmp_path: Path,
    *,
    new: str,
    more: tuple[str, ...],
    named: str,
) -> None:
    rank, _, section = new.partition("\n")
    text = FILE.replace(": standard", ": office").replace("rank: 1", rank)
    path = written(tmp_path, text.replace("examples:", f"{section}\nexamples:", 1))
    done = tocsin("config", "apply", path, "--yes", *more, DATABASE_URL=database.url)
    assert done.returncode == 2, done
    assert f"{named}: " in done.stderr
    assert named.startswith("--") or f"{path}, line" in done.stderr
    assert database.one("SELECT max(version) FROM policy_version") == 1
    assert database.one("SELECT count(*) FROM calendar_version") == 1
