"""Learning from runs: recorder, trajectories, suites of tasks and their evaluation."""

from fleetmind.training.recorder import Recorder
from fleetmind.training.trajectory import Manifest, PlanRecord, RecordedStep, Trajectory, read_trajectory

__all__ = ["Manifest", "PlanRecord", "RecordedStep", "Recorder", "Trajectory", "read_trajectory"]
