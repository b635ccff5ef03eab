"""The scene map before and after, as SVG: what is known, what changed, where the robots went."""

from __future__ import annotations

from collections.abc import Mapping

from fleetmind.console.report.changes import SURE, Change, changes, place
from fleetmind.console.report.digest import Digest
from fleetmind.console.report.floorplan import (
    Box,
    Plane,
    arrow,
    furniture,
    known,
    labels,
    overlap,
    plane,
    room_labels,
    rooms,
    things,
)
from fleetmind.console.report.markup import Html, escape, join, many, number, tag
from fleetmind.memory import Node, Pose, Scene

_ROBOT_M = 0.24
_FOUND_SHOWN = 60


def maps(digest: Digest) -> Html:
    """Both maps, with what changed in words."""
    on = plane(digest, 620, 820)
    if on is None:
        return tag("p", "No place of anything was recorded.", class_="empty")
    changed = changes(digest)
    figures = [_figure("Before", digest.before, on, digest, {}),
               _figure("After", digest.after, on, digest, changed)]
    return join([tag("div", *figures, _words(changed), class_="maps"), _legend()])


def _figure(title: str, scene: Scene, on: Plane, digest: Digest, changed: Mapping[str, Change]) -> Html:
    if not len(scene):
        return tag("figure", tag("figcaption", title), tag("p", "Not recorded.", class_="empty"))
    marked = [c for c in changed.values() if c.kind == "changed"]
    boxes = furniture(scene, on, (c.node for c in marked))
    floors = rooms(scene, on)
    drawn = [_room(box) for box in floors]
    drawn += [_furniture(box, changed.get(box.node.id)) for box in boxes]
    drawn += [_label(text.text, text.x, text.y, "name", upright=text.upright) for text in labels(boxes)]
    drawn += [_label(text.text, text.x, text.y, "room-name") for text in room_labels(floors, boxes)]
    after = title == "After" or not len(digest.after)  # a run that was cut off shows its paths on what there is
    drawn += [_path(digest, robot, on) for robot in digest.robots if after]
    drawn += [_thing(node, on, changed.get(node.id)) for node in things(scene)]
    taken: list[tuple[float, float, float, float]] = []
    loose = [scene[c.node] for c in marked if c.node in scene and scene[c.node].relation != "held_by"]
    drawn += [_callout(node, on, taken) for node in loose]
    drawn += [_robot(node, on, digest, scene.holding(node.id)) for node in scene.of_kind("robot")]
    words = f"{many(len(scene.of_kind('room')), 'room')}, {many(len(things(scene)), 'known movable object')}"
    svg = tag("svg", tag("title", f"{title} the run: {words}"), *drawn, viewBox=f"0 0 {on.width} {on.height}",
              width=on.width, height=on.height, role="img", class_="map")
    return tag("figure", tag("figcaption", title, " ", tag("small", words)), svg)


def _room(box: Box) -> Html:
    return tag("rect", tag("title", f"{box.node.id} ({box.node.type})"), x=box.x, y=box.y, width=box.width,
               height=box.height, class_="room")


def _furniture(box: Box, change: Change | None) -> Html:
    words = f"{box.node.id}{_states(box.node)}" + (f" – {change.words}" if change else "")
    marked = " changed" if change and change.kind == "changed" else ""
    return tag("rect", tag("title", words), x=box.x, y=box.y, width=box.width, height=box.height, rx=2,
               class_="furniture" + marked)


def _thing(node: Node, on: Plane, change: Change | None) -> Html:
    assert node.pose is not None
    x, y = on.at(node.pose.x, node.pose.y)
    doubt = "" if node.confidence >= SURE else ", not sure where"
    words = f"{node.id} {place(node)}{_states(node)}{doubt}" + (f" – {change.words}" if change else "")
    kind = f" {change.kind}" if change else ""
    return tag("circle", tag("title", words), cx=x, cy=y, r=5.0 if kind == " changed" else 3.4,
               class_=f"thing{kind}{' doubt' if doubt else ''}")


