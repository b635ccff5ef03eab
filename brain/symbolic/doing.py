"""Towards effects: take, put, open, switch, pour, wipe, and wait for what takes its time."""

from __future__ import annotations

import math

from fleetmind.brain.plan import Thought
from fleetmind.brain.symbolic.knowledge import accepts, can, shuts
from fleetmind.brain.symbolic.situation import GONE, Situation, act, call, done, stuck
from fleetmind.memory.facts import Fact
from fleetmind.memory.scene import Node

_MAX_WAITS = 4
_MAX_RUNS = 2
_PROCESSED = ("temperature", "cooked", "dirty", "filled")


def towards(here: Situation) -> Thought:
    """The next call towards the first effect that does not hold yet."""
    for fact in here.subtask.effects:
        if here.holds(fact):
            continue
        thought = _towards(here, fact)
        if thought is not None:
            return thought
    missing = [f.text() for f in here.subtask.effects if not here.holds(f)]
    first = here.node(next(f for f in here.subtask.effects if not here.holds(f)).node)
    if first is not None and not here.succeeded("navigate_to", first.id) and here.holding != first.id:
        return act(f"I look at {first.id} again.", call("navigate_to", target=first.id))
    return stuck(f"I did what I could, but this does not hold: {'; '.join(missing)}.")


def _towards(here: Situation, fact: Fact) -> Thought | None:
    node = here.node(fact.node)
    if node is None:
        return stuck(f"I know nothing of {fact.node}.")
    if fact.relation == "held_by":
        return _take(here, node)
    if fact.target is not None:
        return _put(here, node, fact.target)
    if fact.state == "open":
        return _handle(here, node, "open" if fact.value is True else "close")
    if fact.state == "on":
        return _handle(here, node, "toggle_on" if fact.value is True else "toggle_off")
    if fact.state in _PROCESSED:
        return _process(here, node, fact)
    return stuck(f"I know no way to bring about {fact.text()}.")


def _go(here: Situation, node: Node) -> Thought | None:
    """Drive there, unless it is within reach already."""
    if here.reachable(node.id) or here.last_was("navigate_to", node.id):
        return None
    return act(f"I go to {node.id}.", call("navigate_to", target=node.id))


def _open_around(here: Situation, node: Node) -> Thought | None:
    """Open the closed thing around or at the end of the way."""
    for around in (node, *here.scene.ancestors(node.id)):
        if not shuts(around) or here.state(around.id, "open") is True:
            continue
        if around is node and node.type == "Box" and here.holding == node.id:
            continue
        if not here.has("open"):
            return stuck(f"{around.id} is closed and I cannot open it.")
        return _go(here, around) or act(f"{around.id} is closed; I open it.", call("open", target=around.id))
    return None


def _take(here: Situation, node: Node) -> Thought:
    if here.holding == node.id:
        return stuck(f"I hold {node.id} already.")
    if here.holding is not None:
        return _free_hand(here)
    if node.relation == "held_by":
        return stuck(f"{node.parent} holds {node.id}.")
    target = next((f.target for f in here.subtask.effects if f.node == node.id and f.target is not None), None)
    if target is not None and here.last_was("place", target) and not here.reachable(node.id):
        return done(f"I have put {node.id} there; it cannot be seen from here.")
    if node.confidence < GONE and not here.reachable(node.id) and here.succeeded("navigate_to", node.id):
        if here.succeeded("look_around") or not here.has("look_around"):
            return stuck(f"{node.id} is not where it was.")
        return act(f"I do not see {node.id}; I look around.", call("look_around"))
    parents = here.scene.ancestors(node.id)
    closed = _open_around(here, parents[0]) if parents and parents[0].kind != "room" else None
    return closed or _go(here, node) or act(f"I take {node.id}.", call("pick_up", object=node.id))


def _put(here: Situation, node: Node, target_id: str) -> Thought:
    if here.holding != node.id:
        return _take(here, node)
    target = here.node(target_id)
    if target is None:
        return stuck(f"I know nothing of {target_id}.")
    going = _go(here, target)
    return going or _open_around(here, target) or act(
        f"I put {node.id} into {target.id}." if shuts(target) else f"I put {node.id} on {target.id}.",
        call("place", target=target.id))


def other_side(here: Situation, target_id: str) -> str | None:
    """Something fixed beyond the target, as seen from here: from there its other end is nearest."""
    target, pose = here.node(target_id), here.observation.pose
    if target is None or target.pose is None or pose is None:
        return None
    x, y = 2 * target.pose.x - pose.x, 2 * target.pose.y - pose.y
    room = here.scene.room_of(target_id)
    options = [(math.dist((x, y), (n.pose.x, n.pose.y)), n.id) for n in here.scene
               if n.pose is not None and n.id != target_id and n.kind != "room" and not can(n, "pickupable")
               and n.id != here.robot.name and not here.reachable(n.id) and here.scene.room_of(n.id) == room
               and here.failed_on(n.id) == 0 and here.succeeded("navigate_to", n.id) == 0
               and target_id not in {a.id for a in here.scene.ancestors(n.id)}]
    return min(options)[1] if options else None


