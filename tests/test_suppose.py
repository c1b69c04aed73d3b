"""An experiment may suppose values of inputs in place of what its files give, and says that they are its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.plan import prepare
from experiments.uncertainty import inputs_table
from simulation.errors import ConfigError
from simulation.inputs import Values
from simulation.reading import SHIPPED

RATE = "models/barnet_2014_15.hospital_funded_rate"
SHIPPED_ONE = SHIPPED / "experiments" / "barnet_vs_shropshire.yaml"


def supposing(folder: Path, text: str) -> Path:
    path = folder / "experiments" / "supposed.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"kind: experiment\nname: supposed\nextends: barnet_vs_shropshire\ncalibration: null\nsuppose: {text}\n",
        encoding="utf-8",
    )
    return path


def test_a_supposed_value_is_used_wherever_the_input_is_and_is_told_to_be_an_assumption(tmp_path):
    published = prepare(SHIPPED_ONE)
    prepared = prepare(supposing(tmp_path, f"{{{RATE}: 0.3}}"))
    assert Values(prepared.inputs).named("models/barnet_2014_15", "hospital_funded_rate") == 0.3
    before, after = (one.comparison.scenarios[-1].compiled.pathway.content_hash() for one in (published, prepared))
    assert before != after
    rows = inputs_table(prepared, {}).set_index("key")
    assert rows.loc[RATE, "value"] == 0.3
    assert rows.loc[RATE, "status"] == "assumption"
    assert "supposed by this experiment" in rows.loc[RATE, "why"]


def test_a_supposed_value_is_neither_drawn_nor_varied(tmp_path):
    prepared = prepare(supposing(tmp_path, f"{{{RATE}: 0.3}}"))
    assert RATE not in prepared.inputs.drawn(1, 0)
    assert RATE in prepare(SHIPPED_ONE).inputs.drawn(1, 0)


def test_supposing_the_files_own_values_changes_nothing(tmp_path):
    published = prepare(SHIPPED_ONE)
    values = Values(published.inputs)
    given = {item.key: values.of(item.number, item.loaded.ref) for item in published.inputs.ranged()}
    text = ", ".join(f'"{key}": {float(value)!r}' for key, value in given.items() if "experiments/" not in key)
    prepared = prepare(supposing(tmp_path, f"{{{text}}}"))
    for mine, theirs in zip(prepared.comparison.scenarios, published.comparison.scenarios, strict=True):
        assert mine.compiled.pathway.content_hash() == theirs.compiled.pathway.content_hash()


@pytest.mark.parametrize(
    "text, told",
    [
        ("{models/barnet_2014_15.hospital_funded_rat: 0.3}", "Did you mean 'models/barnet_2014_15.hospital_funded_rat"),
        (f"{{{RATE}: 0.99}}", "outside its range"),
        ("{nothing: 1.0}", "there is no input 'nothing' with a range"),
    ],
)
def test_what_cannot_be_supposed_is_refused_with_its_line(tmp_path, text, told):
    with pytest.raises(ConfigError) as error:
        prepare(supposing(tmp_path, text))
    assert told in str(error.value)
    assert "supposed.yaml:5" in str(error.value)
