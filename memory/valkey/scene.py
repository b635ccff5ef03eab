"""The Redis `SceneStore`: one function call per write, one feed per process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from fleetmind.memory import inputs
from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.events import Event
from fleetmind.memory.fold import fold, starts_empty
from fleetmind.memory.refusals import refusal
from fleetmind.memory.scene import Node, Pose, Relation, Scene, StateValue
from fleetmind.memory.store import Change, SceneStore
from fleetmind.memory.valkey.codec import change_args, pose_arg, read_event, read_node, states_arg
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

    async def snapshot(self) -> Scene:
        version, flat = await self.link.call("snapshot")
        # A hash has no order: sorted, every reader sees the same scene.
        nodes = sorted((read_node(record) for record in flat[1::2]), key=lambda node: node.id)
        return Scene(nodes, version=int(version))

    async def at(self, version: int) -> Scene:
        newest = await self.link.version()
        if not 0 <= version <= newest:
            raise refusal("SCENE_HISTORY", f"version {version!r} is not between 0 and {newest}")
        first = await self.link.command("XRANGE", f"{self.link.prefix}:log", "-", "+", "COUNT", 1)
        nodes: dict[str, Node] = {}
        if first and version > 0:
            event = read_event(first[0])
            if not starts_empty(event):
                raise refusal("SCENE_HISTORY", f"the log begins at {event.seq}, version {version!r} cannot be rebuilt")
            await self._replay(nodes, event.seq - 1, version)
        return Scene(nodes.values(), version=version)

    async def _replay(self, nodes: dict[str, Node], since: int, version: int) -> None:
        while since < version:
            try:
                page = await self.events(since, limit=1000)
            except FleetmindError as error:
                if error.code != "LOG_TRIMMED":
                    raise
                raise refusal("SCENE_HISTORY", f"the log was trimmed, version {version!r} cannot be rebuilt") from None
            for event in page:
                if event.seq > version:
                    return
                fold(nodes, event)
                since = event.seq
            if not page:
                return

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

    async def near(self, pose: Pose, radius_m: float) -> tuple[Node, ...]:
        return (await self.snapshot()).near(pose, radius_m)

    def silence_s(self) -> float:
        return self._tail.silence_s

    async def close(self) -> None:
        await self._tail.stop()
        await self.link.close()

    async def _write(self, function: str, *args: str | int) -> int:
        answer = await self.link.call(function, *args)
        return int(answer[0])

    async def _read(self, since: int, limit: int) -> list[Event]:
        _, entries = await self.link.call("events", since, limit)
        return [read_event(entry) for entry in entries]
