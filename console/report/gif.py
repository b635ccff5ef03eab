"""`run.gif`: the run from above in a few seconds, drawn with Pillow alone."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, features

from fleetmind.console.report.canvas import Canvas
from fleetmind.console.report.digest import Digest, digest
from fleetmind.console.report.film import film
from fleetmind.training import Trajectory

MAX_FRAMES = 160
MAX_BYTES = 4_000_000
_PLAYS_MS, _LAST_MS = 14_000, 3500


def write_gif(trajectory: Trajectory, path: Path) -> Path | None:
    """Write a run as an animated GIF.

    Args:
        trajectory: the run.
        path: of the file.

    Returns:
        The path; None, and no file, when no step has a position or a picture, or Pillow no fonts.
    """
    return animate(digest(trajectory), path)


def animate(run: Digest, path: Path) -> Path | None:
    """`write_gif` for a run that has been read already."""
    something = any(s.pose is not None or s.pictures for s in run.steps)
    if not something or not features.check("freetype2"):  # a Pillow without FreeType has no letters worth drawing
        path.unlink(missing_ok=True)  # one of an earlier report would be of another run
        return None
    count = min(MAX_FRAMES - 1, max(40, 5 * len(run.steps)))
    canvas = Canvas(run)
    frames = [canvas.draw(frame) for frame in film(run, count)]
    frames.append(canvas.ending(frames[-1]))
    palette = canvas.palette(frames)
    drawn = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    content = _encode(drawn)
    while len(content) > MAX_BYTES and len(drawn) > 8:  # busy pictures: fewer frames, the same time
        drawn = [*drawn[:-1:2], drawn[-1]]
        content = _encode(drawn)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _encode(frames: list[Image.Image]) -> bytes:
    each_ms = min(250, max(50, _PLAYS_MS // len(frames)))
    out = io.BytesIO()
    # Pillow drops a repeated frame and adds its time to the one before: nothing to do for it here.
    frames[0].save(out, format="GIF", save_all=True, append_images=frames[1:], loop=0, optimize=False,
                   duration=[each_ms] * (len(frames) - 1) + [_LAST_MS])
    return out.getvalue()
