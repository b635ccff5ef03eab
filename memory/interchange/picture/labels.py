"""Puts names where they hide no other name: greedy, the important ones first, in time that grows with their number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fleetmind.memory.interchange.picture.floorplan import Area, Point, overlap
from fleetmind.memory.interchange.picture.markup import columns

_CELL_PX = 48.0
_LETTER = 0.56
"""Width of a letter in heights of the font, about: what is drawn with is not known here."""
_LINE = 1.15
"""Height of a line in heights of the font."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place for a name."""

    x: float
    """Middle, pixels."""
    y: float
    """Middle, pixels."""
    far: bool = False
    """So far from what it names that a line should lead there."""


class Labels:
    """What is taken of a picture.

    Args:
        width: of the picture, pixels.
        height: of the picture, pixels.
    """

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self._taken: dict[tuple[int, int], list[Area]] = {}

    def take(self, area: Area) -> None:
        """Nothing else may be here."""
        for cell in _cells(area):
            self._taken.setdefault(cell, []).append(area)

    def put(self, text: str, size: float, spots: Iterable[Spot], *, upright: bool = False) -> Spot | None:
        """The first of the spots where the name fits, now taken; None where it fits nowhere.

        Args:
            text: the name.
            size: of the font, pixels.
            spots: the best first.
            upright: turned by a quarter.
        """
        wide, high = width_of(text, size), size * _LINE
        if upright:
            wide, high = high, wide
        for spot in spots:
            area = (spot.x - wide / 2, spot.y - high / 2, spot.x + wide / 2, spot.y + high / 2)
            if self._free(area):
                self.take(area)
                return spot
        return None

    def _free(self, area: Area) -> bool:
        if area[0] < 0 or area[1] < 0 or area[2] > self._width or area[3] > self._height:
            return False
        return not any(overlap(area, other) for cell in _cells(area) for other in self._taken.get(cell, ()))


def width_of(text: str, size: float) -> float:
    """How wide a name is drawn, about, pixels."""
    return columns(text) * size * _LETTER + 2


def around(at: Point, text: str, size: float, gap: float) -> Iterator[Spot]:
    """Spots around a small thing: right, left, below, above, the corners, then farther off.

    Args:
        at: its middle.
        text: its name.
        size: of the font, pixels.
        gap: its radius, pixels.
    """
    half, line = width_of(text, size) / 2, size * _LINE / 2
    for distance in (gap + 2, gap + 8, gap + 18, gap + 30, gap + 44):
        for eighth in (0, 4, 2, 6, 1, 7, 3, 5):
            angle = eighth * math.pi / 4
            dx, dy = math.cos(angle), math.sin(angle)
            yield Spot(x=at[0] + dx * distance + (round(dx, 3) > 0) * half - (round(dx, 3) < 0) * half,
                       y=at[1] + dy * (distance + line), far=distance > gap + 8)


def _cells(area: Area) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (int(side // _CELL_PX) for side in area)
    return ((x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))
