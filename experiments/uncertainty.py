"""What the inputs we do not know do to the answer, computed exactly from the compiled graph, without chance.

Each drawn set of inputs belongs to its number; every model of the comparison gets the same set.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.plan import ComparisonRun, Prepared, compile_pair, expected_by_source, keeps_of, matching_transfer
from simulation.errors import ConfigError, DemandflowError
from simulation.inputs import Input, Values
from simulation.schema.experiment import Transfer

MEASURE = "funded_package"


@dataclass(frozen=True)
class Ends:
    """Expected people a year with a funded package, by source, when nobody and when everybody changes."""

    nobody: dict[str, float]
    everybody: dict[str, float]

    def difference(self, transfer: float) -> float:
        """Everybody's sources together, at a transfer; expectations are straight lines in it."""
        return transfer * math.fsum(self.everybody[s] - self.nobody[s] for s in sorted(self.nobody))


class Question:
    """The comparison of an experiment, asked again with other inputs."""

    def __init__(self, prepared: Prepared, run: ComparisonRun):
        self.prepared, self.run = prepared, run
        self.keeps = keeps_of(prepared.loaded.config.comparison, prepared.loaded, run.demand)

    def ends(self, over: Mapping[str, float]) -> Ends:
        """Expectations with some inputs replaced.

        Raises:
            ConfigError, DemandflowError: if these inputs contradict each other (a share below 0, say).
        """
        run = self.run
        ends = [
            compile_pair(
                run.baseline,
                run.model,
                run.demand,
                run.prices,
                Values(self.prepared.inputs, over),
                transfer,
                self.keeps,
                tables=False,
                follow_need=False,
            )
            for transfer in (0.0, 1.0)
        ]
        return Ends(expected_by_source(ends[0], MEASURE), expected_by_source(ends[1], MEASURE))

    def share(self, transfer: Transfer, ends: Ends, over: Mapping[str, float]) -> float:
        """The transfer's value when inputs are replaced: a matched one is matched again."""
        values = Values(self.prepared.inputs, over)
        if transfer.value is not None:
            return values.of(transfer.value, self.prepared.loaded.ref)
        match = transfer.match
        assert match is not None
        return matching_transfer(
            ends.nobody[match.source], ends.everybody[match.source], values.of(match.change, self.prepared.loaded.ref)
        )


def ranges(question: Question, draws: int) -> tuple[pd.DataFrame, int]:
    """The spread of the expected difference over draws of all ranged inputs, and how many draws were contradictory.

    Columns: transfer, draws, low, median, high (2.5%, 50% and 97.5% of the drawn differences), share_of_gap_low and
    share_of_gap_high.
    """
    experiment = question.prepared.experiment
    assert experiment.comparison is not None
    wanted = experiment.comparison.transfers
    found: dict[str, list[float]] = {t.name: [] for t in wanted}
    shares: dict[str, list[float]] = {t.name: [] for t in wanted}
    contradictory = 0
    for draw in range(draws):
        over = question.prepared.inputs.drawn(experiment.seed, draw)
        try:
            ends = question.ends(over)
        except (ConfigError, DemandflowError):
            contradictory += 1
            continue
        for transfer in wanted:
            share = question.share(transfer, ends, over)
            shares[transfer.name].append(share)
            found[transfer.name].append(ends.difference(share))
    rows = []
    for transfer in wanted:
        values = found[transfer.name]
        if values:
            low, median, high = (float(q) for q in np.quantile(values, [0.025, 0.5, 0.975]))
            rows.append(
                {
                    "measure": MEASURE,
                    "transfer": transfer.name,
                    "draws": len(values),
                    "low": low,
                    "median": median,
                    "high": high,
                    "share_of_gap_low": min(shares[transfer.name]),
                    "share_of_gap_high": max(shares[transfer.name]),
                }
            )
    return pd.DataFrame(rows), contradictory


def like_for_like(question: Question) -> tuple[pd.DataFrame, float | None]:
    """The difference at the whole gap as one unpublished input moves, and where it vanishes.

    The break-even is by straight line between the two points around it; exact where the difference is a straight line
    in the input, as it is in the hospital funded rate.
    """
    config = question.prepared.experiment.comparison
    assert config is not None and config.like_for_like is not None
    ask = config.like_for_like
    rows = []
    for at in np.linspace(ask.start, ask.end, ask.steps):
        try:
            ends = question.ends({ask.parameter: float(at)})
        except (ConfigError, DemandflowError):
            continue
        base, model = math.fsum(ends.nobody.values()), math.fsum(ends.everybody.values())
        rows.append(
            {
                "parameter": ask.parameter,
                "value": float(at),
                "baseline": base,
                "model": model,
                "difference": model - base,
            }
        )
    table = pd.DataFrame(rows, columns=["parameter", "value", "baseline", "model", "difference"])
    return table, _zero(table["value"].tolist(), table["difference"].tolist())


def _zero(x: list[float], y: list[float]) -> float | None:
    for i in range(len(x) - 1):
        if y[i] == 0:
            return x[i]
        if y[i] * y[i + 1] < 0:
            return x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])
    return None


def swings(question: Question, transfer: Transfer) -> dict[str, tuple[float, float]]:
    """The expected difference at each ranged input's low and high, the others held at their values."""
    result = {}
    for item in question.prepared.inputs.ranged():
        assert item.evidence is not None and item.evidence.range is not None
        at = []
        for value in (item.evidence.range.low, item.evidence.range.high):
            try:
                over = {item.key: value}
                ends = question.ends(over)
                at.append(ends.difference(question.share(transfer, ends, over)))
            except (ConfigError, DemandflowError):
                at.append(math.nan)
        result[item.key] = (at[0], at[1])
    return result


_QUALITY = {"published": 1, "calibrated": 2, "derived": 2, "elicited": 3, "assumption": 4, "unlabelled": 5}


def inputs_table(prepared: Prepared, swung: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Every input with its evidence, sorted by how much it moves the headline.

    Columns: key, value, status, rests_on_assumption, quality (1 published to 5 unlabelled), low, high, at_low, at_high,
    swing, document, where, how, why, file, line.
    """
    values = Values(prepared.inputs)
    rows = []
    for item in prepared.inputs.inputs.values():
        if ":" in item.key and item.formula is not None and item.evidence is None:
            continue  # a bare name used in place: the parameter itself stands in the table
        evidence = item.evidence
        at_low, at_high = swung.get(item.key, (math.nan, math.nan))
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
                "swing": round(abs(at_high - at_low), 6) if item.key in swung else 0.0,
                "document": source.document if source else "",
                "where": source.where if source else "",
                "how": (source.how or "") if source else "",
                "why": " ".join(filter(None, [evidence.why, evidence.definition])) if evidence else "",
                "file": file,
                "line": line,
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(["swing", "quality", "key"], ascending=[False, False, True], ignore_index=True)


def _rests_on_assumption(prepared: Prepared, item: Input) -> bool:
    statuses = {prepared.inputs.inputs[key].status for key in prepared.inputs.rests_on(item.key)}
    return bool(statuses & {"assumption", "unlabelled", "elicited"})


def share_on_assumption(table: pd.DataFrame) -> float:
    """Share of the summed squared swings that comes from inputs labelled assumption (or not labelled)."""
    squares = table["swing"].fillna(0.0) ** 2
    total = math.fsum(squares)
    assumed = math.fsum(squares[table["status"].isin(["assumption", "unlabelled", "elicited"])])
    return assumed / total if total > 0 else 0.0
