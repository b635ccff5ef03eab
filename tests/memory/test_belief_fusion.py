"""Evidence adds up the same in any order, rises with agreement, falls with time and with who did not see it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.memory.belief import (
    UNCERTAIN,
    confidence_at,
    decay,
    fused_confidence,
    fused_position,
    half_life_s,
    merge_sightings,
    same_place,
)
from fleetmind.memory.belief.fusion import LIMIT
from fleetmind.memory.scene import Node, Pose, Sighting

_quick = settings(max_examples=150, deadline=None)
_words = st.builds(Sighting, robot=st.sampled_from([f"r{i}" for i in range(20)]), time_s=st.integers(0, 8).map(float),
                   seen=st.booleans(), confidence=st.sampled_from([0.0, 0.2, 0.7, 1.0]))
_sets = st.lists(_words, max_size=24).map(lambda words: merge_sightings(words, ()))
_half_lives = st.sampled_from([0.5, 3.0, 1800.0, math.inf])


def mug(**more: object) -> Node:
    return Node.model_validate({"id": "mug-1", "kind": "object", "type": "Mug", **more})


@_quick
@given(_sets, _sets, _sets)
def test_merging_is_a_union(a: tuple[Sighting, ...], b: tuple[Sighting, ...], c: tuple[Sighting, ...]) -> None:
    assert merge_sightings(a, b) == merge_sightings(b, a)
    assert merge_sightings(merge_sightings(a, b), c) == merge_sightings(a, merge_sightings(b, c))
    assert merge_sightings(a, a) == a
    assert merge_sightings(a, merge_sightings(a, b)) == merge_sightings(a, b)


@_quick
@given(st.lists(_words, max_size=60))
def test_the_newest_of_each_robot_is_kept_and_no_more_than_a_node_takes(words: list[Sighting]) -> None:
    kept = merge_sightings(words, ())
    assert mug(sightings=kept).sightings == kept
    assert [w.robot for w in kept] == sorted({w.robot for w in kept})
    assert len(kept) == min(LIMIT, len({w.robot for w in words}))
    for word in kept:
        assert word.time_s == max(w.time_s for w in words if w.robot == word.robot)
    dropped = {w.robot for w in words} - {w.robot for w in kept}
    if dropped:
        newest = max(w.time_s for w in words if w.robot in dropped)
        assert newest <= min(w.time_s for w in kept)


def test_the_oldest_words_are_the_ones_that_go() -> None:
    words = [Sighting(robot=f"r{i}", time_s=float(i % 10), confidence=0.5) for i in range(20)]
    kept = {w.robot for w in merge_sightings(words, ())}
    assert len(kept) == LIMIT
    assert {w.robot for w in words} - kept == {"r0", "r10", "r1", "r11"}


@_quick
@given(_sets, _half_lives, st.floats(0, 20))
def test_confidence_is_one_number_whatever_the_order(words: tuple[Sighting, ...], half_life: float, now: float) -> None:
    sure = fused_confidence(words, half_life, now)
    assert 0.0 <= sure <= 1.0
    assert fused_confidence(words[::-1], half_life, now) == sure


@_quick
@given(_sets, _words, _half_lives, st.floats(0, 20))
def test_agreement_raises_and_denial_lowers(words: tuple[Sighting, ...], word: Sighting, half_life: float,
                                            now: float) -> None:
    others = tuple(w for w in words if w.robot != word.robot)
    before, after = (fused_confidence(w, half_life, now) for w in (others, (*others, word)))
    assert after >= before - 1e-12 if word.seen else after <= before + 1e-12


@_quick
@given(_sets, _half_lives, st.floats(0, 20), st.floats(0, 20))
def test_time_never_raises_it(words: tuple[Sighting, ...], half_life: float, now: float, later: float) -> None:
    assert fused_confidence(words, half_life, now + later) <= fused_confidence(words, half_life, now) + 1e-12
    node = mug(sightings=words)
    assert confidence_at(node, now + later) <= confidence_at(node, now) + 1e-12


def test_what_the_numbers_are() -> None:
    ann, kim = Sighting(robot="ann", time_s=0, confidence=0.6), Sighting(robot="kim", time_s=10, confidence=0.5)
    no = Sighting(robot="bob", time_s=5, seen=False, confidence=0.7)
    assert fused_confidence((ann, kim), math.inf, 10) == pytest.approx(1 - 0.4 * 0.5)
    assert fused_confidence((ann, kim), 10, 10) == pytest.approx(1 - 0.7 * 0.5)
    assert fused_confidence((ann, no), math.inf, 10) == pytest.approx(0.6 * 0.3)
    assert fused_confidence((ann, no, kim), math.inf, 10) == pytest.approx(1 - (1 - 0.18) * 0.5), "it is back"
    assert [decay(age, 60.0) for age in (-5, 0, 60, 120)] == [1.0, 1.0, 0.5, 0.25]
    assert decay(1e9, math.inf) == 1.0


@pytest.mark.parametrize(("fields", "low", "high"), [
    ({"type": "Fridge", "kind": "receptacle"}, math.inf, math.inf),
    ({"type": "FloorLamp", "attributes": {"toggleable": True}}, math.inf, math.inf),
    ({"type": "Kitchen", "kind": "room"}, math.inf, math.inf),
    ({"type": "Chair", "kind": "receptacle"}, 3600, 86_400),
    ({"type": "Crate", "attributes": {"moveable": True}}, 3600, 86_400),
    ({"type": "Mug"}, 60, 3600),
    ({"type": "Widget", "attributes": {"pickupable": True}}, 60, 86_399),
    ({"type": "Person", "kind": "person"}, 1, 60),
    ({"type": "Mug", "attributes": {"half_life_s": 7}}, 7, 7),
    ({"type": "Mug", "attributes": {"half_life_s": True}}, 60, 3600),
    ({"type": "Mug", "attributes": {"half_life_s": -1}}, 60, 3600),
])
def test_half_lives_by_class(fields: dict[str, object], low: float, high: float) -> None:
    assert low <= half_life_s(mug(**fields)) <= high


def test_half_lives_of_ones_own() -> None:
    assert half_life_s(mug(), {"Mug": 5.0}) == 5.0
    assert half_life_s(mug(attributes={"half_life_s": 9.0}), {"Mug": 5.0}) == 9.0


def test_a_mug_is_forgotten_a_fridge_is_not_and_neither_vanishes() -> None:
    word = (Sighting(robot="kim", time_s=0),)
    cup, fridge = mug(sightings=word), mug(type="Fridge", kind="receptacle", sightings=word)
    assert confidence_at(cup, half_life_s(cup)) == pytest.approx(0.5)
    assert confidence_at(cup, 1e9) == UNCERTAIN
    assert confidence_at(fridge, 1e9) == 1.0
    assert confidence_at(mug(sightings=(Sighting(robot="kim", time_s=0, seen=False),)), 0) == UNCERTAIN


def test_without_sightings_the_old_fields_count() -> None:
    assert confidence_at(mug(confidence=0.9), 1e9) == 0.9, "from the plan: nobody saw it, nothing ages"
    old = mug(confidence=0.8, last_seen_s=100.0)
    assert confidence_at(old, 50.0) == 0.8
    assert confidence_at(old, 100.0 + half_life_s(old)) == pytest.approx(0.4)
    assert confidence_at(mug(confidence=0.05, last_seen_s=0.0), 1e9) == 0.05


_spd = st.tuples(*[st.floats(-1, 1)] * 3, *[st.floats(0.001, 0.05)] * 3).map(
    # L L^T with a small L: any positive definite matrix
    lambda t: (t[3] ** 2, t[3] * t[0] * 0.05, t[3] * t[1] * 0.05, (t[0] * 0.05) ** 2 + t[4] ** 2,
               t[0] * t[1] * 0.0025 + t[4] * t[2] * 0.05, (t[1] * 0.05) ** 2 + (t[2] * 0.05) ** 2 + t[5] ** 2))


@_quick
@given(_spd, _spd, st.tuples(*[st.floats(-0.05, 0.05)] * 3))
def test_positions_are_weighted_by_what_is_known(one: tuple[float, ...], other: tuple[float, ...],
                                                 off: tuple[float, float, float]) -> None:
    a = mug(pose=Pose(x=1, y=2, z=3), covariance=one)
    b = mug(pose=Pose(x=1 + off[0], y=2 + off[1], z=3 + off[2]), covariance=other)
    (pose, covariance), (back, again) = fused_position(a, b), fused_position(b, a)
    assert pose is not None
    assert back is not None
    assert covariance is not None
    assert (back.x, back.y, back.z) == pytest.approx((pose.x, pose.y, pose.z), abs=1e-9)
    assert again == pytest.approx(covariance, abs=1e-9)
    for i in (0, 3, 5):  # two know more than one, along every axis
        assert covariance[i] <= min(one[i], other[i]) + 2e-6


def test_what_is_one_place() -> None:
    here, near, far = Pose(x=0, y=0), Pose(x=0.2, y=0), Pose(x=0.6, y=0)
    on, inside = {"parent": "table-1", "relation": "on"}, {"parent": "drawer-1", "relation": "inside"}
    room, hand = {"parent": "kitchen-1", "relation": "in"}, {"parent": "kim", "relation": "held_by"}
    for a, b, same in (
            ({"pose": here, **on}, {"pose": near, **on}, True), ({"pose": here, **on}, {"pose": far, **on}, False),
            ({"pose": here, **on}, {"pose": near, **inside}, False),
            ({"pose": here, **on}, {"pose": near, **room}, True),
            ({"pose": here, **on}, {"pose": near}, True), (on, {"pose": near, **on}, True), (on, inside, False),
            ({"pose": here, **hand}, {"pose": far, **hand}, True),
            ({"pose": here, **hand}, {"pose": here, **on}, False)):
        assert same_place(mug(**a), mug(**b)) is same
        assert same_place(mug(**b), mug(**a)) is same


def test_a_sure_position_outweighs_a_rough_one() -> None:
    sure = mug(pose=Pose(x=0, y=0), covariance=(0.0001, 0, 0, 0.0001, 0, 0.0001))
    rough = mug(pose=Pose(x=0.1, y=0), covariance=(0.0099, 0, 0, 0.0099, 0, 0.0099))
    pose, covariance = fused_position(rough, sure)
    assert pose is not None
    assert pose.x == pytest.approx(0.001, abs=1e-4)
    assert covariance is not None
    assert covariance[0] == pytest.approx(0.000099, rel=0.05)
    assert fused_position(mug(pose=Pose(x=0.1, y=0)), sure) == (Pose(x=0.1, y=0), None), "unknown: the newer one's"
