"""A scene as a property graph: what networkx, node-link JSON and GraphML have in common.

A node's fields are its attributes. An edge runs from a node to its parent (`relation` is `in`, `inside`, `on` or
`held_by`) or along a link (`connects`, `same_as`; `order` is its place among the node's links).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.assemble import assemble, check_count
from fleetmind.memory.interchange.document import FORMAT, READ, SCHEMA, node_data
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.scene import LinkKind, Relation, Scene

TREE = frozenset(get_args(Relation))
LINKS = frozenset(get_args(LinkKind))
NESTED = ("pose", "size", "box", "covariance", "states", "attributes", "sightings")
"""Fields that are no plain value; as text they are JSON."""
POSE = ("x", "y", "z", "qx", "qy", "qz", "qw")
"""A pose as plain values."""
_ELSEWHERE = ("id", "parent", "relation", "links")


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A tree edge or a link."""

    source: str
    """The child, or the node that has the link."""
    target: str
    """Its parent, or where the link leads."""
    relation: str
    """What sort."""
    order: int | None = None
    """Place among the node's links; None for a tree edge."""


@dataclass(kw_only=True)
class Flat:
    """Nodes with attributes, and edges."""

    version: int = 0
    """The scene's version."""
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Attributes by id. A node without any is one that a link names and nobody knows."""
    edges: list[Edge] = field(default_factory=list)
    """Tree edges and links."""


def flatten(scene: Scene) -> Flat:
    """The scene as a property graph, nodes by id."""
    flat = Flat(version=scene.version)
    for data in node_data(scene):
        name: Any = data["id"]
        attributes = {"confidence": 1.0, "source": "plan", **data}
        flat.nodes[name] = {key: value for key, value in attributes.items() if key not in _ELSEWHERE}
        if "parent" in data:
            flat.edges.append(Edge(source=name, target=str(data["parent"]), relation=str(data["relation"])))
        links: Any = data.get("links", ())
        flat.edges += [Edge(source=name, target=link["to"], relation=link["relation"], order=place)
                       for place, link in enumerate(links)]
    for edge in flat.edges:
        flat.nodes.setdefault(edge.target, {})
    return flat


def unflatten(flat: Flat) -> Scene:
    """The scene of a property graph.

    Raises:
        FleetmindError: as `assemble`; `IMPORT_EDGE` for a relation that is none of ours or an edge from nowhere.
    """
    check_count(len(flat.nodes))
    raws: dict[str, dict[str, Any]] = {
        name: {**_fields(name, attributes), "id": name} for name, attributes in flat.nodes.items()}
    links: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for edge in flat.edges:
        raw = raws.get(edge.source)
        if raw is None or edge.target not in raws:
            raise FleetmindError("IMPORT_EDGE", f"edge {edge.source!r:.150} -> {edge.target!r:.150} has an end that is "
                                                "no node of the graph")
        if edge.relation in LINKS:
            link = {"relation": edge.relation, "to": edge.target}
            links.setdefault(edge.source, []).append((edge.order or 0, link))
        elif edge.relation not in TREE:
            raise FleetmindError("IMPORT_EDGE", f"edge {edge.source!r:.150} -> {edge.target!r:.150} has relation "
                                                f"{edge.relation!r:.60}: one of {sorted(TREE | LINKS)}")
        elif "parent" in raw:
            raise FleetmindError("IMPORT_INVARIANT", f"node {edge.source!r:.150} has two parents, "
                                                     f"{raw['parent']!r:.150} and {edge.target!r:.150}: keep one edge")
        else:
            raw["parent"], raw["relation"] = edge.target, edge.relation
    for name, found in links.items():
        raws[name]["links"] = [link for _, link in sorted(found, key=lambda pair: pair[0])]
    named = {edge.target for edge in flat.edges if edge.relation in LINKS}  # by a link, and maybe not known
    return assemble([raw for name, raw in raws.items() if len(raw) > 1 or name not in named], version=flat.version)


def check_header(header: Mapping[str, object]) -> None:
    """Refuse a graph that says of itself that it is something else; one that says nothing may be ours.

    Raises:
        FleetmindError: `IMPORT_FORMAT`, `IMPORT_SCHEMA`.
    """
    if header.get("format", FORMAT) != FORMAT or header.get("frame", "map") != "map":
        raise FleetmindError("IMPORT_FORMAT", f"the graph says format {header.get('format')!r:.60} and frame "
                                              f"{header.get('frame')!r:.60}: expected {FORMAT!r} in 'map'")
    if header.get("schema", SCHEMA) not in READ:
        raise FleetmindError("IMPORT_SCHEMA", f"scene schema {header.get('schema')!r:.60} is none of {READ}: export it "
                                              "with this version of fleetmind")


def header_of(flat: Flat) -> dict[str, str | int]:
    """What a graph of ours says of itself."""
    return {"format": FORMAT, "schema": SCHEMA, "version": flat.version, "frame": "map"}


def _fields(name: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A node's fields; its pose may stand in seven plain attributes."""
    out = {key: _nested(name, key, value) for key, value in attributes.items() if key not in POSE}
    pose = {key: attributes[key] for key in POSE if key in attributes}
    return {**out, "pose": pose} if pose else out


def _nested(name: str, key: str, value: object) -> object:
    """A graph that has been through a format of plain values has JSON text where we have values."""
    if key not in NESTED or not isinstance(value, str):
        return value
    try:
        return loads_strict(value)
    except FleetmindError as error:
        raise FleetmindError("IMPORT_NODE", f"node {name!r:.150}: {key}: {error.message}") from None

