"""The immutable scene: whatever changes come, it equals one that is built anew, and older scenes stay as they were."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.index import Entry
from fleetmind.memory.nodes import Link, Node, Pose
from fleetmind.memory.queries import in_view, linked, nearest, path, to_frame, within_box
from fleetmind.memory.records import record_text
from fleetmind.memory.relations import around, relations
from fleetmind.memory.scene import Scene

IDS = [f"n{i}" for i in range(12)]


@st.composite
def forests(draw: st.DrawFn) -> dict[str, Node]:
    """A few nodes, each in one of smaller number, some with a place of their own."""
    nodes: dict[str, Node] = {}
    for number, name in enumerate(draw(st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS)))):
        above = draw(st.sampled_from([None, *list(nodes)])) if number else None
        spot = draw(st.one_of(st.none(), st.tuples(*[st.integers(-3, 3)] * 3)))
        nodes[name] = Node(
            id=name, kind=draw(st.sampled_from(["object", "room", "robot"])), type=draw(st.sampled_from(["A", "B"])),
            parent=above, relation="in" if above else None, version=draw(st.integers(0, 9)),
            pose=Pose(x=spot[0], y=spot[1], z=spot[2]) if spot else None,
            links=draw(st.sampled_from([
                (), (Link(relation="connects", to="n1"),), (Link(relation="same_as", to="x"),)])))
    return nodes


def answers(scene: Scene) -> Any:
    """Everything a scene can be asked."""
    here = Pose(x=0.5, y=0.1, z=0)
    return [
        list(scene.nodes.items()), [scene.children(i) for i in IDS], scene.of_type("A", "B"), scene.of_kind("room"),
        scene.types(), [scene.place(i) for i in IDS], scene.near(here, 3), len(scene),
        nearest(scene, here, 3), nearest(scene, here, 2, types=("B",)), within_box(scene, (-2, -2, -2), (1, 1, 1)),
        [[n.id for n in scene.contents(i)] for i in IDS], [linked(scene, i, "connects") for i in IDS],
    ]


@settings(max_examples=150, deadline=None)
@given(states=st.lists(forests(), min_size=2, max_size=5))
def test_an_evolved_scene_equals_one_built_anew(states: list[dict[str, Node]]) -> None:
    scenes = [Scene(states[0].values())]
    seen = [answers(scenes[0])]
    for before, after in pairwise(states):
        put = [node for i, node in after.items() if before.get(i) != node]
        scenes.append(scenes[-1].evolve(put, [i for i in before if i not in after], version=len(scenes)))
        seen.append(answers(scenes[-1]))
        assert seen[-1] == answers(Scene(after.values()))
    assert [answers(scene) for scene in scenes] == seen


@settings(max_examples=60, deadline=None)
@given(nodes=forests())
def test_records_are_read_as_they_were_written(nodes: dict[str, Node]) -> None:
    scene = Scene.of_records((record_text(node).encode() for node in nodes.values()), version=3)
    assert dict(scene.nodes) == nodes
    assert answers(scene) == answers(Scene(nodes.values()))
    assert [Node.model_validate_json(entry.json) for entry in scene.entries] == [nodes[i] for i in sorted(nodes)]


@pytest.mark.parametrize("record", [b"", b"[]", b"{}", b'{"id": "a"}', b'{"id": 5, "kind": [], "type": {}}', b"\xff",
                                    b'{"id":"a","kind":"object","type":"T","version":1,"pose":{"x":NaN,"y":0}}'])
def test_a_record_nobody_can_read_is_named(record: bytes) -> None:
    with pytest.raises(FleetmindError, match="SCENE_CORRUPT"):
        Scene.of_records([record], version=1)


def test_a_record_that_is_no_node_is_named_when_it_is_read() -> None:
    entry = Entry.read(b'{"id":"a","kind":"object","type":"T","version":1,"colour":"red"}')
    with pytest.raises(FleetmindError, match=r"SCENE_CORRUPT.*colour"):
        assert entry.node


def box(name: str, x: float, y: float, z: float = 0.5, **more: Any) -> Node:
    return Node(id=name, kind="object", type="Box", pose=Pose(x=x, y=y, z=z), size=(0.2, 0.2, 0.2), **more)


def test_what_robots_carry_is_where_they_are() -> None:
    scene = Scene([Node(id="ann", kind="robot", type="Robot", pose=Pose(x=1, y=0)),
                   Node(id="tray", kind="receptacle", type="Tray", parent="ann", relation="held_by"),
                   Node(id="cup", kind="object", type="Cup", parent="tray", relation="on")])
    assert [n.id for n in scene.near(Pose(x=1, y=0), 0.1)] == ["ann", "cup", "tray"]
    scene = scene.evolve([scene["ann"].model_copy(update={"pose": Pose(x=9, y=0)})], (), version=2)
    assert scene.near(Pose(x=1, y=0), 0.1) == ()
    assert [n.id for n in nearest(scene, Pose(x=0, y=0), types=("Cup",))] == ["cup"]
    assert scene.place("cup") == (9, 0, 0)


def test_derived_relations() -> None:
    scene = Scene([box("mug", 1, 0.4), box("plate", 1, 0), box("lid", 1, 0.4, 0.7), box("far", 5, 0),
                   Node(id="nowhere", kind="object", type="Box")])

    def of(a: str, b: str, viewpoint: Pose | None = None) -> set[str]:
        return {d.relation for d in relations(scene, a, b, viewpoint=viewpoint)}

    east = Pose(x=0, y=0)
    west = Pose(x=2, y=0, qz=1, qw=0)
    assert of("mug", "plate", east) == {"left_of", "near", "next_to"}
    assert of("mug", "plate", west) == {"right_of", "near", "next_to"}
    assert of("far", "plate", east) == {"behind"}
    assert of("far", "plate", west) == {"in_front_of"}
    assert of("lid", "mug") == {"above", "near", "touching"}
    assert of("mug", "lid") == {"below", "near", "touching"}
    assert of("nowhere", "mug") == set()
    assert {(d.a, d.relation) for d in around(scene, "mug", viewpoint=east)} == {
        ("plate", "right_of"), ("plate", "near"), ("plate", "next_to"), ("lid", "above"), ("lid", "near"),
        ("lid", "touching")}


def test_a_turned_box_takes_more_room() -> None:
    plank = Node(id="plank", kind="object", type="Plank", box=(2, 0.1, 0.1),
                 pose=Pose(x=0, y=0, qz=math.sqrt(0.5), qw=math.sqrt(0.5)))
    scene = Scene([plank, box("a", 0, 1.15, 0), box("b", 1.15, 0, 0)])
    assert "next_to" in {d.relation for d in relations(scene, "a", "plank")}
    assert "next_to" not in {d.relation for d in relations(scene, "b", "plank")}


def test_what_is_in_view() -> None:
    scene = Scene([box("ahead", 2, 0), box("left", 0, 2), box("behind", -2, 0), box("high", 1, 0, 3)])
    eye = Pose(x=0, y=0, z=0.5)
    assert [n.id for n in in_view(scene, eye)] == ["ahead"]
    assert [n.id for n in in_view(scene, Pose(x=0, y=0, z=0.5, qz=math.sqrt(0.5), qw=math.sqrt(0.5)))] == ["left"]
    assert [n.id for n in in_view(scene, eye, horizontal_rad=2 * math.pi, range_m=2.1)] == ["ahead", "behind", "left"]
    assert to_frame(Pose(x=1, y=1, qz=math.sqrt(0.5), qw=math.sqrt(0.5)), (1, 3, 0)) == pytest.approx((2, 0, 0))


def test_the_way_from_room_to_room() -> None:
    def room(name: str, x: float, *to: str) -> Node:
        return Node(id=name, kind="room", type="Room", pose=Pose(x=x, y=0),
                    links=tuple(Link(relation="connects", to=other) for other in to))

    scene = Scene([room("hall", 0, "kitchen", "cellar", "ghost"), room("kitchen", 2), room("bath", 4, "kitchen"),
                   room("cellar", 50, "bath"), room("island", 9),
                   Node(id="mug", kind="object", type="Mug", parent="bath", relation="in")])
    assert [n.id for n in path(scene, "hall", "mug")] == ["hall", "kitchen", "bath"]
    assert [n.id for n in path(scene, "mug", "hall")] == ["bath", "kitchen", "hall"]
    assert [n.id for n in path(scene, "bath", "mug")] == ["bath"]
    assert path(scene, "hall", "island") == ()
    with pytest.raises(FleetmindError, match=r"SCENE_UNKNOWN.*'moon'"):
        path(scene, "moon", "hall")
    with pytest.raises(FleetmindError, match="QUERY_INVALID"):
        within_box(scene, (1, 0, 0), (0, 1, 1))
