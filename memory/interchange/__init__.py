"""Scenes out of and into files: our own JSON document, RoboOS profiles, graphs, Spark-DSG, and pictures.

Names but those of the document are loaded when first used: most who keep a scene never convert one.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fleetmind.memory.interchange.document import scene_from_json, scene_to_json

if TYPE_CHECKING:
    from fleetmind.memory.interchange.formats import FORMATS, Format, detect, read_scene, write_scene
    from fleetmind.memory.interchange.graphml import scene_to_graphml
    from fleetmind.memory.interchange.graphml_reader import scene_from_graphml
    from fleetmind.memory.interchange.graphs import (
        scene_from_networkx,
        scene_from_node_link,
        scene_to_networkx,
        scene_to_node_link,
    )
    from fleetmind.memory.interchange.picture import scene_to_html, scene_to_png, scene_to_svg
    from fleetmind.memory.interchange.roboos import scene_from_roboos, scene_to_roboos
    from fleetmind.memory.interchange.schema import scene_json_schema
    from fleetmind.memory.interchange.spark_dsg import scene_to_spark_dsg
    from fleetmind.memory.interchange.spark_dsg_reader import scene_from_spark_dsg

_HOME = {
    "FORMATS": "formats", "Format": "formats", "detect": "formats", "read_scene": "formats", "write_scene": "formats",
    "scene_to_graphml": "graphml", "scene_from_graphml": "graphml_reader", "scene_from_networkx": "graphs",
    "scene_from_node_link": "graphs", "scene_to_networkx": "graphs", "scene_to_node_link": "graphs",
    "scene_to_html": "picture", "scene_to_png": "picture", "scene_to_svg": "picture", "scene_from_roboos": "roboos",
    "scene_to_roboos": "roboos", "scene_json_schema": "schema", "scene_to_spark_dsg": "spark_dsg",
    "scene_from_spark_dsg": "spark_dsg_reader",
}

__all__ = [
    "FORMATS", "Format", "detect", "read_scene", "scene_from_graphml", "scene_from_json", "scene_from_networkx",
    "scene_from_node_link", "scene_from_roboos", "scene_from_spark_dsg", "scene_json_schema", "scene_to_graphml",
    "scene_to_html", "scene_to_json", "scene_to_networkx", "scene_to_node_link", "scene_to_png", "scene_to_roboos",
    "scene_to_spark_dsg", "scene_to_svg", "write_scene",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
