"""The clocks of the world server."""

from __future__ import annotations

import asyncio

import pytest

from fleetmind.simulators import LockstepClock, RealClock, Result, WorldError, clock_of
from fleetmind.simulators.clock import is_query


class Script:
    """Records at which virtual time each action starts."""

    def __init__(self) -> None:
        self.log: list[tuple[float, str]] = []

    def run(self, clock: LockstepClock | RealClock, seat: str, seconds: float) -> asyncio.Task[Result]:
        """Let a seat act for some virtual seconds."""
        def start(at_s: float) -> Result:
            self.log.append((at_s, seat))
            return Result(success=True, duration_s=seconds, time_s=at_s + seconds)
        return asyncio.create_task(clock.act(seat, start))


def seated(*seats: str, stall_s: float = 60.0) -> LockstepClock:
    clock = LockstepClock(stall_s=stall_s)
    for order, seat in enumerate(seats):
        clock.take(seat, order)
    return clock


async def together(clock: LockstepClock, script: Script) -> None:
    """Seats a and b finish an action of a second at the same time, and then both think."""
    first = await script.run(clock, "a", 1.0)
    # While a thinks, b cannot start; then both do.
    tasks = [script.run(clock, "b", 1.0)]
    await asyncio.sleep(0)
    tasks.append(script.run(clock, "a", 1.0))
    await asyncio.gather(*tasks)
    assert clock.now_s() == first.time_s + 1.0


async def test_actions_of_different_length_end_in_order() -> None:
    clock, script = seated("a", "b"), Script()
    await together(clock, script)
    slow, fast = script.run(clock, "a", 3.0), script.run(clock, "b", 1.0)
    assert (await fast).time_s == 3.0
    assert not slow.done()
    assert clock.now_s() == 3.0
    again = script.run(clock, "b", 1.0)
    assert (await again).time_s == 4.0
    last = script.run(clock, "b", 5.0)
    assert (await slow).time_s == 5.0
    clock.park("a")
    assert (await last).time_s == 9.0
    assert script.log[-4:] == [(2.0, "a"), (2.0, "b"), (3.0, "b"), (4.0, "b")]


async def test_time_stands_still_while_a_seat_thinks() -> None:
    clock, script = seated("a", "b"), Script()
    await together(clock, script)
    waiting = script.run(clock, "b", 1.0)
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    assert clock.is_pending("b")
    acting = script.run(clock, "a", 1.0)
    await asyncio.gather(waiting, acting)
    # Both were pending at the same time: the first seat goes first, whoever asked first.
    assert script.log[-2:] == [(2.0, "a"), (2.0, "b")]


async def test_fresh_and_parked_seats_are_not_waited_for() -> None:
    clock, script = seated("a", "b"), Script()
    assert (await script.run(clock, "a", 1.0)).time_s == 1.0
    await together(clock, script)
    waiting = script.run(clock, "a", 1.0)
    await asyncio.sleep(0)
    clock.park("b")
    assert (await waiting).time_s == 4.0


async def test_a_lost_seat_is_not_waited_for() -> None:
    clock, script = seated("a", "b"), Script()
    await together(clock, script)
    waiting = script.run(clock, "a", 1.0)
    await asyncio.sleep(0)
    clock.leave("b")
    assert (await waiting).time_s == 3.0


async def test_a_pending_action_of_a_lost_seat_is_dropped() -> None:
    clock, script = seated("a", "b"), Script()
    await together(clock, script)
    started = len(script.log)
    dropped = script.run(clock, "b", 1.0)
    await asyncio.sleep(0)
    clock.leave("b")
    with pytest.raises(WorldError):
        await dropped
    assert len(script.log) == started


async def test_a_seat_that_does_nothing_is_parked_with_a_warning() -> None:
    clock, script = seated("a", "b", stall_s=0.05), Script()
    await together(clock, script)
    assert (await asyncio.wait_for(script.run(clock, "a", 1.0), 5)).time_s == 3.0
    assert "'b'" in clock.warnings[-1]
    assert clock.is_parked("b")


async def test_real_time_runs_by_itself() -> None:
    clock, script = RealClock(factor=100.0), Script()
    clock.take("a", 0)
    before = clock.now_s()
    await script.run(clock, "a", 2.0)
    assert 2.0 <= clock.now_s() - before < 100.0


def test_words_for_clocks() -> None:
    assert clock_of("lockstep").name == "lockstep"
    assert clock_of("real").factor == 1.0
    assert clock_of("realx4.5").factor == 4.5
    for bad in ("", "fast", "realx", "realx0", "real x4"):
        with pytest.raises(WorldError) as caught:
            clock_of(bad)
        assert repr(bad) in caught.value.message


def test_questions_are_known() -> None:
    assert is_query({"action": "GetReachablePositions"})
    assert is_query({"action": "Pass", "seconds": 0})
    assert not is_query({"action": "Pass"})
    assert not is_query({})
