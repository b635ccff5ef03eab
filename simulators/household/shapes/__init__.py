"""Shapes of all object types: how a thing looks, and what it hides."""

from __future__ import annotations

from fleetmind.simulators.household.shapes import appliances, furniture, items
from fleetmind.simulators.household.shapes.parts import Maker, Part, Solid, box, to_world
from fleetmind.simulators.household.things import Thing

_MAKERS: dict[str, Maker] = {**furniture.MAKERS, **appliances.MAKERS, **items.MAKERS}


def parts(thing: Thing) -> list[Part]:
    """The primitives of a thing in its present state, as fractions of its box."""
    make = _MAKERS.get(thing.type)
    return make(thing) if make is not None else [box(0, 0, 0, 1, 1, 1, (150, 150, 150))]


def solids(thing: Thing) -> list[Solid]:
    """The primitives of a thing in its present state, in the world."""
    return [to_world(thing, part) for part in parts(thing)]


__all__ = ["Part", "Solid", "parts", "solids"]
