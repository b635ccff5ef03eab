"""What stands around a plan: title, notes, scale bar, axes, legend."""

from __future__ import annotations

from fleetmind.memory.interchange.picture.floorplan import Plane, Point
from fleetmind.memory.interchange.picture.labels import width_of
from fleetmind.memory.interchange.picture.shapes import (
    FAINT,
    FLOOR,
    INK,
    PERSON,
    ROBOTS,
    SOFT,
    THING,
    WOOD,
    WOOD_INK,
    WOOD_LINE,
    Drawing,
    Ink,
    Shape,
    Words,
)

_MARGIN, _HEAD, _ROW = 18, 54, 24
_NARROWEST = 620
_STEPS_M = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_LEGEND: tuple[tuple[str, Ink, str], ...] = (
    ("box", Ink(fill=FLOOR, line=INK, width=2.5), "room"), ("box", Ink(fill=WOOD, line=WOOD_LINE), "furniture"),
    ("box", Ink(line=FAINT, dash=(1.5, 3.0)), "hangs above"), ("dot", Ink(fill=THING, line="#ffffff"), "movable thing"),
    ("small", Ink(fill=WOOD_LINE, line=WOOD_INK), "fitting"),
    ("dot", Ink(line=THING, width=1.5, dash=(3.0, 2.5)), "not sure, or place of its container"),
    ("robot", Ink(fill=ROBOTS[0], line="#ffffff"), "robot, arrow: heading"),
    ("dot", Ink(fill=PERSON, line="#ffffff"), "person"))


def framed(on: Plane, shapes: list[Shape], words: list[Words], *, title: str, counts: str, notes: list[str],
           version: int, to_scale: bool) -> Drawing:
    """The drawing with everything around the plan.

    Args:
        on: the plan's plane.
        shapes: of the plan, in its pixels.
        words: of the plan, in its pixels.
        title: a name.
        counts: what there is.
        notes: what is not as it seems.
        version: of the scene.
        to_scale: False: no scale bar and no axes.
    """
    lines = _lines(f"{counts}; version {version}", notes, max(on.width, _NARROWEST))
    head = _HEAD + 16 * (len(lines) - 1)
    width = max(on.width, _NARROWEST) + 2 * _MARGIN
    left, top = (width - on.width) / 2, float(head)
    below = top + on.height + 14
    frame, said = _legend(width, below + (34 if to_scale else 6))
    height = round(max(w.y for w in said) + 20)
    said += [Words(text=title or "Scene from above", x=_MARGIN, y=22, size=19, colour=INK, bold=True, left=True)]
    said += [Words(text=line, x=_MARGIN, y=43 + 16 * row, size=12, colour=SOFT, left=True)
             for row, line in enumerate(lines)]
    if to_scale:
        bar, names = _scale(on, left, below)
        frame, said = frame + bar, said + names
    return Drawing(title=f"{title or 'Scene'}: {counts}", width=round(width), height=height,
                   shapes=[_moved(shape, left, top) for shape in shapes],
                   words=[_shifted(word, left, top) for word in words], frame=frame, frame_words=said,
                   plan=(left, top, on.width, on.height))


def _lines(first: str, notes: list[str], width: float) -> list[str]:
    out = [first]
    for note in notes:
        if width_of(f"{out[-1]}; {note}", 12) <= width:
            out[-1] += f"; {note}"
        else:
            out.append(note)
    return out


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    return Shape(points=tuple((x + dx, y + dy) for x, y in shape.points), ink=shape.ink, radius=shape.radius,
                 node=shape.node)


def _shifted(word: Words, dx: float, dy: float) -> Words:
    return Words(text=word.text, x=word.x + dx, y=word.y + dy, size=word.size, colour=word.colour, bold=word.bold,
                 left=word.left, upright=word.upright, halo=word.halo, node=word.node)


def _scale(on: Plane, left: float, y: float) -> tuple[list[Shape], list[Words]]:
    """A bar of a round length, and where x and y grow."""
    long_m = max([m for m in _STEPS_M if m * on.scale <= min(140.0, on.width * 0.6)], default=_STEPS_M[0])
    long, line = long_m * on.scale, Ink(line=INK, width=1.6)
    axes = left + long + 110
    shapes = [_line((left, y + 8), (left + long, y + 8), line), _line((left, y + 3), (left, y + 13), line),
              _line((left + long, y + 3), (left + long, y + 13), line),
              _line((axes, y + 15), (axes + 26, y + 15), line), _line((axes, y + 15), (axes, y - 8), line),
              Shape(points=((axes + 26, y + 11), (axes + 33, y + 15), (axes + 26, y + 19)), ink=Ink(fill=INK)),
              Shape(points=((axes - 4, y - 8), (axes, y - 15), (axes + 4, y - 8)), ink=Ink(fill=INK))]
    words = [Words(text=f"{long_m:g} m", x=left + long + 8, y=y + 8, size=12, colour=INK, left=True),
             Words(text="x", x=axes + 40, y=y + 14, size=12, colour=INK),
             Words(text="y", x=axes + 10, y=y - 8, size=12, colour=INK)]
    return shapes, words


def _legend(width: float, y: float) -> tuple[list[Shape], list[Words]]:
    shapes: list[Shape] = []
    words: list[Words] = []
    x, y = float(_MARGIN), y + 8
    for kind, ink, text in _LEGEND:
        wide = 30 + width_of(text, 12) + 14
        if x > _MARGIN and x + wide > width:
            x, y = float(_MARGIN), y + _ROW
        shapes += _sample(kind, ink, x + 11, y)
        words.append(Words(text=text, x=x + 28, y=y, size=12, colour=SOFT, left=True))
        x += wide
    return shapes, words


def _sample(kind: str, ink: Ink, x: float, y: float) -> list[Shape]:
    if kind == "box":
        return [Shape(points=((x - 11, y - 7), (x + 11, y - 7), (x + 11, y + 7), (x - 11, y + 7)), ink=ink)]
    if kind == "robot":
        nose = ((x + 7, y), (x - 5, y - 6), (x - 2, y), (x - 5, y + 6))
        return [Shape(points=((x, y),), radius=9, ink=ink), Shape(points=nose, ink=Ink(fill="#ffffff"))]
    return [Shape(points=((x, y),), radius=3.0 if kind == "small" else 4.5, ink=ink)]


def _line(one: Point, other: Point, ink: Ink) -> Shape:
    return Shape(points=(one, other), ink=ink)
