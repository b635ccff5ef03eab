"""A chain of brains: when one fails in its own way, the next one answers, and says so."""

from __future__ import annotations

from typing import ClassVar

from fleetmind.brain.brain import Brain
from fleetmind.brain.engine import ImagePart, Usage
from fleetmind.brain.plan import DecomposeRequest, Plan, Refusal, ThinkRequest, Thought
from fleetmind.memory.errors import FleetmindError

_FALLS_BACK = ("BRAIN_", "PLAN_", "NO_PROGRESS")


def falls_back(error: FleetmindError) -> bool:
    """True for failures of a brain itself, as opposed to what a caller did wrong."""
    return error.code.startswith(_FALLS_BACK)


class ChainBrain(Brain):
    """Asks the first brain, and the next ones when it fails with `BRAIN_*` or `PLAN_*`.

    Args:
        first: is asked first.
        others: are asked in order.
    """

    name: ClassVar[str] = "chain"

    def __init__(self, first: Brain, *others: Brain) -> None:
        self._brains = (first, *others)
        self.capabilities = frozenset().union(*(b.capabilities for b in self._brains))

    async def decompose(self, request: DecomposeRequest) -> Plan | Refusal:
        """See `Brain.decompose`; who answered instead of whom stands in the plan's notes."""
        failures: list[str] = []
        for index, brain in enumerate(self._brains):
            try:
                proposal = await brain.decompose(request)
            except FleetmindError as error:
                if not falls_back(error) or index == len(self._brains) - 1:
                    raise
                failures.append(f"{brain.name} brain failed ({error.code}); asked the {self._brains[index + 1].name} "
                                "brain instead")
                continue
            if failures and isinstance(proposal, Plan):
                return proposal.model_copy(update={"notes": (*failures, *proposal.notes)})
            return proposal
        self._lacks("decompose")

    async def think(self, request: ThinkRequest, pictures: tuple[ImagePart, ...] = ()) -> Thought:
        """See `Brain.think`."""
        for index, brain in enumerate(self._brains):
            try:
                return await brain.think(request, pictures)
            except FleetmindError as error:
                if not falls_back(error) or index == len(self._brains) - 1:
                    raise
        self._lacks("think")

    def usage(self, task: str) -> Usage:
        """See `Brain.usage`; the sum of all."""
        total = Usage(calls=0)
        for brain in self._brains:
            total = total + brain.usage(task)
        return total

    async def close(self) -> None:
        """See `Brain.close`; all are closed even if one fails."""
        problem: Exception | None = None
        for brain in self._brains:
            try:
                await brain.close()
            except Exception as error:
                problem = problem or error
        if problem is not None:
            raise problem
