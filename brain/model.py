"""The model brain: prompts an engine, reads its answers strictly, and lets it mend what it got wrong."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import ClassVar, TypeVar

from fleetmind.brain.brain import Brain, Capability
from fleetmind.brain.budget import BudgetedEngine, current_task
from fleetmind.brain.engine import Engine, ImagePart, Message, Usage
from fleetmind.brain.parsing import json_object
from fleetmind.brain.plan import DecomposeRequest, Plan, Refusal, ThinkRequest, Thought
from fleetmind.brain.prompts import (
    DECOMPOSE_SYSTEM,
    PLAN_SCHEMA,
    THINK_SYSTEM,
    THOUGHT_SCHEMA,
    compact,
    decompose_prompt,
    repair_prompt,
    think_prompt,
)
from fleetmind.brain.reading import read_plan, read_thought
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.model import JsonValue

_T = TypeVar("_T")
_TASKS_KEPT = 500
_SHOWN_OF_ANSWER = 4000
_SAME_PLAN_LIMIT = 3


class ModelBrain(Brain):
    """A brain on any engine.

    Args:
        engine: runs the model.
        vision: send pictures with each thought.
        repairs: how often the model may mend an answer that could not be used.
        timeout_s: deadline of one request.
        max_tokens: limit of one answer.
    """

    name: ClassVar[str] = "model"

    def __init__(self, engine: Engine, *, vision: bool = True, repairs: int = 2, timeout_s: float = 60.0,
                 max_tokens: int = 4096) -> None:
        self._engine = engine
        self._repairs, self._timeout_s, self._max_tokens = repairs, timeout_s, max_tokens
        sees: frozenset[Capability] = frozenset({"vision"}) if vision else frozenset()
        base: frozenset[Capability] = frozenset({"decompose", "think"})
        self.capabilities = base | sees
        self._spent: OrderedDict[str, Usage] = OrderedDict()
        self._proposed: OrderedDict[str, list[str]] = OrderedDict()
        """Plans of each task that were rejected, as text: the same one again and again is no progress."""

    async def decompose(self, request: DecomposeRequest) -> Plan | Refusal:
        """See `Brain.decompose`.

        Raises:
            FleetmindError: `BRAIN_*` from the engine, `PLAN_*` when the answer stays unusable, `NO_PROGRESS` when the
                same rejected plan comes back.
        """
        if not request.instruction.strip():
            return Refusal(code="EMPTY", message="Nothing was asked.")
        messages = (Message(role="system", text=f"{DECOMPOSE_SYSTEM}\nJSON schema: {compact(PLAN_SCHEMA)}"),
                    Message(role="user", text=decompose_prompt(request)))
        proposal = await self._ask(request.task, messages, PLAN_SCHEMA, lambda data: read_plan(data, request))
        if isinstance(proposal, Plan):
            self._watch_progress(request, proposal)
        return proposal

    async def think(self, request: ThinkRequest, pictures: tuple[ImagePart, ...] = ()) -> Thought:
        """See `Brain.think`; the newest picture and all outcomes so far go with the question."""
        images = pictures[-1:] if "vision" in self.capabilities else ()
        messages = (Message(role="system", text=f"{THINK_SYSTEM}\nJSON schema: {compact(THOUGHT_SCHEMA)}"),
                    Message(role="user", text=think_prompt(request), images=images))
        return await self._ask(request.task, messages, THOUGHT_SCHEMA, lambda data: read_thought(data, request))

    def usage(self, task: str) -> Usage:
        """See `Brain.usage`."""
        if isinstance(self._engine, BudgetedEngine):
            return self._engine.spent(task)
        return self._spent.get(task, Usage(calls=0))

    async def close(self) -> None:
        """See `Brain.close`."""
        await self._engine.close()

    async def _ask(self, task: str, messages: tuple[Message, ...], schema: dict[str, JsonValue],
                   read: Callable[[dict[str, JsonValue]], _T]) -> _T:
        token = current_task.set(task)
        try:
            for attempt in range(self._repairs + 1):
                reply = await self._engine.complete(messages, schema=schema, max_tokens=self._max_tokens,
                                                    timeout_s=self._timeout_s)
                self._count(task, reply.usage)
                try:
                    return read(json_object(reply.text))
                except FleetmindError as error:
                    if attempt == self._repairs:
                        raise
                    messages = (*messages, Message(role="assistant", text=reply.text[:_SHOWN_OF_ANSWER]),
                                Message(role="user", text=repair_prompt(str(error))))
        finally:
            current_task.reset(token)
        raise FleetmindError("BRAIN_ERROR", f"repairs={self._repairs!r} leaves no attempt: use 0 or more")

    def _count(self, task: str, usage: Usage) -> None:
        self._spent[task] = self._spent.get(task, Usage(calls=0)) + usage
        while len(self._spent) > _TASKS_KEPT:
            self._spent.popitem(last=False)

    def _watch_progress(self, request: DecomposeRequest, plan: Plan) -> None:
        """The verification's faults, or failed subtasks, came back with the question; the same answer is no answer."""
        failed = bool(request.faults) or (bool(request.finished) and not request.finished[-1].ok)
        if not failed:
            self._proposed.pop(request.task, None)
            # The first proposal is remembered too: it may be the one that fails.
        text = json.dumps([(s.goal, sorted(s.depends_on)) for s in plan.subtasks])
        earlier = self._proposed.setdefault(request.task, [])
        earlier.append(text)
        while len(self._proposed) > _TASKS_KEPT:
            self._proposed.popitem(last=False)
        if failed and earlier.count(text) >= _SAME_PLAN_LIMIT:
            raise FleetmindError("NO_PROGRESS", f"the model proposed the same failing plan {earlier.count(text)} times",
                                 advice="stop")
