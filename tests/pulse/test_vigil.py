"""Whether the clocks can be trusted, tick by tick."""

import datetime as dt

import pytest
from tests.desk import at

from tocsin.pulse.vigil import Trust, Vigil

START = at("2026-03-02 09:00")


class Ticks:
    """A database's clock and a machine's, which may be set."""

    def __init__(self) -> None:
        self.vigil = Vigil()
        self.steady = 1_000.0
        self.database = START
        self.machine = START
        self.trusted: dt.datetime | None = None

    def tick(self, seconds: float = 1.0) -> Trust:
        self.steady += seconds
        self.database += dt.timedelta(seconds=seconds)
        self.machine += dt.timedelta(seconds=seconds)
        return self.vigil.seen(self.database, self.machine, self.steady, self.trusted)


def test_clocks_that_keep_step_are_trusted() -> None:
    ticks = Ticks()
    assert {ticks.tick(seconds) for seconds in (1, 1, 0.01, 300, 1)} == {Trust.ACT}


@pytest.mark.promise("P6")
@pytest.mark.parametrize(
    ("apart", "trust"),
    [(2, Trust.ACT), (2.1, Trust.WARN), (30, Trust.WARN), (30.1, Trust.STAND_DOWN)],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_machine_whose_clock_is_off_warns_and_then_stands_down(
    apart: float, trust: Trust, sign: int
) -> None:
    ticks = Ticks()
    ticks.machine += sign * dt.timedelta(seconds=apart)
    assert ticks.tick() is trust


@pytest.mark.promise("P7")
@pytest.mark.parametrize("hours", [3, -2])
def test_a_jump_is_held_until_the_clock_goes_back(hours: int) -> None:
    ticks = Ticks()
    ticks.tick()
    # Both clocks of one machine jump together.
    ticks.database += dt.timedelta(hours=hours)
    ticks.machine += dt.timedelta(hours=hours)
    assert [ticks.tick() for _ in range(20)] == [Trust.SUSPECT] * 20
    ticks.database -= dt.timedelta(hours=hours)
    ticks.machine -= dt.timedelta(hours=hours)
    assert ticks.tick() is Trust.ACT


@pytest.mark.promise("P7")
def test_a_jump_is_believed_after_a_minute_in_which_the_clock_kept_step() -> None:
    ticks = Ticks()
    ticks.tick()
    ticks.database += dt.timedelta(hours=8)  # the machine slept
    ticks.machine += dt.timedelta(hours=8)
    held = [ticks.tick() for _ in range(60)]
    assert held == [Trust.SUSPECT] * 60
    assert ticks.tick() is Trust.ACT
    assert ticks.tick() is Trust.ACT


def test_a_clock_that_keeps_jumping_is_not_believed() -> None:
    ticks = Ticks()
    ticks.tick()
    for _ in range(200):
        ticks.database += dt.timedelta(minutes=5)
        ticks.machine += dt.timedelta(minutes=5)
        assert ticks.tick() is Trust.SUSPECT


def test_a_leap_second_is_nothing() -> None:
    ticks = Ticks()
    ticks.tick()
    ticks.database += dt.timedelta(seconds=1)
    assert ticks.tick() is Trust.ACT


@pytest.mark.promise("P7")
def test_a_jump_is_believed_once_somebody_says_that_it_was_meant() -> None:
    ticks = Ticks()
    ticks.trusted = START - dt.timedelta(days=1)  # of another jump, long ago
    ticks.tick()
    for clock in ("database", "machine"):
        setattr(ticks, clock, getattr(ticks, clock) + dt.timedelta(hours=3))
    assert ticks.tick() is Trust.SUSPECT
    ticks.trusted = ticks.database
    assert [ticks.tick() for _ in range(3)] == [Trust.ACT] * 3
    # It holds for that jump and for no other.
    ticks.database += dt.timedelta(hours=3)
    ticks.machine += dt.timedelta(hours=3)
    assert ticks.tick() is Trust.SUSPECT


def test_what_was_said_before_a_jump_says_nothing_of_it() -> None:
    ticks = Ticks()
    ticks.tick()
    ticks.trusted = START
    assert ticks.tick() is Trust.ACT
    ticks.database += dt.timedelta(hours=3)
    ticks.machine += dt.timedelta(hours=3)
    assert ticks.tick() is Trust.SUSPECT
