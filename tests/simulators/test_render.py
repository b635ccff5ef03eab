"""Pictures: both renderers agree, and show what is there."""

from __future__ import annotations

import time

import numpy as np
import pytest

from fleetmind.simulators import Setup
from fleetmind.simulators.render import REFERENCE, Painter, compiled, prepare
from fleetmind.simulators.render.camera import agent_camera, top_camera
from tests.simulators.hands import ADA, Home


@pytest.mark.parametrize("name", ["Kitchen1", "Bathroom2", "House2"])
def test_compiled_and_reference_agree(name: str) -> None:
    drawer = compiled()
    if drawer is None:
        pytest.skip("numba is not installed")
    home = Home(name)
    state = home.world._ready().state
    for camera in (agent_camera(state.agents[ADA], 160, 120), top_camera(state, 160, 120)):
        fast, slow = (Painter(state, d).view(camera, 160, 120, without=ADA) for d in (drawer, REFERENCE))
        same = fast.ids == slow.ids
        assert same.mean() > 0.999
        assert np.allclose(fast.depth[same], slow.depth[same], atol=1e-4)
        assert np.abs(fast.rgb[same].astype(int) - slow.rgb[same]).max() <= 2


def test_ids_are_where_geometry_says() -> None:
    home = Home("Kitchen1", Setup(op="ensure", type="Apple", at="DiningTable"))
    apple = next(t for t in home.things.values() if t.type == "Apple" and t.parent and t.parent.type == "DiningTable")
    home.go(apple)
    frame = home.world.observe(ADA, pictures=True, width=240, height=240)
    assert frame.ids is not None
    assert frame.depth is not None
    number = next(i for i, name in frame.id_names.items() if name == apple.id)
    rows, columns = np.nonzero(frame.ids == number)
    state = home.world._ready().state
    camera = agent_camera(state.agents[ADA], 240, 240)
    row, column = int(rows.mean()), int(columns.mean())
    u = (2 * (column + 0.5) / 240 - 1) * camera.half_width
    v = (1 - 2 * (row + 0.5) / 240) * camera.half_height
    point = camera.eye + float(frame.depth[row, column]) * (camera.ahead + u * camera.right + v * camera.up)
    assert np.linalg.norm(point - np.array(apple.center)) < 0.1


def test_what_is_seen_in_metadata_is_mostly_in_the_picture() -> None:
    home = Home("Kitchen6")
    large = {"Fridge", "DiningTable", "CounterTop", "Chair", "Cabinet", "Microwave"}
    for yaw in (0.0, 90.0, 180.0, 270.0):
        home.ok("Teleport", rotation=yaw)
        frame = home.world.observe(ADA, pictures=True, width=240, height=240)
        drawn = set(frame.id_names.values())
        told = {o["objectId"] for o in frame.metadata["objects"] if o["objectType"] in large}
        assert len(told - drawn) <= 0.2 * len(told)


def test_dark_rooms_are_dark() -> None:
    home = Home("Bedroom3")
    state = home.world._ready().state
    painter = Painter(state)
    bright = painter.agent(state.agents[ADA], 96, 96).rgb.mean()
    for thing in home.things.values():
        if thing.toggled:
            home.ok("ToggleObjectOff", thing)
    dark = painter.agent(state.agents[ADA], 96, 96).rgb.mean()
    assert dark < 0.6 * bright


def test_others_are_seen_and_oneself_is_not() -> None:
    home = Home("Kitchen1")
    picture = Painter(home.world._ready().state).top_down(200, 200)
    assert {"ada", "bob"} <= set(picture.names.values())
    own = home.world.observe(ADA, pictures=True, width=64, height=64)
    assert ADA not in own.id_names.values()


def test_an_open_fridge_looks_different() -> None:
    home = Home("Kitchen1")
    fridge = home.one("Fridge")
    home.go(fridge)
    before = home.world.observe(ADA, pictures=True, width=96, height=96).rgb
    home.ok("OpenObject", fridge)
    after = home.world.observe(ADA, pictures=True, width=96, height=96).rgb
    assert before is not None
    assert after is not None
    assert (before != after).any(axis=-1).mean() > 0.1


def test_a_picture_is_quick() -> None:
    if compiled() is None:
        pytest.skip("numba is not installed")
    prepare()
    home = Home("Kitchen1")
    times = []
    for _ in range(9):
        start = time.perf_counter()
        home.world.observe(ADA, pictures=True)
        times.append(time.perf_counter() - start)
    # 30 ms on a quiet machine; tests share theirs.
    assert sorted(times)[2] < 0.09
