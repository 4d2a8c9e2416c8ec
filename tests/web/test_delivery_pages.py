"""Pages of providers and deliveries: what an administrator types, sees, and can do about it."""

import re

import pytest
from tests.desk import Database
from tests.mailbox import provider, write_letter
from tests.web.conftest import Pages

from tocsin.actions import outbox, providers
from tocsin.actions.letters import FailedForGood, Sent, Unsure
from tocsin.channels import outgoing, registry
from tocsin.queries import providers as shown
from tocsin.web import provider_words

MAIL = {
    "name": "Our mail",
    "set.host": "127.0.0.1",
    "set.security": "none",
    "set.port": "2525",
    "set.user": "",
    "set.password": "",
    "set.sender": "desk@example.com",
}


def providers_told(pages: Pages) -> str:
    (one,) = shown.listed(by=pages.made.operator)
    return one.told


def test_every_word_of_every_channel_is_listed_for_translation() -> None:
    words = {
        text
        for one in registry.CARRIERS.values()
        for text in (one.title, *(t for f in one.fields for t in (f.label, f.hint)))
        if text
    }
    assert words - set(provider_words.LISTED) == set()


def test_a_form_is_made_of_what_a_channel_says_of_itself(pages: Pages) -> None:
    client = pages.client("dora")
    for channel, carrier in registry.CARRIERS.items():
        page = client.get(f"{pages.prefix}/settings/new-provider/{channel}/").content.decode()
        for field in carrier.fields:
            assert f'name="set.{field.name}"' in page
            assert f'for="f-set.{field.name}"' in page
    assert client.get(f"{pages.prefix}/settings/new-provider/nothing/").status_code == 404


