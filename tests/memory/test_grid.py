"""The grid answers as a scan of all points would, whatever happened to it before, and old grids stay as they were."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.memory import cubes, grid
from fleetmind.memory.grid import Grid

Point = tuple[float, float, float]
Points = dict[str, Point]


def borders() -> list[float]:
    """Coordinates at the borders of cubes of several sizes, and the numbers next to them."""
    found = []
    for level in (0, 1, cubes.BASE - 1, cubes.BASE, cubes.BASE + 3, cubes.TOP - 1):
        size = 2.0**level / cubes.PER_METRE
        border = math.floor((0.3 - cubes._LOW) / size) * size + cubes._LOW
        found += [border, math.nextafter(border, -math.inf), math.nextafter(border, math.inf), border + size]
    return found


FAR = [1e6, -1e6, 7e8, -7.5e8, 1.5e9, 1e17, -1e160, 1e300, -1e300]
SMALL = st.sampled_from([-4.0, -1.5, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 3.0, 8.0, 1e-200])
LENGTHS = st.one_of(SMALL, st.sampled_from(borders()), st.floats(-20, 20), st.floats(-0.1, 0.1))
COORDINATES = st.one_of(LENGTHS, LENGTHS, LENGTHS, st.sampled_from(FAR), st.floats(-1e305, 1e305))
NEAR_POINTS = st.tuples(LENGTHS, LENGTHS, LENGTHS)
POINTS = st.one_of(NEAR_POINTS, NEAR_POINTS, st.tuples(COORDINATES, COORDINATES, COORDINATES))
IDS = st.sampled_from([f"{kind}-{n}" for kind in ("mug", "box", "a") for n in range(8)])
RADII = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 4.0, 1e6, 1e300, math.inf, -1.0]), st.floats(0, 30))
BATCHES = st.lists(st.tuples(st.dictionaries(IDS, POINTS, max_size=12), st.lists(IDS, max_size=6)), max_size=6)


@pytest.fixture(scope="module", params=[(2, 0), (cubes.FULL, grid._MANY)], ids=["cut at 2", "as it is"], autouse=True)
def limits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything also with tiny leaves, so that a few points make a deep grid, and with numpy from the first point."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cubes, "FULL", request.param[0])
        patch.setattr(grid, "_MANY", request.param[1])
        yield


def grid_of(points: Points) -> Grid:
    return Grid.of((name, *point) for name, point in points.items())


def scan(points: Points, here: Point) -> list[tuple[float, str]]:
    return sorted((math.dist(here, point), name) for name, point in points.items())


def same(found: Grid, points: Points) -> None:
    """The grid holds exactly the points, and its cubes are as they should be."""
    assert len(found) == len(points)
    assert {name: found.point(name) for name in points} == points
    rows: list[bytes] = []
    for key, cube in found._cubes.items():
        rows += checked(key, cube)
    assert sorted(rows) == sorted(found._points.values())
    assert {found._names[cubes.ROW.unpack(row)[0]]: row for row in rows} == dict(found._points)
    below = [(half, key) for key, halves in found._tree.items() for half in halves]
    keys = [*found._cubes, *found._tree]
    assert sorted(half for half, _ in below) == sorted(key for key in keys if key[0] < cubes.TOP)
    assert all(cubes.up(half) == key for half, key in below)
    assert all(found._tree.values())


def checked(key: cubes.Key, cube: cubes.Cube) -> list[bytes]:
    """The points of the cube, all of them where they belong."""
    level, *place = key
    if isinstance(cube, list):
        assert any(part is not None for part in cube)
        return [row for half, part in cubes.halves_of(key, cube) for row in checked(half, part)]
    rows = [cubes.ROW.pack(*row) for row in cubes.rows_of(cubes.few_of(cube))]
    assert rows
    assert len(rows) <= cubes.FULL or level == 0
    for row in rows:
        assert [axis >> level for axis in cubes.spot_of(*cubes.ROW.unpack(row)[1:])] == place
    return rows


@given(st.dictionaries(IDS, POINTS), POINTS, RADII)
@settings(max_examples=100, deadline=None)
def test_within_and_nearest_are_what_a_scan_finds(points: Points, here: Point, radius: float) -> None:
    found, everything = grid_of(points), scan(points, here)
    assert found.within(*here, radius) == [pair for pair in everything if pair[0] <= radius]
    assert list(found.nearest_first(*here)) == everything
    for k in (-1, 0, 1, 3, 100):
        assert found.nearest(*here, k) == everything[:max(k, 0)]


@given(st.dictionaries(IDS, POINTS, min_size=1), st.data())
@settings(max_examples=60, deadline=None)
def test_a_radius_that_ends_at_a_point_includes_it(points: Points, data: st.DataObject) -> None:
    here, name = data.draw(POINTS), data.draw(st.sampled_from(sorted(points)))
    distance = math.dist(here, points[name])
    assert (distance, name) in grid_of(points).within(*here, distance)


@given(st.dictionaries(IDS, POINTS), POINTS, POINTS)
@settings(max_examples=100, deadline=None)
def test_inside_is_what_a_scan_finds(points: Points, a: Point, b: Point) -> None:
    found = grid_of(points)
    low, high = np.minimum(a, b).tolist(), np.maximum(a, b).tolist()
    for corners in ((a, b), (low, high)):
        box = list(zip(*corners, strict=True))
        expected = [n for n, p in points.items() if all(lo <= v <= hi for v, (lo, hi) in zip(p, box, strict=True))]
        assert found.inside(*corners) == sorted(expected)
    assert found.inside((-math.inf, -math.inf, -math.inf), (math.inf, math.inf, math.inf)) == sorted(points)


@given(st.dictionaries(IDS, POINTS), BATCHES, POINTS)
@settings(max_examples=70, deadline=None)
def test_a_grid_evolves_and_those_before_stay(points: Points, batches: list[tuple[Points, list[str]]],
                                              here: Point) -> None:
    versions = [(grid_of(points), points)]
    for put, remove in batches:
        last, points = versions[-1]
        points = {name: point for name, point in points.items() if name not in remove} | put
        versions.append((last.evolve([(name, *point) for name, point in put.items()], remove), points))
    for found, expected in versions:
        same(found, expected)
        assert list(found.nearest_first(*here)) == scan(expected, here)
        assert found.within(*here, 3.0) == grid_of(expected).within(*here, 3.0)


def test_a_crowd_comes_and_goes() -> None:
    """Small steps, single and in batches, through cutting and joining, until nothing is left."""
    chance = random.Random(5)
    points: Points = {}
    found = Grid.of([])
    for step in range(150):
        centre, names = chance.choice([0.0, 5.0]), [f"n{chance.randrange(200)}" for _ in range(chance.choice([1, 40]))]
        moves = {n: tuple(v + chance.uniform(-0.2, 0.2) for v in points.get(n, (centre,) * 3)) for n in names}
        gone = [f"n{chance.randrange(200)}" for _ in range(chance.choice([0, 0, 60]))]
        points = {n: p for n, p in points.items() if n not in gone} | moves  # type: ignore[assignment]
        found = found.evolve([(n, *p) for n, p in moves.items()], gone)  # type: ignore[misc]
        if step % 10 == 0:
            same(found, points)
            assert found.within(5, 5, 5, 1) == [pair for pair in scan(points, (5, 5, 5)) if pair[0] <= 1]
    found = found.evolve([], list(points))
    assert len(found) == len(found._cubes) == len(found._tree) == 0
    assert found.nearest(0, 0, 0, 3) == found.within(0, 0, 0, 9) == []
    assert found.inside((0, 0, 0), (1, 1, 1)) == []


def test_a_crowd_that_left_leaves_no_cut_cube() -> None:
    found = Grid.of((f"n{i}", i * 1e-3, 0, 0) for i in range(500))
    assert isinstance(next(iter(found._cubes.values())), list)
    found = found.evolve([], [f"n{i}" for i in range(1, 500)])
    assert list(found._cubes.values()) == [cubes.ROW.pack(0, 0, 0, 0)]


def test_names_of_what_is_gone_are_forgotten() -> None:
    found, first = Grid.of([]), Grid.of([("here", 1, 1, 1)])
    for step in range(3 * grid._SPARE):
        found = found.evolve([(f"n{step}", step % 7, 0, 0)], [f"n{step - 5}"])
    assert len(found._names) <= 2 * 5 + grid._SPARE
    same(found, {f"n{s}": (s % 7, 0, 0) for s in range(3 * grid._SPARE - 5, 3 * grid._SPARE)})
    same(first, {"here": (1, 1, 1)})


def test_grids_made_in_several_threads_from_one_are_apart() -> None:
    first = Grid.of([("here", 1, 1, 1)])

    def branch(which: int) -> tuple[Grid, Points]:
        found, points = first, {"here": (1.0, 1.0, 1.0)}
        for step in range(200):
            points |= {f"{which}-{step}": (float(step), which, 0.0)}
            found = found.evolve([(f"{which}-{step}", step, which, 0)])
        return found, points

    with ThreadPoolExecutor(4) as pool:
        for found, points in pool.map(branch, range(8)):
            same(found, points)


def test_the_order_of_insertion_changes_no_answer() -> None:
    chance = random.Random(1)
    points = [(f"n{i}", chance.randrange(3), chance.randrange(3), chance.randrange(2)) for i in range(300)]
    one, other = Grid.of(points), Grid.of([])
    for point in chance.sample(points, len(points)):
        other = other.evolve([point])
    assert one.within(1, 1, 1, 5) == other.within(1, 1, 1, 5)
    assert list(one.nearest_first(1, 1, 1)) == list(other.nearest_first(1, 1, 1))
    assert one.inside((0, 0, 0), (1, 1, 1)) == other.inside((0, 0, 0), (1, 1, 1))


def test_of_two_points_with_one_id_the_last_counts() -> None:
    found = Grid.of([("a", 1, 1, 1), ("a", 50, 0, 0)])
    assert found.within(50, 0, 0, 0) == [(0, "a")]
    found = found.evolve([("a", 3, 3, 3), ("b", 0, 0, 0), ("a", -9, 0, 0)], ["a", "b", "never"])
    same(found, {"a": (-9, 0, 0), "b": (0, 0, 0)})
    assert "a" in found
    assert "never" not in found
    assert found.point("never") is None


def test_floors_are_apart() -> None:
    found = Grid.of((f"floor-{i}", 0, 0, 3.0 * i) for i in range(40))
    assert found.within(0, 0, 60, 2.9) == [(0, "floor-20")]
    assert found.within(0, 0, 60, 3) == [(0, "floor-20"), (3, "floor-19"), (3, "floor-21")]


@pytest.mark.parametrize("coordinate", [math.nan, "1"])
def test_what_is_no_place_is_refused(coordinate: float) -> None:
    found = Grid.of([("a", 0, 0, 0)])
    with pytest.raises((ValueError, TypeError, struct.error)):
        found.evolve([("b", 0, coordinate, 0)])
    same(found, {"a": (0, 0, 0)})


def test_cost_follows_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crowds, empty space and places far away: points are looked at only near the answer."""
    looked: list[cubes.Few] = []

    def one(leaf: cubes.Few, rows_of: Callable[..., Any] = cubes.rows_of) -> Any:
        looked.append(leaf)
        return rows_of(leaf)

    def several(leaves: list[cubes.Few], *rest: Any, rows_near: Callable[..., Any] = cubes.rows_near) -> Any:
        looked.extend(leaves)
        return rows_near(leaves, *rest)

    monkeypatch.setattr(grid, "rows_of", one)
    monkeypatch.setattr(grid, "rows_near", several)
    chance = random.Random(2)
    points = [(f"n{i}", chance.uniform(0, 40), chance.uniform(0, 40), chance.uniform(0, 9)) for i in range(5000)]
    points += [(f"pile-{i:05}", 200.0, 0.0, 1.0) for i in range(10_000)] + [("lost", 1e300, 0.0, 0.0)]
    found = Grid.of(points)

    def cost(answer: object) -> int:
        total = sum(map(len, looked)) // cubes.ROW.size
        looked.clear()
        return total if answer else 0

    assert 0 < cost(found.nearest(20, 20, 4, 5)) < 300
    assert 0 < cost(found.within(20, 20, 4, 1.5)) < 500
    assert 0 < cost(list(islice(found.nearest_first(-1e6, -1e6, 4), 3))) < 1000
    assert found.within(-1e6, 0, 0, 1e5) == found.within(201, 0, 1, 0.5) == []
    assert cost(True) == 0
    assert found.nearest(203, 0, 1, 3) == [(3, f"pile-{i:05}") for i in range(3)]
    assert len(found.within(200, 0, 1, 0.5)) == 10_000
    assert cost(True) == 20_000
    assert found.within(1e300, 0, 0, 1) == [(0, "lost")]
    assert cost(True) == 1
    assert len(found.within(-1e300, 0, 0, 1e300)) == 15_000
    assert found.evolve([("pile-00007", 200.001, 0, 1)]).within(200.001, 0, 1, 0) == [(0, "pile-00007")]
