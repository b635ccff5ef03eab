"""Putting a large scene into a store without holding it up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fleetmind.memory.nodes import Node
from fleetmind.memory.refusals import refusal

if TYPE_CHECKING:
    from fleetmind.memory.store import SceneStore


def containers_first(nodes: Iterable[Node]) -> list[Node]:
    """The nodes, each after the one it is in; otherwise as they came. Of two with one id the later counts.

    Raises:
        FleetmindError: `SCENE_INVARIANT`, some contain each other.
    """
    by_id = {node.id: node for node in nodes}
    out: dict[str, Node] = {}
    for start in by_id.values():
        path: dict[str, Node] = {}
        node: Node | None = start
        while node is not None and node.id not in out:
            if node.id in path:
                raise refusal("SCENE_INVARIANT", f"{start.id!r} would contain itself: {sorted(path)!r:.300}")
            path[node.id] = node
            node = by_id.get(node.parent) if node.parent is not None else None
        for inner in reversed(path.values()):
            out[inner.id] = inner
    return list(out.values())


async def load(store: SceneStore, nodes: Iterable[Node], *, source: str, batch: int,
               progress: Callable[[int, int], None] | None) -> int:
    """Put nodes in batches; the next batch is made ready while the store works on the last."""
    from fleetmind.memory.store import Change

    ordered = containers_first(nodes)
    version = await store.version_at(None)
    writing: list[tuple[int, asyncio.Task[int]]] = []  # two at most, each with how many nodes are written after it

    async def written() -> None:
        nonlocal version
        done, task = writing[0]
        version = max(version, await task)
        del writing[0]
        if progress is not None:
            progress(done, len(ordered))

    before: set[str] = set()
    try:
        for start in range(0, len(ordered), batch):
            change = Change(put=tuple(ordered[start:start + batch]), source=source)
            # Two writes on the way may arrive in any order: what the first puts must not be needed by the second.
            while writing and (len(writing) > 1 or any(node.parent in before for node in change.put)):
                await written()
            before = {node.id for node in change.put}
            writing.append((start + len(before), asyncio.create_task(store.apply(change))))
            await asyncio.sleep(0)  # let it send before the next batch is made
        while writing:
            await written()
    finally:
        for _, task in writing:
            task.cancel()
        await asyncio.gather(*(task for _, task in writing), return_exceptions=True)
    return version
