"""What the robots saw: a strip for each, embedded while small enough, linked beside the report otherwise."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fleetmind.console.report.digest import Digest
from fleetmind.console.report.markup import Html, join, many, seconds, tag
from fleetmind.memory import Picture
from fleetmind.training.trajectory import RecordedStep

SHOWN = 60
"""Pictures of one report."""
EMBEDDED_BYTES = 6_000_000
"""What all pictures of a report may take when they are part of it."""
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}


@dataclass(frozen=True, kw_only=True)
class Album:
    """How the pictures of a report are shown."""

    embed: bool
    """True: as part of the page; False: by their place beside it."""
    out_dir: Path
    """Where the page goes."""

    def source(self, path: Path, mime: str) -> Html | None:
        """The `src` of a picture, None when it is not the picture it should be."""
        content = checked(path, mime)
        if content is None:
            return None
        if not self.embed:
            return link(path, self.out_dir)
        return Html(f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}")


def checked(path: Path, mime: str) -> bytes | None:
    """A picture's bytes, None when it is gone, too large or something else: a record may come from anywhere."""
    try:
        if not path.is_file() or path.stat().st_size > EMBEDDED_BYTES:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return content if content.startswith(_SIGNATURES[mime]) else None


def link(path: Path, out_dir: Path) -> Html:
    """Where a file is, seen from the report."""
    return Html(quote(os.path.relpath(path.resolve(), out_dir.resolve()).replace(os.sep, "/")))


def album(digest: Digest, out_dir: Path, animation: Path | None) -> Album:
    """Embedded when all that is shown fits into the limit."""
    paths = [p for robot in digest.robots for s, picture in shown(digest, robot)
             if (p := digest.trajectory.picture(picture)) is not None]
    return Album(embed=_size([*paths, *([animation] if animation else [])]) * 4 / 3 <= EMBEDDED_BYTES, out_dir=out_dir)


def taken(digest: Digest, robot: str) -> list[tuple[RecordedStep, Picture]]:
    """Every picture of a robot, in order."""
    return [(s, p) for s in digest.steps if s.robot == robot for p in s.pictures]


def shown(digest: Digest, robot: str) -> list[tuple[RecordedStep, Picture]]:
    """A robot's share of the pictures a report shows, spread evenly over the run."""
    everything = taken(digest, robot)
    share = max(2, SHOWN // max(1, len({s.robot for s in digest.steps if s.pictures})))
    if len(everything) <= share:
        return everything
    return [everything[round(place * (len(everything) - 1) / (share - 1))] for place in range(share)]


def strips(digest: Digest, how: Album) -> Html:
    """One strip for each robot that took pictures."""
    out = []
    for robot in digest.robots:
        everything, mine = taken(digest, robot), shown(digest, robot)
        if not everything:
            continue
        hidden = len(everything) - len(mine)
        note = f"{many(len(everything), 'picture')}" + (f", {hidden} of them not shown" if hidden else "")
        heading = tag("h3", tag("span", class_=f"chip r{digest.number_of(robot)}"), robot, " ", tag("small", note))
        figures = [_figure(step, picture, digest, how) for step, picture in mine]
        out.append(join([heading, tag("div", *figures, class_="strip", tabindex=0, role="region",
                                      aria_label=f"Pictures of {robot}")]))
    return join(out) if out else tag("p", "No robot took a picture.", class_="empty")


def _figure(step: RecordedStep, picture: Picture, digest: Digest, how: Album) -> Html:
    path = digest.trajectory.picture(picture)
    source = how.source(path, picture.mime) if path is not None else None
    after_s = digest.spans[step.seq].end_s
    image = tag("img", src=source, alt=f"What {step.robot} saw after {step.call.text()}", loading="lazy",
                width=picture.width, height=picture.height) if source is not None else tag(
                    "div", "picture is missing", class_="missing")
    code = "✔" if step.outcome.ok else f"✘ {step.outcome.code}"
    outcome = tag("span", code, class_="ok" if step.outcome.ok else "bad")
    said = [tag("span", step.outcome.message, class_="muted")] if step.outcome.message else []
    return tag("figure", image, tag("figcaption", tag("small", f"{seconds(after_s)}  {step.subtask}"),
                                    tag("span", step.thought, class_="thought"),
                                    tag("span", tag("code", step.call.text()), " ", outcome), *said))


def _size(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total
