"""The hindcast in plain English: on the screen, in ``hindcast.md`` and on its page."""

from __future__ import annotations

import math

import pandas as pd

from experiments.hindcast.forecast import MONEY, RUNNING
from experiments.hindcast.score import SCORED, Score, UnitScore
from experiments.report.words import MINUS, Number, pounds
from experiments.statistics import LEVEL

DEFINITION = (
    "“Nothing changes” is the latest earlier actual figure marked as used to set inputs, carried forward; without one, "
    "the forecast's own first year carried forward (people and packages of a year only); else it is not known."
)

HEADS = ("Year", "Measure", "Model", "Actual", "Forecast", "95% band", "Inside", "Error", "“Nothing changes”", "Skill")


def number(value: float, unit: str = "") -> str:
    """A figure as a table for people shows it: '1,234', '12.3', '£1,234', '£23.67m'. The CSV has it in full."""
    if math.isnan(value):
        return "not known"
    if unit == MONEY and abs(value) >= 1e6:
        return f"{MINUS if value < 0 else ''}£{abs(value) / 1e6:,.2f}m"
    digits = 0 if abs(value) >= 100 or value == round(value) else 1
    text = f"{abs(value):,.{digits}f}"
    minus = MINUS if value < 0 and float(text.replace(",", "")) else ""
    return f"{minus}{'£' if unit == MONEY else ''}{text}"


def said(value: float, unit: str) -> str:
    """A size as a sentence gives it, to two significant figures: '220', '£26.3m'."""
    if unit == MONEY and not math.isnan(value):
        return str(pounds(Number(value, "")))
    if math.isnan(value) or abs(value) < 100:
        return number(value)
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return number(round(value / step) * step)


def percent(share: float) -> str:
    """A share as a percentage: '4.2%', '38%'."""
    if math.isnan(share):
        return "not known"
    size = abs(share) * 100
    text = f"{size:.0f}" if size >= 10 or size == 0 else f"{size:.1f}"
    return f"{MINUS if share < 0 and float(text) else ''}{text}%"


def headline(score: Score) -> str:
    """The answer in one sentence."""
    if score.figures == 0:
        return "There is nothing to score: every figure was used to set inputs."
    return f"{score.inside} of {score.figures} figures {_lie(score)} inside the forecast's 95% bands."


def _lie(score: Score) -> str:
    return "lies" if score.figures == 1 else "lie"


def how_sure(score: Score) -> str:
    """The coverage with its exact interval, and what it says of the bands."""
    if score.figures == 0:
        return ""
    share = f"That is {percent(score.inside / score.figures)} (exact 95% interval {percent(score.low)} to "
    share += f"{percent(score.high)}). "
    if score.high < LEVEL:
        wrong = "the forecast was wrong by more than chance, or the actual figures count something else."
        return f"{share}Bands that hold would have 95%: {wrong}"
    if score.low > 0.5:
        return share + "That does not speak against the bands, which should hold 95%."
    return share + "With so few figures that says little for or against the bands, which should hold 95%."


def errors(score: Score) -> list[str]:
    """Mean absolute errors, in the unit and in per cent, and against "nothing changes"."""
    lines = []
    if score.percentage_figures:
        left_out = score.figures - score.percentage_figures
        note = f" ({left_out} left out, being 0)" if left_out else ""
        lines.append(f"On average the forecast was {percent(score.percentage_error)} off the actual figure{note}.")
    lines += [_unit(unit) for unit in score.units]
    return lines


