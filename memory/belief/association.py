"""Which known thing each seen object is: by the source's id where there is one, else by type, place and looks.

A source that knows identities (a world, a tag reader) gives ids that stay. A detector has none: it marks the ids it
makes up for one observation with a leading `?` (`?3`). Such an id means nothing beyond its observation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from fleetmind.memory.belief.hungarian import cheapest
from fleetmind.memory.belief.pairs import ALONE, Pair, Types, alike, nearby
from fleetmind.memory.belief.space import reach_m
from fleetmind.memory.model import Model
from fleetmind.memory.robots import SeenObject
from fleetmind.memory.scene import Node, Pose, Scene

LOOSE = "?"
"""A source id that begins so names nothing beyond its observation."""
_LARGEST = 200  # of a group solved exactly; a larger one (a heap of equal things) is solved greedily
_CELL_M = 2.0
_Finder = Callable[[Sequence[SeenObject], Sequence[Node], Types | None], Iterator[Pair]]


class Assignment(Model):
    """What `associate` found. Each thing and each node stands in at most one pair."""

    matched: dict[int, str]
    """Node id by position in the sequence of seen objects."""
    new: tuple[int, ...]
    """Positions of the seen objects that are none of the candidates."""
    unseen: tuple[str, ...]
    """Ids of the candidates that no seen object is, sorted."""


def is_loose(source_id: str) -> bool:
    """True when the id was made up for one observation."""
    return source_id.startswith(LOOSE)


def associate(candidates: Iterable[Node], seen: Sequence[SeenObject], *, compatible: Types | None = None,
              lost: Iterable[Node] = ()) -> Assignment:
    """Match seen objects with known things, one to one, at the smallest total cost within the gate.

    First by source id. What is left is matched by `cost`: same (or compatible) type, Mahalanobis distance, looks,
    size; leaving a thing unmatched has its price, too. What still is unmatched may be one of `lost` that looks
    the same. Two different ids of one kind of source are never one thing. The result does not depend on the order
    of the candidates, nor on that of the seen objects.

    Args:
        candidates: nodes it may be, e.g. from `candidates_near`.
        seen: the objects of one observation.
        compatible: for a type, other types that a detector may call it.
        lost: nodes that are not where they were; they match by type and looks alone.
    """
    known = {node.id: node for node in candidates}
    matched = _by_source(known.values(), seen)
    matched |= _match(seen, known, matched, compatible, nearby)
    matched |= _match(seen, {node.id: node for node in lost}, matched, compatible, alike)
    return Assignment(matched=dict(sorted(matched.items())), new=tuple(i for i in range(len(seen)) if i not in matched),
                      unseen=tuple(sorted(known.keys() - set(matched.values()))))


def candidates_near(scene: Scene, seen: Iterable[SeenObject]) -> tuple[Node, ...]:
    """The things of the scene within the gate's reach of any seen object that has a pose, by id.

    Asks `scene.near` once per cube of 2 m that holds a seen object, so that it costs what is there.
    """
    cells: dict[tuple[int, int, int], float] = {}
    for thing in seen:
        if thing.pose is not None:
            x, y, z = (math.floor(v / _CELL_M) for v in (thing.pose.x, thing.pose.y, thing.pose.z))
            cells[x, y, z] = max(cells.get((x, y, z), 0.0), reach_m(thing.covariance))
    found: dict[str, Node] = {}
    for (x, y, z), reach in cells.items():
        centre = Pose(x=(x + 0.5) * _CELL_M, y=(y + 0.5) * _CELL_M, z=(z + 0.5) * _CELL_M)
        for node in scene.near(centre, reach + _CELL_M * 0.75**0.5):
            if node.kind in ("object", "receptacle"):
                found[node.id] = node
    return tuple(found[i] for i in sorted(found))


def _by_source(candidates: Iterable[Node], seen: Sequence[SeenObject]) -> dict[int, str]:
    ids: dict[str, str] = {}
    for node in candidates:
        source = node.attributes.get("source_id")
        if isinstance(source, str):
            ids[source] = min(node.id, ids.get(source, node.id))
    found: dict[int, str] = {}
    for i in sorted(range(len(seen)), key=lambda i: _canonical(seen[i])):
        source = seen[i].source_id
        if source in ids and not is_loose(source):
            found[i] = ids.pop(source)
    return found


def _canonical(thing: SeenObject) -> tuple[str, str, str]:
    # The id comes last: two observations of one view may number differently what they made up.
    return (thing.type, thing.pose.model_dump_json() if thing.pose else "", thing.source_id)


def _match(seen: Sequence[SeenObject], nodes: Mapping[str, Node], matched: Mapping[int, str],
           compatible: Types | None, finder: _Finder) -> dict[int, str]:
    """Pairs of what is not matched yet, of the smallest total cost."""
    rows = sorted((i for i in range(len(seen)) if i not in matched), key=lambda i: _canonical(seen[i]))
    taken = set(matched.values())
    columns = [nodes[i] for i in sorted(nodes) if i not in taken]
    if not rows or not columns:
        return {}
    pairs = [pair for pair in finder([seen[i] for i in rows], columns, compatible)
             if is_loose(seen[rows[pair.row]].source_id) or "source_id" not in columns[pair.column].attributes]
    return {rows[p.row]: columns[p.column].id for group in _groups(pairs) for p in _best(group)}


def _groups(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs in groups that share no row and no column: each can be solved on its own."""
    leader: dict[tuple[str, int], tuple[str, int]] = {}

    def find(item: tuple[str, int]) -> tuple[str, int]:
        while leader.setdefault(item, item) != item:
            leader[item] = leader[leader[item]]
            item = leader[item]
        return item

    for pair in pairs:
        leader[find(("row", pair.row))] = find(("column", pair.column))
    groups: dict[tuple[str, int], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(find(("row", pair.row)), []).append(pair)
    return list(groups.values())


def _best(group: list[Pair]) -> list[Pair]:
    """The cheapest choice of pairs, where a row without a pair costs `ALONE`."""
    if len(group) == 1:
        return group
    rows, columns = sorted({p.row for p in group}), sorted({p.column for p in group})
    if max(len(rows), len(columns)) > _LARGEST:
        return _greedy(group)
    by_place = {(p.row, p.column): p for p in group}
    # One column more for each row: staying alone. A forbidden pair costs more than all rows staying alone.
    forbidden = ALONE * (len(rows) + 1)
    table = [[by_place[r, c].cost if (r, c) in by_place else forbidden for c in columns] + [ALONE] * len(rows)
             for r in rows]
    chosen = zip(rows, cheapest(table), strict=True)
    found = ((row, columns[at]) for row, at in chosen if at < len(columns))
    return [by_place[place] for place in found if place in by_place]


def _greedy(group: list[Pair]) -> list[Pair]:
    rows: set[int] = set()
    columns: set[int] = set()
    out: list[Pair] = []
    for pair in sorted(group):
        if pair.row not in rows and pair.column not in columns:
            rows.add(pair.row)
            columns.add(pair.column)
            out.append(pair)
    return out
