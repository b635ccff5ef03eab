"""Draws the frames of a film: rooms and robots from above, what each robot sees, what it does."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from fleetmind.console.report.digest import Digest
from fleetmind.console.report.film import Actor, Frame
from fleetmind.console.report.floorplan import Plane, arrow, furniture, labels, plane, room_labels, rooms
from fleetmind.console.report.headline import verdict
from fleetmind.console.report.markup import clean
from fleetmind.memory import Picture
from fleetmind.memory.interchange.picture.png import font, plain

WIDTH, HEIGHT = 640, 480
_HEADER, _LINE, _MARGIN, _SIDE = 30, 19, 8, 196
_SHOWN = 4
"""Robots with a picture and a line of their own."""
_LARGEST_PX = 16_000_000
_PAPER, _INK, _SOFT, _FLOOR, _WOOD, _LINE_COLOUR = "#f6f7f9", "#1b2430", "#5b6675", "#fdfcf9", "#e6e0d5", "#b9ae9c"
_TONES = {"good": "#147a3f", "bad": "#b3261e", "open": "#8a5a00"}
COLOURS = ("#2f6fde", "#c2620a", "#0b8a7e", "#8450e0", "#c73a7c", "#6f7f14", "#0a83ab", "#a8503a")


class Canvas:
    """What all frames of one run share.

    Args:
        run: the run.
    """

    def __init__(self, run: Digest) -> None:
        self._run = run
        self._small, self._normal = font(11), font(13)
        acting = sorted(run.robots, key=lambda r: -sum(s.robot == r for s in run.steps))[:_SHOWN]
        self._shown = [r for r in run.robots if r in acting]
        self._insets = [r for r in self._shown if any(s.robot == r and s.pictures for s in run.steps)]
        self._thumbnails: dict[str, Image.Image | None] = {}
        self._lines: dict[tuple[str, int, bool], Image.Image] = {}
        side = _SIDE if self._insets else 0
        self._footer = HEIGHT - _MARGIN - _LINE * len(self._shown)
        space = HEIGHT - _HEADER - _LINE * len(self._shown) - 2 * _MARGIN
        self._cell = min(space // max(1, len(self._insets)), _SIDE * 3 // 4)
        self._plane = plane(run, WIDTH - side - 2 * _MARGIN, self._footer - _HEADER - _MARGIN)
        self._offset = (0.0, 0.0)
        if self._plane is not None:
            self._offset = ((WIDTH - side - self._plane.width) / 2, _HEADER + (
                self._footer - _HEADER - _MARGIN - self._plane.height) / 2)
        self._background = self._still()

    def draw(self, frame: Frame) -> Image.Image:
        """One frame."""
        image = self._background.copy()
        pen = ImageDraw.Draw(image)
        if self._plane is not None:
            self._draw_things(pen, frame, self._plane)
            for actor in frame.actors:
                self._draw_robot(pen, actor, self._plane)
        by_name = {a.robot: a for a in frame.actors}
        for place, robot in enumerate(self._insets):
            self._draw_inset(image, pen, by_name[robot], place)
        for place, robot in enumerate(self._shown):
            image.paste(self._line(by_name[robot]), (0, self._footer + place * _LINE))
        clock = f"{frame.at_s:.0f} s" + (f"   plan {frame.plan}" if frame.plan else "")
        pen.text((WIDTH - _MARGIN, 8), clock, font=self._normal, fill=_SOFT, anchor="ra")
        return image

    def ending(self, last: Image.Image) -> Image.Image:
        """The last frame, with how the run ended."""
        image = last.copy()
        pen = ImageDraw.Draw(image)
        tone, heading, _ = verdict(self._run.manifest)
        heading = plain(heading)
        wide = pen.textlength(heading, font=font(18)) + 36
        middle, y = (WIDTH - (_SIDE if self._insets else 0)) / 2, _HEADER + 12
        pen.rounded_rectangle((middle - wide / 2, y, middle + wide / 2, y + 36), radius=8, fill=_TONES[tone])
        pen.text((middle, y + 18), heading, font=font(18), fill="white", anchor="mm")
        return image

    def palette(self, frames: Sequence[Image.Image]) -> Image.Image:
        """One palette for all frames, from a few of them and every colour that is drawn with."""
        every = max(1, len(frames) // 7)
        chosen = [*frames[::every][:8], frames[-1]]
        sheet = Image.new("RGB", (WIDTH, HEIGHT // 2 * len(chosen)), _PAPER)
        for place, frame in enumerate(chosen):
            sheet.paste(frame.resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.NEAREST), (0, place * HEIGHT // 2))
        pen = ImageDraw.Draw(sheet)
        for place, colour in enumerate((*COLOURS, *_TONES.values(), _INK, _SOFT, _FLOOR, _WOOD, _LINE_COLOUR, "white")):
            pen.rectangle((WIDTH // 2 + 20, place * 12, WIDTH, place * 12 + 11), fill=colour)
        return sheet.quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)

    def _still(self) -> Image.Image:
        image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
        pen = ImageDraw.Draw(image)
        title = self._fit(pen, self._run.manifest.instruction, WIDTH - 150, self._normal)
        pen.text((_MARGIN, 8), title, font=self._normal, fill=_INK)
        if self._plane is None:
            return image
        scene = self._run.after if len(self._run.after) else self._run.before
        dx, dy = self._offset
        for box in rooms(scene, self._plane):
            pen.rectangle((box.x + dx, box.y + dy, box.x + dx + box.width, box.y + dy + box.height), fill=_FLOOR,
                          outline=_INK, width=2)
        boxes = furniture(scene, self._plane)
        for box in boxes:
            pen.rectangle((box.x + dx, box.y + dy, box.x + dx + box.width, box.y + dy + box.height), fill=_WOOD,
                          outline=_LINE_COLOUR)
        for label in labels(boxes, 6.0, 11.0):
            if not label.upright:
                pen.text((label.x + dx, label.y + dy), plain(label.text), font=self._small, fill=_SOFT, anchor="mm")
        for label in room_labels(rooms(scene, self._plane), boxes, 6.4):
            pen.text((label.x + dx, label.y + dy), plain(label.text), font=self._small, fill=_SOFT, anchor="ls")
        return image

    def _draw_things(self, pen: ImageDraw.ImageDraw, frame: Frame, on: Plane) -> None:
        held = {a.holding for a in frame.actors}
        for name, place in frame.things.items():
            if name not in held:
                x, y = on.at(*place)
                self._dot(pen, x + self._offset[0], y + self._offset[1], 2, _SOFT)

    def _draw_robot(self, pen: ImageDraw.ImageDraw, actor: Actor, on: Plane) -> None:
        if actor.pose is None:
            return
        dx, dy = self._offset
        x, y = on.at(actor.pose.x, actor.pose.y)
        x, y, radius = x + dx, y + dy, max(7.0, 0.24 * on.scale)
        self._dot(pen, x, y, radius, self._colour(actor.robot))
        pen.polygon([(px + dx, py + dy) for px, py in arrow(on, actor.pose, radius)], fill="white")
        name = actor.robot
        if actor.holding:
            self._dot(pen, x + radius * 0.8, y - radius * 0.8, 4, "#e0490b")
            name = f"{actor.robot} + {actor.holding}"
        pen.text((x, y + radius + 2), plain(clean(name, 30)), font=self._small, fill=self._colour(actor.robot),
                 anchor="ma", stroke_width=2, stroke_fill="white")

    def _draw_inset(self, image: Image.Image, pen: ImageDraw.ImageDraw, actor: Actor, place: int) -> None:
        left, top = WIDTH - _SIDE + 4, _HEADER + place * self._cell
        wide, high = _SIDE - 4 - _MARGIN, self._cell - 8
        thumbnail = self._thumbnail(actor.picture, wide, high) if actor.picture else None
        box = (left, top, left + wide, top + high)
        if thumbnail is None:
            pen.rectangle(box, fill="#e3e7ed")
            pen.text((left + wide / 2, top + high / 2), "no picture yet", font=self._small, fill=_SOFT, anchor="mm")
        else:
            image.paste(thumbnail, (left, top))
        pen.rectangle(box, outline=self._colour(actor.robot), width=2)
        name = self._fit(pen, actor.robot, wide - 16, self._small)
        pen.rectangle((left, top, left + pen.textlength(name, font=self._small) + 10, top + 16),
                      fill=self._colour(actor.robot))
        pen.text((left + 5, top + 2), name, font=self._small, fill="white")

    def _line(self, actor: Actor) -> Image.Image:
        """What a robot does, in words. It stays for many frames, and drawing text is what takes the time."""
        key = (actor.robot, actor.step.seq if actor.step else 0, actor.busy)
        if key not in self._lines:
            self._lines[key] = self._draw_line(actor)
        return self._lines[key]

    def _draw_line(self, actor: Actor) -> Image.Image:
        image = Image.new("RGB", (WIDTH, _LINE), _PAPER)
        pen, step = ImageDraw.Draw(image), actor.step
        self._dot(pen, _MARGIN + 5, 8, 5, self._colour(actor.robot))
        if step is None:
            words = "waits"
        else:
            end = "" if actor.busy else " - done" if step.outcome.ok else f" - {step.outcome.code}"
            words = f"{step.thought}  [{step.call.text()}]{end}"
        fill = _INK if actor.busy or step is None else _SOFT if step.outcome.ok else _TONES["bad"]
        words = self._fit(pen, f"{actor.robot}: {words}", WIDTH - 3 * _MARGIN - 12, self._normal)
        pen.text((_MARGIN + 16, 0), words, font=self._normal, fill=fill)
        return image

    def _thumbnail(self, picture: Picture, wide: int, high: int) -> Image.Image | None:
        if picture.sha256 not in self._thumbnails:
            self._thumbnails[picture.sha256] = self._load(picture, wide, high)
        return self._thumbnails[picture.sha256]

    def _load(self, picture: Picture, wide: int, high: int) -> Image.Image | None:
        path = self._run.trajectory.picture(picture)
        try:
            if path is None:
                return None
            with Image.open(path, formats=("PNG", "JPEG")) as image:
                if image.width * image.height > _LARGEST_PX:
                    return None
                scale = max(wide / image.width, high / image.height)
                whole = image.convert("RGB").resize((math.ceil(image.width * scale), math.ceil(image.height * scale)))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None
        left, top = (whole.width - wide) // 2, (whole.height - high) // 2
        return whole.crop((left, top, left + wide, top + high))

    def _colour(self, robot: str) -> str:
        return COLOURS[self._run.number_of(robot)]

    @staticmethod
    def _dot(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline="white")

    @staticmethod
    def _fit(pen: ImageDraw.ImageDraw, text: str, wide: float, font: ImageFont.FreeTypeFont) -> str:
        """A text cut to so many pixels."""
        flat = plain(clean(text, 200))
        while flat and pen.textlength(flat, font=font) > wide:
            flat = flat[: max(1, int(len(flat) * 0.94)) - 1].rstrip("…") + "…" if len(flat) > 2 else ""
        return flat
