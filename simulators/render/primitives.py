"""What is drawn: all primitives of a household as arrays, kept until something changes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.shapes import solids
from fleetmind.simulators.household.state import WALL_HEIGHT_M, Agent, Household, Room
from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.render.materials import GLOW, NUMBER, salient

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

BOX, CYLINDER, BALL, TUBE = 0, 1, 2, 3
_SHAPES = {"box": BOX, "cylinder": CYLINDER, "ball": BALL, "tube": TUBE}
_FLOORS = {"Kitchen": ((200, 192, 180), "tiles"), "LivingRoom": ((178, 138, 96), "planks"),
           "Bedroom": ((172, 156, 140), "carpet"), "Bathroom": ((188, 202, 208), "tiles")}
_WALLS = {"Kitchen": (230, 226, 212), "LivingRoom": (216, 218, 208), "Bedroom": (210, 216, 226),
          "Bathroom": (222, 230, 232)}
_OTHER_FLOOR, _OTHER_WALL = ((176, 170, 160), "stone"), (218, 216, 210)
_CEILING = (240, 240, 236)
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
    """(N,) numbers of materials."""
    light: Floats
    """(N,) light of the room it is in, 0 to 1."""
    instance: Ints
    """(N,) instance ids."""
    names: dict[int, str]
    """Instance id to objectId or agent name."""


Row = tuple[int, tuple[float, float, float], tuple[float, float, float], tuple[int, int, int], int]
"""Shape, corners, colour, material."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Primitives that belong together."""

    shape: Ints
    lo: Floats
    hi: Floats
    rgb: Floats
    look: Ints


class Stage:
    """The primitives of one household. What has not changed since the last picture is not made again."""

    def __init__(self, state: Household) -> None:
        self._state = state
        self._kept: dict[str, tuple[int, _Group]] = {}
        self._stamp, self._version = -1, -1
        self._fixed: Primitives | None = None
        self._ceilings: Primitives | None = None

    def primitives(self, *, without: str = "", above: bool = False) -> Primitives:
        """All primitives.

        Args:
            without: name of an agent that is not drawn: the one whose eyes these are.
            above: seen from above: no ceilings.
        """
        fixed, ceilings = self._things()
        first = len(self._state.things) + 1
        names = dict(fixed.names)
        parts = [fixed] if above else [fixed, ceilings]
        for number, agent in enumerate(self._state.agents.values(), start=first):
            names[number] = agent.body.name
            if agent.body.name != without:
                room = self._state.room_at(agent.x, agent.z)
                parts.append(_lit(_group(_body(agent)), 1.0 if room is None else self._light[room.id], number))
        return _joined(parts, names)

    def casting(self) -> int:
        """A number that grows when what casts shadows has changed."""
        return max((t.stamp for t in self._state.things.values() if _casts(t)), default=0) + self._state.shape_version

    def casters(self) -> Primitives:
        """What casts shadows: things that lie or stand somewhere. Bodies, and what they carry, move too often."""
        return _joined([_lit(self._group_of(t), 1.0, 0) for t in self._state.things.values() if _casts(t)], {})

    def _things(self) -> tuple[Primitives, Primitives]:
        state = self._state
        newest = max((thing.stamp for thing in state.things.values()), default=0)
        if self._fixed is None or self._ceilings is None or (newest, state.shape_version) != (self._stamp,
                                                                                           self._version):
            self._stamp, self._version = newest, state.shape_version
            self._light = {room.id: room_light(state, room) for room in state.rooms}
            self._fixed, self._ceilings = self._walls_and_things(), self._above()
        return self._fixed, self._ceilings

    def _walls_and_things(self) -> Primitives:
        parts, names = [], {}
        for wall in self._state.walls:
            room = self._state.room_at((wall[0] + wall[3]) / 2, (wall[2] + wall[5]) / 2)
            rgb = _OTHER_WALL if room is None else _WALLS.get(room.type, _OTHER_WALL)
            parts.append(_lit(_group([_box(wall, rgb, "plaster")]), 1.0 if room is None else self._light[room.id], 0))
        for number, thing in enumerate(self._state.things.values(), start=1):
            names[number] = thing.id
            if thing.active:
                parts.append(_lit(self._group_of(thing), self._light.get(thing.room, 1.0), number))
        return _joined(parts, names)

    def _group_of(self, thing: Thing) -> _Group:
        kept = self._kept.get(thing.id)
        if kept is None or kept[0] != thing.stamp:
            rows = _floor(self._state, thing.room) if thing.type == "Floor" else _rows(thing)
            kept = (thing.stamp, _group(rows))
            self._kept[thing.id] = kept
        return kept[1]

    def _above(self) -> Primitives:
        h = WALL_HEIGHT_M
        return _joined([_lit(_group([_box((r.x0, h, r.z0, r.x1, h + 0.05, r.z1), _CEILING, "plaster")]),
                             self._light[r.id], 0) for r in self._state.rooms], {})


