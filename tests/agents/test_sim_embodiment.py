"""The simulated body: the kit, reach and payload, robots in the way, a seat taken over after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.agents.bodies import bodies_of, builtin_bodies, world_body
from fleetmind.agents.building import building_nodes
from fleetmind.agents.conformance import EmbodimentConformance
from fleetmind.agents.driving import Box2, Cell, cell_of, distances, path, stands, turn, yaw_to
from fleetmind.agents.perception import Perception
from fleetmind.agents.sim_embodiment import SimEmbodiment
from fleetmind.memory import Change, FleetmindError, LocalSite, Outcome, SkillCall
from fleetmind.simulators import HouseholdWorld, SceneSpec, Setup, Tokens, WorldClient, WorldError, WorldServer

TOKENS = Tokens(site="site-token-of-the-test", launcher="launcher-token-of-the-test")


@asynccontextmanager
async def world(scene: SceneSpec, *names: str) -> AsyncIterator[tuple[str, WorldClient]]:
    server = WorldServer(HouseholdWorld(), tokens=TOKENS)
    address = f"127.0.0.1:{await server.start()}"
    client = WorldClient(address, token=TOKENS.launcher)
    await client.connect()
    try:
        await client.reset(scene, [world_body(b) for b in bodies_of(names)], seed=0)
        yield address, client
    finally:
        await client.close()
        await server.stop()


class TestScout(EmbodimentConformance):
    harmless: ClassVar[SkillCall | None] = SkillCall(skill="look_around")

    @pytest_asyncio.fixture
    async def body(self) -> AsyncIterator[SimEmbodiment]:
        async with world(SceneSpec(name="Kitchen2"), "scout") as (address, _):
            yield SimEmbodiment(builtin_bodies()["scout"], address, token=TOKENS.site)


class Driver:
    """A body with the scene kept as the fleet service would keep it."""

    def __init__(self, body: SimEmbodiment, perception: Perception) -> None:
        self.body, self.perception = body, perception

    async def do(self, skill: str, **arguments: Any) -> Outcome:
        self.body.scene = self.perception.scene()
        outcome = await self.body.execute(SkillCall(skill=skill, arguments=arguments))
        await self.perception.ingest_or_recover(await self.body.observe())
        return outcome


@asynccontextmanager
async def driving(name: str, scene: SceneSpec, *others: str) -> AsyncIterator[tuple[Driver, str, WorldClient]]:
    async with world(scene, name, *others) as (address, client):
        site = LocalSite()
        everything = (await client.observe_all())["objects"]
        await site.store.apply(Change(put=building_nodes(await client.layout()), source="plan"))
        perception = Perception(site.store)
        await perception.recover()
        body = SimEmbodiment(builtin_bodies()[name], address, token=TOKENS.site)
        await body.connect()
        assert everything
        try:
            yield Driver(body, perception), address, client
        finally:
            await body.disconnect()


LAPTOP = SceneSpec(name="LivingRoom2", setup=(Setup(op="ensure", type="Laptop", at="CoffeeTable"),))


@pytest.mark.parametrize(("name", "code"), [("porter", "succeeded"), ("chef", "unsupported")])
async def test_payload_is_enforced(name: str, code: str) -> None:
    async with driving(name, LAPTOP) as (driver, _, _):
        assert (await driver.do("navigate_to", target="coffeetable-1")).ok
        laptop = driver.perception.scene().of_type("Laptop")[0].id
        assert (await driver.do("navigate_to", target=laptop)).ok
        outcome = await driver.do("pick_up", object=laptop)
        assert outcome.code == code, outcome
        assert code == "succeeded" or "TOO_HEAVY" in outcome.message


async def test_reach_is_enforced() -> None:
    async with driving("chef", SceneSpec(name="Kitchen2")) as (driver, _, _):
        high = next(n for n in driver.perception.scene().of_type("Cabinet") if n.pose is not None and n.pose.z > 1.5)
        assert (await driver.do("navigate_to", target=high.id)).ok
        outcome = await driver.do("open", target=high.id)
        assert outcome.code == "unsupported"
        assert "OUT_OF_REACH" in outcome.message


async def test_a_thing_far_away_must_be_driven_to_first() -> None:
    async with driving("scout", SceneSpec(name="Kitchen2")) as (driver, _, _):
        outcome = await driver.do("open", target="fridge-1")
        assert outcome.ok or outcome.code == "precondition"
        assert (await driver.do("navigate_to", target="no-such-thing")).code == "not_found"


async def test_a_dead_robots_body_is_taken_over_with_what_it_holds() -> None:
    async with driving("porter", LAPTOP) as (driver, address, _):
        await driver.do("navigate_to", target="coffeetable-1")
        laptop = driver.perception.scene().of_type("Laptop")[0].id
        await driver.do("navigate_to", target=laptop)
        await driver.do("pick_up", object=laptop)
        second = SimEmbodiment(builtin_bodies()["porter"], address, token=TOKENS.site)
        with pytest.raises(WorldError, match="WORLD_AGENT"):
            await second.connect()
        await second.disconnect()
        await driver.body.disconnect()
        third = SimEmbodiment(builtin_bodies()["porter"], address, token=TOKENS.site)
        await third.connect()
        assert (await third.observe()).holding == driver.perception.nodes[laptop].attributes["source_id"]
        await third.disconnect()


async def test_a_robot_in_the_way_is_driven_around_and_makes_way() -> None:
    async with driving("porter", SceneSpec(name="Kitchen2"), "scout") as (driver, address, _):
        other = SimEmbodiment(builtin_bodies()["scout"], address, token=TOKENS.site)
        await other.connect()
        other.scene = driver.perception.scene()
        await other.execute(SkillCall(skill="navigate_to", arguments={"target": "fridge-1"}))
        await other.rest()
        before = (await other.observe()).pose
        assert (await driver.do("navigate_to", target="fridge-1")).ok
        await driver.body.rest()  # as an idle robot does: the world's clock waits for who does not park
        await other.make_way("porter")
        after = (await other.observe()).pose
        assert before is not None
        assert after is not None
        assert before.distance_m(after) > 0.5
        await other.disconnect()


def test_unknown_bodies_are_named() -> None:
    with pytest.raises(FleetmindError, match=r"ROBOT_UNKNOWN.*terminator"):
        bodies_of(["terminator"])
    with pytest.raises(FleetmindError, match="ROBOT_TWICE"):
        bodies_of(["duo", "chef"])
    with pytest.raises(FleetmindError, match=r"ROBOT_CONFIG.*payload"):
        bodies_of([{"name": "kim", "like": "chef", "payload_kg": "much"}])


cells = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=2, max_size=60)


@settings(max_examples=150, deadline=None)
@given(cells, st.data())
def test_paths_are_real_and_shortest(free: set[Cell], data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(sorted(free)))
    goal = data.draw(st.sampled_from(sorted(free - {start})))
    found = path(start, {goal}, free)
    reach = distances(start, free)
    if goal not in reach:
        assert found == []
        return
    assert found[-1] == goal
    trail = [start, *found]
    assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 and b in free for a, b in zip(trail, found, strict=False))
    assert len(found) <= 1.5 * reach[goal] + 1, "turns cost a little, never a detour"


@given(st.floats(-720, 720), st.floats(-720, 720))
def test_turns_are_short_and_end_where_wanted(current: float, wanted: float) -> None:
    delta = turn(current, wanted)
    assert -180 <= delta <= 180
    assert abs((current + delta - wanted + 180) % 360 - 180) < 1e-6


def test_directions_are_ai2thors() -> None:
    assert [round(yaw_to(dx, dz)) for dx, dz in ((0, 1), (1, 0), (0, -1), (-1, 0))] == [0, 90, 180, 270]
    assert cell_of(-0.5, 1.26) == (-2, 5)


def test_stands_are_near_and_from_several_sides() -> None:
    free = {(x, z) for x in range(-8, 9) for z in range(-8, 9)} - {(x, z) for x in range(-1, 2) for z in range(-1, 2)}
    found = stands(Box2(x=0.0, z=0.0, half_x=0.25, half_z=0.25), distances((8, 8), free), limit=6)
    assert len(found) == 6
    assert all(Box2(x=0.0, z=0.0, half_x=0.25, half_z=0.25).distance_m(c) <= 0.95 for c in found)


async def test_commands_wait_for_their_answer_only_so_long() -> None:
    async with driving("scout", SceneSpec(name="Kitchen2")) as (driver, _, _):
        outcome = await asyncio.wait_for(driver.do("wait", seconds=3.0), 10)
        assert outcome.ok
