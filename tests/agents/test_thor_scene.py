"""AI2-THOR metadata in and out: poses, boxes, states, who holds what; real dumps where they are."""

from __future__ import annotations

import json
import math
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.agents.thor_scene import scene_from_thor, thor_from_scene
from fleetmind.memory import FleetmindError, Node, Pose, Scene
from fleetmind.simulators import Body, HouseholdWorld, SceneSpec
from fleetmind.simulators.frames import euler_from_map, euler_to_map, rotation_to_map

ARCHIVE = Path(__file__).parents[3] / "shared" / "thor_data" / "rl_ai2thor" / "objects_metadata_samples.tar.gz"
EVENT = ARCHIVE.parent / "traces" / "example_full_agent_metadata.json"
DEGREES, METRES = st.floats(-360, 360), st.floats(-50, 50)


def thing(name: str, **more: Any) -> dict[str, Any]:
    return {"objectId": name, "objectType": name.partition("|")[0], "position": {"x": 1.0, "y": 0.9, "z": 2.0},
            "rotation": {"x": 0.0, "y": 0.0, "z": 0.0}, "parentReceptacles": None, **more}


def alike(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Quaternions of the same rotation."""
    return abs(abs(sum(a * b for a, b in zip(one, other, strict=True))) - 1) < 1e-9


@given(x=DEGREES, y=DEGREES, z=DEGREES)
def test_rotations_come_back(x: float, y: float, z: float) -> None:
    q = euler_to_map(x, y, z)
    assert math.hypot(*q) == pytest.approx(1)
    back = euler_from_map(*q)
    assert all(0 <= angle < 360 for angle in back)
    assert alike(euler_to_map(*back), q)
    assert alike(euler_to_map(x, y, 0), rotation_to_map(y, x))


@settings(max_examples=60, deadline=None)
@given(at=st.tuples(METRES, METRES, METRES), turned=st.tuples(DEGREES, DEGREES, DEGREES),
       centre=st.tuples(METRES, METRES, METRES), sides=st.tuples(*[st.floats(0.01, 5)] * 3))
def test_poses_come_back(at: tuple[float, ...], turned: tuple[float, ...], centre: tuple[float, ...],
                         sides: tuple[float, ...]) -> None:
    xyz = [dict(zip("xyz", v, strict=True)) for v in (at, turned, centre, sides)]
    mug = thing("Mug|1", position=xyz[0], rotation=xyz[1], axisAlignedBoundingBox={"center": xyz[2], "size": xyz[3]})
    nodes = scene_from_thor({"objects": [mug]})
    (back,) = thor_from_scene(Scene(nodes))["objects"]
    for key in "xyz":
        assert back["position"][key] == pytest.approx(mug["position"][key], abs=1e-6)
        assert back["axisAlignedBoundingBox"]["center"][key] == pytest.approx(xyz[2][key], abs=1e-6)
        assert back["axisAlignedBoundingBox"]["size"][key] == pytest.approx(xyz[3][key], abs=1e-6)
    assert alike(euler_to_map(*back["rotation"].values()), euler_to_map(*turned))
    assert_same(nodes, scene_from_thor({"objects": [back]}))


def assert_same(one: tuple[Node, ...], other: tuple[Node, ...]) -> None:
    """Equal but for the last digits."""
    assert [n.id for n in one] == [n.id for n in other]
    for a, b in zip(one, other, strict=True):
        rough = {"pose", "size", "box", "attributes"}
        assert a.model_dump(exclude=rough) == b.model_dump(exclude=rough)
        assert (a.size is None, a.box is None) == (b.size is None, b.box is None)
        assert b.size == (None if a.size is None else pytest.approx(a.size, abs=1e-6))
        assert b.box == (None if a.box is None else pytest.approx(a.box, abs=1e-6))
        assert a.attributes.keys() - {"origin_m"} == b.attributes.keys() - {"origin_m"}
        if a.pose is not None and b.pose is not None:
            assert a.pose.distance_m(b.pose) < 1e-6
            assert alike((a.pose.qx, a.pose.qy, a.pose.qz, a.pose.qw), (b.pose.qx, b.pose.qy, b.pose.qz, b.pose.qw))


@pytest.mark.parametrize("name", ["FloorPlan28", "FloorPlan215", "FloorPlan301", "FloorPlan430"])
def test_a_real_dump(name: str) -> None:
    if not ARCHIVE.exists():
        pytest.skip(f"no AI2-THOR data in {ARCHIVE.parent}")
    with tarfile.open(ARCHIVE) as archive:
        member = archive.extractfile(f"objects_metadata_samples/{name}_physics.json")
        assert member is not None
        dump: dict[str, Any] = json.load(member)
    nodes = scene_from_thor(dump)
    scene = Scene(nodes)
    by_source = {n.attributes["source_id"]: n for n in scene if "source_id" in n.attributes}
    assert by_source.keys() == dump.keys()
    assert len(scene.of_kind("room")) == 1
    back = {m["objectId"]: m for m in thor_from_scene(scene)["objects"]}
    for source, m in dump.items():
        if m["objectType"] == "Floor":
            continue
        node, again = by_source[source], back[source]
        assert (node.box is not None) == (m["objectOrientedBoundingBox"] is not None)
        assert scene.room_of(node.id) is not None
        for key in ("isOpen", "isToggled", "isDirty", "isSliced", "isBroken", "isUsedUp", "isCooked", "pickupable",
                    "receptacle", "openable", "isFilledWithLiquid", "isPickedUp", "objectType"):
            assert again[key] == m[key], (source, key)
        assert again["position"] == pytest.approx(m["position"], abs=1e-5)
        if m["objectOrientedBoundingBox"] is not None:
            ours = sorted(again["objectOrientedBoundingBox"]["cornerPoints"])
            middle = [sum(c[i] for c in m["objectOrientedBoundingBox"]["cornerPoints"]) / 8 for i in range(3)]
            long = max(math.dist(c, middle) for c in m["objectOrientedBoundingBox"]["cornerPoints"])
            mine = [sum(c[i] for c in ours) / 8 for i in range(3)]
            assert max(math.dist(c, mine) for c in ours) == pytest.approx(long, rel=0.1)
    assert_same(nodes, scene_from_thor(thor_from_scene(scene)))


def test_a_real_event() -> None:
    if not EVENT.exists():
        pytest.skip(f"no AI2-THOR data in {EVENT.parent}")
    event = json.loads(EVENT.read_text(encoding="utf-8"))
    scene = Scene(scene_from_thor(event))
    robot = scene["agent"]
    assert scene.room_of("agent") == scene.of_kind("room")[0]
    assert scene.of_kind("room")[0].type == "Bathroom"
    assert robot.pose is not None
    assert (robot.pose.x, robot.pose.y, robot.pose.yaw_rad) == pytest.approx((1.5, 2.25, 0.0))
    agent = thor_from_scene(scene)["agent"]
    assert agent["position"] == pytest.approx(event["agent"]["position"])
    assert agent["isStanding"] is True


def test_a_house_with_two_robots_one_holding() -> None:
    world = HouseholdWorld()
    world.reset(SceneSpec(name="House2"), [Body(name="ann"), Body(name="bob")], seed=0)
    events = [dict(world.observe(name, everything=True).metadata) for name in ("ann", "bob")]
    world.close()
    mug = next(m["objectId"] for m in events[0]["objects"] if m["objectType"] == "Mug")
    events[1]["inventoryObjects"] = [{"objectId": mug, "objectType": "Mug"}]
    scene = Scene(scene_from_thor(events))
    assert {n.type for n in scene.of_kind("room")} == {"Kitchen", "LivingRoom", "Bedroom", "Bathroom"}
    assert len(scene.of_kind("robot")) == 2
    held = scene.holding("agent-1")
    assert held is not None
    assert held.attributes["source_id"] == mug
    back = thor_from_scene(scene)
    assert len(back["agents"]) == 2
    assert back["agents"][1]["inventoryObjects"] == [{"objectId": mug, "objectType": "Mug"}]
    assert next(m for m in back["objects"] if m["objectId"] == mug)["isPickedUp"] is True
    for node in scene:
        assert node.parent is None or node.parent in scene


def test_a_box_that_is_not_the_objects_own_is_left_out() -> None:
    corners = [[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 3.0)]
    box = {"objectOrientedBoundingBox": {"cornerPoints": corners}}
    straight = scene_from_thor({"objects": [thing("Box|1", rotation={"x": 0, "y": 90, "z": 0}, **box)]})[1]
    assert straight.box == pytest.approx((1.0, 3.0, 1.0))
    turned = scene_from_thor({"objects": [thing("Box|1", rotation={"x": 0, "y": 30, "z": 0}, **box)]})[1]
    assert turned.box is None


def test_controls_and_receptacles() -> None:
    nodes = scene_from_thor({"objects": [
        thing("Egg|1", pickupable=True, parentReceptacles=["Pan|1"]), thing("Floor|0"),
        thing("StoveKnob|1", toggleable=True, controlledObjects=["StoveBurner|1"]),
        thing("Pan|1", receptacle=True, parentReceptacles=["StoveBurner|1"]),
        thing("StoveBurner|1", receptacle=True, parentReceptacles=["Floor|0"])]})
    scene = Scene(nodes)
    assert scene["stoveknob-1"].attributes["controls"] == ["stoveburner-1"]
    assert [n.id for n in scene.ancestors("egg-1")] == ["pan-1", "stoveburner-1", "kitchen-1", "site"]
    assert scene["stoveburner-1"].relation == "in"
    by_id = {m["objectId"]: m for m in thor_from_scene(scene)["objects"]}
    assert by_id["StoveKnob|1"]["controlledObjects"] == ["StoveBurner|1"]
    assert by_id["Egg|1"]["parentReceptacles"] == ["Pan|1", "StoveBurner|1"]
    assert by_id["Pan|1"]["receptacleObjectIds"] == ["Egg|1"]
    circle = scene_from_thor({"objects": [thing("A|1", parentReceptacles=["B|1"]),
                                          thing("B|1", parentReceptacles=["A|1"])]})
    assert len(Scene(circle)) == 3


def test_a_scene_that_never_was_in_ai2_thor() -> None:
    scene = Scene([Node(id="k", kind="room", type="Kitchen"), Node(id="apple", kind="object", type="Apple", parent="k",
                   relation="in", pose=Pose(x=1, y=2)), Node(id="lost", kind="object", type="Mug")])
    (apple,) = thor_from_scene(scene)["objects"]
    assert apple["position"] == {"x": -2.0, "y": 0.0, "z": 1.0}
    assert apple["objectId"].startswith("Apple|")
    assert thor_from_scene(Scene())["agent"] is None


@pytest.mark.parametrize(("metadata", "code"), [
    (None, "IMPORT_FORMAT"), ([], "IMPORT_FORMAT"), ("x", "IMPORT_FORMAT"), ({}, "IMPORT_FORMAT"),
    ([3], "IMPORT_FORMAT"), ({"objects": []}, "IMPORT_FORMAT"), ({"objects": {}}, "IMPORT_FORMAT"),
    ({"objects": [1]}, "IMPORT_NODE"),
    ({"objects": [{"objectType": "Mug"}]}, "IMPORT_NODE"), ({"objects": [thing("A")] * 2}, "IMPORT_INVARIANT"),
    ({"objects": [thing("A", position={"x": 1})]}, "IMPORT_NODE"), ({"objects": [thing("A", mass="x")]}, "IMPORT_NODE"),
    ({"objects": [thing("A", position={"x": 1e9, "y": 0, "z": 0})]}, "IMPORT_NODE"),
    ({"objects": [thing("A", parentReceptacles="B")]}, "IMPORT_NODE"), ({"objects": [thing("")]}, "IMPORT_NODE"),
    ({"objects": [thing("A", axisAlignedBoundingBox={"center": {}})]}, "IMPORT_NODE"),
    ({"objects": [thing("A", objectOrientedBoundingBox={"cornerPoints": [1]})]}, "IMPORT_NODE"),
    ({"objects": [thing("A" * 65)]}, "IMPORT_NODE"), ({"objects": [thing("A")], "agent": {}}, "IMPORT_NODE"),
    ({"objects": [thing("A")], "agent": {"position": {"x": 0, "y": 0, "z": 0}, "rotation": {"y": 0}},
      "inventoryObjects": [1]}, "IMPORT_NODE"),
])
def test_what_is_no_metadata(metadata: Any, code: str) -> None:
    with pytest.raises(FleetmindError) as caught:
        scene_from_thor(metadata)
    assert caught.value.code == code
