"""Which inputs stand behind a picture follows from their files and their formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from experiments.report.feeding import Feeding
from experiments.report.results import Results

FORMULAS = {
    "models/now.share": "rate * part",
    "models/now.rate": "",
    "models/now:stages.desk.go": "share",
    "models/new.rate": "",
    "demand/here.people": "",
    "prices/care.part": "",
    "prices/care:care.older.home.weekly_cost": "",
    "prices/wages.wage": "",
    "options/mutual:vehicle.change.starts": "wage",
}


def feeding(**config: Any) -> Feeding:
    rows = pd.DataFrame({"key": list(FORMULAS), "formula": list(FORMULAS.values())})
    return Feeding(Results(Path("nowhere"), ({"config": config}, {"inputs": rows})))


def test_a_model_rests_on_its_files_and_what_their_formulas_name_in_their_own_file_first() -> None:
    sets = feeding(calibration={"runs": [{"model": "now", "demand": "here"}]}).sets
    assert sets["now"].keys == {
        "models/now.share", "models/now.rate", "models/now:stages.desk.go", "demand/here.people", "prices/care.part",
    }  # fmt: skip
    assert "5 of 9 inputs" in str(sets["now"].view.said)


def test_what_only_money_rests_on_is_left_out_of_lives_unless_something_follows_from_it() -> None:
    assert "lives" not in feeding().sets, "the wage is named by a vehicle, so all nine are there"
    assert feeding().sets["vehicles"].keys == {"options/mutual:vehicle.change.starts", "prices/wages.wage"}
    alone = feeding()
    alone.rows["options/mutual:vehicle.change.starts"]["formula"] = ""
    assert FORMULAS.keys() - alone.sets["lives"].keys == {"prices/wages.wage"}
    assert alone.within("prices/wages.wage") == [] and alone.within("models/now.rate") == ["inputs-lives"]
