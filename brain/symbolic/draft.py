"""A plan in the making: the scene as it will be after the subtasks so far, and who must wait for whom.

Each subtask says what it changes and what it relies on. It then depends on the last subtask that changed any of
these, and, where it changes something, on all that relied on it since: subtasks that touch nothing in common run
side by side, and one appliance serves one thing at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fleetmind.brain.plan import Subtask
from fleetmind.memory.facts import Fact
from fleetmind.memory.scene import Node, Scene, StateValue


@dataclass(slots=True)
class _State:
    parents: dict[str, str] = field(default_factory=dict)
    states: dict[tuple[str, str], StateValue] = field(default_factory=dict)
    changed_by: dict[str, str] = field(default_factory=dict)
    relied_on_by: dict[str, list[str]] = field(default_factory=dict)
    subtasks: list[Subtask] = field(default_factory=list)

    def copy(self) -> _State:
        return _State(dict(self.parents), dict(self.states), dict(self.changed_by),
                      {k: list(v) for k, v in self.relied_on_by.items()}, list(self.subtasks))


class Draft:
    """The scene projected forward, and the subtasks that bring it there."""

    def __init__(self, scene: Scene, running: Iterable[Subtask] = ()) -> None:
        self.scene = scene
        self._now = _State()
        self.barrier: tuple[str, ...] = ()
        """Every subtask added from now on also waits for these."""
        for subtask in running:
            for fact in subtask.effects:
                self._apply(fact)
            for node in {*subtask.nodes, *(f.node for f in subtask.effects)}:
                self._now.changed_by[node] = subtask.id

    @property
    def subtasks(self) -> tuple[Subtask, ...]:
        """In the order of adding, which respects dependencies."""
        return tuple(self._now.subtasks)

    def save(self) -> _State:
        """Everything so far, to return to."""
        return self._now.copy()

    def restore(self, saved: _State) -> None:
        """Forget what was added since `save`."""
        self._now = saved

    # reading the projected scene -------------------------------------------------------------------------
    def parent(self, node_id: str) -> str | None:
        """What it will be in, on or held by."""
        if node_id in self._now.parents:
            return self._now.parents[node_id]
        node = self.scene.get(node_id)
        return node.parent if node is not None else None

    def above(self, node_id: str) -> list[str]:
        """What it will be in or on, nearest first."""
        found: list[str] = []
        at = self.parent(node_id)
        while at is not None and at not in found:
            found.append(at)
            at = self.parent(at)
        return found

    def inside(self, node_id: str) -> list[Node]:
        """What will be directly in or on it."""
        moved = [self.scene[n] for n, p in self._now.parents.items() if p == node_id and n in self.scene]
        return [n for n in self.scene.children(node_id) if n.id not in self._now.parents] + moved

    def room(self, node_id: str) -> Node | None:
        """The room it will be in."""
        for candidate in (node_id, *self.above(node_id)):
            node = self.scene.get(candidate)
            if node is not None and node.kind == "room":
                return node
        return None

    def state(self, node_id: str, key: str) -> StateValue:
        """The value the state will have; False when nothing is known."""
        if (node_id, key) in self._now.states:
            return self._now.states[(node_id, key)]
        node = self.scene.get(node_id)
        return node.states.get(key, False) if node is not None else False

    # writing ---------------------------------------------------------------------------------------------
    def add(self, goal: str, *, key: str, skills: tuple[str, ...], nodes: Iterable[str], changes: Iterable[str],
            effects: Iterable[Fact] = (), needs: Iterable[Fact] = (), relies_on: Iterable[str] = (),
            robot: str | None = None, duration_s: float = 10.0, seeks: tuple[str, ...] = (),
            seeks_count: int = 0) -> str:
        """Append a subtask and project its effects.

        Args:
            goal: in words.
            key: stable across replans.
            skills: what the robot must be able to do.
            nodes: what it handles.
            changes: nodes that nobody else may use meanwhile.
            effects: facts that hold afterwards.
            needs: facts that must hold before.
            relies_on: nodes that must stay as they are meanwhile.
            robot: the only robot that may do it.
            duration_s: estimate without travel.
            seeks: types searched for.
            seeks_count: how many of them suffice.

        Returns:
            The subtask's id.
        """
        changed, relied, effects = list(changes), list(relies_on), tuple(effects)
        waits: list[str] = list(self.barrier)
        for node in (*changed, *relied):
            if node in self._now.changed_by:
                waits.append(self._now.changed_by[node])
        for node in changed:
            waits += self._now.relied_on_by.get(node, ())
        subtask = Subtask(
            id=f"s{len(self._now.subtasks) + 1}", goal=goal[:2000], skills=skills, nodes=tuple(dict.fromkeys(nodes)),
            preconditions=tuple(needs), effects=effects, depends_on=tuple(dict.fromkeys(waits)), robot=robot,
            seeks=seeks, seeks_count=seeks_count, key=key[:256], duration_s=duration_s)
        self._now.subtasks.append(subtask)
        for node in changed:
            self._now.changed_by[node] = subtask.id
            self._now.relied_on_by[node] = []
        for node in relied:
            self._now.relied_on_by.setdefault(node, []).append(subtask.id)
        for fact in effects:
            self._apply(fact)
        return subtask.id

    def _apply(self, fact: Fact) -> None:
        if fact.state is not None and fact.value is not None:
            self._now.states[(fact.node, fact.state)] = fact.value
        elif fact.target is not None:
            self._now.parents[fact.node] = fact.target

    def assume(self, fact: Fact) -> None:
        """Project something that will be so without being a subtask's effect."""
        self._apply(fact)
