"""One object of the household world: where it is, what it is in, and its states."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from fleetmind.simulators.household.types import ObjectType, Vec

Temperature = Literal["RoomTemp", "Hot", "Cold"]
NEVER = float("inf")
_STAMPS = count(1)
_set = object.__setattr__


@dataclass(slots=True, eq=False, kw_only=True)
class Thing:
    """One object. Boxes are axis-aligned, in AI2-THOR's frame (left-handed, y up), metres.

    Every assignment raises its `stamp`, so that what is derived from things can be kept until they change.
    """

    id: str
    """AI2-THOR's objectId, e.g. `Mug|+01.00|+00.92|-00.50`."""
    kind: ObjectType
    lo: Vec
    """Low corner of its box."""
    hi: Vec
    """High corner of its box."""
    origin: Vec
    """What the metadata calls its position."""
    yaw: float = 0.0
    """Degrees clockwise from +z; its front looks that way."""
    asset: str = ""
    """AI2-THOR's assetId."""
    room: str = ""
    """Id of the room it is in."""
    upright: bool = False
    """Standing on end, e.g. a spoon in a mug."""
    parent: Thing | None = None
    """What it is in or on; None for what stands on the floor or is held."""
    children: list[Thing] = field(default_factory=list)
    """What is in or on it, oldest first."""
    on_floor: bool = False
    """Furniture that stands on the floor of its room."""
    controls: list[Thing] = field(default_factory=list)
    """A knob's burners."""
    controlled_by: Thing | None = None
    """A burner's knob."""
    serves: Thing | None = None
    """A tap's basin."""
    holes: tuple[tuple[float, float, float, float], ...] = ()
    """Openings of a worktop for sinks: (x0, z0, x1, z1)."""
    footprint: tuple[float, float, float, float] | None = None
    """(x0, z0, x1, z1) on which no robot can drive; None for what does not block."""
    openness: float = 0.0
    toggled: bool = False
    broken: bool = False
    liquid: str | None = None
    dirty: bool = False
    used_up: bool = False
    cooked: bool = False
    sliced: bool = False
    temperature: Temperature = "RoomTemp"
    expires_s: float = NEVER
    """Virtual time at which `temperature` falls back to RoomTemp; NEVER while in its source."""
    held_by: str | None = None
    """Name of the agent whose hand it is in."""
    source: str = ""
    """For slices: id of what was cut up."""
    active: bool = True
    """False once it has become something else (slices, a cracked egg)."""
    surface_y: float | None = None
    """Height of its surface where a dump shows it to differ from its type's."""
    stamp: int = field(default=0, init=False)
    """Grows when anything of it, or what it is in, on or holds, has changed."""

    def __setattr__(self, name: str, value: object) -> None:
        """Assign, and raise the stamp."""
        _set(self, name, value)
        _set(self, "stamp", next(_STAMPS))

    def touch(self) -> None:
        """Raise the stamp: something has changed that belongs to it but is not an attribute of it."""
        _set(self, "stamp", next(_STAMPS))

    @property
    def type(self) -> str:
        """AI2-THOR's objectType."""
        return self.kind.name

    @property
    def is_open(self) -> bool:
        """True when it is open at least a little."""
        return self.openness > 0

    @property
    def name(self) -> str:
        """A Unity-like name, stable for the id."""
        return f"{self.kind.name}_{zlib.crc32(self.id.encode()):08x}"

    @property
    def center(self) -> Vec:
        """Middle of its box."""
        return ((self.lo[0] + self.hi[0]) / 2, (self.lo[1] + self.hi[1]) / 2, (self.lo[2] + self.hi[2]) / 2)

    @property
    def size(self) -> Vec:
        """Extent of its box."""
        return (self.hi[0] - self.lo[0], self.hi[1] - self.lo[1], self.hi[2] - self.lo[2])

    def ancestors(self) -> Iterator[Thing]:
        """What it is in or on, nearest first."""
        at = self.parent
        while at is not None:
            yield at
            at = at.parent

    def descendants(self) -> Iterator[Thing]:
        """Everything in or on it, depth first."""
        for child in self.children:
            yield child
            yield from child.descendants()

    def shift(self, dx: float, dy: float, dz: float) -> None:
        """Move it and all it holds."""
        self.lo = (self.lo[0] + dx, self.lo[1] + dy, self.lo[2] + dz)
        self.hi = (self.hi[0] + dx, self.hi[1] + dy, self.hi[2] + dz)
        self.origin = (self.origin[0] + dx, self.origin[1] + dy, self.origin[2] + dz)
        for child in self.children:
            child.shift(dx, dy, dz)

    def hidden(self) -> bool:
        """True inside something closed."""
        return any(a.kind.openable and a.kind.receptacle and not a.is_open for a in self.ancestors())


def object_id(kind: str, position: Vec) -> str:
    """AI2-THOR's id of an object of that type first seen at that position (metres)."""
    # Adding zero turns -0.0, which would print as -00.00, into 0.0.
    x, y, z = (round(v, 2) + 0.0 for v in position)
    return f"{kind}|{x:+06.2f}|{y:+06.2f}|{z:+06.2f}"


def facing(yaw: float) -> tuple[int, int]:
    """Unit (x, z) of the side nearest to where `yaw` (degrees) looks."""
    return ((0, 1), (1, 0), (0, -1), (-1, 0))[round(yaw / 90) % 4]


def turned(size: Vec, yaw: float) -> Vec:
    """Extent along the world's axes of something of that local size looking along `yaw` (degrees)."""
    return (size[2], size[1], size[0]) if round(yaw / 90) % 2 else size
