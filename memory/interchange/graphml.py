"""A scene as GraphML: plain values as typed attributes for Gephi, yEd or networkx, nested ones as JSON text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fleetmind.memory.interchange.document import json_of
from fleetmind.memory.interchange.flat import NESTED, POSE, flatten, header_of
from fleetmind.memory.scene import Scene

EXACT = "exact"
"""Name of the attribute that holds, as JSON, the texts of a node that XML cannot carry."""
PLAIN = {"kind": "string", "type": "string", "source": "string", "confidence": "double", "last_seen_s": "double"}
_NODE_KEYS = {**PLAIN, **dict.fromkeys(POSE, "double"),
              **dict.fromkeys((name for name in NESTED if name != "pose"), "string"), EXACT: "string"}
_EDGE_KEYS = {"relation": "string", "order": "int"}
_GRAPH_KEYS = {"format": "string", "schema": "int", "version": "int", "frame": "string"}
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, not even escaped."""


def scene_to_graphml(scene: Scene) -> str:
    """The scene as GraphML text (UTF-8, no document type).

    Args:
        scene: what to export.
    """
    return "\n".join(_lines(scene)) + "\n"


def _lines(scene: Scene) -> Iterator[str]:
    flat = flatten(scene)
    names = _xml_names(flat.nodes)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for domain, keys in (("graph", _GRAPH_KEYS), ("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name, kind in keys.items():
            yield f'<key id="{domain[0]}_{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>'
    yield '<graph edgedefault="directed">'
    yield "".join(_data("g", name, value) for name, value in header_of(flat).items())
    for name, attributes in flat.nodes.items():
        data = "".join(_data("n", key, value) for key, value in _carried(name, names[name], attributes).items())
        yield f"<node id={quoteattr(names[name])}>{data}</node>"
    for edge in flat.edges:
        order = "" if edge.order is None else _data("e", "order", edge.order)
        yield (f"<edge source={quoteattr(names[edge.source])} target={quoteattr(names[edge.target])}>"
               f"{_data('e', 'relation', edge.relation)}{order}</edge>")
    yield "</graph>"
    yield "</graphml>"


def _carried(name: str, xml_name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """A node's attributes as plain values."""
    out = {key: json_of(value, indent=None) if key in NESTED else value
           for key, value in attributes.items() if key != "pose"}
    pose = attributes.get("pose")
    if pose is not None:  # all seven: a reader of x alone must not have to know our defaults
        out.update({key: float(pose.get(key, 1.0 if key == "qw" else 0.0)) for key in POSE})
    exact = {key: value for key, value in attributes.items() if key in PLAIN and isinstance(value, str)
             and _ILLEGAL.search(value)}
    if name != xml_name:
        exact["id"] = name
    if exact:
        out = {key: _ILLEGAL.sub("?", value) if key in exact else value for key, value in out.items()}
        out[EXACT] = json_of(exact, indent=None)
    return out


def _data(domain: str, name: str, value: str | float) -> str:
    text = value if isinstance(value, str) else repr(value)
    if name in NESTED or name == EXACT:  # JSON, where such a character can only stand in a text
        text = _ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    # A parser makes a bare carriage return a line feed.
    return f'<data key="{domain}_{name}">{escape(text, {chr(13): "&#13;"})}</data>'


def _xml_names(ids: dict[str, dict[str, Any]]) -> dict[str, str]:
    """An id that XML can carry for each of ours: the same, but for a very few."""
    out = {name: name for name in ids if not _ILLEGAL.search(name)}
    taken = set(out)
    for place, name in enumerate(ids):
        if name not in out:
            out[name] = _ILLEGAL.sub("?", name)
            while out[name] in taken:
                out[name] += f" {place}"
            taken.add(out[name])
    return out
