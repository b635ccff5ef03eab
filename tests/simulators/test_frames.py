"""The conversion between AI2-THOR's coordinates and frame `map`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetmind.simulators import frames

METRES = st.floats(-1e4, 1e4)
POINTS = st.tuples(METRES, METRES, METRES)


def rotate(q: frames.Quaternion, v: tuple[float, float, float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A vector turned by a quaternion."""
    axis, w = np.array(q[:3]), q[3]
    vector = np.array(v)
    turned: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        vector + 2 * np.cross(axis, np.cross(axis, vector) + w * vector))
    return turned


@given(POINTS)
def test_positions_and_sizes_go_round(point: tuple[float, float, float]) -> None:
    assert frames.position_from_map(*frames.position_to_map(*point)) == point
    assert frames.size_from_map(*frames.size_to_map(*point)) == point


@given(POINTS, POINTS)
def test_distances_stay(a: tuple[float, float, float], b: tuple[float, float, float]) -> None:
    assert math.dist(frames.position_to_map(*a), frames.position_to_map(*b)) == pytest.approx(math.dist(a, b))


@given(POINTS, POINTS, POINTS)
def test_handedness_flips(a: tuple[float, float, float], b: tuple[float, float, float],
                          c: tuple[float, float, float]) -> None:
    there = np.linalg.det(np.array([a, b, c]))
    here = np.linalg.det(np.array([frames.position_to_map(*p) for p in (a, b, c)]))
    assert here == pytest.approx(-there, rel=1e-6, abs=1e-3)


@given(st.floats(-720, 720), st.floats(-60, 60))
def test_rotations_go_round_and_are_of_unit_length(yaw: float, horizon: float) -> None:
    q = frames.rotation_to_map(yaw, horizon)
    assert math.hypot(*q) == pytest.approx(1)
    back, tilt = frames.rotation_from_map(*q)
    assert 0 <= back < 360
    assert math.cos(math.radians(back - yaw)) == pytest.approx(1)
    assert tilt == pytest.approx(horizon, abs=1e-5)


@given(st.floats(0, 360), st.floats(-60, 60))
def test_forward_is_the_same_direction_in_both(yaw: float, horizon: float) -> None:
    y, h = math.radians(yaw), math.radians(horizon)
    thor = (math.sin(y) * math.cos(h), -math.sin(h), math.cos(y) * math.cos(h))
    assert rotate(frames.rotation_to_map(yaw, horizon), (1, 0, 0)) == pytest.approx(
        np.array(frames.position_to_map(*thor)), abs=1e-9)


def test_known_headings() -> None:
    assert frames.position_to_map(1.0, 2.0, 3.0) == (3.0, -1.0, 2.0)
    assert frames.yaw_to_map(0) == (0, 0, 0, 1)
    right = rotate(frames.yaw_to_map(90), (1, 0, 0))
    assert right == pytest.approx(np.array([0, -1, 0]))
    assert frames.yaw_from_map(*frames.yaw_to_map(270)) == pytest.approx(270)
