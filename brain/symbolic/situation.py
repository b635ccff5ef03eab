"""A robot's situation in one step of a subtask: what it sees, holds, has tried, and what came of it."""

from __future__ import annotations

from fleetmind.brain.plan import Step, ThinkRequest, Thought
from fleetmind.brain.symbolic.knowledge import can
from fleetmind.memory.facts import Fact
from fleetmind.memory.model import JsonValue
from fleetmind.memory.robots import SkillCall
from fleetmind.memory.scene import Node, Scene

MAX_SAME_FAILURES = 3
"""An identical call that failed so often is not made again: the agent would end the attempt at the fourth."""
GONE = 0.5
"""Below this confidence a thing is not where the scene has it."""


class Situation:
    """Reads a request."""

    def __init__(self, request: ThinkRequest) -> None:
        self.subtask, self.robot, self.observation = request.subtask, request.robot, request.observation
        self.history = request.history
        self.scene = Scene(request.scene)
        self._seen = {seen.source_id: seen for seen in request.observation.objects}
        self._by_source = {str(n.attributes.get("source_id", n.id)): n for n in self.scene}

    # what is ---------------------------------------------------------------------------------------------
    def node(self, node_id: str) -> Node | None:
        """A node of the robot's slice."""
        return self.scene.get(node_id)

    @property
    def holding(self) -> str | None:
        """Node id of what it holds."""
        if self.observation.holding is not None:
            node = self._by_source.get(self.observation.holding)
            return node.id if node is not None else self.observation.holding
        return None

    def reachable(self, node_id: str) -> bool:
        """True when the newest observation shows it within reach."""
        node = self.node(node_id)
        seen = self._seen.get(str(node.attributes.get("source_id", node.id))) if node is not None else None
        return seen is not None and seen.reachable

    def state(self, node_id: str, key: str) -> bool | str | float:
        """A state, from the newest observation where it shows the thing."""
        node = self.node(node_id)
        if node is None:
            return False
        seen = self._seen.get(str(node.attributes.get("source_id", node.id)))
        if seen is not None and key in seen.states:
            return seen.states[key]
        return node.states.get(key, False)

    def holds(self, fact: Fact) -> bool:
        """True when the scene, or the newest observation, says so."""
        if fact.state is not None:
            return self.state(fact.node, fact.state) == fact.value
        if fact.relation == "held_by":
            return self.holding == fact.node if fact.target in ("any", self.robot.name) else fact.holds(self.scene)
        return self.holding != fact.node and self._is_at(fact.node, fact.target)

    def _is_at(self, node_id: str, target: str | None) -> bool:
        """In or on the target itself, or in a vessel there: in a machine on the counter is not on the counter."""
        for above in self.scene.ancestors(node_id):
            if above.id == target:
                return True
            if not can(above, "pickupable") and above.type not in ("Sink", "SinkBasin"):
                return False
            if above.type == "SinkBasin" and (node := self.node(target or "")) is not None and node.type != "Sink":
                return False
        return False

    def has(self, *skills: str) -> bool:
        """True when the robot has the skills."""
        return self.robot.has_skills(skills)

    def looked_into(self, node: Node) -> bool:
        """True when a robot has seen what is in or on it."""
        return node.states.get("searched") is True or str(
            node.attributes.get("source_id", node.id)) in self.observation.looked_into

    # what was tried --------------------------------------------------------------------------------------
    @property
    def last(self) -> Step | None:
        """The step before."""
        return self.history[-1] if self.history else None

    def last_was(self, skill: str, node_id: str | None = None) -> bool:
        """True when the step before was this call, and it succeeded."""
        step = self.last
        return step is not None and step.outcome.ok and step.call.skill == skill and (
            node_id is None or node_id in step.call.arguments.values())

    def succeeded(self, skill: str, node_id: str | None = None) -> int:
        """How often the call has succeeded in this attempt."""
        return sum(1 for s in self.history if s.outcome.ok and s.call.skill == skill
                   and (node_id is None or node_id in s.call.arguments.values()))

    def failures(self, call: SkillCall) -> int:
        """How often the identical call has failed in this attempt."""
        return sum(1 for s in self.history if not s.outcome.ok and s.call == call)

    def succeeded_exactly(self, call: SkillCall) -> int:
        """How often the identical call has succeeded in this attempt, look_around apart."""
        return sum(1 for s in self.history if s.outcome.ok and s.call == call and s.call.arguments)

    def failed_on(self, node_id: str) -> int:
        """How many calls on the node have failed in this attempt."""
        return sum(1 for s in self.history if not s.outcome.ok and node_id in s.call.arguments.values())


def call(skill: str, **arguments: JsonValue) -> SkillCall:
    """A skill call."""
    return SkillCall(skill=skill, arguments=arguments)


def act(text: str, skill_call: SkillCall) -> Thought:
    """Decide to make a call."""
    return Thought(text=text, status="act", call=skill_call)


def done(text: str) -> Thought:
    """Decide that the subtask is finished."""
    return Thought(text=text, status="done")


def stuck(text: str) -> Thought:
    """Decide that it cannot be done this way."""
    return Thought(text=text[:8000], status="stuck", advice="replan")
