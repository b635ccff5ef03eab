"""Embodiment memory: one record per robot, put together from what the site knows of it.

What a robot is and whether it is there is in the ledger, where it is and what it holds in the scene, what it runs and
whose it is in claims and leases: each fact stands in one place, so that records cannot disagree with them.
"""

from __future__ import annotations

from fleetmind.memory.ledger import Lease, Ledger
from fleetmind.memory.model import Model, NodeId
from fleetmind.memory.nodes import Pose
from fleetmind.memory.robots import RobotProfile
from fleetmind.memory.scene import Scene


class RobotState(Model):
    """What is known of a robot now."""

    pose: Pose | None = None
    """Of its base, frame `map`."""
    room: NodeId | None = None
    """Room it is in."""
    holding: tuple[NodeId, ...] = ()
    """What is in its hands."""
    battery: float | None = None
    """State of charge, 0 to 1."""
    attempt: str | None = None
    """What it is doing: the attempt it runs."""
    last_seen_s: float | None = None
    """World time of its last observation."""
    version: int = 0
    """The site's version at which its node last changed."""


class RobotRecord(Model):
    """A robot: what it is, whether it is there, how it is, and who may command it."""

    profile: RobotProfile
    """What it is and can do."""
    presence: str
    """`online`, `lost` or `left`."""
    state: RobotState
    """How it is."""
    lease: Lease | None = None
    """Of the process that owns its body, `robot/<name>`; None: nobody does."""


async def robot_records(ledger: Ledger, scene: Scene) -> dict[str, RobotRecord]:
    """Every robot of a site, by name.

    Args:
        ledger: of the site.
        scene: of the same site; a replica's will do.
    """
    busy, leases = await ledger.busy(), await ledger.leases()
    return {name: RobotRecord(profile=profile, presence=presence, lease=leases.get(f"robot/{name}"),
                              state=state_of(name, scene, busy.get(name)))
            for name, (profile, presence) in (await ledger.robots()).items()}


def state_of(name: str, scene: Scene, attempt: str | None = None) -> RobotState:
    """What the scene says of a robot."""
    node = scene.get(name)
    if node is None:
        return RobotState(attempt=attempt)
    room, battery = scene.room_of(name), node.states.get("battery")
    return RobotState(
        pose=node.pose, room=room.id if room is not None else None, attempt=attempt,
        holding=tuple(n.id for n in scene.children(name) if n.relation == "held_by"),
        battery=battery if isinstance(battery, float) else None, last_seen_s=node.last_seen_s,
        version=node.version)
