"""Pairs counted so far as the report reads results: the same tables by the same functions, held in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import tables
from experiments.explore.asked import EXPLORED, Asked
from experiments.explore.world import World
from experiments.plan import ComparisonRun
from experiments.replicate import Outcome
from experiments.report.results import Results
from simulation.compiler import Compiled
from simulation.identity import JOINED
from simulation.tally import Tally

OWN = "own"


def results_of(world: World, asked: Asked, outcomes: Sequence[Outcome], run: ComparisonRun | None = None) -> Results:
    """Results with what the report's parts read: comparison, transfers, savings, and what things are called.

    Args:
        run: whose pairs these are, where it is not the state's own; the one with a ledger.
    """
    chosen = {"headline_transfer": EXPLORED, "transfers": [{"name": EXPLORED, "title": asked.run.scenarios[0].title}]}
    manifest = {
        "title": world.prepared.experiment.title,
        "question": world.prepared.experiment.question,
        "config": world.told | {"comparison": world.told["comparison"] | chosen},
        "stopping": {"pairs": len(outcomes)},
    }
    made = {
        "comparison": tables.comparison(run or asked.run, outcomes, world.config.years),
        "transfers": tables.transfers(asked.run),
        "savings": tables.savings(asked.run, outcomes, world.targets),
    }
    return Results(Path(), (manifest, {**world.tables, **made}))


def with_flows(results: Results, world: World, asked: Asked, outcomes: Sequence[Outcome]) -> Results:
    """The same with the ways that people take today, and those of the people who are answered the new way."""
    base, model = world.models
    today = _ways(base, "", asked.today.compiled, [o.tallies[""] for o in outcomes])
    changed = [o.tallies[EXPLORED] for o in outcomes]
    rows = today + (_ways(model, f"{model}.", asked.changed, changed) if asked.share > 0 else [])
    return Results(Path(), (results.manifest, {**world.tables, "flows": pd.DataFrame(rows)}))


def _ways(model: str, prefix: str, compiled: Compiled, tallies: Sequence[Tally]) -> list[dict[str, Any]]:
    """Rows as in ``tables/flows``, by the stages' own names; ``prefix`` marks them in a joined graph."""
    pathway, rows = compiled.pathway, []
    for stage, name in enumerate(pathway.stages):
        row = pathway.decision[stage]
        if row < 0 or not name.startswith(prefix) or name.startswith(JOINED):
            continue
        total = sum(int(t.branch[row].sum()) for t in tallies)
        for b, branch in enumerate(pathway.branch_names[row]):
            count = sum(int(t.branch[row, b]) for t in tallies)
            rows.append(
                {
                    "model": model,
                    "population": OWN,
                    "stage": name.removeprefix(prefix),
                    "branch": branch,
                    "n_mean": count / len(tallies),
                    "share_mean": count / total if total else 0.0,
                    "n_expected": float(compiled.expected.branch[:, row, b].sum()),
                    "n_published": float("nan"),
                }
            )
    return rows
