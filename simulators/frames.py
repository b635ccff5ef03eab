"""The one place where AI2-THOR's coordinates become frame `map` and back.

AI2-THOR: left-handed, y up; yaw in degrees clockwise (seen from above) from +z; horizon in degrees, positive down.
Frame `map` (REP 103): right-handed, z up, x forward, y left, radians, quaternion x y z w. AI2-THOR's +z is `map`'s
+x, and its +x is `map`'s -y, so a body with yaw 0 looks along `map`'s x axis.
"""

from __future__ import annotations

import math

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""x y z w, of unit length."""


def position_to_map(x: float, y: float, z: float) -> Vector:
    """A point (metres) from AI2-THOR's frame to frame `map`."""
    return (z, -x + 0.0, y)


def position_from_map(x: float, y: float, z: float) -> Vector:
    """A point (metres) from frame `map` to AI2-THOR's frame."""
    return (-y + 0.0, z, x)


def size_to_map(x: float, y: float, z: float) -> Vector:
    """The extent (metres) of an axis-aligned box from AI2-THOR's frame to frame `map`."""
    return (z, x, y)


def size_from_map(x: float, y: float, z: float) -> Vector:
    """The extent (metres) of an axis-aligned box from frame `map` to AI2-THOR's frame."""
    return (y, z, x)


def yaw_to_map(yaw_deg: float) -> Quaternion:
    """A heading (degrees clockwise from +z) as a rotation about `map`'s z axis."""
    return rotation_to_map(yaw_deg, 0.0)


def yaw_from_map(x: float, y: float, z: float, w: float) -> float:
    """The heading of a body with that rotation in `map`, in degrees clockwise from AI2-THOR's +z, 0 to 360."""
    return rotation_from_map(x, y, z, w)[0]


def rotation_to_map(yaw_deg: float, horizon_deg: float) -> Quaternion:
    """Heading and camera tilt as a rotation in `map`: first about z, then about the turned y axis."""
    # Clockwise seen from above is negative about z; looking down is positive about y (left), by the right hand.
    yaw, pitch = -math.radians(yaw_deg) / 2, math.radians(horizon_deg) / 2
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    return (-sy * sp, cy * sp, sy * cp, cy * cp)


def rotation_from_map(x: float, y: float, z: float, w: float) -> tuple[float, float]:
    """Heading (degrees, 0 to 360) and camera tilt (degrees, positive down) of a rotation in `map` without roll."""
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    heading = -math.degrees(yaw) % 360.0
    # The remainder of a tiny negative number rounds up to 360 itself.
    return (0.0 if heading >= 360.0 else heading), math.degrees(pitch)
