"""The typed dispatch table: actions by name, arguments by name, with AI2-THOR's four error codes."""

from __future__ import annotations

import inspect
import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fleetmind.simulators.household.grid import Ground
from fleetmind.simulators.household.state import Household
from fleetmind.simulators.household.visibility import Eyes
from fleetmind.simulators.world import ActionErrorCode

Cost = Literal["free", "drive", "turn", "look", "manipulate"]
"""How the virtual duration of an action follows from the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an action did, before its duration is known."""

    success: bool
    error: str = ""
    code: ActionErrorCode = ""
    value: Any = None
    amount: float = 0.0
    """Metres driven or degrees turned."""
    seconds: float | None = None
    """A duration the action was asked to take."""


OK = Outcome(success=True)


def failed(error: str) -> Outcome:
    """An impossible action, with AI2-THOR's text."""
    return Outcome(success=False, error=error)


@dataclass(frozen=True, slots=True)
class Scene:
    """What an action may touch."""

    state: Household
    eyes: Eyes
    ground: Ground
    agents_intersect: bool = False
    grid_m: float = 0.25


Handler = Callable[..., Outcome]


@dataclass(frozen=True, slots=True)
class Spec:
    """One action: its handler and the types of its arguments."""

    name: str
    handler: Handler
    cost: Cost
    arguments: dict[str, Any]
    required: frozenset[str]
    loose: bool
    """Takes and ignores arguments it does not know (AI2-THOR's ServerAction)."""
    settles: bool
    """May start or end something that happens by itself."""


ACTIONS: dict[str, Spec] = {}

COMMON_ARGUMENTS = frozenset({
    "action", "sequenceId", "renderImage", "agentId", "renderObjectImage", "renderClassImage",
    "renderNormalsImage", "renderInstanceSegmentation", "renderSemanticSegmentation", "renderDepthImage",
    "renderFlowImage"})
"""Allowed on every action."""


def action(*names: str, cost: Cost, loose: bool = False, settles: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler `(scene, agent, *, argument: type = default, ...)` under one or more names."""
    def register(handler: Handler) -> Handler:
        hints = typing.get_type_hints(handler)
        named = [p for p in inspect.signature(handler).parameters.values() if p.kind is p.KEYWORD_ONLY]
        for name in names:
            ACTIONS[name] = Spec(
                name, handler, cost, {p.name: hints[p.name] for p in named},
                frozenset(p.name for p in named if p.default is p.empty), loose, settles)
        return handler
    return register


def bind(request: Mapping[str, Any]) -> tuple[Spec, dict[str, Any]] | Outcome:
    """Find the action and check its arguments; an Outcome when the request is malformed."""
    name = request.get("action")
    if not isinstance(name, str) or name not in ACTIONS:
        return _malformed("InvalidAction", f"Invalid action: {name!r}. Known actions: {', '.join(sorted(ACTIONS))}")
    spec = ACTIONS[name]
    values: dict[str, Any] = {}
    for key, value in request.items():
        if key in COMMON_ARGUMENTS:
            continue
        if key not in spec.arguments:
            if spec.loose:
                continue
            return _malformed("InvalidArgument", f"action: {name} has an invalid argument: {key}. "
                              f"Allowed: {', '.join(sorted(spec.arguments)) or 'none'}")
        converted = convert(value, spec.arguments[key])
        if converted is _BAD:
            return _malformed("InvalidArgument", f"action: {name} has an invalid argument: {key}. "
                              f"Cannot convert {value!r:.100} to {_type_name(spec.arguments[key])}")
        values[key] = converted
    missing = sorted(spec.required - values.keys())
    if missing:
        return _malformed("MissingArguments",
                          f"action: {name} is missing the following arguments: {', '.join(missing)}")
    return spec, values


def _malformed(code: ActionErrorCode, error: str) -> Outcome:
    return Outcome(success=False, error=error, code=code)


_BAD = object()
"""What `convert` answers for a value of the wrong type."""


def convert(value: object, wanted: Any) -> Any:
    """The value as the wanted type, or `_BAD`."""
    options = typing.get_args(wanted) if typing.get_origin(wanted) in (typing.Union, type(int | None)) else (wanted,)
    if value is None and type(None) in options:
        return None
    for option in options:
        made = _convert_one(value, option)
        if made is not _BAD:
            return made
    return _BAD


def _convert_one(value: object, wanted: Any) -> Any:
    origin = typing.get_origin(wanted) or wanted
    if origin is bool:
        return value if isinstance(value, bool) else _BAD
    if origin is float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(value) if number and math.isfinite(value) and abs(value) < 1e6 else _BAD  # type: ignore[arg-type]
    if origin is int:
        return value if isinstance(value, int) and not isinstance(value, bool) else _BAD
    if origin is str:
        return value if isinstance(value, str) else _BAD
    if origin is dict:
        return _vector(value)
    if origin is list:
        if not isinstance(value, (list, tuple)) or len(value) > 10_000:
            return _BAD
        inner = (typing.get_args(wanted) or (Any,))[0]
        made = [convert(item, inner) for item in value]
        return _BAD if any(item is _BAD for item in made) else made
    return _BAD


def _vector(value: object) -> Any:
    """A mapping of axis names to finite numbers."""
    if not isinstance(value, Mapping) or not value:
        return _BAD
    made = {str(k): _convert_one(v, float) for k, v in value.items()}
    return made if all(k in "xyz" and v is not _BAD for k, v in made.items()) else _BAD


def _type_name(wanted: Any) -> str:
    return getattr(wanted, "__name__", str(wanted))
