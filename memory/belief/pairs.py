"""What a pair of a seen object and a known thing costs, and which pairs are worth a look."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import mul

from fleetmind.memory.belief.space import GATE, mahalanobis_sq, spread_m
from fleetmind.memory.robots import SeenObject
from fleetmind.memory.scene import Node

Types = Mapping[str, Collection[str]]
"""For a type, other types that a detector may call it; holds both ways."""

LOOKS_WEIGHT = 10.0
"""Price of two looks with nothing in common (cosine 0), in units of squared Mahalanobis distance."""
SAME_LOOKS = 0.9
"""Cosine from which looks alone tell that a lost thing was found."""
_UNKNOWN_LOOKS = 0.1 * LOOKS_WEIGHT  # as if the cosine were 0.9: neither preferred to a good match nor to a bad one
_SIZE_WEIGHT = 0.01  # decides between equals only
ALONE = GATE + _UNKNOWN_LOOKS + _SIZE_WEIGHT
"""Price of leaving a thing unmatched: any pair within the gate with nothing against it is cheaper."""
_Cell = tuple[int, int]


@dataclass(frozen=True, order=True)
class Pair:
    """A possible match, by positions in the two sequences."""

    cost: float
    row: int
    column: int


def cosine(a: object, b: object) -> float | None:
    """Cosine of two features; None when either is missing, of another length, not of numbers, or zero."""
    if not isinstance(a, (list, tuple)) or not isinstance(b, (list, tuple)) or len(a) != len(b):
        return None
    try:
        dot, norms = sum(map(mul, a, b)), math.hypot(*a) * math.hypot(*b)
    except TypeError:
        return None
    return max(-1.0, min(1.0, dot / norms)) if norms > 0 and math.isfinite(dot / norms) else None


def cost(thing: SeenObject, node: Node) -> float:
    """Price of the thing being the node; infinite without both places or beyond the gate. Types are not looked at.

    The squared Mahalanobis distance, plus `LOOKS_WEIGHT` times one minus the cosine of their looks where both are
    known, plus a little for unlike sizes.
    """
    if thing.pose is None or node.pose is None:
        return math.inf
    apart = mahalanobis_sq(thing.pose, thing.covariance, node.pose, node.covariance)
    if apart > GATE:
        return math.inf
    looks = cosine(thing.appearance, node.attributes.get("appearance"))
    price = apart + (_UNKNOWN_LOOKS if looks is None else LOOKS_WEIGHT * (1.0 - looks))
    if thing.size is None or node.size is None:
        return price
    return price + _SIZE_WEIGHT * min(1.0, math.dist(thing.size, node.size))


def nearby(things: Sequence[SeenObject], nodes: Sequence[Node], compatible: Types | None) -> Iterator[Pair]:
    """Every pair of compatible types within the gate. Costs what lies close together, not all pairs."""
    others = _both_ways(compatible)
    cells, widths = _cells(things, nodes)
    for row, thing in enumerate(things):
        for name in (thing.type, *others.get(thing.type, ())) if thing.pose is not None else ():
            for column in _around(cells.get(name, {}), thing, widths):
                price = cost(thing, nodes[column])
                if price <= ALONE:
                    yield Pair(price, row, column)


def alike(things: Sequence[SeenObject], nodes: Sequence[Node], compatible: Types | None) -> Iterator[Pair]:
    """Every pair of compatible types that looks the same, wherever it is."""
    others = _both_ways(compatible)
    for row, thing in enumerate(things):
        names = {thing.type, *others.get(thing.type, ())}
        for column, node in enumerate(nodes):
            looks = cosine(thing.appearance, node.attributes.get("appearance")) if node.type in names else None
            if looks is not None and looks >= SAME_LOOKS:
                yield Pair(LOOKS_WEIGHT * (1.0 - looks), row, column)


def _both_ways(compatible: Types | None) -> dict[str, list[str]]:
    out: dict[str, set[str]] = {}
    for name, others in (compatible or {}).items():
        for other in others:
            out.setdefault(name, set()).add(other)
            out.setdefault(other, set()).add(name)
    return {name: sorted(others - {name}) for name, others in out.items()}


def _cells(things: Sequence[SeenObject], nodes: Sequence[Node]) -> tuple[dict[str, dict[_Cell, list[int]]], float]:
    """The nodes by type and by cell of the floor, and the cell's width: no pair within the gate is farther apart."""
    spreads = [spread_m(t.covariance) ** 2 for t in things if t.pose is not None]
    known = [spread_m(n.covariance) ** 2 for n in nodes if n.pose is not None]
    width = math.sqrt(GATE * (max(spreads, default=0.0) + max(known, default=0.0))) + 1e-6
    cells: dict[str, dict[_Cell, list[int]]] = {}
    for column, node in enumerate(nodes):
        if node.pose is not None:
            cell = (math.floor(node.pose.x / width), math.floor(node.pose.y / width))
            cells.setdefault(node.type, {}).setdefault(cell, []).append(column)
    return cells, width


def _around(cells: Mapping[_Cell, list[int]], thing: SeenObject, width: float) -> Iterator[int]:
    assert thing.pose is not None
    x, y = math.floor(thing.pose.x / width), math.floor(thing.pose.y / width)
    for cell in ((x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
        yield from cells.get(cell, ())
