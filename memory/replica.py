"""A local copy of the scene that follows the event feed; reads cost no round trip."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.events import Event
from fleetmind.memory.fold import changes
from fleetmind.memory.scene import Node, Scene
from fleetmind.memory.store import Replica, SceneStore

BATCH = 256
"""Changes folded into one new scene at most; a reader in between sees each batch whole."""


class FollowingReplica(Replica):
    """Follows any store. Survives restarts of the server: it serves what it knows and says how old that is.

    Args:
        store: whose scene to follow; it is not closed here.
    """

    def __init__(self, store: SceneStore) -> None:
        self._store = store
        self._scene = Scene()
        self._put: dict[str, Node] = {}
        self._removed: dict[str, None] = {}
        self._version = 0
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
        self._wake()

    def _take(self, event: Event) -> None:
        if event.seq <= self._version:
            return
        put, remove = changes(event)
        for node in put:
            self._put[node.id] = node
            self._removed.pop(node.id, None)
        for node_id in remove:
            self._put.pop(node_id, None)
            self._removed[node_id] = None
        self._version, self._lost_since = event.seq, None
        if len(self._put) + len(self._removed) >= BATCH:
            self._fold()
        self._wake()

    def _fold(self) -> None:
        """Bring the scene to the newest version: one copy for all changes since the last read."""
        if self._put or self._removed:
            self._scene = self._scene.evolve(self._put.values(), self._removed, version=self._version)
            self._put, self._removed = {}, {}
        elif self._scene.version != self._version:
            self._scene = self._scene.aged(0.0)
            self._scene.version = self._version

    def _age_s(self) -> float:
        lost_s = time.monotonic() - self._lost_since if self._lost_since is not None else 0.0
        return max(self._store.silence_s(), lost_s)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
