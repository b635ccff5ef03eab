"""What a picture tells of a node in words."""

from __future__ import annotations

from fleetmind.memory.interchange.picture.markup import clean
from fleetmind.memory.scene import Node, Scene


def details(node: Node, scene: Scene) -> list[tuple[str, str]]:
    """What there is to say: names of lines and their words, one line each."""
    lines = [("type", f"{node.type} ({node.kind})"), ("where", _where(node)),
             ("states", ", ".join(f"{key}={_value(value)}" for key, value in sorted(node.states.items()))),
             ("confidence", f"{node.confidence:.2f}" if node.confidence < 1 else "certain"),
             ("last seen", "never (from the plan)" if node.last_seen_s is None else f"at {node.last_seen_s:.1f} s"),
             ("source", node.source)]
    if node.pose is not None:
        lines.append(("position", f"{node.pose.x:.2f}, {node.pose.y:.2f}, {node.pose.z:.2f} m"))
    holds = [n.id for n in scene.children(node.id)]
    if holds:
        more = f" and {len(holds) - 12} more" if len(holds) > 12 else ""
        lines.append(("holds" if node.kind == "robot" else "contains", ", ".join(holds[:12]) + more))
    if node.links:
        lines.append(("links", ", ".join(f"{link.relation} {link.to}" for link in node.links[:12])))
    can = sorted(key for key, value in node.attributes.items() if value is True)
    if can:
        lines.append(("is", ", ".join(can)))
    return [(name, clean(words, 400)) for name, words in lines if words]


def _where(node: Node) -> str:
    return f"{(node.relation or '').replace('_', ' ')} {node.parent}" if node.parent is not None else ""


def _value(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)
