"""The table of object types: AI2-THOR's types with their properties, sizes and where each may be put.

The table itself is data (`types.json`, one type a line): size in metres (x right, y up, z to the front), mass in
kilograms, materials, flags, and `fits`, the receptacle types that take it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from fleetmind.simulators.errors import WorldError

Vec = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """What all objects of one type share. Dumps may override the flags of one object."""

    name: str
    """AI2-THOR's objectType, e.g. `Mug`."""
    size: Vec
    """Usual extent in metres: x to the right, y up, z to the front."""
    mass: float
    """Kilograms; 0 for what is built in."""
    materials: tuple[str, ...] = ()
    """AI2-THOR's salient materials."""
    fits: frozenset[str] = frozenset()
    """Receptacle types into or onto which it may be put."""
    receptacle: bool = False
    openable: bool = False
    toggleable: bool = False
    sliceable: bool = False
    breakable: bool = False
    cookable: bool = False
    dirtyable: bool = False
    fillable: bool = False
    heat_source: bool = False
    cold_source: bool = False
    pickupable: bool = False
    moveable: bool = False
    used_up: bool = False


@cache
def object_types() -> dict[str, ObjectType]:
    """The table by type name, in alphabetical order."""
    raw = json.loads(resources.files(__package__).joinpath("types.json").read_text(encoding="utf-8"))
    return {
        name: ObjectType(
            name=name,
            size=(row["size"][0], row["size"][1], row["size"][2]),
            mass=row["mass"],
            materials=tuple(row["materials"]),
            fits=frozenset(row["fits"]),
            **dict.fromkeys(row["flags"], True),
        )
        for name, row in raw.items()
    }


def object_type(name: str) -> ObjectType:
    """The type of that name.

    Raises:
        WorldError: WORLD_SCENE when there is none.
    """
    found = object_types().get(name)
    if found is None:
        raise WorldError("WORLD_SCENE", f"object type {name!r} is unknown; use one of AI2-THOR's, e.g. 'Mug'")
    return found


SLICES: dict[str, tuple[str, int]] = {
    "Apple": ("AppleSliced", 5),
    "Bread": ("BreadSliced", 6),
    "Egg": ("EggCracked", 1),
    "Lettuce": ("LettuceSliced", 5),
    "Potato": ("PotatoSliced", 5),
    "Tomato": ("TomatoSliced", 5),
}
"""What slicing leaves: the type of the pieces and how many."""

SINGLE_SLOT: dict[str, int] = {
    "StoveBurner": 1, "CoffeeMachine": 1, "Toaster": 2, "HandTowelHolder": 1, "TowelHolder": 1,
    "ToiletPaperHanger": 1,
}
"""Receptacles that hold a fixed number of things at a fixed place."""

VESSELS: frozenset[str] = frozenset({"Bowl", "Plate", "Pot", "Pan", "Mug", "Cup"})
"""Carried receptacles in which things may stick out over the rim."""

VESSEL_CAPACITY = 6
"""Things that one vessel holds."""

MUST_BE_OPEN: frozenset[str] = frozenset(
    {"Drawer", "Cabinet", "LaundryHamper", "Microwave", "Fridge", "Box", "Safe"})
"""Receptacles that hide what is in them and take nothing while closed."""

MUST_BE_OFF_TO_OPEN: frozenset[str] = frozenset({"Microwave"})
"""What cannot be opened while it runs."""

TRANSPARENT: frozenset[str] = frozenset({"Window", "ShowerGlass", "ShowerDoor"})
"""Types one can look through."""

LIQUIDS: tuple[str, ...] = ("water", "coffee", "wine")
"""Liquids that FillObjectWithLiquid knows."""
