"""A robot of one's own: a cart on a TCP line protocol (`GO dock` -> `OK dock`), no simulator involved.

With a site up (`fleetmind up`):  python examples/own_robot.py 127.0.0.1:9000
"""

import asyncio
import socket
import sys
import time
from pathlib import Path

from fleetmind.agents import RobotAgent, RobotLink, SkillFailed, SyncEmbodiment, skill
from fleetmind.memory import Observation, Pose, RobotProfile


class Cart(SyncEmbodiment):
    """Drives between named stations."""

    def __init__(self, address: str, name: str = "cart") -> None:
        super().__init__()
        self.host, self.port = address.rsplit(":", 1)
        self.station, self.line, self.name = "dock", None, name

    @property
    def profile(self) -> RobotProfile:
        return RobotProfile(name=self.name, model="line cart", skills=self.skill_specs(), speed_mps=1.0)

    def open_device(self) -> None:
        with socket.create_connection((self.host, int(self.port)), timeout=5) as connection:
            self.line = connection.makefile("rw")  # keeps the connection open

    def close_device(self) -> None:
        self.line.close()

    def sense(self, pictures: bool) -> Observation:
        return Observation(robot=self.name, pose=Pose(x=0.0, y=0.0), monotonic_s=time.monotonic())

    def stop(self) -> None:
        """The cart stops by itself between stations."""

    def ask(self, words: str) -> str:
        print(words, file=self.line, flush=True)
        return self.line.readline().strip()

    @skill(effects=("the cart is at {target}",), resources=("base",), retry_safe=True, timeout_s=60)
    async def navigate_to(self, target: str) -> dict:
        """Drive to a station.

        Args:
            target: name of the station.
        """
        answer = await self.blocking(self.ask, f"GO {target}")
        if not answer.startswith("OK"):
            raise SkillFailed("unreachable", answer, advice="replan")
        self.station = target
        return {"at": target}


if __name__ == "__main__":
    asyncio.run(RobotAgent(Cart(sys.argv[1]), RobotLink.of_site(Path(".fleetmind"))).run())
