"""The fewest practitioners are those that queueing theory names, and one fewer is too few."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import twentieth
import yaml
from conftest import OUT, Toys, arrival, constant, decision, exponential, service

from experiments.answers import Answers
from experiments.cli import main
from experiments.crew import Crew
from experiments.staffing.case import BLOCKS, case_of
from experiments.staffing.kept import lived, remember
from experiments.staffing.search import Trials, fewest

HOURS_OF_WORK, A_YEAR = 20.0, 2000.0
"""About 4.6 practitioners are busy all the time, day and night."""


def written(toys: Toys, stages: dict[str, Any] | None = None, teams: dict[str, Any] | None = None, **more: Any) -> Path:
    """A service of one queue, and the experiment that asks of it."""
    stages = stages or {"door": arrival("desk"), "desk": service("out", exponential(HOURS_OF_WORK), "desk"), "out": OUT}
    toys.model(stages, teams=teams or {"desk": 4})
    toys.demand({"community": A_YEAR})
    toys.prices({"older_people": {}})
    content = {
        "kind": "experiment", "name": "toy", "title": "A toy service", "question": "Who waits?", "seed": 5,
        "follow_up_days": 0,
        "service": {
            "model": "toy", "demand": "toy", "prices": "toy", "start": "2014-04-01", "years": 1, "warm_up_months": 2,
            "replications": 3, "reported_year": "2014/15", "residents": {"older": 10000.0}, "checks": [],
            "indicators": [], **more,
        },
    }  # fmt: skip
    text = yaml.safe_dump(content, sort_keys=False).replace("'2014-04-01'", "2014-04-01")
    return toys.write("experiments", "toy", text)


def erlang_c(practitioners: int, load: float) -> float:
    """The share of people who wait at all (M/M/c)."""
    terms = [load**k / math.factorial(k) for k in range(practitioners)]
    top = load**practitioners / math.factorial(practitioners) * practitioners / (practitioners - load)
    return top / (sum(terms) + top)


def within(practitioners: int, hours: float) -> float:
    """The share seen within so many hours (M/M/c)."""
    load = A_YEAR / 365.25 / 24 * HOURS_OF_WORK
    if practitioners <= load:
        return 0.0
    return 1 - erlang_c(practitioners, load) * math.exp(-(practitioners - load) / HOURS_OF_WORK * hours)


def trials(path: Path, standards: list[str], crew: Crew, share: float = 0.9) -> Trials:
    case, _ = case_of(path, None, standards, [], 1)
    key = (str(path), None, tuple(standards), (), 1)
    remember(key, case)
    return Trials(case, key, "constant", share, 0.9, 10, Answers(crew))


def test_the_fewest_are_those_of_queueing_theory(toys: Toys) -> None:
    """Five see 53% within a day, six 92% and seven 99%; a year of 2,000 people strays a few points from that."""
    assert within(5, 24) < 0.55 and within(6, 24) > 0.91
    with Crew([], 1) as crew:
        one = trials(written(toys), ["desk=1"], crew, 0.85)
        roster, loads = fewest(one)
        assert roster == ((6,),) and loads == [pytest.approx(4.56, abs=0.15)]
        assert one.kept(((6,),)) >= 9 and one.kept(((5,),)) < 9
        shares = [float(s.met.sum() / s.due.sum()) for s in one.seen[((6,),)]]
        assert np.mean(shares) == pytest.approx(within(6, 24), abs=0.025)


def test_more_is_asked_of_more_people(toys: Toys) -> None:
    path = written(toys)
    with Crew([], 1) as crew:
        for share in (0.85, 0.96):
            expected = next(c for c in range(5, 12) if within(c, 24) > share)
            assert fewest(trials(path, ["desk=1"], crew, share))[0] == ((expected,),)


def test_no_team_can_do_with_one_fewer(toys: Toys) -> None:
    """Two teams one behind the other: the second serves a fifth of the people for five times as long."""
    stages = {
        "door": arrival("desk"),
        "desk": service("more", exponential(8), "desk"),
        "more": decision(("out", 0.8), ("visit", "rest")),
        "visit": service("out", exponential(40), "visitors"),
        "out": OUT,
    }
    path = written(toys, stages, {"desk": 1, "visitors": 1})
    with Crew([], 1) as crew:
        one = trials(path, ["desk=1", "visit=3"], crew)
        roster, _ = fewest(one)
        assert roster is not None and one.good(roster)
        for team in (0, 1):
            fewer = tuple((row[0] - (place == team),) for place, row in enumerate(roster))
            assert roster[team] == (1,) or not one.good(fewer)


def test_a_team_that_no_standard_names_does_not_let_people_wait_for_ever(toys: Toys) -> None:
    stages = {
        "door": arrival("which"),
        "which": decision(("quick", 0.5), ("slow", "rest")),
        "quick": service("out", exponential(20), "one", priority=0),
        "slow": service("out", exponential(20), "one", priority=1),
        "out": OUT,
    }
    with Crew([], 1) as crew:
        one = trials(written(toys, stages, {"one": 3}), ["quick=14"], crew)
        roster, _ = fewest(one)
    assert [s.place for s in one.case.standards] == ["quick", "rest of one"]
    assert roster == ((5,),), "three would see the quick in time, and leave the slow to wait"


def test_a_roster_by_quarter_is_that_of_its_months(toys: Toys) -> None:
    path = written(toys)
    case, _ = case_of(path, None, ["desk=14"], [], 1)
    assert BLOCKS["quarter"][0][0] == "April to June"
    assert case.roster_months()[:4] == [2, 3, 4, 5]
    few = lived(case, "quarter", ((9, 1, 9, 9),), 0)
    shares = (few.met[0] / few.due[0]).tolist()
    assert shares[0] > 0.95 and shares[1] < 0.6 and shares[3] > 0.95
    assert few.due.sum() == lived(case, "constant", ((9,),), 0).due.sum()


def test_people_who_still_wait_are_not_seen_in_time(toys: Toys) -> None:
    """One practitioner for the work of nearly five: most of the year's people are never seen within the run."""
    case, _ = case_of(written(toys), None, ["desk=14"], [], 1)
    seen = lived(case, "constant", ((1,),), 0)
    assert seen.due.sum() == pytest.approx(A_YEAR, rel=0.1)
    assert seen.met.sum() < 0.1 * seen.due.sum() and seen.busy[0, 0] == pytest.approx(1.0, abs=0.01)


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["staffing", *words, "--workers", "1", "--quiet"])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_writes_its_folder(toys: Toys, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = written(toys), tmp_path / "made"
    code, said, _ = run(
        [str(path), "--standard", "desk=1", "--share", "0.85", "--replications", "10", "--out", str(out)], capsys
    )
    assert code == 0 and said.startswith("Fewest practitioners to see 85 of 100 people in time") and "desk 6" in said
    assert "Practitioners are people on the roster" in said
    table = pd.read_parquet(out / "tables" / "staffing.parquet")
    assert table["practitioners"].tolist() == [6] and table["practitioners_in_the_model"].tolist() == ["4"]
    assert table["one_fewer_kept"][0] < 9 <= table["kept"][0]
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["status"], manifest["command"]) == ("finished", "staffing")
    assert "How many practitioners" in (out / "staffing.html").read_text(encoding="utf-8")


