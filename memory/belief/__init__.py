"""Belief: how sure one may be of a thing, which seen object is which node, and what a robot knows but has not told.

Works on `Scene`, `Node` and `Observation` alone; the store is needed only to publish.
"""

from __future__ import annotations

from fleetmind.memory.belief.association import Assignment, associate, candidates_near, is_loose
from fleetmind.memory.belief.belief import Belief
from fleetmind.memory.belief.fusion import decay, fused_confidence, fused_position, merge_sightings, same_place
from fleetmind.memory.belief.hungarian import cheapest
from fleetmind.memory.belief.identify import identify
from fleetmind.memory.belief.naming import Numbers, node_name
from fleetmind.memory.belief.pairs import Types, cosine, cost
from fleetmind.memory.belief.rates import UNCERTAIN, Rates, confidence_at, half_life_s
from fleetmind.memory.belief.reading import Reading, fixed_receptacle, relation_to
from fleetmind.memory.belief.settle import MISSED, differs, doubt, settle

__all__ = [
    "MISSED",
    "UNCERTAIN",
    "Assignment",
    "Belief",
    "Numbers",
    "Rates",
    "Reading",
    "Types",
    "associate",
    "candidates_near",
    "cheapest",
    "confidence_at",
    "cosine",
    "cost",
    "decay",
    "differs",
    "doubt",
    "fixed_receptacle",
    "fused_confidence",
    "fused_position",
    "half_life_s",
    "identify",
    "is_loose",
    "merge_sightings",
    "node_name",
    "relation_to",
    "same_place",
    "settle",
]
