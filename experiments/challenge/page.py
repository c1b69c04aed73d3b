"""``challenge.html``: both sides beside each other, for a committee."""

from __future__ import annotations

import math

from experiments.challenge import words
from experiments.challenge.assumptions import Challenge
from experiments.challenge.tables import DIFFERENCE, Found
from experiments.elicit.words import figure, packages, spending
from experiments.report import render
from experiments.report.pieces import Row, Table
from experiments.report.words import capital
from experiments.saying import records, roughly


def page(challenge: Challenge, found: Found, title: str, year: str, scenario: str, seed: str, version: str) -> str:
    """The page as text."""
    return render(
        "challenge.html",
        title=title,
        headline=words.headline(challenge, found, year),
        apart=words.apart(found),
        agreeing=[line.strip() for line in words.of_agreeing(found)],
        of_inputs=words.of_inputs(found),
        told=(scenario, *words.BEAR_IN_MIND),
        sides=_sides(challenge, found, year),
        inputs=_inputs(found),
        reasons=_reasons(found),
        seed=seed,
        version=version,
    )


def _sides(challenge: Challenge, found: Found, year: str) -> Table:
    rows = []
    for row in records(found.sides):
        apart = row["side"] == DIFFERENCE
        drawn = bool(row["draws"])
        money = f"{roughly(row['saving_low'])} to {roughly(row['saving_high'])}" if drawn else "no inputs drawn"
        rows.append(
            Row(
                (
                    words.side_of(challenge, row["side"]),
                    words.signed(row["packages"]) if apart else packages(row["packages"]),
                    words.range_of(row),
                    words.money(row["saving"]) if apart else spending(row["saving"]),
                    money,
                )
            )
        )
    heads = ("Whose values", "Funded packages a year", "95% over what neither disputes", f"Care money in {year}, gross",
             "95% over what neither disputes, saved")  # fmt: skip
    return Table("The two answers", heads, (False, True, True, True, True), rows, open=True)


def _inputs(found: Found) -> Table:
    rows = []
    for row in records(found.inputs):
        given = "none given" if math.isnan(row["low"]) else f"{figure(row['low'])} to {figure(row['high'])}"
        cells = [capital(row["title"]), figure(row["officers"]), given, figure(row["challenger"])]
        cells += [words.money(row["saving_alone"]), words.money(row["saving_last"])]
        cells += [] if found.unsplit else [words.signed(row["packages_share"]), words.money(row["saving_share"])]
        rows.append(Row(tuple(cells)))
    heads = ["Input", "Officers", "Officers' range", "Challenger", "Saving, changed alone", "Saving, changed last"]
    heads += [] if found.unsplit else ["Share of the difference, packages", "Share of the difference, saving"]
    return Table("The difference, input by input", heads, (False, *(True,) * (len(heads) - 1)), rows, open=True)


def _reasons(found: Found) -> Table:
    rows = [Row((capital(row["title"]), row["status"], row["who"], row["why"])) for row in records(found.inputs)]
    heads = ("Input", "The officers' value is", "Challenged by", "Why")
    return Table("Who challenges what, and why", heads, (False,) * 4, rows, open=True)
