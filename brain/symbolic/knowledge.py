"""What is known of household things in general: masses, affordances, where each may be put and is usually kept.

`knowledge.json` holds one type a line, with AI2-THOR's names and receptacle rules. A scene's own attributes win.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from fleetmind.memory.scene import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One type of thing."""

    name: str
    mass_kg: float
    """Usual mass."""
    flags: frozenset[str]
    """Affordances: `pickupable`, `receptacle`, `openable`, ..."""
    fits: frozenset[str]
    """Receptacle types that take it."""
    likely: tuple[str, ...]
    """Where it is usually found, best first."""


@cache
def kinds() -> dict[str, Kind]:
    """All types by name."""
    raw = json.loads(resources.files(__package__).joinpath("knowledge.json").read_text(encoding="utf-8"))
    return {
        name: Kind(name=name, mass_kg=row["mass_kg"], flags=frozenset(row["flags"]), fits=frozenset(row["fits"]),
                   likely=tuple(row["likely"]))
        for name, row in raw.items()
    }


_NOTHING = Kind(name="", mass_kg=0.0, flags=frozenset(), fits=frozenset(), likely=())

PORTABLE_RECEPTACLES = frozenset({"Bowl", "Plate", "Pot", "Pan", "Mug", "Cup", "Box"})
SLICES = {
    "Apple": "AppleSliced", "Bread": "BreadSliced", "Egg": "EggCracked", "Lettuce": "LettuceSliced",
    "Potato": "PotatoSliced", "Tomato": "TomatoSliced",
}
"""What slicing turns a thing into."""
WHOLES = {piece: whole for whole, piece in SLICES.items()}
BASINS = ("SinkBasin", "Sink", "BathtubBasin", "Bathtub")
TABLES = ("DiningTable", "CoffeeTable", "SideTable", "Desk", "TVStand")
LIGHTS = ("LightSwitch", "FloorLamp", "DeskLamp")
FOOD = ("Apple", "Bread", "Egg", "Lettuce", "Potato", "Tomato",
        "AppleSliced", "BreadSliced", "EggCracked", "LettuceSliced", "PotatoSliced", "TomatoSliced")
DISHES = ("Plate", "Bowl", "Cup", "Mug", "Pot", "Pan")
ON_FLOOR = frozenset({
    "FloorLamp", "GarbageCan", "HousePlant", "LaundryHamper", "Chair", "Stool", "Ottoman", "Footstool", "DogBed",
    "VacuumCleaner", "RoomDecor", "GarbageBag", "Dumbbell", "BaseballBat", "BasketBall", "Boots", "TennisRacket",
    "Plunger", "ScrubBrush", "WateringCan", "Box", "Safe", "Newspaper", "TeddyBear", "Pillow",
})
"""What may stand or lie on the floor: look around the rooms for it, too."""

_SUPPORTS = ("CounterTop", "DiningTable", "CoffeeTable", "SideTable", "Desk", "Dresser", "Shelf", "TVStand", "Sofa",
             "Bed", "ArmChair", "Ottoman", "Cabinet", "Drawer", "Floor")
_STORAGE: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(FOOD), ("Fridge", "CounterTop")),
    (frozenset({"Bottle", "WineBottle"}), ("Fridge", "Cabinet", "Shelf", "CounterTop")),
    (frozenset({*DISHES, "Kettle", "SaltShaker", "PepperShaker", "SprayBottle", "SoapBottle", "PaperTowelRoll"}),
     ("Cabinet", "Shelf", "CounterTop")),
    (frozenset({"Fork", "Knife", "Spoon", "ButterKnife", "Spatula", "Ladle", "DishSponge", "Cloth"}),
     ("Drawer", "CounterTop")),
    (frozenset({"Pen", "Pencil", "CD", "CreditCard", "KeyChain", "Watch", "CellPhone", "RemoteControl"}),
     ("Drawer", "Shelf", "Desk", "Dresser", "SideTable", "TVStand")),
    (frozenset({"Book", "Newspaper"}), ("Shelf", "Drawer", "Desk", "SideTable", "Dresser")),
    (frozenset({"Pillow", "TeddyBear"}), ("Bed", "Sofa", "ArmChair")),
    (frozenset({"Towel"}), ("TowelHolder",)),
    (frozenset({"HandTowel"}), ("HandTowelHolder",)),
    (frozenset({"ToiletPaper"}), ("ToiletPaperHanger", "Toilet", "Cabinet")),
)


def kind_of(type_name: str) -> Kind:
    """What is known of a type; an empty record for one we never heard of."""
    return kinds().get(type_name, _NOTHING)


@cache
def with_flag(flag: str) -> tuple[str, ...]:
    """All types with an affordance."""
    return tuple(name for name, kind in kinds().items() if flag in kind.flags)


def mass_kg(node: Node) -> float:
    """Its own mass where known, else its type's usual one."""
    mass = node.attributes.get("mass_kg")
    return float(mass) if isinstance(mass, int | float) and mass > 0 else kind_of(node.type).mass_kg


def can(node: Node, flag: str) -> bool:
    """True when the node, or else its type, has the affordance."""
    if flag in node.attributes:
        return node.is_a(flag)
    return flag in kind_of(node.type).flags


def shuts(node: Node) -> bool:
    """True for containers with a door or lid: closed they show nothing and take nothing."""
    return can(node, "openable") and can(node, "receptacle")


def accepts(receptacle: str, thing: str) -> bool:
    """True when a receptacle of that type takes a thing of that type."""
    return receptacle in kind_of(thing).fits


def storage_for(thing: str) -> tuple[str, ...]:
    """Where such a thing is kept, best first."""
    for members, places in _STORAGE:
        if thing in members:
            return tuple(p for p in places if accepts(p, thing))
    return tuple(p for p in ("Shelf", "Cabinet", "Drawer", "Dresser", *_SUPPORTS) if accepts(p, thing))


def supports_for(thing: str) -> tuple[str, ...]:
    """Where such a thing can sensibly be put down, best first."""
    return tuple(p for p in _SUPPORTS if accepts(p, thing))


def searched_types(thing: str) -> tuple[str, ...]:
    """Receptacle types in or on which such a thing may be, most likely first."""
    kind = kind_of(thing)
    if thing in WHOLES:
        kind = kind_of(WHOLES[thing])
    rest = sorted(kind.fits - set(kind.likely) - {"Bowl", "Plate", "Pot", "Pan", "Mug", "Cup", "Floor", "StoveBurner"})
    return tuple(p for p in (*kind.likely, *rest) if p not in ("Bowl", "Plate", "Pot", "Pan", "Mug", "Cup", "Floor"))
