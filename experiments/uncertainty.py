"""What the inputs we do not know do to the answer, computed exactly from the compiled graph, without chance.

Each drawn set of inputs belongs to its number; every model of the comparison gets the same set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from experiments.expected_cost import yearly_cost
from experiments.matching import expected_by_source, keeps_of, matching_transfer
from experiments.plan import ComparisonRun, Prepared
from experiments.statistics import DRAWS
from simulation.compiler import compile_graph, relevant_attributes
from simulation.errors import ConfigError, DemandflowError
from simulation.graph import joined, of_model
from simulation.inputs import Input, Values
from simulation.schema.experiment import Transfer

MEASURE = "funded_package"


@dataclass(frozen=True)
class Answer:
    """Expectations under one set of inputs, when nobody and when everybody changes.

    Attributes:
        nobody, everybody: people a year with a funded package, by source.
        cost_nobody, cost_everybody: gross pounds of care in each financial year.
    """

    nobody: dict[str, float]
    everybody: dict[str, float]
    cost_nobody: dict[str, float]
    cost_everybody: dict[str, float]

    def difference(self, transfer: float) -> float:
        """Everybody's sources together, at a transfer; expectations are straight lines in it."""
        return transfer * math.fsum(self.everybody[s] - self.nobody[s] for s in sorted(self.nobody))

    def saving(self, transfer: float, year: str) -> float:
        """Gross pounds saved in a financial year, at a transfer."""
        return transfer * (self.cost_nobody[year] - self.cost_everybody[year])


class Question:
    """The comparison of an experiment, asked again with other inputs."""

    def __init__(self, prepared: Prepared, run: ComparisonRun):
        self.prepared, self.run = prepared, run
        given = prepared.loaded.config.comparison.keeps_baseline
        keeps = keeps_of(given, ("comparison", "keeps_baseline"), prepared.loaded, run.demand)
        # Where a stage leads does not depend on the inputs. Nobody changing is the baseline alone.
        self.nobody, model = of_model(run.baseline), of_model(run.model)
        self.everybody = joined(self.nobody, model, 1.0, keeps)
        self.attributes = tuple(sorted({*relevant_attributes(self.nobody, model), *keeps}))

    @property
    def last_year(self) -> str:
        """The last financial year of the comparison."""
        return self.run.job.axes.years[-1]

    def answer(self, over: Mapping[str, float]) -> Answer | None:
        """Expectations with some inputs replaced; None if these inputs contradict each other."""
        try:
            return self.worked_out(over)
        except (ConfigError, DemandflowError):
            return None

    def worked_out(self, over: Mapping[str, float]) -> Answer:
        """``answer``, for those who want to be told what contradicts what.

        Raises:
            ConfigError, DemandflowError: with the contradiction in words.
        """
        run = self.run
        compiled = partial(
            compile_graph,
            demand=run.demand,
            prices=run.prices,
            values=Values(self.prepared.inputs, over),
            attributes=self.attributes,
            tables=False,
        )
        nobody = compiled(self.nobody)
        scales = {nobody.pathway.stages[stage]: scale for stage, scale in nobody.expected.scales.items()}
        first = nobody.expected.repeats.first_share
        ends = (nobody, compiled(self.everybody, scales=scales, first_share=first))
        cost = [yearly_cost(end, run.job.calendar) for end in ends]
        return Answer(expected_by_source(ends[0], MEASURE), expected_by_source(ends[1], MEASURE), cost[0], cost[1])

    def share(self, transfer: Transfer, answer: Answer, over: Mapping[str, float]) -> float:
        """The transfer's value when inputs are replaced: a matched one is matched again."""
        values = Values(self.prepared.inputs, over)
        if transfer.value is not None:
            return values.of(transfer.value, self.prepared.loaded.ref)
        match = transfer.match
        assert match is not None
        return matching_transfer(
            answer.nobody[match.source],
            answer.everybody[match.source],
            values.of(match.change, self.prepared.loaded.ref),
        )


Ask = Callable[[Sequence[Mapping[str, float]]], list["Answer | None"]]
"""Puts many sets of inputs to a question and gives the answers in their order."""


def ranges(question: Question, ask: Ask, draws: int) -> tuple[pd.DataFrame, int]:
    """The spread of the expected difference over draws of all ranged inputs, and how many draws were contradictory.

    Columns: measure, transfer, draws, low, median, high (2.5%, 50% and 97.5% of the drawn differences; savings are
    positive where the model spends less), share_of_gap_low and share_of_gap_high, interval.
    """
    experiment = question.prepared.experiment
    assert experiment.comparison is not None
    wanted = experiment.comparison.transfers
    sets = [question.prepared.inputs.drawn(experiment.seed, draw) for draw in range(draws)]
    answered = [(over, answer) for over, answer in zip(sets, ask(sets), strict=True) if answer is not None]
    rows = []
    for transfer in wanted:
        shares = [question.share(transfer, answer, over) for over, answer in answered]
        found = {MEASURE: [answer.difference(share) for (_, answer), share in zip(answered, shares, strict=True)]}
        for year in question.run.job.axes.years:
            found[f"demand_saving/{year}"] = [
                answer.saving(share, year) for (_, answer), share in zip(answered, shares, strict=True)
            ]
        for measure, values in found.items():
            if values:
                low, median, high = (float(q) + 0.0 for q in np.quantile(values, [0.025, 0.5, 0.975]))
                rows.append(
                    {
                        "measure": measure,
                        "transfer": transfer.name,
                        "draws": len(values),
                        "low": low,
                        "median": median,
                        "high": high,
                        "share_of_gap_low": min(shares),
                        "share_of_gap_high": max(shares),
                        "interval": DRAWS,
                    }
                )
    return pd.DataFrame(rows), draws - len(answered)


