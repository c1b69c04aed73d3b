"""A staffing in tables and plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from agents.codes import Kind
from experiments.goal.lived import share_interval
from experiments.report.words import capital, humanised
from experiments.saying import listed, number, records
from experiments.staffing.case import BLOCKS, Case, works
from experiments.staffing.kept import Roster, Seen, sizes_now
from experiments.staffing.search import Trials, changed
from simulation.pathway import UNLIMITED

STAFF = (
    "Practitioners are people on the roster, at work in the team's opening hours. What leave, sickness and other "
    "duties take of their time is as the model assumes it (its productive and absence shares); it lengthens the work, "
    "so the numbers hold for people who also do all that."
)
CHANCE = (
    "Inputs stay at their central values: the probability is over chance alone. How long work takes is an assumption "
    "of the model, so other hours would ask for other numbers."
)
FULL = 0.95
"""Share of a roster that is busy above which it is called full: hardly anything is left to catch up with."""

MIX = (
    "No team can do with one fewer while the others stay as they are. Another mix between teams might do as well; it "
    "was not looked for."
)


@dataclass(frozen=True)
class Found:
    """What came of it. ``roster``: None where no number of practitioners would do."""

    trials: Trials
    roster: Roster | None
    loads: Sequence[float]


def share_of_time(case: Case, team: str) -> float:
    """What is left of a practitioner's time for the work that is modelled."""
    return 1.0 / float(case.pathway.team_effort[case.pathway.teams.index(team)])


def staffing_table(found: Found) -> pd.DataFrame:
    """One row a team and block.

    Columns: team, months, practitioners, practitioners_in_the_model, busy (on average, of those on the roster),
    share_of_time (of a practitioner's time that is left for this work), kept, replications, kept_low, kept_high (share
    of replications that keep every standard, 95%), one_fewer_kept (of one_fewer_replications; fewer where that was
    enough to tell).
    """
    trials, roster = found.trials, found.roster
    assert roster is not None
    case, seen = trials.case, trials.seen[roster]
    now = sizes_now(case)
    kept = trials.kept(roster)
    low, high = share_interval(kept / len(seen), len(seen))
    busy = np.mean([one.busy for one in seen], axis=0)
    rows = []
    for t, team in enumerate(case.teams):
        for b, (months, _) in enumerate(BLOCKS[trials.by]):
            fewer = changed(roster, t, [b], roster[t][b] - 1)
            tried = trials.seen.get(fewer)
            rows.append(
                {
                    "team": team,
                    "months": months,
                    "practitioners": roster[t][b],
                    "practitioners_in_the_model": now[team],
                    "busy": float(busy[t, b]),
                    "share_of_time": share_of_time(case, team),
                    "kept": kept,
                    "replications": len(seen),
                    "kept_low": low,
                    "kept_high": high,
                    "one_fewer_kept": math.nan if tried is None else trials.kept(fewer),
                    "one_fewer_replications": math.nan if tried is None else len(tried),
                }
            )
    return pd.DataFrame(rows)


def standards_table(found: Found) -> pd.DataFrame:
    """What came of each standard with the roster found, or with unlimited staff where there is none.

    Columns: place, days, since, months, asked (share of people), due_a_year, within (share over all replications),
    within_low, within_high (the middle 95% of replications), kept, replications, staff (as found, or unlimited).
    """
    trials, case = found.trials, found.trials.case
    seen = trials.seen[found.roster if found.roster is not None else endless(trials)]
    rows = []
    years = len(case.axes.months) / 12
    for s, one in enumerate(case.standards):
        for b, (months, _) in enumerate(BLOCKS[trials.by]):
            due, met = (np.array([getattr(r, name)[s, b] for r in seen]) for name in ("due", "met"))
            some = due > 0
            shares = met[some] / due[some]
            low, high = np.quantile(shares, [0.025, 0.975]) if len(shares) else (math.nan, math.nan)
            rows.append(
                {
                    "place": one.place,
                    "days": one.days,
                    "since": "contact" if one.contact else "joining",
                    "months": months,
                    "asked": trials.share,
                    "due_a_year": float(due.mean()) / years,
                    "within": float(met.sum() / due.sum()) if due.sum() else math.nan,
                    "within_low": float(low),
                    "within_high": float(high),
                    "kept": int((met >= trials.share * due - 1e-9).sum()),
                    "replications": len(seen),
                    "staff": "unlimited" if found.roster is None else "as found",
                }
            )
    return pd.DataFrame(rows)


def endless(trials: Trials) -> Roster:
    """As many practitioners as it takes, everywhere."""
    return tuple((UNLIMITED,) * len(BLOCKS[trials.by]) for _ in trials.case.teams)


