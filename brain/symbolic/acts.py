"""What clauses ask for: each doing and each wish becomes wants about things, states and places."""

from __future__ import annotations

from fleetmind.brain.symbolic.clauses import Clause, Clauses, Group, Where
from fleetmind.brain.symbolic.knowledge import LIGHTS, SLICES, kind_of, with_flag
from fleetmind.brain.symbolic.meaning import Method, Place, Ref, State, Want, WantKind
from fleetmind.brain.symbolic.recipes import parts_of
from fleetmind.brain.symbolic.verbs import Act
from fleetmind.brain.symbolic.words import NUMBERS, Text

_STATES: dict[Act, tuple[State, Method]] = {
    "clean": (("dirty", False), ""), "wipe": (("dirty", False), "wipe"), "heat": (("temperature", "Hot"), ""),
    "cook": (("cooked", True), ""), "fry": (("cooked", True), "stove"), "boil": (("cooked", True), "boil"),
    "toast": (("cooked", True), "toaster"), "cool": (("temperature", "Cold"), ""), "slice": (("sliced", True), ""),
    "crack": (("sliced", True), ""), "open": (("open", True), ""), "close": (("open", False), ""),
    "on": (("on", True), ""), "off": (("on", False), ""), "light": (("on", True), ""),
    "empty": (("filled", False), ""), "water": (("filled", "water"), "vessel"),
}
_TOOLS: dict[str, Method] = {
    "Microwave": "microwave", "StoveBurner": "stove", "Pan": "stove", "Pot": "stove", "Toaster": "toaster",
    "SinkBasin": "sink", "Faucet": "sink", "BathtubBasin": "sink", "Fridge": "fridge", "DishSponge": "", "Cloth": "",
    "Knife": "", "ButterKnife": "", "SprayBottle": "", "SoapBottle": "", "Kettle": "",
}
_USUAL_PLACE_ACTS = frozenset({"move", "set", "drop", "stow", "back", "serve", "give", "keep", "trash", "sit"})
_GOING_ACTS = frozenset({"take", "fetch", "hold", "find", "look"})
_FLAG_OF = {"dirty": "dirtyable", "on": "toggleable", "open": "openable", "sliced": "sliceable", "cooked": "cookable",
            "filled": "fillable", "temperature": "sliceable", "broken": "breakable"}
_AT = ("in", "on", "at", "to", "over", "near", "under")


