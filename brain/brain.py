"""The `Brain` contract: decompose, think, and (where a model can) perceive, answer, ground, point, afford, trace."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar, Literal, NoReturn

from fleetmind.brain.engine import ImagePart, Usage
from fleetmind.brain.plan import DecomposeRequest, Plan, Refusal, ThinkRequest, Thought
from fleetmind.memory.errors import FleetmindError

Capability = Literal["decompose", "think", "perceive", "answer", "ground", "point", "afford", "trace", "vision"]
"""`vision`: `think` looks at pictures, so robots should send them."""
Point = tuple[float, float]
"""Pixel x (right) and y (down) in the picture given."""
Box = tuple[float, float, float, float]
"""Pixel x1, y1, x2, y2."""


class Brain(ABC):
    """What proposes. Subclasses list what they can do and override exactly that."""

    name: ClassVar[str]
    """Short name for configuration and reports."""
    capabilities: frozenset[Capability]
    """What this brain can do."""

    async def decompose(self, request: DecomposeRequest) -> Plan | Refusal:
        """Turn an instruction into a plan of subtasks, or refuse with a reason."""
        self._lacks("decompose")

    async def think(self, request: ThinkRequest, pictures: tuple[ImagePart, ...] = ()) -> Thought:
        """Decide a robot's next skill call, or that it is done or stuck."""
        self._lacks("think")

    async def perceive(self, picture: ImagePart) -> tuple[str, ...]:
        """Object types visible in the picture."""
        self._lacks("perceive")

    async def answer(self, question: str, pictures: tuple[ImagePart, ...] = ()) -> str:
        """Answer a question about pictures."""
        self._lacks("answer")

    async def ground(self, phrase: str, picture: ImagePart) -> Box:
        """Box of what the phrase names."""
        self._lacks("ground")

    async def point(self, phrase: str, picture: ImagePart) -> tuple[Point, ...]:
        """Points on what the phrase names."""
        self._lacks("point")

    async def afford(self, action: str, picture: ImagePart) -> Box:
        """Where to grip or touch for the action."""
        self._lacks("afford")

    async def trace(self, instruction: str, picture: ImagePart) -> tuple[Point, ...]:
        """The path the end effector should follow."""
        self._lacks("trace")

    def usage(self, task: str) -> Usage:
        """What this brain has spent on a task so far; zero for brains without a model."""
        return Usage(calls=0)

    async def close(self) -> None:
        """Release what the brain holds."""
        return None

    def _lacks(self, capability: Capability) -> NoReturn:
        others = {
            "decompose": "symbolic or model", "think": "symbolic or model",
        }.get(capability, "a model brain with a RoboBrain 2.0 or Qwen2.5-VL engine")
        raise FleetmindError(
            "BRAIN_UNSUPPORTED",
            f"brain {self.name!r} cannot {capability!r} (it can {sorted(self.capabilities)!r}); use {others}",
        )