def like_for_like(question: Question, ask: Ask) -> tuple[pd.DataFrame, float | None]:
    """The difference at the whole gap as one unpublished input moves, and where it vanishes.

    The break-even is by straight line between the two points around it; exact where the difference is a straight line
    in the input, as it is in the hospital funded rate. Values that contradict the published totals are left out.
    """
    config = question.prepared.experiment.comparison
    assert config is not None and config.like_for_like is not None
    curve = config.like_for_like
    points = [float(at) for at in np.linspace(curve.start, curve.end, curve.steps)]
    rows = []
    for at, answer in zip(points, ask([{curve.parameter: at} for at in points]), strict=True):
        if answer is not None:
            base, model = math.fsum(answer.nobody.values()), math.fsum(answer.everybody.values())
            rows.append(
                {
                    "parameter": curve.parameter,
                    "value": at,
                    "baseline": base,
                    "model": model,
                    "difference": model - base,
                }
            )
    table = pd.DataFrame(rows, columns=["parameter", "value", "baseline", "model", "difference"])
    return table, _zero(table["value"].tolist(), table["difference"].tolist())


def _zero(x: list[float], y: list[float]) -> float | None:
    for i in range(len(x)):
        if y[i] == 0:
            return x[i]
        if i + 1 < len(x) and y[i] * y[i + 1] < 0:
            return x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])
    return None


@dataclass(frozen=True)
class Swing:
    """The headline's expected difference in packages, and the last year's saving, at an input's low and high."""

    packages: tuple[float, float]
    saving: tuple[float, float]


def swings(question: Question, ask: Ask, transfer: Transfer) -> dict[str, Swing]:
    """What each ranged input does on its own, the others held at their values; NaN where inputs contradict."""
    items = question.prepared.inputs.ranged()
    sets = [
        {item.key: value}
        for item in items
        if item.evidence is not None and item.evidence.range is not None
        for value in (item.evidence.range.low, item.evidence.range.high)
    ]
    found = []
    for over, answer in zip(sets, ask(sets), strict=True):
        if answer is None:
            found.append((math.nan, math.nan))
        else:
            share = question.share(transfer, answer, over)
            found.append((answer.difference(share), answer.saving(share, question.last_year)))
    return {
        item.key: Swing(
            (found[2 * i][0], found[2 * i + 1][0]),
            (found[2 * i][1], found[2 * i + 1][1]),
        )
        for i, item in enumerate(items)
    }


_QUALITY = {"published": 1, "calibrated": 2, "derived": 2, "elicited": 3, "assumption": 4, "unlabelled": 5}


def inputs_table(prepared: Prepared, swung: Mapping[str, Swing]) -> pd.DataFrame:
    """Every input with its evidence, sorted by how much it moves the headline.

    Columns: key, value, formula, status, rests_on_assumption, quality (1 published to 5 unlabelled), low, high, at_low
    and at_high (the headline's expected difference in packages at the range's ends), swing (their distance),
    saving_at_low, saving_at_high, swing_saving (the same for the last year's saving), document, where, how, why, file,
    line.
    """
    values = Values(prepared.inputs)
    rows = []
    for item in prepared.inputs.inputs.values():
        if ":" in item.key and item.formula is not None and item.evidence is None:
            continue  # a bare name used in place: the parameter itself stands in the table
        evidence = item.evidence
        moved = swung.get(item.key)
        at_low, at_high = moved.packages if moved else (math.nan, math.nan)
        saving_low, saving_high = moved.saving if moved else (math.nan, math.nan)
        file, line = item.loaded.document.place(item.where)
        source = evidence.source if evidence else None
        rows.append(
            {
                "key": item.key,
                "value": values.of(item.number, item.loaded.ref),
                "formula": item.formula or "",
                "status": item.status,
                "rests_on_assumption": _rests_on_assumption(prepared, item),
                "quality": _QUALITY[item.status],
                "low": evidence.range.low if evidence and evidence.range else math.nan,
                "high": evidence.range.high if evidence and evidence.range else math.nan,
                "at_low": at_low,
                "at_high": at_high,
                "swing": round(abs(at_high - at_low), 6) if moved else 0.0,
                "saving_at_low": saving_low,
                "saving_at_high": saving_high,
                "swing_saving": round(abs(saving_high - saving_low), 2) if moved else 0.0,
                "document": source.document if source else "",
                "where": source.where if source else "",
                "how": (source.how or "") if source else "",
                "why": ". ".join(text.rstrip(".") for text in (evidence.why, evidence.definition) if text)
                if evidence
                else "",
                "file": file,
                "line": line,
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(
        ["swing", "swing_saving", "quality", "key"], ascending=[False, False, False, True], ignore_index=True
    )


def _rests_on_assumption(prepared: Prepared, item: Input) -> bool:
    statuses = {prepared.inputs.inputs[key].status for key in prepared.inputs.rests_on(item.key)}
    return bool(statuses & {"assumption", "unlabelled", "elicited"})


def share_on_assumption(table: pd.DataFrame, column: str = "swing") -> float:
    """Share of the summed squared swings that comes from inputs labelled assumption (or not labelled)."""
    squares = table[column].fillna(0.0) ** 2
    total = math.fsum(squares)
    assumed = math.fsum(squares[table["status"].isin(["assumption", "unlabelled", "elicited"])])
    return assumed / total if total > 0 else 0.0
