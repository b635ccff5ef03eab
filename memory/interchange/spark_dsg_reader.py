"""Spark-DSG JSON back to a scene: our own export whole, graphs of others as far as a scene can hold them.

Of a foreign graph rooms, buildings, objects and the newest pose of each robot are read. Places, segments, meshes,
earlier poses, colours and semantic features are left out; an object that hangs on a place is in the room above it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.assemble import MAX_BYTES, assemble, count_of
from fleetmind.memory.interchange.spark_dsg import LAYER_OF, NO_LABEL, OBJECTS, OURS, box_of, symbol_name
from fleetmind.memory.interchange.spark_native import (
    UNTURNED,
    Ids,
    Rotation,
    extent,
    kind_of,
    native_node,
    quaternion,
    rotation_of,
    sides_of,
    vector_of,
)
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.model import JsonValue
from fleetmind.memory.scene import Node, Scene

_ROUNDED = 1e-5
"""Spark-DSG keeps boxes as 32-bit floats: closer than this is the same."""
_TREE = ("in", "inside", "on", "held_by")


def scene_from_spark_dsg(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Scene:
    """The scene of a Spark-DSG graph saved as JSON (`graph.save("x.json", include_mesh=False)`).

    Where Spark-DSG has moved, turned or resized a node of our export, or hung it elsewhere, that counts.

    Args:
        text: JSON, UTF-8 where bytes.
        max_bytes: longer text is refused unread; leave the mesh out.

    Raises:
        FleetmindError: `JSON_...`, `IMPORT_FORMAT` and as `scene_from_json`.
    """
    return scene_from_spark_dsg_data(loads_strict(text, max_bytes=max_bytes))


def scene_from_spark_dsg_data(data: JsonValue) -> Scene:
    """The same of data that is parsed already."""
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list) or not isinstance(data.get("edges"), list):
        raise FleetmindError("IMPORT_FORMAT", "this is no Spark-DSG graph: expected an object with lists `nodes` and "
                                              "`edges`")
    metadata: Any = data.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    own = metadata.get(OURS)
    records = {record["id"]: record for record in _checked(data["nodes"])}
    raws = _raws(records, _label_names(metadata))
    edges = list(_edges(data["edges"], records))
    _hang(raws, records, edges)
    version = own.get("version", 0) if isinstance(own, dict) else 0
    return assemble(raws.values(), version=count_of(version, "version"))


def _checked(nodes: Any) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    for place, node in enumerate(nodes):
        if not (isinstance(node, dict) and isinstance(node.get("id"), int) and 0 <= node["id"] < 1 << 64
                and isinstance(node.get("layer"), int) and isinstance(node.get("attributes"), dict)):
            raise FleetmindError("IMPORT_FORMAT", f"node {place} is no Spark-DSG node: expected numbers `id` and "
                                                  "`layer` and an object `attributes`")
        if node["id"] in seen:
            raise FleetmindError("IMPORT_INVARIANT", f"node {symbol_name(node['id'])!r} stands twice: give each its "
                                                     "own id")
        seen.add(node["id"])
        yield node


def _label_names(metadata: dict[str, Any]) -> dict[tuple[str, int], str]:
    """Names of semantic labels by labelspace."""
    out: dict[tuple[str, int], str] = {}
    spaces = metadata.get("labelspaces")
    for space, pairs in (spaces.items() if isinstance(spaces, dict) else ()):
        for pair in pairs if isinstance(pairs, list) else ():
            if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], int) and isinstance(pair[1], str):
                out[space, pair[0]] = pair[1]
    return out


def _raws(records: dict[int, dict[str, Any]], names: dict[tuple[str, int], str]) -> dict[int, dict[str, Any]]:
    """Our fields of each node that is read, by Spark-DSG's number."""
    ours = {symbol: meta for symbol, record in records.items() if (meta := _metadata(record["attributes"])) is not None}
    out: dict[int, dict[str, Any]] = {symbol: _edited(meta, records[symbol]) for symbol, meta in ours.items()}
    ids = Ids({str(raw.get("id")) for raw in out.values()})
    newest: dict[str, int] = {}
    for symbol, record in records.items():
        kind = kind_of(record)
        if symbol in out or kind is None:
            continue
        label = record["attributes"].get("semantic_label")
        space = f"_l{record['layer']}p{record.get('partition', 0)}"
        known = names.get((space, label)) if isinstance(label, int) and label != NO_LABEL else None
        if kind == "robot":
            robot = str(record.get("partition") or record.get("prefix") or symbol >> 56)
            if robot in newest and _time(records[newest[robot]]) > _time(record):
                continue
            out.pop(newest.get(robot, -1), None)
            newest[robot] = symbol
        out[symbol] = native_node(record, kind, known, ids)
    return out


