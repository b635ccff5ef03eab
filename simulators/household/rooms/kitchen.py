"""Kitchens."""

from __future__ import annotations

from fleetmind.simulators.household.rooms import fittings
from fleetmind.simulators.household.rooms.builder import SIDES, RoomBuilder
from fleetmind.simulators.household.rooms.fittings import Module
from fleetmind.simulators.household.things import Thing

COLD = ("Fridge",)
TOPS = ("CounterTop", "DiningTable")
DRY = ("Cabinet", "CounterTop", "Shelf")
TOOLS = ("Drawer", "CounterTop", "DiningTable")

SECOND: tuple[tuple[Module, ...], ...] = (
    ("doors", "stack", "stack", "doors"), ("stack", "doors", "stack", "doors", "drawers"))

REQUIRED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Apple", (*TOPS, *COLD)), ("Tomato", (*TOPS, *COLD)), ("Potato", TOPS), ("Lettuce", (*TOPS, *COLD)),
    ("Bread", TOPS), ("Egg", (*COLD, "CounterTop")), ("Mug", (*TOPS, "Cabinet")), ("Mug", TOPS),
    ("Cup", (*TOPS, "Cabinet")), ("Bowl", (*TOPS, "Cabinet")), ("Plate", (*TOPS, "Cabinet")),
    ("Pot", ("StoveBurner", "CounterTop")), ("Pan", ("StoveBurner", "CounterTop")), ("Knife", TOOLS),
    ("ButterKnife", TOOLS), ("Fork", TOOLS), ("Spoon", TOOLS), ("Spatula", TOOLS),
    ("DishSponge", ("CounterTop", "SinkBasin")), ("SoapBottle", ("CounterTop",)), ("SaltShaker", (*TOPS, "Cabinet")),
    ("PepperShaker", (*TOPS, "Cabinet")),
)
"""What every kitchen has, and where it usually is."""

OPTIONAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Ladle", TOOLS), ("PaperTowelRoll", ("CounterTop",)), ("WineBottle", (*DRY, "Fridge")), ("Bottle", DRY),
    ("Kettle", ("StoveBurner", "CounterTop")), ("Vase", ("Shelf", "DiningTable")), ("Statue", ("Shelf",)),
    ("Book", ("Shelf", "DiningTable")), ("Plate", ("Cabinet", "DiningTable")), ("Bowl", ("Cabinet", "DiningTable")),
    ("Apple", ("DiningTable", "Fridge")), ("Tomato", ("CounterTop", "Fridge")), ("Potato", ("CounterTop", "Fridge")),
    ("Cup", ("DiningTable", "Cabinet")), ("CreditCard", ("CounterTop", "DiningTable")), ("CellPhone", TOPS),
    ("AluminumFoil", ("Drawer", "CounterTop")), ("Spoon", ("Drawer",)), ("Fork", ("Drawer",)), ("Egg", COLD),
)
"""What some kitchens have too."""


def furnish(b: RoomBuilder) -> None:
    """Build in and set up everything that is not carried about.

    Raises:
        NoRoomError: this arrangement does not work out.
    """
    fittings.floor(b)
    sides = list(SIDES)
    b.rng.shuffle(sides)
    main: list[Module] = ["stack", "sink", "stack", "stove", "drawers"]
    if b.rng.random() < 0.5:
        main.reverse()
    first = fittings.worktop(b, sides, main)
    rest = [s for s in SIDES if s != fittings.side_of(first)]
    second = fittings.worktop(b, rest, b.rng.choice(SECOND))
    b.against("Fridge", SIDES, front=0.95, corner=True)
    _appliances(b, second)
    fittings.wall_cabinets(b, second, [(0.0, 0.5), (0.5, 1.0)])
    fittings.wall_cabinets(b, first, [(0.0, 0.5), (2.5, 3.0)])
    table = b.middle("DiningTable", (b.rng.choice((1.2, 1.4)), 0.76, 0.85), around=0.95)
    b.chairs(table, b.rng.choice((2, 3, 4)))
    b.against("GarbageCan", SIDES, front=0.35)
    fittings.light_switch(b)
    b.mount("Window", SIDES, 1.15, (1.0, 0.9, 0.04))
    fittings.shelves(b, b.rng.choice((1, 2)))
    if b.rng.random() < 0.3:
        b.against("Stool", SIDES, front=0.4)
    if b.rng.random() < 0.3:
        b.mount("Painting", SIDES, 1.4, (0.5, 0.4, 0.03))


def _appliances(b: RoomBuilder, top: Thing) -> None:
    """Microwave, toaster and coffee machine on the second worktop."""
    kinds = ["CoffeeMachine", "Toaster", "Microwave"]
    b.rng.shuffle(kinds)
    for kind, u in zip(kinds, (0.2, 0.66, 1.2), strict=True):
        fittings.appliance(b, kind, top, u=u)


def fill(b: RoomBuilder) -> None:
    """Put what can be carried in its usual places."""
    wanted = list(REQUIRED) + [item for item in OPTIONAL if b.rng.random() < 0.45]
    b.fill(wanted, dirty=0.2)
