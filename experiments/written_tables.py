"""The tables of an experiment that has run, each written into its folder, and what the manifest says of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from experiments import aftermath, components, service_tables, structure, tables
from experiments.avoided import package_avoided
from experiments.plan import Prepared
from experiments.service import ServiceRun
from experiments.service_summary import outcome
from experiments.statistics import z_score
from experiments.steady import claims
from experiments.store import Folder
from experiments.transition.plan import TransitionRun
from experiments.transition.tables import all_tables as transition_tables
from experiments.work import Work


def write_tables(prepared: Prepared, work: Work, folder: Folder) -> dict[str, Any]:
    """Write all tables; what the manifest says of checks, service and transition.

    Raises:
        OSError: they cannot be written.
    """
    said = {"checks": _tables(prepared, work, folder)}
    if prepared.service is not None:
        said["service"] = _service(prepared.service, work, folder)
    if prepared.transition is not None:
        said["transition"] = _transition(prepared.transition, work, folder)
    return said


def _service(run: ServiceRun, work: Work, folder: Folder) -> dict[str, Any]:
    """Write the tables of a whole service; what the manifest says of it."""
    made = service_tables.all_tables(run, [o.tally for o in work.served])
    for name, table in made.items():
        folder.table(name, table)
    return {
        "model": run.model.config.name,
        "reported_year": run.config.reported_year,
        "growth": run.config.growth,
        "steady_state": claims(made["settled"]),
        "people_lost_on_their_way": sum(int(o.tally.lost[0]) for o in work.served),
        "outcome": outcome(made["checks"], run.config.most_outside),
    }


def _transition(run: TransitionRun, work: Work, folder: Folder) -> dict[str, Any]:
    """Write the tables of a transition; what the manifest says of it."""
    made, said = transition_tables(run, work.changed)
    for name, table in made.items():
        folder.table(name, table)
    return said


def _tables(prepared: Prepared, work: Work, folder: Folder) -> dict[str, Any]:
    flows = tables.flows(prepared, work.outcomes)
    folder.table("flows", flows)
    run, config = prepared.comparison, prepared.experiment.comparison
    if run is not None and config is not None:
        outcomes = work.outcomes[run.key]
        folder.table("comparison", tables.comparison(run, outcomes, config.years))
        folder.table("transfers", tables.transfers(run))
        folder.table("savings", tables.savings(run, outcomes, tables.targets_of(prepared)))
        folder.table("census", tables.census(run, outcomes))
        folder.table("package_avoided", package_avoided(run, outcomes))
    left_out = [
        {"file": item.ref, "what": entry.what, "why": entry.why}
        for item in prepared.documents
        for entry in getattr(item.config, "not_modelled", [])
    ]
    for make in (
        structure.names,
        structure.pathways,
        structure.sources,
        components.teams,
        components.stages,
        components.distributions,
    ):
        folder.table(make.__name__, make(prepared))
    for name, frame in aftermath.tables(prepared).items():
        folder.table(name, frame)
    folder.table("not_modelled", pd.DataFrame(left_out, columns=["file", "what", "why"]))
    return _checks(prepared, work, flows)


def _checks(prepared: Prepared, work: Work, flows: pd.DataFrame) -> dict[str, Any]:
    """What could have failed: nobody lost, simulated shares, published counts inside the range of one year.

    What a run has nothing of is None: a nought would claim that it was looked at.
    """
    checks: dict[str, Any] = {}
    unfinished = sum(int(t.unfinished[0]) for o in work.outcomes.values() for one in o for t in one.tallies.values())
    checks["people_without_an_outcome_at_the_end"] = unfinished if work.outcomes else None  # None: not looked at
    worst = 0.0
    for run in prepared.own:
        pathway = run.compiled.pathway
        for stage in range(len(pathway.stages)):
            row = pathway.decision[stage]
            if row < 0:
                continue
            total = sum(int(o.tallies[""].branch[row].sum()) for o in work.outcomes[run.key])
            expected = run.compiled.expected.branch[:, row, :].sum(axis=0)
            if not expected.sum():
                continue  # nobody ever comes to this decision
            for b in range(pathway.branches[row]):
                got = sum(int(o.tallies[""].branch[row, b]) for o in work.outcomes[run.key])
                worst = max(worst, abs(z_score(got, total, float(expected[b] / expected.sum()))))
    checks["largest_z_of_simulated_shares"] = round(worst, 3) if prepared.own else None
    own = tables.checkable(prepared, flows)
    inside = (own["n_low"] <= own["n_published"]) & (own["n_published"] <= own["n_high"])
    checks["published_counts_inside_one_years_range"] = f"{int(inside.sum())} of {len(own)}"
    checks["expected_counts_off_published_by_at_most"] = (
        float((own["n_expected"] - own["n_published"]).abs().max()) if len(own) else None
    )
    return checks