def tried_table(trials: Trials) -> pd.DataFrame:
    """Every roster that was tried. Columns: roster, kept, replications (fewer where it had failed too often), good."""
    rows = [
        {
            "roster": roster_words(trials.case, trials.by, roster),
            "kept": trials.kept(roster),
            "replications": len(seen),
            "good": trials.kept(roster) >= trials.needed,
        }
        for roster, seen in trials.seen.items()
    ]
    return pd.DataFrame(rows)


def called(team: str) -> str:
    """A team in words, without the model that it belongs to."""
    return humanised(team.rpartition(".")[2])


def roster_words(case: Case, by: str, roster: Roster) -> str:
    """'social work teams 34, social care direct 3'."""
    told = []
    for team, row in zip(case.teams, roster, strict=True):
        numbers = ["unlimited" if n == UNLIMITED else str(n) for n in row]
        same = len(set(numbers)) == 1
        months = [f"{name} {n}" for (name, _), n in zip(BLOCKS[by], numbers, strict=True)]
        told.append(f"{called(team)} {numbers[0] if same else f'({listed(months)})'}")
    return listed(told)


def lines(found: Found) -> list[str]:
    """The answer first, then how it was found."""
    trials, case, roster = found.trials, found.trials.case, found.roster
    asked = f"{100 * trials.share:g} of 100 people in time, with a probability of {trials.probability:g}"
    table = standards_table(found)
    if roster is None:
        worst = min(records(table), key=lambda row: int(row["kept"]))
        return [
            f"No number of practitioners would keep the standards ({asked}).",
            f"With unlimited staff: {_standard(case, found, worst)}. What holds it back is not staff: slots, booking "
            "days and waits that the model lays down stay as they are.",
            *_how(found),
        ]
    seen = trials.seen[roster]
    low, high = share_interval(trials.kept(roster) / len(seen), len(seen))
    now = sizes_now(case)
    told = [
        f"Fewest practitioners to see {asked}: {roster_words(case, trials.by, roster)}.",
        f"They keep every standard in {trials.kept(roster)} of {len(seen)} replications (95% interval of the "
        f"probability {low:.2f} to {high:.2f}).",
    ]
    told += [f"{capital(_standard(case, found, row))}." for row in records(table) if trials.by == "constant"]
    busy = np.mean([one.busy for one in seen], axis=(0, 2))
    for team, one in zip(case.teams, busy, strict=True):
        size = float(np.mean(roster[case.teams.index(team)]))
        told.append(
            f"{capital(called(team))}: {number(float(one))} busy on average, {100 * one / size:.0f}% of the "
            f"roster; the model has {now[team]}; {100 * share_of_time(case, team):.0f}% of a practitioner's time is "
            "left for this work."
            + (
                " A roster so full holds in these months; later ones may see its lists grow."
                if one > FULL * size
                else ""
            )
        )
    return [*told, MIX, *_how(found)]


def _standard(case: Case, found: Found, row: Mapping[str, Any]) -> str:
    title = next(one.title for one in case.standards if (one.place, one.days) == (row["place"], row["days"]))
    months = "" if found.trials.by == "constant" else f" ({row['months']})"
    if math.isnan(row["within"]):
        return f"{title}{months}: nobody was due"
    return (
        f"{title}{months}: {100 * row['within']:.0f} of 100 (middle 95% of replications {100 * row['within_low']:.0f} "
        f"to {100 * row['within_high']:.0f})"
    )


def _how(found: Found) -> list[str]:
    case, trials = found.trials.case, found.trials
    months = case.axes.months
    tried = f"{len(trials.seen)} roster{'' if len(trials.seen) == 1 else 's'}"
    told = [f"{case.state}; {months[0]} to {months[-1]}, {tried} tried on the same {trials.replications} replications."]
    loose = [
        name for number, name in enumerate(case.pathway.teams) if name not in case.teams and works(case.pathway, number)
    ]
    if loose:
        told.append(f"Left as the model has them: {listed([called(name) for name in loose])}.")
    booked = [name for name in _booked(case) if name not in case.teams]
    if booked:
        told.append(
            f"{capital(listed([called(name) for name in booked]))}: people are seen in booked slots, which "
            "the model sets; how many practitioners that takes is not in these numbers."
        )
    return told


def _booked(case: Case) -> list[str]:
    """Teams that see people in booked slots alone."""
    pathway = case.pathway
    at = {int(team) for team in pathway.team[pathway.kind == Kind.APPOINTMENTS]}
    return [pathway.teams[team] for team in sorted(at) if team >= 0 and not works(pathway, team)]


def cautions() -> list[str]:
    """What a reader must not forget."""
    return [STAFF, CHANCE, "A wait in time says nothing of what came of it: fewer packages is not less need."]


def spread(seen: Sequence[Seen], standard: int) -> list[float]:
    """Shares seen in time, one a replication, all blocks together; none where nobody was due."""
    pairs = [(int(one.met[standard].sum()), int(one.due[standard].sum())) for one in seen]
    return [met / due for met, due in pairs if due]