class Acts(Clauses):
    """Collects the wants of an instruction."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.wants: list[Want] = []
        self.after: dict[int, list[Want]] = {}
        """Wants that must come before, by `id` of the later one."""
        self.barrier: list[Want] = []
        """What a `then` has put before everything that follows."""
        self.refused: list[tuple[str, str]] = []
        self.lost: list[str] = []
        """Unknown words in clauses that ask for nothing."""
        self.spared: list[Ref] = []
        """What was said to be left alone."""
        self._to_make: tuple[Ref, Place | None, str] | None = None
        self._loose: list[Want] = []
        """Wants to hold or find that a later want about the same thing replaces."""

    # making wants ----------------------------------------------------------------------------------------
    def want(self, kind: WantKind, words: str, *, ref: Ref | None = None, place: Place | None = None,
             to: Place | None = None, state: State = ("", False), method: Method = "",
             tool: Ref | None = None, demand: bool = False) -> Want:
        """Record a want after the barrier in force."""
        made = Want(index=0, kind=kind, ref=ref, place=place, to=to, state=state, method=method, tool=tool, words=words,
                    demand=demand)
        if ref is not None and ref.anaphor and not ref.types:
            self.stumbled.append(ref.words)
            return made
        self.wants.append(made)
        if self.barrier:
            self.order(made, self.barrier)
        return made

    def order(self, want: Want, earlier: list[Want]) -> None:
        """Record that `earlier` must be fulfilled before `want` begins."""
        self.after.setdefault(id(want), []).extend(w for w in earlier if w is not want)

    def wants_of(self, clause: Clause | None) -> list[Want]:
        """Turn a clause into wants; empty for statements."""
        count = len(self.wants)
        if clause is None:
            return []
        for spoon, cup in self.contents:
            self._demands(spoon, clause.words)
            self.want("place", clause.words, ref=spoon, place=Place(ref=cup))
        filled = [cup for _, cup in self.contents]
        self.contents.clear()
        if clause.act == "make" and all(ref in filled for ref in clause.things) and filled:
            return self.wants[count:]
        for ref in clause.things:
            if clause.rooms and not ref.room:
                ref.room = clause.rooms
        if not self._harmful(clause):
            self._interpret(clause)
        return self.wants[count:]

    def _harmful(self, clause: Clause) -> bool:
        named = [t for ref in [*clause.things, *(r for g in clause.groups for _, refs in g.where for r in refs)]
                 for t in ref.types]
        if clause.act == "harm":
            lights = {*LIGHTS, "Television", "Candle", "Faucet"}
            if clause.base in ("kill", "hit", "burn", "punch") and named and set(named) <= lights:
                clause.act = "on" if clause.base == "burn" else "off"
                return False
            self.refused.append(("UNSAFE", f"{clause.words!r} would do harm"))
            return True
        if clause.act == "break":
            if "Egg" in named:
                clause.act = "crack"
                return False
            self.refused.append(("UNSAFE", f"{clause.words!r} would destroy something"))
            return True
        done_to = [t for ref in clause.things for t in ref.types]
        if "@living" in done_to and clause.act is not None and clause.act not in ("find", "go", "give", "look", "fetch"):
            self.refused.append(("UNSAFE", f"{clause.words!r} is about a living being, which robots must not handle"))
            return True
        if clause.base in ("throw", "chuck", "toss", "drop") and any(
                w.prep in ("at", "through", "from") and r.types[:1] in (("@living",), ("Window",), ("Television",))
                for g in clause.groups for w, refs in g.where for r in refs):
            self.refused.append(("UNSAFE", f"{clause.words!r} would endanger people or property"))
            return True
        if clause.base in ("set", "put", "light") and any(
                "fire" in words for words in (self.stumbled, self.lost, clause.words.split())):
            self.refused.append(("UNSAFE", f"{clause.words!r} would start a fire"))
            return True
        return False

    def _interpret(self, clause: Clause) -> None:
        act = clause.act
        if act is None or (act == "sit" and not clause.states):
            self._wish(clause)
        elif act == "unable":
            self.refused.append(("NO_SKILL", f"no robot here knows how to {clause.base}"))
        elif act in ("dark", "bright"):
            self._darken(clause, dark=act == "dark")
        elif act == "make":
            self._make(clause)
        elif act in ("heat", "cool", "clean", "wipe", "cook", "fry", "boil", "toast", "slice", "crack", "open",
                     "close", "on", "off", "light", "empty", "water"):
            self._state(clause, act)
        elif act == "turn":
            self._turn(clause)
        elif act in ("fill", "pour"):
            self._fill(clause)
        elif act in ("clear", "tidy"):
            self._clear(clause)
        elif act in _GOING_ACTS or act in _USUAL_PLACE_ACTS:
            self._move(clause, act)
        elif act == "contain":
            self._contain(clause)
        elif act == "go":
            self._go(clause)
        elif act == "use":
            self._use(clause)

    # states ----------------------------------------------------------------------------------------------
    def _state(self, clause: Clause, act: Act) -> None:
        state, method = _STATES[act]
        if act in ("boil", "heat") and not clause.things and any(
                t.startswith("@liquid") for g in clause.groups for _, rs in g.where for r in rs for t in r.types):
            return
        for group in clause.groups:
            tool, method_said, rooms = self._tools(group, act)
            for ref in group.things:
                ref.room = ref.room or rooms
                self._one_state(clause, act, ref, state, method_said or method, tool)
        if clause.groups and not clause.things:
            self._misses_object(clause)

    def _one_state(self, clause: Clause, act: Act, ref: Ref, state: State, method: Method, tool: Ref | None) -> None:
        words = clause.words
        if ref.types[:1] and ref.types[0].startswith("@"):
            self._special(clause, act, ref, tool)
            return
        if not ref.types:
            ref.types = with_flag(_FLAG_OF[state[0]])
        if act == "empty" and ref.types and not any("fillable" in kind_of(t).flags for t in ref.types):
            self.want("clear", words, ref=self.new_ref("everything", (), "all"), place=Place(ref=ref))
            return
        if act == "cook" and any("sliceable" in kind_of(t).flags for t in ref.types) and "Egg" in ref.types:
            ref = self._pieces_of(ref)
        elif act in ("toast",) and "Bread" in ref.types:
            ref = self._pieces_of(ref)
        elif act in ("fry", "boil") and "Egg" in ref.types:
            ref = self._pieces_of(ref)
        if act in ("boil", "heat") and set(ref.types) & {"Kettle", "Pot"}:
            self.want("state", words, ref=ref, state=("filled", "water"))
            state, method = ("temperature", "Hot"), "stove"
        if act in ("on", "off", "light") and "StoveBurner" in ref.types:
            ref = self._instead(ref, ("StoveKnob",))
        if act in ("on", "off") and "SinkBasin" in ref.types:
            ref = self._instead(ref, ("Faucet",))
        ref.filters = [(k, v) for k, v in ref.filters if k != state[0] or v != state[1]]
        if state[0] == "on" and (k := ("on", not state[1])) in ref.filters:
            ref.filters.remove(k)
        self._demands(ref, words, but=state)
        self.want("state", words, ref=ref, state=state, method=method, tool=tool)

    def _instead(self, ref: Ref, types: tuple[str, ...]) -> Ref:
        """The same reference, for the part that is operated: a stove is worked by its knobs."""
        other = self.new_ref(ref.words, types, ref.quantity, ref.number)
        other.room, other.filters = ref.room, list(ref.filters)
        return other

    def _pieces_of(self, ref: Ref) -> Ref:
        piece = self.new_ref(f"slice of {ref.words}", tuple(SLICES.get(t, t) for t in ref.types),
                             "count" if ref.quantity == "count" else "one", ref.number)
        piece.whole = ref
        self.note(piece, False)
        return piece

    def _special(self, clause: Clause, act: Act, ref: Ref, tool: Ref | None) -> None:
        """A room, a liquid or a product as the object of a doing."""
        kind = ref.types[0]
        if kind == "@room" and act in ("light",):
            self._lights(clause.words, ref.room, on=True)
        elif kind == "@room" and act in ("on", "off"):
            self._lights(clause.words, ref.room, on=act == "on")
        elif kind.startswith("@product:"):
            self._to_make = (ref, None, clause.words)
        elif kind.startswith("@liquid:") and act in ("boil", "heat"):
            pot = tool or self.new_ref("pot", ("Pot", "Kettle"), "one", 1)
            self.want("state", clause.words, ref=pot, state=("filled", "water"))
            self.want("state", clause.words, ref=pot, state=("temperature", "Hot"), method="stove")
        elif kind.startswith("@liquid:") and act in ("on", "off"):
            taps = self.new_ref("tap", ("Faucet",), "the", 1)
            taps.room = clause.rooms
            self.want("state", clause.words, ref=taps, state=("on", act == "on"))
        elif kind == "@room":
            self.refused.append(("NOT_UNDERSTOOD",
                                 f"{clause.words!r} is too general: say which things, e.g. 'wash all the plates'"))
        else:
            self.stumbled.append(ref.words)

    def _tools(self, group: Group, act: Act) -> tuple[Ref | None, Method, tuple[str, ...]]:
        """With what or where it is done, and where the things are that it is done to."""
        tool: Ref | None = None
        method: Method = ""
        rooms: tuple[str, ...] = ()
        for token, refs in group.where:
            for ref in refs:
                types = set(ref.types)
                if "@room" in types:
                    rooms = ref.room
                elif any(t.startswith("@liquid:") for t in types):
                    method = "boil" if act in ("cook", "boil", "heat") else "sink"
                elif self._is_tool(types, act, token.prep):
                    tool, method = ref, next((_TOOLS[t] for t in ref.types if t in _TOOLS), "")
                    if any(m == "boil" for _, m in ref.demands):
                        method = "boil"
                elif types and not ref.types[0].startswith("@") and token.prep in ("in", "on", "at", "from", "near"):
                    for thing in group.things:
                        if thing.at is None and thing is not ref:
                            thing.at = Place(ref=ref, near=token.prep == "near")
        if act == "boil":
            method = "boil"
        if method == "stove" and tool is not None and "StoveBurner" in tool.types:
            tool = None
        return tool, method, rooms

    @staticmethod
    def _is_tool(types: set[str], act: Act, preposition: str) -> bool:
        if preposition == "with" or act == "water":
            return True
        if preposition == "from":
            return False
        useful = {
            "heat": {"Microwave", "StoveBurner", "Pan", "Pot", "Toaster"}, "fry": {"Pan", "StoveBurner"},
            "cook": {"Microwave", "StoveBurner", "Pan", "Pot", "Toaster"}, "boil": {"Pot", "StoveBurner", "Kettle"},
            "toast": {"Toaster"}, "cool": {"Fridge"}, "clean": {"SinkBasin", "Faucet", "BathtubBasin"},
        }
        return bool(types & useful.get(act, set()))

    def _demands(self, ref: Ref, words: str, but: State = ("", False)) -> None:
        """States that the words for a thing ask for: `a hot potato`."""
        for state, method in ref.demands:
            if state[0] == but[0]:
                continue
            self.want("state", words, ref=ref, state=state, method=method, demand=True)
        ref.demands = []
        if ("dirty", False) in ref.filters and ref.quantity in ("one", "count", "some") and but[0] != "dirty":
            ref.filters.remove(("dirty", False))
            self.want("state", words, ref=ref, state=("dirty", False), demand=True)

    def _turn(self, clause: Clause) -> None:
        value = next((s[1] for s, _ in clause.states if s[0] == "on"), None)
        if value is None and clause.states:
            self._wish(clause)
        elif value is None:
            self.stumbled.append(clause.base)
        else:
            self._state(clause, "on" if value else "off")

    # light -----------------------------------------------------------------------------------------------
    def _lights(self, words: str, rooms: tuple[str, ...], *, on: bool) -> None:
        lights = self.new_ref("lights", ("LightSwitch", "FloorLamp", "DeskLamp") if not on else ("LightSwitch",), "all")
        lights.room = rooms
        self.want("state", words, ref=lights, state=("on", on))

    def _darken(self, clause: Clause, *, dark: bool) -> None:
        named = [ref for ref in clause.things if ref.types and not ref.types[0].startswith("@")]
        for ref in named:
            self.want("state", clause.words, ref=ref, state=("on", not dark))
        rooms = [ref for ref in clause.things if "@room" in ref.types]
        for ref in rooms:
            self._lights(clause.words, ref.room, on=not dark)
        if not named and not rooms:
            self._lights(clause.words, clause.rooms, on=not dark)

    # liquids ---------------------------------------------------------------------------------------------
    def _fill(self, clause: Clause) -> None:
        for group in clause.groups:
            liquid, vessels, targets, tool = "water", [], [], None
            for ref in group.things:
                if ref.types[:1] and ref.types[0].startswith(("@liquid:", "@product:coffee")):
                    liquid = "coffee" if "coffee" in ref.types[0] else ref.types[0].partition(":")[2]
                else:
                    vessels.append(ref)
            loads: list[Ref] = []
            for token, refs in group.where:
                for ref in refs:
                    if "@room" in ref.types:
                        for said in (targets or vessels)[-1:]:
                            said.room = said.room or ref.room
                    elif ref.types[:1] and "coffee" in ref.types[0]:
                        liquid = "coffee"
                    elif ref.types[:1] and ref.types[0].startswith("@liquid:"):
                        liquid = ref.types[0].partition(":")[2]
                    elif token.prep == "with" and clause.act == "fill":
                        loads.append(ref)
                    elif token.prep in ("in", "on", "to", "over", "at") and clause.act == "pour":
                        targets.append(ref)
                    elif token.prep in ("from", "with") and clause.act == "pour":
                        tool = ref
            self.said = [(n, r, p) for n, r, p in self.said if r.types[:1] != ("@product:coffee",)]
            self._fill_group(clause, liquid, vessels, targets, loads, tool)

    def _pour_away(self, clause: Clause, liquid: str) -> None:
        """`pour the coffee into the sink`: whatever holds it is emptied."""
        vessel = self.new_ref(liquid, ("Mug", "Cup", "Bowl", "Pot", "Kettle", "Bottle"), "one")
        vessel.filters = [("filled", liquid)]
        self.want("state", clause.words, ref=vessel, state=("filled", False))

    def _fill_group(self, clause: Clause, liquid: str, vessels: list[Ref], targets: list[Ref], loads: list[Ref],
                    tool: Ref | None) -> None:
        for load in loads:
            self.want("place", clause.words, ref=load, place=Place(ref=vessels[0]) if vessels else None)
        if loads:
            return
        if clause.act == "fill" or not targets:
            for vessel in vessels:
                if clause.act == "pour":
                    self.want("state", clause.words, ref=vessel, state=("filled", False))
                else:
                    self.want("state", clause.words, ref=vessel, state=("filled", liquid))
            if not vessels:
                self.stumbled.append(clause.base)
            return
        for target in targets:
            if "SinkBasin" in target.types:
                for vessel in vessels:
                    self.want("state", clause.words, ref=vessel, state=("filled", False))
                if not vessels:
                    self._pour_away(clause, liquid)
                continue
            self.want("state", clause.words, ref=target, state=("filled", liquid),
                      method="vessel" if "HousePlant" in target.types or vessels else "",
                      tool=vessels[0] if vessels else tool)

    # places ----------------------------------------------------------------------------------------------
    def _move(self, clause: Clause, act: Act) -> None:
        if act == "give" and self._gives_liquid(clause):
            return
        if clause.base in ("set", "lay") and self._sets_table(clause):
            return
        if act == "serve":
            self._with_it(clause)
        if act == "keep" and not any(g.where for g in clause.groups) and not clause.origin:
            if clause.states:
                self._wish(clause)
            else:
                self.leave_alone(clause.things)
            return
        if act == "keep" and clause.origin:
            self.leave_alone(clause.things)
            return
        shown = act in ("look", "hold", "take") and self._in_light(clause)
        if shown or self._made_ready(clause):
            return
        if clause.states and act in ("move", "fetch", "serve") or (
                act == "set" and clause.states and not any(g.where for g in clause.groups)):
            self._wish(clause)
            return
        if any("@room" in r.types or not r.types for r in clause.things) and act == "look":
            return
        default: Place | None = None
        last: Place | None = None
        for group in reversed(clause.groups):
            place, rest = self._destination(group, act)
            last = place or last
            group.where = rest
            for ref in group.things:
                self._locate_all(ref, rest)
        default = self._default(clause, act)
        for group in clause.groups:
            place = self._placed.pop(id(group), None) or last or default
            for ref in group.things:
                self._place_one(clause, act, ref, place)
        if not clause.things and act not in ("look", "find"):
            self._misses_object(clause)

    def _misses_object(self, clause: Clause) -> None:
        """Nothing was understood of what it is to be done to; a word that is unknown is the better hint."""
        if not self.stumbled:
            self.stumbled.append(clause.base)
            self.notes.append(f"I do not know what to {clause.base}.")

    @staticmethod
    def _with_it(clause: Clause) -> None:
        """`serve them with a slice of tomato on a plate`: that is served, too."""
        for group in clause.groups:
            for token, refs in list(group.where):
                if token.prep == "with":
                    group.where.remove((token, refs))
                    group.things += refs

    def _sets_table(self, clause: Clause) -> bool:
        """`set the table for two`."""
        tables = [r for r in clause.things if "DiningTable" in r.types]
        if not tables or len(clause.things) > 1 or any(
                t.prep in _AT for g in clause.groups for t, _ in g.where):
            return False
        number = next((NUMBERS[w] for w in clause.words.split() if w in NUMBERS), 1)
        for kind in ("Plate", "Fork", "Knife", "Cup"):
            things = self.new_ref(kind.lower(), (kind,), "count" if number > 1 else "one", number)
            self.want("place", clause.words, ref=things, place=Place(ref=tables[0]))
        return True

    def _made_ready(self, clause: Clause) -> bool:
        """`get the desk ready`: what that takes may follow after a colon."""
        desks = [r for r in clause.things if set(r.types) & {"Desk", "DiningTable"}]
        if "ready" not in clause.words.split() or not desks:
            return False
        self._to_make = (self.new_ref("workspace", ("@product:workspace",), "one"), Place(ref=desks[0]), clause.words)
        return True

    @property
    def _placed(self) -> dict[int, Place]:
        if not hasattr(self, "_placed_by_group"):
            self._placed_by_group: dict[int, Place] = {}
        return self._placed_by_group

    def _place_one(self, clause: Clause, act: Act, ref: Ref, place: Place | None) -> None:
        if ref.types[:1] and ref.types[0].startswith("@product:"):
            self._to_make = (ref, place, clause.words)
            self.flush()
            return
        if ref.types[:1] and ref.types[0].startswith("@"):
            if act not in ("find", "look"):
                self.stumbled.append(ref.words)
            return
        cleared = next((w for w in self.wants if w.kind == "clear" and w.to is None), None)
        if cleared is not None and not ref.types and ref.many and ref.at is None and place is not None:
            cleared.to = place
            return
        self._demands(ref, clause.words)
        if place is not None and place.ref is not None and place.ref.at is not None and place.ref.quantity == "one":
            self.want("place", clause.words, ref=place.ref, place=place.ref.at)
            place.ref.at = None
        if place is None and ref.many and act == "take":
            self._loose.append(self.want("place", clause.words, ref=ref, place=Place(kind="away")))
            return
        if place is None:
            kind: WantKind = "find" if act in ("find", "look") else "held"
            self._loose.append(self.want(kind, clause.words, ref=ref))
            return
        made = self.want("place", clause.words, ref=ref, place=place)
        if (place.kind == "user" and act in ("fetch", "take")) or (place.kind == "down" and act == "move"):
            self._loose.append(made)

    def _default(self, clause: Clause, act: Act) -> Place | None:
        """Where it goes when no place was named."""
        there = self._there() if "there" in clause.parts else None
        if there is not None:
            return Place(ref=there)
        if act == "trash":
            return Place(ref=self.new_ref("bin", ("GarbageCan",), "the", 1))
        if clause.origin or "back" in clause.parts or act == "back":
            return Place(kind="away" if clause.origin == "away" else "back")
        if act == "stow" or "away" in clause.parts:
            return Place(kind="away")
        if act == "serve":
            return Place(ref=self.new_ref("table", ("DiningTable", "CoffeeTable", "CounterTop"), "the", 1))
        if act in ("fetch", "give") or clause.person:
            return Place(kind="user")
        if act in ("drop", "set", "move", "keep", "sit"):
            return Place(kind="down")
        return None

    def _there(self) -> Ref | None:
        """The place spoken of last."""
        for _, ref, _ in reversed(self.said):
            flags = kind_of(ref.types[0]).flags if ref.types else frozenset()
            if "receptacle" in flags and "pickupable" not in flags:
                return ref
        return None

    def _destination(self, group: Group, act: Act) -> tuple[Place | None, list[Where]]:
        """The last place said is where things go; what was said before it tells where they are."""
        rest: list[Where] = []
        place: Place | None = None
        rooms: tuple[str, ...] = ()
        for token, refs in reversed(group.where):
            goal = token.prep == "to" or (token.prep in _AT and act not in _GOING_ACTS)
            if place is not None or not refs or not goal:
                rest.insert(0, (token, refs))
                continue
            if refs[0].types[:1] in (("@person",), ("@living",)):
                place = Place(kind="user")
            elif "@room" in refs[0].types:
                if not refs[0].room:
                    rest.insert(0, (token, refs))
                    continue
                if token.prep == "to" or not any(t.prep in _AT for t, _ in group.where[:-1]):
                    place = Place(kind="room", rooms=refs[0].room)
                rooms = refs[0].room
            elif refs[0].types and not refs[0].types[0].startswith("@"):
                place = Place(ref=refs[0], near=token.prep in ("near", "under"))
                place.same = refs[0].single
            elif refs[0].anaphor:
                place = Place(kind="down")
        if rooms and place is not None and place.kind == "room":
            earlier = [(t, r) for t, r in rest if t.prep in _AT and act not in _GOING_ACTS]
            if earlier and earlier[-1][1] and earlier[-1][1][0].types[:1] != ("@room",):
                token, refs = earlier[-1]
                refs[0].room = rooms
                place = Place(ref=refs[0], near=token.prep in ("near", "under"))
                rest.remove(earlier[-1])
        if place is not None:
            self._placed[id(group)] = place
        return place, rest

    def _locate_all(self, ref: Ref, where: list[Where]) -> None:
        for token, refs in where:
            if token.prep in ("in", "on", "at", "from", "near", "under") and refs and ref.at is None:
                self.locate(ref, refs, near=token.prep in ("near", "under"))

    def _gives_liquid(self, clause: Clause) -> bool:
        liquids = [r for r in clause.things if (r.types[:1] and r.types[0].startswith("@liquid:"))
                   or r.words.endswith("drink")]
        others = [r for r in clause.things if r not in liquids]
        others += [r for g in clause.groups for t, refs in g.where if t.prep == "to" for r in refs]
        for ref in others if liquids else []:
            self.want("state", clause.words, ref=ref, state=("filled", "water"),
                      method="vessel" if "HousePlant" in ref.types else "")
        return bool(liquids and others)

    def _in_light(self, clause: Clause) -> bool:
        """`look at the book under the lamp`: hold it, and the lamp is on."""
        found = False
        for group in clause.groups:
            for token, refs in list(group.where):
                lamps = [r for r in refs if r.types and set(r.types) & set(LIGHTS)]
                if not lamps or token.prep not in ("in", "under", "by", "near", "with", "at", "to", "on"):
                    continue
                found = True
                group.where.remove((token, refs))
                for ref in group.things:
                    self.want("held", clause.words, ref=ref)
                for lamp in lamps:
                    lamp.filters = [f for f in lamp.filters if f[0] != "on"]
                    self.want("state", clause.words, ref=lamp, state=("on", True))
        if found:
            for group in clause.groups:
                group.things = []
            clause.act = None
        return found

    def leave_alone(self, refs: list[Ref]) -> None:
        """What was said to be left out is left out of everything that names many things."""
        self.spared += refs
        if refs:
            self.notes.append(f"I leave alone: {', '.join(r.words for r in refs)}.")

    def _clear(self, clause: Clause) -> None:
        for group in clause.groups:
            to: Place | None = None
            away: Ref | None = None
            for token, refs in group.where:
                if token.prep == "from" and refs:
                    away = refs[0]
                elif token.prep in _AT and refs and "@room" not in refs[0].types:
                    to = Place(ref=refs[0])
                elif refs and "@room" in refs[0].types and group.things:
                    group.things[0].room = refs[0].room
            if away is not None:
                for ref in group.things:
                    self.locate(ref, [away])
                    self.want("place", clause.words, ref=ref, place=to or Place(kind="away"))
                continue
            for ref in group.things:
                if "@room" in ref.types or not ref.types:
                    self._special_room(clause)
                elif any("receptacle" in kind_of(t).flags for t in ref.types):
                    everything = self.new_ref("everything", (), "all")
                    everything.excluded, ref.excluded = list(ref.excluded), []
                    self.want("clear", clause.words, ref=everything, place=Place(ref=ref), to=to)
                else:
                    self.want("place", clause.words, ref=ref, place=to or Place(kind="away"))
            if not group.things:
                self.stumbled.append(clause.base)

    def _special_room(self, clause: Clause) -> None:
        self.refused.append(("NOT_UNDERSTOOD",
                             f"{clause.words!r} is too general: say what goes where, e.g. 'clear the coffee table'"))

    def _contain(self, clause: Clause) -> None:
        boxes, loads = clause.groups[0].things[:1], clause.groups[0].things[1:]
        loads += [r for g in clause.groups[1:] for r in g.things]
        for box in boxes:
            for load in loads:
                self._demands(load, clause.words)
                self.want("place", clause.words, ref=load, place=Place(ref=box))

    def _go(self, clause: Clause) -> None:
        places = [r for g in clause.groups for _, refs in g.where for r in refs] + clause.things
        if clause.groups and clause.groups[0].things and clause.groups[0].where:
            self._wish(clause)
            return
        for ref in places[:1]:
            if "@room" in ref.types or kind_of(ref.types[0] if ref.types else "").name:
                self._loose.append(self.want("go", clause.words, ref=ref))

    def _use(self, clause: Clause) -> None:
        """`use a clean mug`: says more about what was asked for before."""
        self.flush()
        for said in clause.things:
            for want in self.wants:
                if want.ref is not None and said.types and set(said.types) & set(want.ref.types):
                    for state in said.filters:
                        if not any(w.ref is want.ref and w.state == state for w in self.wants):
                            want.ref.demands.append((state, ""))

    # wishes ----------------------------------------------------------------------------------------------
    def _wish(self, clause: Clause) -> None:
        """`every drawer is shut`, `I want the mugs clean`, `nothing should be left on the table`."""
        if not clause.demanded and not clause.negated:
            return
        if not clause.demanded:
            return
        dark = [s for s, _ in clause.states if s[0] == "dark"]
        for group in clause.groups:
            states = list(group.states or clause.states)
            place, rest = self._destination(group, "sit")
            self._placed.pop(id(group), None)
            for ref in group.things:
                self._wish_one(clause, ref, place, rest, states, bool(dark))
        if not clause.things and dark:
            self._lights(clause.words, clause.rooms, on=not dark[0][1])

    def _wish_one(self, clause: Clause, ref: Ref, place: Place | None, rest: list[Where],
                  states: list[tuple[State, Method]], dark: bool) -> None:
        words = clause.words
        if ref.types[:1] == ("@room",) or (ref.anaphor and dark):
            if dark:
                self._lights(words, ref.room, on=clause.negated is (states[0][0][1] is True))
            return
        if ref.types[:1] and ref.types[0].startswith("@product:"):
            self._to_make = (ref, place, words)
            return
        if ref.types[:1] and ref.types[0].startswith("@"):
            return
        if clause.negated:
            self._wish_not(ref, place, states, words)
            return
        self._locate_all(ref, rest)
        for state, method in states:
            if state[0] != "dark":
                self._wish_state(ref, state, method, words)
        self._demands(ref, words)
        if place is not None:
            for key, value in [f for f in ref.filters if f[0] in ("dirty", "on") and f != ("dirty", True)]:
                ref.filters.remove((key, value))
                self._wish_state(ref, (key, value), "", words)
            self.want("place", words, ref=ref, place=place)
        elif not states and not clause.origin and "away" not in clause.parts:
            self._loose.append(self.want("place", words, ref=ref, place=Place(kind="user")))
        elif not states:
            self.want("place", words, ref=ref, place=self._default(clause, "back"))

    def _wish_state(self, ref: Ref, state: State, method: Method, words: str) -> None:
        if state[0] == "sliced" and ref.types and all(t in SLICES.values() for t in ref.types):
            return
        if state == ("on", True) and "Laptop" in ref.types and ("open", True) not in ref.filters:
            pass
        if state[0] == "cooked" and method == "toaster" and "Bread" in ref.types:
            ref = self._pieces_of(ref)
        self.want("state", words, ref=ref, state=state, method=method)

    def _wish_not(self, ref: Ref, place: Place | None, states: list[tuple[State, Method]], words: str) -> None:
        ref.quantity = "all"
        for (key, value), _ in states:
            opposite: State = (key, not value) if isinstance(value, bool) else (key, False)
            if key == "temperature":
                opposite = (key, "Cold" if value == "Hot" else "Hot")
            self.want("state", words, ref=ref, state=opposite)
        if place is not None and not states and place.kind == "ref":
            if not ref.types:
                self.want("clear", words, ref=self.new_ref("everything", (), "all"), place=place)
            else:
                ref.at = place
                self.want("place", words, ref=ref, place=Place(kind="away"))

    # making ----------------------------------------------------------------------------------------------
    def _make(self, clause: Clause) -> None:
        if clause.states and clause.things:
            clause.act = None
            self._wish(clause)
            return
        if any(s[0] == "dark" for s, _ in clause.states):
            self._wish(clause)
            return
        products = [r for r in clause.things if r.types[:1] and r.types[0].startswith("@product:")]
        for group in clause.groups:
            place, _ = self._destination(group, "sit")
            self._placed.pop(id(group), None)
            if place is not None and place.ref is not None and set(place.ref.types) <= {
                    "Microwave", "CoffeeMachine", "Toaster", "StoveBurner", "Pan"}:
                place = None
            for ref in group.things:
                if ref in products:
                    self.flush()
                    self._to_make = (ref, place, clause.words)
                elif ref.types and all(t in ("Egg", "Potato", "BreadSliced", "PotatoSliced") for t in ref.types):
                    self._one_state(clause, "cook", ref, ("cooked", True), "", None)
                elif ref.types[:1] == ("@room",) or not ref.types:
                    self._special_room(clause)
                elif "Desk" in ref.types:
                    desk = self.new_ref("workspace", ("@product:workspace",), "one", 1)
                    self._to_make = (desk, Place(ref=ref), clause.words)
                elif ref.demands:
                    self._demands(ref, clause.words)
                else:
                    self.refused.append(("NO_SKILL", f"no robot here knows how to make {ref.words!r}"))
        if not clause.things:
            self._misses_object(clause)

    def list_follows(self) -> None:
        """After a colon: what a product is made of, with states; or simply the next clause."""
        if self._to_make is None or not self.noun_starts() or self.verb_here():
            if self._to_make is not None and self._to_make[0].types == ("@product:workspace",) and self.verb_here():
                self._to_make = None
            return
        product, place, words = self._to_make
        listed = self._listed()
        for clause in listed:
            for group in clause.groups:
                found, _ = self._destination(group, "sit")
                self._placed.pop(id(group), None)
                place = place or found
        self.ingredients[product.uid] = [ref for clause in listed for ref in clause.things]
        self._to_make = (product, place, words)
        self.flush()
        for clause in listed:
            for ref in clause.things:
                for state, method in clause.states:
                    if state[0] in ("on", "open"):
                        self.want("state", words, ref=ref, state=state, method=method)

    def _listed(self) -> list[Clause]:
        """Things with their states and places, up to the end of the sentence."""
        listed: list[Clause] = []
        while self.peek().punct != "." and not self.done and self.noun_starts():
            clause = Clause(None, groups=[Group(self.noun_phrase())])
            while not (self.peek().punct or (self.peek().conj and self.noun_starts(1)) or self.done):
                token = self.peek()
                if token.prep and self.noun_starts(1) and not (token.adj and not self.noun_starts(1)):
                    self.at += 1
                    clause.groups[0].where.append((token, self.noun_list(place=True)))
                    continue
                if token.adj:
                    clause.states.append(token.adj)
                self.at += 1
            listed.append(clause)
            while self.peek().text == "," or self.peek().conj:
                self.at += 1
        return listed

    def flush(self) -> None:
        """Turn a product that was asked for into wants about its parts."""
        if self._to_make is None:
            return
        (ref, place, words), self._to_make = self._to_make, None
        name = ref.types[0].partition(":")[2]
        for part, state, method, at in parts_of(name, self.new_ref, self.ingredients.get(ref.uid, []), ref.number, place):
            if state is not None:
                self.want("state", words, ref=part, state=state, method=method, demand=state[0] == "dirty")
            if at is not None:
                self.want("place", words, ref=part, place=at)
            if not any(r is part for _, r, _ in self.said):
                self.note(part, False)

    # at the end ------------------------------------------------------------------------------------------
    def drop_superseded(self) -> None:
        """Holding or finding a thing only matters when nothing later is wanted of it."""
        for want in self.wants:
            if want.ref is not None and want.ref.many:
                want.ref.excluded += [r for r in self.spared if r is not want.ref and r not in want.ref.excluded]
        for want in [w for w in self.wants if w.demand]:
            if any(w.ref is want.ref and w.state[0] == want.state[0] and not w.demand
                   for w in self.wants if w.kind == "state"):
                self.wants.remove(want)
        for want in self._loose:
            if want not in self.wants:
                continue
            later = self.wants[self.wants.index(want) + 1:]
            if self._used_for_pouring(want, later):
                self.wants.remove(want)
                continue
            moved = any(w.ref is want.ref or (w.ref is not None and w.ref.whole is want.ref and want.ref is not None)
                        for w in later if w.kind in ("place", "held", "state"))
            if moved and any(w.ref is want.ref and w.kind == "place" for w in later) or (
                    want.kind in ("find", "go") and len(self.wants) > 1 and (moved or want.kind == "go")):
                self.wants.remove(want)

    @staticmethod
    def _used_for_pouring(want: Want, later: list[Want]) -> bool:
        """`get the can and water the plant`: it is fetched for that."""
        pouring = next((w for w in later if w.method == "vessel" and w.tool is None), None)
        if pouring is None or want.ref is None or not any("fillable" in kind_of(t).flags for t in want.ref.types):
            return False
        if any("SinkBasin" in kind_of(t).fits for t in want.ref.types):
            pouring.tool = want.ref
        return True

    def mend(self, clause: Clause) -> None:
        """A complaint with nothing asked: `the plates are dirty` asks for clean ones."""
        for state, _ in clause.states:
            if state[0] == "dark":
                self._lights(clause.words, clause.rooms, on=state[1] is True)
                return
        for ref in clause.things:
            if not ref.types or ref.types[0].startswith("@"):
                continue
            for (key, value), _ in clause.states:
                if (key, value) in (("dirty", True), ("open", True), ("on", True)):
                    self.want("state", clause.words, ref=ref, state=(key, False))
            if "HousePlant" in ref.types and {"thirsty", "dry"} & set(clause.words.split()):
                self.want("state", clause.words, ref=ref, state=("filled", "water"), method="vessel")
