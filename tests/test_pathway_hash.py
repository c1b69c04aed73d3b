"""The compiled pathways that ship are the ones that were checked: each has its pinned content hash.

When a model, demand or prices file is changed on purpose, or a field is added to ``Pathway``, these change too: run
``PYTHONPATH=. .venv/bin/python tests/test_pathway_hash.py``, read what moved in the results, and paste the new hashes
here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml

from experiments.plan import compile_pair, prepare, prices_of
from simulation.compiler import compile_graph
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.reading import SHIPPED

PINNED = {
    "own/barnet_2014_15": "47246af1cccc48166e1ee5ec60d00913",
    "own/barnet_enablement_newton": "a252644d878fb3099b081e6bbb541517",
    "own/barnet_staffed": "3811c8992b4d07648bdaf45ab8417150",
    "own/barnet_target": "46006689d70e693be94e1adeaaa45cc8",
    "own/barnet_whole": "8cc7d268d62476a2362c1f5bc87eaa77",
    "own/barnet_with_newton": "150a4d86269680f10d209c3e3ed47d80",
    "own/locality_front_door": "5403d6e4bb3233c669dae2db1c1491c1",
    "own/nel_focus": "8924358a32f3ebde2440e71bcfef1e40",
    "own/shropshire_p2p": "6523956ec8a3b77089001fab6781d887",
    "own/somerset_front_door": "b28da7c976ac6dbed612bb0019441718",
    "comparison/none": "10d07ddf7956c11ebcc82eb7bd0fdcbd",
    "comparison/harrow": "9cd13020980618b07d4d443ea2762ef3",
    "comparison/half": "2886abdb0e04ec77fb7e2ce58a1d9f97",
    "comparison/full": "7c8dba0e5c57745373d882c1fc2db7c3",
}


def hashes(prepared) -> dict[str, str]:
    """Content hashes of the main experiment's comparison."""
    return {f"comparison/{s.name}": s.compiled.pathway.content_hash() for s in prepared.comparison.scenarios}


def alone(model: Loaded, library: Library, values: Values) -> str:
    """The content hash of a model on its own contacts: those of its name, or else those in its ``uses``."""
    named = SHIPPED / "demand" / f"{model.config.name}.yaml"
    used = [reference for reference in model.config.uses if reference.startswith("demand/")]
    demand = library.load(named) if named.is_file() else library.referred(used[0], model, ("uses",))
    return compile_graph(of_model(model), demand, prices_of(model, library), values).pathway.content_hash()


def test_the_pathways_of_the_main_comparison_are_the_pinned_ones(main_job):
    assert hashes(main_job) == {key: pin for key, pin in PINNED.items() if key.startswith("comparison/")}


@pytest.mark.parametrize("name", sorted(path.stem for path in (SHIPPED / "models").glob("*.yaml")))
def test_each_shipped_model_is_the_pinned_one(name, shipped):
    assert alone(shipped[f"models/{name}"], shipped.library, shipped.values()) == PINNED.get(f"own/{name}")


def test_no_model_is_pinned_that_does_not_ship(shipped):
    models = {loaded.config.name for ref, loaded in shipped.files.items() if ref.startswith("models/")}
    assert {key.removeprefix("own/") for key in PINNED if key.startswith("own/")} == models


def test_the_main_experiment_runs_the_pinned_models(main_job):
    for run in main_job.own:
        assert run.compiled.pathway.content_hash() == PINNED[run.key]


def own(toys, change):
    """The hash of shipped Barnet after a change of the model file's data."""
    folders = ("models", "demand", "prices")
    data = {
        folder: yaml.safe_load((SHIPPED / folder / "barnet_2014_15.yaml").read_text(encoding="utf-8"))
        for folder in folders
    }
    text = (SHIPPED / "models" / "barnet_2014_15.yaml").read_text(encoding="utf-8")
    path = toys.write("models", "barnet_2014_15", text if change is None else change(data["models"]))
    model = toys.fresh(path)
    demand = toys.library.load(SHIPPED / "demand" / "barnet_2014_15.yaml")
    prices = prices_of(model, toys.library)
    return compile_graph(of_model(model), demand, prices, toys.values(model, demand)).pathway.content_hash()


def backwards(value):
    """The same mappings in the opposite order; lists have a meaning and stay."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


def retitled(data):
    data["title"] = data["short_title"] = "Another title"
    for stage in data["stages"].values():
        stage["title"] = "Another title"
        stage["note"] = "said otherwise"
    return data


def test_neither_the_order_of_keys_nor_titles_change_the_hash(toys):
    assert own(toys, None) == PINNED["own/barnet_2014_15"]
    assert own(toys, backwards) == PINNED["own/barnet_2014_15"]
    assert own(toys, retitled) == PINNED["own/barnet_2014_15"]


def another_length(data):
    data["stages"]["needs_assessment"]["duration"]["mean"]["value"] = 34.0
    return data


def another_probability(data):
    data["parameters"]["hospital_funded_rate"]["value"] = 0.1978
    return data


def branches_turned(data):
    data["stages"]["funding"]["branches"].reverse()
    return data


def another_weight(data):
    data["parameters"]["need_weight"]["value"] = 0.51
    return data


def limited(data):
    data["teams"]["social_care_direct"]["practitioners"] = 12.0
    return data


@pytest.mark.parametrize("change", [another_length, another_probability, branches_turned, another_weight, limited])
def test_whatever_changes_a_life_changes_the_hash(toys, change):
    assert own(toys, change) != PINNED["own/barnet_2014_15"]


def test_the_last_bit_of_a_division_does_not_change_the_hash(main_job):
    pathway = main_job.own[0].compiled.pathway
    nearly = replace(pathway, cumulative=np.where(pathway.cumulative < 1, np.nextafter(pathway.cumulative, 0), 1.0))
    assert not np.array_equal(nearly.cumulative, pathway.cumulative)
    assert nearly.content_hash() == pathway.content_hash()


def test_the_joint_pathway_does_not_depend_on_what_was_compiled_before(main_job, shipped):
    again = compile_pair(
        shipped["models/barnet_2014_15"],
        shipped["models/shropshire_p2p"],
        shipped["demand/barnet_2014_15"],
        shipped["prices/barnet_2014_15"],
        shipped.values(),
        0.5,
        {"source": ["hospital"]},
    )
    assert again.pathway.content_hash() == PINNED["comparison/half"]


def renewed() -> dict[str, str]:  # pragma: no cover - renews the pins
    """Every pin as it is now."""
    library = Library()
    models = [library.load(path) for path in sorted((SHIPPED / "models").glob("*.yaml"))]
    inputs = Inputs(library)
    for model in models:
        inputs.add(model)
    own_hashes = {f"own/{model.config.name}": alone(model, library, Values(inputs)) for model in models}
    return {**own_hashes, **hashes(prepare(SHIPPED / "experiments" / "barnet_vs_shropshire.yaml"))}


if __name__ == "__main__":  # pragma: no cover - renews the pins
    for key, value in renewed().items():
        print(f'    "{key}": "{value}",')
