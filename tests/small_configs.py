"""Tiny configs in a folder of their own, and somebody who may not do everything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "bad_input"

TOWN = """
kind: demand
name: town
extends: small
title: A town
short_title: Town
sources: {community: {contacts_per_year: 400}}
"""
HUBS = "kind: model\nname: hubs\nextends: small\ntitle: With hubs\nshort_title: Hubs\nparameters: {resolved: 0.9}\n"


def small_configs(root: Path, files: Mapping[str, str] | None = None) -> Path:
    """The small model, demand, prices and experiment below ``root``, and more files by place, as ``demand/town``."""
    for kind in ("models", "demand", "prices", "experiments"):
        (root / kind).mkdir(parents=True)
        shutil.copy(CORPUS / kind / "small.yaml", root / kind)
    for place, text in (files or {}).items():
        (root / f"{place}.yaml").write_text(text, encoding="utf-8")
    return root


@contextmanager
def not_root() -> Iterator[None]:
    """Root may read and write anything, so that for a moment somebody else asks."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
