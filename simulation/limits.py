"""What no engine goes beyond: a draw is named by an episode and an attempt of 16 bits each."""

from __future__ import annotations

from simulation.calendar import MS_PER_DAY
from simulation.errors import DemandflowError

MOST_ATTEMPTS = 65_535
"""How often somebody can meet a stage in one episode, and make contact again."""

_SAYS = {
    "attempts": "somebody met the same stage more than 65,535 times in one episode. Look for a loop without an end, or "
    "for reviews that follow each other too soon.",
    "episodes": "somebody contacted again more than 65,535 times. Make the time until they do longer.",
    "events": "more than 200 million events were to come at once. Simulate a smaller population.",
}


def beyond(what: str, name: str, tick: int) -> DemandflowError:
    """The error for a limit, 'attempts', 'episodes' or 'events', that was passed in a model at a tick."""
    return DemandflowError(f"{name}: on day {tick // MS_PER_DAY} of the run, {_SAYS[what]}")
