"""Judging goals on the ground truth of a household."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fleetmind.simulators.goal import Condition, ConditionReport, Goal, GoalReport, Select, StateValue
from fleetmind.simulators.household.contextual import temperature
from fleetmind.simulators.household.metadata import containers, state_value
from fleetmind.simulators.household.state import Household
from fleetmind.simulators.household.things import Thing


@dataclass(frozen=True, slots=True)
class Record:
    """What one thing was like at one moment; the goal check reads records, not things."""

    id: str
    type: str
    pickupable: bool
    room: str
    """Room type."""
    at: tuple[str, ...]
    """Ids of what it was in or on, nearest first."""
    states: dict[str, object]
    held: bool
    whole: bool
    """False for what has been sliced up or has become something else."""
    origin: str
    """Id of what it was when the episode began: its own, or that of the source of a slice."""


STATE_KEYS = (
    "isToggled", "isBroken", "isFilledWithLiquid", "fillLiquid", "isDirty", "isUsedUp", "isCooked", "temperature",
    "isSliced", "isOpen", "isHeatSource", "isColdSource", "breakable", "toggleable", "openable", "sliceable",
    "dirtyable", "cookable", "canFillWithLiquid", "receptacle",
)

Snapshot = dict[str, Record]


def snapshot(state: Household) -> Snapshot:
    """Records of all things now."""
    rooms = {r.id: r.type for r in state.rooms}
    floors = {t.room: t.id for t in state.things.values() if t.type == "Floor"}
    found: Snapshot = {}
    for thing in state.things.values():
        root = _root(thing)
        at = tuple(c.id for c in containers(thing)) if root.held_by is None else ()
        if not at and thing.on_floor and thing.room in floors:
            at = (floors[thing.room],)
        states = {key: state_value(thing, key, state.time_s) for key in STATE_KEYS}
        states["temperature"] = temperature(thing, state.time_s)
        found[thing.id] = Record(
            id=thing.id, type=thing.type, pickupable=thing.kind.pickupable, room=rooms.get(thing.room, ""), at=at,
            states=states, held=root.held_by is not None, whole=thing.active,
            origin=thing.source or thing.id)
    return found


def check(goal: Goal, now: Snapshot, before: Snapshot) -> GoalReport:
    """Judge a goal.

    Args:
        goal: the conditions.
        now: how things are.
        before: how they were when the episode began.
    """
    reports = tuple(_Judge(now, before).condition(c) for c in goal.conditions)
    return GoalReport(holds=all(r.holds for r in reports), conditions=reports)


class _Judge:
    def __init__(self, now: Snapshot, before: Snapshot) -> None:
        self._now = now
        self._before = before

    def condition(self, condition: Condition) -> ConditionReport:
        """How one condition stands."""
        with_sliced = "isSliced" in condition.states
        selected = [r for r in self._now.values() if self._matches(r, condition.select, self._now, with_sliced)]
        good = [r for r in selected if self._satisfies(r, condition)]
        if condition.same_place and condition.at is not None:
            good = self._largest_group(good, condition.at)
        ids = {r.id for r in good}
        bad = [r for r in selected if r.id not in ids]
        holds = _counts(condition, len(good), len(selected))
        return ConditionReport(
            holds=holds, satisfied=tuple(r.id for r in good), missing=tuple(r.id for r in bad),
            why=_why(condition, len(good), len(selected)))

    def _satisfies(self, record: Record, condition: Condition) -> bool:
        if not _has(record, condition.states):
            return False
        if condition.held is not None and record.held != condition.held:
            return False
        if condition.room is not None and record.room != condition.room:
            return False
        return condition.at is None or self._is_at(record, condition.at, self._now)

    def _matches(self, record: Record, select: Select, at: Snapshot, with_sliced: bool = False) -> bool:
        if not record.whole and not with_sliced and "isSliced" not in select.states:
            return False
        tests: list[tuple[bool, Callable[[], bool]]] = [
            (bool(select.types), lambda: record.type in select.types),
            (bool(select.not_types), lambda: record.type not in select.not_types),
            (select.pickupable is not None, lambda: record.pickupable == select.pickupable),
            (select.room is not None, lambda: record.room == select.room),
            (bool(select.states), lambda: _has(record, select.states)),
            (select.at is not None, lambda: select.at is not None and self._is_at(record, select.at, at)),
            (select.initially is not None, lambda: select.initially is not None
             and record.origin in self._before
             and self._matches(self._before[record.origin], select.initially, self._before)),
        ]
        return all(test() for asked, test in tests if asked)

    def _is_at(self, record: Record, where: Select, at: Snapshot) -> bool:
        return any(self._matches(at[i], where, at) for i in record.at if i in at)

    def _largest_group(self, good: list[Record], where: Select) -> list[Record]:
        """The records of the one place that holds most of them."""
        groups: dict[str, list[Record]] = {}
        for record in good:
            for i in record.at:
                if i in self._now and self._matches(self._now[i], where, self._now):
                    groups.setdefault(i, []).append(record)
        return max(groups.values(), key=len, default=[])


def _root(thing: Thing) -> Thing:
    """What is held or stands when a thing is carried in something."""
    root = thing
    for holder in thing.ancestors():
        root = holder
        if not holder.kind.pickupable:
            break
    return root


def _has(record: Record, states: dict[str, StateValue]) -> bool:
    return all(record.states.get(key) == value for key, value in states.items())


def _counts(condition: Condition, good: int, selected: int) -> bool:
    if condition.count == "all":
        return selected > 0 and good == selected
    if condition.count == "none":
        return good == 0
    return good == condition.count if condition.exactly else good >= condition.count


def _why(condition: Condition, good: int, selected: int) -> str:
    """One sentence for people."""
    kinds = "/".join(condition.select.types) or "objects"
    needs = [f"{k}={v}" for k, v in condition.states.items()]
    if condition.at is not None:
        needs.append("in or on " + ("/".join(condition.at.types) or "the place asked for"))
    if condition.room is not None:
        needs.append(f"in the {condition.room}")
    if condition.held is not None:
        needs.append("held" if condition.held else "not held")
    want = str(condition.count)
    if isinstance(condition.count, int):
        want = f"{'exactly' if condition.exactly else 'at least'} {condition.count}"
    return f"{good} of {selected} {kinds} {' and '.join(needs) or 'exist'}; wanted: {want}"
