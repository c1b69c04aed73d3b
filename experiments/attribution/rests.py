"""What each change rests on: the inputs of its stages and levers, and how many of them are assumptions."""

from __future__ import annotations

from experiments.attribution.lived import Split
from experiments.evaluate_transition import OfTransition
from simulation.formulas import names_in
from simulation.inputs import Inputs, numbers_in
from simulation.schema.quantity import Evidence

ASSUMED = {"assumption", "unlabelled", "elicited"}


def rests(split: Split) -> dict[str, tuple[int, int]]:
    """Change to the number of inputs behind it, and how many of these are assumptions or have no label.

    Nought and one where a stage says nobody or everybody are inputs like others; what a stage has in common with
    today's counts too, for the change rests on it as well.
    """
    inputs = split.evaluator.prepared.inputs
    found = {}
    for part in split.parts.parts:
        keys: set[str] = set()
        for name in part.stages:
            node = split.models.model.nodes.get(name)
            if node is not None:
                for _, number in numbers_in(node.stage):
                    keys |= _behind(inputs, number, node.scope)
        for lever in part.levers:
            keys |= _of_lever(split, lever)
        found[part.name] = len(keys), sum(inputs.inputs[key].status in ASSUMED for key in keys)
    return found


def _behind(inputs: Inputs, number: float | str | Evidence, scope: str) -> set[str]:
    if isinstance(number, Evidence):
        return inputs.rests_on(inputs.key_of(number))
    if not isinstance(number, str):
        return set()
    return set().union(*(inputs.rests_on(inputs.resolve(scope, name).key) for name in names_in(number)))


def _of_lever(split: Split, lever: str) -> set[str]:
    """Inputs of a transition that say how many practitioners leave a team."""
    evaluator = split.evaluator
    assert isinstance(evaluator, OfTransition)
    inputs = evaluator.prepared.inputs
    vehicle = evaluator.route.partition(".")[0]
    starts = {
        "moves": (f"{evaluator.prepared.loaded.ref}:transition.moves",),
        "posts": (f"options/{vehicle}:vehicle.change.capacity", f"options/{vehicle}:vehicle.change.recurring"),
    }[lever]
    return set().union(*(inputs.rests_on(key) for key in inputs.inputs if key.startswith(starts)))
