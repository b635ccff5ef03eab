"""An immutable scene graph to read: what is where at one version. Queries cost what they answer, not what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from fleetmind.memory.grid import Grid
from fleetmind.memory.index import Entry, Index
from fleetmind.memory.nodes import (
    Link,
    LinkKind,
    Node,
    NodeKind,
    Pose,
    Relation,
    Sighting,
    StateValue,
)

__all__ = ["Link", "LinkKind", "Node", "NodeKind", "Pose", "Relation", "Scene", "Sighting", "StateValue"]

Point = tuple[float, float, float]


class Nodes(Mapping[str, Node]):
    """All nodes of a scene by id, in order of their ids. Reading only."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __getitem__(self, node_id: str) -> Node:
        return self._index.entries[node_id].node

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.ids.ordered())

    def __len__(self) -> int:
        return len(self._index.entries)

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._index.entries


class Scene:
    """An immutable scene graph at one version. What it gives in plural is ordered by id unless it says otherwise.

    Args:
        nodes: of two with one id the later counts.
        version: the site's version this scene is of.
        age_s: how old the reader's copy may be, seconds (0 in-process).
    """

    __slots__ = ("_grids", "_index", "age_s", "version")

    def __init__(self, nodes: Iterable[Node] = (), *, version: int = 0, age_s: float = 0.0) -> None:
        self._set(Index.of(map(Entry.of, nodes)), {}, version, age_s)

    @classmethod
    def of_records(cls, records: Iterable[bytes], *, version: int) -> Scene:
        """The scene of nodes as a store keeps them; they become objects when somebody reads them.

        Raises:
            FleetmindError: `SCENE_CORRUPT`.
        """
        return cls._of(Index.of(map(Entry.read, records)), {}, version, 0.0)

    @classmethod
    def _of(cls, index: Index, grids: dict[str, Grid], version: int, age_s: float) -> Scene:
        scene = cls.__new__(cls)
        scene._set(index, grids, version, age_s)
        return scene

    def _set(self, index: Index, grids: dict[str, Grid], version: int, age_s: float) -> None:
        self._index, self._grids = index, grids
        self.version, self.age_s = version, age_s

    def evolve(self, put: Iterable[Node], remove: Iterable[str], *, version: int, age_s: float = 0.0) -> Scene:
        """The scene after a change; what did not change is shared, this scene stays as it is."""
        return self.evolve_entries([Entry.of(node) for node in put], list(remove), version=version, age_s=age_s)

    def evolve_entries(self, put: list[Entry], remove: list[str], *, version: int, age_s: float = 0.0) -> Scene:
        """The same with entries, which may still be unread."""
        scene = self._of(self._index.evolve(put, remove), {}, version, age_s)
        if self._grids:
            moved = [(entry, scene.place(entry.id)) for entry in scene._with_unposed(put)]
            scene._grids = {what: _moved(grid, what, moved, remove) for what, grid in list(self._grids.items())}
        return scene

    def _with_unposed(self, changed: Iterable[Entry]) -> Iterator[Entry]:
        """The entries, and those of their contents that are where their container is."""
        entries, children = self._index.entries, self._index.children
        stack, seen = [entry.id for entry in changed], set[str]()
        while stack:
            node_id = stack.pop()
            if node_id not in seen:
                seen.add(node_id)
                yield entries[node_id]
                stack += [child for child in children.get(node_id, ()) if entries[child].place is None]

    def aged(self, age_s: float, *, version: int | None = None) -> Scene:
        """The same scene, with another age (and version, where nothing in it changed); costs nothing."""
        return self._of(self._index, self._grids, self.version if version is None else version, age_s)

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All nodes by id."""
        return Nodes(self._index)

    @property
    def entries(self) -> Iterator[Entry]:
        """All nodes as they are held, by id: to look at many without turning each into an object."""
        return self._index.ordered()

    def to_json(self) -> bytes:
        """The scene as one line of JSON in the format of `interchange`, the nodes' versions included."""
        return (b'{"format":"fleetmind-scene","schema":2,"version":%d,"frame":"map","nodes":[' % self.version
                + self._index.json() + b"]}")

    def __iter__(self) -> Iterator[Node]:
        return (entry.node for entry in self._index.ordered())

    def __len__(self) -> int:
        return len(self._index.entries)

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._index.entries

    def get(self, node_id: str) -> Node | None:
        """The node, or None."""
        entry = self._index.entries.get(node_id)
        return entry.node if entry is not None else None

    def __getitem__(self, node_id: str) -> Node:
        return self._index.entries[node_id].node

    def children(self, node_id: str) -> tuple[Node, ...]:
        """Nodes whose parent is `node_id`."""
        return self._nodes(self._index.children.get(node_id, ()))

    def child_ids(self, node_id: str) -> tuple[str, ...]:
        """Their ids alone, in no order."""
        return tuple(self._index.children.get(node_id, ()))

    def of_type(self, *types: str) -> tuple[Node, ...]:
        """Nodes of any of the types."""
        return self._nodes(chain.from_iterable(ids for (_, t), ids in self._grouped(types=types)))

    def of_kind(self, kind: NodeKind) -> tuple[Node, ...]:
        """Nodes of one kind. Costs the number of types in the scene, and the answer."""
        return self._nodes(chain.from_iterable(ids for _, ids in self._grouped(kind=kind)))

    def types(self) -> Mapping[tuple[str, str], int]:
        """How many nodes there are of each kind and type."""
        return {group: len(ids) for group, ids in sorted(self._index.groups.items())}

    def _grouped(self, *, kind: str = "",
                 types: tuple[str, ...] = ()) -> Iterable[tuple[tuple[str, str], Iterable[str]]]:
        groups = self._index.groups
        if kind:
            return ((group, ids) for group, ids in groups.items() if group[0] == kind)
        wanted = ((k, t) for t in dict.fromkeys(types) for k in KINDS)
        return ((group, groups[group]) for group in wanted if group in groups)

    def _nodes(self, ids: Iterable[str]) -> tuple[Node, ...]:
        entries = self._index.entries
        return tuple(entries[i].node for i in sorted(ids))

    def linked_from(self, node_id: str, relation: str) -> tuple[str, ...]:
        """Ids of the nodes that have a link of this kind to the node, in no order; `queries.linked` looks both ways."""
        return tuple(self._index.links.get((relation, node_id), ()))

    def ancestors(self, node_id: str) -> tuple[Node, ...]:
        """Parents upwards, nearest first; stops at a cycle or an unknown parent."""
        out: list[Node] = []
        seen = {node_id}
        node = self.get(node_id)
        while node is not None and node.parent is not None and node.parent not in seen:
            seen.add(node.parent)
            node = self.get(node.parent)
            if node is not None:
                out.append(node)
        return tuple(out)

    def contents(self, node_id: str) -> Iterator[Node]:
        """Everything in, inside, on or held by the node, its contents' contents too; nearest to the node first."""
        level, seen = [node_id], {node_id}
        while level:
            below = [child for parent in level for child in self.children(parent) if child.id not in seen]
            seen.update(child.id for child in below)
            yield from below
            level = [child.id for child in below]

    def room_of(self, node_id: str) -> Node | None:
        """The room the node is in; a room is in itself."""
        node = self.get(node_id)
        if node is not None and node.kind == "room":
            return node
        return next((n for n in self.ancestors(node_id) if n.kind == "room"), None)

    def holding(self, robot: str) -> Node | None:
        """What the robot holds, or None."""
        return next((n for n in self.children(robot) if n.relation == "held_by"), None)

    def place(self, node_id: str) -> Point | None:
        """Where the node's centre is, frame `map`, metres: its own pose, or that of the nearest container with one."""
        entry, seen = self._index.entries.get(node_id), {node_id}
        while entry is not None and entry.place is None and entry.parent is not None and entry.parent not in seen:
            seen.add(entry.parent)
            entry = self._index.entries.get(entry.parent)
        return entry.place if entry is not None else None

    def grid(self, type_name: str = "") -> Grid:
        """The spatial index of all nodes that are somewhere, or of one type; built once, then carried along."""
        grid = self._grids.get(type_name)
        if grid is None:
            ids: Iterable[str] = self._index.entries
            if type_name:
                ids = chain.from_iterable(found for _, found in self._grouped(types=(type_name,)))
            places = ((i, self.place(i)) for i in ids)
            grid = self._grids[type_name] = Grid.of((i, *place) for i, place in places if place is not None)
        return grid

    def near(self, pose: Pose, radius_m: float) -> tuple[Node, ...]:
        """Nodes whose centre is within the radius, nearest first; what has no pose is where its container is."""
        found = self.grid().within(pose.x, pose.y, pose.z, radius_m)
        return tuple(self._index.entries[i].node for _, i in found)


def _moved(grid: Grid, what: str, moved: Iterable[tuple[Entry, Point | None]], remove: Iterable[str]) -> Grid:
    """The spatial index after a change, of all nodes or of one type."""
    gone = [i for i in remove if i in grid]
    points: list[tuple[str, float, float, float]] = []
    for entry, place in moved:
        if place is not None and what in ("", entry.group[1]):
            if grid.point(entry.id) != place:
                points.append((entry.id, *place))
        elif entry.id in grid:
            gone.append(entry.id)
    return grid.evolve(points, gone) if points or gone else grid


KINDS: tuple[NodeKind, ...] = ("site", "building", "floor", "room", "receptacle", "object", "robot", "person")
