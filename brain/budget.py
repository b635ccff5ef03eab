"""Budgets: what one task may spend on a model, in calls, tokens and seconds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextvars import ContextVar

from pydantic import Field

from fleetmind.brain.engine import Engine, Message, Reply, Usage
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.model import JsonValue, Model

_TASKS_KEPT = 1000
_PICTURE_TOKENS = 1200
_CHARS_PER_TOKEN = 3

current_task: ContextVar[str] = ContextVar("current_task", default="")
"""Task on whose account engine calls are made; brains set it."""


class Budget(Model):
    """Limits per task."""

    calls: int = Field(400, ge=1)
    """Requests, retries included."""
    tokens: int = Field(2_000_000, ge=1)
    """Prompt and completion tokens together."""
    seconds: float = Field(1800.0, gt=0)
    """Wall seconds spent waiting for answers."""


class BudgetedEngine(Engine):
    """Wraps an engine and refuses what a task can no longer afford.

    Args:
        engine: does the work.
        budget: limits per task.
    """

    def __init__(self, engine: Engine, budget: Budget) -> None:
        self._engine, self._budget = engine, budget
        self._spent: OrderedDict[str, Usage] = OrderedDict()

    def spent(self, task: str) -> Usage:
        """What a task has spent so far."""
        return self._spent.get(task, Usage(calls=0))

    async def complete(
        self, messages: tuple[Message, ...], *, schema: dict[str, JsonValue] | None = None,
        max_tokens: int = 2048, temperature: float = 0.0, timeout_s: float = 60.0,
    ) -> Reply:
        """See `Engine.complete`; raises `BRAIN_BUDGET` before anything is sent."""
        task = current_task.get()
        left_s = self._allow(task, messages, max_tokens)
        try:
            reply = await self._engine.complete(messages, schema=schema, max_tokens=max_tokens,
                                                temperature=temperature, timeout_s=min(timeout_s, left_s))
        except FleetmindError:
            self._charge(task, Usage(prompt_tokens=_estimate(messages)))
            raise
        self._charge(task, reply.usage)
        return reply

    async def stream(
        self, messages: tuple[Message, ...], *, max_tokens: int = 2048, temperature: float = 0.0,
        timeout_s: float = 60.0,
    ) -> AsyncIterator[str]:
        """See `Engine.stream`; tokens are estimated from the text."""
        task = current_task.get()
        left_s = self._allow(task, messages, max_tokens)
        count = 0
        try:
            async for piece in self._engine.stream(messages, max_tokens=max_tokens, temperature=temperature,
                                                   timeout_s=min(timeout_s, left_s)):
                count += len(piece)
                yield piece
        finally:
            self._charge(task, Usage(prompt_tokens=_estimate(messages), completion_tokens=count // _CHARS_PER_TOKEN))

    async def close(self) -> None:
        """See `Engine.close`."""
        await self._engine.close()

    def _allow(self, task: str, messages: tuple[Message, ...], max_tokens: int) -> float:
        spent, budget = self.spent(task), self._budget
        tokens = spent.prompt_tokens + spent.completion_tokens
        asked = min(max_tokens, 256) + _estimate(messages)
        for what, used, limit in (("calls", float(spent.calls + 1), budget.calls),
                                  ("tokens", float(tokens + asked), budget.tokens),
                                  ("seconds", spent.latency_s, budget.seconds)):
            if used > limit or (what == "seconds" and used >= limit):
                raise FleetmindError("BRAIN_BUDGET", f"task {task!r} would spend {used:g} {what}, its limit is "
                                                     f"{limit:g}: raise `brain.budget.{what}` or simplify the task")
        return budget.seconds - spent.latency_s

    def _charge(self, task: str, usage: Usage) -> None:
        self._spent[task] = self.spent(task) + usage
        self._spent.move_to_end(task)
        while len(self._spent) > _TASKS_KEPT:
            self._spent.popitem(last=False)


def _estimate(messages: tuple[Message, ...]) -> int:
    """Prompt tokens, roughly and rather too many."""
    return sum(len(m.text) // _CHARS_PER_TOKEN + _PICTURE_TOKENS * len(m.images) for m in messages)
