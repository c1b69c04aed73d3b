"""The comparisons that one page can show: an experiment with any two models that fit its contacts and prices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from experiments.checks import ways_in
from experiments.explore.world import Latest, World
from experiments.plan import ComparisonRun, Prepared, compile_pair, prepare
from experiments.sweep.keys import Laid
from experiments.sweep.lived import Relaid
from simulation.errors import ConfigError, DemandflowError
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Loaded
from simulation.reading import SHIPPED, root_of
from simulation.schema import DeliveryModel
from simulation.schema.stages import Package

MOST_WORLDS = 6


class Worlds:
    """Comparisons by their baseline and model; each is worked out when it is first asked for, and kept.

    Attributes:
        home: the experiment as its file has it. titles: what the models that fit are called, by role ('baseline',
        'model') and name.
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
        compared = prepared.comparison
        found = [] if presets_only else [*_in_reach(prepared, path)]
        self.titles: dict[str, dict[str, str]] = {}
        for role, own in (("baseline", compared.baseline), ("model", compared.model)):
            fitting = [own, *(one for one in found if one is not own and _fits(prepared, compared, role, one))]
            self.titles[role] = {one.config.name: str(one.config.title) for one in fitting}
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
            f"If the contacts of “{self.titles['baseline'][models[0]]}” were answered as in "
            f"“{self.titles['model'][models[1]]}”, how many fewer Council-funded packages would start?"
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
            ("comparison", "like_for_like"): None,
            ("true_only_if",): [],
            ("cannot_say",): ["What either model rests on: the experiment's own words are about two other models."],
        }
        return [Laid(own.ref, where, value) for where, value in new.items()]


def _in_reach(prepared: Prepared, path: Path) -> Iterator[Loaded]:
    """The models of the experiment's own folder and of those that ship which lead to packages."""
    folders = dict.fromkeys([root_of(path) / "models", SHIPPED / "models"])
    for file in (file for folder in folders for file in sorted(folder.glob("*.yaml"))):
        try:
            found = prepared.inputs.library.load(file)
        except DemandflowError:
            continue  # it is nothing of this experiment's
        if isinstance(found.config, DeliveryModel) and any(of_model(found).of_kind(Package)):
            yield found


def _fits(prepared: Prepared, run: ComparisonRun, role: str, model: Loaded) -> bool:
    """Whether a model can be lived by these people, at these prices, in the place of one of the two."""
    kept = set(run.job.keeps.get("source", [])) if role == "model" else set()
    if ways_in(prepared.loaded, ("comparison", role), model, run.demand, kept):
        return False
    first, second = (model, run.model) if role == "baseline" else (run.baseline, model)
    keeps = {name: list(values) for name, values in run.job.keeps.items()}
    inputs = Inputs(prepared.inputs.library)
    try:
        for one in (*prepared.documents, model):
            inputs.add(one)
        compile_pair(first, second, run.demand, run.prices, Values(inputs), 0.5, keeps, tables=False)
    except DemandflowError:
        return False
    return True
