"""Tests of the simulators room."""
