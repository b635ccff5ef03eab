"""Base of fleetmind's data: frozen, keyword-only, unknown fields refused, finite numbers only."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints
from typing_extensions import TypeAliasType

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""A short name that is safe in keys, paths and ids: robots, sites, skills, tasks."""

NodeId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f{}*]+$")]
"""Id of a scene-graph node: ours (`mug-3`), printable, no control characters, braces or stars."""

JsonScalar = str | bool | int | float | None
# A named alias: pydantic recurses for ever on a plain recursive union.
JsonValue = TypeAliasType("JsonValue", "JsonScalar | list[JsonValue] | dict[str, JsonValue]")


class Model(BaseModel):
    """A value: compare it, keep it, send it; never change it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
