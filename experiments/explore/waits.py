"""How long people wait under both models, where in both they wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from experiments.explore.asked import Asked
from experiments.report import words
from experiments.report.pieces import Row, Table
from experiments.report.words import Number
from experiments.statistics import Interval, of_mean
from simulation import engines
from simulation.calendar import MS_PER_DAY
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.service_axes import Mask
from simulation.spells import lives, spells
from simulation.workload import SINCE_CONTACT, first_seen, stages_of

WITHIN_DAYS = (14, 28)
"""The standards of two and four weeks."""

SOURCE = "paired runs of this page"


class Waited(NamedTuple):
    """Of the people seen in a run: mean days from contact to being seen first, and shares within two and four weeks."""

    days: float
    two_weeks: float
    four_weeks: float


def both_wait(asked: Asked) -> bool:
    """Whether people wait for somebody under both models: for staff, or for appointments of which there are so many."""
    return not asked.today.compiled.pathway.unlimited and not asked.alone.pathway.unlimited


def waits_of(asked: Asked, replication: int) -> tuple[Waited, Waited]:
    """One replication of both models: today, and at the share that is closed."""
    job, today, joint = asked.run.job, asked.today.compiled.pathway, asked.changed.pathway
    people = job.maker.make(job.seed, replication)
    first = _waited(asked, today, people, replication, _seen_at(today))
    if asked.share == 0.0:
        return first, first
    # Each model says itself where its people are seen: joined, the words of one would hide the stages of the other.
    seen = dict(zip(today.stages, _seen_at(today), strict=True))
    name = asked.run.model.config.name
    new = asked.alone.pathway
    seen |= {f"{name}.{stage}": here for stage, here in zip(new.stages, _seen_at(new), strict=True)}
    mask = np.array([bool(seen.get(stage, False)) for stage in joint.stages])
    return first, _waited(asked, joint, people, replication, mask)


def _seen_at(pathway: Pathway) -> Mask:
    found: Mask = np.any([stages_of(pathway, measure) for measure in SINCE_CONTACT], axis=0)
    return found


def _waited(asked: Asked, pathway: Pathway, people: Population, replication: int, seen_at: Mask) -> Waited:
    job = asked.run.job
    trace = engines.run(job.engine, pathway, people, job.calendar, job.end, job.seed, replication)
    seen = lives(trace, pathway, people, [True] * len(pathway.sources))
    _, when, wait = first_seen(seen, spells(seen), seen_at)
    days = wait[when < job.calendar.end] / MS_PER_DAY
    if not len(days):
        return Waited(np.nan, np.nan, np.nan)
    return Waited(float(days.mean()), *(float((days <= most).mean()) for most in WITHIN_DAYS))


def waits_table(pairs: Sequence[tuple[Waited, Waited]]) -> Table | None:
    """Waits today and proposed, and the paired difference with its interval; None where nobody was seen."""
    pairs = [pair for pair in pairs if not np.isnan([*pair[0], *pair[1]]).any()]
    if len(pairs) < 2:
        return None
    names = ("Mean days", "Seen within two weeks, of 100", "Seen within four weeks, of 100")
    rows = [_row(name, at, 1.0 if at == 0 else 100.0, pairs) for at, name in enumerate(names)]
    heads = ("From contact to being seen first", "Today", "Proposed", "Change", "Chance alone")
    return Table("How long people wait", heads, (False, True, True, True, True), rows, open=True)


def _row(name: str, at: int, times: float, pairs: Sequence[tuple[Waited, Waited]]) -> Row:
    today, proposed = ([pair[which][at] * times for pair in pairs] for which in (0, 1))
    change: Interval = of_mean([new - old for old, new in zip(today, proposed, strict=True)])
    mean = [words.plain(Number(float(np.mean(values)), SOURCE), 1) for values in (today, proposed)]
    low, high = Number(change.low, SOURCE), Number(change.high, SOURCE)
    return Row((name, *mean, words.signed(Number(change.mean, SOURCE), 1), words.span_signed(low, high, 1)))
