"""The planner process: takes queued tasks, runs the planner graph for each, goes on with what a dead one left."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fleetmind.agents.planner import planner_graph
from fleetmind.agents.planner_deps import PlannerDeps
from fleetmind.memory import TERMINAL, Conflict, FleetmindError, StaleFence

log = logging.getLogger(__name__)
GRAPH_STEPS_PER_PLAN = 16
"""At most ten are needed; some air for proposals that are sent back."""


class PlannerService:
    """Runs every task of a site that no other planner owns.

    Args:
        deps: what the graph's nodes work with.
        checkpointer: LangGraph's; the ledger is the truth, a checkpoint only shows how a planner got there.
        at_once: tasks planned at the same time.
    """

    def __init__(self, deps: PlannerDeps, *, checkpointer: Any = None, at_once: int = 8) -> None:
        self._deps = deps
        self._graph = planner_graph(checkpointer=checkpointer)
        self._slots = asyncio.Semaphore(at_once)
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serve for ever."""
        position = await self._deps.store.wait_for(0)
        await self._sweep()
        sweeper = asyncio.create_task(self._sweep_for_ever())
        try:
            while True:
                try:
                    async for event in self._deps.store.watch(position):
                        position = event.seq
                        if event.kind == "task" and event.data.get("state") == "queued":
                            self._take(str(event.data["id"]))
                except FleetmindError as error:
                    log.warning("feed interrupted: %s", error)
                    await asyncio.sleep(0.1)
        finally:
            sweeper.cancel()
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(sweeper, *self._running.values(), return_exceptions=True)

    async def _sweep_for_ever(self) -> None:
        """Tasks whose planner died keep their lease for a while; look again until it has lapsed."""
        while True:
            await asyncio.sleep(self._deps.lease_ttl_s / 2)
            try:
                await self._sweep()
            except FleetmindError as error:
                log.warning("could not look for tasks: %s", error)

    async def _sweep(self) -> None:
        for task in await self._deps.ledger.tasks():
            if task.state not in TERMINAL:
                self._take(task.id)

    def _take(self, task_id: str) -> None:
        if task_id not in self._running:
            task = asyncio.create_task(self._plan(task_id))
            self._running[task_id] = task
            task.add_done_callback(lambda _: self._running.pop(task_id, None))

    async def _plan(self, task_id: str) -> None:
        async with self._slots:
            try:
                await self._deps.own(task_id)
                config = {"configurable": {"thread_id": f"{task_id}/{self._deps.owner}"},
                          "recursion_limit": GRAPH_STEPS_PER_PLAN * (self._deps.max_replans + 2)}
                await self._graph.ainvoke({"task": task_id}, config, context=self._deps)
            except Conflict:
                self._deps.forget(task_id)  # another planner owns it, or it was cancelled meanwhile
            except StaleFence:
                log.warning("task %s was taken over by another planner", task_id)
                self._deps.forget(task_id)
            except FleetmindError as error:
                if error.code == "STORE_UNAVAILABLE":
                    self._deps.forget(task_id)  # its lease lapses; the next sweep goes on from the ledger
                    return
                await self._give_up(task_id, error.code, str(error))
            except Exception as error:  # a bug must end in a truthful task, not in a task that hangs
                log.exception("planning %s broke", task_id)
                await self._give_up(task_id, "INTERNAL", f"{type(error).__name__}: {error}")

    async def _give_up(self, task_id: str, code: str, reason: str) -> None:
        try:
            await self._deps.ledger.cancel_open(task_id)
            await self._deps.set_task(task_id, "failed", reason=reason, reason_code=code)
        except FleetmindError as error:
            log.warning("the end of task %s could not be written: %s", task_id, error)
        finally:
            self._deps.forget(task_id)
