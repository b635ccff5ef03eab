"""Nodes of untrusted data as a scene: every importer ends here, so that all refuse the same things in one way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

from pydantic import TypeAdapter, ValidationError

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.scene import Node, Scene

MAX_BYTES = 64 << 20
MAX_NODES = 100_000
_NODES: TypeAdapter[list[Node]] = TypeAdapter(list[Node])


def assemble(raws: Iterable[object], *, version: int = 0) -> Scene:
    """The scene of nodes as plain data (`Node`'s fields), in any order; the nodes' versions become 0.

    Args:
        raws: one mapping for each node.
        version: the version of the scene.

    Raises:
        FleetmindError: `IMPORT_TOO_LARGE`, `IMPORT_NODE` (names the node and what is wrong), `IMPORT_INVARIANT` (an id
            twice, an unknown parent, a containment cycle).
    """
    plain = list(raws)
    check_count(len(plain))
    try:
        checked = _NODES.validate_python([{**raw, "version": 0} if isinstance(raw, dict) else raw for raw in plain])
    except ValidationError as error:
        _refuse(error, plain)
    nodes: dict[str, Node] = {}
    for node in checked:
        if node.id in nodes:
            raise FleetmindError("IMPORT_INVARIANT", f"node {node.id!r} stands twice: give each its own id")
        nodes[node.id] = node
    _check_forest(nodes)
    return Scene(nodes.values(), version=version)


def check_count(nodes: int) -> None:
    """Refuse more nodes than a scene may have."""
    if nodes > MAX_NODES:
        raise FleetmindError("IMPORT_TOO_LARGE", f"{nodes} nodes, at most {MAX_NODES} are taken: split the scene")


def count_of(value: object, what: str) -> int:
    """A number of times as it stands in a file.

    Raises:
        FleetmindError: `IMPORT_FORMAT`.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FleetmindError("IMPORT_FORMAT", f"{what} must be a count, it is {value!r:.60}")
    return value


def _refuse(error: ValidationError, plain: list[object]) -> NoReturn:
    first = error.errors(include_url=False)[0]
    place, at = first["loc"][0], ".".join(str(part) for part in first["loc"][1:])
    assert isinstance(place, int), "errors in a list begin with the place in it"
    raw = plain[place]
    name = raw.get("id", place) if isinstance(raw, dict) else place
    raise FleetmindError("IMPORT_NODE", f"node {name!r:.150}: {at}: {first['msg']:.300}") from None


def _check_forest(nodes: Mapping[str, Node]) -> None:
    rooted: set[str] = set()
    for start in nodes.values():
        path: set[str] = set()
        node = start
        while node.id not in rooted:
            if node.id in path:
                raise FleetmindError("IMPORT_INVARIANT", f"node {start.id!r} contains itself: {sorted(path)!r:.300}")
            path.add(node.id)
            if node.parent is None:
                break
            if node.parent not in nodes:
                raise FleetmindError("IMPORT_INVARIANT", f"parent {node.parent!r} of {node.id!r} is not in the file")
            node = nodes[node.parent]
        rooted |= path
