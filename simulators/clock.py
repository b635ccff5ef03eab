"""The two clocks of a world server: who acts when, and when an action is over.

In `lockstep`, virtual time stands still while anybody thinks: actions that are pending together start together, in
the order of seats, and the clock jumps from one end of an action to the next. In `real`, it runs by itself.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.world import Action, Result

Start = Callable[[float], Result]
"""Starts an action at a virtual time; the result carries its duration."""
SetTime = Callable[[float], None]

STALL_S = 60.0
_KEPT_WARNINGS = 20
_QUERIES = frozenset({"GetReachablePositions", "GetInteractablePoses", "Done", "NoOp"})
_log = logging.getLogger(__name__)


def is_query(action: Action) -> bool:
    """True for what takes no time and changes nothing: it is answered at once."""
    name = action.get("action")
    return name in _QUERIES or (name == "Pass" and action.get("seconds") == 0)


class Clock(ABC):
    """Decides when a seat's action starts and when its result is given."""

    name: str
    factor: float
    """Virtual seconds per wall second; 0 in lockstep."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._set_time: SetTime = _ignore

    def begin(self, set_time: SetTime) -> None:
        """A new episode starts at virtual time 0 with no seat taken."""
        self._set_time = set_time

    @abstractmethod
    def take(self, seat: str, order: int) -> None:
        """A seat is taken, parked until its first action."""

    @abstractmethod
    def park(self, seat: str) -> None:
        """The clock does not wait for a seat until it acts again."""

    @abstractmethod
    def leave(self, seat: str) -> None:
        """A seat is vacated, whatever it was doing."""

    @abstractmethod
    async def act(self, seat: str, start: Start) -> Result:
        """Start an action when its time has come and return when it is over."""

    @abstractmethod
    def now_s(self) -> float:
        """Virtual time."""

    @abstractmethod
    def is_parked(self, seat: str) -> bool:
        """True when the clock does not wait for a seat."""

    @abstractmethod
    def is_pending(self, seat: str) -> bool:
        """True when a seat has an action that has not started."""

    def _warn(self, text: str) -> None:
        _log.warning(text)
        self.warnings = [*self.warnings, text][-_KEPT_WARNINGS:]


@dataclass(slots=True, eq=False)
class _Place:
    """One taken seat in lockstep."""

    order: int
    parked: bool = True
    start: Start | None = None
    """The action that waits for its start."""
    answer: asyncio.Future[Result] | None = None
    """Resolved when the action is over."""
    busy: bool = False
    idle_since_s: float = field(default_factory=time.monotonic)


class LockstepClock(Clock):
    """Virtual time advances only when every seat that is not parked has an action.

    Args:
        stall_s: wall seconds after which a seat that neither acts nor parks is parked, with a warning.
    """

    name = "lockstep"
    factor = 0.0

    def __init__(self, *, stall_s: float = STALL_S) -> None:
        super().__init__()
        self._stall_s = stall_s
        self._now_s = 0.0
        self._places: dict[str, _Place] = {}
        self._ends: list[tuple[float, int, str, _Place, Result]] = []
        self._guard: asyncio.TimerHandle | None = None

    def begin(self, set_time: SetTime) -> None:
        """See `Clock.begin`."""
        for seat in list(self._places):
            self.leave(seat)
        super().begin(set_time)
        self._now_s = 0.0
        self._ends = []

    def take(self, seat: str, order: int) -> None:
        """See `Clock.take`."""
        self._places[seat] = _Place(order)

    def park(self, seat: str) -> None:
        """See `Clock.park`."""
        self._places[seat].parked = True
        self._advance()

    def leave(self, seat: str) -> None:
        """See `Clock.leave`."""
        place = self._places.pop(seat, None)
        if place is None:
            return
        self._ends = [end for end in self._ends if end[3] is not place]
        heapq.heapify(self._ends)
        if place.answer is not None and not place.answer.done():
            place.answer.set_exception(WorldError("WORLD_STATE", f"seat {seat!r} was vacated; take it again"))
            place.answer.exception()  # nobody may be waiting any more
        self._advance()

    async def act(self, seat: str, start: Start) -> Result:
        """See `Clock.act`."""
        place = self._places[seat]
        place.parked = False
        place.start = start
        place.answer = asyncio.get_running_loop().create_future()
        answer = place.answer
        self._advance()
        return await answer

    def now_s(self) -> float:
        """See `Clock.now_s`."""
        return self._now_s

    def is_parked(self, seat: str) -> bool:
        """See `Clock.is_parked`."""
        return seat not in self._places or self._places[seat].parked

    def is_pending(self, seat: str) -> bool:
        """See `Clock.is_pending`."""
        return seat in self._places and self._places[seat].start is not None

    def _advance(self) -> None:
        """Start and end whatever can be, until somebody has to think."""
        while True:
            waiting = [p for p in self._places.values() if not p.parked and not p.busy]
            if any(p.start is None for p in waiting):
                self._watch(waiting)
                return
            if waiting:
                for seat, place in sorted(self._places.items(), key=lambda item: item[1].order):
                    if place.start is not None:
                        self._begin_action(seat, place, place.start)
            elif self._ends:
                self._finish_next()
            else:
                return

    def _begin_action(self, seat: str, place: _Place, start: Start) -> None:
        place.start = None
        try:
            result = start(self._now_s)
        except WorldError as error:
            self._answer(place, error)
            return
        if result.duration_s <= 0:
            self._answer(place, result)
            return
        place.busy = True
        heapq.heappush(self._ends, (self._now_s + result.duration_s, place.order, seat, place, result))

    def _finish_next(self) -> None:
        """Jump to the next end of an action; all that end then are answered, in the order of seats."""
        self._now_s = self._ends[0][0]
        self._set_time(self._now_s)
        while self._ends and self._ends[0][0] == self._now_s:
            _, _, _, place, result = heapq.heappop(self._ends)
            place.busy = False
            self._answer(place, result)

    @staticmethod
    def _answer(place: _Place, answer: Result | WorldError) -> None:
        place.idle_since_s = time.monotonic()
        if place.answer is None or place.answer.done():
            return
        if isinstance(answer, WorldError):
            place.answer.set_exception(answer)
        else:
            place.answer.set_result(answer)

    def _watch(self, waiting: list[_Place]) -> None:
        """Wake up when the first thinking seat has thought too long while others wait."""
        if self._guard is not None:
            self._guard.cancel()
            self._guard = None
        others_wait = self._ends or any(p.start is not None for p in waiting)
        if others_wait:
            due_s = min(p.idle_since_s for p in waiting if p.start is None) + self._stall_s - time.monotonic()
            self._guard = asyncio.get_running_loop().call_later(max(due_s, 0.0), self._park_stalled)

    def _park_stalled(self) -> None:
        for seat, place in self._places.items():
            thinking = not place.parked and not place.busy and place.start is None
            if thinking and time.monotonic() - place.idle_since_s >= self._stall_s:
                place.parked = True
                self._warn(f"seat {seat!r} neither acted nor parked for {self._stall_s:g} s while others waited; "
                           "it was parked")
        self._advance()


class RealClock(Clock):
    """Virtual time runs `factor` times as fast as the wall clock.

    Args:
        factor: virtual seconds per wall second.
    """

    name = "real"

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor
        self._start_s = time.monotonic()
        self._parked: dict[str, bool] = {}

    def begin(self, set_time: SetTime) -> None:
        """See `Clock.begin`."""
        super().begin(set_time)
        self._start_s = time.monotonic()
        self._parked = {}

    def take(self, seat: str, order: int) -> None:
        """See `Clock.take`."""
        self._parked[seat] = True

    def park(self, seat: str) -> None:
        """See `Clock.park`."""
        self._parked[seat] = True

    def leave(self, seat: str) -> None:
        """See `Clock.leave`."""
        self._parked.pop(seat, None)

    async def act(self, seat: str, start: Start) -> Result:
        """See `Clock.act`."""
        self._parked[seat] = False
        result = start(self.now_s())
        await asyncio.sleep(result.duration_s / self.factor)
        self._set_time(self.now_s())
        return result

    def now_s(self) -> float:
        """See `Clock.now_s`."""
        return (time.monotonic() - self._start_s) * self.factor

    def is_parked(self, seat: str) -> bool:
        """See `Clock.is_parked`."""
        return self._parked.get(seat, True)

    def is_pending(self, seat: str) -> bool:
        """See `Clock.is_pending`: nothing ever waits."""
        return False


def clock_of(text: str) -> Clock:
    """The clock that a word names: `lockstep`, `real` or `realx4`.

    Raises:
        WorldError: WORLD_STATE for another word.
    """
    if text == "lockstep":
        return LockstepClock()
    match = re.fullmatch(r"real(?:x([0-9]+(?:\.[0-9]+)?))?", text)
    if match is None or float(match.group(1) or 1) <= 0:
        raise WorldError("WORLD_STATE", f"clock {text!r} is unknown; use 'lockstep', 'real' or e.g. 'realx4'")
    return RealClock(float(match.group(1) or 1))


def _ignore(_: float) -> None:
    """No world to tell the time."""
