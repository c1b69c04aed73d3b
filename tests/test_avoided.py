"""What an avoided package costs beside the average one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from conftest import A_YEAR, OUT, arrival, constant, decision, follows, live, package

from experiments.avoided import package_avoided
from experiments.replicate import Outcome
from simulation.tally import axes, tally

SIZE = 4_000


def test_the_package_that_a_front_door_avoids_is_lighter_than_the_average(toys):
    """A door that turns the lighter half away: by hand from the lognormal law, they cost Φ(−σ) · 2 of the average."""
    turned = {"come": arrival("door"), "door": decision(("out", 0.5), ("care", "rest"), follows_need=follows(1.0)),
              "care": package("out", "home"), "out": OUT}  # fmt: skip
    everybody = {**turned, "door": decision(("out", 0.0), ("care", "rest"))}
    demand = toys.demand()
    group = next(iter(demand.config.client_groups))
    groups = tuple(sorted(demand.config.client_groups))
    sized = {g: {"home": {"weekly_cost": 100.0, "stay": constant(10, "days"),
                          "size": {"sigma": 0.8, "follows_need": 1.0}}} for g in groups}  # fmt: skip
    prices = toys.prices(sized)
    base = toys.compiled(toys.model(everybody, name="base"), demand, prices)
    scales = {"care": base.expected.scales[base.pathway.index("care")]}
    assert base.expected.size.max() == pytest.approx(1.0, abs=1e-6)
    fewer = toys.compiled(toys.model(turned, name="fewer"), demand, prices, scales=scales)

    ranks = (np.arange(SIZE) + 0.5) / SIZE
    outcomes = []
    for replication in range(2):
        people = toys.crowd(demand, [replication] * SIZE, rank=ranks.tolist(), client_group=[group] * SIZE)
        names = axes(base.pathway, groups, A_YEAR)
        tallies = {
            name: tally(live(made.pathway, people), made.pathway, people, names, A_YEAR)
            for name, made in (("", base), ("full", fewer))
        }
        outcomes.append(Outcome("comparison", replication, tallies, SIZE, 0))
    job = SimpleNamespace(axes=names, seed=1)
    run = SimpleNamespace(job=job, prices=prices, scenarios=[SimpleNamespace(name="full")])
    table = package_avoided(run, outcomes).set_index(["care", "client_group"])
    row = table.loc[("all", "all_priced")]
    assert row["packages_fewer_a_year"] == SIZE / 2
    assert row["weekly_price_average"] == pytest.approx(100, rel=0.005)
    from scipy.stats import norm

    assert row["weekly_price_avoided"] == pytest.approx(200 * norm.cdf(-0.8), rel=0.01)
    made = fewer.expected.size[:, fewer.pathway.index("care")].max()
    assert made == pytest.approx(2 * (1 - norm.cdf(-0.8)), rel=1e-3), "and what is left is heavier, exactly"
