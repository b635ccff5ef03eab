"""Goals and suites' entries from files that people write."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from fleetmind.memory import FleetmindError
from fleetmind.simulators import Goal


def read_goal(path: Path) -> Goal:
    """A goal from JSON or YAML; either the goal itself or a mapping with the key `goal`.

    Raises:
        FleetmindError: `GOAL_FILE`, saying what is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FleetmindError("GOAL_FILE", f"cannot read {str(path)!r}: {error}") from None
    if isinstance(content, dict) and "goal" in content:
        content = content["goal"]
    try:
        return Goal.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        raise FleetmindError("GOAL_FILE", f"{str(path)!r}, {where!r}: {first['msg']}") from None
