"""What the documents say of the vehicles and no figure of a run uses: the board's ratings, and dates of mobilisation.

Columns are documented in docs/outputs.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.transition.plan import TransitionRun
from simulation.library import Loaded
from simulation.options import months_after
from simulation.schema.option import Mobilisation, Ratings
from simulation.schema.printed import NotPublished
from simulation.vehicle_change import RouteChange
from simulation.vehicles import timeline

NOT_PUBLISHED = "not published"


def ratings_table(run: TransitionRun) -> pd.DataFrame:
    """The board's options matrix: what it says of each vehicle under each criterion, with where it says it."""
    rows = []
    for name, loaded in run.maker.vehicles.items():
        ratings = loaded.config.vehicle.ratings
        for criterion in Ratings.model_fields:
            said = getattr(ratings, criterion)
            rows.append(
                {
                    "vehicle": name,
                    "title": loaded.config.short_title,
                    "criterion": criterion,
                    "board_says": said.board_says,
                    "document": said.source.document,
                    "where": said.source.where,
                    "note": said.note or "",
                }
            )
    return pd.DataFrame(rows)


def _printed(run: TransitionRun, loaded: Loaded) -> Iterator[tuple[str, dict[str, Any]]]:
    """Dates of a vehicle's mobilisation as the documents give them, each with its route."""
    plan = loaded.config.vehicle.mobilisation
    if not isinstance(plan, Mobilisation):
        missing = {"status": NOT_PUBLISHED, "note": plan.not_published}
        for route in loaded.config.vehicle.change.routes:
            yield route, {"phase": "ready", "what": "Ready", **missing}
        return
    for (name, route), found in zip(plan.routes.items(), timeline(loaded, run.world.values), strict=True):
        yield name, {"phase": "decided", "what": "Decision", "month": plan.decided, "months": 0.0,
                     "status": "published"}  # fmt: skip
        for phase, what, months, given in (
            ("ready", "Ready at the earliest", found.least, route.least_months),
            ("ready_at_last", "Ready at the latest", found.most, route.most_months),
        ):
            if isinstance(given, NotPublished) or months is None:
                why = given.not_published if isinstance(given, NotPublished) else ""
                yield name, {"phase": phase, "what": what, "status": NOT_PUBLISHED, "note": why}
            else:
                yield name, {"phase": phase, "what": what, "month": months_after(plan.decided, months),
                             "months": months, "status": given.status}  # fmt: skip
        for step in found.steps:
            more = {"printed_month": step.printed or "", "note": step.differs or "", "status": "published"}
            yield name, {"phase": "milestone", "what": step.title, "month": step.month, **more}


def _taken(route: RouteChange) -> Iterator[dict[str, Any]]:
    """Dates that the runs take for a route, by central inputs."""
    full = months_after(route.starts, route.months_to_full_scope)
    for phase, what, month in (
        ("starts", f"New practice starts with {route.scope_at_start:.0%} of the service", route.starts),
        ("full_scope", "All of the service in scope", full),
    ):
        yield {"phase": phase, "what": what, "month": month, "status": route.dates_status}


def mobilisation_table(run: TransitionRun) -> pd.DataFrame:
    """Dates of each vehicle and route: those that are printed, those that nobody printed, and those the runs take."""
    names = ["vehicle", "title", "route", "route_title"]
    columns = [*names, "phase", "what", "month", "months", "printed_month", "status", "note"]
    rows = []
    for name, loaded in run.maker.vehicles.items():
        mine = [one for one in run.world.settings.routes.values() if one.vehicle == name]
        printed = list(_printed(run, loaded))
        for route in mine:
            called = (name, loaded.config.short_title, route.route, route.title)
            given = [row for which, row in printed if which == route.route]
            rows += [{**dict(zip(names, called, strict=True)), **row} for row in (*given, *_taken(route))]
    words = ["month", "printed_month", "note"]
    frame = pd.DataFrame(rows, columns=columns)
    frame[words] = frame[words].fillna("")
    return frame
