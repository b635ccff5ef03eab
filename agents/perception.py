"""From observations to the scene graph: name what is new, update what moved, doubt what is gone.

Only the fleet service writes observations, so ids are given out in one place: `mug-3` for the third mug. What an
observation does to a node is `fleetmind.memory.belief`; here is who is who, what is written, and when.

A source that knows identities names each thing by an id that stays. A detector does not: it makes up ids that begin
with `?` and mean nothing beyond their observation; those things are found again by type, place and looks. Where
several robots have detectors, the robot's name belongs in the id: `?kim/3`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable

from fleetmind.memory import Change, Conflict, FleetmindError, Node, Observation, Scene, SceneStore, Sighting
from fleetmind.memory.belief import (
    MISSED,
    Numbers,
    Rates,
    Reading,
    Types,
    differs,
    doubt,
    identify,
    is_loose,
    relation_to,
    settle,
)

_TOLD = 0.8  # how sure one may be of a thing that was put where nobody can see it


class Perception:
    """Turns observations into changes of the scene graph, and writes them.

    Args:
        store: the site's scene store.
        rates: half-lives by type, see `fleetmind.memory.belief.half_life_s`.
        compatible: for a type, other types that a detector may call it.
    """

    def __init__(self, store: SceneStore, *, rates: Rates | None = None, compatible: Types | None = None) -> None:
        self._store, self._rates, self._compatible = store, rates, compatible
        self._ids: dict[str, str] = {}
        self._made_up: dict[str, dict[str, str]] = {}
        self._nodes: dict[str, Node] = {}
        self._rooms: tuple[Node, ...] = ()
        self._numbers = Numbers()
        self._index: Scene | None = None
        self.version = 0
        """Version of the last write made here."""

    @property
    def nodes(self) -> dict[str, Node]:
        """Every node as last read or written here; do not change it."""
        return self._nodes

    def scene(self) -> Scene:
        """The scene as this writer knows it."""
        return Scene(self._nodes.values(), version=self.version)

    def load(self, scene: Scene) -> None:
        """Start from a scene, after a start or a conflict."""
        self._nodes = dict(scene.nodes)
        self.version = scene.version
        self._ids = {str(n.attributes["source_id"]): n.id for n in scene if "source_id" in n.attributes}
        self._rooms = tuple(n for n in self._nodes.values() if n.kind == "room")
        self._index = None
        self._numbers = Numbers()
        for node_id in self._nodes:
            self._numbers.heard(node_id)

    def node_id(self, source_id: str | None) -> str | None:
        """Our id of a source's id, where it has been seen; of a made-up one in the newest observation that had it."""
        if not source_id:
            return None
        if not is_loose(source_id):
            return self._ids.get(source_id)
        return next((ids[source_id] for ids in reversed(self._made_up.values()) if source_id in ids), None)

    async def ingest(self, seen: Observation, *, placed_in: str | None = None) -> int:
        """Write what an observation shows; returns the version after it.

        Args:
            seen: the observation.
            placed_in: node in or on which the robot says it has just put what it held; it decides where a thing
                is that cannot be seen any more, as in a bin.

        Raises:
            Conflict: a grasp that another robot's grasp forbids.
            StoreUnavailable: nothing was written.
        """
        changed: dict[str, Node] = {}
        seen = self._identify(seen)
        reading = Reading(seen, self._nodes, ChainMap(self._made_up.get(seen.robot, {}), self._ids), self._rooms)
        self._see(changed, reading.robot(), seen, 1.0)
        for thing in seen.objects:
            self._see(changed, reading.thing(thing), seen, thing.confidence)
        self._gone(reading, changed, placed_in)
        self._looked(reading, changed)
        await self._grasped(seen, changed)
        await self._write(changed.values())
        return self.version

    def _identify(self, seen: Observation) -> Observation:
        """Give every thing a node id; leaves out what cannot be told from others."""
        self._made_up.pop(seen.robot, None)
        if any(is_loose(thing.source_id) for thing in seen.objects):
            found, seen = identify(self._searchable(), seen, self._ids, self._new_id, compatible=self._compatible,
                                   only_loose=True)
            self._made_up[seen.robot] = {source: i for source, i in found.items() if is_loose(source)}
            self._ids |= {source: i for source, i in found.items() if not is_loose(source)}
        for thing in seen.objects:
            if not is_loose(thing.source_id) and thing.source_id not in self._ids:
                self._ids[thing.source_id] = self._new_id(thing.type)
        return seen

    def _searchable(self) -> Scene:
        """The scene with its spatial index, kept from one observation to the next: building it costs all there is."""
        if self._index is None or len(self._index) != len(self._nodes):
            self._index = self.scene()
        return self._index

    def _new_id(self, type_name: str) -> str:
        return self._numbers(type_name, self._nodes)

    def _see(self, changed: dict[str, Node], node: Node, seen: Observation, sure: float) -> None:
        word = Sighting(robot=seen.robot, time_s=seen.world_s, confidence=sure)
        changed[node.id] = settle(self._nodes.get(node.id), node, word, rates=self._rates, arrived=True)

    def _gone(self, reading: Reading, changed: dict[str, Node], placed_in: str | None) -> None:
        """What we believed in a receptacle whose whole content is in view, and is not there, is somewhere else."""
        seen = reading.seen
        near = [n for n in self._nodes.values()
                if (n.parent in reading.looked or n.parent == seen.robot) and n.id not in changed]
        let_go = list(reading.let_go(near))
        holder = self._nodes.get(placed_in or "")
        if holder is not None:
            for node in let_go:
                put = node.model_copy(update={"parent": holder.id, "relation": relation_to(holder)})
                self._see(changed, put, seen, _TOLD)
        word = Sighting(robot=seen.robot, time_s=seen.world_s, seen=False, confidence=MISSED)
        for node in (*reading.missing(near), *let_go):
            if node.id not in changed:
                changed[node.id] = doubt(node, node, word, reading.room, rates=self._rates, arrived=True)

    def _looked(self, reading: Reading, changed: dict[str, Node]) -> None:
        for node_id in sorted(reading.looked):
            node = changed.get(node_id) or self._nodes.get(node_id)
            if node is not None and node.states.get("searched") is not True:
                changed[node.id] = node.model_copy(
                    update={"states": {**node.states, "searched": True}, "source": reading.seen.robot})

    async def _grasped(self, seen: Observation, changed: dict[str, Node]) -> None:
        """Take a new thing in hand by the semantic operation, which refuses a second holder."""
        held = self.node_id(seen.holding)
        if held is None:
            return
        if not self._held_by(held, seen.robot):
            for node_id in (seen.robot, held):
                if node_id not in self._nodes:
                    await self._write([changed[i] for i in self._closure(node_id, changed)])
            self.version = await self._store.grasp(seen.robot, held)
        if held in changed:
            changed[held] = changed[held].model_copy(update={"parent": seen.robot, "relation": "held_by"})

    def _held_by(self, node_id: str, robot: str) -> bool:
        node = self._nodes.get(node_id)
        return node is not None and node.relation == "held_by" and node.parent == robot

    def _closure(self, node_id: str, changed: dict[str, Node]) -> list[str]:
        """The node and those of its unwritten ancestors that must be written with it, top first."""
        out: list[str] = []
        current: str | None = node_id
        while current is not None and current in changed and current not in out:
            out.append(current)
            current = changed[current].parent
        return out[::-1]

    async def _write(self, nodes: Iterable[Node]) -> None:
        put = tuple(node for node in nodes if differs(self._nodes.get(node.id), node, self._rates))
        if not put:
            return
        self.version = await self._store.apply(Change(put=put, source=put[0].source))
        written = [node.model_copy(update={"version": self.version}) for node in put]
        self._nodes |= {node.id: node for node in written}
        if self._index is not None:
            self._index = self._index.evolve(written, (), version=self.version)

    async def recover(self) -> None:
        """Read the scene anew, after a conflict or a lost server."""
        self.load(await self._store.snapshot())

    async def ingest_or_recover(self, seen: Observation, *, placed_in: str | None = None) -> tuple[int, str]:
        """`ingest`; on a conflict the scene is read anew and the observation tried once more.

        Returns:
            The version, and an empty string or what was refused.
        """
        try:
            return await self.ingest(seen, placed_in=placed_in), ""
        except Conflict as first:
            await self.recover()
            try:
                return await self.ingest(seen, placed_in=placed_in), ""
            except FleetmindError:
                return self.version, str(first)
        except FleetmindError as error:
            if error.code == "STORE_UNAVAILABLE":
                raise
            await self.recover()
            return self.version, str(error)