def _time(record: dict[str, Any]) -> tuple[float, int]:
    stamp = record.get("timestamp", record["attributes"].get("timestamp", 0))
    return (stamp if isinstance(stamp, int | float) else 0, record["id"])


def _metadata(holder: Any) -> dict[str, Any] | None:
    metadata = holder.get("metadata") if isinstance(holder, dict) else None
    own = metadata.get(OURS) if isinstance(metadata, dict) else None
    return dict(own) if isinstance(own, dict) else None


def _edited(meta: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """Our own fields, with what was changed in Spark-DSG since."""
    meta = {key: value for key, value in meta.items() if key not in ("parent", "relation")}
    try:
        node = Node.model_validate(meta)
    except ValueError:
        return meta  # `assemble` says what is wrong with it
    attributes, sides = record["attributes"], sides_of(record["attributes"])
    turned = rotation_of(attributes, node.kind)
    if node.pose is not None:
        at, pose = vector_of(attributes.get("position")), node.pose
        was = (pose.qw, pose.qx, pose.qy, pose.qz)
        changed: dict[str, float] = {}
        if at is not None and not _close((pose.x, pose.y, pose.z), at):
            changed = dict(zip("xyz", at, strict=True))
        if turned is not None and not _turned_alike(quaternion(dict(zip("wxyz", was, strict=True))) or was, turned):
            changed.update(zip(("qw", "qx", "qy", "qz"), turned, strict=True))
        meta["pose"] = {**pose.model_dump(), **changed}
    known = box_of(node)
    if sides is not None and not _close(known["dimensions"], sides):
        box = attributes["bounding_box"]
        upright = box.get("type") == "AABB"
        own_turn = quaternion(box.get("world_R_center")) or UNTURNED
        meta.update({"size": sides, "box": None} if upright else {"size": extent(sides, own_turn), "box": sides})
    return meta


def _close(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(math.isclose(a, b, rel_tol=_ROUNDED, abs_tol=_ROUNDED) for a, b in zip(one, other, strict=True))


def _turned_alike(one: Rotation, other: Rotation) -> bool:
    """Opposite quaternions are the same rotation."""
    return abs(abs(sum(a * b for a, b in zip(one, other, strict=True))) - 1) < _ROUNDED


def _edges(edges: Any, records: dict[int, dict[str, Any]]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for place, edge in enumerate(edges):
        one, other = (edge.get("source"), edge.get("target")) if isinstance(edge, dict) else (None, None)
        if not (isinstance(one, int) and isinstance(other, int) and one in records and other in records):
            raise FleetmindError("IMPORT_FORMAT", f"edge {place} from {one!r:.60} to {other!r:.60}: both ends are "
                                                  "numbers of nodes")
        yield one, other, _metadata(edge.get("info")) or {}


def _hang(raws: dict[int, dict[str, Any]], records: dict[int, dict[str, Any]],
          edges: list[tuple[int, int, dict[str, Any]]]) -> None:
    """Give each node its parent: where our edges say so, else the nearest layer above, through what is not read."""
    above: dict[int, int] = {}
    for one, other, words in edges:
        if words.get("relation") in _TREE:
            for child, parent in ((one, other), (other, one)):
                if child in raws and parent in raws and raws[child].get("id") == words.get("child"):
                    raws[child].update(parent=raws[parent].get("id"), relation=words["relation"])
        elif not words:
            lower, upper = sorted((one, other), key=lambda symbol: _height(records[symbol]))
            if _height(records[lower]) < _height(records[upper]) and (
                    lower not in above or _height(records[upper]) < _height(records[above[lower]])):
                above[lower] = upper
    for symbol, raw in raws.items():
        if "parent" not in raw:
            holder = above.get(symbol)
            while holder is not None and holder not in raws:
                holder = above.get(holder)
            if holder is not None:
                raw.update(parent=raws[holder].get("id"), relation="in")


def _height(record: dict[str, Any]) -> float:
    """Layer, with agents below all else."""
    kind = kind_of(record)
    return OBJECTS - 0.5 if kind == "robot" else float(LAYER_OF.get(kind or "", record["layer"]))
