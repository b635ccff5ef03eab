"""Which references can play which part; this is how pronouns find what they mean."""

from __future__ import annotations

from fleetmind.brain.symbolic.knowledge import SLICES, WHOLES, kind_of
from fleetmind.brain.symbolic.meaning import Ref
from fleetmind.brain.symbolic.verbs import Act

_FLAG: dict[Act, str] = {
    "clean": "dirtyable", "wipe": "dirtyable", "open": "openable", "close": "openable", "on": "toggleable",
    "off": "toggleable", "light": "toggleable", "turn": "toggleable", "slice": "sliceable", "crack": "sliceable",
    "fill": "fillable", "empty": "fillable", "water": "fillable", "clear": "receptacle", "contain": "receptacle",
    "move": "pickupable", "take": "pickupable", "fetch": "pickupable", "drop": "pickupable", "trash": "pickupable",
    "stow": "pickupable", "back": "pickupable", "serve": "pickupable", "hold": "pickupable",
    "set": "pickupable", "heat": "pickupable", "cool": "pickupable", "toast": "pickupable",
}
_COOKABLE = frozenset({"Potato", "PotatoSliced", "BreadSliced", "EggCracked", "Egg", "Bread"})


def can_be_done_to(act: Act, ref: Ref) -> bool:
    """True when the act makes sense for at least one of the types."""
    if not ref.types:
        return act not in ("slice", "fill", "water", "contain")
    if ref.types[0].startswith("@product:"):
        return act in ("move", "set", "fetch", "serve", "give", "take", "stow", "drop", "keep")
    if act in ("cook", "fry", "boil"):
        return any(t in _COOKABLE for t in ref.types)
    if act == "heat":
        return any(t in _COOKABLE or "Microwave" in kind_of(t).fits for t in ref.types)
    if act in ("on", "off", "turn", "light") and {"StoveBurner", "SinkBasin"} & set(ref.types):
        return True
    flag = _FLAG.get(act)
    return flag is None or any(flag in kind_of(t).flags for t in ref.types)


def can_take(ref: Ref, things: list[Ref]) -> bool:
    """True when the things can be put in or on what the reference names."""
    if not ref.types:
        return False
    wanted = {SLICES.get(t, t) for thing in things for t in thing.types} | {t for r in things for t in r.types}
    fits: set[str] = set()
    for name in wanted:
        fits |= kind_of(name).fits | kind_of(WHOLES.get(name, "")).fits
    if "HousePlant" in ref.types:
        return not things or any(t.startswith("@liquid") or "fillable" in kind_of(t).flags for t in wanted)
    receptacle = any("receptacle" in kind_of(t).flags for t in ref.types)
    if any(t.startswith("@liquid") for t in wanted):
        return any("fillable" in kind_of(t).flags for t in ref.types)
    return receptacle and (not wanted or any(t in fits for t in ref.types))
