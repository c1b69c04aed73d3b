"""Who is affected: each way to tell people apart counts everybody once, as the other tables count them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_service_experiment import written as a_service
from twentieth import written as a_transition

from experiments.affected import TOLD, reader_of
from experiments.plan import prepare
from experiments.tables import BY_WHOM, measures
from experiments.transition.figures import SERIES
from experiments.transition.runs import TODAY
from experiments.transition.spans import Found
from experiments.transition.who import who
from simulation.affected import AFFECTED, BY, cells
from simulation.ledger import LEDGER
from simulation.service_axes import ServiceAxes
from simulation.tally import MEASURES

OVER = "in_house.transformation"


def _totals(affected: Any, axes: ServiceAxes, what: str) -> list[Any]:
    """By what people are told apart: the sum over its values, in each year."""
    names = [by for by, _ in cells(axes)]
    row = affected[AFFECTED.index(what)]
    return [row[:, [at for at, name in enumerate(names) if name == by]].sum(axis=1) for by in BY]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small transition, and one replication of it."""
    run = prepare(a_transition(tmp_path_factory.mktemp("changed"))).transition
    assert run is not None
    return run, run.job.outcome(0)


def test_a_transition_counts_everybody_once_in_every_way(changed: Any) -> None:
    run, outcome = changed
    axes = run.world.axes.base
    for name in (TODAY, OVER):
        figures = outcome.tallies[name]
        for measure in ("contact", "funded_package"):
            by_year = figures.months[SERIES.index(measure)].reshape(len(axes.years), 12).sum(axis=1)
            assert by_year.sum() > 0
            for total in _totals(figures.affected, axes, measure):
                assert total.tolist() == by_year.tolist(), (name, measure)
        unmet = figures.ledger[0, LEDGER.index("possibly_unmet")].sum(axis=1)
        assert all(total.tolist() == unmet.tolist() for total in _totals(figures.affected, axes, "possibly_unmet"))
        seen, soon, later = (
            _totals(figures.affected, axes, w)[0] for w in ("seen", "within_14_days", "within_28_days")
        )
        assert seen.sum() > 0 and (soon <= later).all() and (later <= seen).all()
        door = cells(axes).index(("source", "community"))
        waits = figures.affected[:, -1, door]
        days = waits[AFFECTED.index("waited")] / 86_400_000 / waits[AFFECTED.index("seen")]
        assert reader_of("mean_days", len(axes.years) - 1, door)(figures.affected) == pytest.approx(days)
        nobody = np.zeros_like(figures.affected)
        assert np.isnan(reader_of("mean_days", 0, door)(nobody)) and reader_of("seen", 0, door)(nobody) == 0


def test_ages_are_those_of_the_client_groups(changed: Any) -> None:
    """Everybody in the groups of working age is under 65, and every older person is not."""
    run, outcome = changed
    axes = run.world.axes.base
    contact = outcome.tallies[TODAY].affected[AFFECTED.index("contact")].sum(axis=0)
    counts = dict(zip(cells(axes), contact.tolist(), strict=True))
    assert counts["age_band", "age_18_64"] > 0 and counts["client_group", "older_people"] > 0
    younger = sum(n for (by, name), n in counts.items() if by == "client_group" and name != "older_people")
    assert counts["age_band", "age_18_64"] == younger


def test_doors_that_keep_todays_path_change_nothing_for_their_people(changed: Any) -> None:
    """The table's difference is nought for hospital contacts' funding, and there for the community's."""
    run, outcome = changed
    table = who(run, Found([outcome, outcome], ())).set_index(["run", "by", "who", "measure"]).sort_index()
    kept = table.loc[(OVER, "source", "hospital", "contact")]
    assert (kept["difference"] == 0).all()
    moved = table.loc[(OVER, "source", "community", "funded_package")]
    assert moved["difference"].abs().sum() > 0
    assert set(table.index.get_level_values("measure")) == set(TOLD)
    assert table.loc[(TODAY, "source", "hospital", "contact"), "difference"].isna().all()


def test_a_service_counts_everybody_once_in_every_way(toys: Any) -> None:
    run = prepare(a_service(toys)).service
    assert run is not None
    tally, axes = run.job.outcome(0).tally, run.job.axes
    for measure in ("contact", "funded_package"):
        by_year = tally.events[MEASURES.index(measure)].sum(axis=1)
        assert by_year.sum() > 0
        assert all(total.tolist() == by_year.tolist() for total in _totals(tally.affected, axes, measure)), measure
    unmet = tally.ledger[0, LEDGER.index("possibly_unmet")].sum(axis=1)
    assert all(total.tolist() == unmet.tolist() for total in _totals(tally.affected, axes, "possibly_unmet"))


def test_a_comparison_tells_ages_and_doors(main_job: Any) -> None:
    run = main_job.comparison
    tallies = run.job.outcome(0).tallies
    read = {name: of for name, _, of in measures(run.job.axes, 1)}
    for measure in BY_WHOM:
        for tally in tallies.values():
            whole = read[measure](tally)
            for by in BY:
                parts = [of(tally) for name, of in read.items() if name.startswith(f"{measure}/{by}/")]
                assert len(parts) > 1 and sum(parts) == whole
    assert read["funded_package/age_band/age_18_64"](tallies[""]) > 0
