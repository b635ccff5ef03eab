"""Random writers at the same time against the real server: whatever happens, the log rebuilds the live state."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fleetmind.memory.conformance import Site
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.nodes import Link, Node, Pose
from fleetmind.memory.replica import FollowingReplica
from fleetmind.memory.scene import Scene
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change, Retention, SceneStore
from fleetmind.memory.temporal import between
from fleetmind.memory.valkey import connect_site

WRITERS = 4
ROOMS, BOXES, THINGS = ["hall", "kitchen"], ["tray", "box", "drawer"], ["mug", "cup", "pan", "jar"]
ROBOTS = [f"robot-{i}" for i in range(WRITERS)]
PLACES, MOVABLE = ROOMS + BOXES, BOXES + THINGS
NAMES = itertools.count()

poses = st.one_of(st.none(), st.builds(
    lambda x, y, turned: Pose(x=x, y=y, qz=float(turned), qw=float(not turned)), st.floats(-9, 9), st.floats(-9, 9),
    st.booleans()))
relations = st.sampled_from(["in", "inside", "on"])
operations = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(MOVABLE), relations, st.sampled_from(PLACES), poses),
    st.tuples(st.just("grasp"), st.sampled_from(MOVABLE)),
    st.tuples(st.just("place"), st.sampled_from(MOVABLE), relations, st.sampled_from(PLACES), poses),
    st.tuples(st.just("set_states"), st.sampled_from(MOVABLE), st.floats(-9, 9)),
    st.tuples(st.just("set_open"), st.sampled_from(["box", "drawer"]), st.booleans()),
    st.tuples(st.just("rewrite"), st.sampled_from(MOVABLE), poses),
    st.tuples(st.just("remove"), st.sampled_from(THINGS)),
    st.tuples(st.just("add"), st.sampled_from(MOVABLE), relations, st.sampled_from(ROOMS)),
    st.tuples(st.just("note"), st.just(None)),
)
bursts = st.lists(st.lists(operations, min_size=32, max_size=64), min_size=WRITERS, max_size=WRITERS)


def first_scene() -> tuple[Node, ...]:
    """Rooms that connect, a robot for each writer, and things on the floor."""
    hall = Node(id="hall", kind="room", type="Hall", links=(Link(relation="connects", to="kitchen"),))
    return (hall, Node(id="kitchen", kind="room", type="Kitchen"),
            *(Node(id=r, kind="robot", type="Robot", parent="hall", relation="in") for r in ROBOTS),
            *(fresh(name, "in", "hall") for name in MOVABLE))


def fresh(name: str, relation: Any, parent: str) -> Node:
    return Node(id=name, kind="receptacle" if name in BOXES else "object", type=name.title(), parent=parent,
                relation=relation, attributes={"openable": name in BOXES, "empty": []})


async def act(store: SceneStore, robot: str, op: tuple[Any, ...]) -> None:
    """One operation; what the server refuses is part of the game."""
    name, target, *rest = op
    try:
        if name == "move":
            await store.move(target, rest[0], rest[1], pose=rest[2], source=robot)
        elif name == "grasp":
            await store.grasp(robot, target)
        elif name == "place":
            await store.place(robot, target, rest[0], rest[1], pose=rest[2])
        elif name == "set_states":
            await store.set_states(target, {robot: rest[0]}, source=robot)
        elif name == "set_open":
            await store.set_open(target, rest[0], source=robot)
        elif name == "rewrite":
            node = (await store.snapshot())[target]
            put = node.model_copy(update={"pose": rest[0], "source": robot})
            await store.apply(Change(put=(put,), source=robot), {target: node.version})
        elif name == "remove":
            await store.apply(Change(remove=(target,), source=robot))
        elif name == "add":
            await store.apply(Change(put=(fresh(target, *rest),), source=robot), {target: 0})
        else:
            await store.append("note", {"by": robot}, source=robot)
    except (FleetmindError, KeyError):
        pass  # refused, or gone meanwhile


def check_whole(scene: Scene) -> None:
    """A forest in which everybody holds at most one thing and nothing contains itself."""
    for node in scene:
        assert node.parent is None or node.parent in scene
        assert node.id not in {a.id for a in scene.ancestors(node.id)}
        if node.relation == "held_by":
            assert scene[str(node.parent)].kind == "robot"
    for robot in ROBOTS:
        assert len([n for n in scene.children(robot) if n.relation == "held_by"]) <= 1


class Site4(RuleBasedStateMachine):
    """A site with four writers on connections of their own, and a replica."""

    server: EmbeddedServer
    operations = 0

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.known: dict[int, Scene] = {}
        self.runner.run(self.start())

    async def start(self) -> None:
        name = f"history-{os.getpid()}-{next(NAMES)}"
        self.sites: list[Site] = [await connect_site(self.server.url, name, self.server.token) for _ in range(WRITERS)]
        self.store = self.sites[0][0]
        await self.store.apply(Change(put=first_scene()))
        self.replica = FollowingReplica(self.store)
        await self.replica.start()

    def teardown(self) -> None:
        async def end() -> None:
            await self.replica.stop()
            for store, _ in self.sites:
                await store.close()

        self.runner.run(end())
        self.runner.close()

    @rule(burst=bursts)
    def write(self, burst: list[list[tuple[Any, ...]]]) -> None:
        async def writer(number: int) -> None:
            for op in burst[number]:
                await act(self.sites[number][0], ROBOTS[number], op)

        async def all_at_once() -> None:
            await asyncio.gather(*(writer(i) for i in range(WRITERS)))
            scene = await self.store.snapshot()
            self.known[scene.version] = scene

        self.runner.run(all_at_once())
        Site4.operations += sum(map(len, burst))

    @rule(events=st.integers(64, 400))
    def keep_less(self, events: int) -> None:
        self.runner.run(self.store.retain(Retention(events=events)))

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(sorted(self.known)))
        self.runner.run(self.past(version))

    async def past(self, version: int) -> None:
        oldest, _ = await self.store.base()
        if version < oldest:
            return
        then, now = self.known[version], await self.store.snapshot()
        assert dict((await self.store.at(version)).nodes) == dict(then.nodes)
        assert dict((await self.replica.at(version)).nodes) == dict(then.nodes)
        changed = await self.store.diff(version, now.version)
        for name in {n.id for n in then} | {n.id for n in now}:
            one, two = then.get(name), now.get(name)
            differ = one is None or two is None or one.model_copy(update={"version": two.version}) != two
            found = [c for c in changed.changes if c.node == name]
            assert [(c.before, c.after) for c in found] == ([(one, two)] if differ else [])
            past = await self.store.history(name, limit=1000)
            assert [r.version for r in past] == sorted({r.version for r in past}, reverse=True)
            if one is not None:
                assert one in [r.node for r in past]

    @invariant()
    def the_log_is_the_truth(self) -> None:
        self.runner.run(self.rebuilt())

    async def rebuilt(self) -> None:
        live = await self.store.snapshot()
        oldest, nodes = await self.store.base()
        scene = Scene(nodes.values())
        async for event in between(self.store, oldest, live.version):
            put = event.data.get("put", ()) if event.kind == "scene" else ()
            gone = event.data.get("remove", ()) if event.kind == "scene" else ()
            scene = scene.evolve(map(Node.model_validate, put), gone, version=event.seq)  # type: ignore[arg-type]
        assert dict(scene.nodes) == dict(live.nodes)
        assert dict((await self.replica.wait_for(live.version)).nodes) == dict(live.nodes)
        check_whole(live)
        await self.same_inside(live)

    async def same_inside(self, live: Scene) -> None:
        """What the server keeps beside the nodes says the same as they do."""
        link = self.store.link  # type: ignore[attr-defined]
        for node in live:
            kids = await link.command("SMEMBERS", f"{link.prefix}:kids:{node.id}")
            assert {kid.decode() for kid in kids} == set(live.child_ids(node.id))
        hands = await link.command("HGETALL", f"{link.prefix}:hands")
        held = {robot: n.id for robot in ROBOTS if (n := live.holding(robot)) is not None}
        assert {hands[i].decode(): hands[i + 1].decode() for i in range(0, len(hands), 2)} == held


def play(server: EmbeddedServer, examples: int, steps: int, operations: int) -> None:
    """Run the machine until so many operations were tried; how long one example is, is drawn."""
    Site4.server, Site4.operations = server, 0
    while Site4.operations < operations:
        run_state_machine_as_test(Site4, settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, print_blob=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck)))
        print(f"{Site4.operations} of {operations} operations")


@pytest.fixture
def own_server(tmp_path: Any) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(tmp_path, "history") as server:
        yield server


def test_random_histories(own_server: EmbeddedServer) -> None:
    play(own_server, 12, 16, operations=10_000)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_soak(own_server: EmbeddedServer) -> None:
    """`make soak-memory`: FLEETMIND_SOAK_OPERATIONS of them, 100,000 unless told."""
    play(own_server, 40, 40, operations=int(os.environ.get("FLEETMIND_SOAK_OPERATIONS", "100000")))
