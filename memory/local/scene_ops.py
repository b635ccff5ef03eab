"""What each scene operation checks and changes. `valkey/fleetmind.lua` is the same, where the data is shared."""

from __future__ import annotations

from collections.abc import Mapping

from fleetmind.memory import inputs
from fleetmind.memory.local import shift
from fleetmind.memory.local.state import LocalState
from fleetmind.memory.model import JsonValue
from fleetmind.memory.nodes import Node, Pose, Relation, StateValue
from fleetmind.memory.records import node_data
from fleetmind.memory.refusals import refusal
from fleetmind.memory.store import Change


def apply(state: LocalState, change: Change, expected: Mapping[str, int]) -> int:
    """Check everything, then write everything."""
    wrong = {i: v for i, v in expected.items() if _version(state, i) != v}
    if wrong:
        actual = {i: _version(state, i) for i in wrong}
        raise refusal("SCENE_CONFLICT", f"expected versions {wrong!r:.300}, the store has {actual!r:.300}: read again",
                      expected=wrong, actual=actual)
    return write(state, "apply", change)


def write(state: LocalState, op: str, change: Change) -> int:
    """Write a change whose own preconditions hold, if the graph stays a forest."""
    check_change(state, change)
    return write_checked(state, op, change)


def write_checked(state: LocalState, op: str, change: Change) -> int:
    """Write a change that `check_change` has let pass."""
    removed = [i for i in change.remove if i in state.nodes]
    if not change.put and not removed:
        return state.seq
    version = state.seq + 1
    was: dict[str, JsonValue] = {}
    put = [node.model_copy(update={"version": version}) for node in change.put]
    for node in put:
        before = state.nodes.get(node.id)
        was[node.id] = before.version if before else state.gone.pop(node.id, 0)
        _relink(state, before, node)
        state.nodes[node.id] = node
    for node_id in removed:
        old = state.nodes.pop(node_id)
        was[node_id] = old.version
        state.gone[node_id] = version
        _relink(state, old, None)
    return state.emit("scene", change.source, {
        "op": op, "put": [node_data(n) for n in put], "remove": list(removed), "was": was})


def write_one(state: LocalState, op: str, node: Node, source: str) -> int:
    """Write one node, and the poses of what it contains."""
    before = state.nodes[node.id]
    put = [node]
    if state.kids.get(node.id):
        check_change(state, Change(put=(node,)))  # before walking: no cycle
        put += shift.carried(state.nodes, state.kids, before, node, source)
    return write(state, op, Change(put=tuple(put), source=source))


def move(state: LocalState, node_id: str, relation: Relation, parent: str, pose: Pose | None, source: str) -> int:
    """Give a node that nobody holds a new parent."""
    node = _known(state, node_id)
    _known(state, parent)
    _refuse_hand(relation)
    if node.relation == "held_by":
        raise refusal("SCENE_HELD", f"{node_id!r} is held by {node.parent!r}: let it place the thing",
                      expected={node_id: None}, actual={node_id: node.parent})
    return write_one(state, "move", _at(node, relation, parent, pose, source), source)


def grasp(state: LocalState, robot: str, node_id: str) -> int:
    """The robot takes the node."""
    holder, node = _known(state, robot), _known(state, node_id)
    if holder.kind != "robot":
        raise refusal("SCENE_INVARIANT", f"{robot!r} is a {holder.kind}: only a robot can grasp")
    if node.relation == "held_by":
        if node.parent == robot:
            return state.seq
        raise refusal("SCENE_HELD", f"{node_id!r} is held by {node.parent!r}, {robot!r} cannot take it",
                      expected={node_id: robot}, actual={node_id: node.parent})
    if node.kind not in ("object", "receptacle"):
        raise refusal("SCENE_INVARIANT", f"{node_id!r} is a {node.kind}: only objects and receptacles can be grasped")
    if state.hands.get(robot):
        held = state.hands[robot][0]
        raise refusal("SCENE_HAND_FULL", f"{robot!r} holds {held!r}, it must place that before it takes {node_id!r}",
                      expected={robot: None}, actual={robot: held})
    return write_one(state, "grasp", _at(node, "held_by", robot, None, robot), robot)


def place(state: LocalState, robot: str, node_id: str, relation: Relation, parent: str, pose: Pose | None) -> int:
    """The robot puts down what it holds."""
    node = _known(state, node_id)
    _known(state, parent)
    _refuse_hand(relation)
    if node.relation != "held_by" or node.parent != robot:
        holder = node.parent if node.relation == "held_by" else None
        raise refusal("SCENE_NOT_HELD", f"{robot!r} does not hold {node_id!r}: it must grasp it first",
                      expected={node_id: robot}, actual={node_id: holder})
    return write_one(state, "place", _at(node, relation, parent, pose, robot), robot)


def set_states(state: LocalState, node_id: str, states: dict[str, StateValue], require: dict[str, StateValue],
               source: str) -> int:
    """Merge states into the node if the required ones hold."""
    node = _known(state, node_id)
    # Types count: 1.0 is not True, though Python says they are equal.
    wrong = {k: v for k, v in require.items() if (type(v), v) != (type(node.states.get(k, False)),
                                                                 node.states.get(k, False))}
    if wrong:
        actual = {k: node.states.get(k, False) for k in wrong}
        raise refusal("SCENE_CONFLICT", f"{node_id!r} must have {wrong!r:.300} but has {actual!r:.300}",
                      expected=wrong, actual=actual)
    if not states:
        return state.seq
    merged = dict(sorted({**node.states, **states}.items()))
    return write_one(state, "set_states", node.model_copy(update={"states": merged, "source": source}), source)


