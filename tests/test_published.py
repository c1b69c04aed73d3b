"""What the documents print comes out: exactly in expectation, within chance in simulation, in every draw of inputs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from conftest import A_YEAR, live

from agents.codes import Event
from experiments.matching import expected_by_source
from experiments.plan import compile_pair, prices_of
from experiments.tables import OWN, checkable, published_of
from simulation.compiler import compile_graph
from simulation.graph import of_model
from simulation.inputs import Values
from simulation.population import PopulationMaker

BARNET = {
    ("first_contact", "resolved"): 6646,
    ("first_contact", "referred"): 3380,
    ("social_work", "full_assessment"): 2557,
    ("social_work", "not_assessed"): 823,
    ("funding", "funded"): 1982,
    ("funding", "not_funded"): 575,
}
SHROPSHIRE = {  # shares of all contacts
    ("first_contact", "resolved"): 0.75,
    ("first_contact", "hub"): 0.20,
    ("first_contact", "home_visit"): 0.05,
    ("hub_outcome", "resolved"): 0.20 * 0.88,
    ("hub_outcome", "goes_on"): 0.20 * 0.12,
    ("funding", "funded"): 0.05 + 0.20 * 0.12,
    ("funding", "not_funded"): 0.0,
}
H = "models/barnet_2014_15.hospital_funded_rate"


def own(shipped, name, demand, over=None, **more):
    model = shipped[f"models/{name}"]
    return compile_graph(
        of_model(model), shipped[f"demand/{demand}"], prices_of(model, shipped.library), shipped.values(over), **more
    )


def yearly(compiled):
    """Expected people a year through each branch, by (stage, branch)."""
    pathway = compiled.pathway
    return {
        (pathway.stages[stage], name): compiled.expected.branch[:, pathway.decision[stage], b].sum() * 365
        for stage in np.flatnonzero(pathway.decision >= 0)
        for b, name in enumerate(pathway.branch_names[pathway.decision[stage]])
    }


def difference(shipped, over):
    """Funded packages a year at the whole gap, less today's, with hospital contacts kept as today."""
    ends = [
        sum(
            expected_by_source(
                compile_pair(
                    shipped["models/barnet_2014_15"],
                    shipped["models/shropshire_p2p"],
                    shipped["demand/barnet_2014_15"],
                    shipped["prices/barnet_2014_15"],
                    shipped.values(over),
                    transfer,
                    {"source": ["hospital"]},
                    tables=False,
                ),
                "funded_package",
            ).values()
        )
        for transfer in (0.0, 1.0)
    ]
    return ends[1] - ends[0]


@pytest.mark.parametrize("follow_need", [True, False])
def test_barnets_picture_comes_out_exactly(shipped, follow_need):
    flows = yearly(own(shipped, "barnet_2014_15", "barnet_2014_15", tables=False, follow_need=follow_need))
    for branch, count in BARNET.items():
        assert flows[branch] == pytest.approx(count, rel=1e-11), branch


def test_shropshires_shares_come_out_exactly(shipped):
    flows = yearly(own(shipped, "shropshire_p2p", "shropshire_2015", tables=False))
    for branch, share in SHROPSHIRE.items():
        assert flows[branch] / 14851 == pytest.approx(share, rel=1e-11, abs=1e-12), branch


def test_every_draw_of_the_inputs_keeps_barnets_published_totals(shipped):
    """3,814h + 6,212c = 1,982, and every other printed count, in each of 300 draws of all ranged inputs together."""
    rates = set()
    for draw in range(300):
        over = shipped.inputs.drawn(20160919, draw)
        compiled = own(shipped, "barnet_2014_15", "barnet_2014_15", over, tables=False, follow_need=draw % 10 == 0)
        flows = yearly(compiled)
        for branch, count in BARNET.items():
            assert flows[branch] == pytest.approx(count, rel=1e-9), (draw, branch)
        funded = expected_by_source(compiled, "funded_package")
        h, c = funded["hospital"] / 3814, funded["community"] / 6212
        assert h == pytest.approx(over[H], rel=1e-9)
        assert 3814 * h + 6212 * c == pytest.approx(1982, rel=1e-9)
        assert np.all(np.diff(compiled.pathway.cumulative, axis=-1) >= 0)
        rates.add(round(h, 4))
    assert min(rates) < 0.12 < 0.27 < max(rates)


