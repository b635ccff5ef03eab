"""Which seen object is which node: the cheapest assignment within the gate, whatever the order of the inputs."""

from __future__ import annotations

import random
import time
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.memory.belief import Assignment, associate, candidates_near, cheapest, cost
from fleetmind.memory.belief.pairs import ALONE
from fleetmind.memory.robots import SeenObject
from fleetmind.memory.scene import Node, Pose, Scene

_quick = settings(max_examples=150, deadline=None)


def mug(node_id: str, x: float, y: float = 0.0, **more: Any) -> Node:
    return Node.model_validate({"id": node_id, "kind": "object", "type": "Mug", "pose": Pose(x=x, y=y), **more})


def seen(source: str, x: float, y: float = 0.0, **more: Any) -> SeenObject:
    return SeenObject.model_validate({"source_id": source, "type": "Mug", "pose": Pose(x=x, y=y), **more})


def pairs(found: Assignment, things: list[SeenObject]) -> dict[str, str]:
    return {things[i].source_id: node for i, node in found.matched.items()}


@_quick
@given(st.data())
def test_the_assignment_is_the_cheapest(data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 6))
    columns = data.draw(st.integers(rows, 6))
    costs = data.draw(st.lists(st.lists(st.integers(-5, 20).map(float), min_size=columns, max_size=columns),
                               min_size=rows, max_size=rows))
    chosen = cheapest(costs)
    assert len(set(chosen)) == rows
    best = min(sum(costs[r][c] for r, c in enumerate(way)) for way in permutations(range(columns), rows))
    assert sum(costs[r][c] for r, c in enumerate(chosen)) == best


def test_nothing_to_assign() -> None:
    assert cheapest([]) == []
    assert associate([], []) == Assignment(matched={}, new=(), unseen=())
    assert associate([mug("m", 0)], []).unseen == ("m",)
    assert associate([], [seen("?1", 0)]).new == (0,)


def _best(things: list[SeenObject], nodes: list[Node]) -> float:
    """The smallest total by trying everything: each thing alone, or with any node that is left."""
    if not things:
        return 0.0
    alone = ALONE + _best(things[1:], nodes)
    return min([alone, *(cost(things[0], n) + _best(things[1:], [m for m in nodes if m is not n]) for n in nodes
                         if cost(things[0], n) < alone)])


_spots = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=5, unique=True)


@_quick
@given(_spots, _spots, st.randoms(use_true_random=False))
def test_the_total_cost_is_the_smallest_and_the_order_does_not_matter(
        known: list[tuple[int, int]], there: list[tuple[int, int]], chance: random.Random) -> None:
    nodes = [mug(f"m{i}", x / 10, y / 10) for i, (x, y) in enumerate(known)]
    things = [seen(f"?{i}", x / 10 + 0.013, y / 10 + 0.007 * i) for i, (x, y) in enumerate(there)]
    found = associate(nodes, things)
    total = sum(cost(things[i], next(n for n in nodes if n.id == m)) for i, m in found.matched.items())
    total += ALONE * len(found.new)
    assert total == pytest.approx(_best(things, nodes))
    expected = pairs(found, things)
    chance.shuffle(nodes)
    chance.shuffle(things)
    assert pairs(associate(iter(nodes), things), things) == expected


def test_the_gate_and_the_covariance_that_widens_it() -> None:
    assert associate([mug("m", 0)], [seen("?1", 0.45)]).matched == {0: "m"}
    assert associate([mug("m", 0)], [seen("?1", 0.50)]).matched == {}
    narrow = (0.0001, 0, 0, 0.0001, 0, 0.0001)
    assert associate([mug("m", 0, covariance=narrow)], [seen("?1", 0.1, covariance=narrow)]).matched == {}
    wide = (0.25, 0, 0, 0.0001, 0, 0.0001)
    assert associate([mug("m", 0)], [seen("?1", 1.0, covariance=wide)]).matched == {0: "m"}
    assert associate([mug("m", 0)], [seen("?1", 0, 1.0, covariance=wide)]).matched == {}, "wide along x only"


@pytest.mark.parametrize("covariance", [
    (-1.0, 0, 0, -1.0, 0, -1.0), (0.0,) * 6, (1.0, 5.0, 5.0, 1.0, 5.0, 1.0), (1e300, 0, 0, 1e300, 0, 1e300)])
def test_a_covariance_that_cannot_be_is_no_trouble(covariance: tuple[float, ...]) -> None:
    assert associate([mug("m", 0)], [seen("?1", 0.0, covariance=covariance)]).matched == {0: "m"}
    assert associate([mug("m", 9)], [seen("?1", 0.0, covariance=covariance)]).matched == {}


def test_two_close_together_are_told_apart_by_all_of_them() -> None:
    nodes = [mug("a", 0.0), mug("b", 0.2)]
    assert associate(nodes, [seen("?1", 0.15), seen("?2", 0.3)]).matched == {0: "a", 1: "b"}
    assert associate(nodes, [seen("?1", 0.15)]).matched == {0: "b"}


