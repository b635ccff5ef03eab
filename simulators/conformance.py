"""The conformance kit of `World`: subclass `WorldConformance` in a test module and give it a world.

    class TestMyWorld(WorldConformance):
        @pytest.fixture
        def make_world(self) -> Callable[[], World]:
            return MyWorld
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.goal import Condition, Goal, Select
from fleetmind.simulators.world import Body, SceneSpec, World

OBJECT_KEYS = frozenset({
    "name", "position", "rotation", "visible", "isInteractable", "receptacle", "toggleable", "isToggled",
    "breakable", "isBroken", "canFillWithLiquid", "isFilledWithLiquid", "fillLiquid", "dirtyable", "isDirty",
    "canBeUsedUp", "isUsedUp", "cookable", "isCooked", "temperature", "isHeatSource", "isColdSource", "sliceable",
    "isSliced", "openable", "isOpen", "openness", "pickupable", "isPickedUp", "moveable", "mass",
    "salientMaterials", "receptacleObjectIds", "distance", "objectType", "objectId", "assetId",
    "parentReceptacles", "controlledObjects", "isMoving", "axisAlignedBoundingBox", "objectOrientedBoundingBox"})
"""AI2-THOR 5.0.0's keys of an object."""
WALK = ("MoveAhead", "MoveBack", "MoveLeft", "MoveRight", "RotateLeft", "RotateRight", "LookDown", "LookUp")


def view(world: World) -> str:
    """Everything about a world as text, to compare."""
    return json.dumps(world.observe_all(), sort_keys=True)


