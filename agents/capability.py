"""Can this robot do this subtask: skills, reach and payload, in one place for planner and dispatcher."""

from __future__ import annotations

from collections.abc import Mapping

from fleetmind.brain import Subtask
from fleetmind.memory import Node, RobotProfile

_TOUCHES = frozenset({
    "pick_up", "place", "open", "close", "toggle_on", "toggle_off", "slice", "pour", "clean", "empty"})


def cannot(profile: RobotProfile, subtask: Subtask, nodes: Mapping[str, Node]) -> str:
    """Why the robot cannot do the subtask, in words; empty when it can."""
    if subtask.robot is not None and subtask.robot != profile.name:
        return f"it is meant for {subtask.robot}"
    missing = [name for name in subtask.skills if profile.skill(name) is None]
    if missing:
        return f"{profile.name} lacks the skill {', '.join(missing)}"
    tired = _too_tired(profile, subtask, nodes)
    if tired:
        return tired
    if subtask.seeks:
        return ""  # a search does what it can reach and says what it could not
    return _too_high(profile, subtask, nodes) or _too_heavy(profile, subtask, nodes)


def _too_tired(profile: RobotProfile, subtask: Subtask, nodes: Mapping[str, Node]) -> str:
    node, battery = nodes.get(profile.name), profile.battery
    charge = node.states.get("battery") if node is not None else None
    if battery is None or not isinstance(charge, float):
        return ""
    left = battery.after(charge, duration_s=subtask.duration_s or 0.0)
    if left >= battery.reserve:
        return ""
    return f"{profile.name}'s battery is at {charge:.0%}; it keeps {battery.reserve:.0%} to get home"


def _too_high(profile: RobotProfile, subtask: Subtask, nodes: Mapping[str, Node]) -> str:
    if not _TOUCHES.intersection(subtask.skills):
        return ""
    for node_id in subtask.nodes:
        node = nodes.get(node_id)
        if node is None or node.pose is None or node.kind in ("room", "site", "robot"):
            continue
        if node.pose.z > profile.reach_m:
            return f"{profile.name} reaches {profile.reach_m:.1f} m, {node.id} is at {node.pose.z:.1f} m"
    return ""


def _too_heavy(profile: RobotProfile, subtask: Subtask, nodes: Mapping[str, Node]) -> str:
    if "pick_up" not in subtask.skills:
        return ""
    for node_id in subtask.nodes:
        node = nodes.get(node_id)
        mass = node.attributes.get("mass_kg") if node is not None and node.is_a("pickupable") else None
        if isinstance(mass, (int, float)) and not isinstance(mass, bool) and mass > profile.payload_kg:
            return f"{profile.name} lifts {profile.payload_kg:g} kg, {node_id} weighs {mass:g} kg"
    return ""
