"""The kit for ledgers."""

from __future__ import annotations

import asyncio

import pytest

from fleetmind.memory.conformance.site import Site, kitchen, refused
from fleetmind.memory.embodiment import robot_records
from fleetmind.memory.errors import Conflict
from fleetmind.memory.ledger import AttemptRecord, Lease, Ledger, SubtaskRecord, TaskRecord
from fleetmind.memory.robots import Battery, Outcome, RobotProfile, SkillSpec
from fleetmind.memory.store import Change

DONE = Outcome(code="succeeded", done={"where": "table-1"}, steps=3)
FAILED = Outcome(code="failed", message="the drawer is \"stuck\"\n", advice="replan")


def sub(name: str, *needs: str, version: int = 1, task: str = "t") -> SubtaskRecord:
    """A subtask with its dependencies."""
    return SubtaskRecord(id=name, task=task, plan_version=version, depends_on=needs,
                         body={"goal": "do it", "empty": [], "big": 2**60})


async def opened(ledger: Ledger, *subtasks: SubtaskRecord) -> Lease:
    """A task `t` with a plan, and the dispatcher's lease."""
    await ledger.submit(TaskRecord(id="t", instruction="clear the table", goal={"all": []}))
    await ledger.open("t", 1, subtasks, reasoning="because")
    return await ledger.lease("dispatcher", "one", ttl_s=30)


async def states(ledger: Ledger) -> dict[str, str]:
    """State of every subtask."""
    return {s.id: s.state for s in await ledger.subtasks("t")}


