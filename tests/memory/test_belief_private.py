"""A robot's private belief: what it sees is there for itself at once, for others when published, in either order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.memory.belief import UNCERTAIN, Belief
from fleetmind.memory.conformance import refused
from fleetmind.memory.local import LocalSite
from fleetmind.memory.robots import Observation, SeenObject
from fleetmind.memory.scene import Node, Pose, Scene, Sighting
from fleetmind.memory.store import Change

TABLES = {f"Table|{i}": Pose(x=10.0 * i, y=0, z=0.8) for i in (1, 2, 3)}
TIGHT = (0.0004, 0.0, 0.0, 0.0004, 0.0, 0.0004)


def slot(table: str, number: int, off_m: float = 0.0) -> Pose:
    """A place on the table, 1.2 m from the next."""
    return Pose(x=TABLES[table].x + 1.2 * number + off_m, y=0, z=0.9)


def house(*more: Node) -> Scene:
    kitchen = Node(id="kitchen-1", kind="room", type="Kitchen", pose=Pose(x=20, y=0), size=(50, 10, 3),
                   attributes={"source_id": "Kitchen|1"})
    tables = [Node(id=f"table-{name[-1]}", kind="receptacle", type="Table", parent="kitchen-1", relation="in",
                   pose=pose, attributes={"source_id": name}) for name, pose in TABLES.items()]
    return Scene([kitchen, *tables, *more])


def lying(node_id: str, table: str, number: int, **more: Any) -> Node:
    return Node.model_validate({
        "id": node_id, "kind": "object", "type": "Mug", "parent": f"table-{table[-1]}", "relation": "on",
        "pose": slot(table, number), "attributes": {"pickupable": True}, "last_seen_s": 0.0,
        "sightings": (Sighting(robot="carl", time_s=0.0, confidence=0.8),), "confidence": 0.8, **more})


def thing(source: str, table: str, number: int, off_m: float = 0.0, **more: Any) -> SeenObject:
    return SeenObject.model_validate({
        "source_id": source, "type": "Mug", "pose": slot(table, number, off_m), "parent": table, "relation": "on",
        "attributes": {"pickupable": True}, **more})


def look(robot: str, time_s: float, table: str, *things: SeenObject, **more: Any) -> Observation:
    return Observation.model_validate({
        "robot": robot, "pose": Pose(x=TABLES[table].x, y=1), "room": "Kitchen|1", "objects": things,
        "looked_into": (table,), "world_s": time_s, **more})


async def site_of(scene: Scene) -> LocalSite:
    site = LocalSite()
    await site.store.apply(Change(put=tuple(scene)))
    return site


def mugs(scene: Scene) -> dict[str, Node]:
    return {n.id: n for n in scene.of_type("Mug")}


def test_a_new_thing_is_there_for_the_robot_and_not_for_others() -> None:
    shared = house()
    belief = Belief(shared, "kim")
    belief.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1, confidence=0.6)))
    mug = belief.scene["mug-1"]
    assert (mug.parent, mug.relation, mug.confidence, mug.last_seen_s) == ("table-1", "on", 0.6, 1.0)
    assert mug.sightings == (Sighting(robot="kim", time_s=1.0, confidence=0.6),)
    assert "source_id" not in mug.attributes
    assert belief.scene["table-1"].states["searched"] is True
    assert "mug-1" not in shared
    assert "kim" not in shared


def test_a_thing_seen_elsewhere_moves_and_takes_no_old_evidence_along() -> None:
    known = lying("mug-1", "Table|1", 1, attributes={"pickupable": True, "source_id": "Mug|1"})
    belief = Belief(house(known), "kim")
    belief.observe(look("kim", 5.0, "Table|2", thing("Mug|1", "Table|2", 1, confidence=0.7)))
    mug = belief.scene["mug-1"]
    assert (mug.parent, mug.pose) == ("table-2", slot("Table|2", 1))
    assert [s.robot for s in mug.sightings] == ["kim"]
    assert mug.confidence == pytest.approx(0.7)


def test_two_who_agree_are_surer_than_one() -> None:
    belief = Belief(house(lying("mug-1", "Table|1", 1)), "kim")
    belief.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1, 0.1, confidence=0.5)))
    mug = belief.scene["mug-1"]
    assert [s.robot for s in mug.sightings] == ["carl", "kim"]
    assert 0.89 < mug.confidence <= 0.9


def test_what_is_not_there_is_doubted_and_not_removed() -> None:
    lamp = lying("lamp-1", "Table|1", 3, type="Lamp", attributes={})
    belief = Belief(house(lying("mug-1", "Table|1", 1), lamp), "kim")
    belief.observe(look("kim", 1.0, "Table|1"))
    mug = belief.scene["mug-1"]
    assert (mug.parent, mug.relation) == ("kitchen-1", "in")
    assert mug.confidence == pytest.approx(0.8 * 0.3, rel=0.01)
    assert mug.sightings[-1] == Sighting(robot="kim", time_s=1.0, seen=False, confidence=0.7)
    assert belief.scene["lamp-1"] == lamp, "what cannot be carried has not gone"
    belief.observe(look("kim", 2.0, "Table|1", thing("?7", "Table|1", 1)))
    assert (belief.scene["mug-1"].parent, belief.scene["mug-1"].confidence) == ("table-1", 1.0), "it was hidden"


def test_what_nobody_else_saw_is_as_unsure_as_can_be() -> None:
    belief = Belief(house(), "kim")
    belief.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1)))
    belief.observe(look("kim", 2.0, "Table|1"))
    assert belief.scene["mug-1"].confidence == UNCERTAIN


def test_two_words_about_one_thing_are_told_together() -> None:
    """Seen at another place and then not there any more: both count."""
    known = lying("mug-1", "Table|1", 1, attributes={"pickupable": True, "source_id": "Mug|1"})
    belief = Belief(house(known), "kim")
    belief.observe(look("kim", 1.0, "Table|2", thing("Mug|1", "Table|2", 1)))
    belief.observe(look("kim", 2.0, "Table|2"))
    belief.rebase(house(known))
    mug = belief.scene["mug-1"]
    assert (mug.parent, mug.pose, mug.confidence) == ("kitchen-1", slot("Table|2", 1), UNCERTAIN)


def test_a_belief_is_one_robots() -> None:
    with refused("BAD_ID"):
        Belief(house(), "kim").observe(look("ann", 1.0, "Table|1"))


async def test_publishing_twice_writes_once() -> None:
    site = await site_of(house())
    belief = Belief(await site.store.snapshot(), "kim")
    belief.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1)))
    version = await belief.publish(site.store)
    assert version == (await site.store.snapshot()).version
    assert (await site.store.snapshot())["mug-1"].version == version
    assert await belief.publish(site.store) == version
    belief.observe(look("kim", 2.0, "Table|1", thing("?4", "Table|1", 1, 0.01)))
    assert await belief.publish(site.store) == version, "a fresher time alone is not written"
    assert (await site.store.snapshot()).version == version
    belief.observe(look("kim", 3000.0, "Table|1", thing("?4", "Table|1", 1)))
    assert await belief.publish(site.store) == version + 1, "a word older than half its half-life is renewed"


async def test_a_write_whose_answer_was_lost_is_not_written_twice() -> None:
    site = await site_of(house())
    belief = Belief(await site.store.snapshot(), "kim")
    belief.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1), thing("?2", "Table|1", 2)))
    change, versions = belief.changes()
    version = await site.store.apply(change, versions)
    assert await belief.publish(site.store) == version
    assert len(mugs(await site.store.snapshot())) == 2


async def test_a_thing_that_others_found_first_gets_their_id() -> None:
    site = await site_of(house())
    start = await site.store.snapshot()
    kim, ann = Belief(start, "kim"), Belief(start, "ann")
    kim.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1), thing("?2", "Table|1", 2)))
    ann.observe(look("ann", 2.0, "Table|1", thing("?1", "Table|1", 2, 0.02), thing("?2", "Table|1", 3)))
    await kim.publish(site.store)
    await ann.publish(site.store)
    found = mugs(await site.store.snapshot())
    assert {i: [s.robot for s in n.sightings] for i, n in found.items()} == {
        "mug-1": ["kim"], "mug-2": ["ann", "kim"], "mug-3": ["ann"]}
    assert ann.renamed == {"mug-1": "mug-2", "mug-2": "mug-3"}


async def test_ids_of_ones_own_do_not_double_a_thing() -> None:
    site = await site_of(house())
    start = await site.store.snapshot()
    kim, ann = (Belief(start, name, ids=lambda kind, name=name: f"{name}-{kind}") for name in ("kim", "ann"))
    for belief in (kim, ann):
        belief.observe(look(belief.robot, 1.0, "Table|1", thing("?1", "Table|1", 1), looked_into=()))
        assert f"{belief.robot}-Mug" in belief.scene
        await belief.publish(site.store)
    assert list(mugs(await site.store.snapshot())) == ["kim-Mug"]


async def test_what_somebody_searched_stays_searched() -> None:
    site = await site_of(house())
    start = await site.store.snapshot()
    ann, kim = Belief(start, "ann"), Belief(start, "kim")
    ann.observe(look("ann", 1.0, "Table|1"))
    table = SeenObject(source_id="Table|1", type="Table", pose=TABLES["Table|1"], states={"dirty": True})
    kim.observe(look("kim", 2.0, "Table|2", table))
    await ann.publish(site.store)
    await kim.publish(site.store)
    assert (await site.store.snapshot())["table-1"].states == {"dirty": True, "searched": True}


async def test_what_another_robot_took_meanwhile_stays_in_its_hand() -> None:
    ann = Node(id="ann", kind="robot", type="Robot", last_seen_s=9.0)
    site = await site_of(house(lying("mug-1", "Table|1", 1), ann))
    kim = Belief(await site.store.snapshot(), "kim")
    kim.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1)))
    await site.store.grasp("ann", "mug-1")
    kim.observe(look("kim", 2.0, "Table|2", thing("?1", "Table|2", 1)))
    await kim.publish(site.store)
    scene = await site.store.snapshot()
    assert scene["mug-1"].parent == "ann"
    assert scene["mug-2"].parent == "table-2"


async def test_a_parent_that_is_gone_does_not_stop_the_rest() -> None:
    site = await site_of(house())
    kim = Belief(await site.store.snapshot(), "kim")
    kim.observe(look("kim", 1.0, "Table|1", thing("?1", "Table|1", 1)))
    kim.observe(look("kim", 2.0, "Table|2", thing("?1", "Table|2", 1)))
    await site.store.apply(Change(remove=("table-1",)))
    await kim.publish(site.store)
    assert {n.parent for n in mugs(await site.store.snapshot()).values()} == {"kitchen-1", "table-2"}


async def test_two_words_that_make_a_ring_do_not_stop_the_rest() -> None:
    bowl, cup = (lying(i, "Table|1", n, attributes={"pickupable": True, "source_id": i})
                 for i, n in (("bowl-1", 1), ("cup-1", 2)))
    site = await site_of(house(bowl, cup))
    start = await site.store.snapshot()
    kim, ann = Belief(start, "kim"), Belief(start, "ann")
    kim.observe(look("kim", 1.0, "Table|1", thing("bowl-1", "Table|1", 2, parent="cup-1"),
                     thing("cup-1", "Table|1", 2)))
    ann.observe(look("ann", 2.0, "Table|1", thing("cup-1", "Table|1", 1, parent="bowl-1")))
    await kim.publish(site.store)
    await ann.publish(site.store)
    scene = await site.store.snapshot()
    assert [a.id for a in scene.ancestors("cup-1")][-1] == "kitchen-1"
    assert [a.id for a in scene.ancestors("bowl-1")][-1] == "kitchen-1"


class _Busy:
    """A store that changes under every write."""

    def __init__(self, site: LocalSite, times: int) -> None:
        self._site, self.left = site, times

    async def snapshot(self) -> Scene:
        return await self._site.store.snapshot()

    async def apply(self, change: Change, expected: Any = None) -> int:
        if self.left:
            self.left -= 1
            await self._site.store.set_states("mug-1", {"n": float(self.left)})
        return await self._site.store.apply(change, expected)


async def test_conflicts_are_tried_again_so_often_and_nothing_is_lost() -> None:
    site = await site_of(house(lying("mug-1", "Table|1", 1)))
    belief = Belief(await site.store.snapshot(), "kim")
    belief.observe(look("kim", 1.0, "Table|1"))
    with refused("SCENE_CONFLICT"):
        await belief.publish(_Busy(site, 100), tries=3)  # type: ignore[arg-type]
    assert (await site.store.snapshot())["mug-1"].parent == "table-1"
    assert belief.scene["mug-1"].parent == "kitchen-1"
    await belief.publish(_Busy(site, 2), tries=3)  # type: ignore[arg-type]
    mug = (await site.store.snapshot())["mug-1"]
    assert (mug.parent, mug.states) == ("kitchen-1", {"n": 0.0})


# either order -------------------------------------------------------------------------------------------------
_looks = st.lists(st.tuples(
    st.sampled_from(["ann", "kim"]), st.sampled_from(sorted(TABLES)),
    st.lists(st.sampled_from(["Mug|1", "Mug|2", "Mug|3", "?cup", "?new"]), unique=True),
    st.sampled_from([0.5, 0.9, 1.0]), st.booleans(), st.integers(-10, 10)), max_size=6)
_SLOTS = {"Mug|1": 1, "Mug|2": 2, "Mug|3": 3, "?cup": 4, "?new": 5}


def _observations(looks: Sequence[tuple[str, str, list[str], float, bool, int]],
                  covariance: tuple[float, ...] | None) -> list[Observation]:
    """What the two robots see, each at its own time; nothing keeps a thing from being seen at two tables."""
    return [look(robot, float(time_s), table, *(
        thing(source, table, _SLOTS[source], off / 1000, confidence=sure, states={"dirty": dirty},
              covariance=covariance, type="Cup" if source == "?cup" else "Mug") for source in sources))
        for time_s, (robot, table, sources, sure, dirty, off) in enumerate(looks, start=1)]


async def _published(scene: Scene, observations: list[Observation], first: str, second: str) -> Scene:
    site = await site_of(scene)
    start = await site.store.snapshot()
    beliefs = {name: Belief(start, name) for name in (first, second)}
    for seen in observations:
        beliefs[seen.robot].observe(seen)
    for belief in beliefs.values():
        await belief.publish(site.store)
        done = await site.store.snapshot()
        belief.rebase(done)
        assert await belief.publish(site.store) == done.version, "nothing private is left"
    return await site.store.snapshot()


def _told(scene: Scene) -> list[tuple[Any, ...]]:
    """The nodes up to ids and versions; places to 3 cm, because words that were voided leave millimetres behind."""
    out = []
    for n in scene:
        name = n.attributes.get("source_id") or (n.type if n.type != "Mug" else "?new")
        at = None if n.pose is None else tuple(round(v / 0.2) for v in (n.pose.x, n.pose.y, n.pose.z))
        out.append((str(name), n.type, n.parent, n.relation, at, sorted(n.states.items()), round(n.confidence, 9),
                    n.last_seen_s, n.source, n.sightings, n.covariance is None))
    return sorted(out, key=repr)


@settings(max_examples=80, deadline=None)
@given(_looks, st.booleans())
def test_two_beliefs_give_the_same_scene_in_either_order(
        looks: list[tuple[str, str, list[str], float, bool, int]], measured: bool) -> None:
    covariance = TIGHT if measured else None
    ids = {"pickupable": True}
    scene = house(lying("mug-1", "Table|1", 1, attributes={**ids, "source_id": "Mug|1"}, covariance=covariance),
                  lying("mug-2", "Table|2", 2, attributes={**ids, "source_id": "Mug|2"}, covariance=covariance),
                  lying("cup-1", "Table|1", 4, type="Cup", covariance=covariance))
    observations = _observations(looks, covariance)

    async def both() -> tuple[Scene, Scene]:
        return (await _published(scene, observations, "ann", "kim"),
                await _published(scene, observations, "kim", "ann"))

    one, other = asyncio.run(both())
    assert _told(one) == _told(other)
