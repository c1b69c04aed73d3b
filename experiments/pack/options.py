"""The options of ``run.py report``; nothing here is slow to import."""

from __future__ import annotations

import argparse
import sys

from experiments.command_line import Commands, add_command, add_finished

ABOUT = """built inside DIR, from its tables and manifest alone (docs/pack.md):
  report.html, report.docx, results.xlsx, charts/ (SVG, PNG, CSV, alt text), pack.zip
"""


def add_pack_options(commands: Commands) -> None:
    """Add ``report``."""
    command = add_command(
        commands, "report", _report, "build everything that is handed out from a results folder", ABOUT
    )
    add_finished(command)
    command.add_argument("--no-pictures", action="store_true", help="leave out SVG and PNG, which need Chromium")


def _report(given: argparse.Namespace) -> int:
    from experiments.pack.build import build_pack

    made, missing = build_pack(given.results, not given.no_pictures)
    print("\n".join(made))
    for sentence in missing:
        print(sentence, file=sys.stderr)
    return 2 if missing else 0
