"""A small model in which everything that a trace can tell happens to somebody, for the commands that look at lives."""

from __future__ import annotations

from typing import Any

from conftest import Toys, arrival, constant, decision, package, service

ALWAYS = {day: {"09:00": 2.0, "14:00": 2.0} for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}


def days(number: float) -> dict[str, Any]:
    """Always so many days."""
    return constant(number, "days")


def outcome(need: str, **more: Any) -> dict[str, Any]:
    """Where an episode ends."""
    return {"kind": "outcome", "need": need, **more}


STAGES: dict[str, Any] = {
    "door": {**arrival("desk"), "title": "Contact from the community"},
    "desk": {**service("first_contact", 0.5, team="desk"), "title": "The desk"},
    "first_contact": {
        **decision(("hub", 0.5), ("visit", 0.5)), "title": "First contact", "owner": "desk",
    },
    "hub": {
        "kind": "appointments", "title": "Hub session", "team": "hubs", "slots": {"north_hub": ALWAYS},
        "lead_time": days(3), "length": constant(1), "did_not_attend": 0.5, "rebookings": 1.0, "gave_up_to": "advice",
        "to": "eligible",
    },
    "visit": {
        **service("eligible", 30.0, team="visitors", counts_as="full_assessment"), "title": "Home visit",
        "longest_wait": {"after": days(20), "to": "gone_away"},
    },
    "crisis": {
        "kind": "hazard", "title": "Goes to hospital", "during": ["visit", "reablement"], "rate_per_year": 6.0,
        "to": "care",
    },
    "eligible": decision(("advice", 0.3), ("reablement", 0.4), ("care", 0.3)),
    "reablement": {
        "kind": "places", "title": "Reablement", "places": 2.0, "stay": days(21), "care_type": "reablement",
        "to": "lighter", "longest_wait": {"after": days(10), "to": "care"},
    },
    "lighter": {"kind": "set", "attribute": "need", "towards_lightest": 0.5, "to": "care"},
    "care": {**package("care_over"), "title": "Home care"},
    "passing_away": {"kind": "hazard", "title": "Dies", "during": ["care"], "rate_per_year": 0.5, "to": "died"},
    "review": {"kind": "fork", "title": "Review", "parent": "care", "every": days(60), "activity": "review_work"},
    "review_work": {**service("review_says", 40.0, team="reviewers"), "title": "Review visit"},
    "review_says": decision(("stays", 0.4), ("cut", 0.4), ("stop", 0.2)),
    "cut": {"kind": "set", "attribute": "care", "times": 0.8, "to": "stays"},
    "stop": {"kind": "set", "attribute": "care", "value": "ends", "to": "care_over"},
    "stays": outcome("reviewed"),
    "advice": {**outcome("no_eligible_need", contacts_again=0.5, after=days(45)), "title": "Advice"},
    "gone_away": outcome("possibly_unmet"),
    "care_over": outcome("care_ended"),
    "died": outcome("died"),
}  # fmt: skip


def written(toys: Toys, contacts: float = 300.0) -> str:
    """The model with its people and prices on disk; the path of the model."""
    toys.prices(
        {"older_people": {
            "care": (200.0, {"distribution": "exponential", "mean": 150.0, "unit": "days"}),
            "reablement": (400.0, days(21)),
        }},
        name="everything",
    )  # fmt: skip
    path = toys.folder / "prices" / "everything.yaml"
    text = path.read_text()
    care = "    care:\n      weekly_cost: 200.0\n"
    assert care in text
    path.write_text(text.replace(care, f"{care}      contribution: {{distribution: uniform, low: 0.0, high: 0.5}}\n"))
    toys.demand({"community": contacts}, name="everything", held={"older_people": {"care": 20.0}})
    toys.model(
        STAGES, name="everything", teams={"desk": 1, "visitors": 2, "hubs": "unlimited", "reviewers": 1},
        uses=["prices/everything"],
    )  # fmt: skip
    return str(toys.folder / "models" / "everything.yaml")
