"""PagerDuty's Events API: one incident a ticket, and what each answer means."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.channels.letters import BREACH, lease
from tests.channels.loopback import Provider, Said, Told, provider

from tocsin.actions import carriers
from tocsin.actions.outbox import FailedForGood, FailedForNow, Outcome, Sent
from tocsin.channels import outgoing
from tocsin.channels.pagerduty import event
from tocsin.channels.pagerduty.form import CARRIER
from tocsin.channels.pagerduty.settings import PagerDuty
from tocsin.kit.invalid import Invalid

KEY = "R0UT1NGKEY" + "a" * 22


class Service:
    """The Events API, and the incidents that its events make."""

    def __init__(self) -> None:
        self.said: Said | None = None
        self.incidents: dict[str, str] = {}

    def __call__(self, told: Told) -> Said:
        if self.said is not None:
            return self.said
        if told.path != "/v2/enqueue":
            return Said(404)
        sent = told.json
        if sent["routing_key"] != KEY:
            return invalid("'routing_key' is not valid")
        trigger = sent["event_action"] == "trigger"
        if trigger and not {"summary", "source", "severity"} <= set(sent["payload"]):
            return invalid("'payload' is incomplete")
        key = sent["dedup_key"]
        if trigger:
            self.incidents.setdefault(key, "triggered")
        elif key in self.incidents:
            self.incidents[key] = {"acknowledge": "acknowledged", "resolve": "resolved"}[
                sent["event_action"]
            ]
        told_ = {"status": "success", "message": "Event processed", "dedup_key": key}
        return Said(202, json.dumps(told_).encode())


def invalid(reason: str) -> Said:
    told = {"status": "invalid event", "message": "Event object is invalid", "errors": [reason]}
    return Said(400, json.dumps(told).encode())


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def duty(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with provider(service) as found:
        yield found


def settings(duty: Provider, **typed: str) -> PagerDuty:
    return carriers.checked(CARRIER, {"routing_key": KEY, "address": duty.url, **typed})


def send(duty: Provider, **given: Any) -> Outcome:
    return CARRIER.send(lease("pagerduty", **given), settings(duty))


def test_an_alert_opens_an_incident_that_says_everything(duty: Provider, service: Service) -> None:
    found = send(duty)
    key = event.of_ticket(1, 7)
    assert found == Sent(reference=key)
    assert service.incidents == {key: "triggered"}
    sent = duty.told[0].json
    assert sent["event_action"] == "trigger"
    payload = sent["payload"]
    assert payload["severity"] == "critical"
    assert payload["summary"] == "[Ticket 7] Breached: first response: It is broken"
    assert payload["custom_details"]["ticket"] == 7
    assert "BREACHED: first response" in payload["custom_details"]["lines"][0]
    assert dt.datetime.fromisoformat(payload["timestamp"]).utcoffset() == dt.timedelta(0)


def test_what_is_not_urgent_is_a_warning(duty: Provider) -> None:
    assert isinstance(send(duty, urgent=False), Sent)
    assert duty.told[0].json["payload"]["severity"] == "warning"


@pytest.mark.promise("P2")
def test_all_that_is_told_of_a_ticket_is_one_incident_and_follows_it_to_its_end(
    duty: Provider, service: Service
) -> None:
    key = event.of_ticket(1, 7)
    for deed, state in (
        ("breach", "triggered"),
        ("escalate", "triggered"),
        ("acknowledged", "acknowledged"),
        ("resolved", "resolved"),
    ):
        found = send(duty, lines=[{**BREACH, "deed": deed}], key=f"effect/{deed}")
        assert isinstance(found, Sent)
        assert service.incidents == {key: state}
    # What follows is small, and says of whom nothing.
    assert set(duty.told[-1].json) == {"routing_key", "event_action", "dedup_key"}


def test_what_is_to_be_done_comes_before_what_was_done(duty: Provider) -> None:
    lines = [{**BREACH, "deed": "resolved"}, BREACH]
    assert isinstance(send(duty, lines=lines), Sent)
    assert duty.told[0].json["event_action"] == "trigger"


def test_another_ticket_and_another_tenant_is_another_incident(
    duty: Provider, service: Service
) -> None:
    assert isinstance(send(duty), Sent)
    assert isinstance(send(duty, tenant=2), Sent)
    assert isinstance(send(duty, about=None), Sent)
    assert isinstance(send(duty, about=None, key="another"), Sent)
    assert len(service.incidents) == 4


def test_only_a_key_that_we_wrote_names_a_ticket() -> None:
    good = event.of_ticket(1, 7)
    assert event.number_of(good, 1) == 7
    for key in ("", "tocsin-1-7", good[:-1] + "?", good.replace("-7-", "-8-"), "x" * 300):
        assert event.number_of(key, 1) is None
    assert event.number_of(good, 2) is None
    assert len(event.of_ticket(10**17, 10**17)) <= 255


def test_a_wrong_key_waits_and_says_where_to_find_the_right_one(duty: Provider) -> None:
    wrong = carriers.checked(CARRIER, {"routing_key": "b" * 32, "address": duty.url})
    found = CARRIER.send(lease("pagerduty"), wrong)
    assert isinstance(found, FailedForNow)
    assert "Events API V2" in found.reason
    assert "b" * 32 not in found.reason + repr(wrong)


def test_an_event_that_is_not_taken_is_final(duty: Provider, service: Service) -> None:
    service.said = invalid("'summary' is missing or blank")
    found = send(duty)
    assert isinstance(found, FailedForGood)
    assert "'summary' is missing" in found.reason


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "integration key"),
        (403, "integration key"),
        (404, "address of this provider"),
        (302, "address of this provider"),
        (429, "fewer events"),
        (500, "not well"),
        (502, "not well"),
        (503, "not well"),
    ],
)
def test_what_passes_or_can_be_mended_waits(
    duty: Provider, service: Service, status: int, said: str
) -> None:
    service.said = Said(status, b"\xff{", headers={"Retry-After": "60"})
    found = send(duty)
    assert isinstance(found, FailedForNow)
    assert said in found.reason
    assert found.retry_after == dt.timedelta(seconds=60)


@pytest.mark.parametrize("body", [b"", b"[]", b"[1]", b'{"errors": 5}', b'{"errors": null}', b"no"])
def test_a_refusal_in_any_form_is_read(duty: Provider, service: Service, body: bytes) -> None:
    service.said = Said(400, body)
    assert isinstance(send(duty), FailedForGood)


@pytest.mark.promise("P2", "P11")
@pytest.mark.parametrize("weather", ["cut", "half"])
def test_an_answer_that_was_lost_is_asked_for_again_for_its_key_makes_it_one(
    duty: Provider, service: Service, weather: str
) -> None:
    service.said = Said(202, weather=weather)
    assert isinstance(send(duty), FailedForNow)
    service.said = None
    assert isinstance(send(duty), Sent)
    assert isinstance(send(duty), Sent)
    assert len(service.incidents) == 1


@pytest.mark.promise("A23")
def test_an_address_inside_is_never_written_to(
    duty: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(outgoing.VARIABLE)
    assert isinstance(send(duty), FailedForGood)
    assert duty.told == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"routing_key": "short"}, "routing_key"),
        ({"webhook_secret": "short"}, "webhook_secret"),
        ({"webhook_secret_before": "é" * 30}, "webhook_secret_before"),
        ({"address": "https://events.pagerduty.com/v2/enqueue"}, "address"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(typed: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        carriers.checked(CARRIER, {"routing_key": KEY, **typed})
    assert refused.value.path == field


def test_the_usual_address_and_that_of_the_eu() -> None:
    assert carriers.checked(CARRIER, {"routing_key": KEY}).root == "https://events.pagerduty.com"
    eu = "https://events.eu.pagerduty.com/"
    assert carriers.checked(CARRIER, {"routing_key": KEY, "address": eu}).root == eu[:-1]


def test_a_persons_address_is_their_id() -> None:
    assert CARRIER.address is not None
    assert CARRIER.address("pxpgf42") == "PXPGF42"
    for typed in ("", "ann@acme.example", "P 1", "https://acme.pagerduty.com/users/PXPGF42"):
        with pytest.raises(Invalid):
            CARRIER.address(typed)
