"""What the business case says of the vehicles: the board's ratings, its table of totals, and dates of mobilisation."""

from __future__ import annotations

from typing import Any

from experiments import theme
from experiments.charts.beside import Series, beside
from experiments.charts.matrix import matrix
from experiments.charts.months import month_name
from experiments.charts.phases import Phase, Step, phases
from experiments.report import words
from experiments.report.pieces import Chart, Row, Table
from experiments.report.service_facts import Block, key_of
from experiments.report.transition_facts import Transition
from experiments.report.words import Number, Phrase

QUESTIONS = {
    "market_appetite": "Is there market appetite for it?",
    "can_be_delegated": "Could it carry out statutory functions?",
    "culture_and_process": "Could it deliver cultural and process change?",
    "savings_and_income": "Could it generate savings or more income?",
    "tested_elsewhere": "Has it been tested by other councils?",
}
"""The board's criteria, in the order and nearly the words of its table."""

SAID = {
    "yes": ("✓", theme.TINT_TODAY),
    "no": ("✗", theme.WHITE),
    "HIGH": ("HIGH", theme.TODAY),
    "MEDIUM": ("MEDIUM", theme.TINT_TODAY),
    "LOW": ("LOW", theme.WHITE),
}
"""What the board says, as it is drawn."""

PREPARING, UNTIL, GROWING, WHOLE = theme.PROPOSED, theme.GREY, theme.THIRD, theme.TODAY
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def ratings(one: Transition) -> Block | None:
    """The options matrix: ticks and ratings by vehicle, as the board gave them."""
    rows = one.results.rows("vehicle_ratings")
    if not rows:
        return None
    vehicles = list(dict.fromkeys(str(row["vehicle"]) for row in rows))
    said = {(str(row["vehicle"]), str(row["criterion"])): row for row in rows}
    asked = [name for name in QUESTIONS if all((vehicle, name) in said for vehicle in vehicles)]
    titles = {vehicle: words.careful(str(said[vehicle, asked[0]]["title"])) for vehicle in vehicles}
    cells = [[SAID[str(said[vehicle, name]["board_says"])] for name in asked] for vehicle in vehicles]
    spoken = "; ".join(
        f"{titles[vehicle]}: {', '.join(_spoken(said[vehicle, name]) for name in asked)}" for vehicle in vehicles
    )
    alt = f"The board's judgement of each vehicle. {' '.join(QUESTIONS[name] for name in asked)} {spoken}."
    figure = matrix([titles[vehicle] for vehicle in vehicles], [QUESTIONS[name] for name in asked], cells, alt)
    chart = Chart(
        "matrix",
        figure,
        alt,
        "✓ yes, ✗ no; HIGH, MEDIUM or LOW. The darker, the better the board judged it.",
        files=("vehicle_ratings",),
    )
    made = [
        Row((titles[vehicle], *(_spoken(said[vehicle, name]).capitalize() for name in asked))) for vehicle in vehicles
    ]
    heads = ("Vehicle", *(QUESTIONS[name] for name in asked))
    table = Table("The board's options matrix", heads, (False,) * len(heads), made, open=True)
    notes = [
        f"{titles[str(row['vehicle'])]}: {words.careful(str(row['note'])).rstrip('.')}." for row in rows if row["note"]
    ]
    text: list[Phrase | str] = [
        "This is the project board's own judgement of winter 2015/16. Nothing was measured for it, no scores or "
        "weights are printed, and it enters no figure of this report.",
        *notes,
    ]
    return Block("How the board judged them", text, [chart], [table])


def _spoken(row: dict[str, Any]) -> str:
    return str(row["board_says"]).lower()


def published(one: Transition) -> Block:
    """The business case's own totals."""
    rows, titles, saved, judged = [], [], [], []
    for row in one.results.rows("vehicles_published"):
        keys = {"vehicle": row["vehicle"]}

        def number(column: str, keys: dict[str, Any] = keys) -> Number:
            return one.results.need("vehicles_published", column, **keys)

        titles.append(words.careful(str(row["title"])))
        saved.append(number("efficiency_saving"))
        judged.append(number("target_delivered"))
        rows.append(
            Row(
                (
                    titles[-1],
                    words.whole(saved[-1]),
                    words.percent(number("delivery_factor")),
                    words.whole(judged[-1]),
                    words.whole(number("total_benefit")),
                    str(row["culture_and_process"]).capitalize(),
                    str(row["savings_and_income"]).capitalize(),
                )
            )
        )
    heads = ("Vehicle", "Efficiency saving", "Judged factor", "Factor × target", "Total benefit",
             "Rated: culture and process", "Rated: savings and income")  # fmt: skip
    text: list[Phrase | str] = [
        "As printed in the business case, pounds over three years. The factor is a judgement multiplied by the target, "
        "and the ratings are the board's judgement: they enter no figure of this report.",
    ]
    table = Table("The business case's own table", heads, (False, *([True] * 4), False, False), rows, open=True)
    series = [
        Series("Efficiency saving, printed", [n.value for n in saved], [None] * len(saved), "circle", theme.TODAY),
        Series("Judged factor × target", [n.value for n in judged], [None] * len(judged), "diamond", theme.WHITE),
    ]
    figure = beside(titles, series, axis_title="pounds over three years, as printed", prefix="£")
    said = "; ".join(
        f"{title}: {words.pounds(own)} efficiency, {words.pounds(wider)} judged"
        for title, own, wider in zip(titles, saved, judged, strict=True)
    )
    chart = Chart(
        "published_totals",
        figure,
        f"What the business case prints for each vehicle. {said}.",
        "Most of each printed total is the target times a judged factor.",
        key=key_of(series),
    )
    return Block("What is printed", text, [chart], [table])


