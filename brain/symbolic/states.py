"""How things are brought into states: clean, hot, cold, cooked, sliced, filled, open, on."""

from __future__ import annotations

from collections.abc import Callable

from fleetmind.brain.symbolic.fleet import Cannot
from fleetmind.brain.symbolic.grounding import NeedLater, NeedSearch
from fleetmind.brain.symbolic.knowledge import FOOD, SLICES, WHOLES, accepts, can, shuts
from fleetmind.brain.symbolic.meaning import Method, Place, Ref, Want
from fleetmind.brain.symbolic.moving import Moving
from fleetmind.brain.symbolic.past import key_of
from fleetmind.memory.facts import Fact
from fleetmind.memory.scene import Node

_NEAR_M = 3.0
_TRIES_AT_BASIN = 2
_VESSELS = ("Cup", "Mug", "Bowl", "Pot", "Bottle", "Kettle", "WineBottle")


class States:
    """Adds the subtasks that change states."""

    def __init__(self, moving: Moving) -> None:
        self.moving, self.draft, self.scene = moving, moving.draft, moving.scene
        self.fleet, self.grounding, self.past = moving.fleet, moving.grounding, moving.past
        self._uid = -1

    def reach(self, want: Want, node: Node) -> None:
        """Bring one thing into the state that is wanted.

        Raises:
            NeedSearch, NeedLater: more must be known first.
            Cannot: it is impossible, or nobody can.
        """
        key, value = want.state
        procedure: Callable[[Want, Node], None] = {
            "dirty": self._clean, "temperature": self._hot if value == "Hot" else self._cold, "cooked": self._cook,
            "sliced": self._slice, "filled": self._fill if value else self._empty,
        }.get(key, self._operate)
        self.moving.check_failures(key_of(want.index, node.id, key), f"bringing {node.id} to {key}={value}")
        procedure(want, node)

    def holds(self, want: Want, node: Node) -> bool:
        """True when it is in that state already."""
        key, value = want.state
        actual = self.draft.state(node.id, key)
        if key == "dirty" and not can(node, "dirtyable"):
            return want.demand
        if key == "dirty" and node.last_seen_s is None and not can(node, "pickupable"):
            return False  # the building plan does not know dirt: wipe it
        if key == "filled" and value == "water":
            return actual == "water" or (actual is True)
        if key == "cooked" and want.method == "boil":
            return actual is True and any(
                (n := self.scene.get(a)) is not None and n.type == "Pot" and self.draft.state(a, "filled")
                for a in self.draft.above(node.id))
        return actual == value

    # small helpers ---------------------------------------------------------------------------------------
    def _key(self, want: Want, node: Node, what: str) -> str:
        return self.moving.own_key(want, node, what)

    def _ref(self, types: tuple[str, ...], room: tuple[str, ...] = ()) -> Ref:
        self._uid -= 1
        ref = Ref(uid=self._uid, words=types[0].lower(), types=types, quantity="one")
        ref.room = room
        return ref

    def _fixed(self, types: tuple[str, ...], near: Node, purpose: str) -> Node:
        """The nearest appliance of the first of the types that exists."""
        found = [n for n in self.scene.of_type(*types) if self.grounding.present(n)]
        if not found:
            raise Cannot("NOT_FOUND", f"to {purpose} I need a {' or '.join(types)}, and there is none here", types)
        room = self.draft.room(near.id)
        return min(found, key=lambda n: (types.index(n.type) if len(types) < 3 else 0, self.scene.room_of(n.id) != room,
                                         _apart(near, n), n.id))

    def _switch(self, want: Want, node: Node, switch: Node, *, effect: Fact, also: tuple[str, ...], what: str,
                duration_s: float) -> None:
        """Switch on and off again what acts on a thing."""
        goal = f"run {switch.id} until {effect.text()}, then turn it off"
        skills = ("toggle_on", "toggle_off")
        self.fleet.require(skills, (switch,), doing=f"run {switch.id}")
        self.draft.add(goal, key=self._key(want, node, what), skills=skills, nodes=(switch.id, node.id),
                       changes=(switch.id, node.id, *also), duration_s=duration_s,
                       effects=(effect, Fact(node=switch.id, state="on", value=False)))

    # clean -----------------------------------------------------------------------------------------------
    def _clean(self, want: Want, node: Node) -> None:
        if not can(node, "dirtyable") and accepts("SinkBasin", node.type):
            self._rinse(want, node)
            return
        if not can(node, "dirtyable"):
            raise Cannot("IMPOSSIBLE", f"{node.type} does not get dirty, so it cannot be cleaned", (node.type,))
        washable = can(node, "pickupable") and want.method != "wipe"
        try:
            if not washable:
                raise Cannot("IMPOSSIBLE", f"{node.id} cannot be carried to a tap")
            self._wash(want, node)
        except Cannot as why:
            if not self.fleet.able(("clean",), (node,)):
                if not washable:
                    self.fleet.require(("clean",), (node,), doing=f"wipe {node.id} clean")
                raise why from None
            self._within_reach(want, node)
            self.draft.add(f"wipe {node.id} clean", key=self._key(want, node, "dirty"), skills=("clean",),
                           nodes=(node.id,), changes=(node.id,), duration_s=10.0,
                           effects=(Fact(node=node.id, state="dirty", value=False),))

    def _rinse(self, want: Want, node: Node) -> None:
        """What never counts as dirty is held under the tap all the same."""
        basin, faucet = self._basin(node)
        self.fleet.require(("toggle_on", "toggle_off"), (faucet,), doing=f"run {faucet.id}")
        self.moving.carry_to(node, basin, self._key(want, node, "to-basin"))
        for skill, on, what in (("toggle_on", True, "rinse"), ("toggle_off", False, "dirty")):
            self.draft.add(f"{'run' if on else 'turn off'} {faucet.id} over {node.id}", key=self._key(want, node, what),
                           skills=(skill,), nodes=(faucet.id,), changes=(faucet.id, basin.id, node.id), duration_s=4.0,
                           effects=(Fact(node=faucet.id, state="on", value=on),))

    def _wash(self, want: Want, node: Node) -> None:
        basin, faucet = self._basin(node)
        self.fleet.require(("toggle_on", "toggle_off"), (faucet,), doing=f"run {faucet.id}")
        key = self._key(want, node, "to-basin")
        if self.past.failures[key] >= _TRIES_AT_BASIN:
            raise Cannot("IMPOSSIBLE", f"{node.id} does not fit into {basin.id}: {self.past.reasons.get(key, '')}")
        self._clear_basin(want, node, basin, everything=self.past.failures[key] > 0)
        self.moving.carry_to(node, basin, key)
        self._switch(want, node, faucet, effect=Fact(node=node.id, state="dirty", value=False), also=(basin.id,),
                     what="dirty", duration_s=10.0)
        if can(node, "fillable") and not self.draft.state(node.id, "filled"):
            self.draft.assume(Fact(node=node.id, state="filled", value="water"))

    def _within_reach(self, want: Want, node: Node) -> None:
        """Not behind a door, and not in a hand."""
        if self.fleet.holder(self.draft.parent(node.id)):
            target = self.moving.places.choose(node, Place(kind="down"), "")
            self.moving.carry_to(node, target, self._key(want, node, "down"))
        for around in self.draft.above(node.id):
            if around in self.scene and self.scene[around].kind not in ("room", "robot"):
                self.moving.ensure_open(self.scene[around])

    def _clear_basin(self, want: Want, node: Node, basin: Node, *, everything: bool = False) -> None:
        """Dishes that this task has washed make room for the next; if that is not enough, everything does."""
        keys = [*self.past.done, *(s.key for s in self.draft.subtasks)]
        for other in self.draft.inside(basin.id):
            washed = any(f":{other.id}:dirty" in key for key in keys)
            if other.id == node.id or not can(other, "pickupable") or not (washed or everything):
                continue
            if not self.fleet.able(("pick_up", "place"), (other,)):
                continue
            target = self.moving.places.choose(other, Place(kind="down"), "")
            self.moving.carry_to(other, target, self._key(want, other, "aside"))

    def _make_room(self, want: Want, node: Node, appliance: Node, *, slots: int) -> None:
        """Take out what has been in a machine of few slots for longest."""
        others = [n for n in self.draft.inside(appliance.id) if n.id != node.id and can(n, "pickupable")]
        for other in others[:max(0, len(others) + 1 - slots)]:
            target = self.moving.places.choose(other, Place(kind="down"), "")
            self.moving.carry_to(other, target, self._key(want, other, "aside"))

    def _basin(self, node: Node) -> tuple[Node, Node]:
        """A basin that takes the thing, with its tap."""
        taps = [n for n in self.scene.of_type("Faucet") if self.grounding.present(n)]
        basins = [n for t in (("SinkBasin",), ("BathtubBasin",), ("Sink", "Bathtub")) for n in self.scene.of_type(*t)
                  if accepts(n.type, node.type)]
        pairs = [(b, t) for b in basins for t in taps if _apart(b, t) < 1.2]
        if not pairs and len(basins) == 1 and len(taps) == 1:
            pairs = [(basins[0], taps[0])]
        if not pairs:
            raise Cannot("NOT_FOUND", f"there is no sink with a tap here that takes {node.type}", (node.type,))
        room = self.draft.room(node.id)
        inside = self.draft.above(node.id)

        def rank(pair: tuple[Node, Node]) -> tuple[bool, bool, int, float]:
            return (pair[0].id not in inside, self.scene.room_of(pair[0].id) != room, basins.index(pair[0]) // 99,
                    _apart(node, pair[0]) + 3 * _apart(pair[0], pair[1]))

        return min(pairs, key=rank)

    # hot, cold, cooked -----------------------------------------------------------------------------------
    def _hot(self, want: Want, node: Node) -> None:
        effect = Fact(node=node.id, state="temperature", value="Hot")
        if want.method == "stove" or (node.type in ("Pot", "Pan", "Kettle")):
            self._on_stove(want, node, effect)
            return
        if node.type == "BreadSliced" and self.scene.of_type("Toaster") and not self.scene.of_type("Microwave"):
            self._in_toaster(want, node, effect)
            return
        if not accepts("Microwave", node.type):
            raise Cannot("IMPOSSIBLE", f"{node.type} cannot be heated: it does not go into a microwave", (node.type,))
        self._in_microwave(want, node, effect)

    def _cold(self, want: Want, node: Node) -> None:
        if not accepts("Fridge", node.type):
            raise Cannot("IMPOSSIBLE", f"{node.type} cannot be put into a fridge", (node.type,))
        fridge = self._fixed(("Fridge",), node, f"cool {node.id}")
        self.moving.carry_to(node, fridge, self._key(want, node, "temperature"),
                             extra=(Fact(node=node.id, state="temperature", value="Cold"),))

    def _cook(self, want: Want, node: Node) -> None:
        if not can(node, "cookable"):
            raise Cannot("IMPOSSIBLE", f"{node.type} cannot be cooked", (node.type,))
        effect = Fact(node=node.id, state="cooked", value=True)
        method: Method = want.method
        if method == "toaster" and node.type == "BreadSliced":
            self._in_toaster(want, node, effect)
        elif method == "boil":
            self._boil(want, node, effect)
        elif method == "stove" or (method != "microwave" and not (
                self.scene.of_type("Microwave") and accepts("Microwave", node.type))):
            self._in_pan(want, node, effect)
        else:
            self._in_microwave(want, node, effect)

    def _in_microwave(self, want: Want, node: Node, effect: Fact) -> None:
        oven = self._fixed(("Microwave",), node, f"heat {node.id}")
        switches = ("toggle_on", "toggle_off")
        self.fleet.require(switches, (oven,), doing=f"run {oven.id}")
        self.moving.carry_to(node, oven, self._key(want, node, "into-oven"))
        facts = (effect, Fact(node=oven.id, state="on", value=False), Fact(node=oven.id, state="open", value=True))
        key = self._key(want, node, want.state[0])
        both = ("close", "toggle_on", "toggle_off", "open")
        if self.fleet.able(both, (oven,)):
            self.draft.add(f"close {oven.id}, run it until {effect.text()}, turn it off and open it", key=key,
                           skills=both, nodes=(oven.id, node.id), changes=(oven.id, node.id), effects=facts,
                           duration_s=20.0)
            return
        self.moving.close(oven)
        self.draft.add(f"run {oven.id} for {node.id}, then turn it off", key=self._key(want, node, "run"),
                       skills=switches, nodes=(oven.id,), changes=(oven.id, node.id), effects=facts[1:2],
                       duration_s=15.0)
        self.draft.add(f"open {oven.id} and see that {effect.text()}", key=key, skills=("open",),
                       nodes=(oven.id, node.id), changes=(oven.id, node.id), effects=(effect, facts[2]))

    def _in_toaster(self, want: Want, node: Node, effect: Fact) -> None:
        toaster = self._fixed(("Toaster",), node, "toast bread")
        self.fleet.require(("toggle_on", "toggle_off"), (toaster,), doing=f"run {toaster.id}")
        self._make_room(want, node, toaster, slots=2)
        self.moving.carry_to(node, toaster, self._key(want, node, "into-toaster"))
        self._switch(want, node, toaster, effect=effect, also=(), what=want.state[0], duration_s=10.0)

    def _vessel(self, want: Want, types: tuple[str, ...], near: Node) -> Node:
        """The pot or pan named, or any; found by search if need be."""
        tool = want.tool if want.tool is not None and set(want.tool.types) & set(types) else None
        ref = tool or self._tools.setdefault((want.index, types), self._ref(types))
        above = set(self.draft.above(near.id))

        def rank(node: Node) -> tuple[bool, bool, bool, float]:
            return (node.id not in above, not self.fleet.able(("pick_up", "place"), (node,)),
                    node.states.get("dirty") is True, _apart(near, node))

        return self.scene[self.grounding.bind(ref, rank)[0]]

    @property
    def _tools(self) -> dict[tuple[int, tuple[str, ...]], Ref]:
        return self.moving.tools

    def _in_pan(self, want: Want, node: Node, effect: Fact) -> None:
        if accepts("StoveBurner", node.type) and node.type != "EggCracked":
            self._on_stove(want, node, effect)
            return
        pan = self._vessel(want, ("Pan", "Pot") if want.tool is None else (*want.tool.types, "Pan", "Pot"), node)
        burner = self._burner_for(pan)
        self._onto_burner(want, pan, burner)
        self.moving.carry_to(node, pan, self._key(want, node, "into-pan"))
        self._heat_on(want, node, burner, effect, also=(pan.id,))

    def _boil(self, want: Want, node: Node, effect: Fact) -> None:
        pot = self._vessel(want, ("Pot",), node)
        if not self.draft.state(pot.id, "filled"):
            self._fill_at_tap(want, pot)
        burner = self._burner_for(pot)
        self._onto_burner(want, pot, burner)
        self.moving.carry_to(node, pot, self._key(want, node, "into-pot"))
        self._heat_on(want, node, burner, effect, also=(pot.id,))

    def _on_stove(self, want: Want, node: Node, effect: Fact) -> None:
        if not accepts("StoveBurner", node.type):
            raise Cannot("IMPOSSIBLE", f"{node.type} cannot be put on a stove", (node.type,))
        burner = self._burner_for(node)
        self._onto_burner(want, node, burner)
        self._heat_on(want, node, burner, effect, also=())

    def _burner_for(self, pan: Node) -> Node:
        burners = self.scene.of_type("StoveBurner")
        if not burners:
            raise Cannot("NOT_FOUND", "there is no stove here", ("stove",))
        room, above = self.draft.room(pan.id), self.draft.above(pan.id)

        def rank(burner: Node) -> tuple[bool, bool, bool, float, str]:
            full = any(n.id != pan.id for n in self.draft.inside(burner.id))
            return (burner.id not in above, full, self.scene.room_of(burner.id) != room, _apart(pan, burner), burner.id)

        return min(burners, key=rank)

    def _onto_burner(self, want: Want, pan: Node, burner: Node) -> None:
        if burner.id not in self.draft.above(pan.id):
            self.moving.carry_to(pan, burner, self._key(want, pan, "onto-stove"))

    def _heat_on(self, want: Want, node: Node, burner: Node, effect: Fact, *, also: tuple[str, ...]) -> None:
        knob = self.knob_of(burner)
        self._switch(want, node, knob, effect=effect, also=(burner.id, *also), what=want.state[0], duration_s=15.0)

    def knob_of(self, burner: Node) -> Node:
        """The knob that works a burner."""
        knobs = self.scene.of_type("StoveKnob")
        if not knobs:
            raise Cannot("NOT_FOUND", "the stove has no knob that I know", ("knob",))
        source = burner.attributes.get("source_id")
        for knob in knobs:
            controls = knob.attributes.get("controls")
            if isinstance(controls, list) and (source in controls or burner.id in controls):
                return knob
        return min(knobs, key=lambda n: (_apart(burner, n), n.id))

    # sliced, filled --------------------------------------------------------------------------------------
    def _slice(self, want: Want, node: Node) -> None:
        if not can(node, "sliceable"):
            raise Cannot("IMPOSSIBLE", f"{node.type} cannot be sliced; {', '.join(FOOD[:6])} can", (node.type,))
        self.slice(node, self._key(want, node, "sliced"))

    def slice(self, node: Node, key: str) -> None:
        """Cut it where it lies; in a hand or behind a door it is put down first."""
        self.fleet.require(("slice",), (), doing=f"slice {node.id}")
        self.moving.check_failures(key, f"slicing {node.id}")
        failed = self.past.failures[key] > 0  # whoever slices cannot get at it there: somebody brings it elsewhere
        hidden = failed or any(self.scene[a].type in ("Microwave", "Drawer", "Cabinet", "Box", "Fridge")
                     for a in self.draft.above(node.id) if a in self.scene)
        held = self.fleet.holder(self.draft.parent(node.id))
        if hidden or held or not self.fleet.able(("slice",), (node,)):
            origin = self.moving.places.origin_of(node) if failed else None
            target = self.moving.places.choose(node, Place(kind="user" if failed else "down"), "",
                                               avoid=origin.id if origin is not None else "")
            self.moving.carry_to(node, target, f"{key}-out{self.past.failures[key] or ''}")
        else:
            self.fleet.require(("slice",), (node,), doing=f"slice {node.id}")
        # No effect to check: the thing itself is gone then, and its slices are new things to be seen.
        self.draft.add(f"slice {node.id}", key=key, skills=("slice",), nodes=(node.id,), changes=(node.id,),
                       duration_s=8.0)
        self.draft.assume(Fact(node=node.id, state="sliced", value=True))

    def _fill(self, want: Want, node: Node) -> None:
        if not can(node, "fillable"):
            raise Cannot("IMPOSSIBLE", f"{node.type} cannot be filled", (node.type,))
        liquid = str(want.state[1])
        if liquid == "coffee":
            self._coffee(want, node)
        elif liquid == "wine":
            raise Cannot("IMPOSSIBLE", "there is no way to fill things with wine here", ("wine",))
        elif want.method == "vessel" or not can(node, "pickupable"):
            self._pour(want, node)
        else:
            self._fill_at_tap(want, node)

    def _fill_at_tap(self, want: Want, node: Node) -> None:
        basin, faucet = self._basin(node)
        self.fleet.require(("toggle_on", "toggle_off"), (faucet,), doing=f"run {faucet.id}")
        self._clear_basin(want, node, basin)
        self.moving.carry_to(node, basin, self._key(want, node, "to-tap"))
        self._switch(want, node, faucet, effect=Fact(node=node.id, state="filled", value="water"), also=(basin.id,),
                     what="filled", duration_s=10.0)

    def _coffee(self, want: Want, mug: Node) -> None:
        if not accepts("CoffeeMachine", mug.type):
            raise Cannot("IMPOSSIBLE", f"coffee is made in a mug, not in a {mug.type}", (mug.type,))
        machine = self._fixed(("CoffeeMachine",), mug, "make coffee")
        self.fleet.require(("toggle_on", "toggle_off"), (machine,), doing=f"run {machine.id}")
        if self.draft.state(mug.id, "filled"):
            self.pour_away(want, mug)
        self._make_room(want, mug, machine, slots=1)
        self.moving.carry_to(mug, machine, self._key(want, mug, "into-machine"))
        self._switch(want, mug, machine, effect=Fact(node=mug.id, state="filled", value="coffee"), also=(),
                     what="filled", duration_s=15.0)

    def _pour(self, want: Want, target: Node) -> None:
        """Fill a vessel at a tap, carry it to the plant, pour."""
        self.fleet.require(("pick_up", "pour"), (target,) if not can(target, "pickupable") else (),
                           doing=f"pour water on {target.id}")
        ref = want.tool or self._tools.setdefault((want.index, _VESSELS), self._ref(_VESSELS))

        def usable(node: Node) -> bool:
            return can(node, "fillable") and accepts("SinkBasin", node.type) and bool(
                self.fleet.able(("pick_up", "place", "pour"), (node,)))

        vessel = self.scene[self.grounding.bind(
            ref, lambda n: (n.states.get("filled") != "water", _apart(target, n)), enough=usable)[0]]
        if self.draft.state(vessel.id, "filled") != "water":
            self._fill_at_tap(want, vessel)
        holder = self.fleet.holder(self.draft.parent(vessel.id))
        for around in self.draft.above(vessel.id):
            if around in self.scene and self.scene[around].kind not in ("room", "robot"):
                self.moving.ensure_open(self.scene[around])
        back = self.moving.places.choose(vessel, Place(kind="down"), "")
        skills = ("pour", "place") if holder else ("pick_up", "pour", "place")
        self.fleet.require(skills, (vessel, target, back), doing=f"pour water on {target.id}", robot=holder)
        self.draft.add(
            f"pour {vessel.id} over {target.id}, then put it on {back.id}", key=self._key(want, target, "filled"),
            skills=skills, nodes=(vessel.id, target.id, back.id), changes=(vessel.id, target.id), relies_on=(back.id,),
            robot=holder, duration_s=25.0,
            effects=(Fact(node=target.id, state="filled", value="water"),
                     Fact(node=vessel.id, relation="on", target=back.id)))
        self.draft.assume(Fact(node=vessel.id, state="filled", value=False))

    def _empty(self, want: Want, node: Node) -> None:
        if not can(node, "fillable"):
            raise Cannot("IMPOSSIBLE", f"{node.type} holds no liquid", (node.type,))
        self.pour_away(want, node, "filled")

    def pour_away(self, want: Want, node: Node, what: str = "emptied") -> None:
        """Empty a vessel where it is."""
        self.fleet.require(("empty",), (node,), doing=f"empty {node.id}")
        for around in self.draft.above(node.id):
            if around in self.scene and self.scene[around].kind not in ("room", "robot"):
                self.moving.ensure_open(self.scene[around])
        self.draft.add(f"empty {node.id}", key=self._key(want, node, what), skills=("empty",), nodes=(node.id,),
                       changes=(node.id,), effects=(Fact(node=node.id, state="filled", value=False),), duration_s=5.0,
                       robot=self.fleet.holder(self.draft.parent(node.id)))

    # open, on --------------------------------------------------------------------------------------------
    def _operate(self, want: Want, node: Node) -> None:
        """Open, close, switch on, switch off."""
        key, value = want.state
        flag = {"open": "openable", "on": "toggleable"}.get(key, "")
        if not flag or not can(node, flag):
            verb = "opened or closed" if key == "open" else "switched on or off"
            raise Cannot("IMPOSSIBLE", f"{node.type} cannot be {verb}", (node.type,))
        skill = {("open", True): "open", ("open", False): "close", ("on", True): "toggle_on",
                 ("on", False): "toggle_off"}[(key, bool(value))]
        words = {"toggle_on": "turn on", "toggle_off": "turn off"}.get(skill, skill)
        self.fleet.require((skill,), (), doing=f"{words} {node.id}")
        self._within_reach(want, node)
        self.fleet.require((skill,), (node,), doing=f"{words} {node.id}")
        if key == "open" and value:
            self.moving.stay_open.add(node.id)
        if skill == "toggle_on" and node.type == "Microwave" and self.draft.state(node.id, "open") is True:
            self.moving.close(node)
        if skill == "toggle_on" and node.type == "Laptop" and not self.draft.state(node.id, "open") \
                and self.fleet.able(("open", skill), (node,)):
            self.draft.add(f"open {node.id}", key=self._key(want, node, "lid"), skills=("open",), nodes=(node.id,),
                           changes=(node.id,), effects=(Fact(node=node.id, state="open", value=True),), duration_s=4.0)
        self.draft.add(f"{words} {node.id}", key=self._key(want, node, key), skills=(skill,), nodes=(node.id,),
                       changes=(node.id,), effects=(Fact(node=node.id, state=key, value=bool(value)),), duration_s=4.0)

    # slices ----------------------------------------------------------------------------------------------
    def slices_of(self, want: Want, ref: Ref) -> None:
        """Cut what the wanted slices come from, then wait until the slices have been seen."""
        whole = ref.whole or self._tools.setdefault(
            (ref.uid, ref.types), self._ref(tuple(WHOLES[t] for t in ref.types if t in WHOLES), ref.room))
        nodes = self.grounding.bind(whole, lambda n: (not self.fleet.able(("slice",), (n,)), n.id))
        for node_id in nodes:
            if not self.draft.state(node_id, "sliced"):
                self.slice(self.scene[node_id], self._key(want, self.scene[node_id], "sliced"))
            elif self.past.was_sliced(node_id):
                self.find_slices(self.scene[node_id])
        raise NeedLater(f"slices of {', '.join(nodes)} have to be seen")

    def find_slices(self, whole: Node) -> None:
        """It was cut, and nobody has seen the slices: look around where it was."""
        pieces = (SLICES[whole.type],)
        near = [n for n in self.scene if can(n, "receptacle") and not shuts(n) and n.kind != "room"
                and _apart(n, whole) < _NEAR_M and self.grounding.present(n)]
        if near and self.grounding.rounds(pieces) < 2:
            raise NeedSearch(pieces, 1, [n.id for n in sorted(near, key=lambda n: _apart(n, whole))][:6])
        raise Cannot("NOT_FOUND", f"{whole.id} was sliced, but its slices are nowhere to be seen", (whole.type,))


def _apart(a: Node, b: Node) -> float:
    return a.pose.distance_m(b.pose) if a.pose is not None and b.pose is not None else 9.0