def primitives(state: Household, *, without: str = "", above: bool = False) -> Primitives:
    """All primitives of a household, made anew; see `Stage.primitives`."""
    return Stage(state).primitives(without=without, above=above)


def _casts(thing: Thing) -> bool:
    return (thing.active and thing.type != "Floor" and thing.held_by is None
            and all(holder.held_by is None for holder in thing.ancestors()))


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


def _rows(thing: Thing) -> list[Row]:
    usual = salient(thing.kind.materials)
    return [(_SHAPES[solid.shape], solid.lo, solid.hi, solid.rgb,
             GLOW if solid.glow else NUMBER[solid.look] if solid.look else usual) for solid in solids(thing)]


def _floor(state: Household, room_id: str) -> list[Row]:
    """A little beyond the room, so that doorways have a floor too."""
    return [_box((r.x0 - 0.06, -0.05, r.z0 - 0.06, r.x1 + 0.06, 0.0, r.z1 + 0.06), *_FLOORS.get(r.type, _OTHER_FLOOR))
            for r in state.rooms if r.id == room_id]


def _box(box: Sequence[float], rgb: tuple[int, int, int], look: str) -> Row:
    return (BOX, (box[0], box[1], box[2]), (box[3], box[4], box[5]), rgb, NUMBER[look])


def _body(agent: Agent) -> list[Row]:
    """A robot: a base, a column and a head with its eyes to the front."""
    r, h = agent.body.radius_m, agent.body.camera_height_m
    x, z, rgb = agent.x, agent.z, agent.body.colour
    dark = (rgb[0] // 2, rgb[1] // 2, rgb[2] // 2)
    ahead = (math.sin(math.radians(agent.yaw)) * r * 0.6, math.cos(math.radians(agent.yaw)) * r * 0.6)
    shell, rubber = NUMBER["plastic"], NUMBER["metal"]

    def put(shape: int, rx: float, y0: float, y1: float, colour: tuple[int, int, int], look: int, dx: float = 0.0,
            dz: float = 0.0) -> Row:
        return (shape, (x + dx - rx, y0, z + dz - rx), (x + dx + rx, y1, z + dz + rx), colour, look)

    return [put(CYLINDER, r, 0.02, 0.25, dark, rubber), put(CYLINDER, r * 0.55, 0.25, h - 0.2, rgb, shell),
            put(BALL, r * 0.75, h - 0.25, h + 0.1, rgb, shell),
            put(BALL, r * 0.28, h - 0.12, h + 0.0, (20, 24, 30), shell, *ahead)]


def _group(rows: Sequence[Row]) -> _Group:
    return _Group(
        shape=np.array([r[0] for r in rows], dtype=np.int32),
        lo=np.array([r[1] for r in rows], dtype=np.float64).reshape(-1, 3),
        hi=np.array([r[2] for r in rows], dtype=np.float64).reshape(-1, 3),
        rgb=np.array([r[3] for r in rows], dtype=np.float64).reshape(-1, 3),
        look=np.array([r[4] for r in rows], dtype=np.int32))


def _lit(group: _Group, light: float, number: int) -> Primitives:
    count = len(group.shape)
    return Primitives(group.shape, group.lo, group.hi, group.rgb, group.look, np.full(count, light),
                      np.full(count, number, dtype=np.int32), {})


def _joined(parts: Iterable[Primitives], names: dict[int, str]) -> Primitives:
    some = list(parts)
    if not some:
        return _lit(_group([]), 1.0, 0)
    return Primitives(
        shape=np.concatenate([p.shape for p in some]), lo=np.concatenate([p.lo for p in some]),
        hi=np.concatenate([p.hi for p in some]), rgb=np.concatenate([p.rgb for p in some]),
        look=np.concatenate([p.look for p in some]), light=np.concatenate([p.light for p in some]),
        instance=np.concatenate([p.instance for p in some]), names=names)
