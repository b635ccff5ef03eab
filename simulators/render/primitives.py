"""What is drawn: all primitives of a household as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.shapes import Solid, solids
from fleetmind.simulators.household.state import WALL_HEIGHT_M, Agent, Household, Room

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

BOX, CYLINDER, BALL, TUBE = 0, 1, 2, 3
PLAIN, TILES, PLASTER, GLOW = 0, 1, 2, 3
_SHAPES = {"box": BOX, "cylinder": CYLINDER, "ball": BALL, "tube": TUBE}
_FLOORS = {"Kitchen": (196, 188, 176), "LivingRoom": (170, 136, 100), "Bedroom": (168, 150, 132),
           "Bathroom": (184, 200, 206)}
_WALLS = {"Kitchen": (226, 222, 208), "LivingRoom": (214, 216, 206), "Bedroom": (208, 214, 224),
          "Bathroom": (218, 226, 228)}
_OTHER_FLOOR, _OTHER_WALL = (176, 170, 160), (216, 214, 208)
_CEILING = (238, 238, 234)
DARK, LAMP = 0.3, 0.22
"""Light of a room with everything off, and what one lamp adds; the ceiling light makes it 1."""
_LAMPS = ("FloorLamp", "DeskLamp", "Candle")


@dataclass(frozen=True, slots=True)
class Primitives:
    """N primitives. Instance 0 is background: walls and ceilings."""

    shape: Ints
    """(N,) BOX, CYLINDER, BALL or TUBE."""
    lo: Floats
    """(N, 3) low corners, metres."""
    hi: Floats
    """(N, 3) high corners, metres."""
    rgb: Floats
    """(N, 3) colours, 0 to 255."""
    look: Ints
    """(N,) PLAIN, TILES, PLASTER or GLOW."""
    light: Floats
    """(N,) light of the room it is in, 0 to 1."""
    instance: Ints
    """(N,) instance ids."""
    names: dict[int, str]
    """Instance id to objectId or agent name."""


class _Collector:
    def __init__(self) -> None:
        self.rows: list[tuple[int, tuple[float, float, float], tuple[float, float, float], tuple[int, int, int], int,
                              float, int]] = []
        self.names: dict[int, str] = {}

    def solid(self, solid: Solid, light: float, instance: int) -> None:
        look = GLOW if solid.glow else PLAIN
        self.rows.append((_SHAPES[solid.shape], solid.lo, solid.hi, solid.rgb, look, light, instance))

    def box(self, box: tuple[float, ...], rgb: tuple[int, int, int], look: int, light: float, instance: int) -> None:
        self.rows.append((BOX, (box[0], box[1], box[2]), (box[3], box[4], box[5]), rgb, look, light, instance))


def primitives(state: Household, *, without: str = "", above: bool = False) -> Primitives:
    """All primitives of a household.

    Args:
        state: the household.
        without: name of an agent that is not drawn: the one whose eyes these are.
        above: seen from above: no ceilings.
    """
    found = _Collector()
    light = {room.id: room_light(state, room) for room in state.rooms}
    _rooms(found, state, light, above)
    for index, thing in enumerate(state.things.values(), start=1):
        found.names[index] = thing.id
        if not thing.active:
            continue
        if thing.type == "Floor":
            _floor(found, state, thing.room, light, index)
            continue
        for solid in solids(thing):
            found.solid(solid, light.get(thing.room, 1.0), index)
    for offset, agent in enumerate(state.agents.values(), start=len(state.things) + 1):
        found.names[offset] = agent.body.name
        if agent.body.name != without:
            _body(found, agent, light, state, offset)
    return _arrays(found)


def room_light(state: Household, room: Room) -> float:
    """Light of a room, 0 to 1, by its switches and lamps."""
    level = DARK
    switches = [t for t in state.things.values() if t.type == "LightSwitch" and t.room == room.id]
    if not switches or any(s.toggled for s in switches):
        return 1.0
    for thing in state.things.values():
        if thing.type in _LAMPS and thing.toggled and thing.room == room.id:
            level += LAMP
    return min(level, 0.9)


def _rooms(found: _Collector, state: Household, light: dict[str, float], above: bool) -> None:
    for wall in state.walls:
        room = state.room_at((wall[0] + wall[3]) / 2, (wall[2] + wall[5]) / 2)
        kind, level = (room.type, light[room.id]) if room is not None else ("", 1.0)
        found.box(wall, _WALLS.get(kind, _OTHER_WALL), PLASTER, level, 0)
    for room in state.rooms:
        if not above:
            h = WALL_HEIGHT_M
            found.box((room.x0, h, room.z0, room.x1, h + 0.05, room.z1), _CEILING, PLAIN, light[room.id], 0)


def _floor(found: _Collector, state: Household, room_id: str, light: dict[str, float], instance: int) -> None:
    for room in state.rooms:
        if room.id == room_id:
            # A little beyond the room, so that doorways have a floor too.
            box = (room.x0 - 0.06, -0.05, room.z0 - 0.06, room.x1 + 0.06, 0.0, room.z1 + 0.06)
            found.box(box, _FLOORS.get(room.type, _OTHER_FLOOR), TILES, light[room.id], instance)


def _body(found: _Collector, agent: Agent, light: dict[str, float], state: Household, instance: int) -> None:
    """A robot: a base, a column and a head with its eyes to the front."""
    r, h = agent.body.radius_m, agent.body.camera_height_m
    room = state.room_at(agent.x, agent.z)
    level = light[room.id] if room is not None else 1.0
    x, z, rgb = agent.x, agent.z, agent.body.colour
    dark = (rgb[0] // 2, rgb[1] // 2, rgb[2] // 2)
    eye = np.array([np.sin(np.radians(agent.yaw)), np.cos(np.radians(agent.yaw))]) * r * 0.6

    def put(shape: int, rx: float, y0: float, y1: float, colour: tuple[int, int, int], dx: float = 0.0,
            dz: float = 0.0) -> None:
        lo, hi = (x + dx - rx, y0, z + dz - rx), (x + dx + rx, y1, z + dz + rx)
        found.rows.append((shape, lo, hi, colour, PLAIN, level, instance))

    put(CYLINDER, r, 0.02, 0.25, dark)
    put(CYLINDER, r * 0.55, 0.25, h - 0.2, rgb)
    put(BALL, r * 0.75, h - 0.25, h + 0.1, rgb)
    put(BALL, r * 0.28, h - 0.12, h + 0.0, (20, 24, 30), float(eye[0]), float(eye[1]))


def _arrays(found: _Collector) -> Primitives:
    rows = found.rows
    return Primitives(
        shape=np.array([r[0] for r in rows], dtype=np.int32), lo=np.array([r[1] for r in rows], dtype=np.float64),
        hi=np.array([r[2] for r in rows], dtype=np.float64), rgb=np.array([r[3] for r in rows], dtype=np.float64),
        look=np.array([r[4] for r in rows], dtype=np.int32), light=np.array([r[5] for r in rows], dtype=np.float64),
        instance=np.array([r[6] for r in rows], dtype=np.int32), names=found.names)
