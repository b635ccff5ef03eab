"""The shadow map: how far the lamp's light gets, as a picture taken from the lamp."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.state import WALL_HEIGHT_M, Household
from fleetmind.simulators.render.camera import Camera
from fleetmind.simulators.render.light import LIGHT_X, LIGHT_Y, LIGHT_Z, MOST_SHADOW_TEXELS, SHADOW_TEXELS_PER_M
from fleetmind.simulators.render.primitives import Primitives

Floats = npt.NDArray[np.float64]
Depths = Callable[[Primitives, Camera, int, int], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """What the lamp meets first."""

    camera: Camera
    """The lamp's view, orthographic."""
    depth: Floats
    """(H, W) metres along its axis; inf where it meets nothing that casts a shadow."""


def lamp_camera(state: Household) -> tuple[Camera, int, int]:
    """The lamp's view of a scene, and how many texels it has across and down."""
    lamp = np.array([LIGHT_X, LIGHT_Y, LIGHT_Z])
    right = np.array([lamp[1], -lamp[0], 0.0]) / math.hypot(lamp[0], lamp[1])
    up = np.cross(lamp, right)
    x0, x1 = min(r.x0 for r in state.rooms), max(r.x1 for r in state.rooms)
    z0, z1 = min(r.z0 for r in state.rooms), max(r.z1 for r in state.rooms)
    corners = np.array([(x, y, z) for x in (x0, x1) for y in (0.0, WALL_HEIGHT_M) for z in (z0, z1)])
    across, along, deep = corners @ right, corners @ up, corners @ lamp
    middle = (right * (across.min() + across.max()) + up * (along.min() + along.max())) / 2 + lamp * (deep.max() + 1.0)
    half_width, half_height = (across.max() - across.min()) / 2, (along.max() - along.min()) / 2
    per_m = min(SHADOW_TEXELS_PER_M, MOST_SHADOW_TEXELS / (2 * max(half_width, half_height)))
    camera = Camera(eye=middle, right=right, up=up, ahead=-lamp, half_width=float(half_width),
                    half_height=float(half_height), orthographic=True)
    return camera, max(2, math.ceil(2 * half_width * per_m)), max(2, math.ceil(2 * half_height * per_m))


def shadow_of(state: Household, found: Primitives, depths: Depths) -> Shadow:
    """The shadow map of a scene; `found` is what casts shadows."""
    camera, width, height = lamp_camera(state)
    return Shadow(camera=camera, depth=depths(found, camera, width, height))
