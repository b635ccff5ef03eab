"""One blocking reader of the site's log per process; every watcher in it is served from here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.events import Event
from fleetmind.memory.valkey.codec import read_event
from fleetmind.memory.valkey.faults import fault_of
from fleetmind.memory.valkey.link import Link, replaced

BLOCK_MS = 500
KEPT = 4096
PAGE = 1000

ReadEvents = Callable[[int, int], Awaitable[list[Event]]]


class LogTail:
    """Follows the end of the log and keeps the newest events; a slow watcher reads older ones itself.

    Args:
        link: to the site.
        read: reads up to n events after a position, without waiting.
    """

    def __init__(self, link: Link, read: ReadEvents) -> None:
        self._link, self._read = link, read
        self._kept: list[Event] = []
        self._newest = 0
        self._contact = time.monotonic()
        self._changed = asyncio.Event()
        self._failure: FleetmindError | None = None
        self._task: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    @property
    def newest(self) -> int:
        """The newest sequence number seen."""
        return self._newest

    @property
    def silence_s(self) -> float:
        """Seconds since the server last answered the feed."""
        return time.monotonic() - self._contact

    async def start(self) -> None:
        """Begin at the present end of the log, unless it is being followed already."""
        async with self._starting:
            if self._task is not None and not self._task.done():
                return
            self._newest, self._kept, self._failure = await self._link.version(), [], None
            self._contact = time.monotonic()
            self._task = asyncio.create_task(self._run(), name="fleetmind-log-tail")

    async def stop(self) -> None:
        """Stop following; watchers end with `STORE_CLOSED`."""
        self._failure = FleetmindError("STORE_CLOSED", "the store was closed in this process")
        self._wake()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def follow(self, since: int) -> AsyncIterator[Event]:
        """Events after `since`, for ever."""
        await self.start()
        position = since
        while True:
            changed = self._changed
            batch = self._page(position)
            if batch is None:
                batch = await self._patient_read(position)
            for event in batch:
                position = event.seq
                yield event
            if not batch:
                if self._failure is not None:
                    raise self._failure
                await changed.wait()

    async def change(self) -> None:
        """Return after the next event, or at once when the feed has ended."""
        if self._failure is not None:
            raise self._failure
        await self._changed.wait()

    def _page(self, position: int) -> list[Event] | None:
        """Events after the position that are kept here; None when they are not."""
        if position == self._newest:
            return []
        start = position + 1 - self._kept[0].seq if self._kept else -1
        if position > self._newest or start < 0:
            return None
        return self._kept[start:start + PAGE]

    async def _patient_read(self, position: int) -> list[Event]:
        while True:
            try:
                return await self._read(position, PAGE)
            except StoreUnavailable:
                if self._failure is not None:
                    raise

    async def _run(self) -> None:
        pause_s = 0.02
        while self._failure is None:
            try:
                if not await self._read_on():
                    await self._check_same_log()
                pause_s = 0.02
                continue
            except StoreUnavailable:
                pass
            except FleetmindError as refused:
                self._failure = refused
            except self._link.errors as error:
                if await self._link.moved(error):
                    continue
                fault = fault_of(error, self._link.where)
                if not isinstance(fault, StoreUnavailable):
                    self._failure = fault
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 0.5)
        self._wake()

    async def _read_on(self) -> bool:
        """Wait for events and keep them; False when there were none for a while."""
        answer: Any = await self._link.feed.ask(
            "XREAD", "BLOCK", BLOCK_MS, "COUNT", PAGE, "STREAMS", f"{self._link.prefix}:log", f"{self._newest}-0")
        self._contact = time.monotonic()
        if not answer:
            return False
        entries = answer[0][1] if isinstance(answer, list) else next(iter(answer.values()))
        events = [read_event(entry) for entry in entries]
        if events[0].seq != self._newest + 1:
            self._kept = []  # trimmed while we were away: watchers find out by reading
        self._kept += events
        if len(self._kept) > 2 * KEPT:
            del self._kept[:-KEPT]
        self._newest = events[-1].seq
        self._wake()
        return True

    async def _check_same_log(self) -> None:
        """A quiet server may be another one, or have come back with less than we have seen."""
        version = await self._link.version()
        if version < self._newest:
            raise replaced(f"the store at {self._link.where!r} came back at version {version}, {self._newest} had been "
                           "seen")

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
