"""What surfaces are made of: one small texture each, and how it shines. The same for both renderers.

Textures are computed, not loaded: integer hashes of texel numbers, so that they are the same bits everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

SIZE = 64
"""Texels along each side of a texture; it repeats."""

NAMES = ("plain", "glow", "tiles", "plaster", "planks", "carpet", "wood", "metal", "fabric", "stone", "ceramic",
         "glass", "plastic", "paper", "food", "leather", "leaf")
"""Materials by their number in `Primitives.look`."""
NUMBER = {name: number for number, name in enumerate(NAMES)}
GLOW = NUMBER["glow"]

_SALIENT = {"Metal": "metal", "Wood": "wood", "Plastic": "plastic", "Glass": "glass", "Ceramic": "ceramic",
            "Stone": "stone", "Fabric": "fabric", "Rubber": "plastic", "Food": "food", "Paper": "paper",
            "Wax": "plastic", "Soap": "ceramic", "Sponge": "food", "Organic": "leaf", "Leather": "leather"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """M materials as arrays."""

    texture: npt.NDArray[np.float32]
    """(M, SIZE, SIZE) by how much a texel is brighter or darker than the colour, around 1."""
    texels_per_m: Floats
    """(M,) how fine the texture is."""
    gloss: Floats
    """(M,) how much light it mirrors, 0 to 1."""


def salient(materials: tuple[str, ...]) -> int:
    """The material of a thing by AI2-THOR's salient materials; plain for none."""
    return next((NUMBER[_SALIENT[m]] for m in materials if m in _SALIENT), 0)


@cache
def materials() -> Materials:
    """The table."""
    a, b = np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij")
    grain = 0.5 * _smooth(a // 16, b, 1) + 0.3 * _smooth(a // 8, b // 2, 2) + 0.2 * _noise(a // 4, b, 3)
    cloud = 0.5 * _smooth(a // 8, b // 8, 4) + 0.3 * _smooth(a // 4, b // 4, 5) + 0.2 * _noise(a, b, 6)
    fine = _noise(a, b, 7)
    weave = ((a // 2 + b // 2) % 2) * 0.6 + 0.4 * fine
    joint = ((a % 32 < 1) | (b % 32 < 1)).astype(np.float64)
    board = (b % 16 < 1).astype(np.float64)
    each = _noise(a // 64, b // 16, 8)
    looks: dict[str, tuple[Floats, float, float]] = {
        "plain": (np.ones((SIZE, SIZE)), 32, 0.0),
        "glow": (np.ones((SIZE, SIZE)), 32, 0.0),
        "tiles": (1 - 0.16 * joint + 0.03 * (_noise(a // 32, b // 32, 9) - 0.5) + 0.02 * (fine - 0.5), 64, 0.12),
        "plaster": (1 + 0.05 * (cloud - 0.5), 48, 0.0),
        "planks": ((1 + 0.14 * (grain - 0.5) + 0.1 * (each - 0.5)) * (1 - 0.3 * board), 96, 0.06),
        "carpet": (1 + 0.22 * (fine - 0.5) + 0.06 * (cloud - 0.5), 192, 0.0),
        "wood": (1 + 0.24 * (grain - 0.5), 160, 0.05),
        "metal": (1 + 0.06 * (_noise(b, b * 0, 10) - 0.5) + 0.02 * (fine - 0.5), 256, 0.35),
        "fabric": (1 + 0.16 * (weave - 0.5), 320, 0.0),
        "stone": (1 + 0.2 * (cloud - 0.5), 128, 0.1),
        "ceramic": (1 + 0.01 * (fine - 0.5), 64, 0.3),
        "glass": (np.ones((SIZE, SIZE)), 32, 0.5),
        "plastic": (1 + 0.02 * (fine - 0.5), 128, 0.16),
        "paper": (1 + 0.05 * (fine - 0.5), 256, 0.0),
        "food": (1 + 0.2 * (cloud - 0.5), 400, 0.08),
        "leather": (1 + 0.12 * (cloud - 0.5) + 0.06 * (fine - 0.5), 256, 0.1),
        "leaf": (1 + 0.3 * (grain - 0.5), 300, 0.03),
    }
    return Materials(texture=np.stack([looks[name][0] for name in NAMES]).astype(np.float32),
                     texels_per_m=np.array([looks[name][1] for name in NAMES], dtype=np.float64),
                     gloss=np.array([looks[name][2] for name in NAMES]))


def _noise(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], salt: int) -> Floats:
    """A number from 0 to 1 for each pair of whole numbers."""
    h = (a.astype(np.uint64) * np.uint64(0x9E3779B1) + b.astype(np.uint64) * np.uint64(0x85EBCA77)
         + np.uint64(salt * 0xC2B2AE3D)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39), (15, 1)):
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return h.astype(np.float64) / 4294967295.0


def _smooth(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], salt: int) -> Floats:
    """Noise without hard steps: the mean of what is around, the texture's other side included."""
    raw = _noise(a, b, salt)
    total = sum(np.roll(raw, (i, j), axis=(0, 1)) for i in range(-2, 3) for j in range(-2, 3))
    out: Floats = np.asarray(total) / 25
    return out
