"""What is kept until things change, the arrays that sight looks at and metadata, equals what is made anew."""

from __future__ import annotations

import random

import numpy as np
import pytest

from fleetmind.simulators import Body, HouseholdWorld, SceneSpec
from fleetmind.simulators.household import sight, sight_kernel
from fleetmind.simulators.household.metadata import Records
from fleetmind.simulators.household.visibility import Eyes, Seen, eye_of

SCENES = ["Kitchen3", "Bathroom5", "LivingRoom9", "House4"]


def wander(world: HouseholdWorld, rng: random.Random, steps: int) -> None:
    """Random actions, half of them on something that may be near, forced or not."""
    state = world._ready().state
    for _ in range(steps):
        name = rng.choice(world.agents)
        things = list(state.things.values())
        near = sorted(things, key=lambda t: abs(t.center[0] - state.agents[name].x)
                      + abs(t.center[2] - state.agents[name].z))[:12]
        thing = rng.choice(near if rng.random() < 0.7 else things)
        forced = {"objectId": thing.id, "forceAction": True}
        world.step(name, rng.choice([
            {"action": "MoveAhead"}, {"action": "RotateLeft"}, {"action": "RotateRight"}, {"action": "LookDown"},
            {"action": "LookUp"}, {"action": "OpenObject", **forced}, {"action": "CloseObject", **forced},
            {"action": "PickupObject", **forced}, {"action": "PutObject", **forced},
            {"action": "SliceObject", **forced},
            {"action": "ToggleObjectOn", **forced}, {"action": "ToggleObjectOff", **forced},
            {"action": "BreakObject", **forced}, {"action": "DirtyObject", **forced}, {"action": "DropHandObject"},
            {"action": "ThrowObject"}, {"action": "Pass", "seconds": 120.0}]))


@pytest.fixture(params=SCENES)
def world(request: pytest.FixtureRequest) -> HouseholdWorld:
    made = HouseholdWorld()
    made.reset(SceneSpec(name=request.param), [Body(name="ada"), Body(name="bob")], seed=3)
    return made


def test_nothing_kept_is_stale(world: HouseholdWorld) -> None:
    rng = random.Random(7)
    scene = world._ready()
    for _ in range(40):
        wander(world, rng, 8)
        fresh, records = Eyes(scene.state, reach_m=1.5, sight_m=6.0), Records(scene.state)
        for agent in scene.state.agents.values():
            seen = fresh.look(agent)
            assert scene.eyes.look(agent) == seen
            assert [world._records.of(s, agent) for s in seen] == [records.of(s, agent) for s in seen]
        truth = [records.of(Seen(t, False, False), None) for t in scene.state.things.values()]
        assert world.observe_all()["objects"] == truth


def test_the_compiled_sight_is_the_one_in_numpy(world: HouseholdWorld) -> None:
    rng = random.Random(11)
    scene = world._ready()
    eyes, counts = scene.eyes, np.zeros(4, dtype=int)
    for _ in range(30):
        wander(world, rng, 3)
        for agent in scene.state.agents.values():
            agent.horizon, agent.yaw = rng.uniform(-30, 60), rng.uniform(0, 360)
            eyes.look(agent)
            for within_m in (1.5, 6.0):
                expected = sight.look(eye_of(agent), eyes._things, eyes._boxes, within_m)
                found = sight_kernel.look(eye_of(agent), eyes._things, eyes._boxes, within_m)
                assert found.tolist() == expected.tolist()
                counts += np.bincount(found, minlength=4)
                row = rng.randrange(len(found))
                alone = sight_kernel.look(eye_of(agent), eyes._things, eyes._boxes, within_m, row)
                assert alone[row] == found[row]
                assert alone.sum() == found[row]
                assert sight.look(eye_of(agent), eyes._things, eyes._boxes, within_m, row).tolist() == alone.tolist()
    assert (counts > 0).all()


def test_a_record_belongs_to_its_reader(world: HouseholdWorld) -> None:
    first = world.observe("ada", everything=True).metadata["objects"][0]
    first["objectId"] = "changed"
    assert world.observe("ada", everything=True).metadata["objects"][0]["objectId"] != "changed"
