"""Where things can lie: the surfaces of each receptacle type, as fractions of its box."""

from __future__ import annotations

from dataclasses import dataclass

from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.household.types import SINGLE_SLOT

Fraction = tuple[float, float, float, float, float, float]
"""(u0, v0, u1, v1, y, ceiling): u to the right, v to the front, y up; 9 means no ceiling."""

OPEN_SKY = 9.0
CLEARANCE_M = 0.75
"""Room above a surface without a ceiling."""

_FLAT: tuple[Fraction, ...] = ((0.02, 0.02, 0.98, 0.98, 1.0, OPEN_SKY),)
_HOLLOW: tuple[Fraction, ...] = ((0.1, 0.1, 0.9, 0.9, 0.1, OPEN_SKY),)

SURFACES: dict[str, tuple[Fraction, ...]] = {
    "Fridge": (
        (0.08, 0.12, 0.92, 0.9, 0.42, 0.62), (0.08, 0.12, 0.92, 0.9, 0.64, 0.8),
        (0.08, 0.12, 0.92, 0.9, 0.22, 0.4), (0.08, 0.12, 0.92, 0.9, 0.82, 0.97),
        (0.08, 0.12, 0.92, 0.9, 0.04, 0.2),
    ),
    "Cabinet": ((0.06, 0.08, 0.94, 0.92, 0.04, 0.48), (0.06, 0.08, 0.94, 0.92, 0.52, 0.96)),
    "Drawer": ((0.05, 0.33, 0.95, 0.95, 0.1, 0.98),),
    "Microwave": ((0.08, 0.08, 0.76, 0.92, 0.1, 0.92),),
    "Safe": ((0.1, 0.1, 0.9, 0.9, 0.1, 0.9),),
    "LaundryHamper": _HOLLOW,
    "Box": ((0.06, 0.06, 0.94, 0.94, 0.05, OPEN_SKY),),
    "GarbageCan": ((0.12, 0.12, 0.88, 0.88, 0.08, OPEN_SKY),),
    "Sofa": ((0.14, 0.32, 0.86, 0.97, 0.52, OPEN_SKY),),
    "ArmChair": ((0.2, 0.3, 0.8, 0.97, 0.5, OPEN_SKY),),
    "Chair": ((0.06, 0.15, 0.94, 0.97, 0.5, OPEN_SKY),),
    "Bed": ((0.04, 0.05, 0.96, 0.97, 0.85, OPEN_SKY),),
    "Toilet": ((0.1, 0.02, 0.9, 0.28, 1.0, OPEN_SKY),),
    "Sink": ((0.1, 0.06, 0.9, 0.8, 0.2, OPEN_SKY),),
    "SinkBasin": ((0.04, 0.04, 0.96, 0.96, 0.1, OPEN_SKY),),
    "Bathtub": ((0.1, 0.06, 0.9, 0.94, 0.32, OPEN_SKY),),
    "BathtubBasin": ((0.04, 0.04, 0.96, 0.96, 0.05, OPEN_SKY),),
    "Bowl": ((0.15, 0.15, 0.85, 0.85, 0.25, OPEN_SKY),),
    "Plate": ((0.12, 0.12, 0.88, 0.88, 0.7, OPEN_SKY),),
    "Pot": ((0.1, 0.1, 0.9, 0.9, 0.12, OPEN_SKY),),
    "Pan": ((0.1, 0.06, 0.9, 0.54, 0.25, OPEN_SKY),),
    "Mug": ((0.1, 0.1, 0.9, 0.9, 0.12, OPEN_SKY),),
    "Cup": ((0.1, 0.1, 0.9, 0.9, 0.1, OPEN_SKY),),
    "CoffeeMachine": ((0.28, 0.52, 0.72, 0.92, 0.1, 0.66),),
    "Toaster": ((0.1, 0.15, 0.9, 0.85, 0.5, OPEN_SKY),),
    "HandTowelHolder": ((0.0, 0.0, 1.0, 1.0, -7.0, 1.0),),
    "TowelHolder": ((0.0, 0.0, 1.0, 1.0, -11.0, 1.0),),
    "ToiletPaperHanger": ((0.0, 0.0, 1.0, 1.0, -1.0, 1.0),),
}
"""Surfaces by type; a type that is not listed has its top."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One horizontal rectangle on which things can lie, in metres in the world's frame."""

    x0: float
    z0: float
    x1: float
    z1: float
    y: float
    ceiling: float
    """Height that what lies there must stay under."""
    single: bool = False
    """Holds a fixed number of things at its middle."""


def spot(thing: Thing, u: float, v: float) -> tuple[float, float]:
    """World (x, z) of a point of a thing's box: u from its left to its right, v from its back to its front."""
    a, b = (((u, v), (v, 1 - u), (1 - u, 1 - v), (1 - v, u)))[round(thing.yaw / 90) % 4]
    return (
        thing.lo[0] + a * (thing.hi[0] - thing.lo[0]),
        thing.lo[2] + b * (thing.hi[2] - thing.lo[2]),
    )


def surfaces(thing: Thing) -> list[Surface]:
    """The surfaces of a receptacle as it stands now."""
    low, height = thing.lo[1], thing.hi[1] - thing.lo[1]
    found = []
    for u0, v0, u1, v1, y, ceiling in SURFACES.get(thing.type, _FLAT):
        ax, az = spot(thing, u0, v0)
        bx, bz = spot(thing, u1, v1)
        base = low + y * height
        if thing.surface_y is not None:
            base = thing.surface_y
        top = base + CLEARANCE_M if ceiling == OPEN_SKY else low + ceiling * height
        found.append(Surface(
            min(ax, bx), min(az, bz), max(ax, bx), max(az, bz), base, top,
            single=thing.type in SINGLE_SLOT))
    return found
