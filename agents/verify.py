"""Verification: nothing a brain proposes moves a robot before it has passed here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from fleetmind.agents.capability import cannot
from fleetmind.brain import Plan, RobotView, Subtask
from fleetmind.memory import Fact, Model, Node, Scene

MAX_SUBTASKS = 1000


class Fault(Model):
    """One thing wrong with a plan, as text a brain can act on."""

    code: str
    """`PLAN_CYCLE`, `PLAN_UNKNOWN_NODE`, `PLAN_INFEASIBLE`, ..."""
    subtask: str = ""
    """Where."""
    message: str
    """What is wrong, and what would be right."""

    def text(self) -> str:
        """`PLAN_CYCLE at s2: ...`."""
        return f"{self.code}{f' at {self.subtask}' if self.subtask else ''}: {self.message}"


def verify(plan: Plan, scene: Scene, robots: Iterable[RobotView], *, finished: Iterable[str] = (),
           running: Iterable[Subtask] = ()) -> tuple[Fault, ...]:
    """Everything that is wrong with a plan, empty when it can run.

    Args:
        plan: the proposal.
        scene: what is known.
        robots: the fleet; only those online count.
        finished: ids of subtasks that have succeeded and may be depended on.
        running: subtasks that go on meanwhile; they may be depended on, and their effects are assumed.
    """
    if len(plan.subtasks) > MAX_SUBTASKS:
        return (Fault(code="PLAN_TOO_LARGE", message=f"{len(plan.subtasks)} subtasks; at most {MAX_SUBTASKS}"),)
    running = tuple(running)
    known = {*finished, *(s.id for s in running)}
    faults = [*_shape(plan, known), *_names(plan, scene, robots)]
    if any(f.code in ("PLAN_CYCLE", "PLAN_DANGLING", "PLAN_DUPLICATE", "PLAN_UNKNOWN_NODE") for f in faults):
        return tuple(faults)
    faults += _feasible(plan, scene, [r for r in robots if r.online])
    faults += _simulate(plan, scene, running)
    return tuple(faults)


def _shape(plan: Plan, known: set[str]) -> list[Fault]:
    faults: list[Fault] = []
    ids = [s.id for s in plan.subtasks]
    for twice in sorted({i for i in ids if ids.count(i) > 1} if len(set(ids)) != len(ids) else ()):
        faults.append(Fault(code="PLAN_DUPLICATE", subtask=twice, message="two subtasks have this id"))
    for subtask in plan.subtasks:
        if subtask.id in subtask.depends_on:
            faults.append(Fault(code="PLAN_CYCLE", subtask=subtask.id, message="it depends on itself"))
        for wanted in subtask.depends_on:
            if wanted not in known and wanted not in ids:
                faults.append(Fault(code="PLAN_DANGLING", subtask=subtask.id,
                                    message=f"it depends on {wanted!r}, which is not there"))
    cycle = set(ids) - {s.id for s in in_order(plan.subtasks)}
    if cycle and not faults:
        faults.append(Fault(code="PLAN_CYCLE", message=f"these wait for one another: {sorted(cycle)!r}"))
    return faults


def in_order(subtasks: Iterable[Subtask]) -> list[Subtask]:
    """Topological order, stable; subtasks in a cycle are left out."""
    todo = {s.id: s for s in subtasks}
    waiting = {i: {d for d in s.depends_on if d in todo} for i, s in todo.items()}
    after: dict[str, list[str]] = {}
    for subtask_id, dependencies in waiting.items():
        for dependency in dependencies:
            after.setdefault(dependency, []).append(subtask_id)
    ready = [i for i, dependencies in waiting.items() if not dependencies]
    out: list[Subtask] = []
    for subtask_id in ready:  # grows while it is read
        out.append(todo[subtask_id])
        for dependent in after.get(subtask_id, ()):
            waiting[dependent].discard(subtask_id)
            if not waiting[dependent]:
                ready.append(dependent)
    return out


def _nearest(wrong: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, list(names), n=3, cutoff=0.5)
    return f"; did you mean {', '.join(close)}?" if close else ""


def _names(plan: Plan, scene: Scene, robots: Iterable[RobotView]) -> list[Fault]:
    faults: list[Fault] = []
    views = {r.profile.name: r for r in robots}
    skills = {s.name for r in views.values() for s in r.profile.skills}
    for subtask in plan.subtasks:
        facts = (*subtask.preconditions, *subtask.effects)
        nodes = {*subtask.nodes, *(f.node for f in facts)}
        nodes |= {f.target for f in facts if f.target is not None and f.relation != "held_by"}
        for node_id in sorted(n for n in nodes if n not in scene and n not in views):
            faults.append(Fault(code="PLAN_UNKNOWN_NODE", subtask=subtask.id,
                                message=f"{node_id!r} is not in the scene{_nearest(node_id, scene.nodes)}"))
        for name in subtask.skills:
            if name not in skills:
                faults.append(Fault(code="PLAN_UNKNOWN_SKILL", subtask=subtask.id,
                                    message=f"no robot has the skill {name!r}; there are {sorted(skills)!r}"))
        if subtask.robot is not None and subtask.robot not in views:
            faults.append(Fault(code="PLAN_UNKNOWN_ROBOT", subtask=subtask.id,
                                message=f"no robot {subtask.robot!r}; there are {sorted(views)!r}"))
    return faults


def _feasible(plan: Plan, scene: Scene, robots: list[RobotView]) -> list[Fault]:
    faults: list[Fault] = []
    for subtask in plan.subtasks:
        reasons = [cannot(r.profile, subtask, scene.nodes) for r in robots]
        if robots and not all(reasons):
            continue
        why = "; ".join(reasons) if robots else "no robot is online"
        faults.append(Fault(code="PLAN_INFEASIBLE", subtask=subtask.id,
                            message=f"nobody can do {subtask.goal!r}: {why}"))
    return faults


class _Imagined:
    """The scene as it would be after some effects."""

    def __init__(self, scene: Scene) -> None:
        self._nodes: dict[str, Node] = dict(scene.nodes)

    def apply(self, fact: Fact) -> None:
        node = self._nodes.get(fact.node)
        if node is None:
            return
        if fact.state is not None and fact.value is not None:
            update: Mapping[str, object] = {"states": {**node.states, fact.state: fact.value}}
        else:
            update = {"parent": fact.target, "relation": fact.relation}
        self._nodes[fact.node] = node.model_copy(update=dict(update))

    def holds(self, fact: Fact) -> bool:
        if fact.relation == "held_by" and fact.target == "any":
            node = self._nodes.get(fact.node)
            return node is not None and node.relation == "held_by"
        return fact.holds(Scene(_closure(self._nodes, fact)))


def _closure(nodes: Mapping[str, Node], fact: Fact) -> list[Node]:
    out: dict[str, Node] = {}
    current = nodes.get(fact.node)
    while current is not None and current.id not in out:
        out[current.id] = current
        current = nodes.get(current.parent) if current.parent else None
    return list(out.values())


def _simulate(plan: Plan, scene: Scene, running: tuple[Subtask, ...]) -> list[Fault]:
    """Preconditions must hold given the scene and the effects of what comes before."""
    imagined = _Imagined(scene)
    for subtask in running:
        for fact in subtask.effects:
            imagined.apply(fact)
    faults: list[Fault] = []
    for subtask in in_order(plan.subtasks):
        for fact in subtask.preconditions:
            if not imagined.holds(fact):
                faults.append(Fault(code="PLAN_PRECONDITION", subtask=subtask.id,
                                    message=f"when it starts, {fact.text()} does not hold"))
        for fact in subtask.effects:
            imagined.apply(fact)
    return faults
