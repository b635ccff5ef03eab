"""Every action: what it does, and AI2-THOR's words when it cannot."""

from __future__ import annotations

import math

import pytest

from fleetmind.simulators import Body, HouseholdWorld, SceneSpec, Setup
from tests.simulators.hands import ADA, Home


@pytest.fixture
def home() -> Home:
    return Home("Kitchen1", Setup(op="ensure", type="Mug", count=2, at="DiningTable"),
                Setup(op="ensure", type="Apple", at="DiningTable"))


class TestPickup:
    def test_takes_and_returns_the_id(self, home: Home) -> None:
        apple = home.one("Apple")
        assert home.ok("PickupObject", apple).value == apple.id
        meta = home.meta(apple)
        assert meta["isPickedUp"]
        assert meta["parentReceptacles"] is None
        assert home.world.observe(ADA).metadata["inventoryObjects"] == [{"objectId": apple.id, "objectType": "Apple"}]

    def test_held_things_move_with_the_agent(self, home: Home) -> None:
        apple = home.one("Apple")
        home.ok("PickupObject", apple)
        before = apple.center
        home.ok("RotateRight")
        assert math.dist(before, apple.center) > 0.3

    def test_what_is_in_it_comes_along(self, home: Home) -> None:
        pot, apple = home.one("Pot"), home.one("Apple")
        home.move(apple, pot)
        home.ok("PickupObject", pot)
        assert math.dist(apple.center, pot.center) < 0.3
        table = home.one("DiningTable")
        home.ok("PutObject", table)
        assert home.meta(apple)["parentReceptacles"] == [pot.id, table.id]

    def test_refusals(self, home: Home) -> None:
        mug, apple, fridge = home.one("Mug"), home.one("Apple"), home.one("Fridge")
        assert home.do("PickupObject", fridge).error == f"{fridge.id} must have the property CanPickup to be picked up."
        home.ok("PickupObject", mug)
        assert home.do("PickupObject", apple).error == (
            "Agent hand has something in it already! Can't pick up anything else")
        assert home.do("PickupObject", objectId="Mug").error == "Object ID appears to be invalid."
        gone = "Mug|+09.00|+09.00|+09.00"
        assert home.do("PickupObject", objectId=gone).error == f"object not found: {gone}"

    def test_must_be_near_in_view_and_not_hidden(self, home: Home) -> None:
        apple = home.one("Apple")
        pose = home.go(apple)
        assert home.meta(apple)
        home.ok("Teleport", rotation=(pose["rotation"] + 180) % 360)
        assert home.do("PickupObject", apple, force=False).error == (
            "Target object not found within the specified visibility.")
        home.ok("Teleport", rotation=pose["rotation"])
        home.ok("PickupObject", apple, force=False)

    def test_far_things_are_too_far(self, home: Home) -> None:
        apple = home.one("Apple")
        x, _, z = apple.center
        spots = home.ok("GetReachablePositions").value
        far = max(spots, key=lambda p: (p["x"] - x) ** 2 + (p["z"] - z) ** 2)
        home.ok("Teleport", position=far)
        assert home.do("PickupObject", apple, force=False).error == f"{apple.id} is too far away to be interacted with"

    def test_what_another_holds_cannot_be_taken(self, home: Home) -> None:
        apple = home.one("Apple")
        home.world.step("bob", {"action": "PickupObject", "objectId": apple.id, "forceAction": True})
        assert "is not interactable" in home.do("PickupObject", apple).error


