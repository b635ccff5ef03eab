"""Which node each object of an observation is, ids of the source and made-up ones alike, and ids for what is new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from fleetmind.memory.belief.association import associate, candidates_near, is_loose
from fleetmind.memory.belief.pairs import Types
from fleetmind.memory.robots import Observation, SeenObject
from fleetmind.memory.scene import Node, Scene


def identify(scene: Scene, seen: Observation, known: Mapping[str, str], new_id: Callable[[str], str], *,
             compatible: Types | None = None, only_loose: bool = False) -> tuple[dict[str, str], Observation]:
    """Node ids of the things in an observation.

    A thing with an id made up for this observation (`?3`) and without a pose is left out, unless the robot holds it:
    nothing tells it from others of its type.

    Args:
        scene: what is known.
        seen: the observation.
        known: node id by source id, for sources that know identities.
        new_id: gives an id for a new thing of a type.
        compatible: for a type, other types that a detector may call it.
        only_loose: take things with a source id that is not known for new, without looking for them.

    Returns:
        Node id by source id for everything the observation shows, and the observation without what was left out.
    """
    ids = {t.source_id: known[t.source_id] for t in seen.objects if t.source_id in known}
    held = _in_hand(scene, seen)
    if held is not None:
        ids[seen.holding or ""] = held
    open_ = [t for t in seen.objects if t.source_id not in ids and (is_loose(t.source_id) or not only_loose)]
    if open_:
        ids |= _associated(scene, seen, open_, set(ids.values()), compatible)
    objects = tuple(t for t in seen.objects if t.source_id in ids or _can_be_named(t, seen))
    for thing in objects:
        if thing.source_id not in ids:
            ids[thing.source_id] = new_id(thing.type)
    return ids, seen if len(objects) == len(seen.objects) else seen.model_copy(update={"objects": objects})


def _can_be_named(thing: SeenObject, seen: Observation) -> bool:
    return not is_loose(thing.source_id) or thing.pose is not None or thing.source_id == seen.holding


def _in_hand(scene: Scene, seen: Observation) -> str | None:
    """What a robot holds under a made-up id is what it held before, if that is of the same type."""
    if seen.holding is None or not is_loose(seen.holding):
        return None
    node = scene.holding(seen.robot)
    thing = next((t for t in seen.objects if t.source_id == seen.holding), None)
    return node.id if node is not None and thing is not None and node.type == thing.type else None


def _associated(scene: Scene, seen: Observation, things: list[SeenObject], taken: Collection[str],
                compatible: Types | None) -> dict[str, str]:
    candidates = [n for n in candidates_near(scene, things) if n.id not in taken]
    lost = [n for n in _lost(scene, seen, things) if n.id not in taken]
    found = associate(candidates, things, compatible=compatible, lost=lost)
    return {things[i].source_id: node_id for i, node_id in found.matched.items()}


def _lost(scene: Scene, seen: Observation, things: list[SeenObject]) -> list[Node]:
    """Things of the types in question that are not where they were, or should be in what is looked into."""
    looked = set(seen.looked_into)
    types = sorted({t.type for t in things if t.appearance is not None})
    out = []
    for node in scene.of_type(*types):
        holder = scene.get(node.parent) if node.parent is not None else None
        in_view = holder is not None and holder.attributes.get("source_id") in looked
        newest = max(node.sightings, key=lambda s: s.time_s, default=None)
        if in_view or (newest is not None and not newest.seen):
            out.append(node)
    return out
