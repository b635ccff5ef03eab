"""What a picture is made of, before it is SVG or pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

from fleetmind.memory.interchange.picture.floorplan import Point

PAPER, INK, SOFT, FAINT = "#f6f7f9", "#1b2430", "#5b6675", "#9aa3af"
FLOOR, WOOD, WOOD_LINE, WOOD_INK = "#fdfcf9", "#e6dfd2", "#b3a78f", "#6d6048"
THING, THING_FACE, PERSON = "#33506e", "#a9c1da", "#7a2f6b"
ROBOTS = ("#2f6fde", "#c2620a", "#0b8a7e", "#8450e0", "#c73a7c", "#6f7f14", "#0a83ab", "#a8503a")


@dataclass(frozen=True, kw_only=True)
class Ink:
    """How a shape is drawn."""

    fill: str | None = None
    """Colour, None for hollow."""
    line: str | None = None
    """Colour of the outline."""
    width: float = 1.0
    """Of the outline, pixels."""
    dash: tuple[float, float] | None = None
    """Drawn and left out, pixels."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A closed shape: a circle where `radius` is given, else a polygon; of two points: a line."""

    points: tuple[Point, ...]
    """Corners, or the circle's centre; pixels."""
    ink: Ink
    """How."""
    radius: float | None = None
    """Of a circle, pixels."""
    node: str | None = None
    """Id of the node it stands for."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """A line of text; x and y are the middle of it, or the middle of its left edge."""

    text: str
    """What it says."""
    x: float
    """Pixels."""
    y: float
    """Pixels."""
    size: float
    """Of the font, pixels."""
    colour: str
    """Of the letters."""
    bold: bool = False
    """Heavier."""
    left: bool = False
    """True: x is its left edge."""
    upright: bool = False
    """Turned by a quarter, for narrow footprints."""
    halo: str | None = None
    """Colour around the letters."""
    node: str | None = None
    """Id of the node it names."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A picture in the order it is drawn."""

    title: str
    """What it shows."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    shapes: list[Shape] = field(default_factory=list)
    """Below the words."""
    words: list[Words] = field(default_factory=list)
    """Names."""
    frame: list[Shape] = field(default_factory=list)
    """Scale bar, axes and legend: not part of the plan."""
    frame_words: list[Words] = field(default_factory=list)
    """Their words, and the title."""
    plan: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """Where the plan is: left, top, width, height, pixels."""
