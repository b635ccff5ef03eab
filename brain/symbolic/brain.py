"""The symbolic brain: reads free household English and plans with rules; no model, no download."""

from __future__ import annotations

import re
from typing import ClassVar

from fleetmind.brain.brain import Brain, Capability
from fleetmind.brain.engine import ImagePart
from fleetmind.brain.plan import DecomposeRequest, Plan, Refusal, RefusalCode, ThinkRequest, Thought
from fleetmind.brain.symbolic.meaning import Meaning
from fleetmind.brain.symbolic.reader import read
from fleetmind.brain.symbolic.solve import Solver
from fleetmind.brain.symbolic.think import next_step

CAN_DO = ("I can carry, fetch, put away and find things, open and close, switch on and off, wash, wipe, slice, heat, "
          "cook, boil, toast, cool, fill, pour and water, clear tables, make coffee, toast, a salad or a sandwich, and "
          "make a room dark or bright")
_CODES: dict[str, RefusalCode] = {
    "UNSAFE": "UNSAFE", "NO_SKILL": "NO_SKILL", "NOT_UNDERSTOOD": "NOT_UNDERSTOOD", "IMPOSSIBLE": "IMPOSSIBLE"}
_ORDER = ("UNSAFE", "NO_SKILL", "IMPOSSIBLE", "NOT_UNDERSTOOD")


class SymbolicBrain(Brain):
    """Plans and thinks by rules. Stateless: every call reads what it needs from the request."""

    name: ClassVar[str] = "symbolic"
    capabilities: frozenset[Capability] = frozenset({"decompose", "think"})

    async def decompose(self, request: DecomposeRequest) -> Plan | Refusal:
        """See `Brain.decompose`."""
        return decompose(request)

    async def think(self, request: ThinkRequest, pictures: tuple[ImagePart, ...] = ()) -> Thought:
        """See `Brain.think`; pictures are not looked at."""
        return next_step(request)


def decompose(request: DecomposeRequest) -> Plan | Refusal:
    """Plan an instruction, without awaiting anything."""
    if not re.search(r"\w", request.instruction):
        return Refusal(code="EMPTY", message=f"Nothing was asked. {CAN_DO}.")
    meaning = read(request.instruction)
    refusal = _refusal(meaning)
    return refusal if refusal is not None else Solver(request, meaning).solve()


def _refusal(meaning: Meaning) -> Refusal | None:
    for code in _ORDER:
        for found, reason in meaning.refused:
            if found == code:
                return Refusal(code=_CODES[code], message=f"I will not do this: {reason}. {CAN_DO}."[:4000])
    words = tuple(dict.fromkeys(meaning.stumbled))[:20]
    if words:
        said = ", ".join(repr(w[:60]) for w in words)
        return Refusal(code="NOT_UNDERSTOOD", words=tuple(w[:60] for w in words),
                       message=f"I do not understand {said}. {CAN_DO}."[:4000])
    if not meaning.wants:
        return Refusal(code="NOT_UNDERSTOOD", message=f"I do not see what is to be done. {CAN_DO}.")
    return None
