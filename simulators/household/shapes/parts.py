"""What things are drawn and hidden with: boxes, cylinders, balls and tubes as fractions of a thing's box."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fleetmind.simulators.household.surfaces import spot
from fleetmind.simulators.household.things import Thing

Shape = Literal["box", "cylinder", "ball", "tube"]
"""`cylinder` and `tube` stand on end; a tube has a floor and no lid."""

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One primitive of a thing, as fractions of its box: u right, y up, v to the front."""

    shape: Shape
    u0: float
    y0: float
    v0: float
    u1: float
    y1: float
    v1: float
    rgb: RGB
    glow: bool = False
    """Shines by itself, whatever the room's light."""
    look: str = ""
    """What it is made of, a name of `render/materials.py`; empty: what the thing is made of."""


@dataclass(frozen=True, slots=True)
class Solid:
    """One primitive in the world: its axis-aligned box in metres."""

    shape: Shape
    lo: tuple[float, float, float]
    hi: tuple[float, float, float]
    rgb: RGB
    glow: bool
    look: str


Maker = Callable[[Thing], list[Part]]
"""Builds a thing's parts from its state."""


def box(u0: float, y0: float, v0: float, u1: float, y1: float, v1: float, rgb: RGB, glow: bool = False,
        look: str = "") -> Part:
    """A block."""
    return Part("box", u0, y0, v0, u1, y1, v1, rgb, glow, look)


def cylinder(u0: float, y0: float, v0: float, u1: float, y1: float, v1: float, rgb: RGB,
             glow: bool = False, look: str = "") -> Part:
    """An upright cylinder that fills a block."""
    return Part("cylinder", u0, y0, v0, u1, y1, v1, rgb, glow, look)


def ball(u0: float, y0: float, v0: float, u1: float, y1: float, v1: float, rgb: RGB, glow: bool = False,
         look: str = "") -> Part:
    """An ellipsoid that fills a block."""
    return Part("ball", u0, y0, v0, u1, y1, v1, rgb, glow, look)


def tube(u0: float, y0: float, v0: float, u1: float, y1: float, v1: float, rgb: RGB, look: str = "") -> Part:
    """An upright cylinder without a lid."""
    return Part("tube", u0, y0, v0, u1, y1, v1, rgb, False, look)


def local_size(thing: Thing) -> tuple[float, float, float]:
    """Width, height and depth of a thing as seen from its front, metres."""
    x, y, z = thing.size
    return (z, y, x) if round(thing.yaw / 90) % 2 else (x, y, z)


def share(metres: float, extent: float, most: float = 0.45) -> float:
    """A thickness in metres as a fraction of an extent, at most `most`."""
    return min(metres / extent, most) if extent > 0 else most


def pick(thing: Thing, colours: tuple[RGB, ...]) -> RGB:
    """A colour of a palette, always the same one for the same id."""
    return colours[zlib.crc32(thing.id.encode()) % len(colours)]


def mix(rgb: RGB, other: RGB, share_of_other: float) -> RGB:
    """A colour between two."""
    a, b, c = (round(x + (y - x) * share_of_other) for x, y in zip(rgb, other, strict=True))
    return (a, b, c)


def to_world(thing: Thing, part: Part) -> Solid:
    """One part of a thing in the world."""
    ax, az = spot(thing, part.u0, part.v0)
    bx, bz = spot(thing, part.u1, part.v1)
    low, height = thing.lo[1], thing.hi[1] - thing.lo[1]
    return Solid(
        part.shape,
        (min(ax, bx), low + part.y0 * height, min(az, bz)),
        (max(ax, bx), low + part.y1 * height, max(az, bz)),
        part.rgb, part.glow, part.look)
