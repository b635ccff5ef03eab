"""The lines of a context. Each tells of one thing, on one line whatever its name is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fleetmind.memory.nodes import Node
from fleetmind.memory.retrieval.naming import listed, name
from fleetmind.memory.retrieval.past import states_text
from fleetmind.memory.robots import RobotProfile
from fleetmind.memory.scene import Scene

FLAGS = ("pickupable", "openable", "toggleable")
UNSURE = 0.5
"""Below this confidence a line says how sure it is."""


def thing_line(node: Node, room: Node | None) -> tuple[str, str]:
    """The heading under which one thing stands, and its line: id, type, what it is in, states, what can be done."""
    beyond = node.parent if room is None or node.parent != room.id else None
    where = f" {node.relation} {name(beyond)}" if beyond is not None else ""
    states, flags = states_text(node.states), [flag for flag in FLAGS if node.is_a(flag)]
    line = f"- {name(node.id)} ({name(node.type)}){where}" + (f" [{states}]" if states else "") + (
        f" <{' '.join(flags)}>" if flags else "") + (
        f" {node.confidence:.0%} sure" if node.confidence < UNSURE else "")
    return (f"In {name(room.id)}:" if room is not None else "In no known room:"), line


def grouped(lines: Iterable[tuple[str, str]]) -> list[str]:
    """The lines below their headings, in the order in which those appear first."""
    groups: dict[str, list[str]] = {}
    for heading, line in lines:
        groups.setdefault(heading, []).append(line)
    return [line for heading, below in groups.items() for line in (heading, *below)]


def room_line(rooms: Sequence[Node], limit: int) -> str:
    """The rooms that matter."""
    return f"Rooms: {listed([f'{name(n.id)} ({name(n.type)})' for n in rooms], limit) or 'none known'}."


def robot_lines(scene: Scene, robots: Sequence[str], profiles: Mapping[str, RobotProfile], limit: int) -> list[str]:
    """A line for each robot, as many as fit into so many bytes, and how many more there are."""
    lines: list[str] = []
    left = limit - 30
    for robot in robots:
        line = _robot_line(scene, robot, profiles.get(robot))
        left -= len(line.encode()) + 1
        if left < 0:
            more = len(robots) - len(lines)
            return [*lines, f"... and {more} more robots." if lines else f"{more} robots."]
        lines.append(line)
    return lines


def _robot_line(scene: Scene, robot: str, profile: RobotProfile | None) -> str:
    room, held = scene.room_of(robot), scene.holding(robot)
    line = (f"Robot {name(robot)} in {name(room.id) if room else 'an unknown room'}, "
            f"holds {name(held.id) if held else 'nothing'}")
    if profile is not None:
        line += (f", reach {profile.reach_m} m, payload {profile.payload_kg} kg, can "
                 + ", ".join(skill.name for skill in profile.skills))
    return line + "."


def not_shown_line(hidden: Counter[str], limit: int) -> str:
    """How many things are known and not shown, and of which types most."""
    total = hidden.total()
    most = sorted(hidden.items(), key=lambda entry: (-entry[1], entry[0]))
    types = listed([f"{count} {name(type_name)}" for type_name, count in most], limit)
    return f"Not shown: {total}" + (f" ({types})" if total and types else "") + "."
