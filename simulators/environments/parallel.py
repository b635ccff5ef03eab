"""The household as a PettingZoo parallel environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from pettingzoo import ParallelEnv

from fleetmind.simulators.environments.acting import ACTION_NAMES
from fleetmind.simulators.environments.episode import Episode, EpisodeOptions
from fleetmind.simulators.environments.sensing import Observation, space_of
from fleetmind.simulators.world import Body


class HouseholdParallelEnv(ParallelEnv):  # type: ignore[misc]
    """Several robots in one household.

        env = HouseholdParallelEnv(robots=3)
        observations, infos = env.reset(seed=1)
        while env.agents:
            actions = {agent: env.action_space(agent).sample() for agent in env.agents}
            observations, rewards, terminations, truncations, infos = env.step(actions)

    Args:
        robots: how many, or their bodies.
        options: scenes, goal, limits and pictures.
        render_mode: None or `rgb_array`, the scene from above.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["rgb_array"], "name": "fleetmind_household_v0"}

    def __init__(self, robots: int | Sequence[Body] = 2, options: EpisodeOptions | None = None,
                 render_mode: str | None = None) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode={render_mode!r}: use None or 'rgb_array'")
        bodies = [Body(name=f"robot-{i}") for i in range(robots)] if isinstance(robots, int) else list(robots)
        if not bodies:
            raise ValueError(f"robots={robots!r}: at least one is needed")
        self.render_mode = render_mode
        self.episode = Episode(options or EpisodeOptions(), bodies)
        self.possible_agents = [body.name for body in bodies]
        self.agents: list[str] = []
        given = self.episode.options
        self._space = space_of(given.width, given.height, given.pictures)
        # One object per agent, always the same: PettingZoo seeds them one by one.
        self._actions = {name: spaces.Discrete(len(ACTION_NAMES)) for name in self.possible_agents}
        self._rng = np.random.default_rng()

    def observation_space(self, agent: str) -> spaces.Dict[Any]:
        """See `environments.sensing.space_of`."""
        return self._space

    def action_space(self, agent: str) -> spaces.Discrete:
        """A number for each of `ACTION_NAMES`."""
        return self._actions[agent]

    def reset(self, seed: int | None = None,
              options: dict[str, Any] | None = None) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Begin an episode; with a seed, always the same ones from then on."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self.agents = list(self.possible_agents)
        observations = self.episode.start(self._rng)
        return observations, {name: {} for name in self.agents}

    def step(self, actions: dict[str, int]) -> tuple[
            dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """All agents act at once. An info holds `success` of the action, its `error`, and `goal` when it is reached."""
        acting = {name: actions[name] for name in self.agents if name in actions}
        observations, reward, results = self.episode.act(acting)
        over, cut = self.episode.success, self.episode.steps >= self.episode.options.max_steps
        names = list(acting)
        infos = {name: {"success": results[name].success, "error": results[name].error, "goal": over}
                 for name in names}
        if over or cut:
            self.agents = []
        return (observations, dict.fromkeys(names, reward), dict.fromkeys(names, over), dict.fromkeys(names, cut),
                infos)

    def render(self) -> npt.NDArray[np.uint8] | None:
        """The scene from above, HxWx3, where that was asked for."""
        return self.episode.picture() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Release the world."""
        self.episode.world.close()
