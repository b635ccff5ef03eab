"""Where things are after what they are in has moved. `carry` in `valkey/scene.lua` is the same."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fleetmind.memory.nodes import Node, Pose

Quaternion = tuple[float, float, float, float]
"""x, y, z, w."""


def _turn(a: Quaternion, b: Quaternion) -> Quaternion:
    """The quaternion product, normalised."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    w = aw * bw - ax * bx - ay * by - az * bz
    x = aw * bx + ax * bw + ay * bz - az * by
    y = aw * by - ax * bz + ay * bw + az * bx
    z = aw * bz + ax * by - ay * bx + az * bw
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    return x / norm, y / norm, z / norm, w / norm


def shifted(pose: Pose, was: Pose, now: Pose) -> Pose | None:
    """The pose of what went along when its container went from `was` to `now`; None where it leaves the numbers."""
    rx, ry, rz, rw = r = _turn((now.qx, now.qy, now.qz, now.qw), (-was.qx, -was.qy, -was.qz, was.qw))
    vx, vy, vz = pose.x - was.x, pose.y - was.y, pose.z - was.z
    tx, ty, tz = 2 * (ry * vz - rz * vy), 2 * (rz * vx - rx * vz), 2 * (rx * vy - ry * vx)
    x = now.x + (vx + rw * tx + (ry * tz - rz * ty))
    y = now.y + (vy + rw * ty + (rz * tx - rx * tz))
    z = now.z + (vz + rw * tz + (rx * ty - ry * tx))
    if not all(map(math.isfinite, (x, y, z))):
        return None
    qx, qy, qz, qw = _turn(r, (pose.qx, pose.qy, pose.qz, pose.qw))
    return Pose(x=x, y=y, z=z, qx=qx, qy=qy, qz=qz, qw=qw)


def carried(nodes: Mapping[str, Node], kids: Mapping[str, set[str]], before: Node, after: Node,
            source: str) -> list[Node]:
    """What the node contains, with the poses it has after the node's own pose has changed; level by level, by id."""
    if before.pose == after.pose:
        return []
    out: list[Node] = []
    level = [before.id]
    while level:
        level = sorted(child for parent in level for child in kids.get(parent, ()))
        for child in (nodes[i] for i in level):
            if child.pose is not None:
                pose = shifted(child.pose, before.pose, after.pose) if before.pose and after.pose else None
                out.append(child.model_copy(update={"pose": pose, "source": source}))
    return out
