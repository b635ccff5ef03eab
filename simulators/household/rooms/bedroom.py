"""Bedrooms."""

from __future__ import annotations

from fleetmind.simulators.household.rooms import fittings
from fleetmind.simulators.household.rooms.builder import SIDES, NoRoomError, RoomBuilder
from fleetmind.simulators.household.things import Thing

TOPS = ("Desk", "SideTable", "Dresser", "Shelf")
SMALL = (*TOPS, "Drawer")

REQUIRED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AlarmClock", ("SideTable", "Desk", "Dresser")), ("Book", (*TOPS, "Bed")), ("CD", SMALL),
    ("CellPhone", (*TOPS, "Bed")), ("CreditCard", SMALL), ("KeyChain", SMALL), ("Laptop", ("Desk", "Bed")),
    ("Pen", ("Desk", "SideTable", "Drawer")), ("Pencil", ("Desk", "Drawer")), ("Pillow", ("Bed",)),
    ("Pillow", ("Bed",)),
)
"""What every bedroom has, and where it usually is."""

OPTIONAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("TeddyBear", ("Bed", "Floor")), ("BaseballBat", ("Floor",)), ("BasketBall", ("Floor",)),
    ("TennisRacket", ("Floor", "Bed")), ("Cloth", ("Floor", "Dresser", "LaundryHamper")),
    ("Mug", ("Desk", "SideTable")),
    ("Box", ("Floor", "Dresser")), ("Bowl", ("Desk", "SideTable")), ("Book", ("Shelf", "Desk")),
    ("CD", ("Desk", "Shelf")),
    ("TissueBox", TOPS), ("Statue", ("Shelf", "Dresser")), ("Watch", ("Dresser", "Shelf", "Drawer")),
    ("RemoteControl", ("Dresser", "Bed")), ("Vase", ("Dresser", "Shelf")), ("Dumbbell", ("Floor",)),
    ("Boots", ("Floor",)), ("Pencil", ("Desk",)),
)
"""What some bedrooms have too."""


def furnish(b: RoomBuilder) -> None:
    """Build in and set up everything that is not carried about.

    Raises:
        NoRoomError: this arrangement does not work out.
    """
    fittings.floor(b)
    bed = b.against("Bed", SIDES, front=0.8, margin=0.62)
    side = b.beside("SideTable", bed)
    fittings.fit_drawers(b, side, (0.5, 0.62, 0.5), 1, 2)
    lamp = b.inset("DeskLamp", side, 0.02, 0.2, side.hi[1], side.hi[1] + 0.42, 0.02, 0.2)
    lamp.toggled = b.rng.random() < 0.5
    b.state.attach(lamp, side)
    desk = fittings.chest(b, "Desk", SIDES, (1.3, 0.76, 0.7), 1, 2)
    _desk_chair(b, desk)
    fittings.chest(b, "Dresser", SIDES, (1.0, 0.9, 0.5), 2, 3)
    b.against("GarbageCan", SIDES, front=0.35)
    fittings.light_switch(b)
    b.mount("Mirror", SIDES, 0.9, clear_below=True)
    window = b.mount("Window", SIDES, 0.95, (1.2, 1.0, 0.04))
    if window is not None:
        b.mount("Blinds", SIDES, 2.05)
    fittings.shelves(b, b.rng.choice((1, 2)))
    b.mount("Painting" if b.rng.random() < 0.5 else "Poster", SIDES, 1.3)
    if b.rng.random() < 0.6:
        hamper = b.against("LaundryHamper", SIDES, front=0.6)
        b.state.set_openness(hamper, 1.0)
    _optional(b)


def _desk_chair(b: RoomBuilder, desk: Thing) -> None:
    """The chair half under the desk's free side."""
    x0, z0, x1, z1 = 0.2, 0.45, 0.66, 0.93
    chair = b.inset("Chair", desk, x0, x1, 0.0, 0.9, z0, z1)
    chair.yaw = (desk.yaw + 180) % 360
    chair.on_floor = True
    chair.footprint = (chair.lo[0], chair.lo[2], chair.hi[0], chair.hi[2])


def _optional(b: RoomBuilder) -> None:
    """An arm chair where there is room."""
    if b.rng.random() < 0.3:
        try:
            b.against("ArmChair", SIDES, front=0.7)
        except NoRoomError:
            return


def fill(b: RoomBuilder) -> None:
    """Put what can be carried in its usual places."""
    wanted = list(REQUIRED) + [item for item in OPTIONAL if b.rng.random() < 0.45]
    b.fill(wanted, dirty=0.3)
