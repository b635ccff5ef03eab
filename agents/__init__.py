"""Acting on proposals: planner graph, verification, allocation, fleet service, robot agents, embodiments.

Names are imported on first use: a robot's computer needs neither the planner's nor the simulator's packages.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fleetmind.agents import planner as planner
    from fleetmind.agents.allocate import Allocation as Allocation
    from fleetmind.agents.embodiment import Embodiment as Embodiment
    from fleetmind.agents.embodiment import SkillFailed as SkillFailed
    from fleetmind.agents.embodiment import Stopped as Stopped
    from fleetmind.agents.fleet.service import FleetService as FleetService
    from fleetmind.agents.fleet.service import FleetSettings as FleetSettings
    from fleetmind.agents.planner import PlannerState as PlannerState
    from fleetmind.agents.planner import planner_graph as planner_graph
    from fleetmind.agents.planner_deps import PlannerDeps as PlannerDeps
    from fleetmind.agents.planner_service import PlannerService as PlannerService
    from fleetmind.agents.robot import RobotDeps as RobotDeps
    from fleetmind.agents.robot import RobotState as RobotState
    from fleetmind.agents.robot import robot_graph as robot_graph
    from fleetmind.agents.robot_agent import RobotAgent as RobotAgent
    from fleetmind.agents.robot_agent import RobotLink as RobotLink
    from fleetmind.agents.sim_embodiment import SimBody as SimBody
    from fleetmind.agents.sim_embodiment import SimEmbodiment as SimEmbodiment
    from fleetmind.agents.skills import skill as skill
    from fleetmind.agents.sync_embodiment import SyncEmbodiment as SyncEmbodiment
    from fleetmind.agents.verify import Fault as Fault

_HOME = {
    "Allocation": "allocate", "Embodiment": "embodiment", "SkillFailed": "embodiment", "Stopped": "embodiment",
    "FleetService": "fleet.service", "FleetSettings": "fleet.service", "PlannerState": "planner",
    "planner_graph": "planner", "PlannerDeps": "planner_deps", "PlannerService": "planner_service",
    "RobotDeps": "robot", "RobotState": "robot", "robot_graph": "robot", "RobotAgent": "robot_agent",
    "RobotLink": "robot_agent", "SimBody": "sim_embodiment", "SimEmbodiment": "sim_embodiment", "skill": "skills",
    "SyncEmbodiment": "sync_embodiment", "Fault": "verify",
}
__all__ = [*_HOME, "planner"]


def __getattr__(name: str) -> Any:
    if name == "planner":
        return importlib.import_module("fleetmind.agents.planner")
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'fleetmind.agents' has no attribute {name!r}")
    return getattr(importlib.import_module(f"fleetmind.agents.{home}"), name)
