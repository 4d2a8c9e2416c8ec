"""Small companies for browser tests, made by actions. What they call things is no English sentence.

So a page in Swedish holds English only where a text of ours was not translated.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from tests.browser.place import eventually
from tests.desk import ALWAYS, Database

from tocsin.actions import customers, passwords, people, pipelines, sla, tenants, tickets
from tocsin.engine.event import Side
from tocsin.kit import machine_clock
from tocsin.queries import access, cards
from tocsin.queries.access import Actor
from tocsin.queries.showing import Card
from tocsin.records.people import Person

PASSWORD = "kanin-i-rabatten-42"
STOCKHOLM, NEW_YORK = "Europe/Stockholm", "America/New_York"
# Who reports to whom goes from the left to the right: administrator, manager, lead, agents.
PEOPLE = (
    ("dora", "administrator", 3, "en", NEW_YORK),
    ("mia", "manager", 2, "sv", STOCKHOLM),
    ("lea", "lead", 2, "en", NEW_YORK),
    ("ann", "agent", 1, "en", NEW_YORK),
    ("bo", "agent", 1, "en", STOCKHOLM),
)
TEAMS = ("Alfa", "Beta", "Gamma")
STAGES = ("inkorg", "arbete", "vila", "klart", "arkiv")
PIPELINE: dict[str, Any] = {
    "name": "Ärenden",
    "calendar": "jämt",
    "stages": [
        {"key": "inkorg", "name": "Inkorg", "status": "new", "limit": "2h"},
        {"key": "arbete", "name": "Arbete", "status": "open"},
        {"key": "vila", "name": "Vila", "status": "waiting customer", "moves": ["arbete"]},
        {"key": "klart", "name": "Klart", "status": "resolved"},
        {"key": "arkiv", "name": "Arkiv", "status": "closed", "moves": []},
    ],
}
# A promise that breaks before a test's eyes: of 20 s, the last 10 s are a warning and the last 2 s
# are imminent. Two seconds after it is broken the second level takes over.
PROMISED = dt.timedelta(seconds=20)
DRAMA: dict[str, Any] = {
    "key": "drama",
    "rank": 1,
    "when": {"type": "drama"},
    "calendar": "jämt",
    "clocks": [
        {
            "clock": "first response",
            "targets": {"*": "20s"},
            "alerts": [{"at": "50%", "notify": ["lead"]}],
            "path": "drama",
        }
    ],
}
USUAL: dict[str, Any] = {
    "key": "grund",
    "rank": 9,
    "calendar": "jämt",
    "clocks": [
        {
            "clock": "first response",
            "targets": {"P1": "15m", "*": "1h"},
            "alerts": [{"at": "75%", "notify": ["lead"]}],
        },
        {
            "clock": "resolution",
            "targets": {"P1": "4h", "*": "24h"},
            "alerts": [{"at": "75%"}],
            "path": "grund",
        },
    ],
}


def _config(now: dt.datetime) -> dict[str, Any]:
    # Open for an hour, seven hours from now: what counts there rests.
    opens = now + dt.timedelta(hours=7)
    span = [f"{opens:%H}:00-{opens:%H}:59"]
    night = {"zone": "UTC", "week": dict.fromkeys(ALWAYS["week"], span)}
    resting = {
        "key": "natt",
        "rank": 2,
        "when": {"type": "natt"},
        "calendar": "natt",
        "clocks": [
            {"clock": "first response", "targets": {"*": "1h"}},
            {"clock": "resolution", "targets": {"*": "2h"}},
        ],
    }
    levels: list[dict[str, Any]] = [
        {"name": "N1", "team": "Alfa"},
        {"name": "N2", "team": "Beta", "notify": ["lead"]},
    ]
    return {
        "tocsin": 1,
        "calendars": {"jämt": ALWAYS, "natt": night},
        "paths": {
            "drama": {"levels": [levels[0], levels[1] | {"wait": "2s", "in": "wall"}]},
            "grund": {"levels": [levels[0], levels[1] | {"wait": "30m"}]},
        },
        "policies": [DRAMA, resting, USUAL],
    }


@dataclass
class Firm:
    """A tenant; `ann` and the others are actors by their names."""

    database: Database
    key: str
    tenant: int
    by: Actor
    people: dict[str, int] = field(default_factory=dict)
    account: int = 0

    def __getattr__(self, name: str) -> Actor:
        roles = {who: role for who, role, *_ in PEOPLE}
        if name not in roles:
            raise AttributeError(name)
        return access.person(self.tenant, self.people[name], roles[name])

    @property
    def customer(self) -> Actor:
        return Actor(self.tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER)

    def now(self) -> dt.datetime:
        found: dt.datetime = self.database.one("SELECT clock_timestamp()")
        return found

    def open(self, subject: str = "Kaffekvarnen brummar", **given: Any) -> int:
        """Open a ticket as a customer does; `ago` puts it into the past."""
        ago = given.pop("ago", None)
        if ago is not None:
            given["now"] = self.now() - ago
        usual: dict[str, Any] = {
            "body": "Hjälp!",
            "pipeline": "arenden",
            "account": self.account,
            "team": "Alfa",
        }
        return tickets.open_(by=self.customer, subject=subject, **usual | given)

    def card(self, id_: int) -> Card:
        return cards.cards(by=self.by, ids=[id_])[0]

    def settled(self) -> None:
        """Wait until the pulse has decided all that is due by now."""
        left = "SELECT NOT EXISTS (SELECT FROM ticket WHERE tenant_id = %s AND wake_at <= now())"
        eventually(lambda: self.database.one(left, self.tenant), "all is decided")

    def let_in(self, *names: str) -> None:
        """Give people the password."""
        for name in names:
            passwords.give(person=self.people[name], password=PASSWORD, by=self.by)

    def address(self, name: str) -> str:
        return f"{name}@{self.key}.example"

    def session(self, name: str) -> str:
        """Begin a session as signing in does, which is slow on purpose; returns its key."""
        hashed = self.database.one("SELECT password FROM person WHERE id = %s", self.people[name])
        data = {
            "_auth_user_id": str(self.people[name]),
            "_auth_user_hash": Person(password=hashed).get_session_auth_hash(),
            "_auth_user_backend": "tocsin.web.sign_in.Backend",
            "tenant": self.tenant,
            "proved_at": machine_clock.wall().timestamp(),
        }
        key = f"session-{self.key}-{name}"
        self.database.rows(
            "INSERT INTO sign_in (tenant_id, person_id, session_key, means, address, agent,"
            " begun_at, seen_at, proved_at) VALUES (%s, %s, %s, 'password', '', '', now(), now(),"
            " now()) ON CONFLICT (tenant_id, session_key) DO UPDATE SET begun_at = now(),"
            " seen_at = now(), proved_at = now(), ended_at = NULL",
            self.tenant,
            self.people[name],
            key,
        )
        self.database.rows(
            "INSERT INTO django_session (session_key, session_data, expire_date)"
            " VALUES (%s, %s, now() + interval '1 hour') ON CONFLICT DO NOTHING",
            key,
            SessionStore().encode(data),
        )
        return key


def bare(database: Database, key: str) -> Firm:
    """Make a company that has people and nothing else."""
    tenant = tenants.create(key=key, name=f"Firma {key}", zone=STOCKHOLM)
    made = Firm(database, key, tenant, access.operator(tenant))
    above = None
    for name, role, level, language, zone in PEOPLE:
        above = made.people[name] = people.add_person(
            name=f"{name.title()} Ek",
            email=made.address(name),
            role=role,
            level=level,
            manager=above,
            language=language,
            zone=zone,
            by=made.by,
        )
    return made


def firm(database: Database, key: str) -> Firm:
    """Make a company with teams, a customer, promises and two pipelines."""
    made = bare(database, key)
    who = made.people
    for level, name in enumerate(TEAMS, start=1):
        people.add_team(
            name=name,
            level=level,
            lead=who["lea"],
            manager=who["mia"],
            members=(who["ann"], who["bo"], who["lea"]),
            by=made.by,
        )
    made.account = customers.add_account(name="Tallmo Bruk", plan="Guld", vip=True, by=made.by)
    # For history too: tests open tickets in the past.
    sla.publish(config=_config(made.now()), by=made.by, always=True)
    pipelines.publish(key="arenden", config=PIPELINE, by=made.by)
    pipelines.publish(key="inkop", config=PIPELINE | {"name": "Inköp"}, by=made.by)
    return made


def hours(count: float) -> dt.timedelta:
    return dt.timedelta(hours=count)


def all_looks(made: Firm) -> dict[str, int]:
    """Open a ticket for each look that a clock has; return their ids by what the worst looks like.

    The past must be told in order.
    """
    missed = made.open("Hissen stannade", ago=hours(3), type="svar")
    found = {"breached": made.open("Porten hänger sig", ago=hours(2), priority="P2")}
    paused = made.open("Lampan flimrar", ago=hours(1.5), type="svar", team="Beta")
    found["imminent"] = made.open("Pumpen tjuter", ago=hours(57 / 60))
    found["at risk"] = made.open(
        "Rutan är sprucken", ago=hours(50 / 60), channel="mail", team="Beta"
    )
    met = made.open("Skrivaren tystnade", ago=hours(0.1), priority="P1", channel="phone")
    found["on track"] = made.open("Nyckeln fattas", type="fråga")
    found["off hours"] = made.open("Vakten sover", type="natt")
    for id_ in (missed, paused, met):
        tickets.reply(ticket_id=id_, body="Vi tittar på det.", by=made.ann)
    # Out of the stage whose limit counts by day and by night.
    tickets.move(ticket_id=found["off hours"], to="arbete", by=made.ann)
    tickets.pause(ticket_id=paused, reason="Väntar på svar", by=made.ann)
    tickets.assign(ticket_id=met, person=made.people["ann"], by=made.lea)
    for id_ in (missed, met):
        tickets.resolve(ticket_id=id_, by=made.ann)
    return found | {"missed": missed, "paused": paused, "met": met}
