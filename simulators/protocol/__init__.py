"""The wire of the world server: `world.proto` and the code generated from it."""
