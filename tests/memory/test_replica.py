"""The replica: the scene without round trips, complete and honest about its age."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from fleetmind.memory.conformance import Site
from fleetmind.memory.conformance.site import kitchen
from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.local import LocalSite
from fleetmind.memory.replica import FollowingReplica
from fleetmind.memory.scene import Node, Scene
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change, Retention, SceneStore
from fleetmind.memory.valkey import connect_site


@pytest.fixture(params=["local", "remote"])
async def site(request: pytest.FixtureRequest, valkey: EmbeddedServer, new_site_name: str) -> AsyncIterator[Site]:
    if request.param == "local":
        local = LocalSite()
        yield local.store, local.ledger
        return
    store, ledger = await connect_site(valkey.url, new_site_name, valkey.token)
    yield store, ledger
    await store.close()


async def test_it_follows(site: Site) -> None:
    store, _ = site
    await store.apply(kitchen())
    replica = FollowingReplica(store)
    await replica.start()
    before = replica.scene
    assert dict(before.nodes) == dict((await store.snapshot()).nodes)
    await store.grasp("ann", "mug-1")
    version = await store.apply(Change(put=(Node(id="cup", kind="object", type="Mug", parent="table-1",
                                                 relation="on"),), remove=("mug-2",)))
    scene = await replica.wait_for(version)
    live = await store.snapshot()
    assert dict(scene.nodes) == dict(live.nodes)
    assert scene.version == version
    held = scene.holding("ann")
    assert held is not None
    assert held.id == "mug-1"
    assert {n.id for n in scene.of_type("Mug")} == {n.id for n in live.of_type("Mug")} == {"mug-1", "cup"}
    assert {n.id for n in scene.children("table-1")} == {"cup"}
    assert "mug-2" in before
    assert {n.id for n in before.children("table-1")} == {"mug-1", "mug-2"}
    with pytest.raises(StoreUnavailable):
        await replica.wait_for(version + 1, timeout_s=0.05)
    await replica.stop()
    with pytest.raises(FleetmindError, match="STORE_CLOSED"):
        await replica.wait_for(version + 1)


async def test_subscribers_see_events_after_their_effect(site: Site) -> None:
    store, ledger = site
    await store.apply(kitchen())
    replica = FollowingReplica(store)
    await replica.start()
    seen: list[str] = []

    async def listen() -> None:
        async for event in replica.subscribe(since=1):
            assert replica.scene.version >= event.seq
            seen.append(event.kind)
            if event.kind == "note":
                break

    listening = asyncio.create_task(listen())
    await store.grasp("ann", "mug-1")
    await ledger.lease("dispatcher", "one", ttl_s=1)
    await store.append("step", {"thought": "hm"})
    await store.append("note", {})
    await asyncio.wait_for(listening, 5)
    assert seen == ["scene", "lease", "step", "note"]
    await replica.stop()


async def test_clear_reaches_the_replica(site: Site) -> None:
    store, ledger = site
    await store.apply(kitchen())
    replica = FollowingReplica(store)
    await replica.start()
    assert len(replica.scene) == 7
    await ledger.clear()
    version = await store.apply(Change(put=(Node(id="new", kind="room", type="R"),)))
    assert set((await replica.wait_for(version)).nodes) == {"new"}
    await replica.stop()


@pytest.fixture(params=["local", "remote"])
async def short(request: pytest.FixtureRequest, remote: Site) -> SceneStore:
    """A store that keeps 100 events."""
    store = LocalSite().store if request.param == "local" else remote[0]
    await store.retain(Retention(events=100))
    return store


async def test_a_log_folded_behind_a_slow_reader_means_a_new_snapshot(short: SceneStore) -> None:
    await short.apply(kitchen())
    for number in range(400):
        await short.set_states("mug-1", {"count": float(number)})
    with pytest.raises(FleetmindError, match="LOG_TRIMMED"):
        await anext(short.watch(1))
    for call in (short.events(1), short.at(5)):
        with pytest.raises(FleetmindError, match=r"LOG_TRIMMED|SCENE_HISTORY"):
            await call
    replica = FollowingReplica(short)
    replica._version = 1  # as if it had been away for long
    replica._task = asyncio.create_task(replica._follow())
    scene = await replica.wait_for(401)
    assert scene["mug-1"].states["count"] == 399.0
    await replica.stop()


async def test_what_is_folded_is_still_known(short: SceneStore) -> None:
    """The base takes what the log gives up: every version that is kept can be rebuilt, and no more events are kept."""
    await short.apply(kitchen())
    scenes = {1: dict((await short.snapshot()).nodes)}
    for number in range(150):
        version = await short.move("mug-1", "inside" if number % 2 else "on", "drawer-1")
        scenes[version] = dict((await short.snapshot()).nodes)
        version = await short.apply(Change(put=(Node(id=f"n{number}", kind="object", type="N"),)))
        scenes[version] = dict((await short.snapshot()).nodes)
        version = await short.apply(Change(remove=(f"n{number}",)))
        scenes[version] = dict((await short.snapshot()).nodes)
    oldest, _ = await short.base()
    assert 100 <= version - oldest < 100 + 2 * 64
    for version, nodes in scenes.items():
        if version >= oldest:
            assert dict((await short.at(version)).nodes) == nodes
    with pytest.raises(FleetmindError, match="SCENE_HISTORY"):
        await short.at(oldest - 1)


async def test_young_events_are_kept_however_many() -> None:
    now = [1000.0]
    site = LocalSite(clock=lambda: now[0], keep=Retention(events=64, seconds=60))
    for _ in range(500):
        now[0] += 0.1
        await site.store.append("note", {})
    assert (await site.store.base())[0] == 0
    now[0] += 50
    for _ in range(64 * 8):
        await site.store.append("note", {})
    oldest, _ = await site.store.base()
    kept = await site.store.events(oldest, limit=10_000)
    assert oldest > 0
    assert now[0] - kept[0].time_s <= 60.1


def test_evolving_a_scene_equals_building_it() -> None:
    nodes = {f"n{i}": Node(id=f"n{i}", kind="object", type=f"T{i % 3}") for i in range(50)}
    scene = Scene(nodes.values())
    for step in range(1, 40):
        changed = Node(id=f"n{step}", kind="object", type=f"T{step % 2}", parent=f"n{step // 2}" if step > 1 else None,
                       relation="on" if step > 1 else None)
        nodes[changed.id] = changed
        gone = f"n{40 + step % 10}"
        nodes.pop(gone, None)
        scene = scene.evolve((changed,), (gone,), version=step)
    built = Scene(nodes.values())
    assert dict(scene.nodes) == dict(built.nodes)
    for name in nodes:
        assert {n.id for n in scene.children(name)} == {n.id for n in built.children(name)}
    for kind in ("T0", "T1", "T2"):
        assert {n.id for n in scene.of_type(kind)} == {n.id for n in built.of_type(kind)}