def test_every_draw_gives_both_models_one_set_of_inputs(shipped):
    first = shipped.inputs.drawn(20160919, 5)
    assert first == shipped.inputs.drawn(20160919, 5)
    assert first != shipped.inputs.drawn(20160919, 6)
    for item in shipped.inputs.ranged():
        assert item.evidence.range.low <= first[item.key] <= item.evidence.range.high


@pytest.mark.parametrize(("h", "packages"), [(0.10, -1141), (1982 / 10026, -768), (0.30, -378)])
def test_the_like_for_like_difference_is_the_reconciled_one(shipped, h, packages):
    assert difference(shipped, {H: h}) == pytest.approx(packages, abs=0.6)


def test_the_difference_vanishes_near_forty_per_cent(shipped):
    even = (1982 - 0.074 * 6212) / 3814
    assert even == pytest.approx(0.399, abs=5e-4)
    assert difference(shipped, {H: even}) == pytest.approx(0.0, abs=1e-6)
    assert difference(shipped, {H: even - 0.01}) < 0 < difference(shipped, {H: even + 0.01})


def test_need_moves_nobody_between_published_totals(shipped):
    key = "models/barnet_2014_15.need_weight"
    got = [difference(shipped, {key: weight}) for weight in (0.0, 0.5, 1.0)]
    assert got == pytest.approx([got[0]] * 3, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "demand", "published", "total"),
    [
        ("barnet_2014_15", "barnet_2014_15", {k: v / 10026 for k, v in BARNET.items()}, 10026),
        ("shropshire_p2p", "shropshire_2015", SHROPSHIRE, 14851),
    ],
)
def test_simulated_shares_are_within_chance_of_the_published(shipped, name, demand, published, total):
    compiled = own(shipped, name, demand)
    pathway = compiled.pathway
    maker = PopulationMaker(shipped[f"demand/{demand}"], shipped.values(), A_YEAR)
    taken, contacts = dict.fromkeys(published, 0), 0
    for replication in range(6):
        people = maker.make(20160919, replication)
        contacts += people.size
        rows = live(pathway, people, seed=20160919, replication=replication).of(Event.BRANCH)
        for stage, branch in published:
            index = pathway.index(stage)
            b = pathway.branch_names[pathway.decision[index]].index(branch)
            taken[stage, branch] += int(np.sum((rows.stage == index) & (rows.value == b)))
    assert abs(contacts - 6 * total) < 4 * math.sqrt(6 * total)
    for branch, share in published.items():
        error = math.sqrt(contacts * share * (1 - share))
        assert abs(taken[branch] - contacts * share) < 4 * error + 1e-9, branch


def test_hospital_contacts_live_the_same_life_under_every_transfer(main_job):
    from experiments.replicate import _run

    job = main_job.comparison.job
    people = job.maker.make(job.seed, 0)
    hospital = set(people.person[people.codes["source"] == job.maker.space["source"].index("hospital")].tolist())
    traces = [_run(job, pathway, people, 0) for pathway in (job.nobody, job.everybody)]
    mine = [
        sorted(
            (p, t, s, e, v)
            for t, p, s, e, v in zip(
                x.time.tolist(), x.person.tolist(), x.stage.tolist(), x.event.tolist(), x.value.tolist(), strict=True
            )
            if p in hospital
        )
        for x in traces
    ]
    assert len(mine[0]) > 10_000
    assert mine[0] == mine[1]


def test_shropshires_counts_are_shown_and_are_no_evidence(main_job):
    rows = []
    for run in main_job.own:
        for (stage, branch), (n, _) in published_of(run, Values(main_job.inputs)).items():
            rows.append(
                {"model": run.model.config.name, "population": OWN, "stage": stage, "branch": branch, "n_published": n}
            )
    found = checkable(main_job, pd.DataFrame(rows))
    assert len(rows) == 12
    assert {(row.stage, row.branch) for row in found.itertuples()} == set(BARNET)
    assert set(found.model) == {"barnet_2014_15"}
