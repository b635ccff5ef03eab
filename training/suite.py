"""Suites: instructions with scenes, robots and goals, as data."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, model_validator

from fleetmind.brain.plan import RefusalCode
from fleetmind.memory import FleetmindError, Model
from fleetmind.simulators import Goal, SceneSpec

MAX_SUITE_BYTES = 4_000_000


class Entry(Model):
    """One instruction of a suite: with a goal, or with the code it must be refused with."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    """Unique in the suite."""
    task: str = Field(min_length=1, max_length=64)
    """What it is a wording of; several entries may share it."""
    instruction: str = Field(max_length=20_000)
    """What the person says."""
    scene: SceneSpec
    """Where."""
    seed: int = Field(0, ge=0)
    """Of the scene."""
    fleet: str | tuple[str, ...] = "trio"
    """Built-in fleet, or names of built-in robots."""
    goal: Goal | None = None
    """Judged by the world; the brain never sees it."""
    refuse: RefusalCode | None = None
    """The code it must be refused with."""

    @model_validator(mode="after")
    def _one_of(self) -> Entry:
        if (self.goal is None) == (self.refuse is None):
            raise ValueError("give either `goal` or `refuse`")
        return self

    @property
    def robots(self) -> tuple[str, ...]:
        """Names for `bodies_of`."""
        return (self.fleet,) if isinstance(self.fleet, str) else self.fleet


class Suite(Model):
    """A named list of entries."""

    name: str
    """Of the suite."""
    version: int = 1
    """Raise it when goals change: results of different versions are not comparable."""
    entries: tuple[Entry, ...] = Field(min_length=1, max_length=10_000)
    """In order."""

    @model_validator(mode="after")
    def _unique(self) -> Suite:
        ids = [e.id for e in self.entries]
        twice = {i for i in ids if ids.count(i) > 1}
        if twice:
            raise ValueError(f"ids appear twice: {sorted(twice)!r}")
        return self


def load_suite(name_or_path: str) -> Suite:
    """A built-in suite by name (`household`), or one from a YAML file.

    Raises:
        FleetmindError: `SUITE`, saying which entry and which field.
    """
    path: Any = Path(name_or_path)
    if not path.suffix:
        path = files("fleetmind.training") / "suites" / f"{name_or_path}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FleetmindError("SUITE", f"cannot read suite {name_or_path!r}: {error}") from None
    if len(text) > MAX_SUITE_BYTES:
        raise FleetmindError("SUITE", f"{name_or_path!r} has {len(text)} bytes; at most {MAX_SUITE_BYTES}")
    try:
        return Suite.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise FleetmindError("SUITE", f"{name_or_path!r} is not YAML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        raise FleetmindError("SUITE", f"{name_or_path!r}, {where}: {first['msg']}") from None
