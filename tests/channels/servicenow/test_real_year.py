"""A real year in ServiceNow: its verdicts against ours, and every trap of the log told."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.cli.command import CONTRACT, output

# Lines, 1 being the header, of rows whose `incident_state` is -100.
UNKNOWN_STATES = [115643, 115644, 124509, 124510, 124511]


# One test: a parallel run would replay the year once for each.
@pytest.mark.long("a real desk's year")
def test_a_real_year_agrees_with_servicenows_own_verdicts(shared_data: Path) -> None:
    log = shared_data / "servicenow-incidents" / "incident_event_log.csv.gz"
    found: dict[str, Any] = json.loads(output("replay", log, "--policy", CONTRACT, "--json"))

    assert found["incidents"] == 24_918
    assert found["rows"] == 141_712
    assert (found["met"], found["breached"], found["open"]) == (15_784, 9_134, 0)
    assert found["agree_with_source"] == 24_893
    assert len(found["differences"]) == 24_918 - 24_893
    # ServiceNow says met for 15,803.
    source = Counter(told["source"] for told in found["differences"])
    assert 15_784 + source["met"] - source["breached"] == 15_803
    assert all(told["why"] for told in found["differences"])

    for dimension in ("priority", "group", "category", "month"):
        figures = found["by"][dimension].values()
        assert sum(one["met"] for one in figures) == 15_784, dimension
        assert sum(one["breached"] for one in figures) == 9_134, dimension
    rates = {name: one["hit_rate"] for name, one in found["by"]["priority"].items()}
    assert rates == {
        "1 - Critical": 1.85,
        "2 - High": 0.25,
        "3 - Moderate": 64.46,
        "4 - Low": 84.11,
    }

    over = [told["over_seconds"] for told in found["violations"]]
    assert over == sorted(over, reverse=True)
    assert len(over) == 10

    _check_remarks(found["remarks"])
    assert found["rejected_rows"] == 6


def _check_remarks(remarks: list[dict[str, Any]]) -> None:
    assert len(remarks) == 77
    lines = [remark["line"] for remark in remarks]
    assert lines == sorted(lines)
    by_reason: dict[str, list[int]] = {}
    for remark in remarks:
        by_reason.setdefault(remark["reason"], []).append(remark["line"])
    assert by_reason.pop("sys_updated_at: is before opened_at") == [330, 336, 346, 351, 438]
    assert by_reason.pop("sys_updated_at: goes back before line 359") == [360]
    assert by_reason.pop("sys_mod_count: 1 is that of line 360 too") == [359]
    unknown = by_reason.pop("incident_state: '-100' is unknown; the status before it stays")
    assert unknown == UNKNOWN_STATES
    early = by_reason.pop("incident_state: Closed before closed_at; taken as resolved until then")
    assert len(early) == 65
    assert by_reason == {}