def test_a_tie_falls_the_same_way_in_any_order() -> None:
    node, left, right = mug("m", 0.0), seen("?1", -0.1), seen("?2", 0.1)
    assert pairs(associate([node], [left, right]), [left, right]) == pairs(associate([node], [right, left]),
                                                                           [right, left])
    a, b, middle = mug("a", -0.1), mug("b", 0.1), seen("?1", 0.0)
    assert associate([a, b], [middle]) == associate([b, a], [middle])


def test_types_keep_things_apart_unless_they_are_mixed_up() -> None:
    cup = seen("?1", 0.0).model_copy(update={"type": "Cup"})
    assert associate([mug("m", 0)], [cup]).matched == {}
    for table in ({"Mug": ["Cup"]}, {"Cup": ("Mug",)}):
        assert associate([mug("m", 0)], [cup], compatible=table).matched == {0: "m"}


def test_looks_decide_between_neighbours_and_size_between_equals() -> None:
    red, blue = [1.0, 0.1], [0.1, 1.0]
    nodes = [mug("red", 0.0, attributes={"appearance": red}), mug("blue", 0.1, attributes={"appearance": blue})]
    assert associate(nodes, [seen("?1", 0.06, appearance=red)]).matched == {0: "red"}
    assert associate(nodes, [seen("?1", 0.06)]).matched == {0: "blue"}
    assert associate(nodes, [seen("?1", 0.0, appearance=(1.0, 2.0, 3.0))]).matched == {0: "red"}, "not comparable"
    sizes = [mug("a", -0.1, size=(0.1, 0.1, 0.1)), mug("b", 0.1, size=(0.3, 0.3, 0.3))]
    assert associate(sizes, [seen("?1", 0.0, size=(0.3, 0.3, 0.3))]).matched == {0: "b"}


def test_an_id_of_the_source_goes_before_everything() -> None:
    nodes = [mug("here", 0.0), mug("far", 50.0, attributes={"source_id": "Mug|1"})]
    assert associate(nodes, [seen("Mug|1", 0.0)]).matched == {0: "far"}
    # Another id is another thing, however close; a made-up one is nothing to go by.
    assert associate([nodes[1]], [seen("Mug|2", 50.0)]).new == (0,)
    assert associate([nodes[1]], [seen("?Mug|2", 50.0)]).matched == {0: "far"}
    assert associate([mug("loose", 0.0, attributes={"source_id": "?1"})], [seen("?1", 30.0)]).new == (0,)


def test_what_is_lost_is_found_by_its_looks_only() -> None:
    gone = mug("gone", 9.0, attributes={"appearance": [1.0, 0.0]})
    assert associate([], [seen("?1", 0.0, appearance=(1.0, 0.05))], lost=[gone]).matched == {0: "gone"}
    assert associate([], [seen("?1", 0.0, appearance=(0.0, 1.0))], lost=[gone]).new == (0,)
    assert associate([], [seen("?1", 0.0)], lost=[gone]).new == (0,)


def test_without_a_place_nothing_is_near() -> None:
    assert associate([mug("m", 0.0)], [seen("?1", 0.0).model_copy(update={"pose": None})]).new == (0,)
    assert associate([mug("m", 0.0).model_copy(update={"pose": None})], [seen("?1", 0.0)]).new == (0,)


def test_candidates_are_what_is_near() -> None:
    room = Node(id="room", kind="room", type="Kitchen", pose=Pose(x=0, y=0))
    scene = Scene([room, *(mug(f"m{x}", float(x)) for x in range(-20, 21))])
    found = candidates_near(scene, [seen("?1", 0.2), seen("?2", 10.2)])
    ids = {n.id for n in found}
    assert {"m0", "m10"} <= ids
    assert not ids & {"room", "m-20", "m20", "m5"}


def test_five_thousand_in_bounded_time() -> None:
    chance = random.Random(7)
    spots = [(chance.uniform(0, 60), chance.uniform(0, 60)) for _ in range(5000)]
    nodes = [mug(f"m{i}", x, y) for i, (x, y) in enumerate(spots)]
    things = [seen(f"?{i}", x + chance.gauss(0, 0.02), y) for i, (x, y) in enumerate(spots)]
    narrow = (0.0009, 0.0, 0.0, 0.0009, 0.0, 0.0009)
    nodes = [n.model_copy(update={"covariance": narrow}) for n in nodes]
    things = [t.model_copy(update={"covariance": narrow}) for t in things]
    began = time.process_time()
    found = associate(nodes, things).matched
    assert time.process_time() - began < 15.0, "an all-with-all comparison takes minutes"
    right = sum(node == f"m{i}" for i, node in found.items())
    assert right > 4900
    assert len(set(found.values())) == len(found)


def test_a_heap_of_equal_things_is_matched_one_to_one() -> None:
    nodes = [mug(f"m{i:03d}", i * 0.01) for i in range(250)]
    things = [seen(f"?{i:03d}", i * 0.01) for i in range(250)]
    found = associate(nodes, things)
    assert found.matched == {i: f"m{i:03d}" for i in range(250)}