def _unit(unit: UnitScore) -> str:
    count = "1 figure" if unit.figures == 1 else f"{unit.figures} figures"
    error = said(unit.error, unit.unit)
    first = f"{unit.unit[:1].upper()}{unit.unit[1:]} ({count}): the mean absolute error is {error}."
    if not unit.compared:
        return f"{first} What “nothing changes” would have said is not known."
    some = f" (over the {unit.compared} where it is known)" if unit.compared < unit.figures else ""
    naive = said(unit.naive_error, unit.unit)
    if math.isnan(unit.skill):
        return f"{first} “Nothing changes”{some} was exactly right, so there is no skill to give."
    own = "" if unit.compared == unit.figures else f" against the forecast's {said(unit.compared_error, unit.unit)}"
    return f"{first} “Nothing changes”{some} was {naive} off{own}: {_skill(unit.skill)}."


def _skill(skill: float) -> str:
    said = f"skill {MINUS if skill < -0.005 else ''}{abs(skill):.2f}"
    if abs(skill) < 0.05:
        return f"{said}, the forecast was about as good"
    return f"{said}, the forecast was {'closer' if skill > 0 else 'further off'}"


def cautions(score: Score, table: pd.DataFrame, first_year: str, unpriced: bool) -> list[str]:
    """What the reader must bear in mind."""
    lines = []
    if score.figures:
        years = "one year" if score.years == 1 else f"{score.years} years"
        lines.append(
            f"These figures come from {years}, and figures of one year move together: they are worth fewer than "
            f"{score.figures} separate checks, and the interval above is too narrow to that extent."
            if score.figures > 1
            else "This is one figure of one year: too little to judge a forecast by."
        )
    lines.append(
        "The bands hold chance alone, at the central inputs. What we do not know about the inputs is not in them."
    )
    scored = table[table["kind"] == SCORED]
    if score.own_first_year:
        lines.append(
            f"For {score.own_first_year} of the figures “nothing changes” is the forecast's own first year: while the "
            "inputs stay level, the forecast says almost the same, and skill near 0 is built in."
        )
    if (scored["year"] == first_year).any():
        lines.append(
            f"Figures of {first_year}, the run's first year, are scored. If inputs were set from that year, mark them "
            "used_to_set_inputs: yes."
        )
    if score.by_range:
        lines.append(f"{score.by_range} of those inside: only the range of the actual figure reaches the band.")
    if table["unit"].isin([MONEY, RUNNING]).any():
        lines.append(
            "Care costs and packages running count packages that began in the run; those that ran before its start are "
            "left out, so an actual figure that includes them lies above."
        )
    if unpriced and (table["unit"] == MONEY).any():
        lines.append("Some packages have no price in the model; care_cost leaves them out.")
    return lines


def markdown(
    title: str, score: Score, table: pd.DataFrame, contacts: dict[str, str], told: list[str], replications: int
) -> str:
    """The whole of ``hindcast.md``."""
    lines = [f"# {title}: the forecast against what happened", "", headline(score), ""]
    sure = how_sure(score)
    lines += [sure, ""] if sure else []
    lines += [f"- {line}" for line in errors(score)]
    lines += ["", "## Bear in mind", "", *(f"- {line}" for line in told), "", "## Every figure", ""]
    lines += [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    for row in table.to_dict("records"):
        unit = row["unit"]
        cells = (
            row["year"],
            f"`{row['measure']}`",
            f"`{row['model']}`",
            number(row["actual"], unit),
            number(row["forecast_mean"], unit),
            f"{number(row['band_low'], unit)} to {number(row['band_high'], unit)}",
            verdict(row["kind"], row["inside"]),
            number(row["error"], unit),
            "" if row["kind"] != SCORED else number(row["naive"], unit),
            "" if math.isnan(row["skill"]) else f"{row['skill']:.2f}".replace("-", MINUS),
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", DEFINITION, "", f"Each forecast is the mean of {replications} runs. Whose contacts were answered:"]
    lines += ["", *(f"- `{model}`: {text}." for model, text in contacts.items())]
    return "\n".join(lines) + "\n"


def verdict(kind: str, inside: bool) -> str:
    """Whether a figure lies in its band; figures that were known are no test."""
    said = "yes" if inside else "no"
    return said if kind == SCORED else f"{said}, calibration"
