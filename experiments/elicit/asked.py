"""The headline of a comparison as a function of its inputs: exact expectations, no chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.crew import Crew
from experiments.evaluate_comparison import refuse_beside
from experiments.manifest import digest
from experiments.measured import known_input
from experiments.plan import Prepared, prepare
from experiments.report.words import humanised
from experiments.results_folder import finished_experiment
from experiments.uncertainty import Answer, Question
from simulation.errors import ConfigError, DemandflowError, Problem, shown, typed
from simulation.inputs import Input, Values
from simulation.schema.transfer import Transfer


@dataclass(frozen=True)
class Headline:
    """What an experiment comes to under one set of inputs, at its headline transfer.

    Attributes:
        packages: expected change in people a year with a funded package (negative: fewer).
        saving: gross pounds of care saved in the last financial year of the comparison (negative: more is spent).
    """

    packages: float
    saving: float


class Asked:
    """An experiment whose headline can be asked under other inputs."""

    def __init__(self, path: Path):
        """Read and check the experiment at ``path``.

        Raises:
            ConfigError: faults of its files, or an experiment that compares nothing.
        """
        self.path = path
        self.prepared: Prepared = prepare(path)
        run, config = self.prepared.comparison, self.prepared.experiment.comparison
        if run is None or config is None:
            what = "this experiment has no comparison:, and only the headline of a comparison can be asked again."
            mend = "Name an experiment such as configs/experiments/barnet_vs_shropshire.yaml."
            raise ConfigError([self.prepared.loaded.problem(("name",), what, mend)])
        self.question = Question(self.prepared, run)
        self.transfer: Transfer = next(t for t in config.transfers if t.name == config.headline_transfer)
        self.draws = config.input_draws
        self.values = Values(self.prepared.inputs)

    @property
    def inputs(self) -> dict[str, Input]:
        """All inputs by key."""
        return self.prepared.inputs.inputs

    @property
    def year(self) -> str:
        """The financial year of the saving."""
        return self.question.last_year

    @property
    def scenario(self) -> str:
        """What the headline is about, in a sentence."""
        return scenario_of(self.prepared, self.transfer)

    def value(self, key: str) -> float:
        """An input's value as it stands."""
        item = self.inputs[key]
        return self.values.of(item.number, item.loaded.ref)

    def headline(self, over: Mapping[str, float]) -> Headline:
        """The headline with some inputs replaced.

        Raises:
            ConfigError, DemandflowError: these inputs cannot hold together; the sentence says what contradicts what.
        """
        self._refuse(over)
        return self._of(self.question.worked_out(over), over)

    def headlines(self, sets: Sequence[Mapping[str, float]], crew: Crew) -> list[Headline | None]:
        """The headline of many sets of inputs, in their order; None where inputs contradict each other."""
        answers = crew.ask(str(self.path), sets)
        return [None if a is None else self._of(a, over) for a, over in zip(answers, sets, strict=True)]

    def _of(self, answer: Answer, over: Mapping[str, float]) -> Headline:
        share = self.question.share(self.transfer, answer, over)
        return Headline(answer.difference(share) + 0.0, answer.saving(share, self.year) + 0.0)

    def _refuse(self, over: Mapping[str, float]) -> None:
        """Faults that the compiled graph of the comparison does not meet: shares of a population, and of a gap."""
        values = Values(self.prepared.inputs, over)
        found: list[Problem] = []
        if self.transfer.value is not None:
            share = values.of(self.transfer.value, self.prepared.loaded.ref)
            if not 0 <= share <= 1:
                what = f"the transfer '{self.transfer.name}' would be {share:g}, and a share lies from 0 to 1."
                found.append(self.prepared.loaded.problem(("comparison", "transfers"), what))
        refuse_beside(self.prepared, values, found)

    def known(self, name: str) -> str:
        """The key of an input by its key or, where only one input is called so, by its last part.

        Raises:
            DemandflowError: no input is called so, or several are.
        """
        return known_input(self.prepared.inputs, name)


def scenario_of(prepared: Prepared, transfer: Transfer) -> str:
    """What a comparison's headline is about, in a sentence."""
    return (
        f"{prepared.experiment.question} Scenario: {transfer.title}. Two models side by side are not an estimate of "
        "effect: how much of the gap between them would really be closed is itself an input."
    )


def title_of(key: str) -> str:
    """An input as words: 'hospital funded rate'; 'needs assessment, duration, mean'."""
    inside = key.partition(":")[2]
    if not inside:
        return humanised(key.partition(".")[2])
    steps = [step for step in inside.split(".") if step not in ("stages", "person", "shares", "values", "all")]
    return ", ".join(humanised(step) for step in steps)


def first_fault(error: DemandflowError) -> str:
    """The first of a fault's sentences, for use inside another."""
    return str(error).partition("\n")[0]


def asked_of(path: Path) -> Asked:
    """The experiment of a file or of a finished results folder.

    Raises:
        ConfigError, DemandflowError: no such file, no finished results, files changed since.
    """
    return asked_of_results(path)[0] if path.is_dir() else Asked(path)


def asked_of_results(folder: Path) -> tuple[Asked, dict[str, Any]]:
    """The experiment of a finished results folder as its files stand, and the folder's manifest.

    Raises:
        ConfigError, DemandflowError: not a finished comparison, or a config has changed since it ran.
    """
    manifest = finished_experiment(folder)
    if manifest["config"].get("comparison") is None:
        raise DemandflowError(
            f"{shown(folder)}: this experiment compares no two models side by side, so it has no such headline. "
            "Name the results of an experiment with comparison:, such as barnet_vs_shropshire."
        )
    name = str(manifest["experiment"])
    paths = [Path(file) for file in manifest["config_hashes"]]
    own = [path for path in paths if path.stem == name]
    experiment = next((path for path in own if path.parent.name == "experiments"), own[-1] if own else None)
    changed = [path for path in paths if not path.is_file() or digest(path) != manifest["config_hashes"][str(path)]]
    gone = [path for path in changed if not path.is_file()]
    if experiment is None or gone:
        raise DemandflowError(
            f"{gone[0] if gone else shown(folder)}: a file that these results were made from is not there. "
            "Go to the folder where the experiment was run, or run it again."
        )
    if changed:
        raise DemandflowError(
            f"{shown(changed[0])} has changed since {shown(folder)} was made, so its values are not those of the "
            f"results. Run the experiment again: run.py experiment {typed(experiment)} --force --out {typed(folder)}"
        )
    return Asked(experiment), manifest
