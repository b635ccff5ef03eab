"""Living rooms."""

from __future__ import annotations

from fleetmind.simulators.household.rooms import fittings
from fleetmind.simulators.household.rooms.builder import SIDES, NoRoomError, RoomBuilder
from fleetmind.simulators.household.things import Thing

LOW = ("CoffeeTable", "SideTable", "TVStand")
SEATS = ("Sofa", "ArmChair")
SMALL = (*LOW, "Sofa", "Drawer", "DiningTable")
SHOW = ("Shelf", "SideTable", "Dresser", "TVStand", "DiningTable")

REQUIRED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Laptop", ("CoffeeTable", "DiningTable", "Sofa")), ("RemoteControl", (*LOW, *SEATS)), ("KeyChain", SMALL),
    ("CreditCard", SMALL), ("Pillow", SEATS), ("Box", ("Floor", "CoffeeTable", "Dresser")), ("Book", (*LOW, "Shelf")),
    ("Vase", SHOW), ("Statue", SHOW), ("Newspaper", (*LOW, "Sofa")), ("Watch", (*LOW, "Dresser")),
    ("TissueBox", (*LOW, "Shelf")), ("CellPhone", (*LOW, "Sofa")),
)
"""What every living room has, and where it usually is."""

OPTIONAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WateringCan", ("Floor", "Shelf", "SideTable")), ("Pillow", SEATS), ("Statue", SHOW), ("Vase", SHOW),
    ("Bowl", ("CoffeeTable", "DiningTable")), ("Plate", ("CoffeeTable", "DiningTable")), ("Candle", ("Shelf", *LOW)),
    ("Pen", (*LOW, "Drawer")), ("Pencil", (*LOW, "Drawer")), ("Book", ("Shelf", "Dresser")),
    ("CreditCard", SMALL), ("RemoteControl", ("Drawer", "TVStand")), ("Boots", ("Floor",)),
    ("KeyChain", ("Drawer", "SideTable")),
)
"""What some living rooms have too."""


def furnish(b: RoomBuilder) -> None:
    """Build in and set up everything that is not carried about.

    Raises:
        NoRoomError: this arrangement does not work out.
    """
    fittings.floor(b)
    stand = b.against("TVStand", SIDES, front=1.0)
    _television(b, stand)
    sofa = b.against("Sofa", [s for s in SIDES if s != fittings.side_of(stand)], front=0.85)
    try:
        side = b.beside("SideTable", sofa)
    except NoRoomError:
        side = b.against("SideTable", SIDES, front=0.7)
    fittings.fit_drawers(b, side, (0.5, 0.62, 0.5), 1, 1)
    b.middle("CoffeeTable", around=0.7)
    b.against("ArmChair", SIDES, front=0.75)
    fittings.chest(b, "Dresser", SIDES, (1.2, 0.9, 0.5), 2, 3)
    lamp = b.against("FloorLamp", SIDES, front=0.3, corner=True)
    lamp.toggled = b.rng.random() < 0.5
    b.against("HousePlant", SIDES, front=0.3, corner=True)
    b.against("GarbageCan", SIDES, front=0.35)
    fittings.light_switch(b)
    b.mount("Window", SIDES, 0.9, (1.3, 1.2, 0.04))
    b.mount("Painting", SIDES, 1.3)
    fittings.shelves(b, b.rng.choice((1, 2)))
    if b.rng.random() < 0.4:
        b.mount("Curtains", SIDES, 0.1)
    if b.rng.random() < 0.4:
        _optional(b)


def _television(b: RoomBuilder, stand: Thing) -> None:
    """The television on its stand."""
    tv = b.inset("Television", stand, 0.2, 1.2, stand.hi[1], stand.hi[1] + 0.65, 0.1, 0.3)
    tv.toggled = b.rng.random() < 0.3
    b.state.attach(tv, stand)
    # The lamp stands beside the television, where its switch is in reach.
    lamp = b.inset("DeskLamp", stand, 0.0, 0.18, stand.hi[1], stand.hi[1] + 0.42, 0.2, 0.38)
    lamp.toggled = b.rng.random() < 0.5
    b.state.attach(lamp, stand)


def _optional(b: RoomBuilder) -> None:
    """An ottoman or a dining table where there is room."""
    try:
        if b.rng.random() < 0.5:
            b.against("Ottoman", SIDES, front=0.5)
        else:
            table = b.against("DiningTable", SIDES, (1.2, 0.76, 0.8), front=0.9)
            b.chairs(table, 2)
    except NoRoomError:
        return


def fill(b: RoomBuilder) -> None:
    """Put what can be carried in its usual places."""
    wanted = list(REQUIRED) + [item for item in OPTIONAL if b.rng.random() < 0.5]
    b.fill(wanted, dirty=0.2)