def _free_hand(here: Situation) -> Thought:
    """Put down what is in the way of taking something else."""
    held = here.node(here.holding or "")
    room = here.scene.room_of(here.robot.name)
    if held is not None and here.has("place"):
        options = [n for n in here.scene if accepts(n.type, held.type) and not shuts(n)
                   and n.kind != "room" and (n.pose is None or n.pose.z <= here.robot.reach_m)
                   and not can(n, "pickupable") and here.failed_on(n.id) < 2]
        pose = here.observation.pose
        options.sort(key=lambda n: (
            not here.reachable(n.id), room is not None and here.scene.room_of(n.id) != room,
            pose.distance_m(n.pose) if pose is not None and n.pose is not None else 99.0, n.id))
        if options:
            return _go(here, options[0]) or act(
                f"My hand is full; I put {held.id} on {options[0].id}.", call("place", target=options[0].id))
    if here.has("drop"):
        return act("My hand is full and there is no place near; I let go.", call("drop"))
    return stuck("My hand is full.")


def _handle(here: Situation, node: Node, skill: str) -> Thought | None:
    if not here.has(skill):
        return stuck(f"{skill} is not among my skills.")
    for around in here.scene.ancestors(node.id):
        if around.kind in ("room", "robot"):
            break
        blocked = _open_around(here, around)
        if blocked is not None:
            return blocked
    words = {"toggle_on": "switch it on", "toggle_off": "switch it off"}.get(skill, f"{skill} it")
    return _go(here, node) or act(f"I am at {node.id}; I {words}.", call(skill, target=node.id))


def _process(here: Situation, node: Node, fact: Fact) -> Thought | None:
    """Make something clean, hot, cold, cooked, filled or empty, by tool, tap, appliance or patience."""
    skills = here.subtask.skills
    if fact.state == "dirty" and "clean" in skills:
        return _open_around_of(here, node) or _go(here, node) or act(
            f"I wipe {node.id}.", call("clean", object=node.id))
    if fact.state == "filled" and fact.value is False and "empty" in skills:
        if here.holding != node.id:
            going = _open_around_of(here, node) or _go(here, node)
            if going is not None:
                return going
        return act(f"I pour away what is in {node.id}.", call("empty", object=node.id))
    if fact.state == "filled" and "pour" in skills:
        return _pour(here, node)
    switch = next((n for i in here.subtask.nodes if i != node.id and (n := here.node(i)) is not None
                   and can(n, "toggleable")), None)
    if switch is not None and here.has("toggle_on"):
        return _run(here, switch, node)
    if "open" in skills and not here.succeeded("navigate_to", node.id):
        return None
    return _wait(here, f"I wait for {fact.text()}.")


def _open_around_of(here: Situation, node: Node) -> Thought | None:
    parents = here.scene.ancestors(node.id)
    return _open_around(here, parents[0]) if parents and parents[0].kind not in ("room", "robot") else None


def _pour(here: Situation, target: Node) -> Thought:
    vessel = next((n for i in here.subtask.nodes if i != target.id and (n := here.node(i)) is not None
                   and can(n, "fillable") and can(n, "pickupable")), None)
    if vessel is None:
        return stuck("there is no vessel to pour from.")
    if here.holding != vessel.id:
        return _take(here, vessel)
    return _go(here, target) or act(f"I pour {vessel.id} over {target.id}.", call("pour", target=target.id))


def _run(here: Situation, switch: Node, node: Node) -> Thought | None:
    """Switch on, give it a moment where the effect can be seen, and leave the switching off to the next effect."""
    running = here.state(switch.id, "on") is True
    runs = here.succeeded("toggle_on", switch.id)
    if running:
        hidden = can(switch, "openable") and here.state(switch.id, "open") is not True
        if hidden or here.succeeded("wait") >= _MAX_WAITS:
            return None
        return _go(here, switch) or _wait(here, f"I wait for {node.id}.")
    if runs and can(switch, "openable") and here.state(switch.id, "open") is not True:
        return None  # it ran; the next effect opens it, and then it can be seen
    if runs >= _MAX_RUNS:
        return None
    if runs and not here.last_was("navigate_to", node.id) and here.succeeded("navigate_to", node.id) < runs:
        return act(f"I look whether {node.id} is ready.", call("navigate_to", target=node.id))
    if shuts(switch) and here.state(switch.id, "open") is True:
        return _handle(here, switch, "close")
    return _handle(here, switch, "toggle_on")


def _wait(here: Situation, text: str) -> Thought | None:
    if here.has("wait") and here.succeeded("wait") < _MAX_WAITS:
        return act(text, call("wait", seconds=5.0))
    return None