class TestPut:
    def test_refusals(self, home: Home) -> None:
        mug, table, fridge = home.one("Mug"), home.one("DiningTable"), home.one("Fridge")
        assert home.do("PutObject", table).error == "Can't place an object if Agent isn't holding anything"
        home.ok("PickupObject", mug)
        switch = home.one("LightSwitch")
        assert home.do("PutObject", switch).error == "This target object is NOT a receptacle!"
        assert home.do("PutObject", fridge).error == (
            "Target openable Receptacle is CLOSED, can't place if target is not open!")
        toaster = home.one("Toaster")
        assert home.do("PutObject", toaster).error == (
            f"{mug.name} is not a valid Object Type to be placed in {toaster.name}")
        assert home.do("PutObject", mug).error == "No valid Receptacle found"

    def test_placement_restrictions_are_skipped_by_force(self, home: Home) -> None:
        bread, plate = home.one("Bread"), home.one("Sink")
        home.ok("PickupObject", bread)
        home.go(plate)
        assert home.do("PutObject", plate, force=False).error == f"{bread.name} cannot be placed in {plate.name}"
        home.ok("PutObject", plate)

    def test_slots_fill_up(self, home: Home) -> None:
        machine = home.one("CoffeeMachine")
        first, second = [t for t in home.things.values() if t.type == "Mug"][:2]
        home.move(first, machine)
        home.ok("PickupObject", second)
        assert home.do("PutObject", machine).error == f"{machine.name} is full right now"

    def test_a_burner_takes_one_pan(self, home: Home) -> None:
        burner = next(t for t in home.things.values() if t.type == "StoveBurner" and not t.children)
        pan, pot = home.one("Pan"), home.one("Pot")
        home.move(pan, burner)
        home.ok("PickupObject", pot)
        assert home.do("PutObject", burner).error == (
            "another object's collision is blocking held object from being placed")

    def test_a_drawer_that_is_full_has_no_valid_position(self) -> None:
        home = Home("Kitchen1", Setup(op="remove", type="Spoon"), Setup(op="ensure", type="Spoon", count=20))
        drawer = home.one("Drawer")
        home.ok("OpenObject", drawer)
        last = ""
        for spoon in [t for t in home.things.values() if t.type == "Spoon" and t.parent is not drawer]:
            home.ok("PickupObject", spoon)
            last = home.do("PutObject", drawer).error
            if last:
                break
        assert last == "No valid positions to place object found"
        for i, a in enumerate(drawer.children):
            for b in drawer.children[:i]:
                assert a.hi[0] <= b.lo[0] or b.hi[0] <= a.lo[0] or a.hi[2] <= b.lo[2] or b.hi[2] <= a.lo[2]

    def test_a_spoon_stands_in_a_mug_and_lies_elsewhere(self, home: Home) -> None:
        spoon, mug, table = home.one("Spoon"), home.one("Mug"), home.one("DiningTable")
        home.move(spoon, mug)
        assert spoon.upright
        assert spoon.size[1] == pytest.approx(0.2)
        home.move(spoon, table)
        assert not spoon.upright
        assert spoon.size[1] < 0.05

    def test_near_the_agent_unless_forced(self, home: Home) -> None:
        mug, table = home.one("Mug"), home.one("DiningTable")
        home.ok("PickupObject", mug)
        home.go(table)
        home.ok("PutObject", table, force=False)
        agent = home.world.observe(ADA).metadata["agent"]["position"]
        assert math.dist((agent["x"], agent["z"]), (mug.center[0], mug.center[2])) < 1.95

    def test_sink_means_its_basin(self, home: Home) -> None:
        mug, sink = home.one("Mug"), home.one("Sink")
        home.move(mug, sink)
        assert home.meta(mug)["parentReceptacles"] == [f"{sink.id}|SinkBasin", sink.id]
        assert mug.id in home.meta(sink)["receptacleObjectIds"]


class TestDropAndThrow:
    def test_dropping_a_glass_breaks_it(self, home: Home) -> None:
        mug = home.one("Mug")
        assert home.do("DropHandObject").error == "Nothing is in the agent's hand to drop!"
        home.ok("PickupObject", mug)
        landed = home.ok("DropHandObject").value
        assert landed["y"] == pytest.approx(mug.origin[1])
        assert mug.broken == (mug.parent is home.one("Floor"))

    def test_dropping_an_egg_cracks_it(self, home: Home) -> None:
        egg = home.one("Egg")
        home.ok("PickupObject", egg)
        home.ok("ThrowObject", moveMagnitude=50.0)
        assert egg.sliced
        assert home.one("EggCracked").id == f"{egg.id}|EggCracked_0"
        assert home.do("ThrowObject").error == "Nothing in Hand to Throw!"

    def test_a_box_on_the_floor_is_in_the_way_until_lifted(self) -> None:
        home = Home("LivingRoom1", Setup(op="ensure", type="Box", at="Floor"))
        box = home.one("Box")
        assert box.footprint is not None
        x, z = box.center[0], box.center[2]
        assert "Collided with: Box" in home.do("Teleport", x=x, z=z).error
        home.ok("PickupObject", box)
        assert box.footprint is None


