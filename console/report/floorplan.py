"""A run's scenes seen from above: what `fleetmind.memory.interchange.picture` knows of plans, as upright boxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fleetmind.console.report.digest import Digest
from fleetmind.memory import Node, Scene
from fleetmind.memory.interchange.picture.floorplan import (
    Plane,
    arrow,
    extent,
    furnishing,
    known,
    overlap,
    plane_around,
    stands,
    things,
)

__all__ = ["Box", "Label", "Plane", "arrow", "furniture", "known", "labels", "overlap", "plane", "room_labels", "rooms",
           "things"]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A footprint."""

    node: Node
    """Whose."""
    x: float
    """Left, pixels."""
    y: float
    """Top, pixels."""
    width: float
    """Pixels."""
    height: float
    """Pixels."""

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, pixels."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, kw_only=True)
class Label:
    """A name and where it fits."""

    text: str
    """The name."""
    x: float
    """Middle, pixels."""
    y: float
    """Middle, pixels."""
    upright: bool = False
    """True: turned by a quarter, for narrow footprints."""


def plane(digest: Digest, width: int, height: int) -> Plane | None:
    """The plane all maps of a run share, within `width` and `height` pixels; None when nothing has a place."""
    nodes = [*digest.before, *digest.after]
    corners = [c for n in nodes if n.kind == "room" for c in extent(n)]
    if not corners:
        poses = [n.pose for n in nodes if n.pose] + [s.pose for s in digest.steps if s.pose]
        corners = [(p.x, p.y) for p in poses if known(p)]
    return plane_around(corners, width, height, finest=95.0) if corners else None


def rooms(scene: Scene, on: Plane) -> list[Box]:
    """The rooms."""
    return list(_boxes(scene.of_kind("room"), on))


def furniture(scene: Scene, on: Plane, always: Iterable[str] = ()) -> list[Box]:
    """What stands in the rooms, the lowest first; what hangs overhead only when named in `always`."""
    named = frozenset(always)
    return list(_boxes((n for n in furnishing(scene) if n.id in named or stands(n)), on))


def labels(boxes: list[Box], character_px: float = 5.9, line_px: float = 12.0) -> list[Label]:
    """The names that fit on their footprints without touching each other, large footprints first."""
    placed: list[tuple[float, float, float, float]] = []
    out: list[Label] = []
    for box in sorted(boxes, key=lambda b: (-b.width * b.height, b.node.id)):
        long = len(box.node.id) * character_px
        x, y = box.centre
        for upright in (False, True):
            along, across = (box.height, box.width) if upright else (box.width, box.height)
            wide, high = (line_px, long) if upright else (long, line_px)
            area = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            if long <= along + 4 and line_px <= across + 2 and not any(overlap(area, other) for other in placed):
                placed.append(area)
                out.append(Label(text=box.node.id, x=x, y=y, upright=upright))
                break
    return out


def room_labels(floors: list[Box], boxes: list[Box], character_px: float = 7.2) -> list[Label]:
    """The rooms' names, each in a corner that no furniture fills, or in the middle; x is the left, y the base line."""
    out = []
    for room in floors:
        wide = len(room.node.id) * character_px
        left, right, top, bottom = room.x + 8, room.x + room.width - wide - 8, room.y + 18, room.y + room.height - 9
        spots = [(left, bottom), (right, bottom), (left, top), (right, top),
                 (room.centre[0] - wide / 2, room.centre[1])]
        hidden = [sum(overlap((x, y - 12, x + wide, y + 4), (b.x, b.y, b.x + b.width, b.y + b.height)) for b in boxes)
                  for x, y in spots]
        x, y = spots[hidden.index(min(hidden))]
        out.append(Label(text=room.node.id, x=x, y=y))
    return out


def _boxes(nodes: Iterable[Node], on: Plane) -> Iterable[Box]:
    for node in nodes:
        corners = extent(node)
        if corners:
            (x0, y1), (x1, y0) = on.at(*corners[0]), on.at(*corners[1])
            yield Box(node=node, x=min(x0, x1), y=min(y0, y1), width=abs(x1 - x0), height=abs(y1 - y0))
