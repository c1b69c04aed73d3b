"""The HTML report."""

from __future__ import annotations

from pathlib import Path


def build_report(folder: Path) -> None:
    (folder / "report.html").write_text("<html></html>")
