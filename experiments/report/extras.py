"""The pages beside the main ones, in the order in which pages link to them."""

from __future__ import annotations

from experiments.report.annex import note
from experiments.report.annex import page as annex
from experiments.report.pages import Extra
from experiments.report.plain import animation, easy

EXTRAS: tuple[Extra, ...] = (
    Extra("easy-read.html", "Easy read: short sentences and large type", easy.draft),
    Extra("animation.html", "A hundred dots that move (optional)", animation.draft),
    Extra("robustness.html", "The robustness note, one page for the finance director", note.draft),
    Extra("annex.html", "The technical annex, with its sign-off", annex.draft),
)
