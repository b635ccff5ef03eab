"""Between wire messages and validated values: one generic pair, driven by equal field names.

`to_wire(value, Message)` cannot fail on our own values; `from_wire(message, Model)` validates and raises
`WIRE_INVALID`, because a message that parses may still carry NaN, an unknown enum or an id with a newline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

from google.protobuf import struct_pb2
from google.protobuf.message import Message
from pydantic import BaseModel, ValidationError

from fleetmind.memory import FleetmindError

M = TypeVar("M", bound=Message)
V = TypeVar("V", bound=BaseModel)

_VALUE = "google.protobuf.Value"
_UNKNOWN_IF_EMPTY = frozenset({"size", "body", "box", "covariance", "appearance"})
"""Repeated fields that are None where the message has none: an empty size means unknown, not a point."""


def to_wire(value: BaseModel, message_type: type[M]) -> M:
    """The value as a message; fields the message lacks are left out, None leaves a field unset."""
    message = message_type()
    _fill(message, value)
    return message


def from_wire(message: Message, model: type[V]) -> V:
    """The message as a validated value.

    Raises:
        FleetmindError: `WIRE_INVALID`, naming the first offending field.
    """
    try:
        return model.model_validate(_plain(message))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or model.__name__
        raise FleetmindError(
            "WIRE_INVALID", f"{model.__name__}.{where}: {first['msg']} (got {str(first['input'])[:80]!r})"
        ) from None


def to_value(value: Any, target: struct_pb2.Value) -> None:
    """Write a JSON value into a protobuf Value."""
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for key, item in value.items():
            to_value(item, target.struct_value.fields[key])
    else:
        target.list_value.SetInParent()
        for item in value:
            to_value(item, target.list_value.values.add())


def from_value(value: struct_pb2.Value) -> Any:
    """The JSON value in a protobuf Value; whole numbers come back as int."""
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        number = value.number_value
        return int(number) if math.isfinite(number) and number.is_integer() and abs(number) < 2**53 else number
    if kind == "struct_value":
        return {key: from_value(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    return getattr(value, kind) if kind not in (None, "null_value") else None


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A Struct as a plain dictionary."""
    return {key: from_value(item) for key, item in struct.fields.items()}


def to_struct(data: Mapping[str, Any]) -> struct_pb2.Struct:
    """A plain dictionary as a Struct."""
    struct = struct_pb2.Struct()
    for key, item in data.items():
        to_value(item, struct.fields[key])
    return struct


def _is_map(field: Any) -> bool:
    message = field.message_type
    return message is not None and bool(message.GetOptions().map_entry)


def _fill(message: Message, value: BaseModel) -> None:
    for field in message.DESCRIPTOR.fields:
        item = getattr(value, field.name, None)
        if item is None:
            continue
        if _is_map(field):
            target = getattr(message, field.name)
            for key, inner in item.items():
                to_value(inner, target[key])
        elif field.is_repeated:
            _fill_repeated(getattr(message, field.name), item, field)
        elif field.message_type is None:
            setattr(message, field.name, item)
        elif field.message_type.full_name == _VALUE:
            to_value(item, getattr(message, field.name))
        else:
            child = getattr(message, field.name)
            child.SetInParent()
            _fill(child, item)


def _fill_repeated(target: Any, items: Any, field: Any) -> None:
    if field.message_type is None:
        target.extend(items)
        return
    for item in items:
        _fill(target.add(), item)


def _plain(message: Message) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        name = field.name
        if _is_map(field):
            out[name] = {key: from_value(item) for key, item in getattr(message, name).items()}
        elif field.is_repeated:
            items = getattr(message, name)
            values = [_plain(item) for item in items] if field.message_type is not None else list(items)
            if values or name not in _UNKNOWN_IF_EMPTY:
                out[name] = values
        elif field.has_presence and not message.HasField(name):
            continue
        elif field.message_type is None:
            out[name] = getattr(message, name)
        elif field.message_type.full_name == _VALUE:
            out[name] = from_value(getattr(message, name))
        else:
            out[name] = _plain(getattr(message, name))
    return out
