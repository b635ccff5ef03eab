"""The robot agent graph: observe -> think -> act -> observe ..., within limits of steps and time.

Nodes are plain functions; what they need comes by LangGraph's runtime context, state holds only small values.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from fleetmind.agents.embodiment import Embodiment
from fleetmind.brain import Step, Subtask, Thought
from fleetmind.memory import FleetmindError, Observation, Outcome, SkillCall

SAME_FAILURE_LIMIT = 4
"""An identical call that failed this often in a row ends the attempt: a brain may not loop for ever."""


class RobotState(TypedDict, total=False):
    """State of one attempt; small on purpose."""

    steps: int
    """Skill calls made."""
    thought: dict[str, Any] | None
    """The brain's last `Thought` as JSON, until acted on."""
    outcome: dict[str, Any] | None
    """The attempt's `Outcome` as JSON once it has ended."""


@dataclass(kw_only=True)
class RobotDeps:
    """What the nodes of the robot graph work with; one per attempt."""

    embodiment: Embodiment
    """The body."""
    task: str
    """Id of the task."""
    instruction: str
    """What the person said."""
    subtask: Subtask
    """What this attempt is about."""
    think: Callable[[RobotDeps], Awaitable[Thought]]
    """Asks the brain: through the fleet service, or a local one."""
    on_seen: Callable[[Observation, Step | None, float], Awaitable[None]]
    """Told every observation, with the step that led to it (None for the first) and the step's start (Unix time)."""
    max_steps: int = 200
    """Limit of skill calls."""
    deadline: float = float("inf")
    """Monotonic time at which the attempt must end."""
    pictures: bool = False
    """Observe with pictures."""
    history: list[Step] = field(default_factory=list)
    """Steps so far."""
    observation: Observation | None = None
    """The newest observation."""
    pending: tuple[Step, float] | None = None
    """The step that was just run and its start, until the observation after it is there."""


async def observe(state: RobotState, runtime: Runtime[RobotDeps]) -> RobotState:
    """Sense, and stream what was sensed together with the step that led to it."""
    deps = runtime.context
    before_s = deps.observation.world_s if deps.observation else 0.0
    deps.observation = await deps.embodiment.observe(pictures=deps.pictures)
    if deps.pending is None:
        await deps.on_seen(deps.observation, None, time.time())
        return {}
    step, started_s = deps.pending
    deps.pending = None
    elapsed_s = deps.observation.world_s - before_s
    if elapsed_s > 0:  # a world with its own clock knows better than our stopwatch
        step = step.model_copy(update={"outcome": step.outcome.model_copy(update={"duration_s": elapsed_s})})
    deps.history.append(step)
    await deps.on_seen(deps.observation, step, started_s)
    return {}


async def think(state: RobotState, runtime: Runtime[RobotDeps]) -> RobotState:
    """Ask the brain for the next skill call, or learn that the subtask is done or stuck."""
    deps = runtime.context
    ended = _limit_reached(state, deps)
    if ended is not None:
        return {"outcome": ended.model_dump()}
    try:
        thought = await deps.think(deps)
    except FleetmindError as error:
        return {"outcome": Outcome(code="failed", message=str(error), advice=error.advice).model_dump()}
    if thought.status == "act" and thought.call is not None:
        return {"thought": thought.model_dump(), "outcome": None}
    code = "succeeded" if thought.status == "done" else "failed"
    return {"outcome": Outcome(
        code=code, message=thought.text, advice=thought.advice if code == "failed" else "",
        steps=state.get("steps", 0),
    ).model_dump()}


async def act(state: RobotState, runtime: Runtime[RobotDeps]) -> RobotState:
    """Run the skill; the observation after it shows what it did."""
    deps = runtime.context
    thought = Thought.model_validate(state["thought"])
    call = thought.call or SkillCall(skill="wait")
    started_s = time.time()
    outcome = await deps.embodiment.execute(call, timeout_s=max(0.1, min(600.0, deps.deadline - time.monotonic())))
    deps.pending = (Step(thought=thought.text, call=call, outcome=outcome), started_s)
    update: RobotState = {"steps": state.get("steps", 0) + 1, "thought": None}
    if outcome.code in ("stopped", "cancelled"):
        update["outcome"] = outcome.model_dump()
    return update


def _limit_reached(state: RobotState, deps: RobotDeps) -> Outcome | None:
    if state.get("outcome"):
        return Outcome.model_validate(state["outcome"])
    if state.get("steps", 0) >= deps.max_steps:
        return Outcome(code="timeout", advice="replan", message=f"not done after {deps.max_steps} skill calls")
    if time.monotonic() >= deps.deadline:
        return Outcome(code="timeout", advice="replan", message="not done within the time limit")
    tail = deps.history[-SAME_FAILURE_LIMIT:]
    if len(tail) == SAME_FAILURE_LIMIT and all(not s.outcome.ok and s.call == tail[0].call for s in tail):
        return Outcome(code="failed", advice="replan",
                       message=f"{tail[0].call.text()} failed {SAME_FAILURE_LIMIT} times: {tail[-1].outcome.message}")
    return None


def after_think(state: RobotState) -> str:
    """Act, or end when an outcome stands."""
    return END if state.get("outcome") else "act"


def robot_graph() -> Any:
    """The ready robot agent graph, compiled; run it with `context=RobotDeps(...)`."""
    graph = StateGraph(RobotState, context_schema=RobotDeps)
    graph.add_node("observe", observe)
    graph.add_node("think", think)
    graph.add_node("act", act)
    graph.add_edge(START, "observe")
    graph.add_edge("observe", "think")
    graph.add_conditional_edges("think", after_think, ["act", END])
    graph.add_edge("act", "observe")
    return graph.compile()


async def run_subtask(graph: Any, deps: RobotDeps) -> Outcome:
    """Run one attempt to its outcome."""
    limit = 4 * deps.max_steps + 20
    state = await graph.ainvoke({"steps": 0}, {"recursion_limit": limit}, context=deps)
    return Outcome.model_validate({**state["outcome"], "steps": state.get("steps", 0)})
