"""What happens by itself: taps wash and fill, burners and microwaves cook, fridges cool, heat fades."""

from __future__ import annotations

from collections.abc import Callable

from fleetmind.simulators.household.state import Household
from fleetmind.simulators.household.things import NEVER, Temperature, Thing

FADES_AFTER_S = 300.0
"""Virtual seconds for which something stays hot or cold away from the source."""


def temperature(thing: Thing, now_s: float) -> Temperature:
    """Temperature of a thing at a virtual time."""
    return thing.temperature if thing.expires_s > now_s else "RoomTemp"


def settle(state: Household) -> None:
    """Let every source act on what is in or on it, and start the fading of what has left one."""
    in_source: set[str] = set()
    for source in state.things.values():
        effect = _EFFECTS.get(source.type)
        if effect is None or not source.active:
            continue
        if source.type != "Fridge" and not source.toggled:
            continue
        held = source.serves if source.serves is not None else source
        for thing in held.descendants():
            effect(thing)
            if source.type not in ("Faucet", "ShowerHead"):
                in_source.add(thing.id)
    for thing in state.things.values():
        if thing.temperature == "RoomTemp":
            continue
        if thing.id in in_source:
            thing.expires_s = NEVER
        elif thing.expires_s == NEVER:
            thing.expires_s = state.time_s + FADES_AFTER_S
        elif thing.expires_s <= state.time_s:
            thing.temperature, thing.expires_s = "RoomTemp", NEVER


def _water(thing: Thing) -> None:
    thing.dirty = False
    if thing.kind.fillable and thing.liquid is None and not thing.broken:
        thing.liquid = "water"
    if thing.type == "Candle":
        thing.toggled = False


def _cook(thing: Thing) -> None:
    thing.temperature = "Hot"
    if thing.kind.cookable:
        thing.cooked = True


def _toast(thing: Thing) -> None:
    if thing.type == "BreadSliced":
        _cook(thing)


def _brew(thing: Thing) -> None:
    if thing.type == "Mug" and not thing.broken:
        if thing.liquid is None:
            thing.liquid = "coffee"
        thing.temperature = "Hot"


def _chill(thing: Thing) -> None:
    thing.temperature = "Cold"


_EFFECTS: dict[str, Callable[[Thing], None]] = {
    "Faucet": _water, "ShowerHead": _water, "StoveBurner": _cook, "Microwave": _cook, "Toaster": _toast,
    "CoffeeMachine": _brew, "Fridge": _chill,
}
"""What a source does to each thing in or on it (for taps: in what they serve)."""
