"""What can be asked about a simulated person: who they are, and what happened to them in a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from agents.codes import Event
from experiments.activities import MISSED, OPEN, TOO_LONG, Activity, Life
from experiments.single import Single
from simulation.calendar import MS_PER_DAY
from simulation.schema.stages import AnyStage, Decision, Outcome, WhereNeedGoes

NUMBER, TEXT, TRUTH, NAMES = "number", "text", "yes or no", "list of names"

FACTS: dict[str, tuple[str, str]] = {
    "source": (TEXT, "where the first contact comes from"),
    "client_group": (TEXT, "client group"),
    "age_band": (TEXT, "age band"),
    "means": (TEXT, "means"),
    "can_travel": (TRUTH, "can travel to a hub"),
    "informal_support": (TRUTH, "has informal support"),
    "need_rank": (NUMBER, "0 for the lightest need of the client group, 1 for the heaviest"),
    "need_hours": (NUMBER, "hours of need a week"),
    "eligible_need": (TRUTH, "the need is eligible, whether or not anybody decides so"),
    "held": (TRUTH, "was in Council-funded care when the run began"),
    "first_contact": (TEXT, "day of the first contact, such as 2014-06-30"),
    "contacts": (NUMBER, "contacts in the run"),
    "assessed": (TRUTH, "reached a full assessment"),
    "funded": (TRUTH, "Council-funded care started in the run"),
    "packages": (NUMBER, "packages that started in the run"),
    "days_to_package": (NUMBER, "days from the first contact to the first package; compares as false without one"),
    "weekly": (NUMBER, "pounds a week, gross, of the first care with a known price"),
    "days_in_care": (NUMBER, "days of Council-funded care within the run, all packages added"),
    "in_care_at_end": (TRUTH, "is in Council-funded care when the run stops"),
    "wait": (NUMBER, "days of the longest wait for work, an appointment or a place"),
    "waiting_at_end": (TRUTH, "is waiting when the run stops"),
    "missed": (NUMBER, "appointments missed"),
    "waited_too_long": (NUMBER, "queues left after too long a wait"),
    "reviews": (NUMBER, "reviews that fell due"),
    "died": (TRUTH, "died in the run"),
    "outcome": (TEXT, "funded; held, for people already in care; else the last outcome's stage; unfinished"),
    "need_goes": (TEXT, "where the need went, by the last outcome"),
    "stages": (NAMES, "every stage the person came to"),
}
"""Each fact's type and meaning."""

_ATTRIBUTES = ("source", "client_group", "age_band", "means")
FUNDED, HELD, UNFINISHED = "funded", "held", "unfinished"
NEVER = float("nan")

Fact = str | float | bool | tuple[str, ...]


def known_values(run: Single) -> Mapping[str, tuple[str, ...]]:
    """The values that each text or list can have in a run; dates are left out, since any day will do."""
    stages = tuple(node.name for node in run.nodes)
    outcomes = tuple(node.name for node in run.nodes if _ends_an_episode(node.stage))
    return {
        **{name: run.space[name] for name in _ATTRIBUTES},
        "outcome": (FUNDED, HELD, UNFINISHED, *outcomes),
        "need_goes": get_args(WhereNeedGoes),
        "stages": stages,
    }


def facts_of(run: Single, life: Life) -> dict[str, Fact]:
    """Every fact about one person."""
    place = run.places[life.person]
    people = run.people
    facts: dict[str, Fact] = {name: run.attribute(place, name) for name in _ATTRIBUTES}
    facts |= {name: run.attribute(place, name) == "true" for name in ("can_travel", "informal_support")}
    facts |= {
        "need_rank": float(people.rank[place]),
        "need_hours": float(people.hours[place]),
        "eligible_need": bool(people.eligible[place]),
    }
    return facts | _happened(run, life)


def _happened(run: Single, life: Life) -> dict[str, Fact]:
    end = run.end
    contacts = [a for a in life.activities if a.first in (Event.CONTACT, Event.CONTACT_AGAIN)]
    care = [a for a in life.activities if a.is_care]
    started = [a for a in care if not a.held]
    outcomes = [a for a in life.activities if a.first is Event.OUTCOME and _ends_an_episode(run.nodes[a.stage].stage)]
    needs = [str(getattr(run.nodes[a.stage].stage, "need", "")) for a in outcomes]
    waits = [(a.start if a.start is not None else a.end if a.end is not None else end) - a.asked
             for a in life.activities if a.asked is not None]  # fmt: skip
    held = any(a.held for a in care)
    first = contacts[0].moment if contacts else None
    price = next((pence for a in care if (pence := first_price(a)) >= 0), -1)
    result = FUNDED if started else HELD if held else UNFINISHED
    if outcomes and result == UNFINISHED:
        result = run.nodes[outcomes[-1].stage].name
    return {
        "held": held,
        "first_contact": "" if first is None else run.calendar.day_of(first).isoformat(),
        "contacts": len(contacts),
        "assessed": any(_assesses(run, a.stage, a.first, a.value) for a in life.activities),
        "funded": bool(started),
        "packages": len(started),
        "days_to_package": NEVER if first is None or not started else (started[0].moment - first) / MS_PER_DAY,
        "weekly": NEVER if price < 0 else price / 100,
        "days_in_care": sum((end if a.end is None else a.end) - a.moment for a in care) / MS_PER_DAY,
        "in_care_at_end": any(a.ended == OPEN for a in care),
        "wait": max(waits, default=0) / MS_PER_DAY,
        "waiting_at_end": any(a.ended == OPEN and a.asked is not None and a.start is None for a in life.activities),
        "missed": sum(a.ended == MISSED for a in life.activities),
        "waited_too_long": sum(a.ended == TOO_LONG for a in life.activities),
        "reviews": sum(a.first is Event.REVIEW for a in life.activities),
        "died": "died" in needs,
        "outcome": result,
        "need_goes": needs[-1] if needs else "",
        "stages": tuple(dict.fromkeys(run.nodes[a.stage].name for a in life.activities)),
    }


def first_price(care: Activity) -> int:
    """Pence a week when care begins, -1 where no price is known."""
    return care.prices[0][1] if care.prices else -1


def _ends_an_episode(stage: AnyStage) -> bool:
    """Whether a stage is an outcome of a person, not of a review."""
    return isinstance(stage, Outcome) and str(stage.need) != "reviewed"


def _assesses(run: Single, number: int, event: Event, value: int) -> bool:
    stage = run.nodes[number].stage
    if event is Event.BRANCH and isinstance(stage, Decision):
        return "full_assessment" in stage.branches[value].measures
    return stage.counts_as == "full_assessment"
