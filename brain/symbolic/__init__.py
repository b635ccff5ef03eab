"""The symbolic brain: free household English and rules; needs no model and no download."""

from fleetmind.brain.symbolic.brain import SymbolicBrain

__all__ = ["SymbolicBrain"]
