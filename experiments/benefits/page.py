"""``benefits.html``: what a plan is to save, with ranges, and what has come of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from experiments import theme
from experiments.benefits import words
from experiments.benefits.plan import Plan
from experiments.benefits.tables import ALL, SOLVED, inputs_table
from experiments.charts import spans
from experiments.charts.bands import Mark, bands
from experiments.report import render
from experiments.report.pieces import Chart, Row, Table
from experiments.saying import number, pounds, records, roughly
from experiments.variances import INSIDE

KEY = (
    (theme.TINT_TODAY, "", "where 95 of 100 draws lie; the line in it is what was expected"),
    (theme.INK, "●", "realised, inside the band"),
    (theme.PROPOSED, "✕", "realised, outside the band"),
)

MONEY_HEADS = ("Planned", "Low", "Middle", "High")


def _money_chart(totals: pd.DataFrame) -> Chart:
    rows = [row for row in records(totals) if row["scheme"] == ALL]
    labels = [f"{row['period']}, {'all payers' if row['payer'] == ALL else words.PAYERS[row['payer']]}" for row in rows]
    figure = spans(
        labels,
        [row["planned_saving"] for row in rows],
        [None] * len(rows),
        [(row["saving_low"], row["saving_high"]) for row in rows],
        [row["payer"] == ALL for row in rows],
        axis_title="Pounds a year",
        prefix="£",
    )
    told = [
        f"{label}: planned {pounds(row['planned_saving'])}, range {roughly(row['saving_low'])} to "
        f"{roughly(row['saving_high'])}"
        for label, row in zip(labels, rows, strict=True)
    ]
    caption = "The dot is what is planned; the line is where 95 of 100 draws of the assumptions lie."
    return Chart("benefits-money", figure, f"Planned savings and their ranges. {'; '.join(told)}.", caption)


def _money_table(totals: pd.DataFrame, title: str) -> Table:
    rows = []
    for row in records(totals[totals["period"] == title]):
        name = row["scheme_title"] if row["payer"] == ALL else f"{row['scheme_title']}, {words.saved_by(row)}"
        if math.isnan(row["planned_saving"]):
            cells: Sequence[str] = (words.NONE_CLAIMED, *(words.NOT_KNOWN,) * 3)
        else:
            ends = (roughly(row[key]) for key in ("saving_low", "saving_median", "saving_high"))
            cells = (words.planned(row), *ends)
        rows.append(Row((name, *cells, "not split" if math.isnan(row["cost"]) else pounds(row["cost"]))))
    heads = (f"Scheme, {title}", *MONEY_HEADS, "Cost of the scheme")
    return Table(f"Savings of {title} by scheme and payer", heads, (False, *(True,) * 5), rows, open=True)


def _number_table(lines: pd.DataFrame) -> Table:
    rows = []
    for row in records(lines):
        worth = pounds(row["unit_value"])
        worth = f"{worth}, {row['unit_value_is']}"
        rows.append(
            Row(
                (
                    f"{row['period']}, {row['scheme_title']}",
                    row["benefit_title"],
                    number(row["planned_avoided"]),
                    f"{number(row['avoided_low'])} to {number(row['avoided_high'])}",
                    worth,
                    pounds(row["planned_saving"]),
                    words.PAYERS[row["payer"]],
                )
            )
        )
    heads = ("Scheme", "What is avoided", "Planned", "Range", "What one is worth", "Planned saving", "Saved by")
    return Table("Numbers avoided × unit values", heads, (False, False, True, True, False, True, False), rows)


def _inputs_table(plan: Plan) -> Table:
    rows = [
        Row((str(row["input"]), f"{row['low']:,g}", f"{row['high']:,g}", str(row["why"])))
        for row in records(inputs_table(plan))
    ]
    return Table(
        "What the ranges rest on", ("Input", "Low", "High", "Why"), (False, True, True, False), rows, open=True
    )


def _profile_charts(plan: Plan, profile: pd.DataFrame) -> list[tuple[str, Chart]]:
    found = []
    for index, (benefit, scheme) in enumerate(
        dict.fromkeys(zip(profile["benefit"], profile["scheme"], strict=True))
    ):  # fmt: skip
        rows = records(profile[(profile["benefit"] == benefit) & (profile["scheme"] == scheme)])
        title = rows[0]["benefit_title"] + ("" if scheme == ALL else f": {plan.schemes[scheme]}")
        figure = bands(
            [row["quarter"] for row in rows],
            [(row["expected_avoided"], row["band_low"], row["band_high"]) for row in rows],
            [_mark(place, row) for place, row in enumerate(rows)],
            [None] * len(rows),
            most_labels=2,
        )
        told = "; ".join(f"{row['quarter']}: {words.said_of(row)}" for row in rows)
        inside = sum(row["verdict"] == INSIDE for row in rows)
        caption = f"Number a quarter; {inside} of {len(rows)} inside."
        found.append((title, Chart(f"profile-{index}", figure, f"{title} by quarter. {told}.", caption)))
    return found


def _mark(place: int, row: dict[str, Any]) -> Mark:
    kind = "inside" if row["verdict"] == INSIDE else "outside"
    return Mark(place, row["realised_avoided"], row["realised_low"], row["realised_high"], kind)


def _profile_table(plan: Plan, profile: pd.DataFrame) -> Table:
    rows = []
    for row in records(profile):
        scheme = "" if row["scheme"] == ALL else f", {plan.schemes[row['scheme']]}"
        worth = f"{pounds(row['realised_saving'])} of {pounds(row['expected_saving'])}"
        if row["unit_value_is"] == SOLVED:
            ends = (row["realised_saving_low"], row["realised_saving_high"])
            worth += f" ({' to '.join(map(roughly, ends))}; unit value solved back)"
        rows.append(
            Row(
                (
                    f"{row['quarter']}, {row['benefit_title'].lower()}{scheme}",
                    number(row["expected_avoided"]),
                    f"{number(row['band_low'])} to {number(row['band_high'])}",
                    number(row["realised_avoided"]),
                    words.said_of(row),
                    f"{number(row['cumulative_realised'])} of {number(row['cumulative_expected'])} "
                    f"({number(row['cumulative_low'])} to {number(row['cumulative_high'])})",
                    worth,
                    row["source"] or "not given",
                )
            )
        )
    heads = (
        "Quarter", "Expected", "95% band", "Realised", "Variance", "Realised of expected since the first quarter given",
        "Worth, realised of expected", "Source",
    )  # fmt: skip
    return Table("Expected and realised, quarter by quarter", heads, (False, True, True, True, *(False,) * 4), rows,
                 open=True)  # fmt: skip


def page(plan: Plan, lines: pd.DataFrame, totals: pd.DataFrame, profile: pd.DataFrame | None, version: str) -> str:
    """The page as text."""
    tables = ["benefits", "benefits_totals", "inputs", *(["profile"] if profile is not None else [])]
    return render(
        "benefits.html",
        title=plan.loaded.config.title,
        headline=words.headline(totals),
        how_sure=words.how_sure(plan, totals),
        shares=words.shares(totals),
        told=words.cautions(plan, totals),
        money=_money_chart(totals),
        money_tables=[_money_table(totals, title) for title in plan.periods.values()],
        solved_back=words.SOLVED_BACK if any(b.back_solved for b in plan.benefits.values()) else "",
        numbers=_number_table(lines),
        inputs=_inputs_table(plan),
        not_modelled=[(item.what, item.why) for item in plan.loaded.config.not_modelled],
        profile=None if profile is None else {
            "headline": words.inside(profile),
            "told": words.about_profile(plan, profile),
            "key": KEY,
            "pictures": _profile_charts(plan, profile),
            "table": _profile_table(plan, profile),
        },
        data=tables,
        draws=f"{plan.tracking.input_draws:,}",
        seed=str(plan.tracking.seed),
        version=version,
    )  # fmt: skip
