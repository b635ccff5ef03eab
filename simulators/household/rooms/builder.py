"""Furnishing a room: placing furniture along walls and in the open, things on surfaces."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

from fleetmind.simulators.household.placing import find_place, place
from fleetmind.simulators.household.reach import rename
from fleetmind.simulators.household.state import Household, Room
from fleetmind.simulators.household.surfaces import spot
from fleetmind.simulators.household.things import Thing, object_id
from fleetmind.simulators.household.types import Vec, object_type

Side = Literal["south", "west", "north", "east"]
SIDES: tuple[Side, ...] = ("south", "west", "north", "east")
_YAW: dict[Side, float] = {"south": 0.0, "west": 90.0, "north": 180.0, "east": 270.0}

Rect = tuple[float, float, float, float]
"""(x0, z0, x1, z1) in metres."""

STEP_M = 0.05
CENTERED = frozenset({"Cabinet", "Drawer", "LightSwitch", "Window", "Painting", "Poster", "Mirror", "Blinds",
                      "Curtains", "TowelHolder", "HandTowelHolder", "ToiletPaperHanger", "StoveKnob",
                      "ShowerHead", "ShowerDoor", "ShowerGlass", "ShowerCurtain"})
"""Types whose position is the middle of their box; all others stand on theirs."""


class NoRoomError(Exception):
    """A required piece does not fit; the layout must be tried again."""


class RoomBuilder:
    """Builds one room into a household. Deterministic by its random generator."""

    def __init__(self, state: Household, room: Room, rng: random.Random, doors: Sequence[Rect] = ()) -> None:
        self.state = state
        self.room = room
        self.rng = rng
        self.width = room.x1 - room.x0
        self.depth = room.z1 - room.z0
        self._taken: list[Rect] = []
        self._clear: list[Rect] = list(doors)
        self._doors: list[Rect] = list(doors)
        self._wall_items: list[tuple[Side, float, float, float, float]] = []

    # --- making things -------------------------------------------------------------------------------------

    def make(self, kind: str, lo: Vec, hi: Vec, yaw: float, *, on_floor: bool = False) -> Thing:
        """Create a thing that fills a box; ids of twins are told apart by nudging the last centimetre."""
        lo = (round(lo[0], 4), round(lo[1], 4), round(lo[2], 4))
        hi = (round(hi[0], 4), round(hi[1], 4), round(hi[2], 4))
        y = (lo[1] + hi[1]) / 2 if kind in CENTERED else lo[1]
        origin = ((lo[0] + hi[0]) / 2, y, (lo[2] + hi[2]) / 2)
        name = object_id(kind, origin)
        while name in self.state.things:
            origin = (origin[0], origin[1] + 0.01, origin[2])
            name = object_id(kind, origin)
        thing = Thing(id=name, kind=object_type(kind), lo=lo, hi=hi, origin=origin, yaw=yaw % 360,
                      asset=f"{kind}_{self.rng.randrange(1, 30)}", room=self.room.id, on_floor=on_floor)
        if on_floor:
            thing.footprint = (lo[0], lo[2], hi[0], hi[2])
        return self.state.add(thing)

    # --- furniture on the floor ----------------------------------------------------------------------------

    def length(self, side: Side) -> float:
        """Length of a wall, metres."""
        return self.width if side in ("south", "north") else self.depth

    def rect(self, side: Side, t: float, width: float, depth: float, off: float = 0.0) -> Rect:
        """The rectangle of something `width` wide at `t` along a wall, `depth` deep, `off` from the wall."""
        r = self.room
        if side == "south":
            return (r.x0 + t, r.z0 + off, r.x0 + t + width, r.z0 + off + depth)
        if side == "north":
            return (r.x0 + t, r.z1 - off - depth, r.x0 + t + width, r.z1 - off)
        if side == "west":
            return (r.x0 + off, r.z0 + t, r.x0 + off + depth, r.z0 + t + width)
        return (r.x1 - off - depth, r.z0 + t, r.x1 - off, r.z0 + t + width)

    def against(self, kind: str, sides: Sequence[Side], size: Vec | None = None, *, front: float = 0.8,
                base: float = 0.0, margin: float = 0.0, corner: bool = False) -> Thing:
        """Stand a piece against one of the walls, with free floor in front of it.

        Args:
            kind: object type.
            sides: walls to try, in random order.
            size: width, height, depth in metres; None for the type's usual size.
            front: depth in metres that stays free before it.
            base: height of its underside above the floor, metres (a worktop hangs in the air).
            margin: gap in metres to the left and right.
            corner: try the ends of the wall first.

        Raises:
            NoRoomError: no wall has room for it.
        """
        w, h, d = size or object_type(kind).size
        order = list(sides)
        self.rng.shuffle(order)
        for side in order:
            span = self.length(side) - w - 2 * margin
            if span < 0:
                continue
            steps = [i * STEP_M for i in range(int(span / STEP_M) + 1)]
            self.rng.shuffle(steps)
            for t in [0.0, span, *steps] if corner else steps:
                body = self.rect(side, t + margin, w, d)
                free = self.rect(side, t + margin, w, front, off=d)
                wide = self.rect(side, t, w + 2 * margin, d)
                if self._fits(wide, free):
                    return self._stand(kind, body, h, _YAW[side], free, base)
        raise NoRoomError(f"{kind} against {sides}")

    def middle(self, kind: str, size: Vec | None = None, *, around: float = 0.75,
               near: tuple[float, float] | None = None, yaws: Sequence[float] = (0.0, 90.0)) -> Thing:
        """Stand a piece free in the room, `around` metres from everything, nearest to a point.

        Raises:
            NoRoomError: there is no such place.
        """
        w, h, d = size or object_type(kind).size
        cx, cz = near or ((self.room.x0 + self.room.x1) / 2, (self.room.z0 + self.room.z1) / 2)
        order = list(yaws)
        self.rng.shuffle(order)
        spots = []
        for yaw in order:
            dx, dz = (d, w) if round(yaw / 90) % 2 else (w, d)
            for i in range(int((self.width - dx) / 0.1) + 1):
                for j in range(int((self.depth - dz) / 0.1) + 1):
                    x, z = self.room.x0 + i * 0.1, self.room.z0 + j * 0.1
                    far = (x + dx / 2 - cx) ** 2 + (z + dz / 2 - cz) ** 2
                    spots.append((far, yaw, (x, z, x + dx, z + dz)))
        spots.sort(key=lambda s: s[0])
        for _, yaw, body in spots:
            grown = (body[0] - around, body[1] - around, body[2] + around, body[3] + around)
            if self._fits(body, body) and not any(_overlap(grown, t) for t in self._taken):
                return self._stand(kind, body, h, yaw, body, 0.0)
        raise NoRoomError(f"{kind} in the middle")

    def beside(self, kind: str, other: Thing, gap: float = 0.02, size: Vec | None = None) -> Thing:
        """Stand a piece to the left or right of another, backs aligned.

        Raises:
            NoRoomError: neither side is free.
        """
        w, h, d = size or object_type(kind).size
        width = other.size[2] if round(other.yaw / 90) % 2 else other.size[0]
        depth = other.size[0] if round(other.yaw / 90) % 2 else other.size[2]
        sides = [(-gap - w, -gap), (width + gap, width + gap + w)]
        self.rng.shuffle(sides)
        for left, right in sides:
            ax, az = spot(other, left / width, 0.0)
            bx, bz = spot(other, right / width, d / depth)
            body = (min(ax, bx), min(az, bz), max(ax, bx), max(az, bz))
            if self._inside(body) and self._fits(body, body):
                return self._stand(kind, body, h, other.yaw, body, 0.0)
        raise NoRoomError(f"{kind} beside {other.type}")

    def chairs(self, table: Thing, count: int, kind: str = "Chair") -> None:
        """Push up to `count` chairs under a table's long sides, their seats half below it."""
        w, h, d = object_type(kind).size
        spots = [(u, side) for side in (1.0, 0.0) for u in (0.27, 0.73)]
        for u, side in spots[:count]:
            width = table.size[2] if round(table.yaw / 90) % 2 else table.size[0]
            depth = table.size[0] if round(table.yaw / 90) % 2 else table.size[2]
            v0 = side - (d * 0.45 / depth if side else d * 0.55 / depth)
            ax, az = spot(table, u - w / 2 / width, v0)
            bx, bz = spot(table, u + w / 2 / width, v0 + d / depth)
            body = (min(ax, bx), min(az, bz), max(ax, bx), max(az, bz))
            if self._inside(body):
                yaw = table.yaw + (180 if side else 0)
                self._taken.append(body)
                self.make(kind, (body[0], 0, body[1]), (body[2], h, body[3]), yaw, on_floor=True)

    def _stand(self, kind: str, body: Rect, height: float, yaw: float, free: Rect, base: float) -> Thing:
        self._taken.append(body)
        self._clear.append(free)
        return self.make(kind, (body[0], base, body[1]), (body[2], base + height, body[3]), yaw, on_floor=True)

    def _fits(self, body: Rect, free: Rect) -> bool:
        """True when a footprint and the floor before it are free."""
        if any(_overlap(body, t) for t in self._taken) or any(_overlap(body, c) for c in self._clear):
            return False
        return self._inside(free) and not any(_overlap(free, t) for t in self._taken)

    def _inside(self, rect: Rect) -> bool:
        r = self.room
        return rect[0] >= r.x0 - 1e-6 and rect[1] >= r.z0 - 1e-6 and rect[2] <= r.x1 + 1e-6 and rect[3] <= r.z1 + 1e-6

    # --- things that belong to a piece ---------------------------------------------------------------------

    def inset(self, kind: str, host: Thing, u0: float, u1: float, y0: float, y1: float, v0: float,
              v1: float) -> Thing:
        """Build something into a piece: metres from its left, from the floor and from its back."""
        width = host.size[2] if round(host.yaw / 90) % 2 else host.size[0]
        depth = host.size[0] if round(host.yaw / 90) % 2 else host.size[2]
        ax, az = spot(host, u0 / width, v0 / depth)
        bx, bz = spot(host, u1 / width, v1 / depth)
        return self.make(kind, (min(ax, bx), y0, min(az, bz)), (max(ax, bx), y1, max(az, bz)), host.yaw)

    def mount(self, kind: str, sides: Sequence[Side], y: float, size: Vec | None = None, *,
              clear_below: bool = False, doors: bool = True) -> Thing | None:
        """Hang something on a wall with its underside at `y` metres; None when no wall has room.

        Args:
            kind: object type.
            sides: walls to try, in random order.
            y: height of its underside, metres.
            size: width, height, depth in metres; None for the type's usual size.
            clear_below: nothing may stand on the floor below it.
            doors: keep away from doorways.
        """
        w, h, d = size or object_type(kind).size
        order = list(sides)
        self.rng.shuffle(order)
        for side in order:
            span = self.length(side) - w
            steps = [0.1 + i * STEP_M for i in range(max(0, int((span - 0.2) / STEP_M)))]
            self.rng.shuffle(steps)
            for t in steps:
                body = self.rect(side, t, w, d)
                if doors and any(_overlap(body, c) for c in self._doors):
                    continue
                if clear_below and any(_overlap(self.rect(side, t, w, 0.3), k) for k in self._taken):
                    continue
                if self._wall_free(side, t, w, y, h):
                    return self.hang(kind, side, t, y, (w, h, d))
        return None

    def hang(self, kind: str, side: Side, t: float, y: float, size: Vec) -> Thing:
        """Hang something at `t` metres along a wall with its underside at `y` metres."""
        self._wall_items.append((side, t, t + size[0], y, y + size[1]))
        body = self.rect(side, t, size[0], size[2])
        return self.make(kind, (body[0], y, body[1]), (body[2], y + size[1], body[3]), _YAW[side])

    def _wall_free(self, side: Side, t: float, w: float, y: float, h: float) -> bool:
        """True when no other wall item and no tall furniture covers that stretch of wall."""
        for other, t0, t1, y0, y1 in self._wall_items:
            if other == side and t < t1 + 0.05 and t + w > t0 - 0.05 and y < y1 + 0.05 and y + h > y0 - 0.05:
                return False
        body = self.rect(side, t, w, 0.1)
        for thing in self.state.things.values():
            if thing.room != self.room.id or thing.type == "Floor" or thing.hi[1] <= y or thing.lo[1] >= y + h:
                continue
            if _overlap(body, (thing.lo[0], thing.lo[2], thing.hi[0], thing.hi[2])):
                return False
        return True

    # --- movable things ------------------------------------------------------------------------------------

    def put(self, kind: str, receptacles: Sequence[Thing], *, tries: int = 6) -> Thing | None:
        """Create a thing in or on one of the receptacles at random; None when it fits nowhere."""
        fitting = [r for r in receptacles if r.type in object_type(kind).fits]
        if not fitting:
            return None
        w, h, d = object_type(kind).size
        thing = Thing(id="", kind=object_type(kind), lo=(0, 0, 0), hi=(w, h, d), origin=(w / 2, 0, d / 2),
                      asset=f"{kind}_{self.rng.randrange(1, 30)}", room=self.room.id)
        for _ in range(tries):
            receptacle = self.rng.choice(fitting)
            where = find_place(self.state, thing, receptacle, rng=self.rng)
            if where is not None:
                place(self.state, thing, receptacle, where)
                rename(self.state, thing)
                return thing
        return None

    def fill(self, wanted: Sequence[tuple[str, Sequence[str]]], *, dirty: float) -> None:
        """Create things, each in or on one of its usual receptacle types of this room, else on any that takes it.

        Args:
            wanted: object types with the receptacle types they are usually in or on.
            dirty: probability that a thing that can be dirty is.
        """
        here = [t for t in self.state.things.values() if t.kind.receptacle and t.room == self.room.id]
        for kind, usual in wanted:
            made = self.put(kind, [r for r in here if r.type in usual]) or self.put(kind, here)
            if made is None:
                continue
            made.dirty = made.kind.dirtyable and self.rng.random() < dirty
            if made.type in ("Laptop", "Box") and self.rng.random() < 0.7:
                made.openness = 1.0


def _overlap(a: Rect, b: Rect) -> bool:
    """True when two rectangles share more than an edge."""
    return a[0] < b[2] - 1e-6 and a[2] > b[0] + 1e-6 and a[1] < b[3] - 1e-6 and a[3] > b[1] + 1e-6
