"""Verification finds what is wrong with any plan, and the allocation only ever gives work to who can do it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.agents.allocate import allocate
from fleetmind.agents.verify import in_order, verify
from fleetmind.brain import Plan, RobotView, Subtask
from fleetmind.memory import Battery, Fact, Node, Pose, RobotProfile, Scene, SkillSpec


def robot(name: str, *skills: str, reach_m: float = 2.0, payload_kg: float = 2.0, online: bool = True) -> RobotView:
    specs = tuple(SkillSpec(name=s, description=s) for s in skills)
    profile = RobotProfile(name=name, skills=specs, reach_m=reach_m, payload_kg=payload_kg)
    return RobotView(profile=profile, online=online)


SCENE = Scene([
    Node(id="kitchen-1", kind="room", type="Kitchen", pose=Pose(x=0, y=0), size=(5, 5, 2.5)),
    Node(id="cabinet-1", kind="receptacle", type="Cabinet", parent="kitchen-1", relation="in",
         pose=Pose(x=1, y=1, z=1.9), attributes={"openable": True, "receptacle": True}),
    Node(id="laptop-1", kind="object", type="Laptop", parent="kitchen-1", relation="in", pose=Pose(x=2, y=2, z=0.8),
         attributes={"pickupable": True, "mass_kg": 2.3}),
])
TALL = robot("tall", "open", "pick_up", "place", reach_m=2.2, payload_kg=0.5)
STRONG = robot("strong", "pick_up", "place", reach_m=1.2, payload_kg=10)


def codes(*subtasks: Subtask, robots: tuple[RobotView, ...] = (TALL, STRONG)) -> list[str]:
    return [f.code for f in verify(Plan(subtasks=subtasks), SCENE, robots)]


def test_a_sound_plan_has_no_faults() -> None:
    assert codes(Subtask(id="a", goal="open it", skills=("open",), nodes=("cabinet-1",)),
                 Subtask(id="b", goal="carry", skills=("pick_up",), nodes=("laptop-1",), depends_on=("a",))) == []


@pytest.mark.parametrize(("subtasks", "code"), [
    ((Subtask(id="a", goal="x", depends_on=("b",)), Subtask(id="b", goal="y", depends_on=("a",))), "PLAN_CYCLE"),
    ((Subtask(id="a", goal="x", depends_on=("a",)),), "PLAN_CYCLE"),
    ((Subtask(id="a", goal="x", depends_on=("z",)),), "PLAN_DANGLING"),
    ((Subtask(id="a", goal="x"), Subtask(id="a", goal="y")), "PLAN_DUPLICATE"),
    ((Subtask(id="a", goal="x", nodes=("cabinet-9",)),), "PLAN_UNKNOWN_NODE"),
    ((Subtask(id="a", goal="x", skills=("fly",)),), "PLAN_UNKNOWN_SKILL"),
    ((Subtask(id="a", goal="x", robot="ghost"),), "PLAN_UNKNOWN_ROBOT"),
    ((Subtask(id="a", goal="x", skills=("open", "pick_up"), nodes=("laptop-1",)),), "PLAN_INFEASIBLE"),
    ((Subtask(id="a", goal="x", preconditions=(Fact(node="cabinet-1", state="open", value=True),)),),
     "PLAN_PRECONDITION"),
])
def test_each_fault_is_found(subtasks: tuple[Subtask, ...], code: str) -> None:
    assert code in codes(*subtasks)


def test_an_unknown_node_is_answered_with_the_nearest_name() -> None:
    faults = verify(Plan(subtasks=(Subtask(id="a", goal="x", nodes=("cabinet-9",)),)), SCENE, (TALL,))
    assert "cabinet-1" in faults[0].message


def test_an_effect_satisfies_a_later_precondition() -> None:
    is_open = Fact(node="cabinet-1", state="open", value=True)
    assert codes(Subtask(id="a", goal="x", skills=("open",), nodes=("cabinet-1",), effects=(is_open,)),
                 Subtask(id="b", goal="y", preconditions=(is_open,), depends_on=("a",))) == []


def test_a_robot_that_is_away_does_not_count() -> None:
    away = robot("tall", "open", reach_m=2.2, online=False)
    assert codes(Subtask(id="a", goal="x", skills=("open",), nodes=("cabinet-1",)), robots=(away, STRONG)) == [
        "PLAN_INFEASIBLE"]


@pytest.mark.parametrize(("charge", "duration_s", "faults"), [
    (None, 60, []), (0.9, 60, []), (0.16, 60, ["PLAN_INFEASIBLE"]), (0.5, 40_000, ["PLAN_INFEASIBLE"]),
    (0.1, 1, ["PLAN_INFEASIBLE"])])
def test_a_robot_without_charge_gets_no_work(charge: float | None, duration_s: float, faults: list[str]) -> None:
    tired = TALL.profile.model_copy(update={"battery": Battery(capacity_wh=30, idle_w=20, reserve=0.15)})
    body = Node(id="tall", kind="robot", type="Robot", states={} if charge is None else {"battery": charge})
    scene = SCENE.evolve([body], (), version=1)
    plan = Plan(subtasks=(Subtask(id="a", goal="open it", skills=("open",), nodes=("cabinet-1",),
                                  duration_s=duration_s),))
    found = verify(plan, scene, (RobotView(profile=tired, online=True),))
    assert [f.code for f in found] == faults
    assert all("battery" in f.message for f in found)


def test_too_many_subtasks_are_refused_at_once() -> None:
    assert codes(*(Subtask(id=f"s{n}", goal="x") for n in range(1001))) == ["PLAN_TOO_LARGE"]


@st.composite
def dags(draw: st.DrawFn) -> tuple[Subtask, ...]:
    count = draw(st.integers(1, 25))
    out = []
    for n in range(count):
        after = draw(st.lists(st.integers(0, n - 1), max_size=3, unique=True)) if n else []
        skill = draw(st.sampled_from(["open", "pick_up", "place"]))
        node = {"open": "cabinet-1", "pick_up": "laptop-1", "place": "kitchen-1"}[skill]
        out.append(Subtask(id=f"s{n}", goal="x", skills=(skill,), nodes=(node,), duration_s=draw(st.floats(1, 60)),
                           depends_on=tuple(f"s{a}" for a in after)))
    return tuple(draw(st.permutations(out)))


@settings(max_examples=60, deadline=None)
@given(dags())
def test_every_acyclic_plan_is_ordered_and_scheduled(subtasks: tuple[Subtask, ...]) -> None:
    order = [s.id for s in in_order(subtasks)]
    assert sorted(order) == sorted(s.id for s in subtasks)
    place = {name: n for n, name in enumerate(order)}
    assert all(place[d] < place[s.id] for s in subtasks for d in s.depends_on)
    assert not verify(Plan(subtasks=subtasks), SCENE, (TALL, STRONG))
    allocation = allocate(subtasks, SCENE, (TALL, STRONG))
    owner = allocation.robot_of()
    assert set(owner) == set(place)
    assert all(owner[s.id] == ("strong" if s.skills == ("pick_up",) else owner[s.id]) for s in subtasks)
    slots = {s.subtask: s for s in allocation.slots}
    for subtask in subtasks:
        assert all(slots[d].end_s <= slots[subtask.id].start_s + 1e-9 for d in subtask.depends_on)
    for name in ("tall", "strong"):
        mine = sorted((s.start_s, s.end_s) for s in allocation.slots if s.robot == name)
        assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(mine))


@settings(max_examples=60, deadline=None)
@given(dags(), st.data())
def test_a_planted_cycle_is_always_found(subtasks: tuple[Subtask, ...], data: st.DataObject) -> None:
    first = data.draw(st.sampled_from(subtasks))
    order = {s.id: s for s in in_order(subtasks)}
    # Make something at or above `first` depend on it.
    above = first
    while above.depends_on:
        above = order[above.depends_on[0]]
    broken = tuple(s.model_copy(update={"depends_on": (*s.depends_on, first.id)}) if s.id == above.id else s
                   for s in subtasks)
    assert "PLAN_CYCLE" in [f.code for f in verify(Plan(subtasks=broken), SCENE, (TALL, STRONG))]
