"""The planner graph: perceive -> decompose -> verify -> allocate -> execute -> assess -> replan, or report.

Nodes are plain functions of `PlannerState` and a LangGraph `Runtime` whose context is `PlannerDeps`; build a
graph of your own from them, or take `planner_graph()`. State holds ids and small values only: whatever a node
needs beyond is read from the ledger and the scene, so any planner can go on with any task.
"""

from __future__ import annotations

import logging
from typing import Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from fleetmind.agents.allocate import allocate as schedule
from fleetmind.agents.planner_deps import Draft, PlannerDeps
from fleetmind.agents.verify import verify as faults_of
from fleetmind.brain import DecomposeRequest, Finished, Plan, Refusal, Subtask
from fleetmind.memory import TERMINAL, AttemptRecord, FleetmindError, SubtaskRecord, TaskRecord

log = logging.getLogger(__name__)
Verdict = Literal["", "succeeded", "failed", "refused", "cancelled"]


class PlannerState(TypedDict, total=False):
    """State of the planner graph."""

    instruction: str
    """What the person said; enough to start with."""
    task: str
    """Id of the task; made by `perceive` when it is not given."""
    version: int
    """Newest plan version opened."""
    tries: int
    """Proposals for the present plan version."""
    replans: int
    """Plans made after the first."""
    faults: list[str]
    """What verification found in the last proposal."""
    point: str
    """The last decision point: done, failed, cancelled."""
    route: str
    """Where to go next, set by `verify` and `assess`."""
    verdict: Verdict
    """How the task ends."""
    reason: str
    """Why."""
    reason_code: str
    """Its stable code."""


