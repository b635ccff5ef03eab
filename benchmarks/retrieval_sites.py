"""Sites for the retrieval bench: one executed scene among generated houses, all of its things known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fleetmind.agents.bodies import bodies_of, world_body
from fleetmind.agents.building import everything_nodes
from fleetmind.memory import Node, Pose, Scene
from fleetmind.simulators import HouseholdWorld, SceneSpec
from fleetmind.simulators.frames import position_to_map

OBJECTS = 2000
LOT_M = 16.0
"""From the centre of one house to the next: they stand as close as their size allows."""
HOUSES = 16
"""Different houses; a larger site has them again."""
ID_STEP = 1000
HERE = 5
"""Which number among the houses the executed one has; ids must not tell that it is another."""


@dataclass(frozen=True, kw_only=True)
class House:
    """One scene as nodes, around the origin."""

    nodes: tuple[Node, ...]
    """Without the site itself."""
    robots: tuple[Node, ...]
    """The fleet, where it stood at the start."""


def executed(scene: Mapping[str, Any], seed: int, robots: Sequence[str]) -> House:
    """A scene as it was when its episode began."""
    world = HouseholdWorld()
    spec = SceneSpec.model_validate(scene)
    world.reset(spec, [world_body(body) for body in bodies_of(robots)], seed=seed)
    layout, everything = world.layout(), world.observe_all()
    nodes = _centred([n for n in everything_nodes(layout, everything["objects"]) if n.kind != "site"])
    shift = _middle([n for n in everything_nodes(layout, everything["objects"]) if n.kind == "room"])
    world.close()
    agents = [_robot(agent, shift, nodes) for agent in everything["agents"]]
    return House(nodes=tuple(nodes), robots=tuple(agents))


@cache
def neighbour(number: int) -> House:
    """A generated house that is nobody's."""
    return executed({"name": f"House{101 + number}", "rooms": ["Kitchen", "LivingRoom", "Bedroom", "Bathroom"]},
                    900 + number, ())


def _middle(nodes: Iterable[Node]) -> tuple[float, float]:
    poses = [n.pose for n in nodes if n.pose is not None]
    xs, ys = [p.x for p in poses], [p.y for p in poses]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _centred(nodes: Sequence[Node]) -> list[Node]:
    x, y = _middle(n for n in nodes if n.kind == "room")
    return [_moved(n, -x, -y) for n in nodes]


def _moved(node: Node, x: float, y: float) -> Node:
    pose = node.pose
    if pose is None:
        return node
    return node.model_copy(update={"pose": pose.model_copy(update={"x": pose.x + x, "y": pose.y + y})})


def _robot(agent: Mapping[str, Any], shift: tuple[float, float], nodes: Iterable[Node]) -> Node:
    place = agent["position"]
    x, y, _ = position_to_map(place["x"], place["y"], place["z"])
    x, y = x - shift[0], y - shift[1]
    room = min((n for n in nodes if n.kind == "room" and n.pose and n.size), key=lambda n: _outside_m(n, x, y))
    return Node(id=agent["name"], kind="robot", type="Robot", parent=room.id, relation="in", pose=Pose(x=x, y=y))


def _outside_m(room: Node, x: float, y: float) -> float:
    assert room.pose is not None
    assert room.size is not None
    return max(abs(x - room.pose.x) - room.size[0] / 2, abs(y - room.pose.y) - room.size[1] / 2)


def placed(house: House, number: int, lot: tuple[int, int], *, foreign: bool) -> Iterator[Node]:
    """The house's nodes on a lot, with ids of their own."""
    def new(node_id: str) -> str:
        stem, dash, last = node_id.rpartition("-")
        return f"{stem}-{int(last) + ID_STEP * number}" if dash and last.isdigit() else node_id

    for node in house.nodes:
        attributes = dict(node.attributes)
        controls = attributes.get("controls")
        if isinstance(controls, list):
            attributes["controls"] = [new(str(c)) for c in controls]
        if foreign:
            attributes["source_id"] = f"{number}/{attributes.get('source_id')}"
        yield _moved(node, lot[0] * LOT_M, lot[1] * LOT_M).model_copy(update={
            "id": new(node.id), "parent": new(str(node.parent)), "attributes": attributes,
            "links": tuple(link.model_copy(update={"to": new(link.to)}) for link in node.links)})
    for robot in house.robots:
        yield _moved(robot, lot[0] * LOT_M, lot[1] * LOT_M).model_copy(update={"parent": new(str(robot.parent))})


def _lots() -> Iterator[tuple[int, int]]:
    """Around the middle, which is left free, ring by ring."""
    ring = 1
    while True:
        side = range(-ring, ring + 1)
        yield from ((x, y) for x in side for y in side if max(abs(x), abs(y)) == ring)
        ring += 1


def neighbourhood(objects: int) -> Scene:
    """Generated houses with so many things, around a free lot; every index is made."""
    nodes = [Node(id="site", kind="site", type="Site")]
    count = number = 0
    for lot in _lots():
        if count >= objects:
            break
        number += 1 + (number + 1 == HERE)
        made = list(placed(neighbour(number % HOUSES), number, lot, foreign=True))[:max(8, objects - count + 4)]
        nodes += made
        count += sum(n.kind != "room" for n in made)
    known = {n.id for n in nodes}
    scene = Scene([n for n in nodes if n.parent is None or n.parent in known], version=1)
    for type_name in ("", *sorted({t for _, t in scene.types()})):
        scene.grid(type_name)
    return scene


def site(around: Scene, house: House) -> Scene:
    """The neighbourhood with the executed house in its middle; what does not change is shared."""
    return around.evolve(placed(house, HERE, (0, 0), foreign=False), (), version=2)
