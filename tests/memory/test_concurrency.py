"""Many writers on one node, from separate connections, lose nothing."""

from __future__ import annotations

import asyncio

from fleetmind.memory.conformance.scene import replayed
from fleetmind.memory.errors import Conflict
from fleetmind.memory.ledger import SubtaskRecord, TaskRecord
from fleetmind.memory.robots import Outcome
from fleetmind.memory.scene import Node
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change, SceneStore
from fleetmind.memory.valkey import connect_site

WRITERS = 8


async def test_eight_writers_on_one_node(server: EmbeddedServer, new_site_name: str) -> None:
    sites = [await connect_site(server.url, new_site_name, server.token) for _ in range(WRITERS)]
    first = sites[0][0]
    await first.apply(Change(put=(Node(id="n", kind="object", type="N", states={"count": 0.0}),)))

    async def by_operation(store: SceneStore, writer: int) -> None:
        for number in range(50):
            await store.set_states("n", {f"w{writer}": float(number)})

    async def by_compare_and_set(store: SceneStore) -> None:
        done = 0
        while done < 10:
            node = (await store.snapshot())["n"]
            count = float(node.states["count"])
            try:
                await store.set_states("n", {"count": count + 1}, require={"count": count})
                done += 1
            except Conflict:
                continue

    await asyncio.gather(*(by_operation(store, i) for i, (store, _) in enumerate(sites)))
    await asyncio.gather(*(by_compare_and_set(store) for store, _ in sites))
    scene = await first.snapshot()
    assert scene["n"].states == {"count": WRITERS * 10.0, **{f"w{i}": 49.0 for i in range(WRITERS)}}
    assert scene.version == 1 + WRITERS * 50 + WRITERS * 10
    assert await replayed(first) == dict(scene.nodes)
    for store, _ in sites:
        await store.close()


async def test_no_two_robots_hold_one_thing(server: EmbeddedServer, new_site_name: str) -> None:
    sites = [await connect_site(server.url, new_site_name, server.token) for _ in range(WRITERS)]
    first = sites[0][0]
    names = [f"robot-{i}" for i in range(WRITERS)]
    await first.apply(Change(put=(Node(id="hall", kind="room", type="Hall"),
                                  Node(id="cup", kind="object", type="Cup", parent="hall", relation="in"),
                                  *(Node(id=n, kind="robot", type="R", parent="hall", relation="in") for n in names))))

    async def juggle(store: SceneStore, robot: str) -> int:
        taken = 0
        for _ in range(30):
            try:
                await store.grasp(robot, "cup")
            except Conflict:
                continue
            taken += 1
            held = (await store.snapshot()).get("cup")
            assert held is not None
            assert held.parent == robot
            await store.place(robot, "cup", "in", "hall")
        return taken

    counts = await asyncio.gather(*(juggle(store, name) for name, (store, _) in zip(names, sites, strict=True)))
    assert sum(counts) > 0
    assert (await first.snapshot()).version == 1 + 2 * sum(counts)
    for store, _ in sites:
        await store.close()


async def test_two_dispatchers_never_start_one_subtask_twice(server: EmbeddedServer, new_site_name: str) -> None:
    sites = [await connect_site(server.url, new_site_name, server.token) for _ in range(2)]
    ledger = sites[0][1]
    await ledger.submit(TaskRecord(id="t", instruction="x"))
    await ledger.open("t", 1, tuple(SubtaskRecord(id=f"s{i}", task="t") for i in range(40)))
    lease = await ledger.lease("dispatcher", "one", ttl_s=60)
    won: list[str] = []

    async def dispatch(side: int) -> None:
        mine = sites[side][1]
        while ready := await mine.ready("t"):
            for subtask in ready:
                try:
                    attempt = await mine.claim("t", subtask.id, f"robot-{side}", lease=lease)
                except Conflict:
                    continue
                won.append(attempt.subtask)
                await mine.commit(attempt.id, attempt.fence, Outcome(code="succeeded"), lease=lease)

    await asyncio.gather(dispatch(0), dispatch(1))
    assert sorted(won) == sorted(f"s{i}" for i in range(40))
    for store, _ in sites:
        await store.close()
