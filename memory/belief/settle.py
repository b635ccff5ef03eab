"""One robot's word about one node, folded in: what it confirms, moves, makes doubtful, and what is worth writing.

The words of two robots about nodes of one scene give the same in either order, where both are newer than what the
scene knew: the newer word says where the thing is, and a word from elsewhere voids all that is older than it.
What is *not* kept is where a voided word had it, so among three robots a word that comes very late can count again.
"""

from __future__ import annotations

from collections.abc import Mapping

from fleetmind.memory.belief.fusion import fused_position, merge_sightings, order, same_place
from fleetmind.memory.belief.pairs import cosine
from fleetmind.memory.belief.rates import Rates, confidence_at, half_life_s, last_word_s
from fleetmind.memory.belief.space import spread_m
from fleetmind.memory.scene import Node, Sighting

MISSED = 0.7
"""How sure a robot is that a thing is gone from a place all of which it saw: something may hide it."""
MOVED_M = 0.03
"""A smaller change of place is not written."""
_MATERIAL = 0.05  # a smaller change of confidence is not written
_LIKE_BEFORE = 0.95  # cosine from which new looks are the old ones
_TIGHTER = 1.5  # a covariance is written when its standard deviation changed by such a factor


def settle(old: Node | None, seen: Node, word: Sighting, *, rates: Rates | None = None,
           arrived: bool = False) -> Node:
    """The node after a robot saw it.

    Args:
        old: as it was known; None: new.
        seen: as the robot sees it, with the id of `old`.
        word: when and how surely.
        rates: half-lives by type.
        arrived: take the word for the newest whatever its time says, as the one writer of a site does, whose
            robots' clocks may start anew. Otherwise words are ordered by time, and a word heard before is ignored.
    """
    if old is None:
        return _believed(seen, {"last_seen_s": word.time_s}, (word,), rates)
    if not arrived and _heard(old, word):
        return old
    words = _agreeing(old, word) if arrived else old.sightings
    newest = arrived or _newer_than_seen(old, word)
    if same_place(old, seen):
        last = arrived or all(order(s) < order(word) for s in words)
        update = _account(old, seen, word, newest=newest, moved=newest and last)
        update["pose"], update["covariance"] = fused_position(seen, old) if newest else fused_position(old, seen)
        return _believed(old, update, merge_sightings(words, (word,)), rates)
    if newest:
        return _believed(old, _account(old, seen, word, newest=True, moved=True), (word,), rates)
    later = tuple(s for s in words if order(s) > order(word))
    return _believed(old, _account(old, seen, word, newest=False, moved=False), later, rates)


def doubt(old: Node, expected: Node, word: Sighting, room: str | None, *, rates: Rates | None = None,
          arrived: bool = False) -> Node:
    """The node after a robot did not see it where it should be: less sure, and somewhere in the room.

    Args:
        old: as it was known.
        expected: as the robot knew it; it says where the robot looked.
        word: when and how surely; `word.seen` is False.
        room: where it may still be.
        rates: half-lives by type.
        arrived: as for `settle`.
    """
    if not arrived and (_heard(old, word) or not same_place(old, expected)):
        return old
    words = _agreeing(old, word) if arrived else old.sightings
    last = arrived or (_newer_than_seen(old, word) and all(order(s) < order(word) for s in words))
    where = {"parent": room, "relation": "in" if room else None, "source": word.robot} if last else {}
    return _believed(old, where, merge_sightings(words, (word,)), rates)


def differs(old: Node | None, new: Node, rates: Rates | None = None) -> bool:
    """Whether the new node is worth a write: more than a fresher time, noise in its place or the same evidence again.

    Evidence counts when it changes the confidence, age apart, by 0.05 or more, or when the newest word written is
    older than half its half-life.
    """
    if old is None:
        return True
    if (old.parent, old.relation, old.states) != (new.parent, new.relation, new.states):
        return True
    return _attributes_differ(old, new) or _place_differs(old, new) or _evidence_differs(old, new, rates)


