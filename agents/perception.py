"""From observations to the scene graph: name what is new, update what moved, doubt what is gone.

Only the fleet service writes observations, so ids are given out in one place: `mug-3` for the third mug.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fleetmind.memory import (
    Change,
    Conflict,
    FleetmindError,
    Node,
    NodeKind,
    Observation,
    Pose,
    Relation,
    Scene,
    SceneStore,
    SeenObject,
    StateValue,
)

_MOVED_M = 0.03
_GONE_CONFIDENCE = 0.3


def node_name(type_name: str) -> str:
    """`SinkBasin` -> `sinkbasin`; anything else than letters and digits is dropped."""
    return re.sub(r"[^a-z0-9]", "", type_name.lower()) or "thing"


class Perception:
    """Turns observations into changes of the scene graph, and writes them.

    Args:
        store: the site's scene store.
    """

    def __init__(self, store: SceneStore) -> None:
        self._store = store
        self._ids: dict[str, str] = {}
        self._nodes: dict[str, Node] = {}
        self._counters: dict[str, int] = {}
        self.version = 0
        """Version of the last write made here."""

    @property
    def nodes(self) -> dict[str, Node]:
        """Every node as last read or written here; do not change it."""
        return self._nodes

    def scene(self) -> Scene:
        """The scene as this writer knows it."""
        return Scene(self._nodes.values(), version=self.version)

    def load(self, scene: Scene) -> None:
        """Start from a scene, after a start or a conflict."""
        self._nodes = dict(scene.nodes)
        self.version = scene.version
        self._ids = {str(n.attributes["source_id"]): n.id for n in scene if "source_id" in n.attributes}
        self._counters = {}
        for node in scene:
            match = re.fullmatch(r"([a-z0-9]+)-(\d+)", node.id)
            if match:
                stem = match.group(1)
                self._counters[stem] = max(self._counters.get(stem, 0), int(match.group(2)))

    def node_id(self, source_id: str | None) -> str | None:
        """Our id of a source's id, where it has been seen."""
        return self._ids.get(source_id) if source_id else None

    def _new_id(self, type_name: str) -> str:
        stem = node_name(type_name)
        self._counters[stem] = self._counters.get(stem, 0) + 1
        return f"{stem}-{self._counters[stem]}"

    async def ingest(self, seen: Observation, *, placed_in: str | None = None) -> int:
        """Write what an observation shows; returns the version after it.

        Args:
            seen: the observation.
            placed_in: node in or on which the robot says it has just put what it held; it decides where a thing
                is that cannot be seen any more, as in a bin.

        Raises:
            Conflict: a grasp that another robot's grasp forbids.
            StoreUnavailable: nothing was written.
        """
        changed: dict[str, Node] = {}
        self._robot_node(seen, changed)
        for thing in seen.objects:
            if thing.source_id not in self._ids:
                self._ids[thing.source_id] = self._new_id(thing.type)
        for thing in seen.objects:
            self._thing(thing, seen, changed)
        self._gone(seen, changed, placed_in)
        self._looked(seen, changed)
        held = self.node_id(seen.holding)
        grasped = held if held is not None and not self._held_by(held, seen.robot) else None
        if grasped is not None:
            # The grasp itself goes through the semantic operation, which refuses a second holder.
            if seen.robot not in self._nodes:
                await self._write([changed[i] for i in self._closure(seen.robot, changed)])
            if grasped not in self._nodes:
                await self._write([changed[i] for i in self._closure(grasped, changed)])
            self.version = await self._store.grasp(seen.robot, grasped)
        if held is not None and held in changed:
            changed[held] = changed[held].model_copy(update={"parent": seen.robot, "relation": "held_by"})
        await self._write(changed.values())
        return self.version

    def _closure(self, node_id: str, changed: dict[str, Node]) -> list[str]:
        """The node and those of its unwritten ancestors that must be written with it, top first."""
        out: list[str] = []
        current: str | None = node_id
        while current is not None and current in changed and current not in out:
            out.append(current)
            current = changed[current].parent
        return out[::-1]

    def _held_by(self, node_id: str, robot: str) -> bool:
        node = self._nodes.get(node_id)
        return node is not None and node.relation == "held_by" and node.parent == robot

    async def _write(self, nodes: Iterable[Node]) -> None:
        put = tuple(node for node in nodes if self._differs(node))
        if not put:
            return
        self.version = await self._store.apply(Change(put=put, source=put[0].source))
        for node in put:
            self._nodes[node.id] = node.model_copy(update={"version": self.version})

    def _differs(self, node: Node) -> bool:
        old = self._nodes.get(node.id)
        if old is None:
            return True
        if (old.parent, old.relation, old.states) != (node.parent, node.relation, node.states):
            return True
        if old.confidence != node.confidence or old.attributes != node.attributes:
            return True
        if (old.pose is None) != (node.pose is None):
            return True
        return old.pose is not None and node.pose is not None and old.pose.distance_m(node.pose) > _MOVED_M

    def _robot_node(self, seen: Observation, changed: dict[str, Node]) -> None:
        room = self._room(seen)
        old = self._nodes.get(seen.robot)
        parent = room or (old.parent if old else None)
        changed[seen.robot] = Node(
            id=seen.robot, kind="robot", type="Robot", parent=parent, relation="in" if parent else None,
            pose=seen.pose or (old.pose if old else None), states={}, source=seen.robot,
            last_seen_s=seen.world_s, attributes=old.attributes if old else {},
        )

    def _thing(self, thing: SeenObject, seen: Observation, changed: dict[str, Node]) -> None:
        node_id = self._ids[thing.source_id]
        old = self._nodes.get(node_id)
        parent, relation = self._parent(thing, seen, old)
        kind: NodeKind = old.kind if old else ("receptacle" if _fixed_receptacle(thing) else "object")
        states: dict[str, StateValue] = dict(thing.states)
        if old is not None and "searched" in old.states:
            states["searched"] = old.states["searched"]
        attributes = {**(old.attributes if old else {}), **thing.attributes, "source_id": thing.source_id}
        changed[node_id] = Node(
            id=node_id, kind=kind, type=thing.type, parent=parent, relation=relation,
            pose=thing.pose or (old.pose if old else None), size=thing.size or (old.size if old else None),
            states=states, attributes=attributes, source=seen.robot, last_seen_s=seen.world_s,
        )

    def _parent(self, thing: SeenObject, seen: Observation, old: Node | None) -> tuple[str | None, Relation | None]:
        if thing.source_id == seen.holding:
            return seen.robot, "held_by"
        if thing.held and old is not None:
            return old.parent, old.relation  # in somebody's hand; that robot's own observation says in whose
        if old is not None and old.parent is not None and not thing.attributes.get("pickupable"):
            return old.parent, old.relation  # what cannot be carried stays where the building plan has it
        parent = self._ids.get(thing.parent or "") or (thing.parent if thing.parent in self._nodes else None)
        if parent is not None and thing.relation is not None and parent != self._ids[thing.source_id]:
            return parent, thing.relation
        room = self._room_around(thing.pose) or self._room(seen)
        if room is None and old is not None and old.relation != "held_by":
            return old.parent, old.relation
        return (room, "in") if room else (None, None)

    def _room(self, seen: Observation) -> str | None:
        """The room a robot is in: what it says, or the room around its pose."""
        return self.node_id(seen.room) or self._room_around(seen.pose)

    def _room_around(self, pose: Pose | None) -> str | None:
        """The room a place is in."""
        for node in self._nodes.values() if pose is not None else ():
            if node.kind == "room" and node.pose is not None and node.size is not None and pose is not None and (
                    abs(pose.x - node.pose.x) <= node.size[0] / 2 and abs(pose.y - node.pose.y) <= node.size[1] / 2):
                return node.id
        return None

    def _gone(self, seen: Observation, changed: dict[str, Node], placed_in: str | None) -> None:
        """What we believed in a receptacle whose whole content is in view, and is not there, is somewhere else."""
        looked = {self._ids[s] for s in seen.looked_into if s in self._ids}
        visible = {self._ids[t.source_id] for t in seen.objects}
        room = self._room(seen)
        for node in list(self._nodes.values()):
            held_no_more = node.relation == "held_by" and node.parent == seen.robot and node.id not in visible
            # Only what can be carried may have gone; a lamp that is not in view is still on its table.
            missing = node.parent in looked and node.id not in visible and node.is_a("pickupable")
            if held_no_more and placed_in in self._nodes and node.id not in changed:
                changed[node.id] = node.model_copy(update={
                    "parent": placed_in, "relation": _relation_to(self._nodes[placed_in]), "confidence": 0.8,
                    "source": seen.robot})
            elif (missing or held_no_more) and node.id not in changed:
                changed[node.id] = node.model_copy(update={
                    "parent": room, "relation": "in" if room else None, "confidence": _GONE_CONFIDENCE,
                    "source": seen.robot,
                })

    def _looked(self, seen: Observation, changed: dict[str, Node]) -> None:
        for source in seen.looked_into:
            node_id = self._ids.get(source)
            node = changed.get(node_id) or self._nodes.get(node_id) if node_id else None
            if node is not None and node.states.get("searched") is not True:
                changed[node.id] = node.model_copy(
                    update={"states": {**node.states, "searched": True}, "source": seen.robot})

    async def recover(self) -> None:
        """Read the scene anew, after a conflict or a lost server."""
        self.load(await self._store.snapshot())

    async def ingest_or_recover(self, seen: Observation, *, placed_in: str | None = None) -> tuple[int, str]:
        """`ingest`; on a conflict the scene is read anew and the observation tried once more.

        Returns:
            The version, and an empty string or what was refused.
        """
        try:
            return await self.ingest(seen, placed_in=placed_in), ""
        except Conflict as first:
            await self.recover()
            try:
                return await self.ingest(seen, placed_in=placed_in), ""
            except FleetmindError:
                return self.version, str(first)
        except FleetmindError as error:
            if error.code == "STORE_UNAVAILABLE":
                raise
            await self.recover()
            return self.version, str(error)


