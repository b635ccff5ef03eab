"""The page: every part in its place, one file, nothing fetched from anywhere, nothing that runs."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from fleetmind.console.report.digest import Digest, digest
from fleetmind.console.report.gantt import gantt
from fleetmind.console.report.gif import animate
from fleetmind.console.report.graph import graphs
from fleetmind.console.report.headline import headline, robots, verdict
from fleetmind.console.report.log import log, news
from fleetmind.console.report.maps import maps
from fleetmind.console.report.markup import Html, clean, join, tag
from fleetmind.console.report.pictures import Album, album, link, strips
from fleetmind.training import read_trajectory

_SECTIONS = (("robots", "Robots"), ("animation", "The run in brief"), ("plan", "Plan"), ("gantt", "Who did what when"),
             ("map", "Scene"), ("pictures", "What the robots saw"), ("log", "Thoughts and actions"))


def write_report(trajectory_dir: Path, out_dir: Path) -> Path:
    """Write `report.html` and, where there is something to show, `run.gif`.

    The page needs no network and no script. Pictures are part of it while they are small together, and linked where
    they lie otherwise: then the trajectory has to stay where it is.

    Args:
        trajectory_dir: a trajectory; one that was cut off is reported as far as it goes.
        out_dir: where to write, created when missing.

    Returns:
        The path of the page.

    Raises:
        FleetmindError: `TRAJECTORY`, when the directory is none or its manifest or log cannot be read.
    """
    trajectory = read_trajectory(trajectory_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    run = digest(trajectory)
    animation = animate(run, out_dir / "run.gif")
    path = out_dir / "report.html"
    path.write_text(_page(run, album(run, out_dir, animation), animation), encoding="utf-8")
    return path


def _page(run: Digest, how: Album, animation: Path | None) -> str:
    style = (files("fleetmind.console.report") / "style.css").read_text(encoding="utf-8")
    _, heading, _ = verdict(run.manifest)
    contents = {
        "animation": _animation(animation, how), "plan": graphs(run), "gantt": gantt(run), "map": maps(run),
        "pictures": strips(run, how), "log": log(run), "robots": robots(run)}
    links = [tag("a", title, href=f"#{name}") for name, title in _SECTIONS]
    sections = [tag("section", tag("h2", title), contents[name], id=name) for name, title in _SECTIONS]
    body = tag("body", tag("main", headline(run), tag("nav", *links, aria_label="Parts of this report"), news(run),
                           *sections), tag("footer", "Made by fleetmind from a recorded trajectory. Maps show what the "
                                           "fleet knew; the verdict is the world’s."))
    head = tag(
        "head", tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, how)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"), tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{heading}: {clean(run.manifest.instruction, 120)}"), tag("style", Html(style)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _policy(style: str, how: Album) -> str:
    """Nothing may be loaded or run but this one style sheet and the pictures."""
    digest_of_style = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    images = "data:" if how.embed else "data: 'self' file:"
    return (f"default-src 'none'; style-src 'sha256-{digest_of_style}'; img-src {images}; "
            "base-uri 'none'; form-action 'none'")


def _animation(path: Path | None, how: Album) -> Html:
    if path is None:
        return tag("p", "There is no animation: no step with a position or a picture was recorded, or Pillow has no "
                        "fonts.", class_="empty")
    source = how.source(path, "image/gif")
    if source is None:
        return tag("p", "The animation could not be read.", class_="empty")
    image = tag("img", src=source, width=640, height=480, class_="animation",
                alt="The run from above: robots moving through the rooms, with what each sees and does")
    where = tag("p", "The same as a file: ", tag("a", "run.gif", href=link(path, how.out_dir)), class_="muted")
    # A reader must be able to get rid of something that moves.
    return join([tag("details", tag("summary", "Animation"), image, open=True), where])
