"""How one observation reads against what is known: each thing as a node, in which room, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fleetmind.memory.belief.association import is_loose
from fleetmind.memory.robots import Observation, SeenObject
from fleetmind.memory.scene import Node, NodeKind, Pose, Relation, StateValue


def fixed_receptacle(thing: SeenObject) -> bool:
    """True for what holds things and cannot be carried."""
    return thing.attributes.get("receptacle") is True and thing.attributes.get("pickupable") is not True


class Reading:
    """An observation beside the nodes it is about.

    Args:
        seen: the observation.
        nodes: what is known, by node id.
        ids: node id by source id, for all that the observation shows.
        rooms: the rooms, for finding the one around a place.
    """

    def __init__(self, seen: Observation, nodes: Mapping[str, Node], ids: Mapping[str, str],
                 rooms: Sequence[Node]) -> None:
        self.seen, self._nodes, self._ids, self._rooms = seen, nodes, ids, rooms
        self.room = ids.get(seen.room or "") or self._room_around(seen.pose)
        """The room the robot is in: what it says, or the room around its pose."""
        self.visible = frozenset(ids[t.source_id] for t in seen.objects if t.source_id in ids)
        """Node ids of all that is in view."""
        self.looked = frozenset(ids[s] for s in seen.looked_into if s in ids)
        """Node ids of what it has seen the whole content of."""

    def robot(self) -> Node:
        """The robot itself."""
        old = self._nodes.get(self.seen.robot)
        parent = self.room or (old.parent if old else None)
        return Node(
            id=self.seen.robot, kind="robot", type="Robot", parent=parent, relation="in" if parent else None,
            pose=self.seen.pose or (old.pose if old else None), states=self._charge(), source=self.seen.robot,
            last_seen_s=self.seen.world_s, attributes=old.attributes if old else {},
            links=old.links if old else ())

    def _charge(self) -> dict[str, StateValue]:
        """Whole hundredths: a node is not written again for less."""
        return {} if self.seen.battery is None else {"battery": round(self.seen.battery, 2)}

    def thing(self, thing: SeenObject) -> Node:
        """The thing as a node, as this robot sees it."""
        node_id = self._ids[thing.source_id]
        old = self._nodes.get(node_id)
        parent, relation = self._parent(thing, node_id, old)
        kind: NodeKind = old.kind if old else ("receptacle" if fixed_receptacle(thing) else "object")
        attributes = dict(thing.attributes)
        if not is_loose(thing.source_id):
            attributes["source_id"] = thing.source_id
        if thing.appearance is not None:
            attributes["appearance"] = list(thing.appearance)
        return Node(
            id=node_id, kind=kind, type=old.type if old else thing.type, parent=parent, relation=relation,
            pose=thing.pose, size=thing.size, states=thing.states, attributes=attributes, source=self.seen.robot,
            last_seen_s=self.seen.world_s, covariance=thing.covariance)

    def _parent(self, thing: SeenObject, node_id: str, old: Node | None) -> tuple[str | None, Relation | None]:
        if thing.source_id == self.seen.holding:
            return self.seen.robot, "held_by"
        if thing.held and old is not None:
            return old.parent, old.relation  # in somebody's hand; that robot's own observation says in whose
        if old is not None and old.parent is not None and not thing.attributes.get("pickupable"):
            return old.parent, old.relation  # what cannot be carried stays where the building plan has it
        parent = self._ids.get(thing.parent or "") or (thing.parent if thing.parent in self._nodes else None)
        if parent is not None and thing.relation is not None and parent != node_id:
            return parent, thing.relation
        room = self._room_around(thing.pose) or self.room
        if room is None and old is not None and old.relation != "held_by":
            return old.parent, old.relation
        return (room, "in") if room else (None, None)

    def _room_around(self, pose: Pose | None) -> str | None:
        for node in self._rooms if pose is not None else ():
            if node.pose is not None and node.size is not None and pose is not None and (
                    abs(pose.x - node.pose.x) <= node.size[0] / 2 and abs(pose.y - node.pose.y) <= node.size[1] / 2):
                return node.id
        return None

    def let_go(self, known: Iterable[Node]) -> Iterator[Node]:
        """What the robot held and holds no more, not in view either."""
        for node in known:
            if node.relation == "held_by" and node.parent == self.seen.robot and node.id not in self.visible:
                yield node

    def missing(self, known: Iterable[Node]) -> Iterator[Node]:
        """What should be in a receptacle whose whole content is in view, and is not.

        Only what can be carried may have gone; a lamp that is not in view is still on its table.
        """
        for node in known:
            if node.parent in self.looked and node.id not in self.visible and node.is_a("pickupable"):
                yield node


def relation_to(holder: Node) -> Relation:
    """`inside` what can be shut or is hollow, `on` anything else."""
    return "inside" if holder.is_a("openable") or holder.type in ("GarbageCan", "LaundryHamper") else "on"
