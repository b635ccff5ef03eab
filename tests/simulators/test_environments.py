"""The reinforcement-learning environments, with the suites that PettingZoo and Gymnasium ship."""

from __future__ import annotations

import re
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test, parallel_seed_test

from fleetmind.simulators import Body, Condition, Goal, SceneSpec, Select, Setup
from fleetmind.simulators.environments import (
    ACTION_NAMES,
    EpisodeOptions,
    HouseholdEnv,
    HouseholdParallelEnv,
    vector_env,
)

MUG_HELD = Goal(conditions=(Condition(select=Select(types=("Mug",)), held=True, count=1),))
SHORT = EpisodeOptions(scenes=("Kitchen1", "Bathroom2"), max_steps=40)
PICTURES = EpisodeOptions(scenes=("Kitchen1",), max_steps=20, pictures=True, width=32, height=24)


@pytest.mark.parametrize("options", [SHORT, PICTURES], ids=["no pictures", "pictures"])
@pytest.mark.parametrize("robots", [1, 3])
def test_pettingzoos_own_suite(options: EpisodeOptions, robots: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", category=UserWarning)
        parallel_api_test(HouseholdParallelEnv(robots, options), num_cycles=100)


def test_pettingzoos_seed_suite() -> None:
    parallel_seed_test(lambda: HouseholdParallelEnv(2, SHORT), num_cycles=25)


@pytest.mark.parametrize("options", [SHORT, PICTURES], ids=["no pictures", "pictures"])
def test_gymnasiums_own_suite(options: EpisodeOptions) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", category=UserWarning)
        env = gymnasium.make("fleetmind.simulators.environments:fleetmind/Household-v0", options=options,
                             render_mode="rgb_array")
        assert isinstance(env.unwrapped, HouseholdEnv)
        check_env(env.unwrapped)


def test_reaching_the_goal_is_rewarded_and_ends_the_episode() -> None:
    scene = SceneSpec(name="Kitchen1", setup=(Setup(op="ensure", type="Mug", at="DiningTable"),))
    env = HouseholdParallelEnv([Body(name="ada"), Body(name="bob")], EpisodeOptions(scenes=(scene,), goal=MUG_HELD))
    env.reset(seed=1)
    world = env.episode.world
    mug = next(o for o in world.observe_all()["objects"]
               if o["objectType"] == "Mug" and "DiningTable" in str(o["parentReceptacles"]))
    poses = world.step("ada", {"action": "GetInteractablePoses", "objectId": mug["objectId"]}).value
    assert any(world.step("ada", {"action": "TeleportFull", **pose}).success for pose in poses)
    wait, take = ACTION_NAMES.index("Pass"), ACTION_NAMES.index("PickupObject")
    observations, rewards, ended, cut, infos = env.step({"ada": wait, "bob": wait})
    assert rewards["ada"] == rewards["bob"] < 0
    assert not ended["ada"]
    assert not cut["ada"]
    assert observations["ada"]["holding"] == 0
    pickups = 0
    while env.agents and pickups < 3:  # whatever is nearest to the middle of the view may not be the mug yet
        observations, rewards, ended, cut, infos = env.step({"ada": take, "bob": wait})
        pickups += 1
        if env.agents:
            held = world.observe("ada").metadata["inventoryObjects"]
            if held and held[0]["objectType"] != "Mug":
                world.step("ada", {"action": "PutObject", "objectId": mug["parentReceptacles"][0],
                                   "forceAction": True})
            world.step("ada", {"action": "LookDown"})
    if env.agents:
        pytest.fail(f"the mug was not picked up: {infos}")
    assert rewards["bob"] > 1.5
    assert ended == {"ada": True, "bob": True}
    assert observations["ada"]["holding"] > 0


def test_all_act_at_the_same_moment() -> None:
    env = HouseholdParallelEnv([Body(name="slow", speed_mps=0.5), Body(name="fast", speed_mps=1.0)], SHORT)
    env.reset(seed=3)
    before = env.episode.world.time_s
    turn = ACTION_NAMES.index("RotateLeft")
    env.step({"slow": turn, "fast": turn})
    slow = env.episode.world.time_s - before
    env.reset(seed=3)
    env.step({"slow": ACTION_NAMES.index("Pass"), "fast": turn})
    assert slow == pytest.approx(2 * (env.episode.world.time_s - before), rel=0.3)


@pytest.mark.parametrize(("make", "says"), [
    (lambda: HouseholdParallelEnv(0), "robots=0"), (lambda: HouseholdParallelEnv([]), "robots=[]"),
    (lambda: HouseholdParallelEnv(2, render_mode="human"), "'human'"),
    (lambda: HouseholdEnv(render_mode="human"), "'human'"), (lambda: EpisodeOptions(scenes=()), "scenes=()"),
    (lambda: EpisodeOptions(max_steps=0), "max_steps=0"), (lambda: EpisodeOptions(width=10_000), "10000"),
    (lambda: vector_env(0), "count=0"),
])
def test_what_cannot_be_played_is_refused(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        make()


def test_an_unknown_action_is_refused() -> None:
    env = HouseholdEnv(SHORT)
    env.reset(seed=1)
    with pytest.raises(ValueError, match="action 99"):
        env.step(99)


def test_worlds_in_processes_are_those_at_home() -> None:
    vector = vector_env(2, SHORT)
    try:
        assert isinstance(vector, gymnasium.vector.AsyncVectorEnv)
        many, _ = vector.reset(seed=5)
        homes = [HouseholdEnv(SHORT) for _ in range(2)]
        ones = [home.reset(seed=5 + i)[0] for i, home in enumerate(homes)]
        rng = np.random.default_rng(1)
        for _ in range(15):
            for key in ones[0]:
                assert np.array_equal(many[key], np.stack([one[key] for one in ones]))
            numbers = rng.integers(len(ACTION_NAMES), size=2)
            many, rewards, *_ = vector.step(numbers)
            stepped = [home.step(number) for home, number in zip(homes, numbers, strict=True)]
            ones = [s[0] for s in stepped]
            assert rewards.tolist() == [s[1] for s in stepped]
    finally:
        vector.close()
