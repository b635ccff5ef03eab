"""The bodies that come with the household world, and those a user describes in `fleet.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from fleetmind.agents.sim_embodiment import SimBody
from fleetmind.memory import FleetmindError
from fleetmind.simulators import Body


@cache
def _builtin() -> Mapping[str, Any]:
    text = (files("fleetmind.agents") / "bodies.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


def builtin_bodies() -> dict[str, SimBody]:
    """Every built-in body by name."""
    return {name: SimBody(name=name, **fields) for name, fields in _builtin()["robots"].items()}


def builtin_fleets() -> dict[str, tuple[str, ...]]:
    """Named fleets: the bodies in each."""
    return {name: tuple(bodies) for name, bodies in _builtin()["fleets"].items()}


def bodies_of(wanted: Iterable[str | Mapping[str, Any]]) -> tuple[SimBody, ...]:
    """Resolve names of bodies or fleets, and inline descriptions (`like:` starts from a built-in one).

    Raises:
        FleetmindError: `ROBOT_UNKNOWN`, `ROBOT_CONFIG`, `ROBOT_TWICE`.
    """
    known, fleets = builtin_bodies(), builtin_fleets()
    out: list[SimBody] = []
    for item in wanted:
        if isinstance(item, str):
            names = fleets.get(item, (item,))
            missing = [n for n in names if n not in known]
            if missing:
                raise FleetmindError("ROBOT_UNKNOWN", f"no robot or fleet {missing[0]!r}; robots: {sorted(known)!r}, "
                                                      f"fleets: {sorted(fleets)!r}")
            out += [known[n] for n in names]
        else:
            out.append(_inline(dict(item), known))
    names_of = [b.name for b in out]
    if len(set(names_of)) != len(names_of):
        raise FleetmindError("ROBOT_TWICE", f"robot names must differ, got {names_of!r}")
    return tuple(out)


def _inline(fields: dict[str, Any], known: Mapping[str, SimBody]) -> SimBody:
    like = fields.pop("like", None)
    if like is not None and like not in known:
        raise FleetmindError("ROBOT_UNKNOWN", f"like: {like!r} is not a built-in robot; there are {sorted(known)!r}")
    base = known[like].model_dump() if like is not None else {}
    try:
        return SimBody.model_validate({**base, **fields})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        raise FleetmindError("ROBOT_CONFIG", f"robot {fields.get('name')!r}, {where!r}: {first['msg']}") from None


def world_body(body: SimBody) -> Body:
    """What the world must know of a body."""
    return Body(name=body.name, camera_height_m=body.camera_height_m, speed_mps=body.speed_mps,
                manipulation_s=body.manipulation_s, colour=body.colour)
