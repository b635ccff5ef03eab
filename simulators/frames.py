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


def euler_to_map(x_deg: float, y_deg: float, z_deg: float) -> Quaternion:
    """A rotation as AI2-THOR gives it for objects (degrees; about z, then x, then y) as a rotation in `map`."""
    x, y, z = (math.radians(angle) / 2 for angle in (x_deg, y_deg, z_deg))
    cx, sx, cy, sy, cz, sz = math.cos(x), math.sin(x), math.cos(y), math.sin(y), math.cos(z), math.sin(z)
    thor = (sx * cy * cz + cx * sy * sz, cx * sy * cz - sx * cy * sz, cx * cy * sz - sx * sy * cz,
            cx * cy * cz + sx * sy * sz)
    # The axes change as positions do, and from a left-handed to a right-handed frame all turns change sign.
    return (-thor[2], thor[0], -thor[1], thor[3])


def euler_from_map(x: float, y: float, z: float, w: float) -> Vector:
    """The inverse: degrees about AI2-THOR's x, y and z, each 0 to 360; looking straight up or down, z is 0."""
    tx, ty, tz = y, -z, -x
    sine = max(-1.0, min(1.0, 2 * (w * tx - ty * tz)))
    if abs(sine) > 1 - 1e-9:
        about_y, about_z = math.atan2(2 * (w * ty - tx * tz), 1 - 2 * (ty * ty + tz * tz)), 0.0
    else:
        about_y = math.atan2(2 * (tx * tz + w * ty), 1 - 2 * (tx * tx + ty * ty))
        about_z = math.atan2(2 * (tx * ty + w * tz), 1 - 2 * (tx * tx + tz * tz))
    degrees = [math.degrees(angle) % 360.0 for angle in (math.asin(sine), about_y, about_z)]
    # The remainder of a tiny negative number rounds up to 360 itself.
    return (degrees[0] % 360.0, degrees[1] % 360.0, degrees[2] % 360.0)