def _relation_to(holder: Node) -> Relation:
    """`inside` what can be shut or is hollow, `on` anything else."""
    return "inside" if holder.is_a("openable") or holder.type in ("GarbageCan", "LaundryHamper") else "on"


def _fixed_receptacle(thing: SeenObject) -> bool:
    return thing.attributes.get("receptacle") is True and thing.attributes.get("pickupable") is not True


def seed_nodes(rooms: Iterable[tuple[str, str, Pose, tuple[float, float, float]]],
               furniture: Iterable[tuple[SeenObject, str]], *, site: str = "site") -> tuple[Node, ...]:
    """Nodes of a building plan: the site, its rooms, and what is fixed in them.

    Args:
        rooms: source id, type, centre and size of each room.
        furniture: each thing with the source id of its room.
        site: id of the root node.
    """
    counters: dict[str, int] = {}
    ids: dict[str, str] = {}

    def new_id(type_name: str) -> str:
        stem = node_name(type_name)
        counters[stem] = counters.get(stem, 0) + 1
        return f"{stem}-{counters[stem]}"

    nodes = [Node(id=site, kind="site", type="Site")]
    for source_id, type_name, pose, size in rooms:
        ids[source_id] = new_id(type_name)
        nodes.append(Node(id=ids[source_id], kind="room", type=type_name, parent=site, relation="in", pose=pose,
                          size=size, attributes={"source_id": source_id}))
    things = list(furniture)
    for thing, _ in things:
        ids[thing.source_id] = new_id(thing.type)
    for thing, room in things:
        parent = ids.get(thing.parent or "") or ids.get(room) or site
        relation: Relation = thing.relation if thing.parent in ids and thing.relation else "in"
        attributes = {**thing.attributes, "source_id": thing.source_id}
        controls = attributes.get("controls")
        if isinstance(controls, list):
            attributes["controls"] = [ids[str(c)] for c in controls if str(c) in ids]
        nodes.append(Node(
            id=ids[thing.source_id], kind="receptacle" if _fixed_receptacle(thing) else "object", type=thing.type,
            parent=parent, relation=relation, pose=thing.pose, size=thing.size, states=thing.states,
            attributes=attributes))
    return tuple(nodes)
