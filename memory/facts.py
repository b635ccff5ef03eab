"""Facts: the small language of preconditions and effects, checked against a scene."""

from __future__ import annotations

from pydantic import model_validator

from fleetmind.memory.model import Model, NodeId
from fleetmind.memory.scene import Relation, Scene, StateValue


class Fact(Model):
    """One statement about a node: where it is, or in which state. Exactly one of the two."""

    node: NodeId
    """The node the statement is about."""
    relation: Relation | None = None
    """Its parent relation; `on` and `inside` match each other (a sink basin is both)."""
    target: NodeId | None = None
    """Its parent; with `held_by`, a robot's name or `any`."""
    state: str | None = None
    """Name of a state, see `Node.states`."""
    value: StateValue | None = None
    """The value it must have. An unset state counts as False."""

    @model_validator(mode="after")
    def _one_statement(self) -> Fact:
        if (self.relation is None) != (self.target is None) or (self.state is None) != (self.value is None):
            raise ValueError(f"fact about {self.node!r}: give relation with target, or state with value")
        if (self.relation is None) == (self.state is None):
            raise ValueError(f"fact about {self.node!r}: give either a relation or a state")
        return self

    def holds(self, scene: Scene) -> bool:
        """True when the scene says so. A node the scene does not know satisfies nothing."""
        node = scene.get(self.node)
        if node is None:
            return False
        if self.state is not None:
            return node.states.get(self.state, False) == self.value
        if self.relation == "held_by":
            return node.relation == "held_by" and self.target in (node.parent, "any")
        if node.relation == "held_by":
            return False
        return self.target in (node.parent, *(a.id for a in scene.ancestors(self.node)))

    def text(self) -> str:
        """The fact in words, e.g. `mug-3 on table-1`, `mug-3 dirty=False`."""
        if self.state is not None:
            return f"{self.node} {self.state}={self.value}"
        return f"{self.node} {self.relation} {self.target}"
