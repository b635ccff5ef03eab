"""Pieces that several rooms share: worktops with what is in them, chests of drawers, switches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fleetmind.simulators.household.rooms.builder import SIDES, NoRoomError, RoomBuilder, Side
from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.household.types import object_type

Module = Literal["stack", "drawers", "doors", "sink", "stove"]
MODULE_M: dict[Module, float] = {"stack": 0.5, "drawers": 0.5, "doors": 0.5, "sink": 0.75, "stove": 0.75}
TOP_M = 0.92
SLAB_M = 0.05
DEPTH_M = 0.62
FRONT_M = 0.6


def side_of(thing: Thing) -> Side:
    """The wall that a piece has its back to."""
    return SIDES[round(thing.yaw / 90) % 4]


def worktop(b: RoomBuilder, sides: Sequence[Side], modules: Sequence[Module]) -> Thing:
    """A worktop against a wall with drawers, cabinets, a sink or a stove in it.

    Raises:
        NoRoomError: it fits nowhere.
    """
    length = sum(MODULE_M[m] for m in modules)
    top = b.against("CounterTop", sides, (length, SLAB_M, DEPTH_M), front=0.9, base=TOP_M - SLAB_M)
    left = 0.0
    for module in modules:
        right = left + MODULE_M[module]
        if module == "sink":
            b.inset("Cabinet", top, left + 0.01, right - 0.01, 0.08, 0.72, 0.05, FRONT_M)
            sink(b, top, (left + right) / 2)
        elif module == "stove":
            b.inset("Cabinet", top, left + 0.01, right - 0.01, 0.08, 0.82, 0.05, FRONT_M)
            stove(b, top, (left + right) / 2)
        elif module == "drawers":
            for y0, y1 in ((0.66, 0.85), (0.44, 0.64), (0.22, 0.42)):
                b.inset("Drawer", top, left + 0.01, right - 0.01, y0, y1, 0.05, FRONT_M)
        elif module == "doors":
            b.inset("Cabinet", top, left + 0.01, right - 0.01, 0.08, 0.85, 0.05, FRONT_M)
        else:
            b.inset("Drawer", top, left + 0.01, right - 0.01, 0.66, 0.85, 0.05, FRONT_M)
            b.inset("Cabinet", top, left + 0.01, right - 0.01, 0.08, 0.64, 0.05, FRONT_M)
        left = right
    return top


def sink(b: RoomBuilder, top: Thing, u: float) -> Thing:
    """A sink with its basin and tap, its middle at `u` metres along a worktop."""
    bowl = b.inset("Sink", top, u - 0.31, u + 0.31, 0.77, 0.925, 0.13, 0.58)
    basin = basin_in(b, bowl, "SinkBasin", 0.04)
    tap = b.inset("Faucet", top, u - 0.03, u + 0.03, TOP_M, TOP_M + 0.26, 0.03, 0.26)
    tap.serves = basin
    for thing in (bowl, tap):
        b.state.attach(thing, top)
    top.holes = (*top.holes, (bowl.lo[0], bowl.lo[2], bowl.hi[0], bowl.hi[2]))
    return bowl


def basin_in(b: RoomBuilder, bowl: Thing, kind: str, rim: float) -> Thing:
    """The basin of a sink or bath, `rim` metres inside it."""
    lo = (bowl.lo[0] + rim, bowl.lo[1] + 0.015, bowl.lo[2] + rim)
    hi = (bowl.hi[0] - rim, bowl.hi[1] - 0.005, bowl.hi[2] - rim)
    basin = b.make(kind, lo, hi, bowl.yaw)
    del b.state.things[basin.id]
    basin.id = f"{bowl.id}|{kind}"
    b.state.add(basin)
    b.state.attach(basin, bowl)
    return basin


def stove(b: RoomBuilder, top: Thing, u: float) -> None:
    """Four burners and their knobs, their middle at `u` metres along a worktop."""
    for index, (du, v) in enumerate(((-0.17, 0.17), (0.17, 0.17), (-0.17, 0.43), (0.17, 0.43))):
        burner = b.inset("StoveBurner", top, u + du - 0.11, u + du + 0.11, TOP_M, TOP_M + 0.02, v - 0.11, v + 0.11)
        knob_u = u - 0.24 + 0.16 * index
        knob = b.inset("StoveKnob", top, knob_u - 0.025, knob_u + 0.025, TOP_M - 0.05, TOP_M, 0.62, 0.66)
        knob.controls = [burner]
        burner.controlled_by = knob
        b.state.attach(burner, top)


def wall_cabinets(b: RoomBuilder, top: Thing, spans: Sequence[tuple[float, float]]) -> None:
    """Cabinets on the wall above a worktop, each from `u0` to `u1` metres."""
    for u0, u1 in spans:
        b.inset("Cabinet", top, u0 + 0.01, u1 - 0.01, 1.42, 2.02, 0.0, 0.35)


def appliance(b: RoomBuilder, kind: str, top: Thing, *, u: float) -> Thing | None:
    """Set an appliance on a worktop with its middle at `u` metres; None where the place is taken."""
    w, h, d = object_type(kind).size
    made = b.inset(kind, top, u - w / 2, u + w / 2, TOP_M, TOP_M + h, 0.04, 0.04 + d)
    for other in top.children:
        if all(made.lo[i] < other.hi[i] and made.hi[i] > other.lo[i] for i in (0, 2)):
            b.state.remove(made)
            return None
    b.state.attach(made, top)
    return made


def chest(b: RoomBuilder, kind: str, sides: Sequence[Side], size: tuple[float, float, float], columns: int,
          rows: int) -> Thing:
    """A dresser or desk with drawers.

    Raises:
        NoRoomError: it fits nowhere.
    """
    body = b.against(kind, sides, size, front=0.85)
    fit_drawers(b, body, size, columns, rows)
    return body


def fit_drawers(b: RoomBuilder, body: Thing, size: tuple[float, float, float], columns: int, rows: int) -> None:
    """Fill a dresser with drawers, or a desk or side table with one column at its right."""
    w, h, d = size
    top = h - 0.045
    low = 0.06 if body.type == "Dresser" else max(0.06, top - 0.2 * rows)
    u0 = 0.03 if body.type == "Dresser" else max(0.03, w - 0.48)
    wide = (w - 0.03 - u0) / columns
    high = (top - low) / rows
    for c in range(columns):
        for r in range(rows):
            b.inset("Drawer", body, u0 + c * wide + 0.005, u0 + (c + 1) * wide - 0.005,
                    low + r * high + 0.005, low + (r + 1) * high - 0.005, 0.03, d - 0.005)


def light_switch(b: RoomBuilder) -> Thing:
    """The switch of the room's light, on.

    Raises:
        NoRoomError: no wall is free.
    """
    switch = b.mount("LightSwitch", SIDES, 1.1, clear_below=True)
    if switch is None:
        raise NoRoomError("LightSwitch")
    switch.toggled = True
    return switch


def floor(b: RoomBuilder) -> Thing:
    """The floor of the room."""
    r = b.room
    made = b.make("Floor", (r.x0, -0.01, r.z0), (r.x1, 0.0, r.z1), 0.0)
    made.origin = (made.origin[0], 0.0, made.origin[2])
    del b.state.things[made.id]
    made.id = made.id.rsplit("|", 2)[0] + "|+00.00|" + made.id.rsplit("|", 1)[1]
    return b.state.add(made)


def shelves(b: RoomBuilder, count: int, *, y: float = 1.15, width: float = 0.9) -> list[Thing]:
    """Up to `count` boards on free walls."""
    found = [b.mount("Shelf", SIDES, y, (width, 0.03, 0.28), clear_below=True) for _ in range(count)]
    return [s for s in found if s is not None]


def rack(b: RoomBuilder, levels: int = 4) -> list[Thing]:
    """A shelving unit with its shelves.

    Raises:
        NoRoomError: it fits nowhere.
    """
    unit = b.against("ShelvingUnit", SIDES, front=0.8)
    w, h, d = object_type("ShelvingUnit").size
    made = []
    for level in range(levels):
        y = 0.1 + level * (h - 0.35) / (levels - 1)
        board = b.inset("Shelf", unit, 0.02, w - 0.02, y, y + 0.025, 0.02, d - 0.01)
        made.append(board)
    return made
