"""The watchman: looks each minute whether all that must be so is so, and says what is not.

It is a process of its own and changes nothing. While all is well it sends a heartbeat outward; when
something is not, it is silent. What a stopped pulse or worker can tell nobody, it mails itself.
"""

import datetime as dt
import logging
import os
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import Error, connection

from tocsin.channels.email.send import Letter, Smtp, send
from tocsin.kit import machine_clock
from tocsin.pulse.heartbeat import Heartbeat, handed
from tocsin.queries import watch
from tocsin.queries.watch import Finding, Look, Watched

_log = logging.getLogger(__name__)
OPERATOR = "TOCSIN_OPERATOR_MAIL"
LOOK_S = 60.0
# When there is something, sooner: it may be over. And when the database is away.
_SOONER_S = 20.0
_YOUNG_S = 30.0
# What goes and comes back within this is the same finding: nobody is told of it twice.
_AGAIN = dt.timedelta(minutes=10)
_MOST_NOTED = 200


@dataclass(slots=True)
class Memory:
    """Which findings there were, when each was first seen and when last."""

    seen: dict[tuple[int, str], tuple[dt.datetime, dt.datetime]] = field(default_factory=dict)

    def recall(self, noted: Sequence[Watched], at: dt.datetime) -> None:
        """Take in what the watchman before us noted."""
        for one in noted:
            self.seen[one.finding.tenant, one.finding.what] = (one.first_at, at)

    def learn(self, look: Look) -> list[Watched]:
        """Take in a look; returns its findings with when each was first seen."""
        for key, (_, last) in list(self.seen.items()):
            if not dt.timedelta(0) <= look.at - last <= _AGAIN:
                del self.seen[key]
        made = []
        for finding in look.findings:
            key = (finding.tenant, finding.what)
            first, _ = self.seen.get(key, (look.at, look.at))
            self.seen[key] = (first, look.at)
            made.append(Watched(finding, first))
        return made


@dataclass(slots=True)
class Watchman:
    """One of any number; one is enough. `run` returns once `stop` is set."""

    stop: threading.Event
    heartbeat: Heartbeat | None = None
    smtp: Smtp | None = None
    operators: tuple[str, ...] = ()
    name: str = field(default_factory=lambda: f"{socket.gethostname()}/{os.getpid()}/watchman")
    memory: Memory = field(default_factory=Memory)
    _recalled: bool = False
    # Who begins together with the pulse does not complain that it has not beaten yet.
    _young_until: float = 0.0
    _beat: dict[str, Any] = field(default_factory=dict)
    _mailed: set[tuple[str, dt.datetime]] = field(default_factory=set)

    def run(self) -> None:
        """Look until told to stop; whatever goes wrong, it looks again."""
        self._young_until = machine_clock.steady() + _YOUNG_S
        while not self.stop.is_set():
            began = machine_clock.steady()
            clean = self.turn()
            took = machine_clock.steady() - began
            self.stop.wait(max(1.0, (LOOK_S if clean else _SOONER_S) - took))
        connection.close()

    def turn(self, *, now: dt.datetime | None = None) -> bool:
        """Look once, and tell; says whether all is well."""
        try:
            found = watch.look(now=now)
            if not self._recalled:
                self.memory.recall(watch.read(watch.noted()), found.at)
                self._recalled = True
            if not found.findings:
                self._send(found.at)
            elif machine_clock.steady() < self._young_until:
                others = [one for one in found.findings if one.tenant != watch.INSTALLATION]
                found = Look(found.at, tuple(others))
            watched = self.memory.learn(found)
            self._log(watched)
            watch.note(self.name, self._told(watched))
        except (Error, psycopg.Error) as error:
            told = str(error).strip().partition("\n")[0]
            _log.error("the database did not answer: %s", told)
            connection.close()
            at = now or machine_clock.wall()
            lost = Look(at, (Finding(watch.INSTALLATION, "database", 1, at),))
            self._mail(self.memory.learn(lost), at)
            return False
        except Exception:  # whatever it is: a watchman that is gone sees nothing
            _log.exception("a look failed")
            connection.close()
            return False
        self._mail(watched, found.at)
        return not watched

    def _told(self, watched: Sequence[Watched]) -> dict[str, Any]:
        # The installation's come first, so what is cut is of the last tenants.
        noted = [one.to_dict() for one in watched[:_MOST_NOTED]]
        return {"clean": not watched, "findings": noted, "heartbeat": self._beat}

    def _log(self, watched: Sequence[Watched]) -> None:
        for one in watched:
            _log.error("tenant %d: %s", one.finding.tenant, one.finding.sentence)

    def _send(self, at: dt.datetime) -> None:
        if self.heartbeat is None:
            return
        failed = self.heartbeat.send(at)
        if failed:
            _log.error("the heartbeat did not leave: %s", failed)
        last = self._beat.get("at") if failed else at.isoformat()
        self._beat = {"kind": self.heartbeat.kind, "at": last, "failed": failed}

    def _mail(self, watched: Sequence[Watched], at: dt.datetime) -> None:
        """Mail the operators what the desk itself can tell nobody, once a finding."""
        own = [one for one in watched if one.finding.tenant == watch.INSTALLATION]
        new = [one for one in own if (one.finding.what, one.first_at) not in self._mailed]
        if self.smtp is None or not self.operators or not new:
            return
        text = "".join(f"- {one.finding.sentence}, at {one.first_at.isoformat()}\n" for one in new)
        subject = f"Tocsin on {socket.gethostname()}: {new[0].finding.sentence}"
        for to in self.operators:
            key = f"watchman/{new[0].finding.what}/{new[0].first_at.isoformat()}/{to}"
            failed = handed(send(Letter(0, key, to, "", subject, text, at), self.smtp))
            if failed:
                _log.error("mail to the operators did not leave: %s", failed)
                return
        self._mailed |= {(one.finding.what, one.first_at) for one in new}
