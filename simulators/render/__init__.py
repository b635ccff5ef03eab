"""Pictures of the household world: RGB, depth and exact instance ids, from an eye, from above, from anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.state import Agent, Household, Room
from fleetmind.simulators.render import reference
from fleetmind.simulators.render.camera import Camera, agent_camera, top_camera
from fleetmind.simulators.render.materials import materials
from fleetmind.simulators.render.primitives import Primitives, Stage, primitives
from fleetmind.simulators.render.shadows import Shadow, shadow_of

__all__ = ["Camera", "Drawer", "Painter", "Picture", "Primitives", "compiled", "prepare", "primitives", "render"]


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


@dataclass(frozen=True, slots=True)
class Drawer:
    """One implementation of the renderer."""

    draw: Callable[..., tuple[Any, Any, Any, list[int]]]
    """See `kernel.draw`."""
    depths: Callable[..., Any]
    """See `kernel.depths`."""


REFERENCE = Drawer(reference.draw, reference.depths)
"""In numpy."""


@cache
def compiled() -> Drawer | None:
    """The compiled renderer; None where numba is not installed."""
    try:
        from fleetmind.simulators.render import kernel  # numba takes a second to load
    except ImportError:
        return None
    return Drawer(kernel.draw, kernel.depths)


def prepare() -> None:
    """Load and compile, so that the first picture is as fast as the others."""
    nothing = Household(name="", rooms=[Room(id="", type="", x0=0, z0=0, x1=1, z1=1)], walls=[(0, 0, 0, 1, 1, 1)])
    Painter(nothing).top_down(2, 2)


class Painter:
    """Draws one household. Primitives and shadows are kept until something that shows has changed.

    Args:
        state: the household.
        drawer: the implementation; None takes the compiled one where there is one.
    """

    def __init__(self, state: Household, drawer: Drawer | None = None) -> None:
        self._state, self._stage = state, Stage(state)
        self._drawer = drawer or compiled() or REFERENCE
        self._shadow: Shadow | None = None
        self._cast = -1

    def agent(self, agent: Agent, width: int, height: int) -> Picture:
        """What an agent's camera sees."""
        return self.view(agent_camera(agent, width, height), width, height, without=agent.body.name)

    def top_down(self, width: int, height: int) -> Picture:
        """The whole scene from above, without ceilings; +z is up in the picture, +x to the right."""
        return self.view(top_camera(self._state, width, height), width, height, above=True)

    def view(self, camera: Camera, width: int, height: int, *, without: str = "", above: bool = False) -> Picture:
        """What any camera sees.

        Args:
            camera: from where.
            width: pixels.
            height: pixels.
            without: name of an agent that is not drawn.
            above: without ceilings.
        """
        found = self._stage.primitives(without=without, above=above)
        return render(found, camera, width, height, self._shadows(), self._drawer)

    def _shadows(self) -> Shadow:
        cast = self._stage.casting()
        if self._shadow is None or cast != self._cast:
            self._shadow = shadow_of(self._state, self._stage.casters(), self._drawer.depths)
            self._cast = cast
        return self._shadow


def render(found: Primitives, camera: Camera, width: int, height: int, shadow: Shadow, drawer: Drawer) -> Picture:
    """Draw primitives."""
    depth, ids, rgb, present = drawer.draw(found, camera, width, height, materials(), shadow)
    return Picture(rgb, depth, ids, {number: found.names[number] for number in present if number > 0})
