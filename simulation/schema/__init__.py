"""What a config file may say. Edges are strict: unknown keys are refused; the inside is simple."""

from simulation.schema.aftermath import Aftermath
from simulation.schema.base import Strict
from simulation.schema.change import Change
from simulation.schema.demand import Demand
from simulation.schema.experiment import Experiment
from simulation.schema.intervention import Intervention
from simulation.schema.model import DeliveryModel
from simulation.schema.option import Option
from simulation.schema.prices import Prices
from simulation.schema.quantity import Evidence, Number

KINDS: dict[str, type[Strict]] = {
    "model": DeliveryModel,
    "demand": Demand,
    "prices": Prices,
    "option": Option,
    "experiment": Experiment,
    "intervention": Intervention,
    "change": Change,
    "aftermath": Aftermath,
}

__all__ = [
    "KINDS",
    "Aftermath",
    "Change",
    "DeliveryModel",
    "Demand",
    "Evidence",
    "Experiment",
    "Intervention",
    "Number",
    "Option",
    "Prices",
    "Strict",
]
