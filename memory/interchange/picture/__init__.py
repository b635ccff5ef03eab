"""Pictures of a scene from above: PNG, SVG, and one HTML page with zoom, tooltips and search.

North is up, `map`'s x to the right. All text in a scene is untrusted and escaped. Pillow is loaded for PNG only.
"""

from __future__ import annotations

from fleetmind.memory.interchange.picture.details import details
from fleetmind.memory.interchange.picture.drawing import draw
from fleetmind.memory.interchange.picture.page import html_file
from fleetmind.memory.interchange.picture.svg import svg_file
from fleetmind.memory.scene import Scene

__all__ = ["scene_to_html", "scene_to_png", "scene_to_svg"]


def scene_to_svg(scene: Scene, *, title: str = "", within: str | None = None) -> str:
    """The scene from above as SVG; pointing at something shows what is known of it.

    Args:
        scene: what to draw.
        title: a name for it.
        within: only this node (a room, a floor) and what is in it.

    Raises:
        FleetmindError: `SCENE_UNKNOWN` for a `within` that is no node.
    """
    told = {node.id: "\n".join([node.id, *(f"{name}: {words}" for name, words in details(node, scene))])
            for node in scene}
    return svg_file(draw(scene, title=title, within=within), told)


def scene_to_html(scene: Scene, *, title: str = "", within: str | None = None) -> str:
    """The scene from above as one HTML file that needs no network.

    Args:
        scene: what to draw.
        title: a name for it.
        within: only this node (a room, a floor) and what is in it.

    Raises:
        FleetmindError: `SCENE_UNKNOWN` for a `within` that is no node.
    """
    return html_file(draw(scene, title=title, within=within), scene)


def scene_to_png(scene: Scene, *, title: str = "", within: str | None = None) -> bytes:
    """The scene from above as a PNG picture; letters outside Latin are shown as `?`.

    Args:
        scene: what to draw.
        title: a name for it.
        within: only this node (a room, a floor) and what is in it.

    Raises:
        FleetmindError: `SCENE_UNKNOWN` for a `within` that is no node.
    """
    from fleetmind.memory.interchange.picture.png import png_file  # loads Pillow

    return png_file(draw(scene, title=title, within=within))
