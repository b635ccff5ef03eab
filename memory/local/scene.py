"""The in-memory `SceneStore`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from fleetmind.memory import inputs
from fleetmind.memory.errors import StoreUnavailable
from fleetmind.memory.events import Event, EventKind
from fleetmind.memory.fold import fold, starts_empty
from fleetmind.memory.local import scene_ops
from fleetmind.memory.local.state import LocalState, plain
from fleetmind.memory.refusals import refusal
from fleetmind.memory.scene import Node, Pose, Relation, Scene, StateValue
from fleetmind.memory.store import Change, SceneStore


class LocalSceneStore(SceneStore):
    """A scene store in this process; what the Redis store does, without a server.

    Args:
        state: the site; share it with a `LocalLedger`.
    """

    def __init__(self, state: LocalState | None = None) -> None:
        self.state = state or LocalState()

    async def apply(self, change: Change, expected: Mapping[str, int] | None = None) -> int:
        return scene_ops.apply(self.state, change, expected or {})

    async def move(self, node: str, relation: Relation, parent: str, *, pose: Pose | None = None,
                   source: str = "plan") -> int:
        inputs.node_ids(node, parent)
        return scene_ops.move(self.state, node, relation, parent, pose, source)

    async def grasp(self, robot: str, node: str) -> int:
        inputs.node_ids(robot, node)
        return scene_ops.grasp(self.state, robot, node)

    async def place(self, robot: str, node: str, relation: Relation, parent: str, *, pose: Pose | None = None) -> int:
        inputs.node_ids(robot, node, parent)
        return scene_ops.place(self.state, robot, node, relation, parent, pose)

    async def set_states(self, node: str, states: Mapping[str, StateValue], *,
                         require: Mapping[str, StateValue] | None = None, source: str = "plan") -> int:
        inputs.node_ids(node)
        return scene_ops.set_states(self.state, node, inputs.states(states), inputs.states(require or {}), source)

    async def snapshot(self) -> Scene:
        return Scene(self.state.nodes.values(), version=self.state.seq)

    async def at(self, version: int) -> Scene:
        if not 0 <= version <= self.state.seq:
            raise refusal("SCENE_HISTORY", f"version {version!r} is not between 0 and {self.state.seq}")
        log = self.state.log
        if log and not starts_empty(log[0]):
            raise refusal("SCENE_HISTORY", f"the log begins at {log[0].seq}, version {version!r} cannot be rebuilt")
        nodes: dict[str, Node] = {}
        for event in log:
            if event.seq > version:
                break
            fold(nodes, event)
        return Scene(nodes.values(), version=version)

    async def watch(self, since: int = 0) -> AsyncIterator[Event]:
        position = since
        while True:
            batch = self.state.after(position, 1000)
            for event in batch:
                position = event.seq
                yield event
            if not batch:
                await self.state.change()

    async def events(self, since: int = 0, *, limit: int = 1000) -> list[Event]:
        return self.state.after(since, limit)

    async def append(self, event_kind: str, data: Mapping[str, object], *, source: str = "") -> int:
        text = inputs.event_text(event_kind, data)
        kind: EventKind = event_kind  # type: ignore[assignment]  # event_text has checked it
        return self.state.emit(kind, source, plain(text))

    async def wait_for(self, version: int, *, timeout_s: float = 5.0) -> int:
        try:
            async with asyncio.timeout(timeout_s):
                while self.state.seq < version:
                    await self.state.change()
        except TimeoutError:
            raise StoreUnavailable(f"version {version!r} not reached within {timeout_s!r} s, the store is at "
                                   f"{self.state.seq}") from None
        return self.state.seq

    async def near(self, pose: Pose, radius_m: float) -> tuple[Node, ...]:
        return (await self.snapshot()).near(pose, radius_m)

    async def close(self) -> None:
        """Nothing to release."""
