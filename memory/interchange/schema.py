"""The JSON Schema of our scene document, made from the models so that it cannot disagree with what is read."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import cast

from fleetmind.memory.interchange.assemble import MAX_NODES
from fleetmind.memory.interchange.document import FORMAT, MEMBERS, READ
from fleetmind.memory.model import JsonValue
from fleetmind.memory.scene import Node

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "scene.schema.json"
_BOTH = "`parent` and `relation` go together."


def scene_json_schema() -> dict[str, JsonValue]:
    """The JSON Schema (draft 2020-12) of the document that `scene_to_json` writes and `scene_from_json` reads.

    What a schema cannot say is checked on import: ids are unique, parents exist, nothing contains itself, quaternions
    have length 1, `parent` and `relation` go together.
    """
    node = cast(dict[str, JsonValue], Node.model_json_schema())
    definitions = cast(dict[str, JsonValue], node.pop("$defs"))
    node["description"] = f"{node.get('description', '')} {_BOTH} `version` is ignored on import.".strip()
    return {
        "$schema": DIALECT, "$id": "urn:fleetmind:scene:2", "title": "fleetmind scene",
        "description": "A scene graph in frame `map`: right-handed, z up, metres, radians, quaternion x y z w.",
        "type": "object", "additionalProperties": False, "required": ["format", "schema", "nodes"],
        "properties": {
            "format": {"const": FORMAT}, "schema": {"enum": list(READ)},
            "version": {"type": "integer", "minimum": 0, "description": "The site's version this scene is of."},
            "frame": {"const": "map"},
            "nodes": {"type": "array", "maxItems": MAX_NODES, "items": {"$ref": "#/$defs/Node"}}},
        "$defs": {**definitions, "Node": node},
    }


def schema_text() -> str:
    """The schema as it is committed in `scene.schema.json`."""
    assert set(MEMBERS) == set(cast(dict[str, JsonValue], scene_json_schema()["properties"])), "all members described"
    return json.dumps(scene_json_schema(), indent=2, ensure_ascii=True) + "\n"


def committed_schema() -> str:
    """The committed file."""
    return (files("fleetmind.memory.interchange") / FILE).read_text(encoding="utf-8")
