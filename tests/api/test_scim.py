"""SCIM: what directories in use send, brought to people and teams; and what is refused of it."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from tests.desk import Database
from tests.web.conftest import Pages

from tocsin.actions import api_tokens
from tocsin.api.scim import filters
from tocsin.api.scim.answers import Bad
from tocsin.queries.api_tokens import Scope
from tocsin.queries.directory import FIELDS_OF_PEOPLE, Compared, Joined

pytestmark = pytest.mark.long("every shape of a directory")

USERS, GROUPS = "/t/acme/scim/v2/Users", "/t/acme/scim/v2/Groups"
KIND = "application/scim+json"
CORE = "urn:ietf:params:scim:schemas:core:2.0"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Directory:
    """A directory that speaks to a desk."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})

    def get(self, address: str, **query: str) -> Any:
        return self.client.get(address, query)

    def send(self, method: str, address: str, data: Any) -> Any:
        body = data if isinstance(data, str) else json.dumps(data)
        return self.client.generic(method, address, body, content_type=KIND)

    def patch(self, address: str, *operations: dict[str, Any]) -> Any:
        return self.send("PATCH", address, {"schemas": [PATCH], "Operations": list(operations)})

    def add(self, name: str = "Sam Berg", **own: Any) -> str:
        """Add somebody and return their id."""
        address = f"{name.partition(' ')[0].lower()}@acme.example"
        user = {"userName": address, "displayName": name, **own}
        answer = self.send("POST", USERS, {"schemas": [f"{CORE}:User"], **user})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])


def token_of(pages: Pages, *scopes: str, name: str = "dora", role: str = "administrator") -> str:
    by = pages.made.person(name, role)
    return api_tokens.make(name="Directory", scopes=scopes, by=by).token


@pytest.fixture
def scim(pages: Pages) -> Directory:
    return Directory(token_of(pages, Scope.SCIM))


# ---------------------------------------------------------------------------------- who is let in


@pytest.mark.promise("P27", "A44")
def test_only_a_token_for_directories_of_an_administrator_opens_it(
    pages: Pages, database: Database
) -> None:
    places = [USERS, f"{USERS}/1", GROUPS, f"{GROUPS}/1"]
    places += [f"/t/acme/scim/v2/{name}" for name in ("ServiceProviderConfig", "Schemas")]
    browser = pages.client("dora")
    other = Directory(token_of(pages, Scope.READ_TICKETS))
    own = token_of(pages, Scope.SCIM)
    for place in places:
        assert pages.anybody().get(place).status_code == 401, place
        # A session is none: it would come along from any page.
        assert browser.get(place).status_code == 401, place
        assert other.get(place).status_code == 404, place
        assert Directory(own).get(place).status_code == 200, place
    refused = other.get(USERS)
    assert refused.headers["Content-Type"] == KIND
    assert refused.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    # Whoever made it is an administrator no more.
    database.rows("UPDATE person SET role = 'agent' WHERE email = 'dora@acme.example'")
    assert Directory(own).get(USERS).status_code == 404


@pytest.mark.promise("P26")
def test_another_desk_is_not_there(pages: Pages, other: Callable[[], Pages]) -> None:
    there = other()
    theirs = there.made.people["ann"]
    ours = Directory(token_of(pages, Scope.SCIM))
    assert ours.get(USERS.replace("acme", "bolt")).status_code == 401
    nothing = ours.get(f"{USERS}/999999")
    assert ours.get(f"{USERS}/{theirs}").content == nothing.content
    off = {"op": "replace", "path": "active", "value": False}
    assert ours.patch(f"{USERS}/{theirs}", off).content == nothing.content
    assert ours.get(USERS, filter='userName eq "ann@bolt.example"').json()["totalResults"] == 0
    group = ours.get(GROUPS).json()["Resources"][0]["id"]
    add = {"op": "add", "path": "members", "value": [{"value": str(theirs)}]}
    refused = ours.patch(f"{GROUPS}/{group}", add)
    assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidValue")


# ------------------------------------------------------------------------------------------- people


