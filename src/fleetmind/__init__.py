"""fleetmind: one vision-language brain runs a fleet of robots."""

__version__ = "0.1.0"
