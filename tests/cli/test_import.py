"""`tocsin import`, `tocsin report` and `tocsin audit` as a shell runs them."""

import csv
import gzip
import json
from pathlib import Path

import pytest
from tests.cli.command import ROOT, output, tocsin
from tests.desk import Database

from tocsin.actions import tenants

pytestmark = pytest.mark.long("takes over logs by the command")

DESK = ROOT / "examples" / "desk"
LOG, POLICY = DESK / "log.csv", DESK / "policy.yaml"


def imported(database: Database, *more: str | Path, log: Path = LOG) -> str:
    return output("import", "servicenow", log, "--policy", POLICY, *more, DATABASE_URL=database.url)


def test_a_log_is_taken_in_reported_and_found_right(database: Database, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    told = json.loads(imported(database, "--json", "--report", odd))
    assert (told["tenant"], told["known"], told["ahead"]) == ("global", 0, 0)
    assert told["new"] == told["incidents"] > 20
    assert told["events"] > told["new"]
    assert "calendar office v1" in told["published"]
    with odd.open(encoding="utf-8", newline="") as found:
        listed = list(csv.DictReader(found))
    assert len(listed) == len(told["remarks"])
    assert sum(row["rejected"] == "True" for row in listed) == told["rejected_rows"]

    again = json.loads(imported(database, "--json"))
    assert (again["new"], again["known"], again["changed"]) == (0, told["new"], 0)
    assert (again["events"], again["published"]) == (0, [])

    url = database.url
    replayed = json.loads(output("replay", LOG, "--policy", POLICY, "--json"))
    arguments = ("report", "compliance", "--clock", "resolution", "--json")
    figures = json.loads(output(*arguments, DATABASE_URL=url))
    assert figures["met"] == replayed["met"]
    assert set(figures["by"]) == {"owner", "stage", "type", "month"}
    shown = output("report", "compliance", "--by", "priority,team", DATABASE_URL=url)
    assert "SLA hit rate" in shown
    assert "By team" in shown

    audited = json.loads(output("audit", "clocks", "--json", DATABASE_URL=url))
    assert (audited["tickets"], audited["differences"]) == (told["new"], [])
    assert audited["clocks"] >= told["new"]
    database.rows("UPDATE clock SET used_us = used_us + 1 WHERE id = (SELECT min(id) FROM clock)")
    done = tocsin("audit", "clocks", "--tenant", "global", DATABASE_URL=url)
    assert (done.returncode, done.stderr) == (1, "")
    assert "1 differences" in done.stdout
    assert "used_us" in done.stdout


def test_it_says_what_it_did(database: Database, tmp_path: Path) -> None:
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(LOG.read_bytes()))
    first = imported(database, "--tenant", "nord", log=packed)
    assert "Published: team Service desk" in first
    assert "facts appended to the event log" in first
    again = imported(database, "--tenant", "nord")
    assert "Published" not in again
    assert "0 facts appended" in again
    assert database.rows("SELECT key, name FROM tenant") == [("nord", "Demo desk")]


def test_before_anything_is_decided_the_report_says_so(database: Database) -> None:
    url = database.url
    done = tocsin("report", "compliance", DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tocsin: --tenant: there is no tenant 'global'\n"
    tenants.first()
    assert (
        output("report", "compliance", DATABASE_URL=url)
        == "no promise was decided yet (0 still open)\n"
    )
    assert output("audit", "clocks", DATABASE_URL=url).startswith(
        "0 clocks and 0 violations of 0 tickets"
    )


def test_other_promises_for_the_same_tenant_are_refused(database: Database, tmp_path: Path) -> None:
    imported(database)
    other = tmp_path / "policy.yaml"
    text = POLICY.read_text(encoding="utf-8")
    other.write_text(text.replace("2 - High: 16h", "2 - High: 12h"), encoding="utf-8")
    done = tocsin("import", "servicenow", LOG, "--policy", other, DATABASE_URL=database.url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "policy standard v2 would be new" in done.stderr
    assert database.one("SELECT max(version) FROM policy_version") == 1
