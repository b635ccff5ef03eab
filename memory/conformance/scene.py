"""The kit for scene stores."""

from __future__ import annotations

import asyncio
import math

import pytest

from fleetmind.memory.conformance.site import Site, kitchen, refused
from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.events import Event
from fleetmind.memory.fold import fold
from fleetmind.memory.scene import Node, Pose, Scene
from fleetmind.memory.store import Change, Retention, SceneStore


async def replayed(store: SceneStore) -> dict[str, Node]:
    """The nodes one gets by folding the whole log."""
    nodes: dict[str, Node] = {}
    since = 0
    while page := await store.events(since):
        for event in page:
            assert event.seq == since + 1
            since = event.seq
            fold(nodes, event)
    return nodes


def same(one: Scene, other: Scene) -> bool:
    """Whether two scenes hold the same nodes."""
    return dict(one.nodes) == dict(other.nodes)


@pytest.mark.asyncio
class SceneStoreConformance:
    """What every scene store does. Needs the fixture `site`."""

    async def test_a_write_is_read_back_exactly(self, site: Site) -> None:
        store, _ = site
        node = Node(
            id="odd \"id\" \\ ä 🤖", kind="object", type="Mug", pose=Pose(x=0.1 + 0.2, y=-1e-300, z=1e300),
            size=(0.1, 0.2, 0.3), states={"level": 0.1 + 0.2, "one": 1.0, "open": True, "temperature": "Hot\n\u0000"},
            attributes={"empty": [], "none": None, "object": {}, "big": 2**70, "deep": [[[{"a": [1, 1.0, True]}]]],
                        "text": "line\nbreak \u2028 /"}, confidence=0.25, last_seen_s=12.5, source="a \"b\"\n")
        version = await store.apply(Change(put=(node,)))
        scene = await store.snapshot()
        assert scene.version == version == 1
        assert scene[node.id] == node.model_copy(update={"version": 1})

    async def test_versions_grow_by_one_and_mark_the_nodes(self, site: Site) -> None:
        store, _ = site
        assert await store.apply(Change()) == 0
        assert await store.apply(kitchen()) == 1
        assert await store.move("mug-1", "inside", "drawer-1") == 2
        scene = await store.snapshot()
        assert (scene["mug-1"].version, scene["mug-2"].version, scene["table-1"].version) == (2, 1, 1)
        assert [n.id for n in scene.children("drawer-1")] == ["mug-1"]

    async def test_many_nodes_are_loaded_in_any_order(self, site: Site) -> None:
        store, _ = site
        chain = [Node(id=f"box-{i}", kind="receptacle", type="Box", parent=f"box-{i - 1}" if i else None,
                      relation="inside" if i else None) for i in range(12)]
        nodes = [*(Node(id=f"mug-{i}", kind="object", type="Mug", parent=f"box-{i % 12}", relation="in")
                   for i in range(60)), *reversed(chain)]
        told: list[tuple[int, int]] = []
        version = await store.load(nodes, batch=5, progress=lambda done, of: told.append((done, of)))
        scene = await store.snapshot()
        assert scene.version == version
        assert {n.id for n in scene} == {n.id for n in nodes}
        assert all(scene[n.id].parent == n.parent for n in nodes)
        assert [done for done, _ in told] == [*range(5, 72, 5), 72]
        assert await store.load([]) == version
        with refused("SCENE_INVARIANT"):
            await store.load([n.model_copy(update={"parent": "box-11", "relation": "in"}) for n in chain])
        with refused("SCENE_INVARIANT"):
            await store.load([Node(id=f"new-{i}", kind="object", type="New", parent="nowhere" if i == 7 else "box-0",
                                   relation="in") for i in range(40)], batch=5)
        assert "new-7" not in await store.snapshot()
        assert dict((await store.snapshot()).nodes) == await replayed(store)

    async def test_compare_and_set(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        mug = (await store.snapshot())["mug-1"]
        await store.apply(Change(put=(mug,)), {"mug-1": 1, "new": 0})
        for stale in (1, 0, 99, -1):
            with refused("SCENE_CONFLICT", actual=2):
                await store.apply(Change(put=(mug,)), {"mug-1": stale})
        with refused("SCENE_CONFLICT", actual=0):
            await store.apply(Change(put=(mug,)), {"ghost": 1})

    @pytest.mark.parametrize(("put", "remove"), [
        ([Node(id="x", kind="object", type="X", parent="nowhere", relation="on")], []),
        ([Node(id="kitchen-1", kind="room", type="Kitchen", parent="mug-1", relation="in")], []),
        ([Node(id="a", kind="object", type="A", parent="b", relation="on"),
          Node(id="b", kind="object", type="B", parent="a", relation="on")], []),
        ([], ["table-1"]),
        ([], ["kitchen-1", "table-1"]),
        ([Node(id="mug-1", kind="object", type="Mug", parent="table-1", relation="on")], ["table-1"]),
        ([Node(id="mug-1", kind="object", type="Mug"), Node(id="mug-1", kind="object", type="Cup")], []),
        ([Node(id="mug-1", kind="object", type="Mug")], ["mug-1"]),
        ([Node(id="mug-1", kind="room", type="Mug")], []),
        ([Node(id="x", kind="object", type="X", parent="table-1", relation="held_by")], []),
    ])
    async def test_the_graph_stays_a_forest(self, site: Site, put: list[Node], remove: list[str]) -> None:
        store, _ = site
        await store.apply(kitchen())
        before = await store.snapshot()
        with refused("SCENE_INVARIANT"):
            await store.apply(Change(put=(*put, Node(id="extra", kind="object", type="E")), remove=tuple(remove)))
        after = await store.snapshot()
        assert same(before, after)
        assert after.version == 1

    async def test_a_whole_branch_is_rebuilt_in_one_change(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        await store.apply(Change(
            put=(Node(id="shelf", kind="receptacle", type="Shelf", parent="kitchen-1", relation="in"),
                 Node(id="mug-1", kind="object", type="Mug", parent="shelf", relation="on")),
            remove=("table-1", "mug-2", "never-there")))
        scene = await store.snapshot()
        assert {n.id for n in scene} == {"kitchen-1", "drawer-1", "ann", "bob", "shelf", "mug-1"}
        await store.apply(Change(remove=("shelf", "mug-1")))
        assert await store.apply(Change(remove=("shelf",))) == 3

    async def test_move(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        await store.move("mug-1", "on", "table-1", pose=Pose(x=1, y=2, z=0.8), source="ann")
        assert (await store.snapshot())["mug-1"].pose == Pose(x=1, y=2, z=0.8)
        await store.move("mug-1", "inside", "drawer-1")
        assert (await store.snapshot())["mug-1"].pose is None
        for node, parent, code in (("ghost", "table-1", "SCENE_UNKNOWN"), ("mug-1", "ghost", "SCENE_UNKNOWN"),
                                   ("kitchen-1", "mug-1", "SCENE_INVARIANT"), ("mug-1", "mug-1", "SCENE_INVARIANT"),
                                   ("bad{id}", "mug-1", "BAD_ID")):
            with refused(code):
                await store.move(node, "on", parent)
        with refused("SCENE_INVARIANT"):
            await store.move("mug-1", "held_by", "ann")

    async def test_grasp_and_place(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        assert await store.grasp("ann", "mug-1") == 2
        assert await store.grasp("ann", "mug-1") == 2
        with refused("SCENE_HELD", actual="ann"):
            await store.grasp("bob", "mug-1")
        with refused("SCENE_HAND_FULL", actual="mug-1"):
            await store.grasp("ann", "mug-2")
        with refused("SCENE_HELD", actual="ann"):
            await store.move("mug-1", "on", "table-1")
        mug = (await store.snapshot())["mug-1"]
        with refused("SCENE_HELD", actual="ann"):
            await store.apply(Change(put=(mug.model_copy(update={"parent": "bob"}),)))
        with refused("SCENE_NOT_HELD", actual="ann"):
            await store.place("bob", "mug-1", "on", "table-1")
        for robot, node, code in (("bob", "kitchen-1", "SCENE_INVARIANT"), ("table-1", "mug-2", "SCENE_INVARIANT"),
                                  ("ghost", "mug-2", "SCENE_UNKNOWN"), ("bob", "ghost", "SCENE_UNKNOWN")):
            with refused(code):
                await store.grasp(robot, node)
        held = (await store.snapshot()).holding("ann")
        assert held is not None
        assert (held.id, held.source) == ("mug-1", "ann")
        await store.place("ann", "mug-1", "inside", "drawer-1", pose=Pose(x=1, y=1))
        assert (await store.snapshot()).holding("ann") is None
        await store.grasp("ann", "mug-2")

    async def test_states_merge_under_a_condition(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        await store.set_states("mug-1", {"dirty": True, "level": 0.1 + 0.2}, require={"dirty": False})
        with refused("SCENE_CONFLICT", actual=True):
            await store.set_states("mug-1", {"x": True}, require={"dirty": False})
        with refused("SCENE_CONFLICT", actual=False):
            await store.set_states("mug-1", {"x": True}, require={"open": 0.0})
        version = await store.set_states("mug-1", {"temperature": "Hot", "dirty": False}, require={"level": 0.1 + 0.2})
        assert await store.set_states("mug-1", {}) == version
        states = (await store.snapshot())["mug-1"].states
        assert states == {"dirty": False, "level": 0.1 + 0.2, "temperature": "Hot"}
        with refused("SCENE_UNKNOWN"):
            await store.set_states("ghost", {"x": True})
        with refused("SCENE_INVALID"):
            await store.set_states("mug-1", {"level": float("nan")})

    async def test_one_wins_a_double_grasp(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        ends = await asyncio.gather(*(store.grasp(robot, "mug-1") for robot in ("ann", "bob")),
                                    return_exceptions=True)
        codes = [end.code for end in ends if isinstance(end, FleetmindError)]
        assert codes == ["SCENE_HELD"]

    async def test_the_log_is_the_truth(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        await store.grasp("ann", "mug-1")
        await store.append("note", {"text": "hello", "list": [], "object": {}, "n": 1.5}, source="me")
        await store.place("ann", "mug-1", "on", "table-1")
        await store.apply(Change(remove=("mug-2",)))
        live = await store.snapshot()
        assert await replayed(store) == dict(live.nodes)
        assert (await store.at(2)).holding("ann") is not None
        assert "mug-2" in await store.at(4)
        assert same(await store.at(5), live)
        assert len(await store.at(0)) == 0
        for version in (-1, 6):
            with refused("SCENE_HISTORY"):
                await store.at(version)
        note = (await store.events(2, limit=1))[0]
        assert (note.seq, note.kind, note.source) == (3, "note", "me")
        assert note.data == {"text": "hello", "list": [], "object": {}, "n": 1.5}

    async def test_what_it_contains_comes_along(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        turned = Pose(x=5, y=5, z=0.5, qz=math.sqrt(0.5), qw=math.sqrt(0.5))
        await store.apply(Change(put=(
            Node(id="tray", kind="receptacle", type="Tray", parent="table-1", relation="on", pose=Pose(x=1, y=1, z=1)),
            Node(id="cup", kind="object", type="Cup", parent="tray", relation="on", pose=Pose(x=2, y=1, z=1)),
            Node(id="spoon", kind="object", type="Spoon", parent="cup", relation="inside", pose=Pose(x=2, y=1, z=1.1)),
        )))
        version = await store.move("tray", "in", "kitchen-1", pose=turned)
        scene = await store.snapshot()
        assert {n.id for n in scene if n.version == version} == {"tray", "cup", "spoon"}
        for name, where in (("cup", (5.0, 6.0, 0.5)), ("spoon", (5.0, 6.0, 0.6))):
            pose = scene[name].pose
            assert pose is not None
            assert (pose.x, pose.y, pose.z) == pytest.approx(where)
            assert pose.yaw_rad == pytest.approx(math.pi / 2)
        await store.grasp("ann", "tray")
        scene = await store.snapshot()
        assert [scene[name].pose for name in ("tray", "cup", "spoon")] == [None, None, None]
        assert [n.id for n in scene.contents("ann")] == ["tray", "cup", "spoon"]

    async def test_open_and_close(self, site: Site) -> None:
        store, _ = site
        await store.apply(Change(put=(
            Node(id="fridge", kind="receptacle", type="Fridge", attributes={"openable": True, "deep": [[], {}]}),
            Node(id="shelf", kind="receptacle", type="Shelf", attributes={"openable": False}),
            Node(id="plain", kind="object", type="Plate"))))
        assert await store.set_open("fridge", False) == 1
        assert await store.set_open("fridge", True, source="ann") == 2
        assert await store.set_open("fridge", True) == 2
        fridge = (await store.snapshot())["fridge"]
        assert (fridge.states, fridge.source, fridge.attributes["deep"]) == ({"open": True}, "ann", [[], {}])
        assert await store.set_open("fridge", False) == 3
        for node in ("shelf", "plain"):
            with refused("SCENE_INVARIANT"):
                await store.set_open(node, True)
        with refused("SCENE_UNKNOWN"):
            await store.set_open("ghost", True)

    async def test_the_past_of_a_node(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        await store.set_states("mug-1", {"dirty": True}, source="bob")
        await store.grasp("ann", "mug-1")
        await store.place("ann", "mug-1", "inside", "drawer-1", pose=Pose(x=1, y=2))
        await store.apply(Change(remove=("mug-1",)))
        await store.apply(Change(put=(Node(id="mug-1", kind="object", type="Mug", parent="table-1", relation="on"),)))
        past = await store.history("mug-1")
        assert [(r.version, r.op) for r in past] == [
            (6, "apply"), (5, "removed"), (4, "place"), (3, "grasp"), (2, "set_states"), (1, "apply")]
        assert past[1].node is None
        assert past[4].node is not None
        assert past[4].node.states == {"dirty": True}
        assert [r.version for r in await store.history("mug-1", limit=2)] == [6, 5]
        stays = await store.where_was("mug-1")
        assert [(s.parent, s.relation, s.from_version) for s in stays] == [
            ("table-1", "on", 6), ("drawer-1", "inside", 4), ("ann", "held_by", 3), ("table-1", "on", 1)]
        times = {e.seq: e.time_s for e in await store.events()}
        assert [(s.from_s, s.until_s) for s in stays] == [
            (times[6], None), (times[4], times[5]), (times[3], times[4]), (times[1], times[3])]
        assert await store.history("never") == []
        assert await store.where_was("never") == []
        await store.apply(Change(remove=("mug-2",)))
        assert (await store.history("mug-2"))[0].op == "removed"

    async def test_what_changed_between_two_versions(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        await store.grasp("ann", "mug-1")
        await store.set_states("drawer-1", {"open": True})
        await store.append("note", {"n": 1})
        await store.set_states("drawer-1", {"open": False})
        await store.apply(Change(put=(Node(id="cup", kind="object", type="Cup"),), remove=("mug-2",)))
        changed = await store.diff(1, 6)
        assert [n.id for n in changed.added] == ["cup"]
        assert [n.id for n in changed.removed] == ["mug-2"]
        assert [c.node for c in changed.moved] == ["mug-1"]
        assert [c.node for c in changed.changes] == ["cup", "mug-1", "mug-2"]  # the drawer is as it was
        back = await store.diff(6, 1)
        assert [(c.before, c.after) for c in back.changes] == [(c.after, c.before) for c in changed.changes]
        assert (await store.diff(3, 4)).changes == ()
        for a, b in ((-1, 3), (0, 7)):
            with refused("SCENE_HISTORY"):
                await store.diff(a, b)

    async def test_times_name_versions(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        await store.grasp("ann", "mug-1")
        times = [e.time_s for e in await store.events()]
        assert times == sorted(times)
        assert await store.version_at(None) == await store.version_at(times[-1] + 3600) == 2
        assert same(await store.at(time_s=times[-1]), await store.at(2))
        assert len(await store.at(time_s=times[0] - 3600)) == 0
        with refused("SCENE_HISTORY"):
            await store.at(1, time_s=1.0)
        with refused("SCENE_HISTORY"):
            await store.at()
        with refused("SCENE_INVALID"):
            await store.at(time_s=float("nan"))

    async def test_the_log_is_bounded_and_the_past_stays_whole(self, site: Site) -> None:
        store, _ = site
        await store.retain(Retention(events=64))
        await store.apply(kitchen())
        known: dict[int, Scene] = {}
        for number in range(140):
            version = await store.set_states(f"mug-{1 + number % 2}", {"n": float(number)})
            known[version] = await store.snapshot()
        oldest, base = await store.base()
        assert 0 < oldest <= version - 64
        assert base == dict(known[oldest].nodes)
        assert (await store.base(["mug-1", "ghost"]))[1] == {"mug-1": base["mug-1"]}
        for version in (oldest, oldest + 1, oldest + 40):
            assert same(await store.at(version), known[version])
        with refused("SCENE_HISTORY"):
            await store.at(oldest - 1)
        with refused("SCENE_HISTORY"):
            await store.diff(oldest - 1, oldest)
        with refused("SCENE_HISTORY"):
            await store.at(time_s=1.0)
        with refused("LOG_TRIMMED"):
            await store.events(0)
        past = await store.history("mug-1", limit=1000)
        assert (past[-1].op, past[-1].time_s) == ("base", None)
        assert [c.node for c in (await store.diff(oldest, oldest + 1)).changes] != []

    async def test_watch_has_no_gap_and_no_duplicate(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())

        async def collect(since: int, until: int) -> list[int]:
            seen: list[int] = []
            async for event in store.watch(since):
                seen.append(event.seq)
                if event.seq == until:
                    break
            return seen

        watchers = [asyncio.create_task(collect(since, 61)) for since in (0, 1)]
        for number in range(60):
            await store.append("note", {"n": number})
        first, second = await asyncio.wait_for(asyncio.gather(*watchers), 10)
        assert first == list(range(1, 62))
        assert second == list(range(2, 62))
        assert await asyncio.wait_for(collect(30, 61), 10) == list(range(31, 62))

    async def test_a_position_ahead_of_the_log_is_refused(self, site: Site) -> None:
        store, _ = site
        with refused("LOG_TRIMMED"):
            await store.events(5)

    async def test_append_refuses_what_it_cannot_keep(self, site: Site) -> None:
        store, _ = site
        for kind, data, code in (("scene", {}, "EVENT_KIND"), ("note", {"x": float("inf")}, "EVENT_INVALID"),
                                 ("note", {"x": object()}, "EVENT_INVALID"), ("note", {"x": "\ud800"}, "EVENT_INVALID"),
                                 ("note", {"x": "y" * (1 << 20)}, "EVENT_INVALID")):
            with refused(code):
                await store.append(kind, data)
        big = Node(id="big", kind="object", type="Big", attributes={"blob": "y" * (1 << 20)})
        with refused("SCENE_TOO_LARGE"):
            await store.apply(Change(put=(big,)))
        assert (await store.snapshot()).version == 0

    async def test_wait_for(self, site: Site) -> None:
        store, _ = site
        waiting = asyncio.create_task(store.wait_for(1))
        await store.apply(kitchen())
        assert await waiting >= 1
        with pytest.raises(StoreUnavailable):
            await store.wait_for(99, timeout_s=0.05)

    async def test_near(self, site: Site) -> None:
        store, _ = site
        await store.apply(Change(put=tuple(
            Node(id=f"o-{x}", kind="object", type="O", pose=Pose(x=x, y=0)) for x in (3, 1, 2))))
        assert [n.id for n in await store.near(Pose(x=0, y=0), 2.0)] == ["o-1", "o-2"]

    async def test_events_are_events(self, site: Site) -> None:
        store, _ = site
        await store.apply(kitchen())
        (event,) = await store.events()
        assert Event.model_validate(event.model_dump()) == event
        assert event.data["op"] == "apply"
        assert event.time_s > 0
