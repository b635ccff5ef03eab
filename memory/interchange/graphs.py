"""A scene as a networkx graph, and as networkx's node-link JSON, which needs no networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.assemble import MAX_BYTES, count_of
from fleetmind.memory.interchange.document import json_of
from fleetmind.memory.interchange.flat import Edge, Flat, check_header, flatten, header_of, unflatten
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.model import JsonValue
from fleetmind.memory.scene import Scene

if TYPE_CHECKING:
    from networkx import MultiDiGraph


def scene_to_networkx(scene: Scene) -> MultiDiGraph:
    """The scene as a directed graph.

    Nodes are the ids, their attributes the fields of `Node`. An edge runs from a node to its parent or along a link;
    its key and its attribute `relation` say which. Two nodes may share a tree edge and links: hence a multigraph, which
    is a `networkx.DiGraph` too.

    Args:
        scene: what to export.

    Raises:
        FleetmindError: `PACKAGE_MISSING` without networkx.
    """
    flat = flatten(scene)
    graph = _networkx().MultiDiGraph(**header_of(flat))
    graph.add_nodes_from(flat.nodes.items())
    for edge in flat.edges:
        graph.add_edge(edge.source, edge.target, key=edge.relation, **_edge_data(edge))
    return graph


def scene_from_networkx(graph: Any) -> Scene:
    """The scene of a graph like `scene_to_networkx` makes; a plain `DiGraph` does as well.

    Raises:
        FleetmindError: `IMPORT_FORMAT`, `IMPORT_EDGE` and as `scene_from_json`; `PACKAGE_MISSING` without networkx.
    """
    if not isinstance(graph, _networkx().DiGraph):
        raise FleetmindError("IMPORT_FORMAT", f"expected a networkx.DiGraph, got {type(graph).__name__}: edges must "
                                              "say which end is the parent")
    check_header(graph.graph)
    flat = Flat(version=count_of(graph.graph.get("version", 0), "version"))
    flat.nodes = {name: dict(attributes) for name, attributes in graph.nodes(data=True)}
    flat.edges = [_edge(source, target, data) for source, target, data in graph.edges(data=True)]
    return unflatten(flat)


def scene_to_node_link(scene: Scene, *, indent: int | None = 2) -> str:
    """The scene as the JSON that `networkx.node_link_graph(data, edges="edges")` reads.

    Args:
        scene: what to export.
        indent: blanks per level; None for one line.
    """
    flat = flatten(scene)
    return json_of({
        "directed": True, "multigraph": True, "graph": header_of(flat),
        "nodes": [{**attributes, "id": name} for name, attributes in flat.nodes.items()],
        "edges": [{**_edge_data(e), "source": e.source, "target": e.target, "key": e.relation} for e in flat.edges],
    }, indent=indent)


def scene_from_node_link(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Scene:
    """The scene of node-link JSON; older networkx calls the edges `links`, which is read too.

    Raises:
        FleetmindError: `JSON_...`, `IMPORT_FORMAT`, `IMPORT_EDGE` and as `scene_from_json`.
    """
    return scene_from_node_link_data(loads_strict(text, max_bytes=max_bytes))


def scene_from_node_link_data(data: JsonValue) -> Scene:
    """The same of data that is parsed already."""
    if not isinstance(data, dict) or data.get("directed") is not True:
        raise FleetmindError("IMPORT_FORMAT", "this is no directed node-link graph: expected an object with "
                                              "\"directed\": true")
    header: Any = data.get("graph", {})
    nodes: Any = data.get("nodes")
    edges: Any = data.get("edges", data.get("links"))
    if not isinstance(header, dict) or not _objects(nodes) or not _objects(edges):
        raise FleetmindError("IMPORT_FORMAT", "a node-link graph has an object `graph` and lists of objects `nodes` "
                                              "and `edges`")
    check_header(header)
    flat = Flat(version=count_of(header.get("version", 0), "version"))
    for node in nodes:
        name = node.get("id")
        if not isinstance(name, str) or name in flat.nodes:
            raise FleetmindError("IMPORT_NODE", f"node {name!r:.150} has no text as id, or stands twice")
        flat.nodes[name] = {key: value for key, value in node.items() if key != "id"}
    flat.edges = [_edge(edge.get("source"), edge.get("target"), edge) for edge in edges]
    return unflatten(flat)


def _edge_data(edge: Edge) -> dict[str, str | int]:
    return {"relation": edge.relation} if edge.order is None else {"relation": edge.relation, "order": edge.order}


def _edge(source: Any, target: Any, data: dict[str, Any]) -> Edge:
    relation, order = data.get("relation"), data.get("order")
    if not isinstance(source, str) or not isinstance(target, str) or not isinstance(relation, str):
        raise FleetmindError("IMPORT_EDGE", f"edge {source!r:.150} -> {target!r:.150} with relation {relation!r:.60}: "
                                            "all three are texts")
    return Edge(source=source, target=target, relation=relation,
                order=None if order is None else count_of(order, "order of an edge"))


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _networkx() -> Any:
    try:
        import networkx
    except ImportError:
        raise FleetmindError("PACKAGE_MISSING", "graphs need networkx: pip install 'fleetmind[planner]'") from None
    return networkx
