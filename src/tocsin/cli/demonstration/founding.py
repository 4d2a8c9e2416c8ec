"""Founding a company through the product's own actions, as of an instant of the past."""

import datetime as dt
from collections.abc import Mapping

from tocsin.actions import config_versions, customers, people, pipelines, sla, tenants
from tocsin.cli.demonstration import promises
from tocsin.cli.demonstration.cast import Cast, Company
from tocsin.queries import access
from tocsin.queries.access import Actor


def found(one: Company, *, now: dt.datetime) -> Cast:
    """Make the tenant with all that stands in its file, as of `now`."""
    data = one.data
    tenant = tenants.create(
        key=one.key, name=data["name"], zone=data["zone"], language=data["language"]
    )
    by = access.operator(tenant)
    known = _people(one, by, now)
    _teams(one, known, by, now)
    contacts = _accounts(one, known, by, now)
    sla.publish(config=promises.config(data, now), by=by, now=now)
    for key, pipeline in data["pipelines"].items():
        pipelines.publish(key=key, config=pipeline, by=by, now=now)
    _schedules(one, by, now)
    roles = {who: str(person["role"]) for who, person in data["people"].items()}
    return Cast(tenant, known, contacts, roles)


def _people(one: Company, by: Actor, now: dt.datetime) -> dict[str, int]:
    made: dict[str, int] = {}
    for who, person in one.data["people"].items():
        made[who] = people.add_person(
            name=person["name"],
            email=one.address(who),
            role=person["role"],
            level=person["level"],
            manager=made[person["manager"]] if "manager" in person else None,
            language=person.get("language", one.data["language"]),
            zone=one.data["zone"],
            by=by,
            now=now,
        )
    return made


def _teams(one: Company, known: Mapping[str, int], by: Actor, now: dt.datetime) -> None:
    for team in one.data["teams"]:
        people.add_team(
            name=team["name"],
            level=team["level"],
            lead=known[team["lead"]],
            manager=known[team["manager"]],
            members=tuple(known[who] for who in team["members"]),
            by=by,
            now=now,
        )


def _schedules(one: Company, by: Actor, now: dt.datetime) -> None:
    """Put the on-call schedules into force, each from the Monday before on."""
    monday = now.date() - dt.timedelta(days=now.weekday())
    for key, rota in one.data.get("on_call", {}).items():
        layers = [
            {
                **layer,
                "people": [one.address(who) for who in layer["people"]],
                "begins": str(monday),
            }
            for layer in rota["layers"]
        ]
        data = {**rota, "layers": layers}
        config_versions.publish(kind="on-call", key=key, data=data, by=by, now=now)


def _accounts(
    one: Company, known: Mapping[str, int], by: Actor, now: dt.datetime
) -> dict[str, int]:
    contacts: dict[str, int] = {}
    for key, account in one.data["accounts"].items():
        id_ = customers.add_account(
            key=key,
            name=account["name"],
            plan=account["plan"],
            vip=account.get("vip", False),
            high_value=account.get("high_value", False),
            account_manager=known[account["manager"]] if "manager" in account else None,
            by=by,
            now=now,
        )
        for k, name in enumerate(account["contacts"]):
            address = f"contact{k + 1}@{key}.example"
            contacts[f"{key}/{k}"] = customers.add_contact(
                name=name, email=address, account=id_, by=by, now=now
            )
    return contacts
