"""The names in a drawing: robots first, then rooms, furniture, things, fittings; what does not fit is left out."""

from __future__ import annotations

from collections.abc import Iterable

from fleetmind.memory.interchange.picture.floorplan import Plane, Point, footprint
from fleetmind.memory.interchange.picture.labels import Labels, Spot, around, width_of
from fleetmind.memory.interchange.picture.markup import clean
from fleetmind.memory.interchange.picture.shapes import FAINT, FLOOR, INK, SOFT, WOOD_INK, Ink, Shape, Words
from fleetmind.memory.scene import Node

_BOLD = 1.15
"""Bold letters are so much wider."""
_LONGEST = 40
"""Letters of a name that are shown."""


class Names:
    """The words of one drawing.

    Args:
        on: its plane.
        made_up: True for a drawing of boxes in boxes, where what is in a box begins below its name.
    """

    def __init__(self, on: Plane, *, made_up: bool) -> None:
        self._on, self._made_up = on, made_up
        self.taken = Labels(on.width, on.height)
        """Where nothing else may be written."""
        self.words: list[Words] = []
        """What is written."""
        self.lines: list[Shape] = []
        """From things to names that stand farther off."""
        self.left_out = 0
        """Names for which there is no place."""

    def body(self, node: Node, at: Point, radius: float, colour: str, held: list[Node]) -> None:
        """A robot's or a person's name, and what it holds."""
        text = _short(node.id) + (f" holds {', '.join(_short(n.id) for n in held)}" if held else "")
        self._put(node.id, text, 13.0, colour, around(at, text, 13.0 * _BOLD, radius), at, bold=True)

    def rooms(self, rooms: list[Node], solid: list[Node]) -> None:
        """Names of rooms, each in the corner that hides the least."""
        taken = Labels(self._on.width, self._on.height)
        for node in solid:
            xs, ys = zip(*(self._on.at(*c) for c in footprint(node)), strict=True)
            taken.take((min(xs), min(ys), max(xs), max(ys)))
        for room in rooms:
            corners = [self._on.at(*c) for c in footprint(room)]
            if corners:
                xs, ys = zip(*corners, strict=True)
                text, size = _short(room.id), 15.0
                half = width_of(text, size * _BOLD) / 2
                spots = [Spot(x=x, y=y) for y in (max(ys) - 14, min(ys) + 14)
                         for x in (min(xs) + half + 8, max(xs) - half - 8, (min(xs) + max(xs)) / 2)]
                spots.append(Spot(x=(min(xs) + max(xs)) / 2, y=(min(ys) + max(ys)) / 2))
                free = [spot for spot in spots if taken.put(text, size, [spot]) is not None]
                self._put(room.id, text, size, SOFT, [*free, *spots], None, bold=True)

    def furniture(self, solid: list[Node]) -> None:
        """Names of furniture, the largest first: on it, along it, beside it."""
        for node in sorted(solid, key=lambda n: (-(n.size[0] * n.size[1] if n.size else 0.0), n.id)):
            xs, ys = zip(*(self._on.at(*c) for c in footprint(node)), strict=True)
            wide, high = max(xs) - min(xs), max(ys) - min(ys)
            text, size = _short(node.id), 11.0
            long = width_of(text, size)
            middle = (min(xs) + max(xs)) / 2
            rows = [Spot(x=middle, y=min(ys) + high * part) for part in (0.5, 0.25, 0.75, 0.12, 0.88)]
            if self._made_up:  # what is in the box begins below its name
                rows.insert(0, Spot(x=middle, y=min(ys) + size))
            if long <= wide + 6 and high >= size and self._put(node.id, text, size, WOOD_INK, rows, None):
                continue
            lines = [Spot(x=min(xs) + wide * part, y=(min(ys) + max(ys)) / 2) for part in (0.5, 0.25, 0.75)]
            if not (long <= high + 6 and wide >= size and self._put(node.id, text, size, WOOD_INK, lines, None,
                                                                     upright=True)):
                at = (middle, (min(ys) + max(ys)) / 2)
                near = (spot for spot in around(at, text, size, 2) if not spot.far)
                self.left_out += not self._put(node.id, text, size, WOOD_INK, near, at)

    def things(self, dots: Iterable[tuple[Node, tuple[Point, float]]], *, fittings: bool) -> None:
        """Names of small things beside them; a line leads to those farther off."""
        size, colour = (10.0, WOOD_INK) if fittings else (11.5, INK)
        for node, (at, reach) in dots:
            text = _short(node.id)
            spots = (spot for spot in around(at, text, size, reach) if not (fittings and spot.far))
            self.left_out += not self._put(node.id, text, size, colour, spots, at)

    def _put(self, node: str, text: str, size: float, colour: str, spots: Iterable[Spot], at: Point | None, *,
              bold: bool = False, upright: bool = False) -> bool:
        spot = self.taken.put(text, size * _BOLD if bold else size, spots, upright=upright)
        if spot is None:
            return False
        self.words.append(Words(text=text, x=spot.x, y=spot.y, size=size, colour=colour, bold=bold, upright=upright,
                                 halo=FLOOR, node=node))
        if spot.far and at is not None:
            self.lines.append(Shape(points=(at, (spot.x, spot.y)), ink=Ink(line=FAINT, width=0.8)))
        return True


def _short(name: str) -> str:
    return clean(name, _LONGEST)
