"""`SyncEmbodiment`: blocking device drivers behind the asynchronous contract."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from fleetmind.agents.embodiment import Embodiment
from fleetmind.memory import Observation

T = TypeVar("T")


class SyncEmbodiment(Embodiment):
    """A body whose driver blocks: write `open_device`, `sense`, `close_device`; in a skill, `await self.blocking(f)`.

    Every blocking call runs in a thread, so beats, stop and cancellation keep working while a driver waits.
    """

    @abstractmethod
    def open_device(self) -> None:
        """Open the device; may block."""

    @abstractmethod
    def sense(self, pictures: bool) -> Observation:
        """What the robot senses now; may block."""

    @abstractmethod
    def close_device(self) -> None:
        """Close the device; may block."""

    async def connect(self) -> None:
        """Open the device in a thread."""
        await asyncio.to_thread(self.open_device)

    async def observe(self, *, pictures: bool = False) -> Observation:
        """Sense in a thread."""
        return await asyncio.to_thread(self.sense, pictures)

    async def disconnect(self) -> None:
        """Close the device in a thread."""
        await asyncio.to_thread(self.close_device)

    async def blocking(self, call: Callable[..., T], *arguments: Any) -> T:
        """Run a blocking driver call, if motion is allowed.

        On cancellation `stop()` is called at once and the call is waited for, so that the driver is never used
        by two threads.
        """
        await self.motion()
        work = asyncio.ensure_future(asyncio.to_thread(call, *arguments))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.gather(work, return_exceptions=True)
            raise
