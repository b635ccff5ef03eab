"""The in-memory `SceneStore`."""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import AsyncIterator, Mapping, Sequence

from fleetmind.memory import inputs
from fleetmind.memory.errors import StoreUnavailable
from fleetmind.memory.events import Event, EventKind
from fleetmind.memory.local import scene_ops
from fleetmind.memory.local.state import LocalState, plain
from fleetmind.memory.nodes import Node, Pose, Relation, StateValue
from fleetmind.memory.scene import Scene
from fleetmind.memory.store import Change, Retention, SceneStore


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

    async def set_open(self, node: str, opened: bool, *, source: str = "plan") -> int:
        inputs.node_ids(node)
        return scene_ops.set_open(self.state, node, opened, source)

    async def snapshot(self) -> Scene:
        return Scene(self.state.nodes.values(), version=self.state.seq)

    async def version_at(self, time_s: float | None) -> int:
        state = self.state
        if time_s is None:
            return state.seq
        inputs.finite(time_s, "time_s")
        count = bisect.bisect_right(state.log, time_s, key=lambda event: event.time_s)
        if count:
            return max(state.base_seq, state.log[count - 1].seq)
        if state.base_seq:
            raise inputs.too_old(time_s)
        return 0

    async def base(self, ids: Sequence[str] | None = None) -> tuple[int, dict[str, Node]]:
        nodes = self.state.base
        return self.state.base_seq, dict(nodes) if ids is None else {i: nodes[i] for i in ids if i in nodes}

    async def last_change(self, node: str) -> int:
        inputs.node_ids(node)
        known = self.state.nodes.get(node)
        return known.version if known else self.state.gone.get(node, 0)

    async def retain(self, keep: Retention) -> None:
        self.state.keep = keep

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

    async def close(self) -> None:
        """Nothing to release."""
