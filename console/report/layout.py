"""Where the boxes and arrows of a task graph go: layers from left to right, arrows around the boxes between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleetmind.brain import Subtask

WIDTH, HEIGHT, GAP_X, GAP_Y = 236, 84, 56, 16
"""Of a box and around it, pixels."""
_LANE = 22
_ACROSS = 4
_LANES = 1500
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A drawn graph's geometry, pixels."""

    boxes: Mapping[str, Point]
    """Upper left corner of each subtask's box."""
    arrows: tuple[tuple[Point, ...], ...]
    """Each from the right side of a box, through what lies between, to the left side of another."""
    width: float
    """Of the whole."""
    height: float
    """Of the whole."""
    left_out: int
    """Dependencies without an arrow: the longest ones of a graph with too many."""
    ordered: bool
    """False: nothing waits for anything, so the boxes are in rows."""


@dataclass(frozen=True)
class _Lane:
    """Room in a layer for an arrow that goes past it."""

    start: str
    end: str


def layout(subtasks: Sequence[Subtask]) -> Layout:
    """Lay out a graph; cycles and dependencies on other plans' subtasks are left out."""
    columns = layers(subtasks)
    if len(columns) < 2:
        return _rows(columns[0] if columns else [])
    depth = {s.id: place for place, column in enumerate(columns) for s in column}
    links = [(d, s.id) for s in subtasks for d in dict.fromkeys(s.depends_on) if d in depth and depth[d] < depth[s.id]]
    links.sort(key=lambda link: depth[link[1]] - depth[link[0]])
    slots: list[list[str | _Lane]] = [[s.id for s in column] for column in columns]
    everything, links = links, _affordable(links, depth)
    for start, end in links:
        for place in range(depth[start] + 1, depth[end]):
            slots[place].append(_Lane(start, end))
    _untangle(slots, links)
    at, lanes, height = _place(slots)
    arrows = []
    for start, end in links:
        x, y = at[start]
        points = [(x + WIDTH, y + HEIGHT / 2)]
        for place in range(depth[start] + 1, depth[end]):
            left, middle = lanes[place, start, end]
            points += [(left, middle), (left + WIDTH, middle)]
        arrows.append((*points, (at[end][0] - 1, at[end][1] + HEIGHT / 2)))
    width = len(columns) * (WIDTH + GAP_X) - GAP_X + 4
    return Layout(boxes=at, arrows=tuple(arrows), width=width, height=height, ordered=True,
                  left_out=len(everything) - len(links))


def layers(subtasks: Sequence[Subtask]) -> list[list[Subtask]]:
    """Subtasks by the longest chain before them; what waits for nothing stands next to what waits for it."""
    by_id = {s.id: s for s in subtasks}
    depth: dict[str, int] = {}
    waiting = list(by_id.values())
    while waiting:
        ready = [s for s in waiting if all(d in depth or d not in by_id for d in s.depends_on)]
        for subtask in ready or waiting[:1]:  # only a cycle leaves nothing ready
            depth[subtask.id] = 1 + max((depth[d] for d in subtask.depends_on if d in depth), default=-1)
        waiting = [s for s in waiting if s.id not in depth]
    needed: dict[str, int] = {}
    for subtask in by_id.values():
        for name in subtask.depends_on:
            needed[name] = min(needed.get(name, len(depth)), depth[subtask.id])
    for subtask in by_id.values():
        if depth[subtask.id] == 0:
            depth[subtask.id] = max(0, needed.get(subtask.id, 1) - 1)
    out: list[list[Subtask]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for subtask in by_id.values():
        out[depth[subtask.id]].append(subtask)
    return out


def _affordable(links: list[tuple[str, str]], depth: Mapping[str, int]) -> list[tuple[str, str]]:
    """As many of the links, the shortest first, as there are lanes for."""
    spent = 0
    for count, (start, end) in enumerate(links):
        spent += depth[end] - depth[start]
        if spent > _LANES:
            return links[:count]
    return links


def _untangle(slots: list[list[str | _Lane]], links: Sequence[tuple[str, str]]) -> None:
    """Order each layer by the middle of what leads to it: few crossings, in one pass."""
    before: dict[str, list[str]] = {}
    for start, end in links:
        before.setdefault(end, []).append(start)
    row: dict[object, float] = {}
    for place, column in enumerate(slots):
        def middle(slot: str | _Lane, place: int = place) -> float:
            if isinstance(slot, _Lane):
                return row.get(slot, row.get(slot.start, 0.0))
            rows = [row.get(_Lane(start, slot), row.get(start, 0.0)) for start in before.get(slot, ())]
            return sum(rows) / len(rows) if rows else float(place * 1000)
        column.sort(key=middle)
        row.update({slot: position / max(1, len(column) - 1) for position, slot in enumerate(column)})


def _place(slots: list[list[str | _Lane]]) -> tuple[dict[str, Point], dict[tuple[int, str, str], Point], float]:
    """Corners of boxes and left ends of lanes; every layer is centred."""
    def high(slot: str | _Lane) -> float:
        return (_LANE if isinstance(slot, _Lane) else HEIGHT) + GAP_Y
    height = max(sum(map(high, column)) for column in slots)
    boxes: dict[str, Point] = {}
    lanes: dict[tuple[int, str, str], Point] = {}
    for place, column in enumerate(slots):
        x, y = 2.0 + place * (WIDTH + GAP_X), (height - sum(map(high, column))) / 2
        for slot in column:
            if isinstance(slot, _Lane):
                lanes[place, slot.start, slot.end] = (x, y + high(slot) / 2)
            else:
                boxes[slot] = (x, y + GAP_Y / 2)
            y += high(slot)
    return boxes, lanes, height


def _rows(subtasks: Sequence[Subtask]) -> Layout:
    boxes = {s.id: (2.0 + place % _ACROSS * (WIDTH + GAP_Y), GAP_Y / 2 + place // _ACROSS * (HEIGHT + GAP_Y))
             for place, s in enumerate(subtasks)}
    across = min(_ACROSS, max(1, len(subtasks)))
    return Layout(boxes=boxes, arrows=(), width=across * (WIDTH + GAP_Y) - GAP_Y + 4,
                  height=-(-len(subtasks) // _ACROSS) * (HEIGHT + GAP_Y), ordered=False, left_out=0)
