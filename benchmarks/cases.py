"""What is compared: one case is the same work done by our engine and by plain SimPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from benchmarks.by_hand import DAY, WEEK, YEAR, Barnet, Row, barnet, reference
from benchmarks.ours import HERE, MS_PER_HOUR, SHIPPED, Ours, load
from benchmarks.ours import reference as reference_pathway
from benchmarks.whole_by_hand import Whole, whole
from simulation.people import group_shares
from simulation.quantiles import look_up_each

_EVENLY = (np.arange(400_000) + 0.5) / 400_000


def barnet_figures(ours: Ours) -> Barnet:
    """The figures of the shipped Barnet model as plain numbers, for the program written by hand."""
    values = ours.values
    model = partial(values.named, "models/barnet_2014_15")
    prices = partial(values.named, "prices/barnet_2014_15")
    demand = next(item.loaded for key, item in values.inputs.inputs.items() if key.startswith("demand/"))
    shares = group_shares(demand, values)
    younger = ("mental_health", "physical_disability", "learning_disability")
    groups = tuple(shares)
    long_term = dict.fromkeys(shares, prices("long_term_share"))
    long_term["learning_disability"] = prices("learning_disability_long_term_share")
    homes = {group: long_term[group] * prices(f"{group}_homes_of_long_term") for group in younger}
    homes["other"] = long_term["other"] * prices("physical_disability_homes_of_long_term")
    homes["older_people"] = prices("older_care_home_share")
    years = {group: prices(f"{group}_years") * YEAR for group in younger}
    sources = ("community", "hospital")
    kinds = {"short_term": "short_term_support", "community_care": "community_care", "care_home": "care_home"}
    pathway, held = ours.pathway, ours.maker.held_cells
    price = {kind: int(pathway.pence_per_week[pathway.index(stage)].max()) for kind, stage in kinds.items()}
    return Barnet(
        per_day={s: values.named("demand/barnet_2014_15", f"{s}_contacts") / 365 for s in sources},
        groups=groups,
        group_shares=tuple(shares.values()),
        resolved={s: model(f"{s}_resolved_share") for s in sources},
        assessed={s: model(f"{s}_assessed_share") for s in sources},
        funded={s: model(f"{s}_funded_if_assessed") for s in sources},
        short_term={group: 1 - share for group, share in long_term.items()},
        care_home=homes,
        contact_hours=1 / 3,
        assessment_hours=33.9 * DAY,
        assessment_sigma=0.6,
        short_term_hours=(prices("short_term_least_weeks") * WEEK, prices("short_term_most_weeks") * WEEK),
        community_hours={**years, "older_people": prices("older_community_years") * YEAR},
        home_hours={**years, "older_people": prices("older_home_years") * YEAR},
        home_shape=prices("stay_shape"),
        weekly={(group, kinds[kind]): price[kind] for group in groups if group != "other" for kind in kinds},
        held={(groups[g], kinds[ours.maker.held_types[care]]): people for _, _, g, care, people in held},
    )


@dataclass(frozen=True)
class Case:
    """The same work twice: each function takes a seed. ``waits`` are the stages whose waits are compared.

    ``delay``: whether the time from contact to package is compared. It is not where our decisions follow need and the
    program by hand leaves them to chance: as many take each branch, but not the same people in every episode.
    """

    name: str
    ours: Ours
    by_hand: Callable[[int], list[Row]]
    waits: tuple[str, ...]
    delay: bool = True


def barnet_case(years: int) -> Case:
    """The shipped Barnet model, with people in care at the start."""
    ours = load(SHIPPED / "models/barnet_2014_15.yaml", HERE / "configs/demand/barnet_2014_15_held.yaml", years)
    figures = barnet_figures(ours)
    contacts_until, end = ours.hours
    return Case("barnet_2014_15", ours, lambda seed: barnet(seed, contacts_until, end, figures), ())


def whole_figures(ours: Ours) -> Whole:
    """The figures of Barnet's whole pathway as plain numbers: shares and means as compiled, laws as in the model."""
    pathway, maker = ours.pathway, ours.maker
    groups = maker.space["client_group"]
    types = {(t["client_group"], t["means"], t["source"]): n for n, t in enumerate(pathway.types.each())}
    means = [look_up_each(table, _EVENLY).mean() / MS_PER_HOUR for table in pathway.tables]
    stages = list(enumerate(pathway.stages))

    def mean(table: NDArray[np.int64]) -> dict[str, list[float]]:
        return {name: [means[row] if row >= 0 else 0.0 for row in table[i]] for i, name in stages}

    decisions = [(i, name, pathway.decision[i]) for i, name in stages if pathway.decision[i] >= 0]
    packages = [(i, name) for i, name in stages if pathway.kind[i] == Kind.PACKAGE]
    named = partial(ours.values.named, "models/barnet_whole")
    weeks = [ours.values.named("prices/barnet_whole", f"enablement_{end}_weeks") for end in ("least", "most")]
    first = dict.fromkeys(maker.rates, 1.0) | maker.repeats.first_share
    limit = maker.space["means"].index("above_limit")
    above = {group: float(np.diff(maker.spreads["means", group], prepend=0.0)[limit]) for group in groups}
    return Whole(
        per_day={source: rate * first[source] for source, rate in maker.rates.items()},
        groups=groups,
        group_shares={source: [float(shares[group]) for group in groups] for source, shares in maker.groups.items()},
        above_limit=above,
        types=types,
        cuts={name: pathway.cumulative[row, 0].tolist() for _, name, row in decisions},
        branches={
            name: list(zip(pathway.branch_names[row], [pathway.stages[to] for to in pathway.leads_to(i)], strict=True))
            for i, name, row in decisions
        },
        hours=mean(pathway.duration),
        again={name: pathway.again[i].tolist() for i, name in stages},
        base={name: pathway.pence_per_week[i].tolist() for i, name in stages},
        sized={name: bool(pathway.size[i].max() >= 0) for i, name in packages},
        paid={name: (pathway.pays[i] >= 0).tolist() for i, name in packages},
        held={(groups[g], maker.held_types[care]): people for _, _, g, care, people in maker.held_cells},
        age={name: mean(pathway.age)[name] for _, name in packages},
        sigma=named("hours_sigma"),
        interval_sigma=named("review_interval_sigma"),
        shape=ours.values.named("prices/barnet_whole", "stay_shape"),
        enablement=(weeks[0] * WEEK, weeks[1] * WEEK),
    )


def whole_case(years: int) -> Case:
    """Barnet's whole pathway as shipped, with its package holders."""
    ours = load(SHIPPED / "models/barnet_whole.yaml", SHIPPED / "demand/barnet_whole.yaml", years)
    figures = whole_figures(ours)
    contacts_until, end = ours.hours
    return Case("barnet_whole", ours, lambda seed: whole(seed, contacts_until, end, figures), (), delay=False)


WAITS = ("desk", "hub", "home_visit", "enablement", "assessment")


def reference_case(years: int) -> Case:
    """The reference pathway of the design."""
    ours = reference_pathway(years)
    contacts_until, end = ours.hours
    return Case("reference", ours, lambda seed: reference(seed, contacts_until, end), WAITS)
