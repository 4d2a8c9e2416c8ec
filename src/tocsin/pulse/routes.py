"""Routes: which provider carries a letter. A tenant's own come before the installation's."""

import functools
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tocsin.actions import carriers, providers, strongbox
from tocsin.actions.carriers import Carrier
from tocsin.actions.letters import FailedForGood, Lease, Outcome
from tocsin.kit.invalid import Invalid
from tocsin.pulse.pacing import Pace, Provider, Sender

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NoWay:
    """Nobody can carry the letter now, and why."""

    reason: str


@dataclass(slots=True)
class Routes:
    """All providers that this worker knows of: `usual` by channel, a tenant's own by their id."""

    carriers: Mapping[str, Carrier[Any]]
    pace: Pace
    usual: dict[str, Provider] = field(default_factory=dict)
    _own: dict[tuple[int, int], Provider] = field(default_factory=dict)
    _known: dict[tuple[int, int], providers.Provider] = field(default_factory=dict)
    _listed: dict[int, list[providers.Provider]] = field(default_factory=dict)

    def all(self) -> list[Provider]:
        """Return every provider."""
        return [*self.usual.values(), *self._own.values()]

    def refresh(self, tenants: Iterable[int]) -> None:
        """Read the providers of tenants again; who was changed begins anew."""
        for tenant in tenants:
            self._listed[tenant] = providers.of_tenant(tenant)
            for row in self._listed[tenant]:
                key = (tenant, row.id)
                if self._known.get(key) != row:
                    self._take(key, row)

    def _take(self, key: tuple[int, int], row: providers.Provider) -> None:
        carrier = self.carriers.get(row.channel)
        send, broken = _sender(carrier, row)
        limits = carrier.limits if carrier is not None else None
        if key not in self._own:
            self._own[key] = Provider(row.name, send, self.pace, limits=limits, id=row.id)
        one = self._own[key]
        one.name, one.enabled = row.name, row.enabled
        one.begin_anew(send, limits, broken)
        self._known[key] = row

    def way(self, lease: Lease) -> Provider | NoWay:
        """Return who carries a letter: the one that it names, or the first of its channel."""
        listed = self._listed.get(lease.tenant, [])
        if lease.provider is not None:
            listed = [row for row in listed if row.id == lease.provider]
            if listed and not listed[0].enabled:
                return NoWay(f"{listed[0].name} is switched off")
        for row in _named(listed, lease):
            if row.enabled and row.channel == lease.channel:
                found = self._own[lease.tenant, row.id]
                return NoWay(f"{row.name}: {found.broken}") if found.broken else found
        usual = self.usual.get(lease.channel)
        return usual or NoWay(f"nothing is configured that sends {lease.channel}")


def _named(listed: list[providers.Provider], lease: Lease) -> list[providers.Provider]:
    """Return the provider that a letter for nobody is addressed to by its name, or all of them."""
    if lease.recipient is None:
        named = [row for row in listed if (row.channel, row.name) == (lease.channel, lease.address)]
        return named or listed
    return listed


def _sender(carrier: Carrier[Any] | None, row: providers.Provider) -> tuple[Sender, str]:
    """Return how a provider is handed letters, and why that cannot be, which is mostly nothing."""
    if carrier is None:
        return _no_sender, f"this version does not know {row.channel}"
    try:
        settings = carriers.checked(carrier, providers.opened(row))
    except strongbox.Locked as error:
        _log.warning("provider %s of tenant %s: %s", row.id, row.tenant, error)
        return _no_sender, f"its secrets cannot be read: {error}"
    except Invalid as error:
        return _no_sender, f"its settings cannot be used: {error}"
    return functools.partial(_send, carrier=carrier, settings=settings, id_=row.id), ""


def _send(lease: Lease, *, carrier: Carrier[Any], settings: Any, id_: int) -> Outcome:
    return carrier.send(replace(lease, provider=id_), settings)


def _no_sender(lease: Lease) -> Outcome:
    return FailedForGood(f"nothing sends {lease.channel}")
