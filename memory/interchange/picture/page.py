"""A drawing as one HTML file that fetches nothing: zoom, tooltips and search."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files

from fleetmind.memory.interchange.picture.details import details
from fleetmind.memory.interchange.picture.markup import Html, clean, tag
from fleetmind.memory.interchange.picture.shapes import Drawing
from fleetmind.memory.interchange.picture.svg import parts
from fleetmind.memory.scene import Scene


def html_file(drawing: Drawing, scene: Scene) -> str:
    """The drawing as a page.

    Args:
        drawing: of the scene.
        scene: for what is told of each node.
    """
    script, style = _asset("page.js"), _asset("page.css")
    told = {clean(node.id): [("id", clean(node.id)), *details(node, scene)]
            for node in sorted(scene, key=lambda n: n.id)}
    # `</script>` would end the block, and JSON may have any of its characters escaped.
    data = json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    head = tag("head", tag("meta", charset="utf-8"),
               tag("meta", http_equiv="Content-Security-Policy", content=policy),
               tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
               tag("title", drawing.title), tag("style", Html(style)))
    svg = tag("svg", tag("title", drawing.title), *parts(drawing, {}), id="map",
              viewBox=f"0 0 {drawing.width} {drawing.height}", role="img")
    bar = tag("header", tag("input", id="search", type="search", placeholder="Search id, type, state…",
                            aria_label="Search", autocomplete="off"),
              tag("output", id="count"), tag("button", "Whole map", id="reset", type="button"),
              tag("span", "Wheel: zoom. Drag: move. Point at something to read about it.", class_="hint"))
    body = tag("body", bar, tag("main", svg, tag("aside", tag("ul", id="found"), id="side")),
               tag("div", id="tip", role="status", hidden=True),
               tag("script", Html(data), id="data", type="application/json"), tag("script", Html(script)))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _asset(name: str) -> str:
    return (files("fleetmind.memory.interchange.picture") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
