"""What is asked at other inputs is what an experiment of those inputs would count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import twentieth
from test_workers import tiny  # noqa: F401

from experiments.answers import Answers
from experiments.crew import Crew
from experiments.evaluate import Asking, evaluated, evaluator_of
from experiments.measured import TRANSFER, Point, known_input, known_measure
from experiments.plan import prepare
from experiments.transition.delivery import released
from simulation.errors import ConfigError, DemandflowError
from simulation.tally import MEASURES


def test_a_comparison_at_its_own_inputs_is_the_experiment(tiny: Path) -> None:  # noqa: F811
    evaluator, run = evaluator_of(tiny), prepare(tiny).comparison
    assert run is not None
    names = ["funded_package", "demand_savings_2014_15", "packages_running_at_end"]
    found = evaluator.values({}, [0, 3], names)
    headline = next(s.name for s in run.scenarios if s.transfer == evaluator.transfer)
    for row, replication in zip(found, (0, 3), strict=True):
        tallies = run.job.outcome(replication).tallies
        now, then = tallies[""], tallies[headline]
        funded = MEASURES.index("funded_package")
        assert row[0] * 2 == then.people[funded].sum() - now.people[funded].sum()
        assert row[1] == pytest.approx(float(now.pence_days[:, 0].sum() - then.pence_days[:, 0].sum()) / 700)
        assert row[2] == then.live[:, -1].sum() - now.live[:, -1].sum()


def test_an_input_and_the_transfer_can_be_replaced(tiny: Path) -> None:  # noqa: F811
    evaluator = evaluator_of(tiny)
    none, some, whole = (
        evaluator.values({TRANSFER: share}, range(4), ["funded_package"]).mean() for share in (0.0, 0.5, 1.0)
    )
    assert none == 0 and abs(whole) > abs(some) > 0
    with pytest.raises(ConfigError, match=r"would be 1\.2"):
        evaluator.values({TRANSFER: 1.2}, [0], ["funded_package"])


def test_a_transition_at_its_own_inputs_is_the_experiment(tmp_path: Path) -> None:
    path = twentieth.written(tmp_path)
    evaluator = evaluator_of(path)
    run = prepare(path).transition
    assert run is not None and evaluator.route == run.over
    drawn = run.maker.inputs.drawn(run.job.seed, 1)
    assert run.drawn is not None
    for job, over in ((run.job, {}), (run.drawn, drawn)):
        figures = job.outcome(1).tallies[run.over]
        found = evaluator.values(over, [1], ["demand_savings_2019_20", "savings_running_2018_19"])
        assert found.tolist() == [[released(figures, "cash", 3), released(figures, "run_rate", 2)]]


def test_workers_and_pieces_change_nothing(tiny: Path) -> None:  # noqa: F811
    evaluator = evaluator_of(tiny)
    points = [Point.of({}, range(5)), Point.of({TRANSFER: 1.0}, range(3)), Point.of({TRANSFER: 2.0}, [0])]
    made = []
    for workers in (1, 2):
        with Crew([], workers) as crew:
            made.append(Asking(evaluator, str(tiny), Answers(crew)).ask(points, ["funded_package", "contact"]))
    for one, two in zip(made[0][:2], made[1][:2], strict=True):
        assert np.array_equal(one, two)
    assert made[0][0].shape == (5, 2) and made[0][2] is None and made[1][2] is None


def test_names_that_are_not_known_are_sentences(tiny: Path) -> None:  # noqa: F811
    evaluator = evaluator_of(tiny)
    with pytest.raises(DemandflowError, match="Did you mean 'funded_package'"):
        known_measure(evaluator, "funded_packages")
    with pytest.raises(DemandflowError, match="there is no input 'nothing_like_it'"):
        known_input(evaluator.prepared.inputs, "nothing_like_it")
    with pytest.raises(DemandflowError, match="only an experiment with transition: has routes"):
        evaluator_of(tiny, "in_house")
    assert evaluated(str(tiny), "", "auto", Point.of({TRANSFER: 7.0}, [0]), ("contact",)) is None
