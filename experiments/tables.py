"""Result tables from the whole numbers of the replications: pure functions, in replication order.

Columns are documented in docs/outputs.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from experiments import bootstrap
from experiments.plan import ComparisonRun, OwnRun, Prepared
from experiments.replicate import Job, Outcome
from experiments.statistics import BOOTSTRAP, PAIRED, PREDICTION, STUDENT, of_mean, of_one_year
from simulation.calendar import MS_PER_DAY
from simulation.compiler import Compiled
from simulation.inputs import Values
from simulation.ledger import HOUR_PARTS, LEDGER
from simulation.savings import cumulative_target, gross_saving, pounds
from simulation.schema.stages import Decision
from simulation.tally import LATENT, MEASURES, Axes, Tally

OWN = "own"
COMPARED = "comparison"

FLOWS = [
    "model",
    "population",
    "stage",
    "branch",
    "n_mean",
    "n_low",
    "n_high",
    "mean_low",
    "mean_high",
    "share_mean",
    "share_low",
    "share_high",
    "n_expected",
    "n_published",
    "share_published",
    "interval",
]
COMPARISON = [
    "measure",
    "unit",
    "transfer",
    "baseline",
    "model",
    "value_baseline",
    "value_model",
    "difference",
    "low",
    "high",
    "variance_ratio",
    "variance_ratio_low",
    "variance_ratio_high",
    "interval",
]

Reader = Callable[[Tally], float]

BY_WHOM = ("contact", "funded_package", "eligible_need_without_package")
"""What is also told by source, client group and age band."""


def _flow_rows(
    model: str,
    population: str,
    compiled: Compiled,
    tallies: Sequence[Tally],
    job: Job,
    published: dict[tuple[str, str], tuple[float, float]],
) -> list[dict[str, object]]:
    pathway, rows = compiled.pathway, []
    decisions = [stage for stage in range(len(pathway.stages)) if pathway.decision[stage] >= 0]
    order = sorted(decisions, key=lambda s: -compiled.expected.reach[:, s].sum())
    for stage in order:
        row = pathway.decision[stage]
        totals = [int(t.branch[row].sum()) for t in tallies]
        for b, branch in enumerate(pathway.branch_names[row]):
            counts = [int(t.branch[row, b]) for t in tallies]
            mean = of_mean(counts)
            year = of_one_year(counts) if len(counts) >= 40 else None
            part = bootstrap.of_ratio(counts, totals, job.seed)
            n, share = published.get((pathway.stages[stage], branch), (math.nan, math.nan))
            rows.append(
                {
                    "model": model,
                    "population": population,
                    "stage": pathway.stages[stage],
                    "branch": branch,
                    "n_mean": mean.mean,
                    "n_low": year.low if year else math.nan,
                    "n_high": year.high if year else math.nan,
                    "mean_low": mean.low,
                    "mean_high": mean.high,
                    "share_mean": sum(counts) / sum(totals) if sum(totals) else math.nan,
                    "share_low": part.low,
                    "share_high": part.high,
                    "n_expected": float(compiled.expected.branch[:, row, b].sum()) * days_of(job),
                    "n_published": n,
                    "share_published": share,
                    "interval": f"n: {PREDICTION}; mean: {STUDENT}; share: {BOOTSTRAP}",
                }
            )
    return rows


def published_of(run: OwnRun, values: Values) -> dict[tuple[str, str], tuple[float, float]]:
    """Printed count and share by (stage, branch)."""
    result = {}
    for name, stage in run.model.config.stages.items():
        if isinstance(stage, Decision):
            for branch in stage.branches:
                if branch.published is not None:
                    n, share = branch.published.n, branch.published.share
                    result[name, branch.name] = (
                        math.nan if n is None else values.of(n, run.model.ref),
                        math.nan if share is None else share,
                    )
    return result


def checkable(prepared: Prepared, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``flows`` whose published count is evidence: not one that its source worked back from a percentage."""
    display_only = {
        (run.model.config.name, name, branch.name)
        for run in prepared.own
        for name, stage in run.model.config.stages.items()
        if isinstance(stage, Decision)
        for branch in stage.branches
        if branch.published is not None and branch.published.display_only
    }
    keys = zip(table["model"], table["stage"], table["branch"], strict=True)
    evidence = pd.Series([key not in display_only for key in keys], index=table.index, dtype=bool)
    return table[(table["population"] == OWN) & table["n_published"].notna() & evidence]


