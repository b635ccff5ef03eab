"""RoboOS's `scene/profile.yaml`: `scene` is a list of places `{name, type, contains: [names]}`.

Names are all there is: no poses, no states, no robots. What stands in another place's `contains` and is a place itself
(a basket on a table) is one node. `position` ([x, y, z], metres) and `description`, which forks of RoboOS write, are
read as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.assemble import assemble, check_count
from fleetmind.memory.interchange.yaml_text import MAX_BYTES, yaml_strict
from fleetmind.memory.scene import Node, Scene

MARK = "roboos"
"""Attribute that keeps a place's own type and the order of the file."""
_KEYS = ("name", "type", "contains", "position", "description")
_ROOMS = frozenset({"room", "location", "area", "zone", "region", "kitchen", "bedroom", "bathroom", "livingroom"})
_INSIDE = frozenset({"container", "basket", "box", "drawer", "cabinet", "fridge", "refrigerator", "bin", "bag", "safe",
                     "microwave", "oven", "sink"})
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
"""YAML's other line breaks: libyaml writes them as they are, and reads them as blanks."""
_CARRIED: tuple[str, ...] = ("room", "receptacle", "object", "person")
"""Kinds that RoboOS's list can hold; robots stand elsewhere there."""


def scene_from_roboos(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Scene:
    """The scene of a RoboOS profile.

    Args:
        text: YAML, UTF-8 where bytes.
        max_bytes: longer text is refused unread.

    Raises:
        FleetmindError: `YAML_...` as `yaml_strict`; `IMPORT_FORMAT` (not a list of places, an unknown key),
            `IMPORT_INVARIANT` (a name twice, places in each other), and as `scene_from_json`.
    """
    return scene_from_roboos_data(yaml_strict(text, max_bytes=max_bytes))


def scene_from_roboos_data(data: Any) -> Scene:
    """The same of data that is parsed already."""
    if not isinstance(data, dict) or set(data) != {"scene"} or not isinstance(data["scene"], list):
        raise FleetmindError("IMPORT_FORMAT", "a RoboOS profile has one key, `scene`, with a list of places")
    places = [_checked(place, number) for number, place in enumerate(data["scene"])]
    check_count(len(places) + sum(len(place.get("contains") or ()) for place in places))
    raws: dict[str, dict[str, Any]] = {}
    for number, place in enumerate(places):
        if place["name"] in raws:
            raise FleetmindError("IMPORT_INVARIANT", f"place {place['name']!r:.150} stands twice: RoboOS knows a place "
                                                     "by its name")
        raws[place["name"]] = _place(place, number)
    for place in places:
        for number, name in enumerate(place.get("contains") or ()):
            raw = raws.setdefault(name, {"id": name, "kind": "object", "type": _type_of(name),
                                         "attributes": {"pickupable": True, MARK: {}}})
            if "parent" in raw:
                raise FleetmindError("IMPORT_INVARIANT", f"{name!r:.150} is in {raw['parent']!r:.150} and in "
                                                         f"{place['name']!r:.150} (or twice in one): a name is one "
                                                         "thing, number them")
            raw.update(parent=place["name"], relation=_relation(raws[place["name"]]["kind"], place["type"]))
            raw["attributes"][MARK]["item"] = number
    return assemble(raws.values())


def scene_to_roboos(scene: Scene) -> str:
    """The scene as a RoboOS profile: rooms, receptacles and what contains something as places, the rest as names.

    Poses of nodes that did not come with one from RoboOS, states, links and doubt are lost; sites, floors, robots and
    what robots hold are left out.

    Args:
        scene: what to export.
    """
    nodes = [node for node in sorted(scene, key=lambda n: n.id) if node.kind in _CARRIED and not _held(scene, node)]
    inside: dict[str, list[Node]] = {}
    for node in nodes:
        if node.parent is not None:
            inside.setdefault(node.parent, []).append(node)
    entries = [node for node in nodes
               if node.kind in ("room", "receptacle") or node.id in inside or node.parent is None]
    places = [_entry(node, inside.get(node.id, [])) for node in _ordered(entries, "entry")]
    text = _dumped(places, readable=True)
    return text if not _BREAKS.search(text) else _dumped(places, readable=False)


def _dumped(places: list[dict[str, Any]], *, readable: bool) -> str:
    return str(yaml.dump({"scene": places}, Dumper=_Dumper, sort_keys=False, allow_unicode=readable,
                         default_flow_style=None, width=120))


def _checked(place: Any, number: int) -> dict[str, Any]:
    """One place, its keys and their kinds checked."""
    where = f"place {number + 1}"
    if not isinstance(place, dict):
        raise FleetmindError("IMPORT_FORMAT", f"{where} is {place!r:.100}: expected name, type and contains")
    unknown = sorted(str(key) for key in place if key not in _KEYS)
    if unknown:
        raise FleetmindError("IMPORT_FORMAT", f"{where} has unknown keys {unknown!r:.200}; there are {list(_KEYS)}")
    contains = place.get("contains")
    texts = [place.get("name"), place.get("type"), place.get("description", ""),
             *(contains if isinstance(contains, list) else ())]
    if not all(isinstance(text, str) for text in texts) or not isinstance(contains, list | None):
        raise FleetmindError("IMPORT_FORMAT", f"{where} ({place.get('name')!r:.100}): name, type and what it contains "
                                              "are texts; put numbers, dates, yes and no in quotes")
    at = place.get("position")
    if "position" in place and not (isinstance(at, list) and len(at) == 3 and all(
            isinstance(m, int | float) and not isinstance(m, bool) for m in at)):
        raise FleetmindError("IMPORT_FORMAT", f"{where} ({place['name']!r:.100}): position must be [x, y, z] in "
                                              f"metres, it is {at!r:.100}")
    return place


def _place(place: Mapping[str, Any], number: int) -> dict[str, Any]:
    mark: dict[str, Any] = {"entry": number, "type": place["type"]}
    attributes: dict[str, Any] = {MARK: mark}
    if "contains" not in place:
        mark["bare"] = True
    if "description" in place:
        attributes["description"] = place["description"]
    raw: dict[str, Any] = {"id": place["name"], "type": _type_of(place["type"]), "attributes": attributes}
    word = place["type"].lower()
    raw["kind"] = "room" if word in _ROOMS else "object" if word == "object" else "receptacle"
    if raw["kind"] == "receptacle":
        attributes["receptacle"] = True
    if "position" in place:
        raw["pose"] = dict(zip("xyz", place["position"], strict=True))
        mark["position"] = place["position"]
    return raw


def _entry(node: Node, inside: list[Node]) -> dict[str, Any]:
    mark = _mark(node)
    own = mark.get("type")
    out: dict[str, Any] = {"name": node.id,
                           "type": own if isinstance(own, str) and _type_of(own) == node.type else node.type}
    if node.pose is not None and "position" in mark:
        out["position"] = [node.pose.x, node.pose.y, node.pose.z]
    if isinstance(node.attributes.get("description"), str):
        out["description"] = node.attributes["description"]
    if inside or not mark.get("bare"):
        out["contains"] = [child.id for child in _ordered(inside, "item")]
    return out


def _ordered(nodes: Iterable[Node], what: str) -> list[Node]:
    """In the order of the file they came from, others after by id."""
    def key(node: Node) -> tuple[bool, int, str]:
        place = _mark(node).get(what)
        known = isinstance(place, int)
        return not known, place if isinstance(place, int) else 0, node.id
    return sorted(nodes, key=key)


def _mark(node: Node) -> Mapping[str, Any]:
    mark = node.attributes.get(MARK)
    return mark if isinstance(mark, dict) else {}


def _held(scene: Scene, node: Node) -> bool:
    return node.relation == "held_by" or any(n.relation == "held_by" for n in scene.ancestors(node.id))


def _relation(kind: str, type_name: str) -> str:
    return "in" if kind == "room" else "inside" if type_name.lower() in _INSIDE else "on"


def _type_of(name: str) -> str:
    """A class in our spelling: `apple_2` is an `Apple`, `kitchenTable` a `KitchenTable`."""
    words = re.findall(r"[^\W\d_]+", name)
    return ("".join(word[0].upper() + word[1:] for word in words) or name)[:64]
