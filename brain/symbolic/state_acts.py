"""Doings that change states: clean, heat, slice, open, switch, fill."""

from __future__ import annotations

from fleetmind.brain.symbolic.clauses import Clause, Group
from fleetmind.brain.symbolic.knowledge import SLICES, kind_of, with_flag
from fleetmind.brain.symbolic.meaning import Method, Place, Ref, State
from fleetmind.brain.symbolic.verbs import Act
from fleetmind.brain.symbolic.want_maker import WantMaker

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
_FLAG_OF = {"dirty": "dirtyable", "on": "toggleable", "open": "openable", "sliced": "sliceable", "cooked": "cookable",
            "filled": "fillable", "temperature": "sliceable", "broken": "breakable"}


class StateActs(WantMaker):
    """Turns such clauses into wants."""

    def _state(self, clause: Clause, act: Act) -> None:
        state, method = _STATES[act]
        if act in ("boil", "heat") and not clause.things and any(
                t.startswith("@liquid") for g in clause.groups for _, rs in g.where for r in rs for t in r.types):
            return
        for group in clause.groups:
            if act == "empty":
                self._poured_from(group)
            tool, method_said, rooms = self._tools(group, act)
            said = next((s for s, _ in group.states if act in ("on", "off") and s[0] == "on"), state)
            for ref in group.things:
                ref.room = ref.room or rooms
                self._one_state(clause, act, ref, said, method_said or method, tool)
        if clause.groups and not clause.things:
            self._misses_object(clause)

    @staticmethod
    def _poured_from(group: Group) -> None:
        """`pour out the coffee in the cup`: the cup is emptied."""
        if any(ref.types and not ref.types[0].startswith(("@liquid:", "@product:coffee")) for ref in group.things):
            return
        for token, refs in group.where:
            vessels = [ref for ref in refs if any("fillable" in kind_of(t).flags for t in ref.types)]
            if token.prep in ("in", "from") and vessels:
                group.things = vessels
                group.where.remove((token, refs))
                return

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
        egg = "Egg" in ref.types and act in ("cook", "fry", "boil")
        if egg or ("Bread" in ref.types and act == "toast"):
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
                        if thing.at is None:
                            self.locate(thing, [ref], near=token.prep == "near")
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
            self._lights(clause.words, self._room_meant(clause), on=not dark)

    def _room_meant(self, clause: Clause) -> tuple[str, ...]:
        """`in the bedroom`, `in there`."""
        for group in clause.groups:
            for _, refs in group.where:
                if refs and "@room" in refs[0].types and refs[0].room:
                    return refs[0].room
        if clause.rooms or "there" not in clause.words.split():
            return clause.rooms
        return next((r.room for _, r, _ in reversed(self.said) if "@room" in r.types and r.room), ())

    def _fill(self, clause: Clause) -> None:
        for group in clause.groups:
            liquid = "water"
            vessels: list[Ref] = []
            targets: list[Ref] = []
            tool: Ref | None = None
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

    def _fill_group(self, clause: Clause, liquid: str, vessels: list[Ref], targets: list[Ref], loads: list[Ref],
                    tool: Ref | None) -> None:
        for load in loads:
            self.want("place", clause.words, ref=load, place=Place(ref=vessels[0]) if vessels else None)
        if loads:
            return
        if clause.act == "fill" or not targets:
            for vessel in vessels:
                asked = next((s for s, _ in vessel.demands if s[0] == "filled"), None)
                if clause.act == "pour" and asked is not None:  # pour me a glass of water
                    self._demands(vessel, clause.words, but=asked)
                    self.want("state", clause.words, ref=vessel, state=asked)
                elif clause.act == "pour":
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

    def _pour_away(self, clause: Clause, liquid: str) -> None:
        """`pour the coffee into the sink`: whatever holds it is emptied."""
        vessel = self.new_ref(liquid, ("Mug", "Cup", "Bowl", "Pot", "Kettle", "Bottle"), "one")
        vessel.filters = [("filled", liquid)]
        self.want("state", clause.words, ref=vessel, state=("filled", False))
