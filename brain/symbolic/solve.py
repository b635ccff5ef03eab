"""From wants and the scene to a plan: what is known is planned, what is not known is searched first."""

from __future__ import annotations

from fleetmind.brain.plan import DecomposeRequest, Plan, Refusal
from fleetmind.brain.symbolic.draft import Draft
from fleetmind.brain.symbolic.fleet import Cannot, Fleet
from fleetmind.brain.symbolic.grounding import Grounding, NeedLater, NeedSearch
from fleetmind.brain.symbolic.knowledge import SLICES, can, kind_of, supports_for
from fleetmind.brain.symbolic.meaning import Meaning, Place, Ref, Want
from fleetmind.brain.symbolic.moving import Moving
from fleetmind.brain.symbolic.past import Past, key_of
from fleetmind.brain.symbolic.places import Places
from fleetmind.brain.symbolic.searching import add_searches
from fleetmind.brain.symbolic.states import States
from fleetmind.memory.facts import Fact
from fleetmind.memory.scene import Node, Scene

_SKILL_OF = {("open", True): "open", ("open", False): "close", ("on", True): "toggle_on", ("on", False): "toggle_off",
             ("sliced", True): "slice"}


class Solver:
    """Plans one request."""

    def __init__(self, request: DecomposeRequest, meaning: Meaning) -> None:
        self._meaning = meaning
        self._wants = meaning.wants
        self._draft = Draft(Scene(request.scene), request.running)
        self._scene = self._draft.scene
        self._fleet = Fleet(request.robots)
        self._past = Past(request)
        self._grounding = Grounding(self._draft, self._past, self._wants)
        places = Places(self._draft, self._fleet, self._grounding, self._past)
        self._moving = Moving(self._draft, self._fleet, self._grounding, places, self._past)
        self._states = States(self._moving)
        self._needs: list[NeedSearch] = []
        self._unfinished: dict[int, str] = {}
        """Wants that cannot be planned to their end yet, with the reason."""
        self._ids_of: dict[int, list[str]] = {}
        self._held_for: set[str] = set()
        for view in request.robots:
            if view.holding is not None and view.holding in self._scene:
                self._draft.assume(Fact(node=view.holding, relation="held_by", target=view.profile.name))

    def solve(self) -> Plan | Refusal:
        """The plan, or the reason why there is none."""
        try:
            for want in self._wants:
                self._possible(want)
            self._put_down_others()
            for want in self._wants:
                self._plan_want(want)
            self._moving.close_all()
            if self._needs:
                add_searches(self._draft, self._fleet, self._grounding, self._needs)
        except Cannot as cannot:
            return cannot.refusal
        return self._plan()

    def _plan(self) -> Plan:
        complete = not self._unfinished
        lines = [f"{want.index + 1}. {_want_text(want)}" for want in self._wants]
        lines += [f"Not yet: {reason}" for reason in dict.fromkeys(self._unfinished.values())]
        notes = (*self._meaning.notes, *self._past.notes(self._moving.origins))
        return Plan(subtasks=self._draft.subtasks, reasoning="\n".join(lines)[:20_000], complete=complete, notes=notes)

    # is it possible at all -------------------------------------------------------------------------------
    def _possible(self, want: Want) -> None:
        """Refuse at once what no search can make possible."""
        ref = want.ref
        if ref is None or not ref.types or ref.types[0].startswith("@"):
            return
        what = f"{_verb(want)} {ref.words}"
        if want.kind in ("place", "held"):
            self._possible_to_lift(ref, want, what)
        elif want.kind == "state":
            skill = _SKILL_OF.get((want.state[0], bool(want.state[1])))
            if skill is not None:
                flag = {"open": "openable", "on": "toggleable", "sliced": "sliceable"}[want.state[0]]
                if not any(self._flagged(t, flag) for t in ref.types):
                    raise Cannot("IMPOSSIBLE", f"I cannot {what}: {ref.types[0]} is not {flag}", (ref.words,))
                self._fleet.require((skill,), doing=what)
            elif want.state[0] in ("dirty", "filled", "cooked"):
                flag = {"dirty": "dirtyable", "filled": "fillable", "cooked": "cookable"}[want.state[0]]
                washable = flag == "dirtyable" and any("SinkBasin" in kind_of(t).fits for t in ref.types)
                if not washable and not any(self._flagged(t, flag) for t in ref.types):
                    raise Cannot("IMPOSSIBLE", f"I cannot {what}: {ref.types[0]} is not {flag}", (ref.words,))
        if any(t in SLICES.values() for t in ref.types) and not self._scene.of_type(*ref.types):
            self._fleet.require(("slice",), doing=f"slice {ref.words}")

    def _possible_to_lift(self, ref: Ref, want: Want, what: str) -> None:
        liftable = [t for t in ref.types if self._flagged(t, "pickupable")]
        if not liftable:
            raise Cannot("IMPOSSIBLE", f"I cannot {what}: {ref.types[0]} cannot be carried", (ref.words,))
        skills = ("pick_up", "place") if want.kind == "place" else ("pick_up",)
        if len(ref.types) == 1 and not any(can(n, "pickupable") and self._draft.parent(n.id) in
                                           [v.profile.name for v in self._fleet.views]
                                           for n in self._scene.of_type(*ref.types)):
            known = [n for n in self._scene.of_type(*liftable) if self._grounding.present(n)]
            if known:
                if not any(self._fleet.able(skills, (n,)) for n in known):
                    self._fleet.require(skills, (known[0],), doing=what)
            else:
                self._fleet.require_type(liftable[0], skills, doing=what)

    def _flagged(self, type_name: str, flag: str) -> bool:
        return flag in kind_of(type_name).flags or any(can(n, flag) for n in self._scene.of_type(type_name))

    # hands -----------------------------------------------------------------------------------------------
    def _put_down_others(self) -> None:
        """What a robot holds and nobody asked for is put down before anything is picked up."""
        concerned = {n for want in self._wants for n in self._past.bound((want.index,))}
        types = {t for want in self._wants for ref in (want.ref, want.tool) if ref is not None for t in ref.types}
        everything = any(want.kind == "clear" or (want.ref is not None and not want.ref.types) for want in self._wants)
        ids: list[str] = []
        for view in self._fleet.views:
            held = self._scene.get(view.holding or "")
            if held is None or held.id in concerned or held.type in types or everything:
                continue
            options = [n for t in supports_for(held.type) for n in self._scene.of_type(t)
                       if self._fleet.able(("place",), (n,), view.profile.name)]
            if not options:
                continue
            room = self._scene.room_of(view.profile.name) or (self._scene.get(view.room) if view.room else None)
            near = [n for n in options if self._scene.room_of(n.id) == room]
            self._moving.carry_to(held, (near or options)[0], self._moving.utility_key("down", held.id))
            ids.append(self._draft.subtasks[-1].id)
        self._draft.barrier = tuple(ids)

    # wants -----------------------------------------------------------------------------------------------
    def _plan_want(self, want: Want) -> None:
        waiting = [i for i in want.after if i in self._unfinished]
        if want.ref is not None:
            waiting += [w.index for w in self._wants[:want.index]
                        if w.index in self._unfinished and _concerns(w, want.ref)]
        if waiting:
            self._unfinished[want.index] = f"{_want_text(want)} comes after {_want_text(self._wants[waiting[0]])}"
            self._foresee(want)
            return
        before, barrier = self._draft.save(), self._draft.barrier
        opened, chosen = list(self._moving.opened), dict(self._moving.places.chosen)
        first = len(self._draft.subtasks)
        earlier = [i for w in want.after for i in self._ids_of.get(w, ())]
        self._draft.barrier = (*barrier, *earlier)
        try:
            self._achieve(want)
        except Cannot as cannot:
            if not want.vacuous or cannot.refusal.code != "NOT_FOUND":
                raise
            self._draft.restore(before)
        except NeedLater as later:
            self._unfinished[want.index] = str(later)
        except NeedSearch as need:
            self._draft.restore(before)
            self._moving.opened, self._moving.places.chosen = opened, chosen
            self._needs.append(need)
            self._unfinished[want.index] = f"{' or '.join(need.types) or 'things'} must be found first"
        self._draft.barrier = barrier
        self._ids_of[want.index] = [s.id for s in self._draft.subtasks[first:]] or earlier

    def _foresee(self, want: Want) -> None:
        """What a later want needs may be searched already."""
        if want.ref is None or any(t in SLICES.values() for t in want.ref.types):
            return
        try:
            if want.kind in ("place", "state", "held") and want.ref.types:
                self._grounding.bind(want.ref)
        except NeedSearch as need:
            self._needs.append(need)
        except Cannot:
            return  # it may come about by what is done first; if not, the next plan says so

    def _achieve(self, want: Want) -> None:
        if want.kind == "clear":
            self._clear(want)
        elif want.kind == "go":
            self._go(want)
        elif want.ref is None:
            return
        elif want.kind == "place" and want.place is not None:
            self._place(want, want.ref, want.place)
        elif want.kind == "state":
            self._state(want, want.ref)
        elif want.kind == "held":
            self._hold(want, want.ref)
        elif want.kind == "find":
            self._grounding.bind(want.ref)

    def _things(self, want: Want, ref: Ref) -> list[Node]:
        """What is meant; slices are cut first if there are not enough."""
        if ref.types and all(t in SLICES.values() for t in ref.types) and not self._grounding.bound(ref):
            needed = 1 if ref.quantity in ("all", "plural", "some") else ref.wanted
            if len(self._grounding.candidates(ref)) < needed:
                self._states.slices_of(want, ref)
        return [self._scene[n] for n in self._grounding.bind(ref, lambda n: self._rank(want, n))]

    def _rank(self, want: Want, node: Node) -> tuple[bool, bool, bool, str]:
        """Prefer what is not yet as wanted, what can be carried, and what is not dirty."""
        done = want.kind == "state" and self._states.holds(want, node) is not want.demand
        if want.state == ("filled", "coffee"):
            done = node.states.get("dirty") is True
        portable = not can(node, "pickupable") or bool(self._fleet.able(("pick_up",), (node,)))
        return (not portable, done, want.kind == "place" and want.place is not None
                and self._moving.is_at(node, want.place), node.id)

    def _is_done(self, want: Want, node: Node, what: str) -> bool:
        prefix = key_of(want.index, node.id, what)
        return any(k == prefix or k.startswith(f"{prefix}@") for k in self._past.done)

    def _place(self, want: Want, ref: Ref, place: Place) -> None:
        nodes = self._things(want, ref)
        pieces: list[Node] = []
        for node in nodes:
            if self._is_sliced(node):
                pieces += self._pieces(want, node)
        nodes = [n for n in nodes if not self._is_sliced(n)] + pieces
        for node in nodes:
            if self._is_done(want, node, "at") or self._out_of_sight(want, node):
                continue
            if self._moving.is_at(node, place):
                if place.ref is not None and place.same and (parent := self._draft.parent(node.id)) is not None:
                    self._moving.places.chosen.setdefault(place.ref.uid, parent)
                continue
            if ref.many and not ref.types and place.kind == "ref" and place.ref is not None and not any(
                    t in kind_of(node.type).fits for t in place.ref.types):
                self._meaning.notes.append(f"{node.id} does not go in or on {place.ref.words}; it stays.")
                continue
            if place.ref is not None and node.id in self._grounding.bound(place.ref):
                continue
            if self._full_enough(want, node):
                continue
            self._empty_first(want, node, place)
            self._moving.carry(node, place, want)

    def _full_enough(self, want: Want, node: Node) -> bool:
        """Not every slice of a lettuce goes into one bowl: when some are in and no more fit, that will do."""
        if node.type not in SLICES.values() or self._past.failures[self._moving.own_key(want, node, "at")] < 2:
            return False
        some = any(k.startswith(f"{want.index}:{node.type.lower()}") for k in self._past.done)
        if some:
            self._meaning.notes.append(f"There was no more room for {node.id}.")
        return some

    def _out_of_sight(self, want: Want, node: Node) -> bool:
        """It was put there and has not been seen anywhere since: that is as good as it gets, and is said."""
        if node.confidence >= 0.5 or not self._past.put_out_of_sight(self._moving.own_key(want, node, "at")):
            return False
        self._meaning.notes.append(f"{node.id} was put away where nobody can see it.")
        return True

    def _is_sliced(self, node: Node) -> bool:
        return node.type in SLICES and (self._draft.state(node.id, "sliced") is True or self._past.was_sliced(node.id))

    def _pieces(self, want: Want, whole: Node) -> list[Node]:
        """The slices of something that has been cut: they are what is meant now."""
        found = [n for n in self._scene.of_type(SLICES[whole.type]) if self._grounding.present(n)]
        if not found and self._past.was_sliced(whole.id):
            self._states.find_slices(whole)
        if not found:
            raise NeedLater(f"the slices of {whole.id} have to be seen")
        return found

    def _empty_first(self, want: Want, node: Node, place: Place) -> None:
        """Washed cups are full of water: it is poured away before they are put where water does harm."""
        water = self._draft.state(node.id, "filled") == "water"
        asked = any(w.ref is want.ref and w.kind == "state" and w.state[0] == "filled" for w in self._wants)
        washed = any(w.ref is want.ref and w.kind == "state" and w.state == ("dirty", False) for w in self._wants)
        if water and washed and not asked and self._fleet.able(("empty",), (node,)):
            self._states.pour_away(want, node)

    def _state(self, want: Want, ref: Ref) -> None:
        try:
            nodes = self._things(want, ref)
        except Cannot as cannot:
            if self._over_already(want, ref):
                return
            raise cannot
        singular = ref.quantity == "the" and want.state in (("open", False), ("on", False)) and not self._held(want)
        if singular and nodes and not can(nodes[0], "pickupable"):
            first = ref.types[0] if ref.types else ""
            nodes = [n for n in self._grounding.candidates(ref) if n.type == nodes[0].type or n.type == first]
        if want.state[0] != "sliced":
            nodes = [piece for n in nodes for piece in (self._pieces(want, n) if self._is_sliced(n) else [n])]
        for node in nodes:
            if want.state[0] == "sliced" and (node.type in SLICES.values() or self._is_sliced(node)):
                continue
            if self._is_done(want, node, want.state[0]) or self._states.holds(want, node):
                self._moving.stay_open |= {node.id} if want.state == ("open", True) else set()
                continue
            if ref.many and want.state[0] in ("sliced", "cooked", "open", "on", "dirty", "filled") and not can(
                    node, {"sliced": "sliceable", "cooked": "cookable", "open": "openable", "on": "toggleable",
                           "dirty": "dirtyable", "filled": "fillable"}[want.state[0]]):
                continue
            self._states.reach(want, node)

    def _held(self, want: Want) -> bool:
        return any(w.kind == "held" for w in self._wants)

    def _over_already(self, want: Want, ref: Ref) -> bool:
        """What was sliced is gone, and that is as wanted."""
        return (want.state == ("sliced", True) and any(
            k.partition(":")[0] == str(want.index) and ":sliced" in k for k in self._past.done)) or not ref.types

    def _hold(self, want: Want, ref: Ref) -> None:
        for node in self._things(want, ref):
            if self._is_done(want, node, "held") or self._fleet.holder(self._draft.parent(node.id)):
                continue
            key = self._moving.own_key(want, node, "held")
            self._moving.check_failures(key, f"picking up {node.id}")
            for around in self._draft.above(node.id):
                if self._scene[around].kind not in ("room", "robot"):
                    self._moving.ensure_open(self._scene[around])
            self._fleet.require(("pick_up",), (node,), doing=f"pick up {node.id}")
            # Whoever holds it cannot do other work with that hand: prefer a robot that is not needed for switches.
            self._draft.add(f"pick up {node.id} and hold it", key=key, skills=("pick_up",), nodes=(node.id,),
                            changes=(node.id,), duration_s=8.0,
                            effects=(Fact(node=node.id, relation="held_by", target="any"),))

    def _clear(self, want: Want) -> None:
        """Everything that can be carried leaves the place."""
        place = want.place
        if place is None or place.ref is None:
            return
        anchors = [self._scene[n] for n in sorted(self._grounding.anchors(place.ref))]
        if not anchors:
            self._grounding.bind(place.ref)
        rounds, look = self._grounding.rounds((anchors[0].type,)), NeedSearch(
            (anchors[0].type,), 0, [n.id for n in anchors])
        if rounds == 0:
            raise look
        spared = {n.id for r in (want.ref.excluded if want.ref else ()) for n in self._grounding.candidates(r)}
        begun = [self._scene[n] for n in self._past.bound((want.index,)) if n in self._scene]
        carried = False
        for anchor in anchors:
            inside = self._draft.inside(anchor.id)
            for node in [*inside, *(n for n in begun if self._fleet.holder(self._draft.parent(n.id)))]:
                if node.id in spared or not can(node, "pickupable") or not self._grounding.present(node):
                    continue
                if self._is_done(want, node, "at"):
                    continue
                self._moving.carry(node, self._cleared_to(want, node, anchor), want)
                carried = True
        if begun and not carried and rounds == 1:
            raise look  # what was hidden behind the things that are gone now
        if carried and rounds == 1:
            self._unfinished[want.index] = "what has been cleared is looked at once more"

    def _cleared_to(self, want: Want, node: Node, anchor: Node) -> Place:
        if want.to is not None and want.to.ref is not None and any(
                t in kind_of(node.type).fits for t in want.to.ref.types):
            return want.to
        types = tuple(t for t in supports_for(node.type) if t != anchor.type)
        away = Ref(uid=-1000 - want.index, words="elsewhere", types=types, quantity="all")
        return Place(ref=away)

    def _go(self, want: Want) -> None:
        if want.ref is None or any(k.startswith(f"{want.index}:") for k in self._past.done):
            return
        nodes = self._scene.of_kind("room") if "@room" in want.ref.types else ()
        targets = [n for n in nodes if n.type in want.ref.room] or [
            self._scene[n] for n in (self._grounding.bind(want.ref) if not nodes else ())]
        for node in targets[:1]:
            self._draft.add(f"go to {node.id}", key=key_of(want.index, node.id, "there"), skills=("navigate_to",),
                            nodes=(node.id,), changes=(), duration_s=10.0)


def _concerns(want: Want, ref: Ref) -> bool:
    """True when a want is about what the reference means, or about what it is made from."""
    return want.ref is not None and (want.ref is ref or want.ref is ref.whole)


def _verb(want: Want) -> str:
    if want.kind == "state":
        return {"sliced": "slice", "dirty": "clean", "cooked": "cook", "filled": "fill",
                "temperature": "heat" if want.state[1] == "Hot" else "cool"}.get(
            want.state[0], {("open", True): "open", ("open", False): "close", ("on", True): "turn on"}.get(
                (want.state[0], bool(want.state[1])), "turn off"))
    return {"place": "carry", "held": "pick up", "find": "find", "clear": "clear", "go": "go to"}[want.kind]


def _want_text(want: Want) -> str:
    what = want.ref.words if want.ref is not None else ""
    if want.kind == "clear" and want.place is not None and want.place.ref is not None:
        what = want.place.ref.words
    text = f"{_verb(want)} {what}"
    if want.kind == "place" and want.place is not None:
        place = want.place
        text += f" to {place.ref.words}" if place.ref is not None else f" ({place.kind})"
    return text
