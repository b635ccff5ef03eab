"""Carrying, opening and closing: the steps that most procedures are made of."""

from __future__ import annotations

from fleetmind.brain.symbolic.draft import Draft
from fleetmind.brain.symbolic.fleet import Cannot, Fleet
from fleetmind.brain.symbolic.grounding import Grounding
from fleetmind.brain.symbolic.knowledge import BASINS, can, kind_of, shuts
from fleetmind.brain.symbolic.meaning import Place, Ref, Want
from fleetmind.brain.symbolic.past import Past, key_of
from fleetmind.brain.symbolic.places import Places
from fleetmind.memory.facts import Fact
from fleetmind.memory.scene import Node

_EXCLUSIVE = frozenset({"Microwave", "SinkBasin", "Sink", "BathtubBasin", "StoveBurner", "CoffeeMachine", "Toaster"})
"""One thing at a time."""
MAX_FAILURES = 4
"""After so many failures of one step the task is given up."""


class Moving:
    """Adds the subtasks that bring things to places."""

    def __init__(self, draft: Draft, fleet: Fleet, grounding: Grounding, places: Places, past: Past) -> None:
        self.draft, self.scene = draft, draft.scene
        self.fleet, self.grounding, self.places, self.past = fleet, grounding, places, past
        self.opened: list[str] = []
        """What was opened on the way and is to be closed again."""
        self.stay_open: set[str] = set()
        """What was asked to be open."""
        self.origins: dict[str, str] = {}
        """Where things were when this plan first dealt with them."""
        self.tools: dict[tuple[int, tuple[str, ...]], Ref] = {}
        """References to vessels nobody named, by want."""

    def utility_key(self, what: str, node: str) -> str:
        """Key of an opening or closing: numbered, because the same door may be opened again later."""
        prefix = f"{what}:{node}:"
        planned = sum(1 for s in self.draft.subtasks if s.key.startswith(prefix))
        return f"{prefix}{self.past.times(prefix) + planned + 1}"

    def check_failures(self, key: str, goal: str) -> None:
        """Give a step up that failed too often."""
        if self.past.failures[key] >= MAX_FAILURES:
            raise Cannot("IMPOSSIBLE",
                         f"{goal} failed {self.past.failures[key]} times: {self.past.reasons.get(key, '')}")

    def ensure_open(self, node: Node) -> None:
        """Open what must be open for things to go in or out."""
        if not shuts(node) or self.draft.state(node.id, "open") is True:
            if node.type in ("Fridge", "Microwave", "Safe") and node.id not in self.opened:
                self.opened.append(node.id)
            return
        goal = f"open {node.id}"
        self.fleet.require(("open",), (node,), doing=goal)
        key = self.utility_key("open", node.id)
        self.draft.add(goal, key=key, skills=("open",), nodes=(node.id,), changes=(node.id,),
                       effects=(Fact(node=node.id, state="open", value=True),), duration_s=5.0)
        if node.id not in self.opened:
            self.opened.append(node.id)

    def close(self, node: Node) -> None:
        """Close it, once nobody needs it open."""
        if self.draft.state(node.id, "open") is not True:
            return
        if not self.fleet.able(("close",), (node,)):
            return
        self.draft.add(f"close {node.id}", key=self.utility_key("close", node.id), skills=("close",),
                       nodes=(node.id,), changes=(node.id,),
                       effects=(Fact(node=node.id, state="open", value=False),), duration_s=5.0)

    def close_all(self) -> None:
        """Close what was opened on the way."""
        for node_id in self.opened:
            if node_id not in self.stay_open:
                self.close(self.scene[node_id])
        self.opened.clear()

    def is_at(self, thing: Node, place: Place) -> bool:
        """True when the projected scene has the thing there."""
        if place.kind == "ref" and place.ref is not None and not place.near:
            above = self.draft.above(thing.id)
            bound = self.grounding.bound(place.ref)
            sunk = False
            for above_id in above:
                node = self.scene.get(above_id)
                if node is None:
                    continue
                if sunk and node.type not in BASINS:
                    break  # in the sink of the counter is not on the counter
                if node.type not in place.ref.types:
                    sunk = sunk or node.type in BASINS
                    if can(node, "pickupable") or sunk:
                        continue
                    break  # in a machine on the counter is not on the counter
                if bound and any("pickupable" in kind_of(t).flags for t in place.ref.types):
                    return above_id in bound
                if place.same and self.places.chosen.get(place.ref.uid, above_id) != above_id:
                    return False
                room = self.scene.room_of(above_id)
                if not place.ref.room or (room is not None and room.type in place.ref.room):
                    return self._preferred(node, place)
        if place.kind == "room":
            room = self.draft.room(thing.id)
            parent_id = self.draft.parent(thing.id)
            return room is not None and room.type in place.rooms and parent_id != room.id and (
                self.fleet.holder(parent_id) is None)
        if place.kind == "back":
            origin = self.past.origins.get(thing.id)
            return origin is None or origin == self.draft.parent(thing.id)
        if place.kind == "away":
            parent = self.scene.get(self.draft.parent(thing.id) or "")
            options = self.places.options(thing, place)
            return parent is not None and any(n.type == parent.type for n in options)
        return False

    def _preferred(self, node: Node, place: Place) -> bool:
        """`the table` means the dining table where there is one; being on another table is not enough."""
        if place.ref is None or place.ref.quantity not in ("the",) or node.type == place.ref.types[0]:
            return True
        if node.type in ("SinkBasin", "Sink", "Bathtub", "BathtubBasin"):
            return True
        better = place.ref.types[:place.ref.types.index(node.type)]
        return not any(self.grounding.present(n) for n in self.scene.of_type(*better))

    def carry(self, thing: Node, place: Place, want: Want, what: str = "at", *, extra: tuple[Fact, ...] = ()) -> Node:
        """Bring a thing to a place; returns the receptacle."""
        key = self.own_key(want, thing, what)
        target = self.places.choose(thing, place, key)
        if place.ref is not None and place.same:
            self.places.chosen.setdefault(place.ref.uid, target.id)
        self.carry_to(thing, target, key, extra=extra)
        return target

    def own_key(self, want: Want, thing: Node, what: str) -> str:
        """Key of a want's step; carries where the thing was at first, for `put it back`."""
        known = self.scene.get(self.past.origins.get(thing.id) or "") or self.places.origin_of(thing)
        origin = known.id if known is not None else ""
        if known is not None:
            self.origins.setdefault(thing.id, origin)
            self.past.origins.setdefault(thing.id, origin)
            return key_of(want.index, thing.id, f"{what}@{origin}")
        return key_of(want.index, thing.id, what)

    def carry_to(self, thing: Node, target: Node, key: str, *, extra: tuple[Fact, ...] = ()) -> None:
        """The subtasks that bring a thing into or onto a certain receptacle."""
        if self.draft.parent(thing.id) == target.id and not extra:
            return
        self.check_failures(key, f"bringing {thing.id} to {target.id}")
        source = [n for a in self.draft.above(thing.id) if (n := self.scene.get(a)) is not None]
        for around in source:
            if around.kind not in ("room", "robot"):
                self.ensure_open(around)
        self.ensure_open(target)
        for around_id in self.draft.above(target.id):
            around = self.scene[around_id]
            if around.kind not in ("room", "robot"):
                self.ensure_open(around)
        holder = self.fleet.holder(self.draft.parent(thing.id))
        skills = ("place",) if holder else ("pick_up", "place")
        goal = f"put {thing.id} into {target.id}" if holder else f"carry {thing.id} to {target.id}"
        others = [v.profile.name for v in self.fleet.able(skills, (thing, target))
                  if v.profile.name not in self.past.failed_robots.get(key, ())]
        if holder is None and others and self.past.failures[key]:
            holder = others[0]  # whoever failed may see or reach worse than another robot
        self.fleet.require(skills, (thing, target), doing=goal, robot=holder)
        inside = shuts(target) or target.type in _EXCLUSIVE or "GarbageCan" in target.type
        needs = (Fact(node=target.id, state="open", value=True),) if shuts(target) else ()
        doors = [n.id for n in source if shuts(n)]
        changes = [thing.id, *([target.id] if target.type in _EXCLUSIVE else [])]
        self.draft.add(
            goal, key=key, skills=skills, nodes=(thing.id, target.id), changes=changes,
            relies_on=[n for n in (target.id, *doors) if n not in changes], needs=needs, robot=holder,
            effects=(Fact(node=thing.id, relation="inside" if inside else "on", target=target.id), *extra),
            duration_s=15.0)
