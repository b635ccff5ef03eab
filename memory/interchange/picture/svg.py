"""A drawing as SVG text: every shape that stands for a node names it in `data-id`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fleetmind.memory.interchange.picture.markup import Html, join, number, tag
from fleetmind.memory.interchange.picture.shapes import PAPER, Drawing, Shape, Words

_FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def svg_file(drawing: Drawing, told: Mapping[str, str]) -> str:
    """The drawing as a file of its own.

    Args:
        drawing: what to write.
        told: what a node's tooltip says, by id.
    """
    background = tag("rect", width=drawing.width, height=drawing.height, fill=PAPER)
    return str(tag("svg", tag("title", drawing.title), background, *parts(drawing, told), xmlns="http://www.w3.org/2000/svg",
                   viewBox=f"0 0 {drawing.width} {drawing.height}", width=drawing.width, height=drawing.height,
                   role="img", font_family=_FONT))


def parts(drawing: Drawing, told: Mapping[str, str]) -> list[Html]:
    """The drawing's elements: plan, then what stands around it."""
    plan = join([*(_shape(shape, told) for shape in drawing.shapes), *map(_words, drawing.words)])
    frame = join([*(_shape(shape, {}) for shape in drawing.frame), *map(_words, drawing.frame_words)])
    return [tag("g", plan, class_="plan"), tag("g", frame, class_="frame")]


def _shape(shape: Shape, told: Mapping[str, str]) -> Html:
    ink, node = shape.ink, shape.node
    words = told.get(node) if node is not None else None
    inside = (tag("title", join(words.split("\n"), "\n")),) if words else ()
    # A hollow shape is there for the mouse as well, unless it is only a line.
    fill = ink.fill or ("none" if len(shape.points) == 2 or node is None else "transparent")
    style = {"fill": fill, "stroke": ink.line or "none", "stroke_width": ink.width if ink.line else None,
             "stroke_dasharray": join([number(d) for d in ink.dash], " ") if ink.dash else None, "data_id": node}
    if shape.radius is not None:
        (x, y), = shape.points
        return tag("circle", *inside, cx=x, cy=y, r=shape.radius, **style)
    if len(shape.points) == 2:
        (x1, y1), (x2, y2) = shape.points
        return tag("line", *inside, x1=x1, y1=y1, x2=x2, y2=y2, **style)
    return tag("polygon", *inside, points=_points(shape.points), stroke_linejoin="round", **style)


def _words(words: Words) -> Html:
    halo = {"stroke": words.halo, "stroke_width": 3, "stroke_linejoin": "round", "paint_order": "stroke"}
    return tag("text", words.text, x=words.x, y=words.y, font_size=words.size, fill=words.colour,
               font_weight=700 if words.bold else None, text_anchor=None if words.left else "middle",
               dominant_baseline="central", pointer_events="none", data_id=words.node,
               transform=f"rotate(-90 {number(words.x)} {number(words.y)})" if words.upright else None,
               **(halo if words.halo else {}))


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)
