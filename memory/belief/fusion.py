"""Evidence: the newest word of each robot about a node, what it adds up to, and where two positions agree.

The set of words is merged by union, the newest of each robot counting. That makes merging commutative, associative
and idempotent, so it does not matter in which order robots report or how often a report is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable

from fleetmind.memory.belief.space import GATE, Covariance, fuse, mahalanobis_sq
from fleetmind.memory.scene import Node, Pose, Sighting

LIMIT = 16
"""So many robots' words are kept for one node; the oldest go."""
_Order = tuple[float, bool, float, str]


def order(word: Sighting) -> _Order:
    """Sort key of sightings, a total order: by time; at one time seeing goes after not seeing, then by certainty."""
    return (word.time_s, word.seen, word.confidence, word.robot)


def decay(age_s: float, half_life_s: float) -> float:
    """What is left of a word's weight after `age_s` seconds: 2^(-age / half-life). In (0, 1]; 1 before its time."""
    return 1.0 if age_s <= 0 else float(2.0 ** (-age_s / half_life_s))


def merge_sightings(a: Iterable[Sighting], b: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """All robots' words of both, the newest of each, ordered by robot; beyond `LIMIT` the oldest are dropped."""
    newest: dict[str, Sighting] = {}
    for word in (*a, *b):
        known = newest.get(word.robot)
        if known is None or order(known) < order(word):
            newest[word.robot] = word
    kept = sorted(newest.values(), key=order)[-LIMIT:]
    return tuple(sorted(kept, key=lambda word: word.robot))


def fused_confidence(sightings: Iterable[Sighting], half_life_s: float, now_s: float) -> float:
    """What the words add up to at `now_s`, in [0, 1].

    Those who saw it combine as independent witnesses, 1 - prod(1 - p_i * decay_i). Who looked later and did not see
    it lowers what was said before by the factor 1 - p; that does not wear off, or time would bring a thing back.
    So the result does not depend on the order of the words, another who saw it never lowers it, and time never
    raises it.

    Args:
        sightings: words, at most one of each robot.
        half_life_s: from `half_life_s`.
        now_s: world time.
    """
    sure = 0.0
    for word in sorted(sightings, key=order):
        if word.seen:
            weight = word.confidence * decay(now_s - word.time_s, half_life_s)
            sure += weight * (1.0 - sure)
        else:
            sure *= 1.0 - word.confidence
    return min(1.0, sure)


def same_place(one: Node, other: Node) -> bool:
    """Whether two accounts of a thing put it at the same place.

    In one hand; or not on or inside different things, and within the gate; or, without poses, in one parent.
    """
    if "held_by" in (one.relation, other.relation):
        return (one.parent, one.relation) == (other.parent, other.relation)
    if one.parent != other.parent and {one.relation, other.relation} <= {"on", "inside"}:
        return False
    if one.pose is not None and other.pose is not None:
        return mahalanobis_sq(one.pose, one.covariance, other.pose, other.covariance) <= GATE
    return one.parent == other.parent


def fused_position(newer: Node, older: Node) -> tuple[Pose | None, Covariance | None]:
    """Position of a thing that two accounts put at the same place, and its covariance.

    Where both know their covariance, the mean weighted by the inverse covariances, with the newer one's orientation;
    else the newer account's.
    """
    if newer.pose is None:
        return older.pose, older.covariance
    if older.pose is None or newer.covariance is None or older.covariance is None or newer.relation == "held_by":
        return newer.pose, newer.covariance
    return fuse(newer.pose, newer.covariance, older.pose, older.covariance)