class TestOpenAndToggle:
    def test_open_close(self, home: Home) -> None:
        fridge, table = home.one("Fridge"), home.one("DiningTable")
        home.ok("OpenObject", fridge, openness=0.5)
        assert home.meta(fridge)["isOpen"]
        assert home.meta(fridge)["openness"] == 0.5
        home.ok("CloseObject", fridge)
        assert not home.meta(fridge)["isOpen"]
        assert home.do("OpenObject", fridge, openness=1.5).error == "openness must be in [0:1]"
        assert home.do("OpenObject", table).error == f"{table.id} is not an Openable object"

    def test_a_drawer_slides_out_with_what_it_holds(self, home: Home) -> None:
        drawer, spoon = home.one("Drawer"), home.one("Spoon")
        home.move(spoon, drawer)
        inside, low = spoon.center, drawer.lo
        home.ok("CloseObject", drawer)
        assert math.dist(inside, spoon.center) > 0.2
        home.ok("OpenObject", drawer)
        assert spoon.center == pytest.approx(inside)
        assert drawer.lo == pytest.approx(low)

    def test_an_open_door_changes_the_bounding_box(self, home: Home) -> None:
        fridge = home.one("Fridge")
        closed = home.meta(fridge)["axisAlignedBoundingBox"]["size"]
        home.ok("OpenObject", fridge)
        assert home.meta(fridge)["axisAlignedBoundingBox"]["size"] != closed

    def test_microwave_interlocks(self, home: Home) -> None:
        microwave = home.one("Microwave")
        home.ok("OpenObject", microwave)
        assert home.do("ToggleObjectOn", microwave).error == "Target must be closed to Toggle On!"
        home.ok("CloseObject", microwave)
        home.ok("ToggleObjectOn", microwave)
        assert home.do("OpenObject", microwave).error == "Target must be OFF to open!"
        assert home.do("ToggleObjectOn", microwave).error == "can't toggle object on if it's already on!"
        home.ok("ToggleObjectOff", microwave)
        assert home.do("ToggleObjectOff", microwave).error == "can't toggle object off if it's already off!"

    def test_a_knob_lights_its_burner(self, home: Home) -> None:
        knob = home.one("StoveKnob")
        burner = knob.controls[0]
        assert home.do("ToggleObjectOn", burner).error == (
            "target object is controlled by another sim object. target object cannot be turned on/off directly")
        home.ok("ToggleObjectOn", knob)
        assert home.meta(burner)["isToggled"]
        assert home.meta(knob)["controlledObjects"] == [burner.id]
        assert home.do("ToggleObjectOn", home.one("Apple")).error == "object is not toggleable."

    def test_broken_things_do_not_run(self) -> None:
        home = Home("LivingRoom1")
        television = home.one("Television")
        home.ok("BreakObject", television)
        assert home.do("ToggleObjectOn", television).error == "Target is broken and cannot be Toggled On!"


class TestChanges:
    def test_slicing_replaces_the_whole(self, home: Home) -> None:
        apple = home.one("Apple")
        pieces = home.ok("SliceObject", apple).value
        assert pieces[0] == f"{apple.id}|AppleSliced_0"
        assert all(home.things[p].parent is home.one("DiningTable") for p in pieces)
        assert home.do("PickupObject", apple).error == f"object not found: {apple.id}"
        assert home.meta(apple)["isSliced"]
        assert home.do("SliceObject", home.one("Mug")).error.endswith("Does not have the CanBeSliced property!")
        tomato = home.one("Tomato")
        home.ok("PickupObject", tomato)
        assert home.do("SliceObject", tomato).error == "target object cannot be sliced if it is in the agent's hand"

    def test_a_cooked_potato_gives_cooked_slices(self, home: Home) -> None:
        potato = home.one("Potato")
        home.ok("CookObject", potato)
        assert home.do("CookObject", potato).error == f"{potato.id} is already Toasted!"
        pieces = home.ok("SliceObject", potato).value
        assert all(home.things[p].cooked for p in pieces)
        assert home.do("CookObject", home.one("Mug")).error == "target object is not cookable"

    def test_dirt(self, home: Home) -> None:
        mug, fork = home.one("Mug"), home.one("Fork")
        mug.dirty = False
        assert home.do("CleanObject", mug).error == f"{mug.name} is already Clean!"
        home.ok("DirtyObject", mug)
        assert home.do("DirtyObject", mug).error == f"{mug.name} is already dirty!"
        home.ok("CleanObject", mug)
        assert home.do("DirtyObject", fork).error == f"{fork.name} does not have CanBeDirty property!"
        assert home.do("CleanObject", fork).error == f"{fork.name} does not have dirtyable property!"

    def test_liquids(self, home: Home) -> None:
        mug, fork = home.one("Mug"), home.one("Fork")
        assert home.do("FillObjectWithLiquid", mug).error == "Missing Liquid string for FillObject action"
        assert home.do("FillObjectWithLiquid", mug, fillLiquid="lava").error == "lava is not a valid Liquid Type"
        home.ok("FillObjectWithLiquid", mug, fillLiquid="wine")
        assert home.meta(mug)["fillLiquid"] == "wine"
        assert home.do("FillObjectWithLiquid", mug, fillLiquid="water").error == f"{mug.name} is already Filled!"
        home.ok("EmptyLiquidFromObject", mug)
        assert home.do("EmptyLiquidFromObject", mug).error == "object already empty"
        assert home.do("EmptyLiquidFromObject", fork).error == f"{fork.name} does not have CanBeFilled property!"

    def test_breaking_and_using_up(self, home: Home) -> None:
        mug, soap = home.one("Mug"), home.one("SoapBottle")
        home.ok("BreakObject", mug)
        assert home.meta(mug)["isBroken"]
        assert home.do("BreakObject", soap).error == f"{soap.name} does not have the CanBreak property!!"
        home.ok("UseUpObject", soap)
        assert home.do("UseUpObject", soap).error == "object already used up!"
        assert home.do("UseUpObject", mug).error == f"{mug.name} does not have CanBeUsedUp property!"


