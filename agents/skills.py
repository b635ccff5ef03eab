"""`@skill`: turn a typed, documented async method into something a brain can call and a fleet can check.

A skill without docstring, without annotated parameters or without a described parameter fails when its class
is made, not at the first call.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from fleetmind.memory import FleetmindError, SkillSpec

F = TypeVar("F", bound=Callable[..., Awaitable[dict[str, Any] | None]])
_MARK = "__fleetmind_skill__"


@dataclass(frozen=True, kw_only=True)
class _Mark:
    preconditions: tuple[str, ...]
    effects: tuple[str, ...]
    resources: tuple[str, ...]
    retry_safe: bool
    timeout_s: float


@dataclass(frozen=True, kw_only=True)
class Skill:
    """A method with its declaration."""

    spec: SkillSpec
    """What the fleet and the brain know of it."""
    model: type[BaseModel]
    """Validates the arguments."""
    method: Callable[..., Awaitable[dict[str, Any] | None]]
    """The undecorated function."""

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Validated arguments; raises pydantic's ValidationError."""
        return dict(self.model.model_validate(dict(given)))

    async def call(self, body: Any, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Run the method on a body."""
        return await self.method(body, **arguments)


def skill(
    *, preconditions: tuple[str, ...] = (), effects: tuple[str, ...] = (), resources: tuple[str, ...] = (),
    retry_safe: bool = False, timeout_s: float = 120.0,
) -> Callable[[F], F]:
    """Mark an async method of an `Embodiment` as a skill.

    The docstring's first paragraph becomes the description, its `Args:` section describes the parameters
    (state units there), the annotations become the JSON schema.

    Args:
        preconditions: in words, over the parameters: `"{object} is within reach"`.
        effects: in words: `"the robot holds {object}"`.
        resources: what it occupies exclusively: `base`, `arm`.
        retry_safe: repeating it after a crash does no harm.
        timeout_s: hard limit of one execution, wall seconds.
    """

    def mark(method: F) -> F:
        setattr(method, _MARK, _Mark(preconditions=preconditions, effects=effects, resources=resources,
                                     retry_safe=retry_safe, timeout_s=timeout_s))
        return method

    return mark


def collect_skills(cls: type) -> dict[str, Skill]:
    """All skills of a class, its bases included.

    Raises:
        FleetmindError: `SKILL_DECLARATION`, naming the method and what is missing.
    """
    found: dict[str, Skill] = {}
    for name in dir(cls):
        method = inspect.getattr_static(cls, name, None)
        mark = getattr(method, _MARK, None)
        if callable(method) and isinstance(mark, _Mark):
            found[name] = _declare(name, method, mark)
    return found


def _declare(name: str, method: Callable[..., Any], mark: _Mark) -> Skill:
    if not inspect.iscoroutinefunction(method):
        raise FleetmindError("SKILL_DECLARATION", f"skill {name!r} must be `async def`")
    text = inspect.getdoc(method)
    if not text:
        raise FleetmindError("SKILL_DECLARATION", f"skill {name!r} needs a docstring: the brain reads it")
    hints = get_type_hints(method, include_extras=True)
    described = _described_arguments(text)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        if parameter.name not in hints or parameter.name not in described:
            raise FleetmindError(
                "SKILL_DECLARATION",
                f"skill {name!r}, parameter {parameter.name!r}: annotate it and describe it under `Args:` with units",
            )
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], Field(default, description=described[parameter.name]))
    model = create_model(f"{name}_arguments", __config__=ConfigDict(extra="forbid", allow_inf_nan=False), **fields)
    schema = model.model_json_schema()
    schema.pop("title", None)
    spec = SkillSpec(
        name=name, description=text.split("\n\n")[0].replace("\n", " ").strip()[:1000], parameters=schema,
        preconditions=mark.preconditions, effects=mark.effects, resources=mark.resources,
        retry_safe=mark.retry_safe, timeout_s=mark.timeout_s,
    )
    return Skill(spec=spec, model=model, method=method)


def _described_arguments(text: str) -> dict[str, str]:
    match = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", text, flags=re.MULTILINE)
    described: dict[str, str] = {}
    name = ""
    for line in match.group(1).splitlines() if match else []:
        start = re.match(r"^ {4}(\w+): (.+)$", line)
        if start:
            name = start.group(1)
            described[name] = start.group(2).strip()
        elif name and line.strip():
            described[name] += f" {line.strip()}"
    return described
