"""The list of delivery models."""

import pytest

from experiments.catalogue import listed
from experiments.cli import main
from simulation.errors import DemandflowError
from simulation.reading import SHIPPED


def test_every_shipped_model_is_listed_with_what_it_reproduces(shipped, capsys):
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    models = {ref: loaded.config for ref, loaded in shipped.files.items() if ref.startswith("models/")}
    assert len(lines) == len(models) == len(list((SHIPPED / "models").glob("*.yaml")))
    for line, (_, model) in zip(lines, sorted(models.items()), strict=True):
        assert line.startswith(model.name)
        assert model.title in line
        assert model.reproduces in line


def test_a_folder_of_ones_own_is_listed(toys):
    from tests.conftest import OUT, arrival

    toys.model({"in": arrival("out"), "out": OUT}, name="mine")
    assert list(listed(toys.folder / "models")) == ["mine  mine. Reproduces: nothing."]


def test_a_folder_without_models_is_told(tmp_path, capsys):
    with pytest.raises(DemandflowError, match="holds no"):
        list(listed(tmp_path))
    assert main(["models", str(SHIPPED / "demand")]) == 2
    assert "holds configs but no models" in capsys.readouterr().err
