"""Whatever a scene holds comes back from every lossless format: random scenes, any Unicode."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import networkx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetmind.memory.interchange import (
    FORMATS,
    detect,
    read_scene,
    scene_from_graphml,
    scene_from_json,
    scene_from_networkx,
    scene_from_roboos,
    scene_from_spark_dsg,
    scene_to_graphml,
    scene_to_json,
    scene_to_networkx,
    scene_to_node_link,
    scene_to_roboos,
    scene_to_spark_dsg,
    write_scene,
)
from fleetmind.memory.scene import Link, LinkKind, Node, NodeKind, Pose, Relation, Scene, Sighting

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="{}*"), min_size=1, max_size=12) | (
    st.sampled_from(["mug-1", " ", "<a&\"'>", "\ufffe", "\uffff", "?", "日本語", "👩‍🚀", "\u202e"]))
NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, -0.0, 1e-300, 5.000000000000001])
JSON = st.recursive(st.none() | st.booleans() | st.integers(-2**53, 2**53) | NUMBERS | TEXT,
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=5)
SIZES = st.none() | st.tuples(*[st.floats(0, 100)] * 3)


@st.composite
def poses(draw: st.DrawFn) -> Pose:
    q = draw(st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda v: math.hypot(*v) > 0.1))
    norm = math.hypot(*q)
    return Pose(x=draw(NUMBERS), y=draw(NUMBERS), z=draw(NUMBERS), qx=q[0] / norm, qy=q[1] / norm, qz=q[2] / norm,
                qw=q[3] / norm)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    ids = draw(st.lists(IDS, max_size=7, unique=True))
    nodes = []
    for place, name in enumerate(ids):
        parent = draw(st.none() | st.sampled_from(ids[:place])) if place else None
        others = [i for i in [*ids, "not known"] if i != name]
        links = draw(st.lists(st.tuples(st.sampled_from(get_args(LinkKind)), st.sampled_from(others)), max_size=3,
                              unique=True))
        nodes.append(Node(
            id=name, kind=draw(st.sampled_from(get_args(NodeKind))),
            type=draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)), parent=parent,
            relation=draw(st.sampled_from(get_args(Relation))) if parent is not None else None,
            pose=draw(st.none() | poses()), size=draw(SIZES), box=draw(SIZES),
            states=draw(st.dictionaries(TEXT, st.booleans() | TEXT | NUMBERS, max_size=3)),
            attributes=draw(st.dictionaries(TEXT, JSON, max_size=3)), confidence=draw(st.floats(0, 1)),
            last_seen_s=draw(st.none() | NUMBERS), source=draw(TEXT),
            links=tuple(Link(relation=relation, to=to) for relation, to in links),
            covariance=draw(st.none() | st.tuples(*[NUMBERS] * 6)),
            sightings=tuple(Sighting(robot=f"r{i}", time_s=i, confidence=0.5) for i in range(draw(st.integers(0, 2))))))
    return Scene(nodes, version=draw(st.integers(0, 2**40)))


def same(one: Scene, other: Scene) -> bool:
    return dict(one.nodes) == dict(other.nodes) and one.version == other.version


def from_node_link(scene: Scene) -> Scene:
    return read_scene(scene_to_node_link(scene))


WAYS: dict[str, Callable[[Scene], Scene]] = {
    "json": lambda scene: scene_from_json(scene_to_json(scene)),
    "networkx": lambda scene: scene_from_networkx(scene_to_networkx(scene)),
    "node-link": from_node_link,
    "node-link by networkx": lambda scene: scene_from_networkx(
        networkx.node_link_graph(json.loads(scene_to_node_link(scene)), edges="edges")),
    "graphml": lambda scene: scene_from_graphml(scene_to_graphml(scene)),
    "spark-dsg": lambda scene: scene_from_spark_dsg(scene_to_spark_dsg(scene)),
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scene=scenes())
def test_a_scene_comes_back(way: str, scene: Scene) -> None:
    assert same(WAYS[way](scene), scene)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scene=scenes())
def test_every_format_is_recognised_and_stable(scene: Scene) -> None:
    for name in FORMATS:
        text = write_scene(scene, name)
        assert text == write_scene(Scene(reversed(list(scene)), version=scene.version), name)
        assert detect(text) == name
        if name != "roboos":
            assert same(read_scene(text.encode()), scene)


def test_networkx_reads_our_graphml() -> None:
    scene = Scene([
        Node(id="room", kind="room", type="Kitchen"), Node(id="door", kind="object", type="Door"),
        Node(id="mug", kind="object", type="Mug", parent="room", relation="in", pose=Pose(x=1.5, y=-2),
             states={"dirty": True},
             links=(Link(relation="connects", to="room"), Link(relation="same_as", to="door")))])
    graph = networkx.parse_graphml(scene_to_graphml(scene))
    assert graph.nodes["mug"]["x"] == 1.5
    assert same(scene_from_networkx(graph), scene)
    plain = networkx.DiGraph()
    plain.add_node("kitchen", kind="room", type="Kitchen")
    plain.add_node("cup", kind="object", type="Cup", pose={"x": 1, "y": 2}, states={"dirty": True})
    plain.add_edge("cup", "kitchen", relation="in")
    assert scene_from_networkx(plain)["cup"].states == {"dirty": True}


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="{}*"), min_size=1, max_size=8) | (
    st.sampled_from(["yes", "1", "null", "kitchenTable", "2024-01-01", "a: b", "- x", "厨房"]))


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """RoboOS profiles: places with names of things, and of places after them."""
    names = draw(st.lists(NAMES, max_size=6, unique=True))
    free = draw(st.lists(NAMES.filter(lambda n: n not in names), max_size=6, unique=True))
    inside: dict[str, list[str]] = {name: [] for name in names}
    for place, name in enumerate(names):
        if place and draw(st.booleans()):
            inside[draw(st.sampled_from(names[:place]))].append(name)
    for thing in free if names else ():
        inside[draw(st.sampled_from(names))].append(thing)
    out: list[dict[str, Any]] = []
    for name in draw(st.permutations(names)):
        kind = draw(st.sampled_from(["table", "container", "room", "Sofa", "x 1"]))
        entry: dict[str, Any] = {"name": name, "type": kind}
        if draw(st.booleans()):
            entry["position"] = draw(st.lists(st.integers(-9, 9) | st.floats(-9, 9), min_size=3, max_size=3))
        if draw(st.booleans()):
            entry["description"] = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
        if inside[name] or draw(st.booleans()):
            entry["contains"] = draw(st.permutations(inside[name]))
        out.append(entry)
    return {"scene": out}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(profile=profiles())
def test_a_roboos_profile_comes_back(profile: dict[str, Any]) -> None:
    scene = scene_from_roboos(yaml.safe_dump(profile))
    assert yaml.safe_load(scene_to_roboos(scene)) == profile
    assert yaml.safe_load(scene_to_roboos(scene_from_json(scene_to_json(scene)))) == profile
    assert same(scene_from_roboos(scene_to_roboos(scene)), scene)


def test_the_profile_that_roboos_ships() -> None:
    scene = scene_from_roboos("""
scene:
  - name: kitchenTable
    type: table
    contains:
      - apple
      - knife
  - name: customTable
    type: table
    contains: [basket, plate]
  - name: basket
    type: container
    contains: [egg]
""")
    assert scene["apple"].type == "Apple"
    assert scene["apple"].is_a("pickupable")
    assert (scene["apple"].parent, scene["apple"].relation) == ("kitchenTable", "on")
    assert (scene["basket"].parent, scene["basket"].kind) == ("customTable", "receptacle")
    assert [node.id for node in scene.ancestors("egg")] == ["basket", "customTable"]
    assert scene["egg"].relation == "inside"


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(scene=scenes())
def test_spark_dsg_loads_and_saves_what_we_write(tmp_path: Path, scene: Scene) -> None:
    spark_dsg = pytest.importorskip("spark_dsg", reason="spark-dsg is not installed: pip install spark-dsg")
    path = tmp_path / "graph.json"
    path.write_text(scene_to_spark_dsg(scene), encoding="utf-8")
    graph = spark_dsg.DynamicSceneGraph.load(str(path))
    assert graph.num_nodes() == len(scene)
    graph.save(str(path), False)
    assert same(scene_from_spark_dsg(path.read_bytes()), scene)
