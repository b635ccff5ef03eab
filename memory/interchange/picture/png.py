"""A drawing as a PNG picture, with Pillow. Shapes are drawn twice as large and made smaller, which smooths them."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from fleetmind.memory.interchange.picture.floorplan import Point
from fleetmind.memory.interchange.picture.shapes import PAPER, Drawing, Ink, Shape, Words

_FINER = 2
_SIMPLER = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "→": ">"})


def png_file(drawing: Drawing) -> bytes:
    """The drawing as a file."""
    image = Image.new("RGB", (drawing.width * _FINER, drawing.height * _FINER), PAPER)
    pen = ImageDraw.Draw(image)
    for shape in (*drawing.shapes, *drawing.frame):
        _shape(pen, shape)
    image = image.resize((drawing.width, drawing.height), Image.Resampling.LANCZOS)
    fonts: dict[int, ImageFont.FreeTypeFont] = {}
    for words in (*drawing.words, *drawing.frame_words):
        _words(image, words, fonts)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def plain(text: str) -> str:
    """A text in the characters that the font which comes with Pillow has; a machine may have no other."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKD", text.translate(_SIMPLER))
    return "".join(c if c.isascii() or c == "…" else "?" for c in folded if not unicodedata.combining(c))


def font(size: int) -> ImageFont.FreeTypeFont:
    """The font that comes with Pillow."""
    made = ImageFont.load_default(size)
    assert isinstance(made, ImageFont.FreeTypeFont), "asked for by whoever draws"
    return made


def _shape(pen: ImageDraw.ImageDraw, shape: Shape) -> None:
    ink, points = shape.ink, [(x * _FINER, y * _FINER) for x, y in shape.points]
    wide = max(1, round(ink.width * _FINER))
    if shape.radius is not None:
        (x, y), radius = points[0], shape.radius * _FINER
        if ink.dash is None:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink.fill, outline=ink.line,
                        width=wide if ink.line else 0)
            return
        points = [(x + radius * math.cos(a * math.pi / 16), y + radius * math.sin(a * math.pi / 16)) for a in range(32)]
    elif ink.fill is not None and len(points) > 2:
        pen.polygon(points, fill=ink.fill)
    if ink.line is not None:
        closed = points if len(points) == 2 else [*points, points[0]]
        for line in _dashed(closed, ink):
            pen.line(line, fill=ink.line, width=wide, joint="curve")


def _dashed(points: list[Point], ink: Ink) -> Iterator[list[Point]]:
    """The pieces of a line that are drawn."""
    if ink.dash is None:
        yield points
        return
    drawn, left_out = ink.dash[0] * _FINER, ink.dash[1] * _FINER
    spent = 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        long, at = math.dist((x0, y0), (x1, y1)), 0.0
        while at < long:
            phase = spent % (drawn + left_out)
            step = min(long - at, (drawn if phase < drawn else drawn + left_out) - phase) or long - at
            if phase < drawn:
                yield [(x0 + (x1 - x0) * part / long, y0 + (y1 - y0) * part / long) for part in (at, at + step)]
            at, spent = at + step, spent + step


def _words(image: Image.Image, words: Words, fonts: dict[int, ImageFont.FreeTypeFont]) -> None:
    size = round(words.size)
    face = fonts.setdefault(size, fonts.get(size) or font(size))
    halo = 2 if words.halo else 0
    text, anchor = plain(words.text), "lm" if words.left else "mm"
    if not words.upright:
        ImageDraw.Draw(image).text((words.x, words.y), text, font=face, fill=words.colour, anchor=anchor,
                                   stroke_width=halo, stroke_fill=words.halo)
        return
    long, high = math.ceil(face.getlength(text)) + 2 * halo + 2, size * 2
    card, mask = Image.new("RGB", (long, high), words.halo or words.colour), Image.new("L", (long, high), 0)
    at = (long / 2, high / 2)
    ImageDraw.Draw(card).text(at, text, font=face, fill=words.colour, anchor="mm", stroke_width=halo,
                              stroke_fill=words.halo)
    ImageDraw.Draw(mask).text(at, text, font=face, fill=255, anchor="mm", stroke_width=halo, stroke_fill=255)
    turned = card.transpose(Image.Transpose.ROTATE_90)
    image.paste(turned, (round(words.x - turned.width / 2), round(words.y - turned.height / 2)),
                mask.transpose(Image.Transpose.ROTATE_90))
