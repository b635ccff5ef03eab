"""Observations as arrays of fixed shape, for learning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from fleetmind.simulators.environments.acting import relative
from fleetmind.simulators.household.types import object_types
from fleetmind.simulators.world import Frame

THINGS = 24
"""Objects in an observation: the nearest that are visible."""
FEATURES = 11
"""Of each: type, right, up, ahead (metres), reachable, open, on, dirty, sliced, filled, held."""
FAR_M = 20.0
"""Depth beyond this, or of nothing, reads as this."""
FLAGS = ("isInteractable", "isOpen", "isToggled", "isDirty", "isSliced", "isFilledWithLiquid", "isPickedUp")

Observation = dict[str, Any]
"""Arrays and numbers by name."""


def space_of(width: int, height: int, pictures: bool) -> spaces.Dict[Any]:
    """The observation space: `pose`, `holding`, `things`, and with pictures `rgb` and `depth`.

    Args:
        width: of pictures, pixels.
        height: of pictures, pixels.
        pictures: whether there are any.
    """
    parts: dict[str, spaces.Space[Any]] = {
        "pose": spaces.Box(-1e4, 1e4, (5,), np.float32),
        "holding": spaces.Discrete(len(object_types()) + 1),
        "things": spaces.Box(-1e4, 1e4, (THINGS, FEATURES), np.float32),
    }
    if pictures:
        parts["rgb"] = spaces.Box(0, 255, (height, width, 3), np.uint8)
        parts["depth"] = spaces.Box(0.0, FAR_M, (height, width), np.float32)
    return spaces.Dict(parts)


def observation_of(frame: Frame) -> Observation:
    """A frame as an element of `space_of`.

    `pose` is x, z (metres, AI2-THOR's frame), sine and cosine of the yaw, and the horizon in radians. `holding` is 0
    for an empty hand, else 1 + the number of the type in alphabetical order; so are the types in `things`, whose unused
    rows are 0.
    """
    metadata = frame.metadata
    agent = metadata["agent"]
    yaw, at = math.radians(agent["rotation"]["y"]), agent["position"]
    held = metadata["inventoryObjects"]
    out: Observation = {
        "pose": np.array([at["x"], at["z"], math.sin(yaw), math.cos(yaw), math.radians(agent["cameraHorizon"])],
                         dtype=np.float32),
        "holding": np.int64(number_of(held[0]["objectType"]) if held else 0),
        "things": _things(metadata),
    }
    if frame.rgb is not None and frame.depth is not None:
        out["rgb"] = frame.rgb
        out["depth"] = np.minimum(frame.depth, np.float32(FAR_M))
    return out


def number_of(kind: str) -> int:
    """1 + the number of an object type in alphabetical order; 0 for one that the table does not have."""
    return _numbers().get(kind, 0)


def _numbers() -> dict[str, int]:
    if not _NUMBERS:
        _NUMBERS.update({name: i for i, name in enumerate(object_types(), start=1)})
    return _NUMBERS


_NUMBERS: dict[str, int] = {}


def _things(metadata: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    rows = np.zeros((THINGS, FEATURES), dtype=np.float32)
    nearest = sorted(metadata["objects"], key=lambda o: (o["distance"], o["objectId"]))[:THINGS]
    for row, thing in enumerate(nearest):
        rows[row] = (number_of(thing["objectType"]), *relative(thing, metadata), *(bool(thing[key]) for key in FLAGS))
    return rows
