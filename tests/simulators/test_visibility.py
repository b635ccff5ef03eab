"""What agents can see."""

from __future__ import annotations

import pytest

from fleetmind.simulators import Setup
from tests.simulators.hands import ADA, Home


def seen(home: Home) -> set[str]:
    return {o["objectId"] for o in home.world.observe(ADA).metadata["objects"]}


def test_a_closed_drawer_hides_and_an_open_one_shows() -> None:
    home = Home("Kitchen3", Setup(op="ensure", type="Mug", at="Drawer"))
    mug = next(t for t in home.things.values() if t.type == "Mug" and t.parent and t.parent.type == "Drawer")
    drawer = mug.parent
    assert drawer is not None
    for pose in home.ok("GetInteractablePoses", objectId=drawer.id, horizons=[30.0, 60.0]).value:
        home.do("TeleportFull", **pose)
        assert mug.id not in seen(home)
    assert home.ok("GetInteractablePoses", objectId=mug.id).value == []
    home.ok("OpenObject", drawer)
    home.go(mug)
    assert mug.id in seen(home)
    home.ok("PickupObject", mug, force=False)


def test_walls_hide() -> None:
    home = Home("House3")
    state = home.world._ready().state
    kitchen, other = state.rooms[0], state.rooms[1]
    sink = home.one("Sink")
    assert sink.room == kitchen.id
    spots = [p for p in home.ok("GetReachablePositions").value if other.x1 - 1.0 < p["x"] < other.x1
             and other.z0 < p["z"] < other.z1]
    home.ok("Teleport", position=spots[0], forceAction=True)
    for yaw in (0, 90, 180, 270):
        home.ok("Teleport", rotation=float(yaw))
        rooms = {o["room"] for o in home.world.observe(ADA).metadata["objects"] if o["objectType"] == "Cabinet"}
        assert other.id not in rooms or other.type != "Kitchen"
        assert sink.id not in seen(home)


def test_only_ahead() -> None:
    home = Home("Kitchen1")
    fridge = home.one("Fridge")
    pose = home.go(fridge)
    assert fridge.id in seen(home)
    home.ok("Teleport", rotation=(pose["rotation"] + 180) % 360)
    assert fridge.id not in seen(home)


def test_everything_that_can_be_used_can_be_seen_from_somewhere() -> None:
    home = Home("Kitchen4")
    for thing in home.things.values():
        closed = [a for a in thing.ancestors() if a.kind.openable and not a.is_open]
        for holder in closed:
            home.ok("OpenObject", holder)
        if thing.kind.pickupable or thing.kind.openable or thing.kind.toggleable:
            assert home.ok("GetInteractablePoses", objectId=thing.id, maxPoses=1).value, thing.id
        for holder in closed:
            home.ok("CloseObject", holder)


@pytest.mark.parametrize("sight_m", [1.5, 6.0])
def test_sight_and_reach_are_told_apart(sight_m: float) -> None:
    from fleetmind.simulators import Body, HouseholdWorld, SceneSpec
    world = HouseholdWorld(sight_m=sight_m)
    world.reset(SceneSpec(name="Kitchen1"), [Body(name=ADA)])
    far = 0
    for yaw in (0.0, 90.0, 180.0, 270.0):
        world.step(ADA, {"action": "Teleport", "rotation": yaw})
        objects = world.observe(ADA).metadata["objects"]
        far += sum(not o["isInteractable"] for o in objects)
    assert (far > 0) == (sight_m > 1.5)