def test_what_staff_cannot_mend_is_said(toys: Toys, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody is booked three days ahead."""
    stages = {
        "door": arrival("desk"),
        "desk": service("hub", 0.5, "desk"),
        "hub": {"kind": "appointments", "team": "hub", "slots": "unlimited", "lead_time": constant(3, "days"),
                "length": constant(1), "did_not_attend": 0.0, "rebookings": 0, "gave_up_to": "out", "to": "out"},
        "out": OUT,
    }  # fmt: skip
    path = written(toys, stages, {"desk": 1, "hub": "unlimited"})
    code, said, _ = run(
        [str(path), "--standard", "hub=1", "--replications", "10", "--out", str(tmp_path / "o")], capsys
    )
    assert code == 1, said
    assert "No number of practitioners would keep the standards" in said and "not staff" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "nobody is seen at a hub or on a home visit in this model"),
        (["--standard", "desks=1"], "nobody is seen there. Did you mean 'desk'?"),
        (["--standard", "desk"], "write a place and whole days"),
        (["--standard", "desk=0"], "write a place and whole days"),
        (["--standard", "desk=1.5"], "write a place and whole days"),
        (["--standard", "desk=1", "--team", "nobody"], "no such team serves a queue"),
        (["--standard", "desk=1", "--team", "desk"], "gives it no opening hours"),
        (["--standard", "desk=1", "--model", "nothing_like_it"], "nothing_like_it"),
    ],
)
def test_bad_input_is_a_sentence(
    toys: Toys, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    code, _, err = run([str(written(toys)), *words, "--out", str(tmp_path / "o")], capsys)
    assert code == 2 and says in err, err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("given", ["0", "1", "-1", "nan", "some"])
def test_a_probability_lies_between(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["staffing", "x.yaml", "--probability", given])
    assert "above 0 and below 1" in capsys.readouterr().err


def test_unlimited_teams_are_not_staffed(toys: Toys, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(toys, teams={"desk": "unlimited"})
    code, _, err = run([str(path), "--standard", "desk=1", "--out", str(tmp_path / "o")], capsys)
    assert code == 2 and "every team of this model is unlimited" in err


def test_the_state_a_transition_leads_to(tmp_path: Path) -> None:
    case, prepared = case_of(twentieth.written(tmp_path), None, [], [], 1)
    assert case.teams == ("social_care_direct", "social_work_teams")
    assert [s.place for s in case.standards][:2] == ["hub_appointment", "home_visit"]
    world = prepared.transition.world  # type: ignore[union-attr]
    share = world.settings.transfers[prepared.transition.config.headline_transfer]  # type: ignore[union-attr]
    assert np.all(case.pathway.adoption == share)
    seen = lived(case, "constant", ((2,), (5,)), 0)
    assert seen.due[0, 0] > 0 and (seen.met <= seen.due).all()
    assert case.axes.months[0] == "2016-04" and len(case.axes.months) == 12
