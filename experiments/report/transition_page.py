"""The page of a transition: today's model becoming another under several vehicles."""

from __future__ import annotations

from experiments.report import (
    joined_after,
    joined_change,
    transition_answer,
    transition_met,
    transition_money,
    transition_need,
    transition_rests,
    transition_time,
    transition_vehicles,
    transition_waits,
    transition_work,
    who_transition,
)
from experiments.report.pieces import Part, parts_made
from experiments.report.results import Results
from experiments.report.transition_facts import Transition


def parts_of(results: Results) -> list[Part]:
    """The parts that have something to say, in a reader's order."""
    one = Transition(results)
    makers = (
        transition_answer.build,
        transition_met.build_flows,
        transition_met.build_met,
        transition_need.build_ledger,
        transition_waits.build_waits,
        transition_time.build,
        transition_money.build,
        transition_vehicles.build,
        joined_change.of_page,
        transition_work.build,
        who_transition.build,
        transition_rests.build,
        joined_after.of_page,
    )
    return parts_made(results, one, makers)
