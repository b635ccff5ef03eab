"""One connected robot as the fleet service sees it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from fleetmind.agents.protocol import fleet_pb2
from fleetmind.agents.protocol.convert import to_wire
from fleetmind.brain import Step, Subtask
from fleetmind.memory import Lease, Node, Observation, RobotProfile

_QUEUE = 2000


@dataclass(kw_only=True)
class Session:
    """A robot's connection and what is known of its work."""

    profile: RobotProfile
    """What the robot is."""
    incarnation: str
    """Of its process."""
    lease: Lease
    """Its right to act."""
    outbox: asyncio.Queue[fleet_pb2.FleetMessage | None] = field(default_factory=lambda: asyncio.Queue(_QUEUE))
    """Messages to it; None ends the stream."""
    observation: Observation | None = None
    """The newest."""
    attempt: str | None = None
    """What it runs."""
    fence: int = 0
    """Of that attempt."""
    subtask: Subtask | None = None
    """Of that attempt."""
    acknowledged: bool = False
    """The robot has journalled the attempt."""
    history: list[Step] = field(default_factory=list)
    """Steps of the running attempt."""
    doing: str = ""
    """The last skill call, in words."""
    thinking: str = ""
    """The last thought."""
    last_heard: float = field(default_factory=time.monotonic)
    """Monotonic time of the last message."""
    suspect: bool = False
    """True when beats are missing."""
    sent: dict[str, int] = field(default_factory=dict)
    """Version of each node the robot has been told."""

    @property
    def name(self) -> str:
        """Name of the robot."""
        return self.profile.name

    @property
    def idle(self) -> bool:
        """True when it can be given work."""
        return self.attempt is None and not self.suspect

    def send(self, **content: Any) -> bool:
        """Queue a message; False when the robot reads so slowly that the queue is full."""
        try:
            self.outbox.put_nowait(fleet_pb2.FleetMessage(**content))
        except asyncio.QueueFull:
            return False
        return True

    def close(self) -> None:
        """End the stream; a queue that is full of unread messages gives way."""
        while True:
            try:
                self.outbox.put_nowait(None)
                return
            except asyncio.QueueFull:
                self.outbox.get_nowait()

    def tell(self, nodes: list[Node], *, version: int, remove: tuple[str, ...] = ()) -> None:
        """Send those nodes that are newer than what the robot has."""
        fresh = [n for n in nodes if self.sent.get(n.id, -1) < n.version or n.id not in self.sent]
        gone = [i for i in remove if self.sent.pop(i, None) is not None]
        if not fresh and not gone:
            return
        for node in fresh:
            self.sent[node.id] = node.version
        self.send(scene=fleet_pb2.SceneUpdate(
            put=[to_wire(n, fleet_pb2.Node) for n in fresh], remove=gone, version=version))

    def begin(self, attempt: str, fence: int, subtask: Subtask) -> None:
        """The robot is being given an attempt."""
        self.attempt, self.fence, self.subtask = attempt, fence, subtask
        self.acknowledged, self.history, self.doing, self.thinking = False, [], "", ""

    def end(self) -> None:
        """Its attempt has ended."""
        self.attempt, self.subtask, self.fence = None, None, 0
        self.doing, self.thinking = "", ""