def test_somebody_comes_changes_and_leaves(scim: Directory, database: Database) -> None:
    sent = {
        "schemas": [f"{CORE}:User", ENTERPRISE],
        "externalId": "00u1",
        "userName": "sam.berg@acme.example",
        "name": {"givenName": "Sam", "familyName": "Berg"},
        "emails": [{"value": "sam.berg@acme.example", "type": "work", "primary": True}],
        "active": True,
        ENTERPRISE: {"department": "IT"},
        # Nobody makes themselves more than they are.
        "role": "administrator",
        "roles": [{"value": "administrator"}],
        "level": 9,
        "tenant_id": 2,
        "password": "a long word for tests",
    }
    answer = scim.send("POST", USERS, sent)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Content-Type"] == KIND
    assert answer.headers["Location"] == made["meta"]["location"]
    assert made["meta"]["location"].endswith(f"{USERS}/{made['id']}")
    shown = {"userName": "sam.berg@acme.example", "externalId": "00u1", "active": True}
    assert shown.items() <= made.items()
    assert made["name"] == {"formatted": "Sam Berg", "givenName": "Sam", "familyName": "Berg"}
    kept = database.rows(
        "SELECT role, level, password, external_id FROM person WHERE id = %s", int(made["id"])
    )
    assert kept == [("limited", 1, "", "00u1")]
    # The same again is refused, whichever of the two names is the same.
    for again in (sent, {**sent, "externalId": "x"}, {**sent, "userName": "y@acme.example"}):
        refused = scim.send("POST", USERS, again)
        assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")
    place = f"{USERS}/{made['id']}"
    assert scim.send("DELETE", place, "").status_code == 204
    assert scim.get(place).json()["active"] is False
    assert scim.send("DELETE", place, "").status_code == 204
    back = scim.patch(place, {"op": "replace", "path": "active", "value": True})
    assert back.json()["active"] is True


