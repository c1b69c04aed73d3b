"""What things are called and how stages follow each other, as tables: what a report needs to draw and name them."""

from __future__ import annotations

import pandas as pd

from experiments.matching import expected_by_source
from experiments.plan import Prepared
from simulation.compiler import Compiled
from simulation.graph import of_model
from simulation.library import Loaded, known_documents
from simulation.schema.stages import Decision

NAMES = ["what", "name", "title", "short_title"]
PATHWAYS = ["model", "stage", "kind", "stage_title", "branch", "branch_title", "counts_as", "leads_to", "display_only"]
SOURCES = ["model", "population", "source", "title", "contacts", "funded_package"]


def names(prepared: Prepared) -> pd.DataFrame:
    """Titles by kind of thing and name: models, demands, prices, client groups, care types, sources, documents."""
    rows: dict[tuple[str, str], tuple[str, str]] = {}
    for loaded in prepared.documents:
        config = loaded.config
        rows[config.kind, config.name] = (config.title, getattr(config, "short_title", config.title))
        for what, key in (("client_group", "client_groups"), ("source", "sources"), ("care_type", "care_types")):
            for name, item in getattr(config, key, {}).items():
                rows.setdefault((what, name), (item.title, item.title))
        if config.kind == "demand":
            ages = config.person.age_band
            for age in ages.values:
                title = ages.titles.get(age, _humanised(age))
                rows.setdefault(("age_band", age), (title, title))
    for name, document in known_documents().items():
        rows["document", name] = (f"{document['title']} ({document['publisher']})", document["title"])
    return pd.DataFrame([(*key, *titles) for key, titles in rows.items()], columns=NAMES)


def _humanised(name: str) -> str:
    return name.replace("_", " ").capitalize()


def models_run(prepared: Prepared) -> list[Loaded]:
    """Every model that an experiment runs, each once."""
    found = {run.model.ref: run.model for run in prepared.own}
    if prepared.comparison is not None:
        for loaded in (prepared.comparison.baseline, prepared.comparison.model):
            found.setdefault(loaded.ref, loaded)
    if prepared.service is not None:
        found.setdefault(prepared.service.model.ref, prepared.service.model)
    if prepared.transition is not None:
        for key in ("baseline", "model"):
            found.setdefault(prepared.transition.maker.files[key].ref, prepared.transition.maker.files[key])
    return list(found.values())


def pathways(prepared: Prepared) -> pd.DataFrame:
    """Every way from a stage to the next, by model: one row a branch, in the order of the branches."""
    rows = []
    for loaded in models_run(prepared):
        for node in of_model(loaded).nodes.values():
            stage = node.stage
            ways = (
                [
                    (
                        b.name,
                        b.title or _humanised(b.name),
                        " ".join(b.measures),
                        b.to,
                        b.published is not None and b.published.display_only,
                    )
                    for b in stage.branches
                ]
                if isinstance(stage, Decision)
                else [("", "", stage.counts_as or "", next(iter(node.targets), ""), False)]
            )
            rows += [(loaded.config.name, node.name, stage.kind, node.title, *way) for way in ways]
    return pd.DataFrame(rows, columns=PATHWAYS)


def sources(prepared: Prepared) -> pd.DataFrame:
    """Expected contacts and people with a funded package a year, by source: exact, at central values."""
    rows: list[tuple[str, str, str, str, float, float]] = []

    def add(model: Loaded, demand: Loaded, population: str, compiled: Compiled) -> None:
        contacts, funded = (expected_by_source(compiled, measure) for measure in ("contact", "funded_package"))
        rows.extend(
            (model.config.name, population, name, demand.config.sources[name].title, contacts[name], funded[name])
            for name in contacts
        )

    for run in prepared.own:
        add(run.model, run.demand, "own", run.compiled)
    compared = prepared.comparison
    if compared is not None:
        for scenario in compared.scenarios:
            if scenario.transfer in (0.0, 1.0):
                model = compared.model if scenario.transfer else compared.baseline
                add(model, compared.demand, "comparison", scenario.compiled)
    return pd.DataFrame(rows, columns=SOURCES)
