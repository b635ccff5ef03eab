"""Pictures on the wire: raw little-endian pixels, PNG for people."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.protocol import world_pb2 as pb

if TYPE_CHECKING:
    from fleetmind.simulators.world import Frame

MAX_SIDE = 1024
"""Largest picture side, pixels, that travels over the wire."""


def check_size(width: int, height: int) -> None:
    """Refuse pictures that are too large to send.

    Raises:
        WorldError: WORLD_ACTION.
    """
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise WorldError("WORLD_ACTION", f"picture {width!r}x{height!r}: each side must be 1 to {MAX_SIDE} pixels")


def to_wire(frame: Frame) -> pb.Pictures | None:
    """A frame's pictures; None when it has none."""
    if frame.rgb is None or frame.depth is None or frame.ids is None:
        return None
    height, width = frame.rgb.shape[:2]
    return pb.Pictures(
        width=width, height=height, rgb=frame.rgb.astype("u1").tobytes(), depth=frame.depth.astype("<f4").tobytes(),
        ids=frame.ids.astype("<i4").tobytes(), id_names=frame.id_names)


def from_wire(message: pb.Pictures) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """RGB (HxWx3), depth in metres (HxW) and instance ids (HxW) of a message.

    Raises:
        WorldError: WORLD_UNAVAILABLE when the sizes do not match, so the peer is not a world server.
    """
    h, w = message.height, message.width
    if len(message.rgb) != 3 * h * w or len(message.depth) != 4 * h * w or len(message.ids) != 4 * h * w:
        raise WorldError("WORLD_UNAVAILABLE", f"pictures of {w}x{h} arrived with {len(message.rgb)} bytes of RGB; "
                         "the peer speaks another version of world.proto")
    return (
        np.frombuffer(message.rgb, dtype="u1").reshape(h, w, 3).copy(),
        np.frombuffer(message.depth, dtype="<f4").reshape(h, w).astype(np.float32),
        np.frombuffer(message.ids, dtype="<i4").reshape(h, w).astype(np.int32))


def png(rgb: npt.NDArray[np.uint8]) -> bytes:
    """An RGB picture (HxWx3) as PNG."""
    from PIL import Image  # only where a person wants a picture
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, format="PNG", compress_level=3)
    return out.getvalue()