CHANGES: list[Any] = [
    # As Entra ID sends them.
    ([{"op": "Replace", "path": "active", "value": "False"}], {"active": False}),
    (
        [{"op": "Replace", "path": "displayName", "value": "Sam Dal"}],
        {"displayName": "Sam Dal"},
    ),
    (
        [
            {"op": "Replace", "path": "name.givenName", "value": "Samuel"},
            {"op": "Add", "path": "name.familyName", "value": "Dal"},
        ],
        {"displayName": "Samuel Dal"},
    ),
    (
        [{"op": "Add", "path": 'emails[type eq "work"].value', "value": "s@acme.example"}],
        {"userName": "s@acme.example"},
    ),
    (
        [{"op": "Add", "path": 'emails[type eq "home"].value', "value": "s@home.example"}],
        {"userName": "sam@acme.example"},
    ),
    (
        [
            {
                "op": "Replace",
                "value": {
                    "name.familyName": "Dal",
                    'emails[type eq "work"].value': "s@acme.example",
                    "active": "False",
                    f"{ENTERPRISE}:department": "IT",
                },
            }
        ],
        {"displayName": "Sam Dal", "userName": "s@acme.example", "active": False},
    ),
    ([{"op": "Add", "path": "externalId", "value": "e1"}], {"externalId": "e1"}),
    ([{"op": "Replace", "path": "title", "value": "Chief"}], {"displayName": "Sam Berg"}),
    (
        [{"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "7"}],
        {"displayName": "Sam Berg"},
    ),
    ([{"op": "Remove", "path": "externalId"}], {"displayName": "Sam Berg"}),
    # As Okta sends them.
    ([{"op": "replace", "value": {"active": False}}], {"active": False}),
    (
        [{"op": "replace", "value": {"id": "99", "active": True, "password": "secret"}}],
        {"active": True},
    ),
    # As the letter of it has them.
    (
        [{"op": "replace", "path": f"{CORE}:User:userName", "value": "n@acme.example"}],
        {"userName": "n@acme.example"},
    ),
    (
        [{"op": "replace", "path": "name", "value": {"formatted": "Nora Ek"}}],
        {"displayName": "Nora Ek"},
    ),
    (
        [{"op": "replace", "value": {"emails": [{"value": "w@acme.example"}]}}],
        {"userName": "w@acme.example"},
    ),
]


def test_a_person_is_changed_in_every_shape_that_is_in_use(scim: Directory) -> None:
    place = f"{USERS}/{scim.add()}"
    before = {"userName": "sam@acme.example", "displayName": "Sam Berg", "externalId": ""}
    for operations, after in CHANGES:
        assert scim.send("PUT", place, {**before, "active": True}).status_code == 200
        for _ in range(2):
            # The same again changes nothing more.
            answer = scim.patch(place, *operations)
            assert answer.status_code == 200, answer.content
            assert after.items() <= answer.json().items(), operations


def test_a_whole_person_is_put(scim: Directory) -> None:
    place = f"{USERS}/{scim.add()}"
    whole = {
        "schemas": [f"{CORE}:User"],
        "id": "1",
        "userName": "sam@acme.example",
        "externalId": "00u1",
        "name": {"givenName": "Sam", "middleName": "", "familyName": "Lind"},
        "displayName": "",
        "emails": [{"primary": True, "value": "sam@acme.example", "type": "work"}],
        "phoneNumbers": [{"value": "1"}],
        "locale": "en-US",
        "active": False,
        "groups": [],
    }
    answer = scim.send("PUT", place, whole)
    assert answer.status_code == 200
    found = answer.json()
    told = (found["displayName"], found["externalId"], found["active"])
    assert told == ("Sam Lind", "00u1", False)
    del whole["userName"]
    assert scim.send("PUT", place, whole).status_code == 400


WRONG: list[Any] = [
    ("POST", {"displayName": "X"}, "invalidValue"),
    ("POST", {"userName": "no address", "displayName": "X"}, "invalidValue"),
    ("POST", {"userName": "", "emails": [{"value": "x@y.example"}]}, "invalidValue"),
    ("POST", {"userName": 7}, "invalidValue"),
    ("POST", {"userName": "a@b.example", "active": "perhaps"}, "invalidValue"),
    ("POST", {"userName": "a@b.example", "displayName": "x" * 201}, "invalidValue"),
    ("POST", {"userName": "a@b.example\u0000"}, "invalidValue"),
    ("POST", [], "invalidSyntax"),
    ("PATCH", {}, "invalidSyntax"),
    ("PATCH", {"Operations": []}, "invalidSyntax"),
    ("PATCH", {"Operations": [1]}, "invalidSyntax"),
    ("PATCH", {"Operations": [{"op": "move", "path": "x"}]}, "invalidSyntax"),
    ("PATCH", {"Operations": [{"op": "remove"}]}, "noTarget"),
    ("PATCH", {"Operations": [{"op": "add", "value": 7}]}, "invalidValue"),
    ("PATCH", {"Operations": [{"op": "add", "path": "x[", "value": 7}]}, "invalidPath"),
    ("PATCH", {"Operations": [{"op": "add", "path": "x" * 501}]}, "invalidPath"),
    ("PATCH", {"Operations": [{"op": "add", "path": "userName", "value": {}}]}, "invalidValue"),
    ("PATCH", {"Operations": [{"op": "remove", "path": "userName"}]}, "invalidValue"),
    ("PATCH", {"Operations": [{"op": "remove", "path": "x"}] * 1001}, "tooMany"),
]


@pytest.mark.asvs("2.2.1", "15.3.5")
def test_what_is_not_of_the_form_is_refused_and_changes_nothing(scim: Directory) -> None:
    place = f"{USERS}/{scim.add()}"
    before = scim.get(USERS).content
    for method, data, kind in WRONG:
        answer = scim.send(method, USERS if method == "POST" else place, data)
        assert (answer.status_code, answer.json().get("scimType")) == (400, kind), data
        assert answer.json()["status"] == "400"
    assert scim.get(USERS).content == before


def test_bodies_have_an_end_and_a_kind(scim: Directory) -> None:
    assert scim.send("POST", USERS, "x" * (1024 * 1024 + 1)).status_code == 413
    assert scim.send("POST", USERS, "{").status_code == 400
    assert scim.send("POST", USERS, "[" * 100_000).status_code == 400
    plain = scim.client.post(USERS, "{}", content_type="text/plain")
    assert plain.status_code == 415
    assert plain.headers["Content-Type"] == KIND
    assert scim.send("DELETE", USERS, "").status_code == 405


def test_the_last_administrator_stays(scim: Directory, pages: Pages) -> None:
    dora = f"{USERS}/{pages.made.people['dora']}"
    off = {"op": "replace", "value": {"active": False, "displayName": "Gone"}}
    for answer in (scim.patch(dora, off), scim.send("DELETE", dora, "")):
        assert answer.status_code == 409
        assert "administrator" in answer.json()["detail"]
    # What is refused is refused whole.
    found = scim.get(dora).json()
    assert (found["active"], found["displayName"]) == (True, "Dora")


@pytest.mark.promise("P34")
@pytest.mark.asvs("7.4.2", "7.6.1")
def test_who_leaves_there_has_no_way_in_here(scim: Directory, pages: Pages) -> None:
    ann = pages.made.people["ann"]
    ticket = pages.made.open()
    browser = pages.client("ann")
    own = token_of(pages, Scope.READ_TICKETS, name="ann", role="agent")
    asked = Client(headers={"host": "localhost", "authorization": f"Bearer {own}"})
    assert asked.get("/t/acme/api/v1/me").status_code == 200
    assert ticket
    assert scim.send("DELETE", f"{USERS}/{ann}", "").status_code == 204
    assert asked.get("/t/acme/api/v1/me").status_code == 401
    assert browser.get("/t/acme/hub/").status_code == 302


# -------------------------------------------------------------------------------------------- lists


FILTERS: list[Any] = [
    ('userName eq "ann@acme.example"', ["Ann"]),
    ('userName Eq "ANN@acme.example"', ["Ann"]),
    (f'{CORE}:User:userName eq "ann@acme.example"', ["Ann"]),
    ('emails.value eq "ann@acme.example"', ["Ann"]),
    ('emails[type eq "work"].value eq "lea@acme.example"', ["Lea"]),
    ('emails[type eq "work"] eq "lea@acme.example"', ["Lea"]),
    ('displayName eq "mia"', ["Mia"]),
    ('externalId eq "00u1"', []),
    ('externalId eq ""', []),
    ('active eq true and displayName eq "Ann"', ["Ann"]),
    ('active eq "False"', []),
    ('displayName eq "Ann" or displayName eq "Lea" and active eq false', ["Ann"]),
    ('(displayName eq "Ann" or displayName eq "Lea") and active eq true', ["Lea", "Ann"]),
    ('userName eq "x\' OR 1=1 --"', []),
    ('userName eq "a\\"b"', []),
]


@pytest.mark.promise("A27")
def test_filters_find_what_they_say(scim: Directory) -> None:
    for asked, names in FILTERS:
        answer = scim.get(USERS, filter=asked)
        assert answer.status_code == 200, answer.content
        found = answer.json()
        assert [one["displayName"] for one in found["Resources"]] == names, asked
        assert found["totalResults"] == len(names)


NO_FILTERS: list[Any] = [
    "userName",
    "userName eq",
    "userName eq ann",
    'userName co "a"',
    'password eq "x"',
    'person__password eq "x"',
    'role eq "administrator"',
    'not (userName eq "x")',
    '(userName eq "x"',
    'userName eq "x" and',
    'userName eq "x" "y"',
    'userName eq "x',
    "active eq perhaps",
    'userName eq "\\u0000"',
    'userName eq "\\ud800"',
    "(" * 11 + 'userName eq "x"' + ")" * 11,
    " or ".join(['userName eq "x"'] * 21),
    'userName eq "' + "x" * 1000 + '"',
    "%%%",
]


@pytest.mark.promise("A27")
@pytest.mark.asvs("1.2.4")
def test_other_filters_are_refused(scim: Directory) -> None:
    for asked in NO_FILTERS:
        answer = scim.get(USERS, filter=asked)
        assert (answer.status_code, answer.json().get("scimType")) == (400, "invalidFilter"), asked


def test_and_binds_closer_than_or() -> None:
    found = filters.parsed('active eq true or id eq "1" and id eq "2"', FIELDS_OF_PEOPLE)
    both = Joined("and", (Compared("id", "1"), Compared("id", "2")))
    assert found == Joined("or", (Compared("active", True), both))
    with pytest.raises(Bad):
        filters.parsed("", FIELDS_OF_PEOPLE)


def test_lists_come_in_pages(scim: Directory) -> None:
    whole = scim.get(USERS).json()
    assert (whole["totalResults"], whole["startIndex"], whole["itemsPerPage"]) == (4, 1, 4)
    names = [one["displayName"] for one in whole["Resources"]]
    page = scim.get(USERS, startIndex="2", count="2").json()
    assert [one["displayName"] for one in page["Resources"]] == names[1:3]
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (4, 2, 2)
    assert scim.get(USERS, count="0").json()["Resources"] == []
    assert scim.get(USERS, startIndex="-5", count="1").json()["startIndex"] == 1
    assert scim.get(USERS, startIndex="999999999").json()["Resources"] == []
    assert scim.get(USERS, count="-1").json()["Resources"] == []
    for wrong in ({"count": "x"}, {"startIndex": "1e9"}, {"sortBy": "userName"}):
        assert scim.get(USERS, **wrong).status_code == 400
    (one,) = scim.get(USERS, count="1", attributes="userName,name.formatted").json()["Resources"]
    assert set(one) == {"schemas", "id", "userName", "name"}
    (one,) = scim.get(USERS, count="1", excludedAttributes="groups,emails").json()["Resources"]
    assert not {"groups", "emails"} & set(one)
    (one,) = scim.get(GROUPS, count="1", excludedAttributes="members").json()["Resources"]
    assert "members" not in one
    assert scim.get(f"{GROUPS}/{one['id']}").json()["members"]


# ------------------------------------------------------------------------------------------- groups


def members(scim: Directory, place: str) -> list[str]:
    return [one["value"] for one in scim.get(place).json()["members"]]


def test_a_group_is_made_changed_and_released(scim: Directory, database: Database) -> None:
    sam, kim = scim.add(), scim.add("Kim Ek")
    sent = {"schemas": [f"{CORE}:Group"], "displayName": "Network", "externalId": "g1"}
    answer = scim.send("POST", GROUPS, {**sent, "members": [{"value": sam}]})
    assert answer.status_code == 201
    place = f"{GROUPS}/{answer.json()['id']}"
    assert members(scim, place) == [sam]
    assert scim.get(f"{USERS}/{sam}").json()["groups"] == [
        {"value": answer.json()["id"], "display": "Network"}
    ]
    for again in (sent, {**sent, "displayName": "Other"}, {**sent, "externalId": "g2"}):
        assert scim.send("POST", GROUPS, again).status_code == 409
    found = scim.get(GROUPS, filter='displayName eq "network"').json()["Resources"]
    assert [one["externalId"] for one in found] == ["g1"]
    # As Okta sends it: the whole of it.
    whole = {"displayName": "Networks", "members": [{"value": kim, "display": "Kim"}]}
    answer = scim.send("PUT", place, whole)
    assert answer.json()["displayName"] == "Networks"
    assert members(scim, place) == [kim]
    assert scim.send("DELETE", place, "").status_code == 204
    assert members(scim, place) == []
    assert database.one("SELECT external_id FROM team WHERE name = 'Networks'") == ""


MEMBERS: list[Any] = [
    # As Entra ID sends them.
    ([{"op": "Add", "path": "members", "value": [{"$ref": None, "value": "kim"}]}], "sam kim"),
    ([{"op": "Remove", "path": "members", "value": [{"value": "sam"}]}], ""),
    ([{"op": "Remove", "path": 'members[value eq "sam"]'}], ""),
    ([{"op": "Remove", "path": 'members[value eq "kim"]'}], "sam"),
    ([{"op": "Remove", "path": "members", "value": []}], "sam"),
    # As Okta sends them.
    (
        [{"op": "add", "path": "members", "value": [{"value": "kim", "display": "K"}]}],
        "sam kim",
    ),
    (
        [
            {"op": "remove", "path": 'members[value eq "sam"]'},
            {"op": "add", "path": "members", "value": [{"value": "kim"}]},
        ],
        "kim",
    ),
    ([{"op": "replace", "value": {"id": "1", "displayName": "Networks"}}], "sam"),
    ([{"op": "replace", "path": "members", "value": [{"value": "kim"}]}], "kim"),
    # As the letter of it has them.
    ([{"op": "add", "value": {"members": [{"value": "kim"}]}}], "sam kim"),
    ([{"op": "add", "path": "members", "value": {"value": "kim"}}], "sam kim"),
    ([{"op": "remove", "path": "members"}], ""),
    ([{"op": "replace", "path": "members", "value": []}], ""),
]


def test_members_come_and_go_in_every_shape_that_is_in_use(scim: Directory) -> None:
    ids = {"sam": scim.add(), "kim": scim.add("Kim Ek")}
    before = {"displayName": "Network", "members": [{"value": ids["sam"]}]}
    place = f"{GROUPS}/{scim.send('POST', GROUPS, before).json()['id']}"
    for operations, after in MEMBERS:
        assert scim.send("PUT", place, before).status_code == 200
        text = json.dumps(operations)
        for name, id_ in ids.items():
            text = text.replace(f'"{name}"', f'"{id_}"').replace(f'\\"{name}\\"', f'\\"{id_}\\"')
        for _ in range(2):
            answer = scim.patch(place, *json.loads(text))
            assert answer.status_code == 200, answer.content
            assert members(scim, place) == [ids[name] for name in after.split()], operations


# -------------------------------------------------------------------------------------------- races


def test_of_two_at_once_one_adds_and_none_is_lost(
    pages: Pages, scim: Directory, database: Database
) -> None:
    group = scim.get(GROUPS).json()["Resources"][0]["id"]
    people = [scim.add(f"{name} Ek") for name in ("Sam", "Kim", "Bo", "Liv")]
    token = token_of(pages, Scope.SCIM)
    told: list[int] = []
    start = threading.Barrier(8)

    def run(deed: Callable[[Directory], Any]) -> None:
        try:
            start.wait(timeout=30)
            told.append(deed(Directory(token)).status_code)
        finally:
            connections.close_all()

    def adds(person: str) -> Callable[[Directory], Any]:
        add = {"op": "add", "path": "members", "value": [{"value": person}]}
        return lambda found: found.patch(f"{GROUPS}/{group}", add)

    def comes(found: Directory) -> Any:
        return found.send("POST", USERS, {"userName": "new@acme.example", "externalId": "n"})

    deeds = [*(adds(person) for person in people), *[comes] * 4]
    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(told) == [200, 200, 200, 200, 201, 409, 409, 409]
    assert set(people) <= set(members(scim, f"{GROUPS}/{group}"))
    assert scim.get(USERS, filter='externalId eq "n"').json()["totalResults"] == 1


# ------------------------------------------------------------------------------------ what there is


def test_it_says_what_it_is(scim: Directory) -> None:
    base = "/t/acme/scim/v2"
    config = scim.get(f"{base}/ServiceProviderConfig").json()
    assert config["patch"] == {"supported": True}
    assert config["filter"] == {"supported": True, "maxResults": 200}
    assert config["bulk"]["supported"] is config["sort"]["supported"] is False
    kinds = scim.get(f"{base}/ResourceTypes").json()
    assert [one["endpoint"] for one in kinds["Resources"]] == ["/Users", "/Groups"]
    assert scim.get(f"{base}/ResourceTypes/User").json()["schema"] == f"{CORE}:User"
    assert scim.get(f"{base}/ResourceTypes/Tree").status_code == 404
    listed = scim.get(f"{base}/Schemas").json()
    assert [one["id"] for one in listed["Resources"]] == [f"{CORE}:User", f"{CORE}:Group"]
    assert scim.get(f"{base}/Schemas/{CORE}:Group").json()["name"] == "Group"
