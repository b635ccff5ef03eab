"""Positions with covariance, frame `map`, metres: symmetric 3 x 3 matrices as (xx, xy, xz, yy, yz, zz)."""

from __future__ import annotations

from fleetmind.memory.scene import Pose

Covariance = tuple[float, float, float, float, float, float]
_Vector = tuple[float, float, float]

GATE = 11.345
"""99th percentile of chi-square with 3 degrees of freedom: so far apart two true sightings of one point rarely are."""
DEFAULT_STD_M = 0.10
"""Standard deviation of a position whose covariance is not known, per axis, metres."""
_MIN_VARIANCE = 1e-6  # (1 mm)^2, so that no matrix is singular
_MAX_VARIANCE = 1.0  # (1 m)^2: who knows less than that says nothing, and would match half a room


def isotropic(std_m: float) -> Covariance:
    """The covariance with the same standard deviation in all directions, metres."""
    return (std_m**2, 0.0, 0.0, std_m**2, 0.0, std_m**2)


_DEFAULT = isotropic(DEFAULT_STD_M)


def usable(covariance: Covariance | None) -> Covariance:
    """The covariance made safe to invert: unknown, not positive definite or huge ones are replaced by a default."""
    if covariance is None:
        return _DEFAULT
    xx, xy, xz, yy, yz, zz = covariance
    xx, yy, zz = xx + _MIN_VARIANCE, yy + _MIN_VARIANCE, zz + _MIN_VARIANCE
    if max(xx, yy, zz) > _MAX_VARIANCE:
        return isotropic(_MAX_VARIANCE**0.5)
    safe = (xx, xy, xz, yy, yz, zz)
    definite = xx > 0 and xx * yy - xy * xy > 0 and _determinant(safe) > 1e-30
    return safe if definite else _DEFAULT


def _determinant(m: Covariance) -> float:
    xx, xy, xz, yy, yz, zz = m
    return xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz)


def _inverse(m: Covariance) -> Covariance:
    xx, xy, xz, yy, yz, zz = m
    det = _determinant(m)
    return ((yy * zz - yz * yz) / det, (xz * yz - xy * zz) / det, (xy * yz - xz * yy) / det,
            (xx * zz - xz * xz) / det, (xy * xz - xx * yz) / det, (xx * yy - xy * xy) / det)


def _times(m: Covariance, v: _Vector) -> _Vector:
    xx, xy, xz, yy, yz, zz = m
    x, y, z = v
    return (xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z)


def _plus(a: Covariance, b: Covariance) -> Covariance:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5])


def mahalanobis_sq(one: Pose, covariance: Covariance | None, other: Pose, other_covariance: Covariance | None) -> float:
    """Squared Mahalanobis distance of two positions under the sum of their covariances."""
    apart = (one.x - other.x, one.y - other.y, one.z - other.z)
    if apart == (0.0, 0.0, 0.0):
        return 0.0
    turned = _times(_inverse(_plus(usable(covariance), usable(other_covariance))), apart)
    return max(0.0, sum(a * b for a, b in zip(apart, turned, strict=True)))


def fuse(one: Pose, covariance: Covariance, other: Pose, other_covariance: Covariance) -> tuple[Pose, Covariance]:
    """Both positions weighted by their inverse covariances (information form); `one` gives the orientation."""
    info, other_info = _inverse(usable(covariance)), _inverse(usable(other_covariance))
    both = _inverse(_plus(info, other_info))
    pull, other_pull = _times(info, (one.x, one.y, one.z)), _times(other_info, (other.x, other.y, other.z))
    x, y, z = _times(both, (pull[0] + other_pull[0], pull[1] + other_pull[1], pull[2] + other_pull[2]))
    return one.model_copy(update={"x": x, "y": y, "z": z}), both


def spread_m(covariance: Covariance | None) -> float:
    """An upper bound of the standard deviation in any direction, metres: the root of the trace."""
    xx, _, _, yy, _, zz = usable(covariance)
    return float((xx + yy + zz) ** 0.5)


def reach_m(covariance: Covariance | None) -> float:
    """A radius around a position beyond which nothing known to 0.3 m or better is within the gate, metres."""
    return float((GATE * (spread_m(covariance) ** 2 + 0.3**2)) ** 0.5)
