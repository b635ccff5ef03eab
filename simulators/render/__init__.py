"""Pictures of the household world: RGB, depth and exact instance ids, from an agent's eye or from above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.state import Agent, Household
from fleetmind.simulators.render import reference
from fleetmind.simulators.render.camera import Camera, agent_camera, top_camera, windows
from fleetmind.simulators.render.primitives import Primitives, primitives

Draw = Callable[..., tuple[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in three layers."""

    rgb: npt.NDArray[np.uint8]
    """HxWx3."""
    depth: npt.NDArray[np.float32]
    """HxW, metres along the optical axis; inf where nothing is hit."""
    ids: npt.NDArray[np.int32]
    """HxW instance ids; 0 is background."""
    names: dict[int, str]
    """Instance id to objectId or agent name, for the ids in this picture."""


@cache
def compiled() -> Draw | None:
    """The compiled renderer; None where numba is not installed."""
    try:
        from fleetmind.simulators.render import kernel  # numba takes a second to load
    except ImportError:
        return None
    return kernel.draw


def prepare() -> None:
    """Load and compile, so that the first picture is as fast as the others."""
    draw = compiled()
    if draw is not None:
        nothing, one = np.zeros((1, 3)), np.zeros(1, dtype=np.int32)
        axes = np.eye(3)
        draw(one, nothing, nothing, nothing, one, np.zeros(1), np.zeros((1, 4), dtype=np.int32), axes[0], axes[0],
             axes[1], axes[2], 1.0, 1.0, False, 0.05, 2, 2)


def render(found: Primitives, camera: Camera, width: int, height: int, draw: Draw | None = None) -> Picture:
    """Draw primitives; `draw` chooses the renderer (default: the compiled one where there is one)."""
    draw = draw or compiled() or reference.draw
    covered = windows(camera, found.lo, found.hi, width, height)
    depth, which, rgb = draw(
        found.shape, found.lo, found.hi, found.rgb, found.look, found.light, covered, camera.eye, camera.right,
        camera.up, camera.ahead, camera.half_width, camera.half_height, camera.orthographic, camera.near_m, width,
        height)
    ids = np.where(which >= 0, found.instance[which], 0).astype(np.int32)
    names = {int(i): found.names[int(i)] for i in np.unique(ids) if i > 0}
    return Picture(rgb, depth.astype(np.float32), ids, names)


def render_agent(state: Household, agent: Agent, width: int, height: int) -> Picture:
    """What an agent's camera sees."""
    return render(primitives(state, without=agent.body.name), agent_camera(agent, width, height), width, height)


def render_top_down(state: Household, width: int, height: int) -> Picture:
    """The whole scene from above, without ceilings; +z is up in the picture, +x to the right."""
    return render(primitives(state, above=True), top_camera(state, width, height), width, height)