def set_open(state: LocalState, node_id: str, opened: bool, source: str) -> int:
    """Open or close what is openable."""
    node = _known(state, node_id)
    if not node.is_a("openable"):
        raise refusal("SCENE_INVARIANT", f"{node_id!r} is not openable: only what has the attribute can be opened or "
                                         "closed")
    if (node.states.get("open") is True) == opened:
        return state.seq
    states = dict(sorted({**node.states, "open": opened}.items()))
    return write_one(state, "open" if opened else "close",
                     node.model_copy(update={"states": states, "source": source}), source)


def check_change(state: LocalState, change: Change) -> None:
    """Raise unless the graph stays a forest of known nodes after the change."""
    new: dict[str, Node | None] = dict.fromkeys(change.remove)
    for node in change.put:
        if node.id in new:
            raise refusal("SCENE_INVARIANT", f"{node.id!r} stands twice in one change: a node is in one place")
        inputs.node_tail(node)
        _check_same_thing(state.nodes.get(node.id), node)
        new[node.id] = node
    kids: dict[str, int] = {}
    rooted: set[str] = set()
    for node_id, after in new.items():
        before = state.nodes.get(node_id)
        was, now = before.parent if before else None, after.parent if after else None
        if was != now:
            if was is not None:
                kids[was] = kids.get(was, 0) - 1
            if now is not None:
                kids[now] = kids.get(now, 0) + 1
        if after is not None and now is not None and (was != now or before is None or
                                                      before.relation != after.relation):
            _check_parent(state, new, after, now, rooted)
    for node_id in change.remove:
        if node_id in state.nodes and len(state.kids.get(node_id, ())) + kids.get(node_id, 0) > 0:
            raise refusal("SCENE_INVARIANT", f"{node_id!r} still contains nodes: move or remove them in the same "
                                             "change")


def _check_same_thing(before: Node | None, after: Node) -> None:
    if before is None:
        return
    if before.kind != after.kind:
        raise refusal("SCENE_INVARIANT", f"{after.id!r} is a {before.kind}, it cannot become a {after.kind}: give the "
                                         "new thing a new id")
    if before.relation == after.relation == "held_by" and before.parent != after.parent:
        raise refusal("SCENE_HELD", f"{after.id!r} is held by {before.parent!r}, {after.parent!r} cannot take it",
                      expected={after.id: after.parent}, actual={after.id: before.parent})


def _check_parent(state: LocalState, new: Mapping[str, Node | None], node: Node, parent: str,
                  rooted: set[str]) -> None:
    holder = _after(state, new, parent)
    if holder is None:
        raise refusal("SCENE_INVARIANT", f"parent {parent!r} of {node.id!r} is not in the scene: put it first or in "
                                         "the same change")
    if node.relation == "held_by" and holder.kind not in ("robot", "person"):
        raise refusal("SCENE_INVARIANT", f"{node.id!r} cannot be held by {parent!r}, which is a {holder.kind}")
    path: set[str] = set()
    at: Node | None = node
    while at is not None and at.id not in rooted:
        if at.id in path:
            raise refusal("SCENE_INVARIANT", f"{node.id!r} would contain itself: {sorted(path)!r:.300}")
        path.add(at.id)
        at = _after(state, new, at.parent) if at.parent is not None else None
    rooted |= path


def _after(state: LocalState, new: Mapping[str, Node | None], node_id: str) -> Node | None:
    return new[node_id] if node_id in new else state.nodes.get(node_id)


def _version(state: LocalState, node_id: str) -> int:
    node = state.nodes.get(node_id)
    return node.version if node else 0


def _known(state: LocalState, node_id: str) -> Node:
    node = state.nodes.get(node_id)
    if node is None:
        raise refusal("SCENE_UNKNOWN", f"{node_id!r} is not in the scene")
    return node


def _refuse_hand(relation: Relation) -> None:
    if relation not in ("in", "inside", "on"):
        raise refusal("SCENE_INVARIANT", f"relation {relation!r} is not one of in, inside, on: a robot takes things by "
                                         "grasp")


def _at(node: Node, relation: Relation, parent: str, pose: Pose | None, source: str) -> Node:
    inputs.pose(pose)
    # A pose that was true at the old place is worse than none: readers then take the parent's.
    if parent == node.id:
        raise refusal("SCENE_INVARIANT", f"{node.id!r} would contain itself")
    stays = (node.parent, node.relation) == (parent, relation)
    return node.model_copy(update={"parent": parent, "relation": relation, "source": source,
                                   "pose": pose or (node.pose if stays else None)})


def _relink(state: LocalState, before: Node | None, after: Node | None) -> None:
    if before is not None and before.parent is not None:
        state.kids[before.parent].discard(before.id)
        if before.relation == "held_by":
            state.hands[before.parent].remove(before.id)
    if after is not None and after.parent is not None:
        state.kids.setdefault(after.parent, set()).add(after.id)
        if after.relation == "held_by":
            state.hands.setdefault(after.parent, []).append(after.id)
