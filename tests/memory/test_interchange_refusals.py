"""Files that are none of ours, broken, hostile or too large: a typed error each, and nothing read."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.memory.conformance import refused
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange import (
    FORMATS,
    detect,
    read_scene,
    scene_from_graphml,
    scene_from_json,
    scene_from_networkx,
    scene_from_node_link,
    scene_from_roboos,
    scene_to_json,
    scene_to_networkx,
    write_scene,
)
from fleetmind.memory.scene import Node, Pose, Scene

PLACE = "scene: [{name: a, type: table, contains: [b]}]"


@pytest.mark.parametrize(("text", "code"), [
    ("", "IMPORT_FORMAT"), ("scene:", "IMPORT_FORMAT"), ("[]", "IMPORT_FORMAT"), ("a: [1", "YAML_SYNTAX"),
    ("scene: []\nrooms: []", "IMPORT_FORMAT"), ("scene: [a]", "IMPORT_FORMAT"), ("--- 1\n--- 2", "YAML_SYNTAX"),
    ("scene: [{name: a, type: t, colour: red}]", "IMPORT_FORMAT"), ("scene: [{name: 1, type: t}]", "IMPORT_FORMAT"),
    ("scene: [{name: a}]", "IMPORT_FORMAT"), ("scene: [{name: a, type: t, contains: b}]", "IMPORT_FORMAT"),
    ("scene: [{name: a, type: t, contains: [yes]}]", "IMPORT_FORMAT"), ("!!python/object:os.system x", "YAML_SYNTAX"),
    ("scene: [{name: a, type: t, position: [1, 2]}]", "IMPORT_FORMAT"), ("2024-13-99", "YAML_SYNTAX"),
    ("scene: [{name: a, type: t, position: [1, 2, .nan]}]", "IMPORT_NODE"), (b"\xff\xfe", "YAML_SYNTAX"),
    ("scene: [{name: '{}', type: t}]", "IMPORT_NODE"), ("scene: [{name: a, name: b, type: t}]", "YAML_DUPLICATE_KEY"),
    ("scene: [{name: a, type: t}, {name: a, type: t}]", "IMPORT_INVARIANT"), ("\x00", "YAML_SYNTAX"),
    ("scene: [{name: a, type: t, contains: [b, b]}]", "IMPORT_INVARIANT"),
    ("scene: [{name: a, type: t, contains: [a]}]", "IMPORT_NODE"),
    ("scene: [{name: a, type: t, contains: [b]}, {name: b, type: t, contains: [a]}]", "IMPORT_INVARIANT"),
    ("scene: &x [*x]", "YAML_ALIAS"), ("a: &a [x]\nscene: [*a, *a]", "YAML_ALIAS"), ("<<: {scene: []}", "YAML_ALIAS"),
    ("[" * 10_000, "YAML_TOO_DEEP"), ("scene: " + "[" * 20 + "]" * 20, "YAML_TOO_DEEP"),
    (" " * ((8 << 20) + 1), "YAML_TOO_LARGE"),
    ("scene: [{name: a, type: t, contains: [" + ",".join(f"n{i}" for i in range(100_001)) + "]}]", "IMPORT_TOO_LARGE"),
])
def test_what_is_no_profile(text: str | bytes, code: str) -> None:
    with refused(code):
        scene_from_roboos(text)


def graphml(inside: str, *, before: str = "", direction: str = "directed") -> str:
    return (f'{before}<graphml><key id="k" for="node" attr.name="kind"/><key id="t" for="node" attr.name="type"/>'
            f'<key id="r" for="edge" attr.name="relation"/><key id="x" for="node" attr.name="x" attr.type="double"/>'
            f'<graph edgedefault="{direction}">{inside}</graph></graphml>')


NODE = '<node id="{}"><data key="k">room</data><data key="t">R</data></node>'
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(("text", "code"), [
    ("", "XML_SYNTAX"), ("<graphml>", "XML_SYNTAX"), ("nothing", "XML_SYNTAX"), (b"\xff", "XML_SYNTAX"),
    ("\ud800", "XML_SYNTAX"), ("<x/>", "IMPORT_FORMAT"), (graphml("", before=LAUGHS), "XML_DOCTYPE"),
    ('<!DOCTYPE g SYSTEM "file:///etc/passwd"><graphml/>', "XML_DOCTYPE"), (graphml("&xxe;"), "XML_SYNTAX"),
    (graphml("", before="<?xml version='1.0' encoding='utf-16'?>" + LAUGHS), "XML_DOCTYPE"),
    (graphml("", before=LAUGHS).encode("utf-16"), "XML_SYNTAX"), (graphml("", direction="undirected"), "IMPORT_FORMAT"),
    (graphml('<node id="a"/>'), "IMPORT_NODE"), (graphml(NODE.format("a") * 2), "IMPORT_INVARIANT"),
    (graphml("<node/>"), "IMPORT_FORMAT"), (graphml('<node id="a"><graph/></node>'), "IMPORT_FORMAT"),
    (graphml("<hyperedge/>"), "IMPORT_FORMAT"),
    (graphml('<node id="a"><data key="?">1</data></node>'), "IMPORT_FORMAT"),
    (graphml('<node id="a"><data key="x">far</data></node>'), "IMPORT_FORMAT"),
    (graphml(NODE.format("a") + '<edge source="a" target="b"/>'), "IMPORT_EDGE"),
    (graphml(NODE.format("a") + NODE.format("b") + '<edge source="a" target="b"><data key="r">above</data></edge>'),
     "IMPORT_EDGE"),
    (graphml(NODE.format("a") + NODE.format("b") + '<edge source="a" target="b"><data key="r">in</data></edge>' * 2),
     "IMPORT_INVARIANT"),
    ("<graphml>" + "<desc>" * 50, "IMPORT_FORMAT"), (" " * ((64 << 20) + 1), "XML_TOO_LARGE"),
])
def test_what_is_no_graphml(text: str | bytes, code: str) -> None:
    with refused(code):
        scene_from_graphml(text)


@pytest.mark.parametrize(("change", "code"), [
    ({"directed": False}, "IMPORT_FORMAT"), ({"nodes": {}}, "IMPORT_FORMAT"), ({"edges": [1]}, "IMPORT_FORMAT"),
    ({"graph": {"format": "other"}}, "IMPORT_FORMAT"), ({"graph": {"schema": 9}}, "IMPORT_SCHEMA"),
    ({"nodes": [{"id": 1}]}, "IMPORT_NODE"), ({"nodes": [{"id": "a"}]}, "IMPORT_NODE"),
    ({"nodes": [{"id": "a", "kind": "room", "type": "R", "states": "{"}]}, "IMPORT_NODE"),
    ({"edges": [{"source": "a"}]}, "IMPORT_EDGE"), ({"graph": {"version": True}}, "IMPORT_FORMAT"),
    ({"edges": [{"source": "a", "target": "b", "relation": "in", "order": -1}]}, "IMPORT_FORMAT"),
])
def test_what_is_no_node_link_graph(change: dict[str, Any], code: str) -> None:
    data = {"directed": True, "multigraph": True, "graph": {}, "nodes": [], "edges": []}
    assert len(scene_from_node_link(json.dumps(data))) == 0
    with refused(code):
        scene_from_node_link(json.dumps({**data, **change}))


def test_graphs_need_networkx_and_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    with refused("IMPORT_FORMAT"):
        scene_from_networkx(networkx.Graph())
    graph = networkx.DiGraph()
    graph.add_node(7, kind="room", type="R")
    with refused("IMPORT_NODE"):
        scene_from_networkx(graph)
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(FleetmindError, match=r"pip install 'fleetmind\[planner\]'"):
        scene_to_networkx(Scene())


@pytest.mark.parametrize("text", ["", "  ", "\x00\x01", b"\x89PNG\x00", "{}", "[1]", '{"format": "other"}'])
def test_what_nobody_knows(text: str | bytes) -> None:
    with refused("FORMAT_UNKNOWN"):
        detect(text)
    with refused("FORMAT_UNKNOWN"):
        read_scene(text, "docx")
    with refused("FORMAT_UNKNOWN"):
        write_scene(Scene(), "docx")


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=60) | st.binary(max_size=60), cut=st.integers(0, 400),
       name=st.sampled_from(sorted(FORMATS)))
def test_garbage_is_a_typed_error(text: str | bytes, cut: int, name: str) -> None:
    whole = write_scene(Scene([Node(id="a", kind="room", type="R", pose=Pose(x=1, y=2))]), name).encode()
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    for broken in (raw, whole[:cut] + raw + whole[cut:]):
        for given_name in ("auto", name):
            with contextlib.suppress(FleetmindError):  # whatever else is raised fails the test
                read_scene(broken, given_name)


def test_what_json_cannot_carry() -> None:
    good = Node(id="a", kind="room", type="R", last_seen_s=1.0)
    for bad in ({"last_seen_s": float("nan")}, {"source": "\ud800"}, {"attributes": {"x": object()}}):
        with refused("EXPORT_NODE"):
            scene_to_json(Scene([good.model_copy(update=bad)]))


def test_a_large_scene_and_a_too_large_one() -> None:
    node = {"id": "", "kind": "object", "type": "Mug"}
    with refused("IMPORT_TOO_LARGE"):
        scene_from_json(json.dumps({"format": "fleetmind-scene", "schema": 2, "nodes": [node] * 100_001}))
    with refused("JSON_TOO_LARGE"):
        scene_from_json("{}", max_bytes=1)
    deep = Scene([Node(id=f"n{i}", kind="object", type="Box", parent=f"n{i - 1}" if i else None,
                       relation="inside" if i else None) for i in range(3000)])
    assert len(scene_from_json(scene_to_json(deep))) == 3000
