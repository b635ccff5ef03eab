"""The wire: `fleet.proto`, its generated code, and conversion to validated values."""

PROTOCOL_VERSION = 1
"""Robot and fleet service must agree on it."""
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
"""Largest message either side accepts; pictures are the reason it is not smaller."""
