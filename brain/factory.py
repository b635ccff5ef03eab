"""Provisional."""
from pydantic import BaseModel, ConfigDict


class BrainConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str = "symbolic"
def make_brain(config: BrainConfig | None = None):
    from fleetmind.brain.symbolic.brain import SymbolicBrain
    return SymbolicBrain()
