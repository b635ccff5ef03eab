"""A scene as AI2-THOR's object metadata: what programs written for AI2-THOR read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from fleetmind.agents.sim_seeing import FLAGS, STATES
from fleetmind.agents.thor_form import HORIZON, ORIGIN, axes_of
from fleetmind.memory import Node, Pose, Scene
from fleetmind.simulators.frames import euler_from_map, position_from_map, size_from_map, yaw_from_map

_STATE_KEYS = dict(STATES.values())
Vector = tuple[float, float, float]


def thor_from_scene(scene: Scene) -> dict[str, Any]:
    """The scene in the form of AI2-THOR 5.0.0's metadata, in AI2-THOR's left-handed frame.

    `objects` are the objects and receptacles that have a pose, and a `Floor` for each room. The first robot is `agent`,
    all are in `agents`. Confidence, sightings, links and persons have no place there.

    Args:
        scene: what to export.
    """
    nodes = sorted(scene, key=lambda node: _natural(node.id))
    names = {node.id: _object_id(node) for node in nodes if node.kind in ("object", "receptacle", "room")}
    objects = [_floor(node, names) for node in nodes if node.kind == "room" and node.pose is not None]
    objects += [_object(scene, node, node.pose, names) for node in nodes
                if node.kind in ("object", "receptacle") and node.pose is not None]
    agents = [_agent(scene, node, node.pose, names) for node in nodes if node.kind == "robot" and node.pose is not None]
    first = agents[0] if agents else {"agent": None, "inventoryObjects": []}
    return {"objects": objects, **first, "agents": agents, "lastActionSuccess": True, "errorMessage": ""}


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `mug-2` before `mug-10`, so that a scene that comes back has its numbers back."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d{1,18})", name)]


def _object_id(node: Node) -> str:
    """The id it came with, or one as AI2-THOR makes them."""
    source = node.attributes.get("source_id")
    if isinstance(source, str) and source:
        return source
    x, y, z = position_from_map(node.pose.x, node.pose.y, node.pose.z) if node.pose is not None else (0.0, 0.0, 0.0)
    return f"{node.type}|{x:+06.2f}|{y:+06.2f}|{z:+06.2f}|{node.id}"


def _object(scene: Scene, node: Node, pose: Pose, names: dict[str, str]) -> dict[str, Any]:
    inside = [names[child.id] for child in scene.children(node.id) if child.id in names]
    around = [names[up.id] for up in scene.ancestors(node.id) if up.id in names and up.kind != "room"]
    room = scene.room_of(node.id)
    if room is not None and node.parent == room.id:
        around.append(names[room.id])
    controls: Any = node.attributes.get("controls")
    flags = {theirs: node.is_a(ours) for theirs, ours in FLAGS.items()}
    mass, materials = node.attributes.get("mass_kg"), node.attributes.get("materials")
    return {
        "name": node.id, "objectId": names[node.id], "objectType": node.type, "position": _xyz(_origin(node, pose)),
        "rotation": _xyz(euler_from_map(pose.qx, pose.qy, pose.qz, pose.qw)), **flags, **_states(node, scene),
        "mass": mass if isinstance(mass, int | float) else 0.0, "salientMaterials": materials, "distance": 0.0,
        "visible": False, "isInteractable": False, "isMoving": False, "assetId": "",
        "parentReceptacles": around or None, "receptacleObjectIds": inside if node.is_a("receptacle") else None,
        "controlledObjects": [names[c] for c in controls if c in names] if isinstance(controls, list) else None,
        "axisAlignedBoundingBox": _aligned(pose, node.size), "objectOrientedBoundingBox": _oriented(node, pose)}


def _states(node: Node, scene: Scene) -> dict[str, Any]:
    out: dict[str, Any] = {key: node.states.get(name) is True for key, name in _STATE_KEYS.items()}
    liquid = node.states.get("filled") or None
    above = scene.get(node.parent) if node.parent is not None else None
    return {**out, "openness": 1.0 if out["isOpen"] else 0.0, "isFilledWithLiquid": liquid is not None,
            "fillLiquid": liquid if isinstance(liquid, str) else "water" if liquid else None,
            "temperature": node.states.get("temperature") or "RoomTemp",
            "isPickedUp": node.relation == "held_by" and above is not None and above.kind == "robot"}


def _floor(node: Node, names: dict[str, str]) -> dict[str, Any]:
    assert node.pose is not None, "only rooms with a pose are floors"
    wide, deep, high = node.size or (0.0, 0.0, 0.0)
    pose = Pose(x=node.pose.x, y=node.pose.y, z=node.pose.z - high / 2)
    return {"name": node.id, "objectId": names[node.id], "objectType": "Floor", "position": _xyz(_thor(pose)),
            "rotation": _xyz((0.0, 0.0, 0.0)), "receptacle": True, "parentReceptacles": None,
            "axisAlignedBoundingBox": _aligned(pose, (wide, deep, 0.0)), "objectOrientedBoundingBox": None}


def _agent(scene: Scene, node: Node, pose: Pose, names: dict[str, str]) -> dict[str, Any]:
    horizon, standing = node.attributes.get(HORIZON), node.states.get("standing")
    held = [n for n in scene.children(node.id) if n.relation == "held_by" and n.id in names]
    return {"agent": {"name": node.id, "position": _xyz(_thor(pose)), "isStanding": standing is not False,
                      "rotation": _xyz((0.0, yaw_from_map(pose.qx, pose.qy, pose.qz, pose.qw), 0.0)),
                      "cameraHorizon": horizon if isinstance(horizon, int | float) else 0.0},
            "inventoryObjects": [{"objectId": names[n.id], "objectType": n.type} for n in held]}


def _origin(node: Node, pose: Pose) -> Vector:
    """AI2-THOR's `position`: the centre, or where the object's origin has moved with it."""
    kept: Any = node.attributes.get(ORIGIN)
    if not (isinstance(kept, list) and len(kept) == 3 and all(isinstance(part, int | float) for part in kept)):
        return _thor(pose)
    away = [sum(part * axis[i] for part, axis in zip(kept, axes_of(pose), strict=True)) for i in range(3)]
    return position_from_map(pose.x + away[0], pose.y + away[1], pose.z + away[2])


def _aligned(pose: Pose, size: Vector | None) -> dict[str, Any] | None:
    if size is None:
        return None
    centre, sides = _thor(pose), size_from_map(*size)
    corners = [[c + sign * s / 2 for c, s, sign in zip(centre, sides, signs, strict=True)]
               for signs in itertools.product((1, -1), repeat=3)]
    return {"center": _xyz(centre), "size": _xyz(sides), "cornerPoints": corners}


def _oriented(node: Node, pose: Pose) -> dict[str, Any] | None:
    if node.box is None:
        return None
    axes, corners = axes_of(pose), []
    for signs in itertools.product((1, -1), repeat=3):
        at = [centre + sum(sign * side / 2 * axis[i] for sign, side, axis in zip(signs, node.box, axes, strict=True))
              for i, centre in enumerate((pose.x, pose.y, pose.z))]
        corners.append(list(position_from_map(at[0], at[1], at[2])))
    return {"cornerPoints": corners}


def _thor(pose: Pose) -> Vector:
    return position_from_map(pose.x, pose.y, pose.z)


def _xyz(vector: Sequence[float]) -> dict[str, float]:
    return dict(zip("xyz", vector, strict=True))
