"""One node of a Spark-DSG graph in our words."""

from __future__ import annotations

import math
import re
from typing import Any

from fleetmind.memory.interchange.spark_dsg import BUILDINGS, NO_LABEL, OBJECTS, ROOMS, symbol_name

Rotation = tuple[float, float, float, float]
"""A quaternion w x y z."""
UNTURNED: Rotation = (1.0, 0.0, 0.0, 0.0)
_BY_TYPE = {"AgentNodeAttributes": "robot", "RoomNodeAttributes": "room", "ObjectNodeAttributes": "object",
            "KhronosObjectAttributes": "object"}
_BY_LAYER = {BUILDINGS: "building", ROOMS: "room", OBJECTS: "object"}
_NAMED = {"building": "Building", "room": "Room", "object": "Object", "robot": "Robot"}
_ROTATIONS = {"robot": "world_R_body", "object": "world_R_object"}


def kind_of(record: dict[str, Any]) -> str | None:
    """Our kind for a node; None for what a scene does not hold (places, segments)."""
    kind = record["attributes"].get("type")
    if kind == "SemanticNodeAttributes":
        return _BY_LAYER.get(record["layer"])
    return _BY_TYPE.get(str(kind))


class Ids:
    """Gives ids in our style, `mug-3`, none twice.

    Args:
        taken: ids that are not free.
    """

    def __init__(self, taken: set[str]) -> None:
        self._taken, self._last = taken, dict[str, int]()

    def new(self, type_name: str) -> str:
        """The next free id for a thing of that type."""
        stem = re.sub(r"[\x00-\x1f\x7f{}*\s]+", "-", type_name.lower()).strip("-") or "node"
        while True:
            self._last[stem] = self._last.get(stem, 0) + 1
            found = f"{stem}-{self._last[stem]}"
            if found not in self._taken:
                self._taken.add(found)
                return found


def native_node(record: dict[str, Any], kind: str, label_name: str | None, ids: Ids) -> dict[str, Any]:
    """Fields of `Node` from what Spark-DSG itself knows of it.

    Args:
        record: the node as it stands in the file, `id`, `layer` and `attributes` checked.
        kind: our kind.
        label_name: name of its semantic label, where the graph has a labelspace.
        ids: gives it one.
    """
    attributes = record["attributes"]
    name = attributes.get("name")
    name = name if isinstance(name, str) else ""
    type_name = (label_name or name or _NAMED.get(kind, "Object"))[:64]
    kept: dict[str, Any] = {"source_id": symbol_name(record["id"])}
    if name and name != type_name:
        kept["name"] = name
    label = attributes.get("semantic_label")
    if isinstance(label, int) and label != NO_LABEL:
        kept["semantic_label"] = label
    out: dict[str, Any] = {"id": ids.new(type_name), "kind": kind, "type": type_name, "attributes": kept,
                           "source": "spark-dsg"}
    seen_ns = attributes.get("last_update_time_ns")
    if isinstance(seen_ns, int | float) and seen_ns > 0:
        out["last_seen_s"] = seen_ns / 1e9
    return {**out, **_place(attributes, kind)}


def _place(attributes: dict[str, Any], kind: str) -> dict[str, Any]:
    """Pose, size and box."""
    sides = sides_of(attributes)
    box = attributes.get("bounding_box") if sides is not None else None
    centre = vector_of(box.get("world_P_center") if isinstance(box, dict) else attributes.get("position"))
    if centre is None:
        return {}
    upright = not isinstance(box, dict) or box.get("type") == "AABB"
    turned = rotation_of(attributes, kind) if upright else quaternion((box or {}).get("world_R_center"))
    out: dict[str, Any] = {"pose": dict(zip("xyz", centre, strict=True))}
    if turned is not None:
        out["pose"].update(zip(("qw", "qx", "qy", "qz"), turned, strict=True))
    if sides is not None:
        out.update({"size": sides} if upright else {"size": extent(sides, turned or UNTURNED), "box": sides})
    return out


def sides_of(attributes: dict[str, Any]) -> list[float] | None:
    """The bounding box's extent along its own axes, metres; None where there is no box."""
    box = attributes.get("bounding_box")
    if not isinstance(box, dict) or box.get("type") not in ("AABB", "OBB", "RAABB"):
        return None
    sides = vector_of(box.get("dimensions"))
    return sides if sides is not None and min(sides) >= 0 else None


def rotation_of(attributes: dict[str, Any], kind: str) -> Rotation | None:
    """The node's own rotation; rooms and buildings have none."""
    return quaternion(attributes.get(_ROTATIONS.get(kind, "")))


def extent(size: list[float], turned: Rotation) -> list[float]:
    """Extent along the axes of a turned box.

    Args:
        size: along its own axes, metres.
        turned: quaternion w x y z.
    """
    w, x, y, z = turned
    rows = ((1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)))
    return [sum(abs(part) * side for part, side in zip(row, size, strict=True)) for row in rows]


def vector_of(value: Any) -> list[float] | None:
    """Three finite numbers, or None."""
    if not (isinstance(value, list) and len(value) == 3 and all(map(_finite, value))):
        return None
    return [float(part) for part in value]


def quaternion(value: Any) -> Rotation | None:
    """A rotation of length 1; None where it is none: Spark-DSG may not have set it."""
    parts: list[Any] = [value.get(key) for key in "wxyz"] if isinstance(value, dict) else [None]
    if not all(map(_finite, parts)) or max(abs(part) for part in parts) > 2:
        return None
    norm = math.hypot(*parts)
    return (parts[0] / norm, parts[1] / norm, parts[2] / norm, parts[3] / norm) if 0.9 < norm < 1.1 else None


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
