"""Our JSON document: its schema is up to date, and what is exported obeys it."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import Any

import pytest

from fleetmind.memory.conformance.site import kitchen
from fleetmind.memory.interchange import scene_from_json, scene_json_schema, scene_to_json
from fleetmind.memory.interchange.schema import committed_schema, schema_text
from fleetmind.memory.scene import Link, Node, Pose, Scene, Sighting

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "integer": (int,), "number": (int, float)}
FULL = Node(id="mug-1", kind="object", type="Mug", parent="shelf", relation="on", pose=Pose(x=1, y=2, z=3, qz=1, qw=0),
            size=(1, 2, 3), box=(1, 2, 3), states={"dirty": True, "level": 0.5, "filled": "water"},
            attributes={"pickupable": True, "deep": [{"a": None}]}, confidence=0.5, last_seen_s=1.5, source="ann",
            links=(Link(relation="same_as", to="cup-1"),), covariance=(1, 0, 0, 1, 0, 1),
            sightings=(Sighting(robot="ann", time_s=1.5, seen=False, confidence=0.4),), version=7)


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """What a document breaks of the keywords that our schema uses."""
    if "$ref" in schema:
        return faults(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    out: list[str] = []
    if "anyOf" in schema and all(faults(value, one, root, at) for one in schema["anyOf"]):
        out.append(f"{at}: none of anyOf")
    if ("const" in schema and value != schema["const"]) or ("enum" in schema and value not in schema["enum"]):
        out.append(f"{at}: not the value")
    if "type" in schema and (not isinstance(value, TYPES[schema["type"]])
                             or (isinstance(value, bool) and schema["type"] != "boolean")):
        return [*out, f"{at}: no {schema['type']}"]
    if isinstance(value, str):
        long = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        out += [] if long and re.search(schema.get("pattern", ""), value) else [f"{at}: text"]
    if isinstance(value, int | float):
        within = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        out += [] if within else [f"{at}: range"]
    if isinstance(value, list):
        count = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        out += [] if count else [f"{at}: count"]
        each = [*schema.get("prefixItems", ()), *[schema.get("items", {})] * len(value)]
        out += [fault for i, one in enumerate(value) for fault in faults(one, each[i], root, f"{at}[{i}]")]
    if isinstance(value, dict):
        known, other = schema.get("properties", {}), schema.get("additionalProperties", {})
        out += [f"{at}: lacks {key}" for key in schema.get("required", ()) if key not in value]
        for key, one in value.items():
            rule = known.get(key, other)
            out += [f"{at}.{key}: unknown"] if rule is False else faults(
                one, rule if isinstance(rule, dict) else {}, root, f"{at}.{key}")
    return out


def test_the_schema_is_up_to_date() -> None:
    assert committed_schema() == schema_text(), "write schema_text() to memory/interchange/scene.schema.json"


@pytest.mark.parametrize("scene", [Scene(), Scene(kitchen().put, version=4), Scene([
    Node(id="shelf", kind="receptacle", type="Shelf"), FULL], version=9)])
def test_what_is_exported_obeys_the_schema(scene: Scene) -> None:
    document, schema = json.loads(scene_to_json(scene)), scene_json_schema()
    assert faults(document, schema, schema) == []
    if importlib.util.find_spec("jsonschema") is not None:
        import jsonschema
        jsonschema.validate(document, schema)


@pytest.mark.parametrize("change", [
    {"colour": "red"}, {"kind": "tree"}, {"id": ""}, {"id": "a{"}, {"size": [1, 2]}, {"confidence": 2}, {"type": 3},
    {"links": [{"relation": "near", "to": "b"}]}, {"covariance": [0] * 5}, {"sightings": [{"robot": "ann"}]},
])
def test_what_the_schema_refuses_is_refused(change: dict[str, Any]) -> None:
    schema = scene_json_schema()
    document = {"format": "fleetmind-scene", "schema": 2,
                "nodes": [{"id": "a", "kind": "room", "type": "R", **change}]}
    assert faults(document, schema, schema)
    with pytest.raises(Exception, match="IMPORT_NODE"):
        scene_from_json(json.dumps(document))


def test_all_fields_come_back_and_schema_1_is_read() -> None:
    shelf = Node(id="shelf", kind="receptacle", type="Shelf")
    back = scene_from_json(scene_to_json(Scene([FULL, shelf], version=3), indent=None))
    assert back["mug-1"] == FULL.model_copy(update={"version": 0})
    assert back.version == 3
    old = {"format": "fleetmind-scene", "schema": 1, "version": 2, "nodes": [{"id": "a", "kind": "room", "type": "R"}]}
    assert scene_from_json(json.dumps(old))["a"].links == ()
    assert json.loads(scene_to_json(back))["schema"] == 2
