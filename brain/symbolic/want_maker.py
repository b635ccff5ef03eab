"""The wants collected from an instruction, and what comes before what."""

from __future__ import annotations

from fleetmind.brain.symbolic.clauses import Clause, Clauses
from fleetmind.brain.symbolic.knowledge import kind_of
from fleetmind.brain.symbolic.meaning import Method, Place, Ref, State, Want, WantKind
from fleetmind.brain.symbolic.recipes import parts_of
from fleetmind.brain.symbolic.words import Text


class WantMaker(Clauses):
    """Keeps the wants while the text is read."""

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
        self._placed: dict[int, Place] = {}
        """Places of groups, by `id` of the group."""
        self.spared: list[Ref] = []
        """What was said to be left alone."""
        self._to_make: tuple[Ref, Place | None, str] | None = None
        self._loose: list[Want] = []
        """Wants to hold or find that a later want about the same thing replaces."""

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

    def leave_alone(self, refs: list[Ref]) -> None:
        """What was said to be left out is left out of everything that names many things."""
        self.spared += refs
        if refs:
            self.notes.append(f"I leave alone: {', '.join(r.words for r in refs)}.")

    def _misses_object(self, clause: Clause) -> None:
        """Nothing was understood of what it is to be done to; a word that is unknown is the better hint."""
        if not self.stumbled:
            self.stumbled.append(clause.base)
            self.notes.append(f"I do not know what to {clause.base}.")

    def flush(self) -> None:
        """Turn a product that was asked for into wants about its parts."""
        if self._to_make is None:
            return
        (ref, place, words), self._to_make = self._to_make, None
        name = ref.types[0].partition(":")[2]
        made_of = self.ingredients.get(ref.uid, [])
        for part, state, method, at in parts_of(name, self.new_ref, made_of, ref.number, place):
            if state is not None:
                self.want("state", words, ref=part, state=state, method=method, demand=state[0] == "dirty")
            if at is not None:
                self.want("place", words, ref=part, place=at)
            if not any(r is part for _, r, _ in self.said):
                self.note(part, False)

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
            if (moved and any(w.ref is want.ref and w.kind == "place" for w in later)) or (
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
