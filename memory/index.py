"""How a scene is held: persistent hash tries, so that a changed scene shares what did not change with the old one.

A change of k nodes costs k log n; a handle costs nothing. A node is kept as it came, and becomes an object when
it is read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from immutables import Map
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.nodes import Node
from fleetmind.memory.records import record_text

Group = Map[str, bool]
_EMPTY: Group = Map()
_MERGE_AFTER = 256


class Entry:
    """One node as a scene holds it: what is indexed, and the whole as JSON, as plain data or as an object."""

    __slots__ = ("_whole", "group", "id", "links", "parent", "place", "version")

    def __init__(self, raw: Mapping[str, Any], whole: bytes | Mapping[str, Any]) -> None:
        pose = raw.get("pose")
        self.id: str = raw["id"]
        self.group = (sys.intern(raw["kind"]), sys.intern(raw["type"]))
        """Kind and type."""
        self.parent: str | None = raw.get("parent")
        self.version: int = raw["version"]
        self.place = (float(pose["x"]), float(pose["y"]), float(pose.get("z", 0.0))) if pose is not None else None
        """Of the centre, frame `map`, metres; None without a pose."""
        self.links = tuple((link["relation"], link["to"]) for link in raw.get("links") or ())
        """Kind and other end of each link."""
        self._whole: bytes | Mapping[str, Any] | Node = whole

    @classmethod
    def of(cls, node: Node) -> Entry:
        """The entry of an object."""
        entry, pose = cls.__new__(cls), node.pose
        entry.id, entry.group, entry.parent, entry.version = node.id, (node.kind, node.type), node.parent, node.version
        entry.place = (pose.x, pose.y, pose.z) if pose is not None else None
        entry.links = tuple((link.relation, link.to) for link in node.links)
        entry._whole = node
        return entry

    @classmethod
    def read(cls, record: bytes) -> Entry:
        """The entry of a node's JSON as a store keeps it.

        Raises:
            FleetmindError: `SCENE_CORRUPT`, somebody wrote past the store's functions.
        """
        try:
            return cls(from_json(record, allow_inf_nan=False, cache_strings="keys"), record)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise corrupt(record, error) from None

    @classmethod
    def of_data(cls, raw: object) -> Entry:
        """The entry of a node as it stands in an event.

        Raises:
            FleetmindError: `SCENE_CORRUPT`.
        """
        try:
            return cls(cast("Mapping[str, Any]", raw), cast("Mapping[str, Any]", raw))
        except (TypeError, KeyError, AttributeError) as error:
            raise corrupt(repr(raw).encode(), error) from None

    @property
    def node(self) -> Node:
        """The node as an object."""
        whole = self._whole
        if type(whole) is Node:
            return whole
        try:
            node = Node.model_validate_json(whole) if isinstance(whole, bytes) else Node.model_validate(whole)
        except ValidationError as error:
            raise corrupt(self.json, error) from None
        self._whole = node
        return node

    @property
    def json(self) -> bytes:
        """The node as JSON, its version included."""
        whole = self._whole
        if isinstance(whole, bytes):
            return whole
        return record_text(whole).encode() if isinstance(whole, Node) else to_json(whole)


def corrupt(record: bytes, error: Exception) -> FleetmindError:
    """The error for a record that no writer of ours has written."""
    return FleetmindError("SCENE_CORRUPT", f"the store holds a node that cannot be read, {record[:200]!r}: "
                                           f"{error!s:.300}; remove it (`apply` with its id in `remove`) or write it "
                                           "again")


class Ids:
    """The ids of a scene in order. Sorted when somebody asks, and once for all scenes that have the same ids."""

    __slots__ = ("_base", "_changes")

    def __init__(self, base: Sequence[str], changes: Mapping[str, bool] | None = None) -> None:
        self._base = base
        self._changes: dict[str, bool] = dict(changes or {})

    def evolve(self, changes: Mapping[str, bool]) -> Ids:
        """Ids after some came (True) and some went (False)."""
        if not changes:
            return self
        new = Ids(self._base, {**self._changes, **changes})
        if len(new._changes) > _MERGE_AFTER + len(self._base) // 64:
            new.ordered()
        return new

    def ordered(self) -> Sequence[str]:
        """All ids, ascending."""
        if self._changes:
            known = [i for i in self._base if i not in self._changes]
            known += sorted(i for i, present in self._changes.items() if present)
            known.sort()  # two ascending runs: a merge
            self._base, self._changes = known, {}
        return self._base


class Index:
    """Entries by id, by parent, by kind and type, and by what they link to. Immutable."""

    __slots__ = ("children", "entries", "groups", "ids", "links")

    def __init__(self, entries: Map[str, Entry], children: Map[str, Group], groups: Map[tuple[str, str], Group],
                 links: Map[tuple[str, str], Group], ids: Ids) -> None:
        self.entries, self.children, self.groups, self.links, self.ids = entries, children, groups, links, ids

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Index:
        """The index of these entries; of two with one id the later counts."""
        by_id = {entry.id: entry for entry in entries}
        children: dict[str, dict[str, bool]] = {}
        groups: dict[tuple[str, str], dict[str, bool]] = {}
        links: dict[tuple[str, str], dict[str, bool]] = {}
        for node_id, entry in by_id.items():
            groups.setdefault(entry.group, {})[node_id] = True
            if entry.parent is not None:
                children.setdefault(entry.parent, {})[node_id] = True
            for link in entry.links:
                links.setdefault(link, {})[node_id] = True
        return cls(Map(by_id), _maps(children), _maps(groups), _maps(links), Ids(sorted(by_id)))

    def evolve(self, put: Iterable[Entry], remove: Iterable[str]) -> Index:
        """The index after a change; what is put wins over what is removed."""
        came: dict[str, bool] = {}
        entries, children, groups = self.entries.mutate(), self.children.mutate(), self.groups.mutate()
        links = self.links.mutate()
        for node_id in remove:
            old = entries.pop(node_id, None)
            if old is not None:
                came[node_id] = False
                _move(groups, old.group, None, node_id)
                _move(children, old.parent, None, node_id)
                _relink(links, old.links, (), node_id)
        for entry in put:
            old = entries.get(entry.id)
            entries[entry.id] = entry
            if old is None:
                came[entry.id] = True
            _move(groups, old.group if old else None, entry.group, entry.id)
            _move(children, old.parent if old else None, entry.parent, entry.id)
            _relink(links, old.links if old else (), entry.links, entry.id)
        return Index(entries.finish(), children.finish(), groups.finish(), links.finish(), self.ids.evolve(came))

    def json(self) -> bytes:
        """Every node's JSON by id, with commas between: a join of what is there already."""
        entries = self.entries
        ordered = [entries[i] for i in self.ids.ordered()]
        try:
            return b",".join([entry._whole for entry in ordered])  # type: ignore[misc]
        except TypeError:  # some are objects
            return b",".join([entry.json for entry in ordered])

    def ordered(self) -> Iterator[Entry]:
        """Every entry, by id."""
        entries = self.entries
        return (entries[i] for i in self.ids.ordered())


def _maps(groups: dict[Any, dict[str, bool]]) -> Any:
    return Map({key: Map(ids) for key, ids in groups.items()})


def _relink(index: Any, was: tuple[tuple[str, str], ...], now: tuple[tuple[str, str], ...], node_id: str) -> None:
    if was != now:
        for link in was:
            _move(index, link, None, node_id)
        for link in now:
            _move(index, None, link, node_id)


def _move(index: Any, was: object, now: object, node_id: str) -> None:
    """Move an id from one group to another in an index that is being changed."""
    if was == now:
        return
    if was is not None:
        left = index.get(was, _EMPTY)
        if node_id in left:
            left = left.delete(node_id)
            if left:
                index[was] = left
            else:
                del index[was]
    if now is not None:
        index[now] = index.get(now, _EMPTY).set(node_id, True)
