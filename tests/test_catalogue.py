"""The list of delivery models."""

from pathlib import Path

import pytest

from experiments.catalogue import _tells, listed
from experiments.cli import main
from simulation.errors import DemandflowError
from simulation.library import Library
from simulation.reading import SHIPPED


def test_every_shipped_system_is_listed_once_under_its_group_with_what_it_reproduces(shipped, capsys):
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    headings = [line for line in lines if line.endswith(":")]
    assert headings == ["Delivery models:", "Interventions:", "Delivery vehicles:", "Other:"]
    models = {ref: loaded.config for ref, loaded in shipped.files.items() if ref.startswith("models/")}
    listed_models = lines[1 : lines.index("Interventions:")]
    assert len(listed_models) == len(models) == len(list((SHIPPED / "models").glob("*.yaml")))
    for line, (_, model) in zip(listed_models, sorted(models.items()), strict=True):
        assert line.startswith(model.name)
        assert model.title in line
        assert model.reproduces in line
    names = [line.split()[0] for line in lines[lines.index("Delivery vehicles:") :] if line not in headings]
    options = [path.stem for path in (SHIPPED / "options").glob("*.yaml")]
    assert set(names) >= {*options, "mtfs", "ilf_reviews"}
    assert len(names) == len(set(names))


def test_each_intervention_is_listed_with_its_mechanism_and_what_is_printed_for_england(capsys):
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = lines[lines.index("Interventions:") + 1 : lines.index("Delivery vehicles:")]
    files = (SHIPPED / "interventions").glob("*.yaml")
    assert [line.split()[0] for line in told] == sorted(path.stem for path in files)
    for line in told:
        assert "Mechanism: " in line
        assert "an opportunity benefit and not a saving" in line
    assert any("£867m a year" in line for line in told)


def test_an_intervention_without_a_printed_figure_for_england_is_listed_without_one():
    corpus = Path(__file__).resolve().parent / "bad_input" / "interventions" / "better_answers.yaml"
    assert _tells(Library().load(corpus)) == "Mechanism: better_answers"


def test_a_folder_of_ones_own_is_listed(toys):
    from conftest import OUT, arrival

    toys.model({"in": arrival("out"), "out": OUT}, name="mine")
    assert list(listed(toys.folder / "models")) == ["mine  mine. Reproduces: nothing."]


def test_a_folder_without_models_is_told(tmp_path, capsys):
    with pytest.raises(DemandflowError, match="holds no"):
        list(listed(tmp_path))
    assert main(["models", str(SHIPPED / "demand")]) == 2
    assert "holds configs but no models or options" in capsys.readouterr().err


def test_broken_files_of_a_folder_are_all_told(tmp_path, capsys):
    (tmp_path / "one.yaml").write_text("kind: option\nname: one\n")
    (tmp_path / "two.yaml").write_text("kind: model\nname: two\n")
    assert main(["models", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "one.yaml" in told and "two.yaml" in told


def test_the_tables_of_options_show_the_lead_and_what_nobody_published(capsys):
    assert main(["options", str(SHIPPED / "options" / "public_service_mutual.yaml")]) == 0
    told = capsys.readouterr().out
    assert "Lead over In-house: £1,738,948 = £1,310,710 judged + £428,238 efficiency. It disappears at" in told
    assert "£1,738,948 of extra cost as published, £428,238 where both are judged alike" in told
    assert "judged by the board (no probability)" in told
    assert "ranking are withheld" in told
    assert "set up, VAT, pensions, stranded overheads, client side, redundancy and exit" in told


def test_every_shipped_table_is_shown(capsys):
    assert main(["options"]) == 0
    told = capsys.readouterr().out
    for figure in ("14,557,643", "1,544,011", "2,353,506", "27,097,683", "196,741", "18,453,000"):
        assert figure in told


def test_a_file_without_a_table_is_told(capsys):
    assert main(["options", str(SHIPPED / "models" / "barnet_2014_15.yaml")]) == 2
    assert "is a model file. Name a file of options/ or prices/." in capsys.readouterr().err
