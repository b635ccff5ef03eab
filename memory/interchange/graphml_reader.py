"""GraphML back to a scene: no document type, so no entities; bounded in size and depth; nothing passed over."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.assemble import MAX_BYTES, count_of
from fleetmind.memory.interchange.flat import Edge, Flat, check_header, unflatten
from fleetmind.memory.interchange.graphml import EXACT
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.scene import Scene

MAX_DEPTH = 12
_WITHIN = {"graphml": {""}, "key": {"graphml"}, "graph": {"graphml"}, "node": {"graph"}, "edge": {"graph"},
           "data": {"graph", "node", "edge", "graphml"}, "desc": {"graphml", "graph", "node", "edge", "key"}}
_READERS: dict[str, type[int] | type[float]] = {"int": int, "long": int, "float": float, "double": float}


def scene_from_graphml(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Scene:
    """The scene of GraphML like `scene_to_graphml` writes it.

    Args:
        text: GraphML, UTF-8 where bytes.
        max_bytes: longer text is refused unread.

    Raises:
        FleetmindError: `XML_SYNTAX`, `XML_TOO_LARGE`, `XML_TOO_DEEP`, `XML_DOCTYPE` (a document type could define
            entities), `IMPORT_FORMAT`, `IMPORT_EDGE` and as `scene_from_json`.
    """
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(_encoded(text, max_bytes), True)
    except expat.ExpatError as error:
        raise FleetmindError("XML_SYNTAX", f"not XML at line {error.lineno} column {error.offset + 1}: "
                                           f"{expat.ErrorString(error.code)}") from None
    check_header(reader.header)
    reader.flat.version = count_of(reader.header.get("version", 0), "version")
    return unflatten(reader.flat)


def _encoded(text: str | bytes, max_bytes: int) -> bytes:
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > max_bytes:
            raise FleetmindError("XML_TOO_LARGE", f"{len(raw)} bytes of XML, at most {max_bytes} are taken")
        raw.decode()  # expat would take other encodings, in which nobody looked for a document type
    except UnicodeError as error:
        raise FleetmindError("XML_SYNTAX", f"not UTF-8 ({error}): send GraphML as UTF-8") from None
    return raw


def _refuse_doctype(name: str, *_: object) -> None:
    raise FleetmindError("XML_DOCTYPE", f"the file has a document type {name!r:.60}, which could define entities: "
                                        "remove <!DOCTYPE ...>")


class _Reader:
    """Takes the parser's calls and fills a property graph."""

    def __init__(self) -> None:
        self.flat, self.header = Flat(), dict[str, Any]()
        self._keys: dict[str, tuple[str, str]] = {}
        self._path: list[str] = []
        self._owner: dict[str, str] = {}
        self._data: dict[str, Any] = {}
        self._value: tuple[str, list[str]] | None = None
        self._exact: dict[str, str] = {}
        self._graphs = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition(":")[2]
        inside = self._path[-1] if self._path else ""
        self._path.append(name)
        if len(self._path) > MAX_DEPTH:
            raise FleetmindError("XML_TOO_DEEP", f"elements nested deeper than {MAX_DEPTH} levels")
        if inside not in _WITHIN.get(name, ()):
            raise FleetmindError("IMPORT_FORMAT", f"element {name!r:.60} in {inside or 'the document'!r:.60} is not "
                                                  "read: one flat graph with nodes, edges and data is")
        if name == "key":
            self._keys[_needed(name, attributes, "id")] = (
                _needed(name, attributes, "attr.name"), attributes.get("attr.type", "string"))
        elif name == "graph":
            self._graph(attributes)
        elif name in ("node", "edge"):
            self._owner, self._data = attributes, {}
        elif name == "data":
            self._value = (_needed(name, attributes, "key"), [])

    def text(self, text: str) -> None:
        """Characters."""
        if self._value is not None and self._path[-1] == "data":
            self._value[1].append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        name = self._path.pop()
        if name == "data" and self._value is not None:
            self._take(*self._value)
            self._value = None
        elif name == "node":
            self._node()
        elif name == "edge":
            source, target = _needed(name, self._owner, "source"), _needed(name, self._owner, "target")
            order = self._data.get("order")
            self.flat.edges.append(Edge(
                source=source, target=target, relation=str(self._data.get("relation", "")),
                order=None if order is None else count_of(order, "order of an edge")))
        elif name == "graphml":
            self._rename()

    def _graph(self, attributes: dict[str, str]) -> None:
        self._graphs += 1
        if self._graphs > 1 or attributes.get("edgedefault") != "directed":
            raise FleetmindError("IMPORT_FORMAT", "expected one graph with edgedefault=\"directed\": edges must say "
                                                  "which end is the parent")

    def _take(self, key: str, pieces: list[str]) -> None:
        if key not in self._keys:
            raise FleetmindError("IMPORT_FORMAT", f"data has key {key!r:.60}, which no <key> declares")
        name, kind = self._keys[key]
        text = "".join(pieces)
        data = self.header if self._path[-1] in ("graph", "graphml") else self._data
        try:
            data[name] = _READERS[kind](text) if kind in _READERS else text
        except ValueError:
            raise FleetmindError("IMPORT_FORMAT", f"{name!r:.60} must be a number ({kind}), it is "
                                                  f"{text!r:.60}") from None

    def _node(self) -> None:
        name, data = _needed("node", self._owner, "id"), self._data
        if name in self.flat.nodes:
            raise FleetmindError("IMPORT_INVARIANT", f"node {name!r:.150} stands twice: give each its own id")
        if EXACT in data:
            exact = loads_strict(data.pop(EXACT))
            if not isinstance(exact, dict) or not all(isinstance(v, str) for v in exact.values()):
                raise FleetmindError("IMPORT_NODE", f"node {name!r:.150}: {EXACT} must be an object of texts")
            self._exact.update({name: str(exact.pop("id"))} if "id" in exact else {})
            data.update(exact)
        self.flat.nodes[name] = data

    def _rename(self) -> None:
        """Nodes whose ids XML cannot carry get them back."""
        if not self._exact:
            return
        names = {name: self._exact.get(name, name) for name in self.flat.nodes}
        if len(set(names.values())) != len(names):
            raise FleetmindError("IMPORT_INVARIANT", f"two nodes have one id in {EXACT}: give each its own")
        self.flat.nodes = {names[name]: data for name, data in self.flat.nodes.items()}
        self.flat.edges = [Edge(source=names.get(e.source, e.source), target=names.get(e.target, e.target),
                                relation=e.relation, order=e.order) for e in self.flat.edges]


def _needed(element: str, attributes: dict[str, str], name: str) -> str:
    value = attributes.get(name)
    if value is None:
        raise FleetmindError("IMPORT_FORMAT", f"<{element}> has no {name!r}: {dict(attributes)!r:.150}")
    return value
