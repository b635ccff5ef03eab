"""The Redis `SceneStore`: one function call per write, one feed per process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from fleetmind.memory import inputs
from fleetmind.memory.errors import StoreUnavailable
from fleetmind.memory.events import Event
from fleetmind.memory.nodes import Node, Pose, Relation, StateValue
from fleetmind.memory.scene import Scene
from fleetmind.memory.store import Change, Retention, SceneStore
from fleetmind.memory.valkey.codec import change_args, pose_arg, read_event, record_json, states_arg
from fleetmind.memory.valkey.link import Link
from fleetmind.memory.valkey.tail import LogTail


class RedisSceneStore(SceneStore):
    """The scene of a site on a Redis-compatible server. Made by `connect_site`.

    Args:
        link: to the site.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self._tail = LogTail(link, self._read)

    async def apply(self, change: Change, expected: Mapping[str, int] | None = None) -> int:
        versions = expected or {}
        args = change_args(change)
        for node_id, version in versions.items():
            args += (node_id, version)
        return await self._write("apply", *args)

    async def move(self, node: str, relation: Relation, parent: str, *, pose: Pose | None = None,
                   source: str = "plan") -> int:
        inputs.node_ids(node, parent)
        return await self._write("move", node, relation, parent, pose_arg(pose), source)

    async def grasp(self, robot: str, node: str) -> int:
        inputs.node_ids(robot, node)
        return await self._write("grasp", robot, node)

    async def place(self, robot: str, node: str, relation: Relation, parent: str, *, pose: Pose | None = None) -> int:
        inputs.node_ids(robot, node, parent)
        return await self._write("place", robot, node, relation, parent, pose_arg(pose))

    async def set_states(self, node: str, states: Mapping[str, StateValue], *,
                         require: Mapping[str, StateValue] | None = None, source: str = "plan") -> int:
        inputs.node_ids(node)
        return await self._write("set_states", node, states_arg(inputs.states(states)),
                                 states_arg(inputs.states(require or {})), source)

    async def set_open(self, node: str, opened: bool, *, source: str = "plan") -> int:
        inputs.node_ids(node)
        return await self._write("set_open", node, int(opened), source)

    async def snapshot(self) -> Scene:
        version, flat = await self.link.call("snapshot")
        return Scene.of_records(map(record_json, flat[1::2]), version=int(version))

    async def version_at(self, time_s: float | None) -> int:
        if time_s is None:
            return await self.link.version()
        (version,) = await self.link.call("version_at", repr(inputs.finite(time_s, "time_s")))
        if int(version) < 0:
            raise inputs.too_old(time_s)
        return int(version)

    async def base(self, ids: Sequence[str] | None = None) -> tuple[int, dict[str, Node]]:
        version, records = await self.link.call("base", *([] if ids is None else ["some", *ids]))
        nodes = (Node.model_validate_json(record) for record in records if record is not None)
        return int(version), {node.id: node for node in nodes}

    async def last_change(self, node: str) -> int:
        inputs.node_ids(node)
        (version,) = await self.link.call("last_change", node)
        return int(version)

    async def retain(self, keep: Retention) -> None:
        await self.link.call("retain", keep.events, repr(keep.seconds))

    def watch(self, since: int = 0) -> AsyncIterator[Event]:
        return self._tail.follow(since)

    async def events(self, since: int = 0, *, limit: int = 1000) -> list[Event]:
        return await self._read(since, limit)

    async def append(self, event_kind: str, data: Mapping[str, object], *, source: str = "") -> int:
        text = inputs.event_text(event_kind, data)
        return await self._write("append", event_kind, source, text)

    async def wait_for(self, version: int, *, timeout_s: float = 5.0) -> int:
        try:
            async with asyncio.timeout(timeout_s):
                await self._tail.start()
                while self._tail.newest < version:
                    await self._tail.change()
        except TimeoutError:
            raise StoreUnavailable(f"version {version!r} not reached within {timeout_s!r} s, the store is at "
                                   f"{self._tail.newest}") from None
        return self._tail.newest

    def silence_s(self) -> float:
        return self._tail.silence_s

    async def close(self) -> None:
        await self._tail.stop()
        await self.link.close()

    async def _write(self, function: str, *args: str | int | bytes) -> int:
        answer = await self.link.call(function, *args)
        return int(answer[0])

    async def _read(self, since: int, limit: int) -> list[Event]:
        _, entries = await self.link.call("events", since, limit)
        return [read_event(entry) for entry in entries]
