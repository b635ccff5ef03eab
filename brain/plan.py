"""What a brain proposes: plans of subtasks, thoughts with the next skill call, refusals with a reason.

Proposals are untrusted: `agents/verify.py` checks every one before anything moves.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fleetmind.memory.facts import Fact
from fleetmind.memory.model import Model, Name, NodeId
from fleetmind.memory.robots import Observation, Outcome, RobotProfile, SkillCall
from fleetmind.memory.scene import Node

RefusalCode = Literal[
    "EMPTY",  # nothing was asked
    "NOT_UNDERSTOOD",  # words the brain cannot read; `words` has them
    "NOT_FOUND",  # the thing does not exist here, after a search
    "NO_SKILL",  # no robot of this fleet can do it
    "OUT_OF_REACH",  # nobody reaches it
    "TOO_HEAVY",  # nobody can lift it
    "IMPOSSIBLE",  # the world's rules forbid it (a fridge cannot be sliced)
    "UNSAFE",  # asked to harm people or property
]


class Subtask(Model):
    """What one robot does on its own."""

    id: Name
    """Unique within the task and across plan versions; `agents` renames clashes."""
    goal: str = Field(min_length=1, max_length=2000)
    """In words, for people and for the robot's brain."""
    skills: tuple[Name, ...] = ()
    """Skills it needs; the robot must have all of them."""
    nodes: tuple[NodeId, ...] = Field((), max_length=2000)
    """Scene-graph nodes it handles or visits: its slice of the scene holds at least these."""
    preconditions: tuple[Fact, ...] = ()
    """Must hold when it starts."""
    effects: tuple[Fact, ...] = ()
    """Hold when it has succeeded; judged on the scene graph, not on the robot's word."""
    depends_on: tuple[Name, ...] = ()
    """Subtasks that must have succeeded before."""
    robot: Name | None = None
    """Only this robot may do it (it holds the thing, or the person named it)."""
    seeks: tuple[str, ...] = ()
    """A search: object types (`Mug`) to look for; it visits `nodes` in order of travel, opens what is closed."""
    seeks_count: int = Field(0, ge=0)
    """Stop once so many are known; 0: look everywhere."""
    key: str = Field("", max_length=256)
    """Stable across replans, e.g. `2:potato-1:hot`: what has succeeded under a key is not planned again."""
    duration_s: float = Field(30.0, gt=0, le=86_400)
    """Estimated world seconds without travel, for the allocation."""


class Plan(Model):
    """A directed acyclic graph of subtasks for one task."""

    subtasks: tuple[Subtask, ...] = Field(max_length=10_000)
    """Empty when nothing is left to do."""
    reasoning: str = Field("", max_length=20_000)
    """The brain's explanation, for people."""
    complete: bool = True
    """False: a step towards a plan (a search); plan again when these have succeeded."""
    notes: tuple[str, ...] = ()
    """What people should know: assumptions, words that were ignored."""


class Refusal(Model):
    """The brain will not plan this, and says why."""

    code: RefusalCode
    """Stable reason."""
    message: str = Field(min_length=1, max_length=4000)
    """In words, with what the fleet can do instead."""
    words: tuple[str, ...] = ()
    """The words it stumbled on."""


class RobotView(Model):
    """A robot as the planner sees it."""

    profile: RobotProfile
    """What it is and can do."""
    online: bool = True
    """False: known but not there."""
    room: NodeId | None = None
    """Where it is."""
    holding: NodeId | None = None
    """What it holds."""


class Finished(Model):
    """A subtask of this task that has ended, for replanning."""

    id: Name
    """Its id."""
    key: str = ""
    """Its key."""
    goal: str
    """In words."""
    robot: str = ""
    """Who did or tried it."""
    ok: bool
    """Whether it succeeded."""
    outcome: Outcome | None = None
    """How it ended."""


class DecomposeRequest(Model):
    """Everything a brain may use to make a plan."""

    task: Name
    """Id of the task."""
    instruction: str = Field(max_length=20_000)
    """What the person said."""
    scene: tuple[Node, ...]
    """The part of the scene graph that matters (rooms and fixed furniture always)."""
    scene_text: str = ""
    """The same within the token budget, for language models."""
    robots: tuple[RobotView, ...]
    """The fleet."""
    finished: tuple[Finished, ...] = ()
    """What was done for this task so far, oldest first."""
    running: tuple[Subtask, ...] = ()
    """Subtasks that are running now and go on during a replan; do not plan them again."""
    faults: tuple[str, ...] = ()
    """What the verification found wrong with the previous proposal; mend it."""
    notes: tuple[str, ...] = ()
    """The brain's own notes from the first decomposition of this task (e.g. where things were initially).
    A brain puts there what it must remember across replans; opaque to everyone else."""


class Step(Model):
    """One past step of a subtask."""

    thought: str
    """What the brain thought."""
    call: SkillCall
    """What it called."""
    outcome: Outcome
    """How that ended."""


class ThinkRequest(Model):
    """Everything a brain may use to decide a robot's next skill call."""

    task: Name
    """Id of the task."""
    instruction: str
    """What the person said."""
    subtask: Subtask
    """What this robot is doing."""
    robot: RobotProfile
    """Who is doing it."""
    scene: tuple[Node, ...]
    """The robot's slice of the scene graph, with its own observations merged in."""
    observation: Observation
    """What it senses now; ids in it are the source's, `scene` nodes carry them as `attributes.source_id`."""
    history: tuple[Step, ...] = ()
    """Earlier steps of this attempt."""


class Thought(Model):
    """The brain's decision for one step: exactly one of call, done, stuck."""

    text: str = Field("", max_length=8000)
    """Reasoning, for people and for training."""
    status: Literal["act", "done", "stuck"]
    """`act`: run `call`; `done`: the subtask's effects hold; `stuck`: it cannot be done, `text` says why."""
    call: SkillCall | None = None
    """The next skill call; arguments name scene-graph nodes."""
    advice: Literal["", "retry", "replan", "stop"] = ""
    """With `stuck`: what should happen now."""