def days_of(job: Job) -> int:
    """Days of the first twelve months of a run: those whose contacts a flow counts."""
    return job.calendar.first_year // MS_PER_DAY


def flows(prepared: Prepared, outcomes: dict[str, list[Outcome]]) -> pd.DataFrame:
    """Flows by model, population, stage and branch: the contacts of the first twelve months, followed to the end."""
    values, rows = Values(prepared.inputs), []
    for run in prepared.own:
        tallies = [o.tallies[""] for o in outcomes[run.key]]
        rows += _flow_rows(run.model.config.name, OWN, run.compiled, tallies, run.job, published_of(run, values))
    compared = prepared.comparison
    if compared is not None:
        for scenario in compared.scenarios:
            if scenario.transfer in (0.0, 1.0):
                model = compared.baseline if scenario.transfer == 0.0 else compared.model
                tallies = [o.tallies[scenario.name] for o in outcomes[compared.key]]
                rows += _flow_rows(model.config.name, COMPARED, scenario.compiled, tallies, compared.job, {})
    table = pd.DataFrame(rows, columns=FLOWS)
    return table[(table["population"] == OWN) | (table["n_expected"] > 0)].reset_index(drop=True)


def need(what: int, row: int, per: int) -> Reader:
    """Reads a row of the ledger."""
    return lambda t: int(t.ledger[what, row].sum()) / per


def measures(names: Axes, years: int, ledger: bool = False) -> list[tuple[str, str, Reader]]:
    """What is compared: measure, unit and how to read it from a tally. People and packages are means a year."""
    result: list[tuple[str, str, Reader]] = []

    def people(index: int, *, source: int | None = None, group: int | None = None) -> Reader:
        def read(t: Tally) -> float:
            part = t.people[index]
            part = part if source is None else part[:, source : source + 1]
            part = part if group is None else part[:, :, group : group + 1]
            return int(part.sum()) / years

        return read

    def of_age(index: int, age: int) -> Reader:
        return lambda t: int(t.ages[index, :, age].sum()) / years

    for m, measure in enumerate((*MEASURES, *LATENT)):
        result.append((measure, "people a year", people(m)))
    counted = {name: m for m, name in enumerate((*MEASURES, *LATENT)) if name in BY_WHOM}
    for name, m in counted.items():
        for s, source in enumerate(names.sources):
            result.append((f"{name}/source/{source}", "people a year", people(m, source=s)))
        for g, group in enumerate(names.groups):
            result.append((f"{name}/client_group/{group}", "people a year", people(m, group=g)))
        for a, age in enumerate(names.ages):
            result.append((f"{name}/age_band/{age}", "people a year", of_age(m, a)))
    referred, assessed = people(MEASURES.index("referred_on")), people(MEASURES.index("full_assessment"))
    result.append(("referred_without_assessment", "people a year", lambda t: referred(t) - assessed(t)))

    if ledger:
        for r, row in enumerate(LEDGER):
            result.append((f"ledger/{row}", "people a year", need(0, r, years)))
            result.append(
                (f"ledger_hours/{row}", "hours of need a week, of a year's people", need(1, r, years * HOUR_PARTS))
            )

    def started(care: int) -> Reader:
        return lambda t: int(t.starts[care].sum()) / years

    def cost(year: int) -> Reader:
        return lambda t: float(pounds(t.pence_days[:, year].sum()))

    for c, care in enumerate(names.care_types):
        result.append((f"package_start/care_type/{care}", "packages a year", started(c)))
    for y, year in enumerate(names.years):
        result.append((f"care_cost/{year}", "£ gross in the year", cost(y)))
    last = len(names.months) - 1
    result.append(("packages_running_at_end", "packages", lambda t: int(t.live[:, last].sum())))
    return result


ALWAYS = ("funded_package",)
"""Measures that the answer rests on, told even where nobody is counted."""


