"""Searching: visit each place, open what is closed, look, close it again; stop when enough has been seen."""

from __future__ import annotations

from fleetmind.brain.plan import Thought
from fleetmind.brain.symbolic.knowledge import SLICES, shuts
from fleetmind.brain.symbolic.situation import GONE, Situation, act, call, done
from fleetmind.memory.scene import Node

_GIVE_UP_AFTER = 2
_WIDE_M = 1.2
_ORDER_COST_M = 0.4
"""How many metres of detour one step in the given order is worth."""


def look_for(here: Situation) -> Thought:
    """The next call of a search."""
    left_open = _left_open(here)
    if left_open is not None:
        return _from_afar(here, left_open) or _close(here, left_open)
    found = [n.id for n in here.scene if _counts(here, n)]
    if here.subtask.seeks_count and len(found) >= here.subtask.seeks_count:
        return done(f"Found {', '.join(found[:8])}.")
    remaining = [(i, n) for i, node_id in enumerate(here.subtask.nodes)
                 if (n := here.node(node_id)) is not None and not _finished(here, n)]
    skipped = [n for n in here.subtask.nodes if (node := here.node(n)) is None or _skipped(here, node)]
    if not remaining:
        text = f"I have looked everywhere I was told to; {len(found)} found."
        return done(f"{text} I could not look into {', '.join(skipped[:20])}." if skipped else text)
    return _visit(here, min(remaining, key=lambda pair: _cost(here, pair))[1])


def _close(here: Situation, node: Node) -> Thought:
    if not here.reachable(node.id) and not here.last_was("navigate_to", node.id) and not here.last_was("open", node.id):
        return act(f"I go back to {node.id} to close it.", call("navigate_to", target=node.id))
    return act(f"I have looked into {node.id} and close it.", call("close", target=node.id))


def _from_afar(here: Situation, node: Node) -> Thought | None:
    """In a second search, look into an open cabinet from further away, too: its back shows only from there."""
    room = here.scene.room_of(node.id)
    if _round(here) < 2 or room is None or here.failed_on(room.id):
        return None
    opening = call("open", target=node.id)
    since = max((i for i, s in enumerate(here.history) if s.call == opening), default=0)
    later = [s.call.skill for s in here.history[since + 1:] if s.outcome.ok]
    if "look_around" in later:
        return None
    if "navigate_to" in later:
        return act(f"I look at {node.id} from here.", call("look_around"))
    return act(f"I step back to see all of {node.id}.", call("navigate_to", target=room.id))


def _counts(here: Situation, node: Node) -> bool:
    if node.confidence < GONE or (node.type in SLICES and node.states.get("sliced") is True):
        return False
    return node.type in here.subtask.seeks


def _cost(here: Situation, pair: tuple[int, Node]) -> tuple[float, int]:
    """Travel, and the place in the given order; a place already begun comes first."""
    index, node = pair
    if here.last_was("navigate_to", node.id):
        return -1.0, index
    pose = here.observation.pose
    travel = pose.distance_m(node.pose) if pose is not None and node.pose is not None else 5.0
    return travel + _ORDER_COST_M * index, index


def _closed(here: Situation, node: Node) -> bool:
    return shuts(node) and here.state(node.id, "open") is not True


def _finished(here: Situation, node: Node) -> bool:
    if node.kind == "room":
        return _looked_around_in(here, node) or _skipped(here, node)
    if _skipped(here, node):
        return True
    if here.looked_into(node) and not _again(here) and not (
            _sides_needed(here, node) and here.succeeded("navigate_to", node.id)):
        return True
    if here.succeeded("open", node.id):
        return True
    if _sides_needed(here, node) and not _looked_around_in(here, node):
        return False
    # Having been there with open eyes is as good as it gets.
    return here.succeeded("navigate_to", node.id) > 0 and not _closed(here, node)


def _sides_needed(here: Situation, node: Node) -> bool:
    """True for what is too wide to be seen at one glance, and for everything in a second search."""
    if _closed(here, node) or not here.has("look_around") or here.succeeded("open", node.id):
        return False
    width_m = max(node.size[0], node.size[1]) if node.size is not None else 0.0
    return _round(here) > 1 or width_m > (_WIDE_M / 2 if _again(here) else _WIDE_M)


def _again(here: Situation) -> bool:
    """True when places are to be looked at even if somebody has looked there before: things may be overlooked."""
    return here.subtask.seeks_count == 0 or _round(here) > 1


def _round(here: Situation) -> int:
    """Which search for the same things this is, from its key `find:types:round/part`."""
    digits = here.subtask.key.rpartition(":")[2].partition("/")[0]
    return int(digits) if digits.isdigit() and len(digits) < 4 else 1


def _skipped(here: Situation, node: Node) -> bool:
    """True for what the robot cannot look into."""
    if node.kind != "room" and here.looked_into(node) and not _again(here):
        return False
    if here.failed_on(node.id) >= _GIVE_UP_AFTER:
        return True
    too_high = node.pose is not None and node.pose.z > here.robot.reach_m
    return _closed(here, node) and (not here.has("open") or too_high)


def _looked_around_in(here: Situation, room: Node) -> bool:
    there = False
    for step in here.history:
        if step.call.skill == "navigate_to" and step.outcome.ok:
            there = room.id in step.call.arguments.values()
        elif there and step.call.skill == "look_around":
            return True
    return False


def _left_open(here: Situation) -> Node | None:
    """What this search has opened and not closed yet, once it has been seen."""
    opened: list[str] = []
    for step in here.history:
        target = str(step.call.arguments.get("target", ""))
        if step.call.skill == "open" and step.outcome.ok and target not in opened:
            opened.append(target)
        elif step.call.skill == "close" and target in opened and (step.outcome.ok or here.failed_on(target) > 1):
            opened.remove(target)
    for target in opened:
        node = here.node(target)
        if node is not None and here.has("close") and here.state(target, "open") is True:
            return node
    return None


def _visit(here: Situation, node: Node) -> Thought:
    if node.kind == "room":
        if here.last_was("navigate_to", node.id):
            return act(f"I am in {node.id} and look around.", call("look_around"))
        return act(f"I go to {node.id} to look around.", call("navigate_to", target=node.id))
    if _closed(here, node) and (here.reachable(node.id) or here.last_was("navigate_to", node.id)):
        return act(f"I open {node.id} to look inside.", call("open", target=node.id))
    if here.last_was("navigate_to", node.id):
        return act(f"I am at {node.id} and look around.", call("look_around"))
    return act(f"I look at {node.id} for {' or '.join(here.subtask.seeks) or 'what is there'}.",
               call("navigate_to", target=node.id))
