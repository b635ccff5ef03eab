"""One episode of a household: which scene, what for, how it is rewarded and when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.environments.acting import ACTION_NAMES, action_of
from fleetmind.simulators.environments.sensing import Observation, observation_of
from fleetmind.simulators.goal import Goal
from fleetmind.simulators.household.world import HouseholdWorld
from fleetmind.simulators.world import Body, Frame, Result, SceneSpec

DEFAULT_SCENES = tuple(f"Kitchen{number}" for number in range(1, 11))


@dataclass(frozen=True, kw_only=True)
class EpisodeOptions:
    """What an environment's episodes are like."""

    scenes: Sequence[str | SceneSpec] = DEFAULT_SCENES
    """One is drawn for each episode; names as `fleetmind sim scenes` lists them."""
    goal: Goal | None = None
    """What is rewarded and ends the episode; None: nothing is."""
    max_steps: int = 500
    """The episode is cut off after so many."""
    pictures: bool = False
    """Whether observations hold `rgb` and `depth`."""
    width: int = 128
    """Of pictures, pixels."""
    height: int = 96
    """Of pictures, pixels."""
    step_cost: float = 0.01
    """Taken from every agent's reward each step."""
    agents_intersect: bool = False
    """Whether agents drive through each other."""

    def __post_init__(self) -> None:
        """Refuse what cannot be played."""
        if not self.scenes:
            raise ValueError("scenes=(): give at least one, e.g. ('Kitchen1',)")
        if self.max_steps < 1:
            raise ValueError(f"max_steps={self.max_steps!r}: an episode has at least one step")
        if not (1 <= self.width <= 2048 and 1 <= self.height <= 2048):
            raise ValueError(f"pictures of {self.width!r}x{self.height!r}: each side must be 1 to 2048")


class Episode:
    """A world and how far its episode is. All agents act at the same moment; time goes on by the longest action."""

    def __init__(self, options: EpisodeOptions, bodies: Sequence[Body]) -> None:
        self.options = options
        self.bodies = tuple(bodies)
        self.world = HouseholdWorld(allow_agents_to_intersect=options.agents_intersect)
        self.steps = 0
        self.success = False
        self._share = 0.0
        self._frames: dict[str, Frame] = {}

    def start(self, rng: np.random.Generator) -> dict[str, Observation]:
        """Begin anew in a scene and with a seed that the generator draws."""
        scenes = self.options.scenes
        scene = scenes[int(rng.integers(len(scenes)))]
        spec = SceneSpec(name=scene) if isinstance(scene, str) else scene
        self.world.reset(spec, self.bodies, seed=int(rng.integers(2**31)))
        self.steps, self.success = 0, False
        self._share = self._progress()
        return {body.name: self._observe(body.name) for body in self.bodies}

    def act(self, actions: Mapping[str, int]) -> tuple[dict[str, Observation], float, dict[str, Result]]:
        """One step: observations, the reward that all agents share, and what each action did.

        Raises:
            ValueError: an action's number is none.
        """
        now_s, results = self.world.time_s, {}
        for name, number in actions.items():
            if not 0 <= int(number) < len(ACTION_NAMES):
                raise ValueError(f"action {number!r} of {name!r}: it must be 0 to {len(ACTION_NAMES) - 1}")
            action = action_of(int(number), self._frames[name].metadata)
            results[name] = self.world.step(name, action, at_s=now_s)
        self.world.advance_to(max((r.time_s for r in results.values()), default=now_s))
        self.steps += 1
        before, self._share = self._share, self._progress()
        reward = self._share - before + (1.0 if self.success else 0.0) - self.options.step_cost
        return {name: self._observe(name) for name in actions}, reward, results

    def picture(self) -> npt.NDArray[np.uint8]:
        """The scene from above, HxWx3."""
        top: npt.NDArray[np.uint8] = self.world.observe_all(top_down=True)["top_down"]
        return top

    def _observe(self, name: str) -> Observation:
        options = self.options
        self._frames[name] = frame = self.world.observe(
            name, pictures=options.pictures, width=options.width, height=options.height)
        return observation_of(frame)

    def _progress(self) -> float:
        """Share of the goal's conditions that hold, 0 to 1."""
        if self.options.goal is None:
            return 0.0
        report = self.world.check(self.options.goal)
        self.success = report.holds
        return sum(c.holds for c in report.conditions) / len(report.conditions)
