"""The technical annex says what the run recorded, and "not recorded" where it recorded nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_experiment import SMALL, made

SIGNED = """
sign_off:
  commissioner: {name: A. Person, post: Director of care, date: 2026-03-02, remarks: "The question is agreed."}
  analyst: {name: B. Person}
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of models that two people have put their names to."""
    return made(tmp_path_factory.mktemp("annex"), "small", SMALL + SIGNED)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv", keep_default_na=False)


def test_teams_stages_and_distributions_stand_in_the_results(results: Path) -> None:
    teams, stages, laws = (table(results, name) for name in ("teams", "stages", "distributions"))
    assert set(teams["model"]) == {"barnet_2014_15", "shropshire_p2p"}
    assert set(teams["limit"]) == {"unlimited"}, "no staff numbers are published"
    assert set(stages[stages["kind"] == "service"]["team"]) <= set(teams["team"])
    drawn = laws[laws["place"] == "stages.hub_appointment.duration"].iloc[0]
    assert (drawn["distribution"], drawn["unit"], float(drawn["low"]), float(drawn["high"])) == (
        "uniform",
        "days",
        0,
        14,
    )
    assert drawn["status"] == "assumption"
    assert "001_4cddddb3a8fa21f1.txt" in drawn["documents"].split()
    need = laws[laws["place"] == "person.need.hours_per_week.all"].iloc[0]
    assert need["distribution"] == "lognormal"
    assert float(need["cap"]) == 168, "no more hours than a week has"