class WorldConformance:
    """What every world must do. Override `make_world`, and `scene` where the world has other names."""

    scene = SceneSpec(name="Kitchen1")
    """A scene with a fridge, at least two mugs or apples, and room for three."""
    bodies = (Body(name="ada"), Body(name="bob", speed_mps=1.0), Body(name="eve", radius_m=0.25))

    @pytest.fixture
    def make_world(self) -> Callable[[], World]:
        """A function that makes a world that has not been reset."""
        raise NotImplementedError("override make_world in your subclass")

    @pytest.fixture
    def world(self, make_world: Callable[[], World]) -> Iterator[World]:
        """A world after reset, closed at the end."""
        made = make_world()
        made.reset(self.scene, self.bodies, seed=3)
        yield made
        made.close()

    def test_calls_before_reset_and_after_close_are_refused(self, make_world: Callable[[], World]) -> None:
        world = make_world()
        with pytest.raises(WorldError) as caught:
            world.layout()
        assert caught.value.code == "WORLD_STATE"
        world.reset(self.scene, self.bodies)
        world.close()
        with pytest.raises(WorldError) as caught:
            world.observe("ada")
        assert caught.value.code == "WORLD_STATE"

    def test_a_scene_that_is_not_one_is_refused_and_changes_nothing(self, world: World) -> None:
        before = view(world)
        with pytest.raises(WorldError) as caught:
            world.reset(SceneSpec(name="Nowhere99"), self.bodies)
        assert caught.value.code == "WORLD_SCENE"
        assert "'Nowhere99'" in caught.value.message
        assert view(world) == before

    def test_agents_are_known_by_name(self, world: World) -> None:
        with pytest.raises(WorldError) as caught:
            world.step("mallory", {"action": "Pass"})
        assert caught.value.code == "WORLD_AGENT"
        with pytest.raises(WorldError) as caught:
            world.reset(self.scene, (Body(name="ada"), Body(name="ada")))
        assert caught.value.code == "WORLD_AGENT"

    def test_agents_start_apart(self, world: World) -> None:
        at = [(a["position"]["x"], a["position"]["z"]) for a in world.observe_all()["agents"]]
        gaps = [((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for i, a in enumerate(at) for b in at[:i]]
        assert len(at) == 3
        assert min(gaps) >= 0.45

    def test_same_arguments_same_world(self, make_world: Callable[[], World]) -> None:
        views = []
        for seed in (3, 3, 4):
            world = make_world()
            world.reset(self.scene, self.bodies, seed=seed)
            views.append(view(world))
        assert views[0] == views[1]
        assert views[0] != views[2]

    def test_same_actions_same_states(self, make_world: Callable[[], World]) -> None:
        histories = []
        for _ in range(2):
            world = make_world()
            world.reset(self.scene, self.bodies, seed=3)
            rng = random.Random(8)
            results = [world.step(rng.choice(self.bodies).name, {"action": rng.choice(WALK)}) for _ in range(60)]
            results.append(world.step("ada", {"action": "GetReachablePositions"}))
            histories.append((repr(results), view(world), repr(world.observe("bob").metadata)))
        assert histories[0] == histories[1]

    def test_an_agent_is_told_only_what_it_sees(self, world: World) -> None:
        seen = world.observe("ada").metadata["objects"]
        everything = world.observe("ada", everything=True).metadata["objects"]
        assert 0 < len(seen) < len(everything)
        assert all(o["visible"] for o in seen)
        assert {o["objectId"] for o in seen} == {o["objectId"] for o in everything if o["visible"]}
        assert all(o["objectId"] and OBJECT_KEYS | {"room"} == o.keys() for o in everything)

    def test_metadata_are_plain_finite_json(self, world: World) -> None:
        json.dumps(world.observe("ada", everything=True).metadata, allow_nan=False)
        json.dumps(world.layout(), allow_nan=False)

    def test_the_layout_shows_rooms_and_nothing_that_moves(self, world: World) -> None:
        layout = world.layout()
        assert layout["rooms"]
        assert {r for door in layout["doors"] for r in door} <= {r["id"] for r in layout["rooms"]}
        assert len(layout["bounds"]) == 4
        assert not [o["objectId"] for o in layout["objects"] if o["pickupable"]]
        assert {"Fridge", "Cabinet", "LightSwitch"} <= {o["objectType"] for o in layout["objects"]}
        assert {o["room"] for o in layout["objects"]} <= {r["id"] for r in layout["rooms"]}

    def test_malformed_actions_are_answered_and_change_nothing(self, world: World) -> None:
        before = _stateful(world)
        for action, code in (
            ({"action": "Fly"}, "InvalidAction"), ({}, "InvalidAction"), ({"action": 7}, "InvalidAction"),
            ({"action": "PickupObject"}, "MissingArguments"),
            ({"action": "MoveAhead", "speed": 3}, "InvalidArgument"),
            ({"action": "MoveAhead", "moveMagnitude": "far"}, "InvalidArgument"),
            ({"action": "MoveAhead", "moveMagnitude": float("nan")}, "InvalidArgument"),
        ):
            result = world.step("ada", action)
            assert not result.success
            assert result.error_code == code
            assert result.error
        assert _stateful(world) == before

    def test_turning_and_looking(self, world: World) -> None:
        start = world.observe("ada").metadata["agent"]
        assert world.step("ada", {"action": "RotateRight"}).success
        assert world.step("ada", {"action": "LookDown"}).success
        after = world.observe("ada").metadata["agent"]
        assert after["rotation"]["y"] == pytest.approx((start["rotation"]["y"] + 90) % 360)
        assert after["cameraHorizon"] == pytest.approx(30)
        assert world.step("ada", {"action": "LookDown"}).success
        assert not world.step("ada", {"action": "LookDown"}).success
        assert world.observe("ada").metadata["agent"]["cameraHorizon"] == pytest.approx(60)

    def test_driving_goes_where_reachable_positions_say(self, world: World) -> None:
        reachable = {(round(p["x"], 2), round(p["z"], 2))
                     for p in world.step("ada", {"action": "GetReachablePositions"}).value}
        rng = random.Random(1)
        for _ in range(80):
            world.step("ada", {"action": rng.choice(WALK)})
            at = world.observe("ada").metadata["agent"]["position"]
            assert (round(at["x"], 2), round(at["z"], 2)) in reachable

    def test_something_ends_every_straight_drive(self, world: World) -> None:
        for _ in range(200):
            result = world.step("ada", {"action": "MoveAhead"})
            if not result.success:
                assert "blocking Agent 0 from moving by (" in result.error or "Scene bounds" in result.error
                return
        pytest.fail("drove 50 m straight through a room")

    def test_time_passes_by_duration_or_by_the_caller(self, world: World) -> None:
        turn = world.step("ada", {"action": "RotateLeft"})
        assert turn.duration_s > 0
        assert turn.time_s == pytest.approx(turn.duration_s)
        fast = world.step("bob", {"action": "RotateLeft"})
        assert fast.duration_s == pytest.approx(turn.duration_s / 2)
        later = world.step("ada", {"action": "RotateLeft"}, at_s=50.0)
        assert later.time_s == pytest.approx(50.0 + later.duration_s)
        assert world.observe_all()["time_s"] == pytest.approx(50.0)

    def test_questions_take_no_time(self, world: World) -> None:
        fridge = next(o for o in world.layout()["objects"] if o["objectType"] == "Fridge")
        for action in ({"action": "GetReachablePositions"}, {"action": "Done"},
                       {"action": "GetInteractablePoses", "objectId": fridge["objectId"]}):
            result = world.step("ada", action)
            assert result.success
            assert result.duration_s == 0
        assert world.observe_all()["time_s"] == 0

    def test_carrying_a_thing_from_one_place_to_another(self, world: World) -> None:
        objects = world.observe("ada", everything=True).metadata["objects"]
        thing = next(o for o in objects if o["objectType"] in ("Apple", "Tomato", "Potato", "Bread"))
        fridge = next(o for o in objects if o["objectType"] == "Fridge")
        for action, target in (("OpenObject", fridge), ("PickupObject", thing), ("PutObject", fridge)):
            result = world.step("ada", {"action": action, "objectId": target["objectId"], "forceAction": True})
            assert result.success, result.error
        goal = Goal(conditions=(Condition(
            select=Select(types=(thing["objectType"],)), at=Select(types=("Fridge",)), states={"temperature": "Cold"},
            count=1),))
        assert world.check(goal).holds

    def test_a_goal_that_does_not_hold_says_why(self, world: World) -> None:
        report = world.check(Goal(conditions=(Condition(select=Select(types=("Fridge",)), states={"isOpen": True}),)))
        assert not report.holds
        assert report.conditions[0].missing
        assert "Fridge" in report.conditions[0].why

    def test_pictures_have_three_layers_that_agree(self, world: World) -> None:
        frame = world.observe("ada", pictures=True, width=96, height=64)
        assert frame.rgb is not None
        assert frame.depth is not None
        assert frame.ids is not None
        assert frame.rgb.shape == (64, 96, 3)
        assert frame.depth.shape == frame.ids.shape == (64, 96)
        assert set(frame.ids.ravel().tolist()) - {0} == set(frame.id_names)
        known = {o["objectId"] for o in world.observe_all()["objects"]} | {b.name for b in self.bodies}
        assert set(frame.id_names.values()) <= known
        assert (frame.depth > 0).all()
        with pytest.raises(WorldError):
            world.observe("ada", pictures=True, width=0)


def _stateful(world: World) -> Any:
    """The objects and where agents are, without what they did last."""
    found = world.observe_all()
    return found["objects"], [(a["position"], a["rotation"], a["holding"]) for a in found["agents"]], found["time_s"]
