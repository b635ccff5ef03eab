"""The fleet over real gRPC: planner graph, dispatcher, robots, failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fleetmind.agents import PlannerDeps, planner_graph
from fleetmind.brain import Brain, Plan, Refusal
from fleetmind.memory import FollowingReplica, LocalSite, Retention, StoreUnavailable

from .toys import RailBrain, ToyBody, eventually, fleet_of, subtask


@asynccontextmanager
async def planner_on(site: LocalSite, brain: Brain, **limits: Any) -> AsyncIterator[PlannerDeps]:
    replica = FollowingReplica(site.store)
    await replica.start()
    try:
        yield PlannerDeps(store=site.store, ledger=site.ledger, brain=brain, replica=replica,
                          **{"robots_return_s": 0.2, **limits})
    finally:
        await replica.stop()


async def run_task(site: LocalSite, brain: Brain, instruction: str = "do it", **limits: Any) -> dict[str, Any]:
    async with planner_on(site, brain, **limits) as deps:
        state: dict[str, Any] = await asyncio.wait_for(
            planner_graph().ainvoke({"instruction": instruction}, {"recursion_limit": 200}, context=deps), 30)
        return state


async def test_a_chain_runs_in_order_and_ends_truthfully(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"), subtask("s2", "go:b", after=["s1"]))))
    body = ToyBody("kim")
    async with fleet_of(tmp_path, brain, [body]) as (site, _, _):
        state = await run_task(site, brain)
    assert state["verdict"] == "succeeded"
    assert body.log == ["connect", "go a", "go b", "disconnect"]


async def test_independent_subtasks_run_at_the_same_time(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"), subtask("s2", "go:b"))))
    bodies = [ToyBody("ann", delay_s=0.3), ToyBody("bob", delay_s=0.3)]
    async with fleet_of(tmp_path, brain, bodies) as (site, _, _):
        state = await run_task(site, brain)
        (task,) = await site.ledger.tasks()
        first, second = await site.ledger.attempts(task.id)
    assert state["verdict"] == "succeeded"
    assert {first.robot, second.robot} == {"ann", "bob"}
    assert second.claimed_s < first.ended_s
    assert first.claimed_s < second.ended_s


async def test_a_failed_skill_is_retried_by_another_robot(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"),)))
    bodies = [ToyBody("ann", fails=lambda *_: "gripper jammed"), ToyBody("bob")]
    async with fleet_of(tmp_path, brain, bodies) as (site, _, _):
        state = await run_task(site, brain)
        (task,) = await site.ledger.tasks()
        attempts = await site.ledger.attempts(task.id)
    assert state["verdict"] == "succeeded"
    assert [(a.robot, a.state) for a in attempts] == [("ann", "failed"), ("bob", "succeeded")]
    assert attempts[0].outcome is not None
    assert "gripper jammed" in attempts[0].outcome.message


async def test_a_new_plan_follows_when_no_robot_succeeds(tmp_path: Path) -> None:
    first = Plan(subtasks=(subtask("s1", "go:wall"),))
    second = Plan(subtasks=(subtask("s1", "go:door"),))
    brain = RailBrain(first, second)
    body = ToyBody("ann", fails=lambda skill, argument: "blocked" if argument == "wall" else "")
    async with fleet_of(tmp_path, brain, [body]) as (site, _, _):
        state = await run_task(site, brain)
    assert state["verdict"] == "succeeded"
    assert state["replans"] == 1
    failed = brain.requests[1].finished[0]
    assert (failed.ok, failed.id) == (False, "v1-s1")


async def test_an_endless_failure_ends_with_the_reason(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:wall"),)))
    body = ToyBody("ann", fails=lambda *_: "the wall does not move")
    async with fleet_of(tmp_path, brain, [body]) as (site, _, _):
        state = await run_task(site, brain, max_replans=2)
    assert state["verdict"] == "failed"
    assert "the wall does not move" in state["reason"]


async def test_a_refusal_reaches_the_person(tmp_path: Path) -> None:
    brain = RailBrain(Refusal(code="NO_SKILL", message="nobody here can fly"))
    async with fleet_of(tmp_path, brain, [ToyBody("ann")]) as (site, _, _):
        state = await run_task(site, brain)
        (task,) = await site.ledger.tasks()
    assert (task.state, task.reason_code) == ("refused", "NO_SKILL")
    assert "fly" in state["reason"]


async def test_a_plan_nobody_can_do_is_never_dispatched(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "take:x", skills=("take",)),)))
    body = ToyBody("ann", only=("go",))
    async with fleet_of(tmp_path, brain, [body]) as (site, _, _):
        state = await run_task(site, brain)
    assert state["verdict"] == "refused"
    assert len(brain.requests) == 3
    assert any("PLAN_UNKNOWN_SKILL" in f for f in brain.requests[1].faults)
    assert body.log == ["connect", "disconnect"]


async def test_cancel_ends_running_work(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:far"),)))
    body = ToyBody("ann", delay_s=30)
    async with fleet_of(tmp_path, brain, [body]) as (site, service, _), planner_on(site, brain) as deps:
        run = asyncio.create_task(planner_graph().ainvoke({"instruction": "go"}, context=deps))
        await eventually(lambda: service.sessions["ann"].acknowledged)
        (task,) = await site.ledger.tasks()
        await site.ledger.cancel_open(task.id)
        await site.ledger.set_task(task.id, "cancelled", reason="changed my mind")
        state = await asyncio.wait_for(run, 10)
        await eventually(lambda: service.sessions["ann"].idle)
    assert state["verdict"] == "cancelled"
    assert body.stops >= 1


async def test_a_brain_that_breaks_is_answered_for(tmp_path: Path) -> None:
    """A robot must not wait for a thought that will never come."""

    class Broken(RailBrain):
        broke = False

        async def think(self, request: Any, pictures: Any = ()) -> Any:
            if not self.broke:
                self.broke = True
                raise KeyError("a bug in a brain")
            return await super().think(request, pictures)

    brain = Broken(Plan(subtasks=(subtask("s1", "go:a"),)))
    async with fleet_of(tmp_path, brain, [ToyBody("ann"), ToyBody("bob")]) as (site, _, _):
        state = await run_task(site, brain)
        (task,) = await site.ledger.tasks()
        first = (await site.ledger.attempts(task.id))[0]
    assert state["verdict"] == "succeeded"
    assert first.outcome is not None
    assert "KeyError" in first.outcome.message


async def test_an_event_that_could_not_be_handled_comes_again(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"),)))
    async with fleet_of(tmp_path, brain, [ToyBody("ann")]) as (site, service, _):
        load, failures = service.dispatcher.load_task, []

        async def flaky(task_id: str) -> None:
            if not failures:
                failures.append(task_id)
                raise StoreUnavailable("gone for a moment")
            await load(task_id)

        service.dispatcher.load_task = flaky  # type: ignore[method-assign]
        state = await run_task(site, brain)
    assert failures
    assert state["verdict"] == "succeeded"


async def test_a_robot_lost_during_the_claim_does_not_take_the_subtask_with_it(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"),)))
    async with fleet_of(tmp_path, brain, [ToyBody("ann"), ToyBody("bob")]) as (site, service, _):
        claim, lost = site.ledger.claim, []

        async def breaking(task_id: str, subtask_id: str, robot: str, **more: Any) -> Any:
            attempt = await claim(task_id, subtask_id, robot, **more)
            if not lost:
                lost.append(robot)
                service.sessions[robot].close()
                await eventually(lambda: robot not in service.sessions)
            return attempt

        service.dispatcher._ledger.claim = breaking  # type: ignore[method-assign]
        state = await run_task(site, brain)
        (task,) = await site.ledger.tasks()
        states = [a.state for a in await site.ledger.attempts(task.id)]
    assert state["verdict"] == "succeeded"
    assert states == ["unknown", "succeeded"]


async def test_a_task_that_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:far"),)))
    body = ToyBody("ann", delay_s=30)
    async with fleet_of(tmp_path, brain, [body]) as (site, service, _), planner_on(site, brain) as deps:
        run = asyncio.create_task(planner_graph().ainvoke({"instruction": "go"}, context=deps))
        await eventually(lambda: service.sessions["ann"].acknowledged)
        (task,) = await site.ledger.tasks()
        await site.ledger.set_task(task.id, "cancelled", reason="changed my mind")
        await asyncio.wait_for(run, 10)
        await eventually(lambda: not service.dispatcher.works)
        assert not service.dispatcher._attempts
        assert not service.dispatcher._open
        assert not deps._renewals


async def test_a_log_folded_behind_everybody_stops_nobody(tmp_path: Path) -> None:
    """Hundreds of events before anyone can read them, in a site that keeps 64: fleet and planner catch up."""
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"), subtask("s2", "go:b", after=["s1"]))))
    body = ToyBody("kim")
    async with fleet_of(tmp_path, brain, [body]) as (site, _, _):
        await site.store.retain(Retention(events=64))
        for number in range(400):  # nothing here waits, so nobody gets to read
            await site.store.append("note", {"n": number})
        assert (await site.store.base(()))[0] > 200
        state = await run_task(site, brain)
    assert state["verdict"] == "succeeded"
    assert body.log == ["connect", "go a", "go b", "disconnect"]
