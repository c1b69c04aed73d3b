"""The comparisons that one page can show: an experiment with any two models that fit its contacts and prices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from experiments.explore.world import Latest, World
from experiments.plan import Prepared, compile_pair, prepare
from experiments.sweep.keys import Laid
from experiments.sweep.lived import Relaid
from simulation.errors import ConfigError, DemandflowError
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.reading import SHIPPED, root_of
from simulation.schema import DeliveryModel
from simulation.schema.stages import Package

MOST_WORLDS = 6


class Worlds:
    """Comparisons by their baseline and model; each is worked out when it is first asked for, and kept.

    Attributes:
        home: the experiment as its file has it. titles: what the models that can be chosen are called, by name.
    """

    def __init__(self, path: Path, presets_only: bool = False):
        """Read and check the experiment.

        Raises:
            ConfigError, DemandflowError: its faults; nothing in it is compared.
        """
        prepared = prepare(path)
        if prepared.comparison is None:
            what = "this experiment has no comparison:, and the page asks one again and again."
            mend = "Name an experiment such as configs/experiments/barnet_vs_shropshire.yaml."
            raise ConfigError([prepared.loaded.problem(("name",), what, mend)])
        self.path, self.presets_only = path, presets_only
        self.home = World(prepared, presets_only)
        own = (prepared.comparison.baseline, prepared.comparison.model)
        models = {one.config.name: one for one in (*own, *(() if presets_only else _fitting(prepared, path)))}
        self.titles = {name: str(one.config.title) for name, one in models.items()}
        self._worlds: Latest[tuple[str, str], World] = Latest(MOST_WORLDS)

    def world(self, models: tuple[str, str]) -> World:
        """The comparison of two models.

        Raises:
            ConfigError, DemandflowError: the two cannot be compared on these people.
        """
        if models == self.home.models:
            return self.home
        if models[0] == models[1]:
            raise DemandflowError("A model is not compared with itself. Choose two that differ.")
        return self._worlds.get(models, lambda: World(prepare(self.path, Relaid(self._laid(models))), False))

    def _laid(self, models: tuple[str, str]) -> list[Laid]:
        """The experiment with other models: what was said of its own does not hold of them."""
        own, config = self.home.prepared.loaded, self.home.config
        asked = (
            f"If the contacts of “{self.titles[models[0]]}” were answered as in “{self.titles[models[1]]}”, how many "
            "fewer Council-funded packages would start?"
        )
        fixed = [
            {"name": one.name, "title": one.title, "value": self.home.shares[one.name]}
            for one in config.transfers
            if one.match is None
        ] or [{"name": "half", "title": "half of the gap", "value": 0.5}]
        headline = next((one["name"] for one in fixed if one["value"] == 0.5), fixed[-1]["name"])
        new = {
            ("question",): asked,
            ("comparison", "baseline"): models[0],
            ("comparison", "model"): models[1],
            ("comparison", "transfers"): fixed,
            ("comparison", "headline_transfer"): headline,
            ("true_only_if",): [],
            ("cannot_say",): ["What either model rests on: the experiment's own words are about two other models."],
        }
        return [Laid(own.ref, where, value) for where, value in new.items()]


def _fitting(prepared: Prepared, path: Path) -> Iterator[Loaded]:
    """Models in reach that lead to packages and can be lived by these people."""
    run = prepared.comparison
    assert run is not None
    folders = dict.fromkeys([root_of(path) / "models", SHIPPED / "models"])
    for file in (file for folder in folders for file in sorted(folder.glob("*.yaml"))):
        library: Library = prepared.inputs.library
        try:
            found = library.load(file)
            if not isinstance(found.config, DeliveryModel) or not of_model(found).of_kind(Package):
                continue
            inputs = Inputs(library)
            for one in (*prepared.documents, found):
                inputs.add(one)
            keeps = {name: list(values) for name, values in run.job.keeps.items()}
            compile_pair(run.baseline, found, run.demand, run.prices, Values(inputs), 0.5, keeps, tables=False)
        except DemandflowError:
            continue  # it needs other people or prices
        yield found
