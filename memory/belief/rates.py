"""How long what a robot saw stays good: a mug moves, a fridge does not.

The half-life of a node is the time in which the evidence for its place loses half of its weight. It comes from, in
this order: the node's attribute `half_life_s`, the caller's table by type, the tables here by kind, type and
affordance. The figures are choices, not measurements: a site that knows its house better passes its own table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from fleetmind.memory.belief.fusion import decay, fused_confidence
from fleetmind.memory.scene import Node

Rates = Mapping[str, float]
"""Half-life in seconds by type; `math.inf`: for ever."""

UNCERTAIN = 0.1
"""Confidence in a known thing never falls below this: it is somewhere, and only removing the node makes it vanish."""

_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86_400.0
_KINDS: Rates = {"site": math.inf, "building": math.inf, "floor": math.inf, "room": math.inf,
                 "robot": 20.0, "person": 20.0}
_TYPES: Rates = {
    **dict.fromkeys(("Mug", "Cup", "Plate", "Bowl", "Fork", "Knife", "Spoon", "ButterKnife", "WineBottle", "Bottle",
                     "CellPhone", "RemoteControl", "KeyChain", "CreditCard", "Pen", "Pencil", "SprayBottle"),
                    30 * _MINUTE_S),
    **dict.fromkeys(("Chair", "Stool", "ArmChair", "Ottoman", "Footstool", "Cart", "LaundryHamper", "GarbageCan"),
                    4 * _HOUR_S),
}
_PICKUPABLE_S = _HOUR_S
_MOVEABLE_S = 4 * _HOUR_S
_UNKNOWN_S = _DAY_S


def half_life_s(node: Node, rates: Rates | None = None) -> float:
    """Half-life of an observation of the node, seconds; `math.inf` for what is fixed.

    Args:
        node: the thing.
        rates: half-lives by type that go before the built-in ones.
    """
    own = node.attributes.get("half_life_s")
    if isinstance(own, (int, float)) and not isinstance(own, bool) and own > 0:
        return float(own)
    if rates is not None and node.type in rates:
        return rates[node.type]
    if node.kind in _KINDS:
        return _KINDS[node.kind]
    return _of_affordances(node)


def _of_affordances(node: Node) -> float:
    if node.type in _TYPES:
        return _TYPES[node.type]
    if node.is_a("pickupable"):
        return _PICKUPABLE_S
    if node.is_a("moveable"):
        return _MOVEABLE_S
    # Furniture and what has a part to work (a lamp, a tap) stands; of anything else nothing is known.
    fixed = node.kind == "receptacle" or any(node.is_a(f) for f in ("receptacle", "openable", "toggleable"))
    return math.inf if fixed else _UNKNOWN_S


def last_word_s(node: Node) -> float | None:
    """World time of the newest word about the node, good or bad; None: known from the building plan only."""
    times = [s.time_s for s in node.sightings]
    if node.last_seen_s is not None:
        times.append(node.last_seen_s)
    return max(times, default=None)


def confidence_at(node: Node, now_s: float, rates: Rates | None = None) -> float:
    """How sure one may be at world time `now_s` that the node is as it says; in [0, 1], never rising with time.

    `Node.confidence` is this value at the time of the newest word. What no robot has ever seen (the building plan)
    keeps the confidence it was written with.
    """
    half_life = half_life_s(node, rates)
    if node.sightings:
        return max(UNCERTAIN, fused_confidence(node.sightings, half_life, now_s))
    if node.last_seen_s is None:
        return node.confidence
    return min(node.confidence, max(UNCERTAIN, node.confidence * decay(now_s - node.last_seen_s, half_life)))
