"""The in-memory and the Redis store agree on random histories, and each one's log replays to its live state."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetmind.memory.conformance.scene import replayed
from fleetmind.memory.conformance.site import Site
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.ledger import Lease, SubtaskRecord, TaskRecord
from fleetmind.memory.local import LocalSite
from fleetmind.memory.model import Model
from fleetmind.memory.robots import Outcome, RobotProfile
from fleetmind.memory.scene import Link, Node, Pose
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change
from fleetmind.memory.valkey import connect_site

Op = tuple[str, Any]
KIND_OF = {"room": "room", "table": "receptacle", "box": "object", "mug": "object", "ann": "robot", "bob": "robot"}
IDS = st.sampled_from(sorted(KIND_OF))
ROBOTS = st.sampled_from(["ann", "bob"])
THINGS = st.sampled_from(["mug", "mug", "box", "table"])
PLACES = st.sampled_from(["in", "inside", "on"])
VALUES = st.one_of(st.booleans(), st.sampled_from(["Hot", "ü\n"]), st.floats(allow_nan=False, allow_infinity=False))
STATES = st.dictionaries(st.sampled_from(["open", "level", "a/b \""]), VALUES, max_size=2)
TURNS = st.one_of(st.just((0.0, 0.0, 0.0, 1.0)), st.sampled_from([(0.0, 0.0, 1.0, 0.0), (0.5, 0.5, 0.5, 0.5),
                                                                  (0.6, 0.0, 0.0, 0.8), (0.0, 0.1, 0.7, 0.7)]))
POSES = st.one_of(st.none(), st.builds(
    lambda x, y, q: Pose(x=x, y=y, qx=q[0], qy=q[1], qz=q[2], qw=q[3]), st.floats(-9, 9), st.floats(-9, 9), TURNS))
TASKS, SUBTASKS = st.sampled_from(["t", "u"]), st.sampled_from(["a", "b", "c", "d"])
RARELY = st.integers(0, 5).map(lambda n: n == 5)
CODES = st.sampled_from(["succeeded", "failed", "lost", "cancelled"])


@st.composite
def nodes(draw: st.DrawFn) -> Node:
    name = draw(IDS)
    parent = draw(st.one_of(st.none(), IDS.filter(lambda other: other != name)))
    relation = draw(st.sampled_from(["in", "inside", "on", "held_by"])) if parent else None
    kind = draw(st.sampled_from(["room"])) if draw(st.integers(0, 20)) == 0 else KIND_OF[name]
    return Node(id=name, kind=kind, type=name.title(), parent=parent, relation=relation, states=draw(STATES),
                pose=draw(POSES),
                attributes=draw(st.sampled_from([{}, {"list": [], "none": None}, {"openable": True, "n": 2**60}])),
                links=draw(st.sampled_from([(), (Link(relation="connects", to="room"),)])),
                box=draw(st.sampled_from([None, (0.1, 0.2, 0.3)])))


@st.composite
def plans(draw: st.DrawFn) -> tuple[str, int, tuple[SubtaskRecord, ...]]:
    task, version = draw(TASKS), draw(st.integers(1, 4))
    names = [f"v{draw(st.integers(version - 1, version))}-{n}" for n in draw(st.sets(SUBTASKS, max_size=4))]
    any_name = st.builds(lambda v, n: f"v{v}-{n}", st.integers(max(1, version - 1), version), SUBTASKS)
    needs = [draw(st.one_of(st.just([]), st.lists(any_name, max_size=2))) for _ in names]
    return task, version, tuple(SubtaskRecord(id=name, task=task, plan_version=version, depends_on=tuple(need))
                                for name, need in zip(names, needs, strict=True))


SCENE_OPS = st.one_of(
    st.tuples(st.just("apply"), st.tuples(
        st.lists(nodes(), max_size=4), st.lists(IDS, max_size=2, unique=True),
        st.dictionaries(IDS, st.integers(0, 12), max_size=1))),
    st.tuples(st.just("move"), st.tuples(IDS, PLACES, IDS, POSES)),
    st.tuples(st.just("grasp"), st.tuples(IDS, IDS)),
    st.tuples(st.just("grasp"), st.tuples(ROBOTS, THINGS)),
    st.tuples(st.just("place"), st.tuples(ROBOTS, THINGS, PLACES, IDS, POSES)),
    st.tuples(st.just("place"), st.tuples(ROBOTS, THINGS, PLACES, st.just("room"), POSES)),
    st.tuples(st.just("set_states"), st.tuples(IDS, STATES, STATES)),
    st.tuples(st.just("set_open"), st.tuples(IDS, st.booleans())),
    st.tuples(st.just("past"), st.tuples(IDS, st.integers(0, 30), st.integers(0, 30))),
    st.tuples(st.just("append"), st.tuples(st.sampled_from(["note", "step", "scene"]), STATES)),
)
WORK_OPS = st.one_of(
    st.tuples(st.just("lease"), st.tuples(st.sampled_from(["one", "two"]), RARELY)),
    st.tuples(st.sampled_from(["renew", "renew", "release"]), st.integers(0, 3)),
    st.tuples(st.just("submit"), st.tuples(TASKS, st.sampled_from(["x", "x", "y"]))),
    st.tuples(st.just("open"), plans()),
    st.tuples(st.just("open"), plans()),
    st.tuples(st.just("claim"), st.tuples(st.integers(0, 3), ROBOTS, st.integers(0, 3))),
    st.tuples(st.just("claim"), st.tuples(st.integers(0, 3), ROBOTS, st.integers(0, 3))),
    st.tuples(st.just("commit"), st.tuples(st.sampled_from([0, 0, 0, 1, 2]), CODES, st.booleans(), RARELY,
                                           st.one_of(st.just([]), st.lists(nodes(), max_size=1)))),
    st.tuples(st.just("commit"), st.tuples(st.just(0), st.just("succeeded"), st.just(False), st.just(False),
                                           st.just([]))),
    st.tuples(st.just("set_task"), st.tuples(TASKS, st.sampled_from(["running", "waiting", "running", "failed"]))),
    st.tuples(st.just("cancel_open"), TASKS),
    st.tuples(st.just("put_robot"), st.tuples(ROBOTS, st.sampled_from(["online", "lost"]))),
    st.tuples(st.just("clear"), st.none()),
)


class Runner:
    """Plays operations on one site and notes what came of each."""

    def __init__(self, site: Site) -> None:
        self.store, self.ledger = site
        self.leases: list[Lease] = []
        self.attempts: list[tuple[str, int]] = []
        self.outcomes: list[object] = []

    async def play(self, ops: list[Op]) -> None:
        for name, args in ops:
            act: Callable[[Any], Awaitable[object]] = getattr(self, name)
            try:
                result = timeless(await act(args))
            except FleetmindError as error:
                result = (error.code, getattr(error, "expected", None), getattr(error, "actual", None))
            self.outcomes.append((name, result))

    async def apply(self, args: Any) -> object:
        put, remove, expected = args
        return await self.store.apply(Change(put=tuple(put), remove=tuple(remove), source="s"), expected)

    async def move(self, args: Any) -> object:
        node, relation, parent, pose = args
        return await self.store.move(node, relation, parent, pose=pose, source="m")

    async def grasp(self, args: Any) -> object:
        return await self.store.grasp(*args)

    async def place(self, args: Any) -> object:
        return await self.store.place(*args[:4], pose=args[4])

    async def set_states(self, args: Any) -> object:
        return await self.store.set_states(args[0], args[1], require=args[2])

    async def set_open(self, args: Any) -> object:
        return await self.store.set_open(*args, source="o")

    async def past(self, args: Any) -> object:
        node, a, b = args
        return [await self.store.history(node), await self.store.where_was(node), await self.store.diff(a, b),
                sorted((await self.store.at(a)).nodes.items())]

    async def append(self, args: Any) -> object:
        return await self.store.append(*args, source="me")

    async def lease(self, args: Any) -> object:
        lease = await self.ledger.lease("dispatcher", args[0], ttl_s=1000, take_over=args[1])
        self.leases.insert(0, lease)
        return lease

    def _lease(self, index: int) -> Lease:
        return self.leases[min(index, len(self.leases) - 1)] if self.leases else Lease(
            name="dispatcher", owner="nobody", fence=9999, ttl_s=1)

    async def renew(self, index: Any) -> object:
        return await self.ledger.renew(self._lease(index))

    async def release(self, index: Any) -> object:
        return await self.ledger.release(self._lease(index))

    async def submit(self, args: Any) -> object:
        return await self.ledger.submit(TaskRecord(id=args[0], instruction=args[1]))

    async def open(self, args: Any) -> object:
        return await self.ledger.open(*args)

    async def claim(self, args: Any) -> object:
        ready = await self.ledger.ready()
        chosen = ready[min(args[0], len(ready) - 1)] if ready else SubtaskRecord(id="ghost", task="t")
        attempt = await self.ledger.claim(chosen.task, chosen.id, args[1], lease=self._lease(max(0, args[2] - 2)))
        self.attempts.insert(0, (attempt.id, attempt.fence))
        return attempt

    async def commit(self, args: Any) -> object:
        index, code, retry, wrong, put = args
        name, fence = self.attempts[min(index, len(self.attempts) - 1)] if self.attempts else ("t/a/1", 1)
        change = Change(put=tuple(put)) if put else None
        return await self.ledger.commit(name, fence + wrong, Outcome(code=code), retry=retry, change=change)

    async def set_task(self, args: Any) -> object:
        return await self.ledger.set_task(args[0], args[1], reason="r")

    async def cancel_open(self, task: Any) -> object:
        return await self.ledger.cancel_open(task)

    async def put_robot(self, args: Any) -> object:
        return await self.ledger.put_robot(RobotProfile(name=args[0], skills=()), state=args[1])

    async def clear(self, _: Any) -> object:
        return await self.ledger.clear()

    async def everything(self) -> object:
        """All that can be read."""
        tasks = await self.ledger.tasks()
        newest = (await self.store.snapshot()).version
        first = newest
        while first > 0:
            try:
                await self.store.events(first - 1, limit=1)
            except FleetmindError:
                break
            first -= 1
        return timeless([
            dict((await self.store.snapshot()).nodes), tasks, await self.ledger.ready(), await self.ledger.robots(),
            [await self.ledger.subtasks(t.id) for t in tasks], [await self.ledger.attempts(t.id) for t in tasks],
            await self.store.events(first, limit=10_000)])


def timeless(value: object) -> object:
    """The value as plain data without the times, which two stores cannot share."""
    if isinstance(value, Model):
        return timeless(value.model_dump())
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in TIMES}
    if isinstance(value, list | tuple):
        return [timeless(v) for v in value]
    return value


async def agree(server: EmbeddedServer, name: str, ops: list[Op]) -> None:
    """Play the operations on both; they must not differ in anything."""
    local_site = LocalSite()
    local = Runner((local_site.store, local_site.ledger))
    store, ledger = await connect_site(server.url, name, server.token)
    remote = Runner((store, ledger))
    try:
        await ledger.clear()  # hypothesis plays many examples on one site name
    except FleetmindError:
        raise AssertionError("a site is used twice") from None
    await local.ledger.clear()
    await local.play(ops)
    await remote.play(ops)
    assert local.outcomes == remote.outcomes
    assert await local.everything() == await remote.everything()
    for store_ in (local.store, remote.store):
        live = await store_.snapshot()
        assert dict((await store_.at(live.version)).nodes) == dict(live.nodes)
    await store.close()


TIMES = {"time_s", "created_s", "updated_s", "claimed_s", "ended_s", "from_s", "until_s"}


class Names:
    """A new site for every example."""

    count = 0

    @classmethod
    def next(cls) -> str:
        cls.count += 1
        return f"agree-{cls.count}"


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
PLAN = tuple(SubtaskRecord(id=f"v1-{name}", task="t", depends_on=tuple(f"v1-{n}" for n in needs))
             for name, needs in (("a", ""), ("b", "a"), ("c", ""), ("d", "bc")))
START: list[Op] = [("apply", ([Node(id=i, kind=k, type="T") for i, k in KIND_OF.items()], [], {})),
                   ("lease", ("one", False)), ("submit", ("t", "x")),
                   ("open", ("t", 1, PLAN))]


@QUICK
@given(ops=st.lists(SCENE_OPS, max_size=40))
def test_scene_histories_agree(server: EmbeddedServer, ops: list[Op]) -> None:
    asyncio.run(agree(server, Names.next(), START + ops))


@QUICK
@given(ops=st.lists(WORK_OPS, max_size=40))
def test_work_histories_agree(server: EmbeddedServer, ops: list[Op]) -> None:
    asyncio.run(agree(server, Names.next(), START + ops))


async def test_replay_from_the_first_event(remote: Site) -> None:
    store, _ = remote
    await store.apply(Change(put=(Node(id="a", kind="room", type="R"),)))
    await store.set_states("a", {"x": 1.0})
    assert await replayed(store) == dict((await store.snapshot()).nodes)
