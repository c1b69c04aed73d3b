"""What moves practice in the culture model. It stands apart from the agents, so that no file that is only read asks for
Mesa.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Drivers:
    """What moves practice. All are shares from 0 to 1, but for ``training_months``.

    Args:
        training_reach: chance that a practitioner is trained in a month while the programme lasts.
        training_effect: part of the way to the target that a training takes the most receptive.
        training_months: how long the programme lasts from launch; may be infinite.
        leadership: how strongly leaders stand behind the change, from launch: 0 not at all, 1 wholly.
        leadership_pull: part of the way to the target that whole leadership takes the most receptive in a month.
        peer_pull: part of the way to their team's mean practice that colleagues take each other in a month.
        slipping: part of practice that is lost in a month where leadership is 0.
        leaving: chance that a practitioner leaves in a month; somebody new comes at once.
        newcomers_practice: the practice with which new practitioners come.
        least_receptive: how far training and leadership move the least receptive, as a share of the most receptive.

    Raises:
        ValueError: one that is out of its bounds.
    """

    training_reach: float = 0.0
    training_effect: float = 0.0
    training_months: float = math.inf
    leadership: float = 0.0
    leadership_pull: float = 0.0
    peer_pull: float = 0.0
    slipping: float = 0.0
    leaving: float = 0.0
    newcomers_practice: float = 0.0
    least_receptive: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 <= value <= (math.inf if field.name == "training_months" else 1.0):
                raise ValueError(f"{field.name} is {value:g}, outside its bounds")

    def at_speed(self, speed: float) -> Drivers:
        """The same where training and leadership move people ``speed`` times as far, up to the whole way.

        Raises:
            ValueError: a speed that is not above 0.
        """
        if not (speed > 0.0 and math.isfinite(speed)):
            raise ValueError("a speed is above 0")
        return replace(
            self,
            training_effect=min(1.0, self.training_effect * speed),
            leadership_pull=min(1.0, self.leadership_pull * speed),
        )
