"""The shared state of an in-memory site: the log, the nodes and the work, changed only by whole operations."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fleetmind.memory.events import Event, EventKind
from fleetmind.memory.fold import changes, fold
from fleetmind.memory.ledger import AttemptRecord, SubtaskRecord, TaskRecord
from fleetmind.memory.model import JsonValue
from fleetmind.memory.nodes import Node
from fleetmind.memory.refusals import refusal
from fleetmind.memory.robots import RobotProfile
from fleetmind.memory.store import Retention

FOLD = 64
"""Events that go into the base at a time."""


@dataclass
class HeldLease:
    """A lease as the site keeps it; `owner` is empty after a release."""

    fence: int
    owner: str
    expires_s: float


class LocalState:
    """Everything one in-memory site knows. Belongs to one event loop; no operation awaits half-way.

    Args:
        clock: gives Unix time; replace it for a virtual clock.
        keep: how much of the past.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, keep: Retention | None = None) -> None:
        self._clock = clock
        self.keep = keep or Retention()
        self.seq = 0
        self.fence = 0
        self.log: deque[Event] = deque()
        self.base: dict[str, Node] = {}
        self.base_seq = 0
        self.gone: dict[str, int] = {}
        self.nodes: dict[str, Node] = {}
        self.kids: dict[str, set[str]] = {}
        self.hands: dict[str, list[str]] = {}
        self.leases: dict[str, HeldLease] = {}
        self.robots: dict[str, tuple[RobotProfile, str, str]] = {}
        self.tasks: dict[str, TaskRecord] = {}
        self.subtasks: dict[str, dict[str, SubtaskRecord]] = {}
        self.attempts: dict[str, AttemptRecord] = {}
        self.busy: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._time_s = self._skew_s = 0.0

    def clock(self) -> float:
        """The site's time: Unix seconds; it goes on where it was when the clock is set back."""
        raw = self._clock()
        self._skew_s = max(self._skew_s, self._time_s - raw)
        self._time_s = raw + self._skew_s
        return self._time_s

    def emit(self, kind: EventKind, source: str, data: dict[str, JsonValue]) -> int:
        """Append one event, wake the watchers, return its sequence number."""
        self.seq += 1
        self.log.append(Event(seq=self.seq, kind=kind, time_s=self.clock(), source=source, data=data))
        self._fold()
        self._changed.set()
        self._changed = asyncio.Event()
        return self.seq

    def _fold(self) -> None:
        """Put what is older than the site keeps into the base."""
        if self.seq - self.base_seq < self.keep.events + FOLD or self.seq % FOLD:
            return
        keep_from = self.clock() - self.keep.seconds
        for _ in range(2 * FOLD):
            oldest = self.log[0]
            if oldest.seq > self.seq - self.keep.events or oldest.time_s > keep_from:
                return
            fold(self.base, oldest)
            self.base_seq = oldest.seq
            self.log.popleft()
            for node_id in changes(oldest)[1]:
                if self.gone.get(node_id) == oldest.seq:
                    del self.gone[node_id]

    def after(self, since: int, limit: int) -> list[Event]:
        """Up to `limit` events after `since`.

        Raises:
            FleetmindError: `LOG_TRIMMED`.
        """
        first = self.log[0].seq if self.log else self.seq + 1
        if since + 1 < first or since > self.seq:
            raise trimmed(since, first, self.seq)
        start = since + 1 - first
        return [self.log[i] for i in range(start, min(len(self.log), start + limit))]

    async def change(self) -> None:
        """Return after the next event."""
        await self._changed.wait()


def trimmed(since: int, first: int, newest: int) -> Exception:
    """The error for a position the log cannot serve."""
    return refusal("LOG_TRIMMED", f"events after {since!r} are not in the log, which holds {first} to {newest}: take a "
                                  "new snapshot and follow from its version")


def plain(text: str) -> dict[str, JsonValue]:
    """An event's data, detached from the caller's objects."""
    return cast("dict[str, JsonValue]", json.loads(text))
