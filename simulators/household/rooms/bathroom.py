"""Bathrooms."""

from __future__ import annotations

from fleetmind.simulators.household.rooms import fittings
from fleetmind.simulators.household.rooms.builder import SIDES, NoRoomError, RoomBuilder
from fleetmind.simulators.household.things import Thing

TOPS = ("CounterTop", "Shelf", "SideTable")

REQUIRED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Candle", (*TOPS, "Toilet")), ("Candle", (*TOPS, "Toilet")), ("Cloth", (*TOPS, "Floor", "BathtubBasin")),
    ("HandTowel", ("HandTowelHolder",)), ("Towel", ("TowelHolder",)), ("Plunger", ("Floor",)),
    ("ScrubBrush", ("Floor",)), ("SoapBar", ("CounterTop", "SinkBasin", "BathtubBasin")), ("SoapBottle", TOPS),
    ("SprayBottle", ("CounterTop", "Cabinet", "Shelf")), ("ToiletPaper", ("ToiletPaperHanger",)),
    ("ToiletPaper", ("Cabinet", "Toilet", "CounterTop")),
)
"""What every bathroom has, and where it usually is."""

OPTIONAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("TissueBox", (*TOPS, "Toilet")), ("DishSponge", ("CounterTop", "BathtubBasin")),
    ("PaperTowelRoll", ("CounterTop", "Cabinet")), ("Cloth", ("CounterTop", "Drawer")),
    ("SoapBar", ("BathtubBasin", "Cabinet")), ("SoapBottle", ("Cabinet", "BathtubBasin")),
    ("HandTowel", ("HandTowelHolder", "CounterTop")),
)
"""What some bathrooms have too."""


def furnish(b: RoomBuilder) -> None:
    """Build in and set up everything that is not carried about.

    Raises:
        NoRoomError: this arrangement does not work out.
    """
    fittings.floor(b)
    modules: list[fittings.Module] = ["stack", "sink", "stack"] if b.rng.random() < 0.6 else ["stack", "sink"]
    top = fittings.worktop(b, SIDES, modules)
    length = sum(fittings.MODULE_M[m] for m in modules)
    b.inset("Mirror", top, length / 2 - 0.4, length / 2 + 0.4, 1.2, 1.95, 0.0, 0.03)
    _bath(b)
    toilet = b.against("Toilet", SIDES, front=0.7, margin=0.12)
    b.against("GarbageCan", SIDES, (0.28, 0.35, 0.28), front=0.35)
    fittings.light_switch(b)
    side = [fittings.side_of(toilet)]
    if b.mount("ToiletPaperHanger", side, 0.7, clear_below=True) is None:
        b.mount("ToiletPaperHanger", SIDES, 0.7, clear_below=True)
    b.mount("TowelHolder", SIDES, 1.3, clear_below=True)
    b.mount("HandTowelHolder", SIDES, 1.25, clear_below=True)
    fittings.shelves(b, 1, width=0.6)
    b.mount("Window", SIDES, 1.4, (0.7, 0.6, 0.04))
    if b.rng.random() < 0.4:
        try:
            b.against("SideTable", SIDES, (0.4, 0.6, 0.4), front=0.5)
        except NoRoomError:
            return


def _bath(b: RoomBuilder) -> Thing:
    """A bathtub along a wall with its basin, tap and shower."""
    tub = b.against("Bathtub", SIDES, (1.7, 0.58, 0.8), front=0.75)
    basin = fittings.basin_in(b, tub, "BathtubBasin", 0.07)
    tap = b.inset("Faucet", tub, 0.82, 0.88, 0.62, 0.82, 0.0, 0.2)
    head = b.inset("ShowerHead", tub, 0.2, 0.4, 1.9, 2.1, 0.0, 0.25)
    tap.serves = basin
    head.serves = basin
    if b.rng.random() < 0.4:
        curtain = b.inset("ShowerCurtain", tub, 0.05, 1.65, 0.2, 2.0, 0.76, 0.79)
        b.state.set_openness(curtain, 1.0)
    return tub


def fill(b: RoomBuilder) -> None:
    """Put what can be carried in its usual places."""
    wanted = list(REQUIRED) + [item for item in OPTIONAL if b.rng.random() < 0.5]
    b.fill(wanted, dirty=0.4)