def comparison(run: ComparisonRun, outcomes: Sequence[Outcome], years: int) -> pd.DataFrame:
    """Paired differences of every measure at every transfer, with 95% intervals."""
    rows = []
    for measure, unit, read in measures(run.job.axes, years, run.job.shares is not None):
        base = [read(o.tallies[""]) for o in outcomes]
        nobody = not any(base) and not any(read(o.tallies[s.name]) for o in outcomes for s in run.scenarios)
        if nobody and measure not in ALWAYS:
            continue
        for scenario in run.scenarios:
            values = [read(o.tallies[scenario.name]) for o in outcomes]
            difference = of_mean([v - b for v, b in zip(values, base, strict=True)])
            gain = bootstrap.of_variance_ratio(base, values, run.job.seed)
            rows.append(
                {
                    "measure": measure,
                    "unit": unit,
                    "transfer": scenario.name,
                    "baseline": run.baseline.config.name,
                    "model": run.model.config.name,
                    "value_baseline": math.fsum(base) / len(base),
                    "value_model": math.fsum(values) / len(values),
                    "difference": difference.mean,
                    "low": difference.low,
                    "high": difference.high,
                    "variance_ratio": gain.mean,
                    "variance_ratio_low": gain.low,
                    "variance_ratio_high": gain.high,
                    "interval": f"{PAIRED}; variance_ratio: {BOOTSTRAP}",
                }
            )
    return pd.DataFrame(rows, columns=COMPARISON)


def transfers(run: ComparisonRun) -> pd.DataFrame:
    """The share of the gap closed in each scenario."""
    return pd.DataFrame([{"transfer": s.name, "title": s.title, "share_of_gap": s.transfer} for s in run.scenarios])


def savings(run: ComparisonRun, outcomes: Sequence[Outcome], targets: dict[str, float]) -> pd.DataFrame:
    """Gross demand savings by transfer, client group and financial year, with paired t intervals of the mean.

    Groups without prices have package-weeks and no money.
    """
    names, rows = run.job.axes, []
    asked = cumulative_target(targets, list(names.years))
    groups = [(group, [g]) for g, group in enumerate(names.groups)]
    groups.append(("all_priced", list(range(len(names.groups)))))
    for scenario in run.scenarios:
        for y, year in enumerate(names.years):
            for group, at in groups:
                weeks, money, unpriced = [], [], 0
                for o in outcomes:
                    base, model = o.tallies[""], o.tallies[scenario.name]
                    unpriced += int(base.unpriced_days[:, y, at].sum())
                    own_days = base.days[:, y, at].sum() - model.days[:, y, at].sum()
                    lost = base.unpriced_days[:, y, at].sum() - model.unpriced_days[:, y, at].sum()
                    weeks.append(int(own_days - lost if group == "all_priced" else own_days) / 7)
                    money.append(float(gross_saving(base.pence_days[:, y, at], model.pence_days[:, y, at]).sum()))
                week, saved = of_mean(weeks), of_mean(money)
                priced = group == "all_priced" or unpriced == 0
                rows.append(
                    {
                        "transfer": scenario.name,
                        "client_group": group,
                        "financial_year": year,
                        "kind": "demand savings",
                        "basis": "gross",
                        "price_base": run.prices.config.price_base,
                        "package_weeks_fewer": week.mean,
                        "weeks_low": week.low,
                        "weeks_high": week.high,
                        "saving": saved.mean if priced else math.nan,
                        "saving_low": saved.low if priced else math.nan,
                        "saving_high": saved.high if priced else math.nan,
                        "asked_recurring_by_then": asked[y] if group == "all_priced" and targets else math.nan,
                        "within_reach_by_then": run.reach * asked[y] if group == "all_priced" and targets else math.nan,
                        "interval": f"weeks, saving: {PAIRED}",
                    }
                )
    return pd.DataFrame(rows)


def census(run: ComparisonRun, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Packages running at each month's end, those that ran before the start included, by care type and client group."""
    names, rows = run.job.axes, []
    for scenario in run.scenarios:
        table = np.array([o.tallies[scenario.name].live for o in outcomes])
        for c, care in enumerate(names.care_types):
            for g, group in enumerate(names.groups):
                for m, month in enumerate(names.months):
                    live = of_mean([int(v) for v in table[:, c, m, g]])
                    rows.append(
                        {
                            "model": run.model.config.name if scenario.transfer else run.baseline.config.name,
                            "population": COMPARED,
                            "transfer": scenario.name,
                            "month": month,
                            "care_type": care,
                            "client_group": group,
                            "packages_mean": live.mean,
                            "mean_low": live.low,
                            "mean_high": live.high,
                            "interval": f"mean: {STUDENT}",
                        }
                    )
    return pd.DataFrame(rows)


def targets_of(prepared: Prepared) -> dict[str, float]:
    """Savings asked, by name of the financial year."""
    if prepared.targets is None:
        return {}
    values = Values(prepared.inputs)
    return {name: values.of(number, prepared.targets.ref) for name, number in prepared.targets.config.targets.items()}
