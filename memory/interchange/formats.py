"""Scenes by the name of a format, and the format of a text that nobody named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.assemble import MAX_BYTES
from fleetmind.memory.interchange.document import FORMAT, scene_from_json, scene_to_json
from fleetmind.memory.interchange.graphml import scene_to_graphml
from fleetmind.memory.interchange.graphml_reader import scene_from_graphml
from fleetmind.memory.interchange.graphs import scene_from_node_link, scene_to_node_link
from fleetmind.memory.interchange.roboos import scene_from_roboos, scene_to_roboos
from fleetmind.memory.interchange.spark_dsg import scene_to_spark_dsg
from fleetmind.memory.interchange.spark_dsg_reader import scene_from_spark_dsg
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.scene import Scene


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way to write a scene."""

    name: str
    """What people call it."""
    read: Callable[[str | bytes], Scene]
    """From text."""
    write: Callable[[Scene], str]
    """To text."""
    looks_like: Callable[[Mapping[str, Any]], bool]
    """Whether a JSON object is one; never true for what is not JSON."""


def _never(_: Mapping[str, Any]) -> bool:
    return False


FORMATS: Mapping[str, Format] = {made.name: made for made in (
    Format(name="fleetmind", read=scene_from_json, write=scene_to_json,
           looks_like=lambda data: data.get("format") == FORMAT),
    Format(name="roboos", read=scene_from_roboos, write=scene_to_roboos, looks_like=_never),
    Format(name="graphml", read=scene_from_graphml, write=scene_to_graphml, looks_like=_never),
    Format(name="spark-dsg", read=scene_from_spark_dsg, write=scene_to_spark_dsg,
           looks_like=lambda data: bool({"SPARK_DSG_header", "layer_keys", "layer_ids"} & set(data))),
    Format(name="networkx", read=scene_from_node_link, write=scene_to_node_link,
           looks_like=lambda data: "nodes" in data and bool({"edges", "links"} & set(data))),
)}
"""By name. AI2-THOR's metadata needs its frame: `fleetmind.agents.thor_scene`."""


def read_scene(text: str | bytes, name: str = "auto", *, formats: Mapping[str, Format] = FORMATS) -> Scene:
    """The scene of a text.

    Args:
        text: the file's content.
        name: one of `formats`, or `auto`.
        formats: what there is.

    Raises:
        FleetmindError: `FORMAT_UNKNOWN`, and what the format refuses.
    """
    return _format(detect(text, formats=formats) if name == "auto" else name, formats).read(text)


def write_scene(scene: Scene, name: str, *, formats: Mapping[str, Format] = FORMATS) -> str:
    """The scene as text.

    Args:
        scene: what to export.
        name: one of `formats`.
        formats: what there is.

    Raises:
        FleetmindError: `FORMAT_UNKNOWN`, `EXPORT_NODE`.
    """
    return _format(name, formats).write(scene)


def detect(text: str | bytes, *, formats: Mapping[str, Format] = FORMATS) -> str:
    """The name of a text's format: by its first character, and by its members where it is JSON.

    Raises:
        FleetmindError: `FORMAT_UNKNOWN`, `JSON_...`.
    """
    start = text[:1000].decode(errors="replace") if isinstance(text, bytes) else text[:1000]
    first = start.lstrip("\ufeff \t\r\n")[:1]
    if first == "<":
        return "graphml"
    if first not in ("{", "["):
        if "\x00" in start or not first:
            raise FleetmindError("FORMAT_UNKNOWN", f"the file is empty or binary, it begins {start[:20]!r}: one of "
                                                   f"{sorted(formats)}")
        return "roboos"  # YAML has no mark of its own, and RoboOS's reader says what it misses
    data = loads_strict(text, max_bytes=MAX_BYTES)
    found = next((made.name for made in formats.values() if isinstance(data, dict) and made.looks_like(data)), None)
    if found is None:
        raise FleetmindError("FORMAT_UNKNOWN", f"JSON of no known format ({_members(data)}): one of {sorted(formats)}")
    return found


def _format(name: str, formats: Mapping[str, Format]) -> Format:
    found = formats.get(name)
    if found is None:
        raise FleetmindError("FORMAT_UNKNOWN", f"format {name!r:.60} is none of {sorted(formats)}")
    return found


def _members(data: object) -> str:
    return f"members {sorted(data)[:8]!r:.200}" if isinstance(data, dict) else f"a {type(data).__name__}"