async def perceive(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Make sure the task is recorded and owned, and read where its work stands."""
    deps = runtime.context
    task_id = state.get("task") or await deps.submit(state["instruction"])
    await deps.own(task_id)
    task = await deps.ledger.task(task_id)
    if task.state in TERMINAL:
        return {"task": task_id, "verdict": task.state, "reason": task.reason,  # type: ignore[typeddict-item]
                "reason_code": task.reason_code, "route": "report"}
    records = await deps.ledger.subtasks(task_id)
    await deps.set_task(task_id, "planning" if task.plan_version == 0 else "running")
    going = [r for r in records if r.state in ("waiting", "ready", "claimed") and r.plan_version == task.plan_version]
    broken = [r for r in records if r.state in ("failed", "unknown") and r.plan_version == task.plan_version]
    # A plan that another planner opened and did not see to its end is executed, not made again.
    resume = bool(going) and not broken and state.get("route") != "replan"
    return {"task": task_id, "version": task.plan_version, "instruction": task.instruction, "tries": 0, "faults": [],
            "route": "execute" if resume else "decompose"}


async def decompose(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Ask the brain for a plan; the faults of the last proposal go with the question."""
    deps, task_id = runtime.context, state["task"]
    request = await decompose_request(deps, task_id, tuple(state.get("faults") or ()))
    try:
        proposal = await deps.brain.decompose(request)
    except FleetmindError as error:
        proposal = Refusal(code="NOT_UNDERSTOOD", message=str(error))
        deps.drafts[task_id] = Draft(proposal=proposal, request=request)
        return {"tries": state.get("tries", 0) + 1, "reason_code": error.code}
    deps.drafts[task_id] = Draft(proposal=proposal, request=request)
    return {"tries": state.get("tries", 0) + 1, "reason_code": ""}


async def verify(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Check the proposal; faults go back to the brain, a refusal to the person."""
    deps, task_id = runtime.context, state["task"]
    draft = deps.drafts.get(task_id)
    if draft is None:  # another process made it; it was never opened, so it is made again
        return {"route": "decompose"}
    proposal = draft.proposal
    if isinstance(proposal, Refusal):
        worked = any(f.ok for f in draft.request.finished) or draft.request.finished
        verdict: Verdict = "failed" if worked and proposal.code not in ("NOT_FOUND", "NO_SKILL") else "refused"
        code = state.get("reason_code") or proposal.code
        return {"route": "report", "verdict": verdict, "reason": proposal.message, "reason_code": code}
    if not proposal.subtasks:
        return _nothing_left(proposal)
    finished = [f.id for f in draft.request.finished if f.ok]
    faults = faults_of(proposal, deps.scene(), draft.request.robots, finished=finished, running=draft.request.running)
    if not faults:
        return {"route": "allocate", "faults": []}
    texts = [f.text() for f in faults[:20]]
    if state.get("tries", 0) < deps.max_tries:
        return {"route": "decompose", "faults": texts}
    return {"route": "report", "verdict": "refused", "reason_code": faults[0].code, "reason": "; ".join(texts)[:3000]}


def _nothing_left(proposal: Plan) -> PlannerState:
    if proposal.complete:
        return {"route": "report", "verdict": "succeeded", "reason": proposal.reasoning or "nothing is left to do"}
    return {"route": "report", "verdict": "failed", "reason_code": "NO_PROGRESS",
            "reason": f"the brain has no next step: {proposal.reasoning}"}


async def allocate(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Decide who does what, and hand the plan to the ledger."""
    deps, task_id = runtime.context, state["task"]
    draft = deps.drafts.pop(task_id)
    plan = draft.proposal
    if not isinstance(plan, Plan):
        raise FleetmindError("PLAN_MISSING", f"task {task_id!r} has no verified plan to allocate")
    task = await deps.ledger.task(task_id)
    version = task.plan_version + 1
    names = {s.id: f"v{version}-{s.id}" for s in plan.subtasks}
    owners = schedule(plan.subtasks, deps.scene(), draft.request.robots).robot_of()
    records = tuple(_record(task_id, version, s, names, owners) for s in plan.subtasks)
    reasoning = "\n".join((plan.reasoning, *plan.notes)) if plan.notes else plan.reasoning
    await deps.remember(task_id, plan)
    await deps.ledger.open(task_id, version, records, reasoning=reasoning, lease=deps.lease_of(task_id))
    await deps.set_task(task_id, "running")
    return {"version": version, "tries": 0}


def _record(task_id: str, version: int, subtask: Subtask, names: dict[str, str],
            owners: dict[str, str]) -> SubtaskRecord:
    needs = tuple(names.get(d, d) for d in subtask.depends_on)
    named = subtask.model_copy(update={"id": names[subtask.id], "depends_on": needs})
    return SubtaskRecord(id=named.id, task=task_id, plan_version=version, depends_on=needs,
                         body=named.model_dump(mode="json"), robot=subtask.robot or owners.get(subtask.id))


async def execute(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Wait for the plan's next decision point; the dispatcher does the work meanwhile."""
    point = await runtime.context.wait_for_decision(state["task"], state["version"])
    return {"point": point}


async def assess(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Read from the ledger what the decision point means: finished, try another plan, or give up."""
    deps, task_id = runtime.context, state["task"]
    task = await deps.ledger.task(task_id)
    if task.state in TERMINAL:
        return {"route": "report", "verdict": task.state, "reason": task.reason,  # type: ignore[typeddict-item]
                "reason_code": task.reason_code}
    records = [r for r in await deps.ledger.subtasks(task_id) if r.plan_version == task.plan_version]
    if state.get("point") == "done" and all(r.state == "succeeded" for r in records):
        if await deps.plan_is_complete(task_id, task.plan_version):
            return {"route": "report", "verdict": "succeeded", "reason": _summary(records)}
        if state.get("replans", 0) < deps.max_replans:
            return {"route": "replan"}
        return {"route": "report", "verdict": "failed", "reason_code": "NO_PROGRESS",
                "reason": f"after {deps.max_replans + 1} plans the brain still has no complete one"}
    if state.get("replans", 0) >= deps.max_replans:
        why = await _why_failed(deps, task_id, records)
        return {"route": "report", "verdict": "failed", "reason_code": "NO_PROGRESS", "reason": why}
    return {"route": "replan"}


async def replan(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Count the new plan, and let running work be known to the brain before it is asked again."""
    deps = runtime.context
    await deps.settle(state["task"])
    return {"replans": state.get("replans", 0) + 1, "route": "replan"}


async def report(state: PlannerState, runtime: Runtime[PlannerDeps]) -> PlannerState:
    """Write the task's truthful end."""
    deps, task_id = runtime.context, state["task"]
    verdict: Any = state.get("verdict") or "failed"
    await deps.ledger.cancel_open(task_id, lease=deps.lease_of(task_id))
    await deps.set_task(task_id, verdict, reason=state.get("reason", ""), reason_code=state.get("reason_code", ""))
    deps.forget(task_id)
    return {"verdict": verdict}


def _summary(records: list[SubtaskRecord]) -> str:
    return f"{len(records)} subtasks of plan {records[0].plan_version if records else 0} succeeded"


async def _why_failed(deps: PlannerDeps, task_id: str, records: list[SubtaskRecord]) -> str:
    attempts = await deps.ledger.attempts(task_id)
    words = []
    for record in records:
        if record.state in ("failed", "unknown"):
            last: AttemptRecord | None = next((a for a in reversed(attempts) if a.subtask == record.id), None)
            why = last.outcome.message if last and last.outcome else "no robot could take it"
            words.append(f"{Subtask.model_validate(record.body).goal!r}: {why}")
    return "; ".join(words)[:3000] or "the plan could not be carried out"


async def decompose_request(deps: PlannerDeps, task_id: str, faults: tuple[str, ...] = ()) -> DecomposeRequest:
    """Everything the brain may know of a task, read from ledger and scene."""
    task: TaskRecord = await deps.ledger.task(task_id)
    records = await deps.ledger.subtasks(task_id)
    attempts = {a.subtask: a for a in await deps.ledger.attempts(task_id)}
    finished = tuple(_finished(r, attempts.get(r.id)) for r in records if r.state in ("succeeded", "failed", "unknown"))
    running = tuple(Subtask.model_validate(r.body) for r in records if r.state == "claimed")
    scene = deps.scene()
    return DecomposeRequest(
        task=task_id, instruction=task.instruction, scene=tuple(scene), robots=await deps.robots(),
        scene_text=await deps.scene_text(task.instruction), finished=finished, running=running, faults=faults,
        notes=await deps.notes(task_id),
    )


def _finished(record: SubtaskRecord, attempt: AttemptRecord | None) -> Finished:
    subtask = Subtask.model_validate(record.body)
    return Finished(id=record.id, key=subtask.key, goal=subtask.goal, robot=attempt.robot if attempt else "",
                    ok=record.state == "succeeded", outcome=attempt.outcome if attempt else None)


def _route(state: PlannerState) -> str:
    return state.get("route") or "report"


def planner_graph(*, checkpointer: Any = None) -> Any:
    """The ready planner graph, compiled; run it with `context=PlannerDeps(...)`."""
    graph = StateGraph(PlannerState, context_schema=PlannerDeps)
    for node in (perceive, decompose, verify, allocate, execute, assess, replan, report):
        graph.add_node(node)
    graph.add_edge(START, "perceive")
    graph.add_conditional_edges("perceive", _route, ["decompose", "execute", "report"])
    graph.add_edge("decompose", "verify")
    graph.add_conditional_edges("verify", _route, ["decompose", "allocate", "report"])
    graph.add_edge("allocate", "execute")
    graph.add_edge("execute", "assess")
    graph.add_conditional_edges("assess", _route, ["replan", "execute", "report"])
    graph.add_edge("replan", "perceive")
    graph.add_edge("report", END)
    return graph.compile(checkpointer=checkpointer)