def month_number(one: Transition, month: str) -> float:
    """A month counted from the first April of the run."""
    first = int(one.years[0][:4]) * 12 + 3
    year, _, number = month.partition("-")
    return float(int(year) * 12 + int(number) - 1 - first)


def starts(one: Transition) -> Block:
    """When each would start: published phases where the results have them, and what the runs take."""
    runs = sorted(one.headlines, key=lambda run: str(one.runs[run]["starts"]))
    decided, labels, bars, steps = None, [], [], []
    for run in runs:
        plan = _plan(one, run)
        label, own, marks = _phases(one, run, plan)
        labels.append(label)
        bars.append(own)
        steps.append(marks)
        known = [row for row in plan if row["phase"] == "decided"]
        decided = month_number(one, str(known[0]["month"])) if known else decided
    figure = phases(labels, bars, steps, one.years, decided)
    key = [
        (PREPARING, "", "Getting ready, as printed"),
        (UNTIL, "", "To the latest month printed"),
        (GROWING, "", "In the runs: a part of the service"),
        (WHOLE, "", "In the runs: all of the service"),
    ]
    used = {phase.colour for row in bars for phase in row if phase.end > phase.start}
    spoken = " Letters are printed steps. The dotted line is the month of the decision." if decided is not None else ""
    chart = Chart(
        "timeline",
        figure,
        f"When each vehicle starts, to {one.end}. {'. '.join(labels)}.",
        f"Upper bars are what the documents print, lower bars what the runs take. “Assumed”: at least one date that "
        f"they take is an assumption.{spoken}",
        key=[entry for entry in key if entry[0] in used],
        files=("mobilisation", "transition_runs"),
    )
    rows = [
        Row(
            (
                one.name(run),
                words.careful(str(one.runs[run]["route_title"])),
                month_name(str(one.runs[run]["starts"])),
                "printed" if one.runs[run]["dates"] == "published" else "assumption",
            )
        )
        for run in runs
    ]
    table = Table("Starts", ("Vehicle", "Route", "Starts", "Dates"), (False,) * 4, rows, open=True)
    dates = _dates_table(one, runs)
    return Block("When each would start", charts=[chart], tables=[table, *([dates] if dates is not None else [])])


def _plan(one: Transition, run: str) -> list[dict[str, Any]]:
    mine = one.runs[run]
    rows = one.results.rows("mobilisation")
    return [row for row in rows if (row["vehicle"], row["route"]) == (mine["vehicle"], mine["route"])]


def _phases(one: Transition, run: str, plan: list[dict[str, Any]]) -> tuple[str, list[Phase], list[Step]]:
    """The label, the bars and the lettered steps of a vehicle's route."""
    known = {str(row["phase"]): month_number(one, str(row["month"])) for row in plan if row["month"]}
    begins, last = month_number(one, str(one.runs[run]["starts"])), 12.0 * len(one.years)
    full = min(max(begins, known.get("full_scope", begins)), last)
    bars = [Phase(begins, full, GROWING), Phase(full, last, WHOLE)]
    if "decided" in known and "ready" in known:
        latest = max(known.get("ready_at_last", known["ready"]), known["ready"])
        bars.append(Phase(known["decided"], known["ready"], PREPARING, upper=True))
        bars.append(Phase(known["ready"], latest, UNTIL, upper=True))
    is_known = one.runs[run]["dates"] == "published"
    label = f"{one.name(run)}: {month_name(str(one.runs[run]['starts']))}{'' if is_known else ', assumed'}"
    steps, said = [], []
    printed = [row for row in plan if row["phase"] == "milestone" or (row["phase"] == "ready" and row["month"])]
    named = any(row["phase"] == "milestone" for row in printed)
    for letter, row in zip(LETTERS, (row for row in printed if not named or row["phase"] == "milestone"), strict=False):
        month = str(row["printed_month"] or row["month"])
        steps.append(Step(month_number(one, month), letter))
        what = str(row["what"])
        said.append(f"({letter}) {what[:1].lower() + what[1:]} {month_name(month)}")
    if plan and not printed:
        said.append("no date is printed")
    return words.careful("; ".join([label, *said])), bars, steps


def _dates_table(one: Transition, runs: list[str]) -> Table | None:
    rows = []
    for run in runs:
        for row in _plan(one, run):
            month = month_name(str(row["printed_month"] or row["month"])) if row["month"] else "not published"
            note = words.careful(words.capital(str(row["note"]))) or "none"
            what, status = words.careful(str(row["what"])), str(row["status"])
            rows.append(Row((one.name(run), what, month, "printed" if status == "published" else status, note)))
    if not rows:
        return None
    heads = ("Vehicle", "What", "When", "Status", "Note")
    return Table("Dates printed and dates taken", heads, (False,) * 5, rows)
