"""Actions by number: driving as it is, and work on the object that the agent faces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fleetmind.simulators.world import Action

DRIVES = ("MoveAhead", "MoveBack", "MoveLeft", "MoveRight", "RotateLeft", "RotateRight", "LookUp", "LookDown")
NEEDS: dict[str, str] = {
    "PickupObject": "pickupable", "PutObject": "receptacle", "OpenObject": "openable", "CloseObject": "openable",
    "ToggleObjectOn": "toggleable", "ToggleObjectOff": "toggleable", "SliceObject": "sliceable",
    "CleanObject": "dirtyable"}
"""Work on an object, and the key that says whether it can be done to it."""
ACTION_NAMES: tuple[str, ...] = (*DRIVES, *NEEDS, "DropHandObject", "Pass")
"""The actions, by their number in the action space."""


def action_of(number: int, metadata: Mapping[str, Any]) -> Action:
    """The action with that number, about the fitting object nearest to the middle of the agent's view.

    Args:
        number: place in `ACTION_NAMES`.
        metadata: what the agent senses (`Frame.metadata`).

    Returns:
        The action for `World.step`; `Pass` of no time where no object fits.
    """
    name = ACTION_NAMES[number]
    need = NEEDS.get(name)
    if need is None:
        return {"action": name}
    target = facing(metadata["objects"], metadata, need)
    return {"action": "Pass", "seconds": 0.0} if target is None else {"action": name, "objectId": target}


def facing(objects: Sequence[Mapping[str, Any]], metadata: Mapping[str, Any], need: str) -> str | None:
    """Id of the object with a property that the agent can reach and looks at most directly; None for none."""
    best = min(((_off_centre(o, metadata), o["objectId"]) for o in objects
                if o[need] and o["isInteractable"] and not o["isPickedUp"]), default=None)
    return None if best is None else best[1]


def relative(thing: Mapping[str, Any], metadata: Mapping[str, Any]) -> tuple[float, float, float]:
    """Where an object's middle is, seen from the agent's eye: metres right, up and ahead of it, horizon level."""
    eye, agent = metadata["cameraPosition"], metadata["agent"]
    centre = thing["axisAlignedBoundingBox"]["center"]
    dx, dy, dz = centre["x"] - eye["x"], centre["y"] - eye["y"], centre["z"] - eye["z"]
    yaw = math.radians(agent["rotation"]["y"])
    return (dx * math.cos(yaw) - dz * math.sin(yaw), dy, dx * math.sin(yaw) + dz * math.cos(yaw))


def _off_centre(thing: Mapping[str, Any], metadata: Mapping[str, Any]) -> float:
    """Angle between where the agent looks and the object, radians."""
    right, up, ahead = relative(thing, metadata)
    down = math.radians(metadata["agent"]["cameraHorizon"])
    along = ahead * math.cos(down) - up * math.sin(down)
    return math.acos(max(-1.0, min(1.0, along / (math.sqrt(right * right + up * up + ahead * ahead) + 1e-9))))
