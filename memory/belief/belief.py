"""The private belief of one robot over a scene that is shared: what it has seen since it last told the others."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable

from fleetmind.memory.belief.association import associate, candidates_near, is_loose
from fleetmind.memory.belief.identify import identify
from fleetmind.memory.belief.naming import Numbers
from fleetmind.memory.belief.pairs import Types
from fleetmind.memory.belief.rates import Rates
from fleetmind.memory.belief.reading import Reading
from fleetmind.memory.belief.settle import MISSED, differs, new_witness
from fleetmind.memory.belief.words import Word, Words, add, rooted
from fleetmind.memory.errors import Conflict, FleetmindError
from fleetmind.memory.robots import Observation
from fleetmind.memory.scene import Node, Scene, Sighting
from fleetmind.memory.store import Change, SceneStore


class Belief:
    """What a robot believes: the shared scene with its own words on top, until it publishes them.

    Words are kept apart from the scene, the newest per node, and are folded in again when the scene changes below
    them. New things have provisional ids; `renamed` says which id a thing got when it was found in the shared scene
    or when its number was taken.

    Args:
        scene: the shared scene as far as it is known.
        robot: whose belief.
        ids: gives an id for a new thing of a type; default `mug-3`, the smallest free number. Ids of one's own must
            not differ between robots that may see the same new thing at the same time: equal ids are what lets the
            store notice it.
        rates: half-lives by type, see `half_life_s`.
        compatible: for a type, other types that a detector may call it.
    """

    def __init__(self, scene: Scene, robot: str, *, ids: Callable[[str], str] | None = None,
                 rates: Rates | None = None, compatible: Types | None = None) -> None:
        self.robot = robot
        self._rates, self._compatible, self._given_ids = rates, compatible, ids
        self._words: Words = {}
        self._searched: set[str] = set()
        self._version = 0
        self._base: Scene = scene
        self._view: Scene = scene
        self.renamed: dict[str, str] = {}
        """Where a provisional id has gone, since the beginning."""
        self._start(scene)

    @property
    def scene(self) -> Scene:
        """The shared scene as this robot sees it; `version` is that of the shared one."""
        return self._view

    def observe(self, seen: Observation) -> None:
        """Fold in what the robot sees: new things, things elsewhere, things not where they should be.

        Raises:
            FleetmindError: `BAD_ID`, the observation is another robot's.
        """
        if seen.robot != self.robot:
            raise FleetmindError("BAD_ID", f"an observation of {seen.robot!r} cannot go into the belief of "
                                           f"{self.robot!r}: give each robot its own Belief")
        found, seen = identify(self._view, seen, self._sources, self._new_id, compatible=self._compatible)
        self._sources |= {source: node_id for source, node_id in found.items() if not is_loose(source)}
        reading = Reading(seen, self._view.nodes, ChainMap(found, self._sources), self._rooms)
        words = [self._word(reading, reading.robot(), 1.0)]
        for thing in seen.objects:
            word = self._word(reading, reading.thing(thing), thing.confidence)
            words.append(Word(word.node, word.sighting, word.room, thing))
        known = [n for i in sorted(reading.looked) for n in self._view.children(i)]
        for node in (*reading.missing(known), *reading.let_go(self._view.children(self.robot))):
            words.append(self._word(reading, node, MISSED, seen=False))
        for word in words:
            add(self._words, word)
        looked = {i for i in reading.looked if i in self._words or i in self._base}
        self._searched |= looked
        self._fold({w.node.id for w in words} | looked)

    def rebase(self, scene: Scene) -> None:
        """Put the robot's words on a newer shared scene; things it thought new may be known there."""
        words, known = self._words, self._base
        self._start(scene)
        strange = [i for i in words if i != self.robot and (i not in known or i not in scene)]
        names = self._found_again(words, strange, {i for i in words if i not in strange})
        self._words = {}
        for node_id in sorted(words):
            for word in words[node_id]:
                if node_id in names or node_id not in strange:
                    add(self._words, word.renamed(names))
        self._searched = {i for i in (names.get(i, i) for i in self._searched) if i in self._words or i in scene}
        self.renamed |= {old: new for old, new in names.items() if old != new}
        self._fold({*self._words, *self._searched})

    def changes(self) -> tuple[Change, dict[str, int]]:
        """What the shared scene does not know yet, and the version of each of those nodes it relies on (0: new)."""
        told = (self._view.get(i) for i in sorted({*self._words, *self._searched}))
        # Every robot's word counts here, however little it adds: else it would matter who publishes first.
        put = tuple(n for n in told if n is not None and (
            differs(self._base.get(n.id), n, self._rates) or new_witness(self._base.get(n.id), n)))
        versions = {node.id: self._base[node.id].version if node.id in self._base else 0 for node in put}
        return Change(put=put, source=self.robot), versions

    async def publish(self, store: SceneStore, *, tries: int = 8) -> int:
        """Write what the robot has seen, if nobody wrote the same nodes since; else rebase and try again.

        A belief with new things is rebased first, so that two robots do not name one thing twice. Afterwards the
        belief holds nothing private; publishing again writes nothing.

        Returns:
            The site's version after the write, or the newest known here when there was nothing to write.

        Raises:
            Conflict: still in conflict after `tries`; nothing was written, the belief is kept.
            FleetmindError: the store refuses the nodes; the belief is kept.
            StoreUnavailable: whether it was written is not known; publish again.
        """
        if any(i not in self._base for i in self._words):
            self.rebase(await store.snapshot())
        for left in reversed(range(tries)):
            change, versions = self.changes()
            try:
                version = await store.apply(change, versions) if change.put else self._version
            except FleetmindError as error:
                if not left or not (isinstance(error, Conflict) or error.code == "SCENE_INVARIANT"):
                    raise
                self.rebase(await store.snapshot())
                continue
            self._published(change, version)
            return version
        raise FleetmindError("BELIEF_TRIES", f"tries={tries!r} must be at least 1")

    def _published(self, change: Change, version: int) -> None:
        self._words.clear()
        self._searched.clear()
        self._version = version
        written = (node.model_copy(update={"version": version}) for node in change.put)
        # What others wrote in between is not in it, so it stays a scene of its own version until the next rebase.
        self._base = self._view = self._base.evolve(written, (), version=self._base.version)

    def _start(self, scene: Scene) -> None:
        self._base = self._view = scene
        self._version = max(scene.version, self._version)
        self._numbers = Numbers()
        self._rooms = scene.of_kind("room")
        self._sources = {str(n.attributes["source_id"]): n.id for n in scene if "source_id" in n.attributes}
        self._taken: set[str] = set()

    def _new_id(self, type_name: str) -> str:
        node_id = self._given_ids(type_name) if self._given_ids else self._numbers(type_name, self._view)
        while node_id in self._view or node_id in self._taken:
            node_id = self._numbers(type_name, self._view)
        self._taken.add(node_id)
        return node_id

    def _word(self, reading: Reading, node: Node, sure: float, *, seen: bool = True) -> Word:
        room = self._view.room_of(node.parent) if node.parent in self._view and node.parent is not None else None
        sighting = Sighting(robot=self.robot, time_s=reading.seen.world_s, seen=seen, confidence=sure)
        return Word(node, sighting, room.id if room is not None else reading.room)

    def _found_again(self, words: Words, strange: Iterable[str], taken: set[str]) -> dict[str, str]:
        """Ids in the scene as it is now of things whose ids are not, new ones for those that are not known there."""
        things = {i: w.thing for i in strange for w in words[i] if w.thing is not None}
        names = {i: self._sources[t.source_id] for i, t in things.items()
                 if t.source_id in self._sources and self._sources[t.source_id] not in taken}
        left = [i for i in sorted(things) if i not in names]
        taken |= set(names.values())
        candidates = [n for n in candidates_near(self._base, (things[i] for i in left)) if n.id not in taken]
        matched = associate(candidates, [things[i] for i in left], compatible=self._compatible).matched
        names |= {left[row]: node_id for row, node_id in matched.items()}
        for node_id in left:
            if node_id not in names:
                names[node_id] = self._new_id(things[node_id].type)
        self._sources |= {t.source_id: names[i] for i, t in things.items() if not is_loose(t.source_id)}
        return names

    def _fold(self, ids: Iterable[str]) -> None:
        """Bring these nodes of the view up to what the shared scene and the words say."""
        changed: dict[str, Node] = {}
        for node_id in sorted(ids):
            node = self._base.get(node_id)
            for word in self._words.get(node_id, ()):
                node = word.told(self._base, node, self._rates)
            if node is not None and node_id in self._searched:
                node = node.model_copy(update={"states": {**node.states, "searched": True}})
            if node is not None:
                changed[node_id] = node
        self._view = self._view.evolve(changed.values(), (), version=self._base.version)
        for node_id, node in changed.items():
            words = self._words.get(node_id, ())
            whole = rooted(self._view, node, words[-1].room if words else None)
            if whole is not node:
                self._view = self._view.evolve((whole,), (), version=self._base.version)
