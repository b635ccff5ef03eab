"""A scene as Spark-DSG JSON (MIT's dynamic scene graphs, used by Hydra), written without their package.

Layers: sites, buildings and floors in BUILDINGS (5), rooms in ROOMS (4), things and persons in OBJECTS (2), each robot
in an agent partition of its own. What Spark-DSG has no place for stands in the metadata of nodes and edges under
`fleetmind`, so that the graph comes back whole, also after Spark-DSG has loaded and saved it.
"""

from __future__ import annotations

import re
from typing import Any

from fleetmind.memory.interchange.document import SCHEMA, json_of, node_data
from fleetmind.memory.scene import Node, Scene

OURS = "fleetmind"
OBJECTS, PLACES, ROOMS, BUILDINGS = 2, 3, 4, 5
AGENTS_FROM = ord("a")
"""Partition of the first robot in layer 2."""
NO_LABEL = 0xFFFF_FFFF
VERSION = {"major": 1, "minor": 1, "patch": 3}
"""Of Spark-DSG, whose layout this is."""
LAYER_OF = {"site": BUILDINGS, "building": BUILDINGS, "floor": BUILDINGS, "room": ROOMS}
"""By kind; the rest is in OBJECTS."""
_LETTERS = {"site": "S", "building": "B", "floor": "F", "room": "R", "robot": "a", "person": "H"}
_SYMBOL = re.compile(r"([!-~])\((\d{1,17})\)")
_UNTURNED = {"w": 1.0, "x": 0.0, "y": 0.0, "z": 0.0}
_NO_FEATURE = {"cols": 0, "data": None, "rows": 0}
_LATEST_NS = 1 << 62


def scene_to_spark_dsg(scene: Scene, *, indent: int | None = None) -> str:
    """The scene as JSON that `spark_dsg.DynamicSceneGraph.load` reads.

    Args:
        scene: what to export.
        indent: blanks per level; None for one line.
    """
    nodes = sorted(scene, key=lambda node: node.id)
    symbols, labels = _symbols(nodes), _labels(nodes)
    robots = {node.id: AGENTS_FROM + place for place, node in enumerate(n for n in nodes if n.kind == "robot")}
    written = [
        {"id": symbols[node.id], "layer": LAYER_OF.get(node.kind, OBJECTS), "partition": robots.get(node.id, 0),
         "attributes": _attributes(node, data, _at(scene, node), symbols[node.id], labels[node.type])}
        for node, data in zip(nodes, node_data(scene), strict=True)]
    layers = [{"layer": layer, "partition": 0} for layer in (OBJECTS, PLACES, ROOMS, BUILDINGS)]
    return json_of({
        "SPARK_DSG_header": {"project_name": "main", "version": VERSION},
        "directed": False, "multigraph": False,
        "layer_keys": [*layers, *({"layer": OBJECTS, "partition": partition} for partition in robots.values())],
        "layer_names": dict(zip(("OBJECTS", "PLACES", "ROOMS", "BUILDINGS"), layers, strict=True)),
        "metadata": {OURS: {"schema": SCHEMA, "version": scene.version}, "labelspaces": {
            f"_l{layer}p0": [[label, name] for name, label in labels.items()]
            for layer in (OBJECTS, ROOMS, BUILDINGS)}},
        "nodes": written, "edges": _edges(scene, nodes, symbols),
    }, indent=indent)


def symbol_name(symbol: int) -> str:
    """A node's symbol as Spark-DSG prints it: `O(12)`."""
    letter, number = chr(symbol >> 56), symbol & ((1 << 56) - 1)
    return f"{letter}({number})" if "!" <= letter <= "~" else str(symbol)


def _symbols(nodes: list[Node]) -> dict[str, int]:
    """Spark-DSG's number for each node; what came from there keeps its own."""
    out: dict[str, int] = {}
    taken: set[int] = set()
    for node in nodes:
        found = _SYMBOL.fullmatch(str(node.attributes.get("source_id", "")))
        symbol = _symbol(found[1], int(found[2])) if found and int(found[2]) < 1 << 56 else None
        if symbol is not None and symbol not in taken:
            out[node.id] = symbol
            taken.add(symbol)
    numbers: dict[str, int] = {}
    for node in nodes:
        letter = _LETTERS.get(node.kind, "O")
        while node.id not in out:
            number = numbers[letter] = numbers.get(letter, -1) + 1
            if _symbol(letter, number) not in taken:
                out[node.id] = _symbol(letter, number)
                taken.add(out[node.id])
    return out


