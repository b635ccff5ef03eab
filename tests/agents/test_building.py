"""The building plan as a scene graph."""

from __future__ import annotations

import itertools

import pytest

from fleetmind.agents.building import building_nodes
from fleetmind.memory import Scene, path
from fleetmind.simulators.household.world import HouseholdWorld
from fleetmind.simulators.world import SceneSpec


@pytest.mark.parametrize("number", [1, 2, 5])
def test_rooms_of_a_house_connect(number: int) -> None:
    world = HouseholdWorld()
    world.reset(SceneSpec(name=f"House{number}"), [])
    scene = Scene(building_nodes(world.layout()))
    rooms = [room.id for room in scene.of_kind("room")]
    assert len(rooms) > 1
    assert all(path(scene, a, b) for a, b in itertools.combinations(rooms, 2))
    steps = [b.id in {link.to for link in a.links} | set(scene.linked_from(a.id, "connects"))
             for a, b in itertools.pairwise(path(scene, rooms[0], rooms[-1]))]
    assert steps
    assert all(steps)
    world.close()
