"""A planner graph of one's own: the ready nodes, and a shift lead who is asked before anything moves."""

import asyncio
from typing import Any

from langgraph.graph import END, START, StateGraph

from fleetmind.agents import PlannerDeps, PlannerState, planner
from fleetmind.brain import Subtask, make_brain
from fleetmind.simulators import SceneSpec
from fleetmind.training.episode import stage


async def ask_the_shift_lead(state: PlannerState, runtime: Any) -> PlannerState:
    """Show the plan that is about to run; `runtime.context` is `PlannerDeps`."""
    records = await runtime.context.ledger.subtasks(state["task"])
    for record in records:
        print(f"  {record.robot}: {Subtask.model_validate(record.body).goal}")
    return {}


def shift_graph() -> Any:
    """perceive -> decompose -> verify -> allocate -> shift lead -> execute -> assess -> report."""
    graph = StateGraph(PlannerState, context_schema=PlannerDeps)
    for node in (planner.perceive, planner.decompose, planner.verify, planner.allocate, planner.execute,
                 planner.assess, planner.replan, planner.report):
        graph.add_node(node)
    graph.add_node(ask_the_shift_lead)
    graph.add_edge(START, "perceive")
    graph.add_edge("perceive", "decompose")
    graph.add_edge("decompose", "verify")
    graph.add_conditional_edges("verify", lambda state: state["route"], ["decompose", "allocate", "report"])
    graph.add_edge("allocate", "ask_the_shift_lead")
    graph.add_edge("ask_the_shift_lead", "execute")
    graph.add_edge("execute", "assess")
    graph.add_conditional_edges("assess", lambda state: state["route"], ["replan", "execute", "report"])
    graph.add_edge("replan", "perceive")
    graph.add_edge("report", END)
    return graph.compile()


async def main(instruction: str = "Turn off the light in the kitchen.") -> str:
    """Run the graph on a fleet in this process; returns the verdict."""
    brain = make_brain()
    async with stage(SceneSpec(name="Kitchen2"), ("trio",), brain, planner=False) as site:
        state = await shift_graph().ainvoke({"instruction": instruction}, {"recursion_limit": 100}, context=site.deps)
    print(state["verdict"], "-", state.get("reason", ""))
    return str(state["verdict"])


if __name__ == "__main__":
    asyncio.run(main())
