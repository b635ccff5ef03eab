"""Proposals."""
from fleetmind.brain.brain import Brain, Capability
from fleetmind.brain.engine import Engine, ImagePart, Message, Reply, Usage
from fleetmind.brain.factory import BrainConfig, make_brain
from fleetmind.brain.plan import (
    DecomposeRequest,
    Finished,
    Plan,
    Refusal,
    RobotView,
    Step,
    Subtask,
    ThinkRequest,
    Thought,
)
