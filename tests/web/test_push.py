"""Switching web push on: the key, the script, and one's own browser among one's addresses."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.desk import Database
from tests.web.conftest import Pages

from tocsin.actions import carriers, providers
from tocsin.channels.push.form import CARRIER
from tocsin.channels.push.settings import encoded, point


def address(endpoint: str = "https://push.example/1") -> str:
    key = encoded(point(ec.generate_private_key(ec.SECP256R1()).public_key()))
    keys = {"p256dh": key, "auth": encoded(b"0123456789abcdef")}
    return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})


def test_a_browser_is_switched_on_and_off(pages: Pages, database: Database) -> None:
    ann, base = pages.client("ann"), pages.prefix
    # Without a provider there is nothing to subscribe with.
    assert ann.get(f"{base}/my-alerts/push-key/").json() == {"key": "", "known": []}
    providers.add(
        carrier=CARRIER,
        name="Ours",
        typed={"contact": "desk@acme.example"},
        by=pages.made.operator,
    )
    ours = carriers.checked(CARRIER, {"contact": "desk@acme.example"})
    assert ann.get(f"{base}/my-alerts/push-key/").json()["key"] == ours.public_key
    typed = address()
    for _ in range(2):
        assert ann.post(f"{base}/my-alerts/push/add/", {"address": typed}).status_code == 200
    assert ann.get(f"{base}/my-alerts/push-key/").json()["known"] == ["https://push.example/1"]
    kept = database.rows("SELECT channel, person_id, address FROM contact_method")
    assert [(one[0], one[1]) for one in kept] == [("push", pages.made.people["ann"])]
    assert CARRIER.address is not None
    assert kept[0][2] == CARRIER.address(typed)
    # Somebody else cannot take it away.
    lea = pages.client("lea")
    assert lea.post(f"{base}/my-alerts/push/remove/", {"address": typed}).status_code == 200
    assert len(database.rows("SELECT 1 FROM contact_method")) == 1
    assert ann.post(f"{base}/my-alerts/push/remove/", {"address": typed}).status_code == 200
    assert database.rows("SELECT 1 FROM contact_method") == []
    for wrong in ("", "{}", typed.replace("https", "ftp")):
        answer = ann.post(f"{base}/my-alerts/push/add/", {"address": wrong})
        assert answer.status_code == 422
        assert "switch it on" in answer.json()["told"]


@pytest.mark.promise("P31")
def test_the_script_stands_where_it_may_act_for_the_desk(pages: Pages) -> None:
    answer = pages.anybody().get(f"{pages.prefix}/push-worker.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert b"showNotification" in answer.content
    page = pages.client("ann").get(f"{pages.prefix}/my-alerts/").content.decode()
    assert f'data-worker="{pages.prefix}/push-worker.js"' in page
    assert f'data-scope="{pages.prefix}/"' in page
    assert "onclick" not in page