def test_the_page_of_a_provider_says_where_it_can_tell_us_things(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = registry.CARRIERS["slack"]
    typed = {"token": "xoxb-1234567890-abc", "signing_secret": "8f742231b10e8888abcd9900011185a5"}
    id_ = providers.add(carrier=slack, name="Ours", typed=typed, by=pages.made.operator)
    mail = registry.CARRIERS["mail"]
    typed = {name.removeprefix("set."): value for name, value in MAIL.items() if "." in name}
    deaf = providers.add(carrier=mail, name="Mail", typed=typed, by=pages.made.operator)
    client, path = pages.client("dora"), f"/hooks/{pages.key}/{id_}/slack"
    for root, said in (("", "http://localhost"), ("https://desk.example/", "https://desk.example")):
        monkeypatch.setenv("TOCSIN_URL", root)
        page = client.get(f"{pages.prefix}/settings/providers/{id_}/").content.decode()
        assert f">{said}{path}<" in page
    page = client.get(f"{pages.prefix}/settings/providers/{deaf}/").content.decode()
    assert "/hooks/" not in page


@pytest.mark.asvs("2.2.2")
def test_what_was_typed_is_kept_and_the_field_is_marked(pages: Pages) -> None:
    client = pages.client("dora")
    address = f"{pages.prefix}/settings/new-provider/mail/"
    answer = client.post(address, {**MAIL, "set.sender": "nobody", "set.password": "hush"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="e-sender"' in page
    assert "must be an address" in page
    assert 'value="127.0.0.1"' in page
    assert "hush" not in page


@pytest.mark.promise("P33")
def test_a_secret_is_never_in_a_page(pages: Pages) -> None:
    client = pages.client("dora")
    form = {**MAIL, "set.security": "tls", "set.user": "u", "set.password": "canary-4711"}
    assert client.post(f"{pages.prefix}/settings/new-provider/mail/", form).status_code == 302
    (one,) = providers.of_tenant(pages.made.tenant)
    for path in ("providers/", f"providers/{one.id}/", "deliveries/"):
        assert "canary" not in client.get(f"{pages.prefix}/settings/{path}").content.decode()
    # An empty field keeps it; the box forgets it, together with the user.
    form["set.password"] = ""
    client.post(f"{pages.prefix}/settings/providers/{one.id}/", {**form, "name": "Other"})
    (one,) = providers.of_tenant(pages.made.tenant)
    assert (one.name, providers.opened(one)["password"]) == ("Other", "canary-4711")
    client.post(
        f"{pages.prefix}/settings/providers/{one.id}/",
        {**form, "set.user": "", "forget.password": "1"},
    )
    (one,) = providers.of_tenant(pages.made.tenant)
    assert "password" not in providers.opened(one)


def test_a_test_message_really_leaves_and_its_answer_is_a_sentence(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    client = pages.client("dora")
    with provider() as there:
        client.post(
            f"{pages.prefix}/settings/new-provider/mail/", {**MAIL, "set.port": str(there.port)}
        )
        (one,) = providers.of_tenant(pages.made.tenant)
        test = f"{pages.prefix}/settings/providers/{one.id}/test/"
        client.post(test, {"address": "eve@example.org"})
        client.post(test, {"address": ""})
        assert [to for to, _ in there.received] == ["eve@example.org", "dora@acme.example"]
        page = client.get(f"{pages.prefix}/settings/providers/").content.decode()
        assert "It took the test message" in page
        there.refusals["dora@acme.example"] = there.refusals["550"]
        client.post(test, {"address": ""})
        assert providers_told(pages) == "the server said 550 5.1.1 no such user"
        page = client.get(f"{pages.prefix}/settings/providers/").content.decode()
        assert "the server said 550 5.1.1 no such user" in page
        wrong = client.post(test, {"address": "no address"})
        assert wrong.status_code == 422
        assert "must be a mail address" in wrong.content.decode()
    monkeypatch.delenv(outgoing.VARIABLE)
    client.post(test, {"address": ""})
    page = client.get(f"{pages.prefix}/settings/providers/").content.decode()
    assert "inside a network" in page
    assert outgoing.VARIABLE in page


def test_order_and_switches(pages: Pages) -> None:
    client = pages.client("dora")
    for name in ("One", "Two"):
        client.post(f"{pages.prefix}/settings/new-provider/mail/", {**MAIL, "name": name})
    one, two = providers.of_tenant(pages.made.tenant)
    do = f"{pages.prefix}/settings/providers"
    client.post(f"{do}/{two.id}/first/")
    assert [row.name for row in providers.of_tenant(pages.made.tenant)] == ["Two", "One"]
    client.post(f"{do}/{two.id}/off/")
    page = client.get(f"{do}/").content.decode()
    assert re.findall(r'data-s="[\w ]+">([\w ]+)</span></h3>', page) == ["off", "in use"]
    client.post(f"{do}/{two.id}/on/")
    page = client.get(f"{do}/").content.decode()
    assert re.findall(r'data-s="[\w ]+">([\w ]+)</span></h3>', page) == ["in use", "in reserve"]
    assert one.name == "One"


@pytest.mark.promise("P11")
def test_the_log_shows_each_message_with_its_attempts_and_sends_dead_ones_again(
    pages: Pages, database: Database
) -> None:
    made = pages.made
    ids = {
        name: write_letter(database, made, name, channel=channel)
        for name, channel in (("good", "mail"), ("dead", "slack"), ("odd", "sms"))
    }
    database.play("worker")
    for lease in outbox.claim():
        if lease.key == "good":
            outbox.complete(lease, Sent("r1"))
        elif lease.key == "dead":
            outbox.complete(lease, FailedForGood("Slack does not know that member"))
        else:
            outbox.complete(lease, Unsure("no answer in time"))
    database.rows("UPDATE outbox SET next_at = clock_timestamp() WHERE state = 'pending'")
    (lease,) = outbox.claim()
    outbox.complete(lease, Unsure("no answer in time"))
    database.play("app")
    client = pages.client("dora")
    address = f"{pages.prefix}/settings/deliveries/"

    def listed(query: str = "") -> list[int]:
        page = client.get(address + query).content.decode()
        return [int(one) for one in re.findall(r'data-delivery="(\d+)"', page)]

    page = client.get(address).content.decode()
    assert "Slack does not know that member" in page
    assert "2 attempts" in page
    assert "whoever sends it again accepts another copy" in page
    assert "2 messages of the last 7 days need somebody" in page
    assert {ids["good"], ids["dead"], ids["odd"]} <= set(listed())
    assert set(listed("?state=given+up")) == {ids["dead"], ids["odd"]}
    assert listed("?channel=sms") == [ids["odd"]]
    assert listed("?state=sent") == [ids["good"]]
    assert listed("?day=2020-01-01") == []
    assert len(listed("?day=nonsense")) >= 3
    assert client.post(f"{address}{ids['odd']}/again/").status_code == 302
    assert database.one("SELECT state FROM outbox WHERE id = %s", ids["odd"]) == "pending"
    assert listed("?state=given+up") == [ids["dead"]]
    assert client.post(f"{address}{ids['good']}/again/").status_code == 404


def test_older_messages_are_a_page_away(pages: Pages, database: Database) -> None:
    for k in range(60):
        write_letter(database, pages.made, f"{k}")
    client = pages.client("dora")
    address = f"{pages.prefix}/settings/deliveries/"
    page = client.get(address).content.decode()
    assert page.count("data-delivery") == 50
    more = re.search(r'href="(\?before=\d+)"', page)
    assert more is not None
    assert client.get(address + more[1]).content.decode().count("data-delivery") == 10


def test_only_administrators_see_them(pages: Pages) -> None:
    ann = pages.client("ann")
    for path in ("providers/", "deliveries/", "new-provider/mail/"):
        assert ann.get(f"{pages.prefix}/settings/{path}").status_code == 404
    page = ann.get(f"{pages.prefix}/settings/policies/").content.decode()
    assert "settings/providers/" not in page
    assert "settings/deliveries/" not in page
    page = pages.client("dora").get(f"{pages.prefix}/settings/policies/").content.decode()
    assert "settings/providers/" in page
