"""The pages beside the main ones, in the order in which pages link to them."""

from __future__ import annotations

from experiments.report.pages import Extra

EXTRAS: tuple[Extra, ...] = ()
