"""The report of a run: one self-contained page and a short animation, made from a recorded trajectory alone."""

from fleetmind.console.report.gif import write_gif
from fleetmind.console.report.page import write_report

__all__ = ["write_gif", "write_report"]
