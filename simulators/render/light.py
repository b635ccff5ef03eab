"""How light falls, for both renderers: from the room, from a lamp high above to one side, and from the eye."""

AMBIENT = 0.6
SKY = 0.06
"""How much more of the room's light falls on what faces up than on what faces down."""
SUN = 0.38
HEADLIGHT = 0.14
FADE = 0.02
"""How much each metre of depth dims."""
LIGHT_X, LIGHT_Y, LIGHT_Z = 0.3602, 0.8405, -0.4047
"""Unit vector towards the lamp."""
SHADOW = 0.85
"""How much of the lamp's light something in between keeps off."""
SHADOW_TEXELS_PER_M = 40.0
MOST_SHADOW_TEXELS = 1024
"""Along each side of the shadow map; larger scenes get coarser shadows."""
BIAS_M = 0.015
"""What lies this close below the surface that the lamp meets is not in its own shadow,"""
LIFT_M = 0.035
"""nor is a surface that the lamp only grazes: points are lifted off it by this before they are looked up."""
SHINE = 24
"""How narrow the lamp's mirror image is."""
DULL = 0.75
"""Cosines up to this mirror nothing: the power of less would not show."""