def _symbol(letter: str, number: int) -> int:
    return ord(letter) << 56 | number


def _labels(nodes: list[Node]) -> dict[str, int]:
    """A semantic label for each type; types that came from Spark-DSG keep theirs."""
    out: dict[str, int] = {}
    for node in nodes:
        label = node.attributes.get("semantic_label")
        if isinstance(label, int) and 0 <= label < NO_LABEL and label not in out.values():
            out.setdefault(node.type, label)
    free = iter(label for label in range(len(nodes) + len(out) + 1) if label not in set(out.values()))
    for type_name in sorted({node.type for node in nodes} - set(out)):
        out[type_name] = next(free)
    return out


def _at(scene: Scene, node: Node) -> list[float]:
    """Where the node is, or its nearest container that says so: Spark-DSG wants a position."""
    pose = next((n.pose for n in (node, *scene.ancestors(node.id)) if n.pose is not None), None)
    return [pose.x, pose.y, pose.z] if pose is not None else [0.0, 0.0, 0.0]


def _attributes(node: Node, data: dict[str, Any], at: list[float], symbol: int, label: int) -> dict[str, Any]:
    turned = quaternion_of(node)
    seen_ns = min(_LATEST_NS, max(0, round((node.last_seen_s or 0.0) * 1e9)))
    kept = {key: value for key, value in data.items() if key not in ("parent", "relation")}
    base = {"position": at, "last_update_time_ns": seen_ns, "is_active": False, "is_predicted": False,
            "metadata": {OURS: kept}}
    if node.kind == "robot":
        return {**base, "type": "AgentNodeAttributes", "world_R_body": turned, "external_key": symbol,
                "timestamp": seen_ns, "dbow_ids": None, "dbow_values": None}
    semantic = {**base, "name": node.id, "color": {"r": 128, "g": 128, "b": 128, "a": 255}, "semantic_label": label,
                "semantic_feature": _NO_FEATURE, "bounding_box": box_of(node)}
    if LAYER_OF.get(node.kind) == BUILDINGS:
        return {**semantic, "type": "SemanticNodeAttributes"}
    if node.kind == "room":
        return {**semantic, "type": "RoomNodeAttributes", "semantic_class_probabilities": {}}
    return {**semantic, "type": "ObjectNodeAttributes", "world_R_object": turned, "registered": node.pose is not None,
            "mesh_connections": []}


def quaternion_of(node: Node) -> dict[str, float]:
    """The node's rotation as Spark-DSG writes it."""
    pose = node.pose
    return {"w": pose.qw, "x": pose.qx, "y": pose.qy, "z": pose.qz} if pose is not None else dict(_UNTURNED)


def box_of(node: Node) -> dict[str, Any]:
    """The node's bounding box as Spark-DSG writes it."""
    if node.pose is None or (node.size is None and node.box is None):
        return {"type": "INVALID", "dimensions": [0.0] * 3, "world_P_center": [0.0] * 3, "world_R_center": _UNTURNED}
    centre = [node.pose.x, node.pose.y, node.pose.z]
    if node.box is not None:
        return {"type": "OBB", "dimensions": list(node.box), "world_P_center": centre,
                "world_R_center": quaternion_of(node)}
    return {"type": "AABB", "dimensions": list(node.size or ()), "world_P_center": centre, "world_R_center": _UNTURNED}


def _edges(scene: Scene, nodes: list[Node], symbols: dict[str, int]) -> list[dict[str, Any]]:
    """Spark-DSG has one edge between two nodes, whatever it stands for; the upper end comes first."""
    said: dict[tuple[str, str], dict[str, Any]] = {}

    def about(upper: str, lower: str) -> dict[str, Any]:
        return said.setdefault((lower, upper) if (lower, upper) in said else (upper, lower), {})

    for node in nodes:
        if node.parent is not None and node.parent in symbols:
            about(node.parent, node.id).update(child=node.id, relation=node.relation)
    for node in nodes:
        room = scene.room_of(node.id)
        if room is not None and room.id not in (node.id, node.parent) and node.kind != "room":
            about(room.id, node.id).update(derived=True)  # so that Spark-DSG's rooms have what is in them
        for link in node.links:
            if link.to in symbols and link.to != node.id:
                about(node.id, link.to).setdefault("links", []).append(f"{link.relation} {node.id}")
    return [{"source": symbols[upper], "target": symbols[lower], "info": {
        "type": "EdgeAttributes", "weight": 1.0, "weighted": False, "metadata": {OURS: words}}}
        for (upper, lower), words in said.items()]