def _callout(node: Node, on: Plane, taken: list[tuple[float, float, float, float]]) -> Html:
    """The name of what changed, beside it, where it hides no other such name."""
    if not known(node.pose):
        return Html()
    assert node.pose is not None
    x, y = on.at(node.pose.x, node.pose.y)
    wide = len(node.id) * 6.6
    for dx, dy in ((9.0, 4.0), (-wide - 9, 4.0), (-wide / 2, -10.0), (-wide / 2, 18.0), (9.0, 18.0), (9.0, -10.0)):
        area = (x + dx, y + dy - 11, x + dx + wide, y + dy + 3)
        inside = area[0] >= 0 and area[2] <= on.width and area[1] >= 0 and area[3] <= on.height
        if inside and not any(overlap(area, other) for other in taken):
            taken.append(area)
            return _label(node.id, x + dx, y + dy, "callout")
    return Html()


def _robot(node: Node, on: Plane, digest: Digest, held: Node | None) -> Html:
    if node.pose is None or not known(node.pose):
        return Html()
    x, y = on.at(node.pose.x, node.pose.y)
    radius = max(8.0, _ROBOT_M * on.scale)
    points = " ".join(f"{number(px)},{number(py)}" for px, py in arrow(on, node.pose, radius))
    words = f"{node.id} {place(node)}" + (f", holding {held.id}" if held else "")
    name = node.id + (f" ({held.id})" if held else "")
    beside, anchor = (x - radius - 4, "end") if x > on.width * 0.75 else (x + radius + 4, None)
    return tag("g", tag("title", words), tag("circle", cx=x, cy=y, r=radius, class_="body"),
               tag("polygon", points=points, class_="heading"),
               _label(name, beside, y + 4, "robot-name", anchor=anchor),
               class_=f"robot r{digest.number_of(node.id)}")


def _path(digest: Digest, robot: str, on: Plane) -> Html:
    start = digest.before.get(robot)
    poses: list[Pose | None] = [start.pose if start else None, *(s.pose for s in digest.steps if s.robot == robot)]
    points: list[tuple[float, float]] = []
    for pose in poses:
        if pose is not None and known(pose) and (point := on.at(pose.x, pose.y)) not in points[-1:]:
            points.append(point)
    if len(points) < 2:
        return Html()
    line = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    stops = [tag("circle", cx=x, cy=y, r=2.6) for x, y in points]
    return tag("g", tag("title", f"{robot}: {many(len(points), 'place')} in turn"),
               tag("polyline", points=line), *stops, class_=f"path r{digest.number_of(robot)}")


def _label(text: str, x: float, y: float, kind: str, *, upright: bool = False, anchor: str | None = None) -> Html:
    turned = f"rotate(-90 {number(x)} {number(y)})" if upright else None
    return tag("text", escape(text, 60), x=x, y=y, class_=kind, transform=turned, text_anchor=anchor)


def _states(node: Node) -> str:
    told = [f"{k}={v}" for k, v in sorted(node.states.items()) if v not in (False, "RoomTemp") and k != "searched"]
    return f" ({', '.join(told)})" if told else ""


def _legend() -> Html:
    def item(kind: str, words: str) -> Html:
        return tag("li", tag("svg", tag("circle", cx=7, cy=7, r=4.6, class_=f"thing {kind}"), width=14, height=14,
                             aria_hidden="true"), " ", words)
    return tag("ul", item("", "movable object, as known"), item("changed", "changed"),
               item("found", "found during the run"), item("doubt", "known, but not sure where"),
               tag("li", "lines: straight between the places where a robot’s steps ended"), class_="legend")


def _words(changed: Mapping[str, Change]) -> Html:
    told = [tag("li", tag("b", c.node), " ", c.words) for c in changed.values() if c.kind != "found"]
    found = [c.node for c in changed.values() if c.kind == "found"]
    parts = [tag("h3", "What changed"), tag("ul", *told, class_="plain")] if told else []
    if found:
        more = f" and {len(found) - _FOUND_SHOWN} more" if len(found) > _FOUND_SHOWN else ""
        names = ", ".join(found[:_FOUND_SHOWN]) + more
        parts.append(tag("p", tag("b", "Found during the run: "), names, class_="muted"))
    return tag("aside", *parts) if parts else Html()
