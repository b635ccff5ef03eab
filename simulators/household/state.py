"""The state of a household: rooms, things, agents, time; and the moves that keep it consistent."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from fleetmind.simulators.household.things import Thing, facing
from fleetmind.simulators.household.types import Vec
from fleetmind.simulators.world import Body

AGENT_Y_M = 0.901
"""Height of an agent's position above the floor, as AI2-THOR reports it."""
WALL_HEIGHT_M = 2.5
SLIDE = 0.7
"""Share of its depth by which a fully opened drawer comes out."""

Box = tuple[float, float, float, float, float, float]
"""(x0, y0, z0, x1, y1, z1) in metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One rectangular room."""

    id: str
    """E.g. `Kitchen|1`."""
    type: str
    """E.g. `Kitchen`."""
    x0: float
    z0: float
    x1: float
    z1: float

    def contains(self, x: float, z: float) -> bool:
        """True for a point inside, metres."""
        return self.x0 <= x <= self.x1 and self.z0 <= z <= self.z1


@dataclass(slots=True, eq=False, kw_only=True)
class Agent:
    """One body in the world."""

    body: Body
    index: int
    """AI2-THOR's agentId: the order at reset."""
    x: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    """Degrees clockwise from +z, 0 to 360."""
    horizon: float = 0.0
    """Degrees, positive looks down."""
    y: float = AGENT_Y_M
    standing: bool = True
    held: Thing | None = None
    last_action: str = "Initialize"
    last_success: bool = True
    last_error: str = ""
    last_error_code: str = ""
    last_value: object = None

    @property
    def eye(self) -> Vec:
        """Position of the camera."""
        return (self.x, self.y - AGENT_Y_M + self.body.camera_height_m, self.z)


@dataclass(slots=True, eq=False, kw_only=True)
class Household:
    """Everything that can change, and nothing that is derived from it."""

    name: str
    rooms: list[Room]
    walls: list[Box]
    things: dict[str, Thing] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    time_s: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    shape_version: int = 0
    """Grows when something that hides or blocks has moved, opened or closed."""

    def room_at(self, x: float, z: float) -> Room | None:
        """The room that holds a point (metres), else the nearest one."""
        for room in self.rooms:
            if room.contains(x, z):
                return room
        return min(self.rooms, key=lambda r: _outside(r, x, z), default=None)

    def floor_of(self, room: str) -> Thing | None:
        """The Floor of a room, by room id."""
        return next((t for t in self.things.values() if t.type == "Floor" and t.room == room), None)

    def add(self, thing: Thing) -> Thing:
        """Take a new thing in."""
        self.things[thing.id] = thing
        self.shape_version += 1
        return thing

    def remove(self, thing: Thing) -> None:
        """Take a thing and all it holds out of the world."""
        for child in list(thing.children):
            self.remove(child)
        self.detach(thing)
        self.things.pop(thing.id, None)
        self.shape_version += 1

    def detach(self, thing: Thing) -> None:
        """Lift a thing off whatever it is in or on; its box stays where it is."""
        if thing.parent is not None:
            _touch_around(thing)
            thing.parent.children.remove(thing)
            thing.parent = None

    def attach(self, thing: Thing, receptacle: Thing) -> None:
        """Record that a thing is now in or on a receptacle; it does not move."""
        self.detach(thing)
        thing.parent = receptacle
        receptacle.children.append(thing)
        _touch_around(thing)
        self.set_room(thing, receptacle.room)

    def set_room(self, thing: Thing, room: str) -> None:
        """Record the room of a thing and of all it holds."""
        thing.room = room
        for child in thing.children:
            self.set_room(child, room)

    def move(self, thing: Thing, low_center: Vec) -> None:
        """Put the middle of a thing's underside at a point; what it holds comes along."""
        x, _, z = thing.center
        thing.shift(low_center[0] - x, low_center[1] - thing.lo[1], low_center[2] - z)
        if thing.footprint is not None or not thing.kind.pickupable:
            self.shape_version += 1

    def set_openness(self, thing: Thing, openness: float) -> None:
        """Open or close (0 to 1); a drawer slides out with what it holds."""
        if thing.type == "Drawer":
            fx, fz = facing(thing.yaw)
            depth = thing.size[0] if fx else thing.size[2]
            way = (openness - thing.openness) * SLIDE * depth
            thing.shift(fx * way, 0.0, fz * way)
        thing.openness = openness
        self.shape_version += 1


def _touch_around(thing: Thing) -> None:
    """What it is in or on, and what it holds, know of each other through it."""
    for other in thing.ancestors():
        other.touch()
    for other in thing.descendants():
        other.touch()


def _outside(room: Room, x: float, z: float) -> float:
    """Squared distance from a point to a room."""
    dx = max(room.x0 - x, x - room.x1, 0.0)
    dz = max(room.z0 - z, z - room.z1, 0.0)
    return dx * dx + dz * dz
