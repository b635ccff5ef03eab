"""A scene as our own JSON document and back.

The document: `{"format": "fleetmind-scene", "schema": 2, "version": n, "frame": "map", "nodes": [node, ...]}`, a node
having the fields of `Node` without `version`; fields at their default may be left out. Nodes may stand in any order.
Schema 2 added `links`, `box`, `covariance` and `sightings`; documents of schema 1 are read as they are.
`scene.schema.json` beside this file is its JSON Schema.
"""

from __future__ import annotations

import json

from pydantic import TypeAdapter

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.assemble import MAX_BYTES, assemble, count_of
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.model import JsonValue
from fleetmind.memory.scene import Node, Scene

FORMAT = "fleetmind-scene"
SCHEMA = 2
READ = (1, 2)
"""Schemas that are read."""
MEMBERS = ("format", "schema", "version", "frame", "nodes")
_NODES: TypeAdapter[list[Node]] = TypeAdapter(list[Node])


def node_data(scene: Scene) -> list[dict[str, JsonValue]]:
    """The nodes as plain data by id, without what is at its default and without `version`.

    Raises:
        FleetmindError: `EXPORT_NODE`, when a node holds what JSON cannot carry.
    """
    nodes = sorted(scene, key=lambda node: node.id)
    try:
        data: list[dict[str, JsonValue]] = _NODES.dump_python(
            nodes, mode="json", exclude={"__all__": {"version"}}, exclude_defaults=True)
    except ValueError as error:  # `model_copy` checks nothing, so a node may hold anything
        raise FleetmindError("EXPORT_NODE", f"a node cannot be written as JSON: {error}") from None
    return data


def scene_to_json(scene: Scene, *, indent: int | None = 2) -> str:
    """The scene as a JSON document, nodes ordered by id.

    Args:
        scene: what to export.
        indent: blanks per level; None for one line.
    """
    document = {"format": FORMAT, "schema": SCHEMA, "version": scene.version, "frame": "map",
                "nodes": node_data(scene)}
    return json_of(document, indent=indent)


def json_of(document: object, *, indent: int | None = 2) -> str:
    """JSON text of plain data.

    Raises:
        FleetmindError: `EXPORT_NODE`, when a number is not finite or a text is no Unicode.
    """
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
        text.encode()
    except ValueError as error:
        raise FleetmindError("EXPORT_NODE", f"the scene cannot be written as JSON: {error}; use finite numbers and "
                                            "valid Unicode") from None
    return text


def scene_from_json(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Scene:
    """The scene of a JSON document; its nodes' versions are 0, for a store sets them.

    Raises:
        FleetmindError: `JSON_...` as `loads_strict`; `IMPORT_FORMAT` (another kind of file), `IMPORT_SCHEMA` (a newer
            layout), `IMPORT_TOO_LARGE`, `IMPORT_NODE` (names the node and what is wrong), `IMPORT_INVARIANT` (an id
            twice, an unknown parent, a containment cycle).
    """
    return scene_from_document(loads_strict(text, max_bytes=max_bytes))


def scene_from_document(document: JsonValue) -> Scene:
    """The same of a document that is parsed already."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FleetmindError("IMPORT_FORMAT", f"this is no scene: expected an object with \"format\": {FORMAT!r}")
    schema = document.get("schema")
    if isinstance(schema, bool) or schema not in READ:
        raise FleetmindError("IMPORT_SCHEMA", f"scene schema {schema!r:.60} is none of {READ}: export it with this "
                                              "version of fleetmind")
    unknown = sorted(set(document) - set(MEMBERS))
    if unknown or document.get("frame", "map") != "map":
        raise FleetmindError("IMPORT_FORMAT", f"unknown members {unknown!r:.200} or frame "
                                              f"{document.get('frame')!r:.60}: frame is 'map'")
    nodes = document.get("nodes")
    if not isinstance(nodes, list):
        raise FleetmindError("IMPORT_FORMAT", f"nodes must be a list, it is {type(nodes).__name__}")
    return assemble(nodes, version=count_of(document.get("version", 0), "version"))