class TestNavigation:
    def test_bad_numbers(self, home: Home) -> None:
        assert home.do("MoveAhead", moveMagnitude=-1.0).error == "moveMagnitude must be > 0"
        assert home.do("TeleportFull", rotation=0.0, horizon=80.0, standing=True).error == (
            "Each horizon must be in [-30:60]. You gave 80.")
        assert "No agents currently can change in pitch or roll." in home.do("Teleport", rotation={"x": 5.0}).error
        assert "out of scene bounds!" in home.do("Teleport", x=99.0).error

    def test_agents_block_each_other(self, home: Home) -> None:
        _face_each_other(home.world)
        result = home.do("MoveAhead", moveMagnitude=0.5)
        assert result.error.startswith("Agent 1 is blocking Agent 0 from moving by (")
        others = home.world.observe(ADA).metadata["otherAgents"]
        assert [(o["name"], o["agentId"]) for o in others] == [("bob", 1)]
        assert home.do("MoveAhead", moveMagnitude=0.5, allowAgentsToIntersect=True).success

    def test_a_world_can_let_agents_through(self) -> None:
        world = HouseholdWorld(allow_agents_to_intersect=True)
        world.reset(SceneSpec(name="Kitchen1"), [Body(name=ADA), Body(name="bob")])
        _face_each_other(world)
        assert world.step(ADA, {"action": "MoveAhead", "moveMagnitude": 0.5}).success

    def test_poses_can_be_narrowed(self, home: Home) -> None:
        fridge = home.one("Fridge")
        everywhere = home.ok("GetInteractablePoses", objectId=fridge.id).value
        behind = home.ok("GetInteractablePoses", objectId=fridge.id, rotations=[fridge.yaw]).value
        assert len(everywhere) > 20
        assert len(behind) < len(everywhere) / 4
        assert len(home.ok("GetInteractablePoses", objectId=fridge.id, maxPoses=3).value) == 3
        farther = home.ok("GetInteractablePoses", objectId=fridge.id, maxDistance=3.0).value
        assert len(farther) > len(everywhere)

    def test_waiting_takes_the_time_asked_for(self, home: Home) -> None:
        assert home.ok("Pass", seconds=7.5).duration_s == 7.5
        assert home.ok("Pass").duration_s > 0
        assert home.ok("Pass", seconds=0).duration_s == 0


def _face_each_other(world: HouseholdWorld) -> None:
    """Put bob half a metre before ada."""
    spots = {(p["x"], p["z"]) for p in world.step(ADA, {"action": "GetReachablePositions"}).value}
    for x, z in sorted(spots):
        if {(x + 0.25, z), (x + 0.5, z), (x + 0.75, z)} <= spots:
            world.step("bob", {"action": "Teleport", "x": x + 0.5, "z": z, "forceAction": True})
            world.step(ADA, {"action": "Teleport", "x": x, "z": z, "rotation": 90, "forceAction": True})
            return
    raise AssertionError("no straight metre in this scene")
