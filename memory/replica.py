"""A local copy of the scene that follows the event feed; reads cost no round trip."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import cast

from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.events import Event
from fleetmind.memory.fold import entries
from fleetmind.memory.index import Entry
from fleetmind.memory.scene import Scene
from fleetmind.memory.store import Replica, SceneStore
from fleetmind.memory.temporal import between, one_of
from fleetmind.memory.timeline import Timeline

BATCH = 256
"""Changes folded into one new scene at most; a reader in between sees each batch whole."""


class FollowingReplica(Replica):
    """Follows any store. Survives restarts of the server: it serves what it knows and says how old that is.

    Args:
        store: whose scene to follow; it is not closed here.
        horizon: how many versions back `at` answers from memory; it costs about 1 KB for each node that was replaced.
    """

    def __init__(self, store: SceneStore, *, horizon: int = 20_000) -> None:
        self._store = store
        self._scene = Scene()
        self._put: dict[str, Entry] = {}
        self._removed: dict[str, None] = {}
        self._version = 0
        self._past = Timeline(horizon)
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._lost_since: float | None = None
        self._failure: BaseException | None = None

    async def start(self) -> None:
        if self._task is None:
            await self._resync()
            self._task = asyncio.create_task(self._follow(), name="fleetmind-replica")

    @property
    def scene(self) -> Scene:
        self._fold()
        return self._scene.aged(self._age_s())

    @property
    def version(self) -> int:
        """The site's version this replica has seen."""
        return self._version

    async def wait_for(self, version: int, *, timeout_s: float = 5.0) -> Scene:
        try:
            async with asyncio.timeout(timeout_s):
                while self._version < version:
                    self._raise_failure()
                    await self._changed.wait()
        except TimeoutError:
            raise StoreUnavailable(f"version {version!r} did not reach this replica within {timeout_s!r} s, it is at "
                                   f"{self._version}") from None
        return self.scene

    async def at(self, version: int | None = None, *, time_s: float | None = None) -> Scene:
        if (version is None) == (time_s is None):
            raise one_of(version, time_s)
        if version is None:
            version = self._past.version_at(cast(float, time_s))
            if version is None:
                version = await self._store.version_at(time_s)
        self._fold()
        if version == self._version:
            return self.scene
        if version < self._version:
            known = self._past.at(version)
            if known is None and (near := self._past.before(version)) is not None:
                known = await self._go_on(near, version)
            if known is not None:
                return known
        return await self._store.at(version)

    async def _go_on(self, scene: Scene, version: int) -> Scene | None:
        """A scene brought to a later version by the store's events; None when those are gone."""
        put: dict[str, Entry] = {}
        removed: dict[str, None] = {}
        try:
            async for event in between(self._store, scene.version, version):
                _take(put, removed, *entries(event))
        except FleetmindError as error:
            if error.code != "LOG_TRIMMED":
                raise
            return None
        return scene.evolve_entries(list(put.values()), list(removed), version=version)

    async def subscribe(self, since: int | None = None) -> AsyncIterator[Event]:
        async for event in self._store.watch(self._version if since is None else since):
            while self._version < event.seq:
                self._raise_failure()
                await self._changed.wait()
            yield event

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._failure = self._failure or FleetmindError("STORE_CLOSED", "the replica was stopped in this process")
        self._wake()

    async def _follow(self) -> None:
        while True:
            try:
                async for event in self._store.watch(self._version):
                    self._take(event)
            except StoreUnavailable:
                self._lost_since = self._lost_since or time.monotonic()
                await asyncio.sleep(0.1)
            except FleetmindError as error:
                if error.code != "LOG_TRIMMED":
                    self._failure = error
                    self._wake()
                    raise
                await self._patient_resync()

    async def _patient_resync(self) -> None:
        while True:
            try:
                await self._resync()
            except StoreUnavailable:
                self._lost_since = self._lost_since or time.monotonic()
            else:
                return

    async def _resync(self) -> None:
        scene = await self._store.snapshot()
        self._put, self._removed = {}, {}
        self._scene, self._version, self._lost_since = scene, scene.version, None
        self._past.restart(scene)
        self._wake()

    def _take(self, event: Event) -> None:
        if event.seq <= self._version:
            return
        put, remove = entries(event)
        _take(self._put, self._removed, put, remove)
        self._past.note(event, put, remove)
        self._version, self._lost_since = event.seq, None
        if len(self._put) + len(self._removed) >= BATCH:
            self._fold()
        self._wake()

    def _fold(self) -> None:
        """Bring the scene to the newest version: one step for all changes since the last read."""
        if self._put or self._removed:
            self._scene = self._scene.evolve_entries(list(self._put.values()), list(self._removed),
                                                     version=self._version)
            self._put, self._removed = {}, {}
        elif self._scene.version != self._version:
            self._scene = self._scene.aged(0.0, version=self._version)
        self._past.mark(self._scene)

    def _age_s(self) -> float:
        lost_s = time.monotonic() - self._lost_since if self._lost_since is not None else 0.0
        return max(self._store.silence_s(), lost_s)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _take(into: dict[str, Entry], removed: dict[str, None], put: list[Entry], remove: list[str]) -> None:
    """Add one event's changes to those that wait to be folded."""
    for entry in put:
        into[entry.id] = entry
        removed.pop(entry.id, None)
    for node_id in remove:
        into.pop(node_id, None)
        removed[node_id] = None
