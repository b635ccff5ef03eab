"""Spark-DSG's own graphs: what their package writes, what it changes in ours, and what no graph is."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from fleetmind.memory.conformance import refused
from fleetmind.memory.interchange import scene_from_spark_dsg, scene_to_spark_dsg
from fleetmind.memory.scene import Node, Pose, Scene

BOX = {"type": "OBB", "dimensions": [1.0, 2.0, 0.5], "world_P_center": [4.0, 5.0, 1.0],
       "world_R_center": {"w": math.sqrt(0.5), "x": 0.0, "y": 0.0, "z": math.sqrt(0.5)}}


def node(letter: str, number: int, layer: int, kind: str, **attributes: Any) -> dict[str, Any]:
    return {"id": ord(letter) << 56 | number, "layer": layer,
            "attributes": {"type": kind, "position": [1.0, 2.0, 3.0], "name": "", **attributes}}


def edge(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"source": one["id"], "target": other["id"], "info": {"type": "EdgeAttributes", "weight": 1.0}}


def test_a_foreign_graph() -> None:
    building = node("B", 0, 5, "SemanticNodeAttributes")
    room = node("R", 7, 4, "RoomNodeAttributes", name="R7", semantic_label=3)
    place = node("p", 0, 3, "PlaceNodeAttributes")
    mug = node("O", 12, 2, "ObjectNodeAttributes", bounding_box=BOX, semantic_label=1,
               last_update_time_ns=2_500_000_000)
    lost = node("O", 13, 2, "ObjectNodeAttributes", position=[None, None, None], semantic_label=4294967295)
    agents = [{**node("a", i, 2, "AgentNodeAttributes", position=[float(i), 0.0, 0.0], timestamp=i,
                      world_R_body={"w": 9e247, "x": 0.0, "y": 0.0, "z": 0.0}), "partition": 97} for i in range(3)]
    scene = scene_from_spark_dsg(json.dumps({
        "layer_keys": [], "metadata": {"labelspaces": {"_l2p0": [[1, "Mug"]], "_l4p0": [[3, "Kitchen"]]}},
        "nodes": [building, room, place, mug, lost, *agents],
        "edges": [edge(place, mug), edge(place, room), edge(building, room), edge(agents[2], place)]}))
    assert [n.id for n in scene] == ["building-1", "kitchen-1", "mug-1", "object-1", scene.of_kind("robot")[0].id]
    found = scene["mug-1"]
    assert (found.type, found.parent, found.relation) == ("Mug", "kitchen-1", "in")
    assert found.attributes == {"source_id": "O(12)", "semantic_label": 1}
    assert found.last_seen_s == 2.5
    assert found.box == (1.0, 2.0, 0.5)
    assert found.size == pytest.approx((2.0, 1.0, 0.5))
    assert found.pose is not None
    assert (found.pose.x, found.pose.yaw_rad) == (4.0, pytest.approx(math.pi / 2))
    assert scene["object-1"].pose is None
    robot = scene.of_kind("robot")[0]
    assert robot.pose == Pose(x=2, y=0)
    assert robot.parent == "kitchen-1"
    again = json.loads(scene_to_spark_dsg(scene))
    assert mug["id"] in {n["id"] for n in again["nodes"]}
    assert [1, "Mug"] in again["metadata"]["labelspaces"]["_l2p0"]


def test_what_spark_dsg_changed_counts(tmp_path: Path) -> None:
    spark_dsg = pytest.importorskip("spark_dsg", reason="spark-dsg is not installed: pip install spark-dsg")
    scene = Scene([
        Node(id="kitchen", kind="room", type="Kitchen", pose=Pose(x=0, y=0), size=(4, 4, 2.5)),
        Node(id="hall", kind="room", type="Hall", pose=Pose(x=5, y=0), size=(2, 4, 2.5)),
        Node(id="table", kind="receptacle", type="Table", parent="kitchen", relation="in", pose=Pose(x=1, y=0)),
        Node(id="mug", kind="object", type="Mug", parent="table", relation="on", pose=Pose(x=1, y=0.1, z=0.8),
             size=(0.1, 0.1, 0.1), states={"dirty": True}),
        Node(id="ann", kind="robot", type="Robot", parent="hall", relation="in", pose=Pose(x=5, y=0))], version=3)
    path = tmp_path / "graph.json"
    path.write_text(scene_to_spark_dsg(scene), encoding="utf-8")
    graph = spark_dsg.DynamicSceneGraph.load(str(path))
    by_name = {n.attributes.name: n for n in graph.get_layer(spark_dsg.DsgLayers.OBJECTS).nodes}
    assert by_name["mug"].attributes.bounding_box.dimensions == pytest.approx([0.1, 0.1, 0.1])
    rooms = {graph.get_node(n.get_parent()).attributes.name for n in by_name.values() if n.has_parent()}
    assert rooms == {"kitchen"}
    by_name["mug"].attributes.position = [2.0, 0.0, 0.8]
    graph.remove_node(by_name["table"].id.value)
    graph.save(str(path), False)
    back = scene_from_spark_dsg(path.read_bytes())
    assert back["mug"].pose == Pose(x=2, y=0, z=0.8)
    assert back["mug"].states == {"dirty": True}
    assert back["mug"].parent is None
    assert back["ann"] == scene["ann"]


@pytest.mark.parametrize(("data", "code"), [
    ([], "IMPORT_FORMAT"), ({"nodes": []}, "IMPORT_FORMAT"), ({"nodes": [{}], "edges": []}, "IMPORT_FORMAT"),
    ({"nodes": [{"id": -1, "layer": 2, "attributes": {}}], "edges": []}, "IMPORT_FORMAT"),
    ({"nodes": [], "edges": [{"source": 1, "target": 2}]}, "IMPORT_FORMAT"),
    ({"nodes": [], "edges": [3]}, "IMPORT_FORMAT"),
    ({"nodes": [node("O", 1, 2, "ObjectNodeAttributes")] * 2, "edges": []}, "IMPORT_INVARIANT"),
    ({"nodes": [], "edges": [], "metadata": {"fleetmind": {"version": -1}}}, "IMPORT_FORMAT"),
    ({"nodes": [node("O", 1, 2, "x", metadata={"fleetmind": {"id": 7}})], "edges": []}, "IMPORT_NODE"),
])
def test_what_is_no_graph(data: Any, code: str) -> None:
    with refused(code):
        scene_from_spark_dsg(json.dumps(data))


@pytest.mark.parametrize("attributes", [
    {"bounding_box": {"type": "OBB", "dimensions": [1, "x", 2]}}, {"bounding_box": 3}, {"name": 4}, {"position": {}},
    {"semantic_label": "x"}, {"last_update_time_ns": "x"}, {"metadata": [1]}, {"world_R_object": {"w": None}},
    {"bounding_box": {"type": "AABB", "dimensions": [-1, -1, -1], "world_P_center": None}},
])
def test_odd_attributes_are_left_out(attributes: dict[str, Any]) -> None:
    data = {"nodes": [node("O", 1, 2, "ObjectNodeAttributes", **attributes)], "edges": [],
            "metadata": {"labelspaces": {"_l2p0": [3, [1], ["x", "y"]], "z": 4}}}
    (found,) = scene_from_spark_dsg(json.dumps(data))
    assert found.kind == "object"
    assert found.box is None
