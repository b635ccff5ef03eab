"""A scene as a JSON document and back.

The document: `{"format": "fleetmind-scene", "schema": 1, "version": n, "frame": "map", "nodes": [node, ...]}`, a node
having the fields of `Node` without `version`; fields at their default may be left out. Nodes may stand in any order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.scene import Node, Scene

FORMAT = "fleetmind-scene"
SCHEMA = 1
MAX_BYTES = 64 << 20
MAX_NODES = 100_000
_MEMBERS = {"format", "schema", "version", "frame", "nodes"}


def scene_to_json(scene: Scene, *, indent: int | None = 2) -> str:
    """The scene as a JSON document, nodes ordered by id.

    Args:
        scene: what to export.
        indent: blanks per level; None for one line.
    """
    nodes = [node.model_dump(mode="json", exclude={"version"}, exclude_defaults=True)
             for node in sorted(scene, key=lambda node: node.id)]
    document = {"format": FORMAT, "schema": SCHEMA, "version": scene.version, "frame": "map", "nodes": nodes}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)


def scene_from_json(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Scene:
    """The scene of a JSON document; its nodes' versions are 0, for a store sets them.

    Raises:
        FleetmindError: `JSON_...` as `loads_strict`; `IMPORT_FORMAT` (another kind of file), `IMPORT_SCHEMA` (a newer
            layout), `IMPORT_TOO_LARGE`, `IMPORT_NODE` (names the node and what is wrong), `IMPORT_INVARIANT` (an id
            twice, an unknown parent, a containment cycle).
    """
    document = loads_strict(text, max_bytes=max_bytes)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FleetmindError("IMPORT_FORMAT", f"this is no scene: expected an object with \"format\": {FORMAT!r}")
    if document.get("schema") != SCHEMA:
        raise FleetmindError("IMPORT_SCHEMA", f"scene schema {document.get('schema')!r} is not {SCHEMA}: export it "
                                              "with this version of fleetmind")
    unknown = sorted(set(document) - _MEMBERS)
    if unknown or document.get("frame", "map") != "map":
        raise FleetmindError("IMPORT_FORMAT", f"unknown members {unknown!r:.200} or frame {document.get('frame')!r}: "
                                              "frame is 'map'")
    raw_nodes, version = document.get("nodes"), document.get("version", 0)
    if not isinstance(raw_nodes, list) or not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise FleetmindError("IMPORT_FORMAT", f"nodes must be a list and version a count, version is {version!r:.60}")
    if len(raw_nodes) > MAX_NODES:
        raise FleetmindError("IMPORT_TOO_LARGE", f"{len(raw_nodes)} nodes, at most {MAX_NODES} are taken")
    nodes: dict[str, Node] = {}
    for place, raw in enumerate(raw_nodes):
        node = _node(place, raw)
        if node.id in nodes:
            raise FleetmindError("IMPORT_INVARIANT", f"node {node.id!r} stands twice")
        nodes[node.id] = node
    _check_forest(nodes)
    return Scene(nodes.values(), version=version)


def _node(place: int, raw: object) -> Node:
    try:
        node = Node.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        name = raw.get("id", place) if isinstance(raw, dict) else place
        at = ".".join(str(part) for part in first["loc"])
        raise FleetmindError("IMPORT_NODE", f"node {name!r:.150}: {at}: {first['msg']}") from None
    return node.model_copy(update={"version": 0})


def _check_forest(nodes: Mapping[str, Node]) -> None:
    rooted: set[str] = set()
    for start in nodes.values():
        path: set[str] = set()
        node = start
        while node.id not in rooted:
            if node.id in path:
                raise FleetmindError("IMPORT_INVARIANT", f"node {start.id!r} contains itself: {sorted(path)!r:.300}")
            path.add(node.id)
            if node.parent is None:
                break
            if node.parent not in nodes:
                raise FleetmindError("IMPORT_INVARIANT", f"parent {node.parent!r} of {node.id!r} is not in the file")
            node = nodes[node.parent]
        rooted |= path
