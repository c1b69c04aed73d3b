"""Runs ``staffing`` and writes a folder of its own."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.asking import at_work
from experiments.charts import spans
from experiments.cluster import seen_from
from experiments.command_line import Orders
from experiments.goal.page import asked_page
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import capital
from experiments.saying import records
from experiments.staffing import told
from experiments.staffing.case import Case, case_of
from experiments.staffing.kept import Roster, remember
from experiments.staffing.search import Trials, fewest
from simulation.errors import shown

KEPT, OUT_OF_REACH = 0, 1

TEAM_HEADS = ("Team", "Months", "Practitioners", "In the model", "Busy on average", "With one fewer")
STANDARD_HEADS = ("Standard", "Months", "People a year", "In time, of 100 (middle 95%)", "Kept in replications")


@dataclass(frozen=True)
class Request:
    """What is asked: see ``staffing.options``."""

    config: str
    model: str | None
    standards: tuple[str, ...]
    teams: tuple[str, ...]
    share: float
    probability: float
    by: str
    years: int
    replications: int


def run_staffing(request: Request, orders: Orders) -> tuple[int, list[str]]:
    """Find the fewest practitioners, and write ``staffing.html``, tables and manifest.

    Returns:
        0, or 1 where no number of practitioners keeps the standards; and what to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    path = str(seen_from(orders.cluster, request.config))
    key = (path, request.model, request.standards, request.teams, request.years)
    case, prepared = case_of(*key)
    remember(key, case)
    known = {"inputs": "central values", "asked": asdict(request)}
    with (
        at_work(prepared, "staffing", request, orders) as work,
        work.folder(f"{prepared.experiment.name}_staffing", known, 1) as folder,
    ):
        trials = Trials(case, key, request.by, request.share, request.probability, request.replications, work.answers,
                        _progress(case, request.by, orders.quiet))  # fmt: skip
        roster, loads = fewest(trials)
        found = told.Found(trials, roster, loads)
        tables = {"staffing_standards": told.standards_table(found), "staffing_tried": told.tried_table(trials)}
        if roster is not None:
            tables = {"staffing": told.staffing_table(found), **tables}
        for name, table in tables.items():
            folder.table(name, table)
        lines, bear = told.lines(found), told.cautions()
        title = prepared.experiment.title
        page = asked_page(title, "How many practitioners would it take?", lines, bear, [_picture(found)],
                          _tables(found), list(tables), work.foot)  # fmt: skip
        folder.text("staffing.html", page)
        work.manifest["outcome"] = {"kept": roster is not None, "roster": roster, "teams": case.teams, "said": lines}
    code = KEPT if roster is not None else OUT_OF_REACH
    said = [*work.from_before(), *lines, "", *bear, "", f"Page and tables: {shown(folder.path / 'staffing.html')}"]
    return code, said


def _progress(case: Case, by: str, quiet: bool) -> Callable[[Roster], None]:
    def say(roster: Roster) -> None:
        if not quiet:
            print(f"Trying {told.roster_words(case, by, roster)} …", file=sys.stderr)

    return say


def _picture(found: told.Found) -> Chart:
    trials = found.trials
    seen = trials.seen[found.roster if found.roster is not None else told.endless(trials)]
    labels, values, wide = [], [], []
    for place, one in enumerate(trials.case.standards):
        shares = told.spread(seen, place)
        if shares:
            labels.append(capital(one.title))
            values.append(100 * float(np.mean(shares)))
            low, high = np.quantile(shares, [0.025, 0.975])
            wide.append((100 * float(low), 100 * float(high)))
    picture = spans(
        labels, values, [None] * len(labels), wide, [True] * len(labels),
        axis_title="Seen in time, of 100 people",
    )  # fmt: skip
    said = "; ".join(
        f"{label}: {value:.0f} ({low:.0f} to {high:.0f})"
        for label, value, (low, high) in zip(labels, values, wide, strict=True)
    )
    caption = f"The dot is the mean, the line the middle 95% of replications; asked: {100 * trials.share:g} of 100."
    return Chart("staffing", picture, f"Seen in time. {said}.", caption)


def _tables(found: told.Found) -> list[Table]:
    trials, made = found.trials, []
    if found.roster is not None:
        rows = [Row(_team_cells(row)) for row in records(told.staffing_table(found))]
        made.append(Table("Fewest practitioners", TEAM_HEADS, (False, False, True, True, True, False), rows, open=True))
    rows = [Row(_standard_cells(row)) for row in records(told.standards_table(found))]
    made.append(Table("The standards", STANDARD_HEADS, (False, False, True, True, True), rows, open=True))
    tried = [
        Row((row["roster"], f"{row['kept']} of {row['replications']}", "enough" if row["good"] else "too few"))
        for row in records(told.tried_table(trials))
    ]
    made.append(Table("Every roster tried", ("Roster", "Kept in replications", ""), (False, True, False), tried))
    return made


def _team_cells(row: dict[str, Any]) -> tuple[str, ...]:
    tried = row["one_fewer_replications"]
    fewer = "nobody would be left"
    if not math.isnan(tried):
        fewer = f"kept in {row['one_fewer_kept']:.0f} of {tried:.0f} tried: too few"
    team = capital(told.called(row["team"]))
    return (team, row["months"], str(row["practitioners"]), row["practitioners_in_the_model"], f"{row['busy']:.1f}",
            fewer)  # fmt: skip


def _standard_cells(row: dict[str, Any]) -> tuple[str, ...]:
    within = "nobody was due"
    if not math.isnan(row["within"]):
        within = f"{100 * row['within']:.0f} ({100 * row['within_low']:.0f} to {100 * row['within_high']:.0f})"
    name = f"{capital(row['place'].replace('_', ' '))}, {row['days']} days from {row['since']}"
    return name, row["months"], f"{row['due_a_year']:,.0f}", within, f"{row['kept']} of {row['replications']}"
