"""Goals as data: a condition on world state, written beside an instruction and checked by the world.

A goal is never derived from a brain or a plan. It is a conjunction of conditions, each of which selects
objects, says where or in which state they must be, and how many of them.

Where something is: `at` climbs from an object through what can be carried (a fork in a bowl on a table is on the
table) up to the first thing that cannot, and stops there: an apple in a microwave is not on the worktop below it,
and what stands on a table is not on the floor. A sink's or bath's basin counts as the sink or bath, too. What an
agent holds, and all that is in it, is at nothing; its room is the agent's.

What has been sliced: the source of slices (`isSliced` true) is gone as an object. It is selected only by a
condition that asks for `isSliced`, in `select.states` or in `states`; it is at nothing. Its slices are objects of
their own types, which match `initially` as their source did.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

StateValue = bool | str


class Select(BaseModel):
    """Which objects a condition speaks of. All given fields must match."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: tuple[str, ...] = ()
    """Object types, any of them, e.g. `["Mug", "Cup"]`; empty means any type.
    `XSliced` types are separate types, as in AI2-THOR."""
    states: dict[str, StateValue] = Field(default_factory=dict)
    """State by AI2-THOR's metadata key, e.g. `{"isDirty": true}`, `{"temperature": "Hot"}`."""
    room: str | None = None
    """Type of the room the object is in now, e.g. `Kitchen`."""
    at: Select | None = None
    """The object is now directly or indirectly in or on an object that matches this."""
    pickupable: bool | None = None
    """Only things that can (True) or cannot (False) be carried."""
    initially: Select | None = None
    """The object matched this when the episode began; its `at` and `room` are read as of then."""
    not_types: tuple[str, ...] = ()
    """Types that are excluded."""


class Condition(BaseModel):
    """`count` of the selected objects satisfy everything required below."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    select: Select
    """The objects this condition is about."""
    states: dict[str, StateValue] = Field(default_factory=dict)
    """States each of them must have."""
    at: Select | None = None
    """Each must be in or on (directly or indirectly) an object that matches this."""
    room: str | None = None
    """Each must be in a room of this type."""
    same_place: bool = False
    """All counted objects must be in or on one and the same object that matches `at`."""
    held: bool | None = None
    """Each must (True) or must not (False) be in a robot's hand."""
    count: Literal["all", "none"] | int = "all"
    """`all`: every selected object, and at least one; `none`: no selected object satisfies; n: at least n do."""
    exactly: bool = False
    """With a number: exactly n, not at least n."""

    @model_validator(mode="after")
    def _has_a_requirement(self) -> Condition:
        if isinstance(self.count, int) and self.count < 1:
            raise ValueError(f"count={self.count!r}: use 'none' or a number of at least 1")
        if self.same_place and self.at is None:
            raise ValueError("same_place needs `at`: say in or on what")
        return self


class Goal(BaseModel):
    """A conjunction of conditions on world state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conditions: tuple[Condition, ...] = Field(min_length=1)
    """All must hold."""


class ConditionReport(BaseModel):
    """How one condition stands."""

    model_config = ConfigDict(frozen=True)

    holds: bool
    """True when the condition is satisfied now."""
    satisfied: tuple[str, ...] = ()
    """Object ids that are selected and satisfy the requirement."""
    missing: tuple[str, ...] = ()
    """Object ids that are selected and do not."""
    why: str
    """One sentence for people, e.g. `2 of 3 Mug in or on Sink`."""


class GoalReport(BaseModel):
    """The world's verdict on a goal, from its ground truth."""

    model_config = ConfigDict(frozen=True)

    holds: bool
    """True when every condition holds."""
    conditions: tuple[ConditionReport, ...]
    """One entry per condition, in the goal's order."""
