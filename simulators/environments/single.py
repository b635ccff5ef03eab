"""The household as a Gymnasium environment of one robot, alone or many at once in processes of their own."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from fleetmind.simulators.environments.acting import ACTION_NAMES
from fleetmind.simulators.environments.episode import Episode, EpisodeOptions
from fleetmind.simulators.environments.sensing import Observation, space_of
from fleetmind.simulators.world import Body


class HouseholdEnv(gymnasium.Env[Observation, np.int64]):
    """One robot in a household.

        env = HouseholdEnv(EpisodeOptions(scenes=("Kitchen1",), pictures=True))
        observation, info = env.reset(seed=1)
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())

    Args:
        options: scenes, goal, limits and pictures.
        body: the robot's.
        render_mode: None or `rgb_array`, the scene from above.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 4}  # type: ignore[misc]

    def __init__(self, options: EpisodeOptions | None = None, body: Body | None = None,
                 render_mode: str | None = None) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode={render_mode!r}: use None or 'rgb_array'")
        self.render_mode = render_mode
        self._name = (body or Body(name="robot")).name
        self.episode = Episode(options or EpisodeOptions(), [body or Body(name="robot")])
        given = self.episode.options
        self.observation_space: spaces.Dict[Any] = space_of(given.width, given.height, given.pictures)
        self.action_space = spaces.Discrete(len(ACTION_NAMES))

    def reset(self, *, seed: int | None = None,
              options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; with a seed, always the same ones from then on."""
        super().reset(seed=seed)
        return self.episode.start(self.np_random)[self._name], {}

    def step(self, action: np.int64 | int) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Act. The info holds `success` of the action and its `error`."""
        observations, reward, results = self.episode.act({self._name: int(action)})
        result, episode = results[self._name], self.episode
        return (observations[self._name], reward, episode.success, episode.steps >= episode.options.max_steps,
                {"success": result.success, "error": result.error})

    def render(self) -> npt.NDArray[np.uint8] | None:
        """The scene from above, HxWx3, where that was asked for."""
        return self.episode.picture() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Release the world."""
        self.episode.world.close()


def vector_env(count: int, options: EpisodeOptions | None = None) -> gymnasium.vector.AsyncVectorEnv:
    """Many households at once, each in a process of its own; observations come through shared memory.

    Args:
        count: how many, at most a few per core.
        options: scenes, goal, limits and pictures of all.
    """
    if count < 1:
        raise ValueError(f"count={count!r}: at least one is needed")
    # A fresh process per world: a forked one would share the parent's threads' locks.
    return gymnasium.vector.AsyncVectorEnv([partial(HouseholdEnv, options)] * count, shared_memory=True,
                                           context="spawn")