@pytest.mark.asyncio
class LedgerConformance:
    """What every ledger does. Needs the fixture `site`."""

    async def test_leases(self, site: Site) -> None:
        _, ledger = site
        first = await ledger.lease("dispatcher", "one", ttl_s=30)
        assert await ledger.lease("dispatcher", "one", ttl_s=30) == first
        with refused("LEASE_TAKEN", actual="one"):
            await ledger.lease("dispatcher", "two", ttl_s=30)
        await ledger.renew(first)
        second = await ledger.lease("dispatcher", "two", ttl_s=30, take_over=True)
        assert second.fence > first.fence
        with refused("STALE_FENCE"):
            await ledger.renew(first)
        await ledger.release(first)
        await ledger.renew(second)
        await ledger.release(second)
        with refused("STALE_FENCE"):
            await ledger.renew(second)
        third = await ledger.lease("dispatcher", "one", ttl_s=30)
        assert third.fence > second.fence
        for name, owner, ttl_s in (("", "o", 1.0), ("n", "a\nb", 1.0), ("n", "o", 0.0), ("n", "o", float("nan"))):
            with refused("LEASE_INVALID"):
                await ledger.lease(name, owner, ttl_s=ttl_s)

    async def test_a_lapsed_lease_is_free_and_may_revive(self, site: Site) -> None:
        _, ledger = site
        lapsing = await ledger.lease("dispatcher", "one", ttl_s=0.01)

        async def taken() -> Lease:
            while True:
                try:
                    return await ledger.lease("dispatcher", "two", ttl_s=0.01)
                except Conflict:
                    await asyncio.sleep(0.005)

        newer = await asyncio.wait_for(taken(), 5)
        assert newer.fence > lapsing.fence
        with refused("STALE_FENCE"):
            await ledger.renew(lapsing)
        await ledger.renew(newer.model_copy(update={"ttl_s": 30.0}))
        with refused("LEASE_TAKEN"):
            await ledger.lease("dispatcher", "one", ttl_s=1)

    async def test_robots_are_logged_when_something_changed(self, site: Site) -> None:
        store, ledger = site
        profile = RobotProfile(name="ann", skills=(SkillSpec(name="pick_up", description="Pick up.", parameters={}),))
        for state in ("online", "online", "lost"):
            await ledger.put_robot(profile, state=state)
        assert await ledger.robots() == {"ann": (profile, "lost")}
        events = await store.events()
        assert [e.data["state"] for e in events] == ["online", "lost"]
        assert RobotProfile.model_validate(events[0].data["profile"]) == profile

    async def test_tasks(self, site: Site) -> None:
        store, ledger = site
        task = TaskRecord(id="t", instruction="räum \"auf\"\n", goal={"all": [], "n": 2**60})
        first = await ledger.submit(task)
        assert first.created_s > 0
        assert await ledger.submit(task) == first
        with refused("TASK_EXISTS"):
            await ledger.submit(TaskRecord(id="t", instruction="other"))
        await ledger.submit(TaskRecord(id="a", instruction="x"))
        assert [t.id for t in await ledger.tasks()] == ["t", "a"]
        running = await ledger.set_task("t", "running", reason="go", reason_code="GO")
        assert (running.state, running.reason, running.goal) == ("running", "go", task.goal)
        assert await ledger.task("t") == running
        ended = await ledger.set_task("t", "failed", reason="why", reason_code="NO_ROBOT")
        assert await ledger.set_task("t", "failed", reason="another") == ended
        with refused("TASK_ENDED", actual="failed"):
            await ledger.set_task("t", "running")
        for call in (ledger.task("x"), ledger.set_task("x", "failed"), ledger.subtasks("x"), ledger.attempts("x"),
                     ledger.open("x", 1, ()), ledger.cancel_open("x")):
            with refused("TASK_UNKNOWN"):
                await call
        kinds = [(e.kind, e.data["state"]) for e in await store.events()]
        assert kinds == [("task", s) for s in ("queued", "queued", "running", "failed")]
        assert TaskRecord.model_validate((await store.events())[-1].data) == ended

    async def test_subtasks_become_ready_in_order(self, site: Site) -> None:
        store, ledger = site
        lease = await opened(ledger, sub("a"), sub("b", "a"), sub("c", "a", "b"), sub("d"))
        assert [s.id for s in await ledger.ready()] == ["a", "d"]
        assert await ledger.ready("other") == []
        (ready, *_) = await ledger.ready("t")
        assert ready == sub("a").model_copy(update={"state": "ready"})
        for name, freed in (("a", ("b",)), ("b", ("c",)), ("c", ()), ("d", ())):
            attempt = await ledger.claim("t", name, "ann", lease=lease)
            assert attempt.id == f"t/{name}/1"
            commit = await ledger.commit(attempt.id, attempt.fence, DONE, lease=lease)
            assert (commit.repeated, commit.ready) == (False, freed)
        assert set((await states(ledger)).values()) == {"succeeded"}
        plan = next(e for e in await store.events() if e.kind == "plan")
        assert plan.data["reasoning"] == "because"
        attempts = [AttemptRecord.model_validate(e.data) for e in await store.events() if e.kind == "attempt"]
        assert [a.state for a in attempts] == ["claimed", "succeeded"] * 4
        assert attempts[-1] == (await ledger.attempts("t"))[-1]

    async def test_claims_are_exclusive(self, site: Site) -> None:
        _, ledger = site
        lease = await opened(ledger, sub("a"), sub("b", "a"), sub("c"))
        ends = await asyncio.gather(*(ledger.claim("t", "a", robot, lease=lease) for robot in ("ann", "bob")),
                                    return_exceptions=True)
        won = [end for end in ends if isinstance(end, AttemptRecord)]
        assert len(won) == 1
        with refused("ROBOT_BUSY", actual=won[0].id):
            await ledger.claim("t", "c", won[0].robot, lease=lease)
        with refused("NOT_READY", actual="waiting"):
            await ledger.claim("t", "b", "bob", lease=lease)
        with refused("SUBTASK_UNKNOWN"):
            await ledger.claim("t", "x", "bob", lease=lease)
        with refused("TASK_UNKNOWN"):
            await ledger.claim("x", "x", "bob", lease=lease)
        await ledger.lease("dispatcher", "two", ttl_s=30, take_over=True)
        with refused("STALE_FENCE"):
            await ledger.claim("t", "c", "cleo", lease=lease)
        with refused("STALE_FENCE"):
            await ledger.commit(won[0].id, won[0].fence, DONE, lease=lease)

    async def test_one_record_per_robot(self, site: Site) -> None:
        store, ledger = site
        lease = await opened(ledger, sub("a"))
        await store.apply(kitchen())
        for name in ("ann", "bob"):
            await ledger.put_robot(RobotProfile(name=name, skills=(), battery=Battery(capacity_wh=90)), state="online")
        mine = await ledger.lease("robot/ann", "incarnation-1", ttl_s=30)
        attempt = await ledger.claim("t", "a", "ann", lease=lease)
        await store.grasp("ann", "mug-1")
        assert await ledger.busy() == {"ann": attempt.id}
        leases = await ledger.leases()
        assert {name: (held.owner, held.fence) for name, held in leases.items()} == {
            "dispatcher": ("one", lease.fence), "robot/ann": ("incarnation-1", mine.fence)}
        assert all(0 < held.ttl_s <= 30 for held in leases.values())
        records = await robot_records(ledger, await store.snapshot())
        assert set(records) == {"ann", "bob"}
        assert (records["ann"].state.holding, records["ann"].state.attempt) == (("mug-1",), attempt.id)
        assert records["ann"].lease is not None
        assert (records["bob"].state.holding, records["bob"].state.attempt, records["bob"].lease) == ((), None, None)
        await ledger.commit(attempt.id, attempt.fence, DONE, lease=lease)
        await ledger.release(mine)
        assert await ledger.busy() == {}
        assert set(await ledger.leases()) == {"dispatcher"}

    async def test_a_commit_happens_once(self, site: Site) -> None:
        store, ledger = site
        lease = await opened(ledger, sub("a"))
        await store.apply(kitchen())
        attempt = await ledger.claim("t", "a", "ann", lease=lease)
        change = Change(remove=("mug-1",), source="ann")
        with refused("STALE_FENCE"):
            await ledger.commit(attempt.id, attempt.fence + 1, DONE, change=change)
        for unknown in ("t/a/2", "t/b/1", "x/a/1", "nonsense"):
            with refused("ATTEMPT_UNKNOWN"):
                await ledger.commit(unknown, attempt.fence, DONE)
        first = await ledger.commit(attempt.id, attempt.fence, DONE, change=change, lease=lease)
        again = await ledger.commit(attempt.id, attempt.fence, DONE, change=change, lease=lease)
        assert (first.version, first.repeated, again.version, again.repeated) == (again.version, False,
                                                                                 first.version, True)
        with refused("ATTEMPT_ENDED", actual="succeeded"):
            await ledger.commit(attempt.id, attempt.fence, FAILED)
        assert "mug-1" not in await store.snapshot()
        (stored,) = await ledger.attempts("t")
        assert (stored.state, stored.outcome) == ("succeeded", DONE)

    async def test_a_refused_change_refuses_the_commit(self, site: Site) -> None:
        store, ledger = site
        lease = await opened(ledger, sub("a"), sub("b", "a"))
        await store.apply(kitchen())
        attempt = await ledger.claim("t", "a", "ann", lease=lease)
        version = (await store.snapshot()).version
        with refused("SCENE_INVARIANT"):
            await ledger.commit(attempt.id, attempt.fence, DONE, change=Change(remove=("table-1",)))
        assert (await store.snapshot()).version == version
        assert await states(ledger) == {"a": "claimed", "b": "waiting"}

    @pytest.mark.parametrize(("code", "retry", "attempt_state", "subtask_state"), [
        ("failed", False, "failed", "failed"), ("failed", True, "failed", "ready"),
        ("lost", False, "unknown", "unknown"), ("lost", True, "unknown", "ready"),
        ("cancelled", False, "cancelled", "cancelled"), ("timeout", False, "failed", "failed"),
    ])
    async def test_how_attempts_end(self, site: Site, code: str, retry: bool, attempt_state: str,
                                    subtask_state: str) -> None:
        _, ledger = site
        lease = await opened(ledger, sub("a"), sub("b", "a"))
        attempt = await ledger.claim("t", "a", "ann", lease=lease)
        outcome = FAILED.model_copy(update={"code": code})
        commit = await ledger.commit(attempt.id, attempt.fence, outcome, retry=retry, lease=lease)
        assert commit.ready == ()
        assert [a.state for a in await ledger.attempts("t")] == [attempt_state]
        assert await states(ledger) == {"a": subtask_state, "b": "waiting"}
        if retry:
            second = await ledger.claim("t", "a", "ann", lease=lease)
            assert second.number == 2
            assert second.fence > attempt.fence

    async def test_a_new_plan_replaces_what_is_unclaimed(self, site: Site) -> None:
        _, ledger = site
        lease = await opened(ledger, sub("a"), sub("b", "a"), sub("c"))
        running = await ledger.claim("t", "a", "ann", lease=lease)
        await ledger.open("t", 1, (sub("ignored"),))
        with refused("PLAN_DANGLING"):
            await ledger.open("t", 2, (sub("d", "b", version=2),))
        await ledger.open("t", 2, (sub("d", "a", version=2), sub("e", version=2)))
        assert await states(ledger) == {"a": "claimed", "b": "cancelled", "c": "cancelled", "d": "waiting",
                                        "e": "ready"}
        assert (await ledger.commit(running.id, running.fence, DONE)).ready == ("d",)
        await ledger.open("t", 3, (sub("f", "a", version=3),))
        assert [s.id for s in await ledger.ready()] == ["f"]
        assert (await ledger.task("t")).plan_version == 3

    async def test_bad_plans(self, site: Site) -> None:
        store, ledger = site
        lease = await opened(ledger, sub("a"))
        version = (await store.snapshot()).version
        for number, plan, code in (
            (2, (sub("b", "c", version=2), sub("c", "b", version=2)), "PLAN_CYCLE"),
            (2, (sub("b", "b", version=2),), "PLAN_CYCLE"),
            (2, (sub("b", "ghost", version=2),), "PLAN_DANGLING"),
            (2, (sub("a", version=2),), "PLAN_INVALID"),
            (2, (sub("b", version=2), sub("b", version=2)), "PLAN_INVALID"),
            (2, (sub("b", version=1),), "PLAN_INVALID"),
            (2, (sub("b", version=2, task="u"),), "PLAN_INVALID"),
            (0, (), "PLAN_VERSION"),
        ):
            with refused(code):
                await ledger.open("t", number, plan)
        await ledger.open("t", 5, ())
        with refused("PLAN_VERSION"):
            await ledger.open("t", 4, ())
        with refused("STALE_FENCE"):
            await ledger.open("t", 6, (), lease=lease.model_copy(update={"fence": lease.fence + 1}))
        assert (await store.snapshot()).version == version + 1

    async def test_ending_a_task_ends_its_open_work(self, site: Site) -> None:
        _, ledger = site
        lease = await opened(ledger, sub("a"), sub("b", "a"), sub("c"))
        attempt = await ledger.claim("t", "a", "ann", lease=lease)
        await ledger.set_task("t", "cancelled", reason="the person said so")
        assert await states(ledger) == {"a": "claimed", "b": "cancelled", "c": "cancelled"}
        assert await ledger.ready() == []
        assert [a.id for a in await ledger.cancel_open("t")] == [attempt.id]
        with refused("TASK_ENDED"):
            await ledger.open("t", 2, ())
        await ledger.commit(attempt.id, attempt.fence, FAILED, retry=True)
        assert (await states(ledger))["a"] == "cancelled"

    async def test_cancel_open(self, site: Site) -> None:
        _, ledger = site
        lease = await opened(ledger, sub("a"), sub("b"))
        attempt = await ledger.claim("t", "b", "ann", lease=lease)
        assert await ledger.cancel_open("t", lease=lease) == [attempt]
        assert await states(ledger) == {"a": "cancelled", "b": "claimed"}
        await ledger.commit(attempt.id, attempt.fence, DONE)
        assert await ledger.cancel_open("t") == []

    async def test_clear_needs_everybody_gone(self, site: Site) -> None:
        store, ledger = site
        lease = await opened(ledger, sub("a"))
        await store.apply(kitchen())
        with refused("SITE_IN_USE"):
            await ledger.clear()
        await ledger.release(lease)
        before = (await store.snapshot()).version
        version = await ledger.clear()
        scene = await store.snapshot()
        assert (version, scene.version, len(scene)) == (before + 1, before + 1, 0)
        assert (await ledger.tasks(), await ledger.ready(), await ledger.robots()) == ([], [], {})
        with refused("LOG_TRIMMED"):
            await store.events(0)
        assert [e.data["op"] for e in await store.events(before)] == ["clear"]
        again = await opened(ledger, sub("a"))
        assert again.fence > lease.fence
        await store.apply(kitchen())
        newest = await store.snapshot()
        assert dict((await store.at(newest.version)).nodes) == dict(newest.nodes)
