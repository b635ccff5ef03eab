"""How light falls, for both renderers."""

AMBIENT = 0.58
SUN = 0.36
HEADLIGHT = 0.18
FADE = 0.02
"""How much each metre of depth dims."""
LIGHT_X, LIGHT_Y, LIGHT_Z = 0.36, 0.84, -0.41
"""Direction to the light, nearly of unit length."""
