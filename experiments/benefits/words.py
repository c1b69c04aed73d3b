"""The benefits of a plan in plain English: on the screen and on its page."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from experiments.benefits.plan import Plan
from experiments.benefits.tables import ALL, PRINTED, SOLVED
from experiments.saying import listed, number, pounds, records, roughly, said
from experiments.variances import BELOW, INSIDE, variance

PAYERS = {"council": "the Council", "nhs": "the NHS", "client": "clients", "carer": "carers", "provider": "providers"}
NONE_CLAIMED, NOT_KNOWN = "none claimed", "not known"
MARK = "*"
SOLVED_BACK = (
    f"{MARK} rests, in part at least, on unit values that are printed nowhere and solved back from the totals."
)


def of_all(totals: pd.DataFrame, payer: str = ALL) -> list[dict[str, Any]]:
    """The rows of the whole plan, one a period, for a payer or all."""
    return records(totals[(totals["scheme"] == ALL) & (totals["payer"] == payer)])


def headline(totals: pd.DataFrame) -> str:
    """The answer in one sentence: what is planned, and whose money most of it is."""
    rows = of_all(totals)
    planned = listed([f"{pounds(row['planned_saving'])} in {row['period']}" for row in rows])
    payers = [payer for payer in dict.fromkeys(totals["payer"]) if payer != ALL]
    share = {payer: [row["share_of_planned"] for row in of_all(totals, payer)] for payer in payers}
    most = [payer for payer in payers if all(one > 0.5 for one in share[payer])]
    if not most or len(payers) == 1:
        return f"Planned: {planned}."
    return f"Planned: {planned}. Most of it is money of {PAYERS[most[0]]}."


def saved_by(row: dict[str, Any]) -> str:
    """Whose money a row of the totals is; of the whole plan, with its share."""
    share = f" ({row['share_of_planned']:.0%})" if row["scheme"] == ALL else ""
    return f"saved by {PAYERS[row['payer']]}{share}"


def planned(row: dict[str, Any]) -> str:
    """A planned saving, marked where it rests on a unit value that was solved back."""
    return pounds(row["planned_saving"]) + (MARK if row["on_solved_back"] > 0 else "")


def how_sure(plan: Plan, totals: pd.DataFrame) -> str:
    """The ranges of the whole plan."""
    ranges = [
        f"{roughly(row['saving_low'])} to {roughly(row['saving_high'])} in {row['period']}" for row in of_all(totals)
    ]
    return f"If the assumptions hold, what comes of it lies from {listed(ranges)} (95 of 100 draws)."


def shares(totals: pd.DataFrame) -> list[str]:
    """Whose money it is: one sentence a payer."""
    lines = []
    for payer in (payer for payer in dict.fromkeys(totals["payer"]) if payer != ALL):
        parts = [
            f"{row['share_of_planned']:.0%} in {row['period']} ({pounds(row['planned_saving'])}; "
            f"{roughly(row['saving_low'])} to {roughly(row['saving_high'])})"
            for row in of_all(totals, payer)
        ]
        name = PAYERS[payer]
        lines.append(f"Saved by {name}: {listed(parts)}.")
    return lines


def cautions(plan: Plan, totals: pd.DataFrame) -> list[str]:
    """What the reader must bear in mind."""
    solved = [benefit for benefit in plan.benefits.values() if benefit.back_solved]
    lines = []
    if solved:
        rests = listed([f"{row['on_solved_back'] / row['planned_saving']:.0%} in {row['period']}"
                        for row in of_all(totals) if row["planned_saving"]])  # fmt: skip
        count, every = said(len(solved)), said(len(plan.benefits))
        lines.append(
            f"{count.capitalize()} of the {every} unit values {'is' if len(solved) == 1 else 'are'} printed nowhere: "
            f"solved back from the plan's totals. Of what is planned, {rests} rests on them."
        )
    rows = of_all(totals)
    below = [row["period"] for row in rows if row["saving_median"] < 0.98 * row["planned_saving"]]
    if below:
        middles = listed([f"{roughly(row['saving_median'])} in {row['period']}" for row in rows])
        lines.append(
            f"What is planned is not the middle of the range, which is {middles}: the assumptions leave more room for "
            "less than for more."
        )
    lines += [
        "All ranges are assumptions, not measurements; each stands with its reason in the table of inputs. They are "
        "drawn independently of each other, and those that two benefits share are drawn once for both.",
        "Overlap between schemes is not modelled: the numbers of all schemes are added as if none were counted twice.",
        "A number avoided × a unit value is money that somebody might not spend. It is cash only where something is "
        "closed or a contract cut, and what the schemes cost is not taken off.",
    ]
    silent = records(totals[(totals["scheme"] != ALL) & totals["planned_saving"].isna()])
    if silent:
        names = listed(list(dict.fromkeys(row["scheme_title"] for row in silent)))
        cost = listed([
            f"{pounds(sum(row['cost'] for row in silent if row['period'] == title))} in {title}"
            for title in plan.periods.values()
        ])  # fmt: skip
        lines.append(f"No saving is claimed for {names}, which cost {cost}. That is not a saving of nought.")
    return lines


def about_profile(plan: Plan, profile: pd.DataFrame) -> list[str]:
    """What the reader must bear in mind of expected and realised."""
    lines = [
        "“Realised” is the change that was counted. It may have come about in any way: nothing here says that the "
        "schemes did it, or that they did not.",
        "How a year of the plan falls on its quarters is an assumption with a range of its own.",
    ]
    by_chance = profile["chance_in_band"].astype(bool)
    counted = [b for b in plan.benefits.values() if (by_chance & (profile["benefit"] == b.name)).any()]
    if counted:
        parts = listed([f"{b.title.lower()}: {b.before:,g} a year before" for b in counted])
        lines.append(
            f"Bands of all schemes together hold chance too ({parts}); each count is taken to vary as a Poisson one, "
            "which is the least."
        )
    open_ended = profile[(profile["band_low"] <= 0) & (profile["expected_avoided"] > 0)]
    if len(open_ended):
        names = listed(list(dict.fromkeys(str(title).lower() for title in open_ended["benefit_title"])))
        lines.append(
            f"Bands that reach to nought or below ({names}): one such quarter cannot show whether anything was avoided."
        )
    without = profile[~by_chance]
    if len(without):
        names = listed(list(dict.fromkeys(str(title).lower() for title in without["benefit_title"])))
        lines.append(f"Without chance, so too narrow, are bands of: {names} (no number before the plan to go by, or a "
                     "single scheme's).")  # fmt: skip
    return lines


def inside(profile: pd.DataFrame) -> str:
    """How many realised figures lie in their bands."""
    count, every = int((profile["verdict"] == INSIDE).sum()), len(profile)
    below = int((profile["verdict"] == BELOW).sum())
    more = f" {below} {'lies' if below == 1 else 'lie'} below, {every - count - below} above." if count < every else ""
    return f"{count} of {every} realised figures {'lies' if every == 1 else 'lie'} inside the expected bands.{more}"


def said_of(row: dict[str, Any]) -> str:
    """A row of the profile in words."""
    return variance(
        row["expected_avoided"], (row["band_low"], row["band_high"]), row["realised_avoided"],
        (row["realised_low"], row["realised_high"]), number,
    )  # fmt: skip


def on_screen(plan: Plan, lines: pd.DataFrame, totals: pd.DataFrame, profile: pd.DataFrame | None) -> list[str]:
    """What the terminal says."""
    told = [headline(totals), how_sure(plan, totals), ""]
    for title in plan.periods.values():
        told += [f"{title:<46}{'planned ':>14}{'low':>13}{'middle':>13}{'high':>13}"]
        for row in records(totals[totals["period"] == title]):
            name = row["scheme_title"] if row["payer"] == ALL else f"  {saved_by(row)}"
            if math.isnan(row["planned_saving"]):
                told.append(f"  {name:<44}{NONE_CLAIMED:>13}")
                continue
            ends = "".join(f"{roughly(row[key]):>13}" for key in ("saving_low", "saving_median", "saving_high"))
            told.append(f"  {name:<44}{planned(row) if row['on_solved_back'] else planned(row) + ' ':>14}{ends}")
        told.append("")
    if any(benefit.back_solved for benefit in plan.benefits.values()):
        told += [SOLVED_BACK, ""]
    told.append("What one is worth:")
    for b in plan.benefits.values():
        worth = SOLVED if b.back_solved else PRINTED
        told.append(f"  {b.title}: {pounds(b.pounds)} ({worth}), saved by {PAYERS[b.payer]}")
    if profile is not None:
        told += ["", inside(profile)]
        told += [
            f"  {row['quarter']} {row['benefit_title']}{_of(plan, row)}: {number(row['realised_avoided'])} realised, "
            f"{number(row['expected_avoided'])} expected ({number(row['band_low'])} to {number(row['band_high'])}); "
            f"{said_of(row)}; since the first quarter given: {number(row['cumulative_realised'])} of "
            f"{number(row['cumulative_expected'])}"
            for row in records(profile)
        ]
    told += ["", "Bear in mind:", *(f"  {line}" for line in cautions(plan, totals))]
    return [*told, *(f"  {line}" for line in about_profile(plan, profile))] if profile is not None else told


def _of(plan: Plan, row: dict[str, Any]) -> str:
    return "" if row["scheme"] == ALL else f" ({plan.schemes[row['scheme']]})"
