"""placeholder"""
from pathlib import Path


def write_report(trajectory: Path, out: Path) -> Path:
    """x"""
    return out / "report.html"
