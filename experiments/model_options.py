"""Commands about what is run, before anything runs: config files, their schema, and the systems that ship."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, add_out, said, written


def add_model_options(commands: Commands) -> None:
    """Add ``validate``, ``schema``, ``diagram``, ``models`` and ``options``."""
    check = add_command(commands, "validate", _validate, "check config files and list every problem")
    check.add_argument("paths", nargs="+", metavar="PATH", type=Path, help="YAML files, or folders of them")
    schema = add_command(commands, "schema", _schema, "write the JSON Schema of config files")
    add_out(schema, "write to a file instead of the screen", "FILE")
    diagram = add_command(commands, "diagram", _diagram, "draw a delivery model: Mermaid text and a picture")
    diagram.add_argument("model", metavar="MODEL", type=Path, help="a model file, or the name of a shipped one")
    add_out(diagram, "write the picture here as HTML (default: MODEL.html)", "FILE")
    models = add_command(commands, "models", _models, "list the systems that ship and what each reproduces")
    models.add_argument(
        "folder", nargs="?", metavar="FOLDER", type=Path, help="a folder of them (default: the shipped ones)"
    )
    options = add_command(commands, "options", _options, "show the tables of delivery vehicles and other options")
    options.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, help="option or price files (default: the shipped ones)"
    )


def _validate(given: argparse.Namespace) -> int:
    from experiments.validate import validate

    return validate(given.paths)


def _schema(given: argparse.Namespace) -> int:
    from experiments.schema_file import schema_text

    return written(schema_text(), given.out)


def _diagram(given: argparse.Namespace) -> int:
    from experiments.diagram import draw

    return said(draw(given.model, given.out))


def _models(given: argparse.Namespace) -> int:
    from experiments.catalogue import listed

    return said(listed(given.folder))


def _options(given: argparse.Namespace) -> int:
    from experiments.catalogue import shipped_tables, tabled

    return said(tabled(given.paths or shipped_tables()))
