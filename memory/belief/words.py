"""What one robot has to say about nodes since it last published, and how its words change a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fleetmind.memory.belief.rates import Rates
from fleetmind.memory.belief.settle import doubt, settle
from fleetmind.memory.robots import SeenObject
from fleetmind.memory.scene import Node, Scene, Sighting


@dataclass(frozen=True)
class Word:
    """The newest good or bad word of the robot about one node."""

    node: Node
    """Seen: the thing as the robot sees it. Not seen: as the robot had it, where it looked."""
    sighting: Sighting
    """When, how surely, and which of the two."""
    room: str | None
    """Where the thing may be if it is not there."""
    thing: SeenObject | None = None
    """What was seen, to find it again in another scene; None for the robot itself and for what was not seen."""

    def renamed(self, names: Mapping[str, str]) -> Word:
        """The same about nodes that have other ids now."""
        parent = self.node.parent
        update = {"id": names.get(self.node.id, self.node.id), "parent": names.get(parent or "", parent)}
        return replace(self, node=self.node.model_copy(update=update), room=names.get(self.room or "", self.room))

    def told(self, scene: Scene, node: Node | None, rates: Rates | None) -> Node | None:
        """The node (None: not known) after this word."""
        if node is not None and self._is_in_a_hand(scene, node):
            return node
        if self.sighting.seen:
            return settle(node, self.node, self.sighting, rates=rates)
        return node and doubt(node, self.node, self.sighting, self.room, rates=rates)

    def _is_in_a_hand(self, scene: Scene, node: Node) -> bool:
        """Whether another robot holds it, as far as is known later than this word.

        A hand changes by the store's `grasp` and `place`, which say nothing about when a thing was seen.
        """
        if node.relation != "held_by" or node.parent in (None, self.sighting.robot):
            return False
        if self.node.relation == "held_by" and self.node.parent == self.sighting.robot:
            return True
        holder = scene.get(node.parent or "")
        return holder is None or holder.last_seen_s is None or holder.last_seen_s >= self.sighting.time_s


Words = dict[str, tuple[Word, ...]]
"""By node id: the newest sighting, and after it perhaps that it was not there any more."""


def add(words: Words, word: Word) -> None:
    """Keep a word; a new sighting replaces all that the robot said before about the node."""
    before = words.get(word.node.id, ())
    words[word.node.id] = (word,) if word.sighting.seen else (*(w for w in before if w.sighting.seen), word)


def rooted(scene: Scene, node: Node, room: str | None) -> Node:
    """The node where it hangs on a known parent that is not within it; else moved to the room, or to nowhere.

    Two robots' words together can put a bowl in a cup in the bowl, or a mug on a table that was taken away.
    """
    at, path = node.parent, {node.id}
    while at is not None and at not in path:
        path.add(at)
        above = scene.get(at)
        if above is None:
            break
        at = above.parent
    else:
        if at is None:
            return node
    if room == node.parent or room is None or room not in scene:
        return node.model_copy(update={"parent": None, "relation": None})
    return node.model_copy(update={"parent": room, "relation": "in"})
