"""Proposals: plans, thoughts and the brains and engines that make them.

Importing this is cheap: the openai package and the symbolic brain's tables are loaded when a brain is made or asked.
"""

from __future__ import annotations

from fleetmind.brain.brain import Box, Brain, Capability, Point
from fleetmind.brain.budget import Budget, BudgetedEngine
from fleetmind.brain.chain import ChainBrain
from fleetmind.brain.engine import Engine, ImagePart, Message, Reply, Usage
from fleetmind.brain.factory import BrainConfig, make_brain, make_engine
from fleetmind.brain.model import ModelBrain
from fleetmind.brain.openai_engine import EndpointConfig, OpenAIEngine
from fleetmind.brain.plan import (
    DecomposeRequest,
    Finished,
    Plan,
    Refusal,
    RefusalCode,
    RobotView,
    Step,
    Subtask,
    ThinkRequest,
    Thought,
)
from fleetmind.brain.scripted import ScriptedEngine
from fleetmind.brain.symbolic import SymbolicBrain

__all__ = [
    "Box",
    "Brain",
    "BrainConfig",
    "Budget",
    "BudgetedEngine",
    "Capability",
    "ChainBrain",
    "DecomposeRequest",
    "EndpointConfig",
    "Engine",
    "Finished",
    "ImagePart",
    "Message",
    "ModelBrain",
    "OpenAIEngine",
    "Plan",
    "Point",
    "Refusal",
    "RefusalCode",
    "Reply",
    "RobotView",
    "ScriptedEngine",
    "Step",
    "Subtask",
    "SymbolicBrain",
    "ThinkRequest",
    "Thought",
    "Usage",
    "make_brain",
    "make_engine",
]
