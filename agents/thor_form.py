"""AI2-THOR metadata from outside, checked for its form before anything reads it, and what both ways share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fleetmind.agents.sim_seeing import STATES
from fleetmind.memory import FleetmindError, Pose

ORIGIN = "origin_m"
"""Attribute: AI2-THOR's `position` of an object, from its centre and in its own axes, metres."""
HORIZON = "horizon_deg"
"""Attribute of a robot: camera tilt, degrees, down is positive."""
MAX_OBJECTS = 100_000
MAX_M = 1e6
"""Farther away nothing is."""
_TEXTS = ("objectId", "objectType")
_LISTS = ("parentReceptacles", "controlledObjects", "salientMaterials", "receptacleObjectIds")


def checked(metadata: Any) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The objects and the agents' metadata, whatever form they come in.

    Raises:
        FleetmindError: `IMPORT_FORMAT`, `IMPORT_NODE`, `IMPORT_INVARIANT`, `IMPORT_TOO_LARGE`.
    """
    events = list(metadata) if isinstance(metadata, Sequence) and not isinstance(metadata, str | bytes) else [metadata]
    if not events or not all(isinstance(event, Mapping) for event in events):
        raise FleetmindError("IMPORT_FORMAT", "this is no AI2-THOR metadata: expected an object, or one for each agent")
    objects = events[0].get("objects")
    if objects is None and all(_is_object(one) for one in events[0].values()):
        objects, events = list(events[0].values()), []
    if not isinstance(objects, list) or not objects:
        raise FleetmindError("IMPORT_FORMAT", "this is no AI2-THOR metadata: expected `objects`, or "
                                              "{objectId: metadata}")
    if len(objects) > MAX_OBJECTS:
        raise FleetmindError("IMPORT_TOO_LARGE", f"{len(objects)} objects, at most {MAX_OBJECTS} are taken")
    seen: set[str] = set()
    for place, one in enumerate(objects):
        _object(place, one)
        if one["objectId"] in seen:
            raise FleetmindError("IMPORT_INVARIANT", f"object {one['objectId']!r:.150} stands twice: give one "
                                                     "scene only")
        seen.add(one["objectId"])
    agents = [event for event in events if event.get("agent") is not None]
    for event in agents:
        _agent(event)
    # What AI2-THOR always says, and a hand-made file may not.
    unsaid = {key: False for key, _ in STATES.values()}
    return [{**unsaid, **one} for one in objects], agents


def vector(value: Mapping[str, Any] | Sequence[Any]) -> tuple[float, float, float]:
    """Three numbers as they stand in checked metadata."""
    x, y, z = (value["x"], value["y"], value["z"]) if isinstance(value, Mapping) else value
    return float(x), float(y), float(z)


def axes_of(pose: Pose) -> tuple[tuple[float, float, float], ...]:
    """A node's own x, y and z axes in frame `map`."""
    norm = math.sqrt(pose.qx**2 + pose.qy**2 + pose.qz**2 + pose.qw**2)
    x, y, z, w = pose.qx / norm, pose.qy / norm, pose.qz / norm, pose.qw / norm
    return ((1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)),
            (2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)),
            (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)))


def _is_object(one: Any) -> bool:
    return isinstance(one, Mapping) and "objectType" in one


def _object(place: int, one: Any) -> None:
    if not _is_object(one) or not all(isinstance(one.get(key), str) and one[key] for key in _TEXTS):
        raise FleetmindError("IMPORT_NODE", f"object {place} has no texts `objectId` and `objectType`: {one!r:.150}")
    box, turned = one.get("axisAlignedBoundingBox"), one.get("rotation")
    oriented = one.get("objectOrientedBoundingBox")
    wrong = [key for key in _LISTS if not _names(one.get(key))]
    wrong += [key for key in ("mass", "distance") if not (one.get(key) is None or _finite(one[key]))]
    wrong += [] if _vector(one.get("position")) else ["position"]
    wrong += [] if turned is None or _vector(turned) else ["rotation"]
    wrong += [] if box is None or (isinstance(box, Mapping) and _vector(box.get("center")) and _vector(box.get("size"))
                                   ) else ["axisAlignedBoundingBox"]
    wrong += [] if oriented is None or _corners(oriented) else ["objectOrientedBoundingBox"]
    if wrong:
        raise FleetmindError("IMPORT_NODE", f"object {one['objectId']!r:.150}: {wrong[0]} is "
                                            f"{one.get(wrong[0])!r:.150}: give it as AI2-THOR 5.0.0 does")


def _agent(event: Mapping[str, Any]) -> None:
    agent, held = event["agent"], event.get("inventoryObjects") or []
    good = isinstance(agent, Mapping) and _vector(agent.get("position")) and isinstance(agent.get("rotation"), Mapping)
    if not (good and _finite(agent["rotation"].get("y")) and _finite(agent.get("cameraHorizon", 0.0))):
        raise FleetmindError("IMPORT_NODE", f"agent {agent!r:.150}: position, rotation.y and cameraHorizon are numbers")
    if not (isinstance(held, list) and all(isinstance(one, Mapping) and "objectId" in one for one in held)):
        raise FleetmindError("IMPORT_NODE", f"inventoryObjects is {held!r:.150}: give it as AI2-THOR 5.0.0 does")


def _names(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(name, str) for name in value))


def _corners(value: Any) -> bool:
    corners = value.get("cornerPoints") if isinstance(value, Mapping) else None
    return corners is None or (isinstance(corners, list) and all(
        isinstance(corner, list) and len(corner) == 3 and all(map(_finite, corner)) for corner in corners))


def _vector(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_finite(value.get(key)) for key in "xyz")


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -MAX_M < value < MAX_M