def new_witness(old: Node | None, new: Node) -> bool:
    """Whether a robot speaks about the node that had not, or says something else than before."""
    return {(s.robot, s.seen) for s in new.sightings} != {(s.robot, s.seen) for s in old.sightings} if old else True


def _believed(node: Node, update: Mapping[str, object], sightings: tuple[Sighting, ...], rates: Rates | None) -> Node:
    """The node with what is new and that evidence, and the confidence it had at the newest word."""
    node = node.model_copy(update={**update, "sightings": sightings})
    now_s = last_word_s(node)
    if now_s is None or not sightings:
        return node
    sure = confidence_at(node, now_s, rates)
    return node if sure == node.confidence else node.model_copy(update={"confidence": sure})


def _agreeing(node: Node, word: Sighting) -> tuple[Sighting, ...]:
    """The words an arriving one leaves standing: not the robot's own, none of its time or later that contradicts."""
    return tuple(s for s in node.sightings
                 if s.robot != word.robot and (s.time_s < word.time_s or s.seen == word.seen))


def _heard(node: Node, word: Sighting) -> bool:
    return any(s.robot == word.robot and order(s) >= order(word) for s in node.sightings)


def _newer_than_seen(node: Node, word: Sighting) -> bool:
    """Newer than every word that saw it; a node written by others has `last_seen_s` alone."""
    if node.last_seen_s is not None and word.time_s < node.last_seen_s:
        return False
    return all(order(s) < order(word) for s in node.sightings if s.seen)


def _account(old: Node, seen: Node, word: Sighting, *, newest: bool, moved: bool) -> dict[str, object]:
    """The fields of the newer account; of the older one what the newer does not know."""
    newer, older = (seen, old) if newest else (old, seen)
    states = dict(newer.states)
    if True in (old.states.get("searched"), seen.states.get("searched")):
        states["searched"] = True
    update: dict[str, object] = {
        "states": states, "attributes": {**older.attributes, **newer.attributes},
        "size": newer.size or older.size, "box": newer.box or older.box}
    if newest:
        update["last_seen_s"] = word.time_s
    if moved:
        # Without a pose of its own it is where its parent is: the pose at the old place would be wrong.
        update |= {"parent": seen.parent, "relation": seen.relation, "source": word.robot, "pose": seen.pose,
                   "covariance": seen.covariance if seen.pose else None}
    return update


def _attributes_differ(old: Node, new: Node) -> bool:
    was, now = old.attributes.get("appearance"), new.attributes.get("appearance")
    if was != now:
        alike = cosine(was, now)
        if alike is None or alike < _LIKE_BEFORE:
            return True
    return {k: v for k, v in old.attributes.items() if k != "appearance"} != {
        k: v for k, v in new.attributes.items() if k != "appearance"}


def _place_differs(old: Node, new: Node) -> bool:
    if old.pose is None or new.pose is None:
        return (old.pose is None) != (new.pose is None)
    if old.pose.distance_m(new.pose) > MOVED_M or (old.covariance is None) != (new.covariance is None):
        return True
    was, now = spread_m(old.covariance), spread_m(new.covariance)
    return max(was, now) > _TIGHTER * min(was, now)


def _evidence_differs(old: Node, new: Node, rates: Rates | None) -> bool:
    if old.sightings == new.sightings:
        return old.confidence != new.confidence
    was, now = last_word_s(old), last_word_s(new)
    if was is not None and now is not None and now - was > half_life_s(new, rates) / 2:
        return True
    if [(s.robot, s.seen, s.confidence) for s in old.sightings] == [
            (s.robot, s.seen, s.confidence) for s in new.sightings]:
        return False
    return abs(_ageless(old) - _ageless(new)) >= _MATERIAL


def _ageless(node: Node) -> float:
    """The confidence if no word had aged."""
    first = min((s.time_s for s in node.sightings), default=None)
    return node.confidence if first is None else confidence_at(node, first)
