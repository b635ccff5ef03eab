"""The household world as reinforcement-learning environments: PettingZoo, Gymnasium, many at once.

Importing it registers `fleetmind/Household-v0` with Gymnasium, as is the custom there:
`gymnasium.make("fleetmind.simulators.environments:fleetmind/Household-v0")`.
"""

from __future__ import annotations

from gymnasium.envs.registration import register, registry

from fleetmind.simulators.environments.acting import ACTION_NAMES
from fleetmind.simulators.environments.episode import EpisodeOptions
from fleetmind.simulators.environments.parallel import HouseholdParallelEnv
from fleetmind.simulators.environments.single import HouseholdEnv, vector_env

__all__ = ["ACTION_NAMES", "EpisodeOptions", "HouseholdEnv", "HouseholdParallelEnv", "vector_env"]

if "fleetmind/Household-v0" not in registry:
    register("fleetmind/Household-v0", entry_point="fleetmind.simulators.environments:HouseholdEnv")
