"""How a run was carried out: replications and why they stopped, random numbers, engine, software and machine."""

from __future__ import annotations

from typing import Any

from experiments.report import words
from experiments.report.annex.facts import NOT_RECORDED, Recorded, Text, count, day, joined, listed
from experiments.report.annex.sentences import DRAWS, ORDER, repeated
from experiments.report.words import Number, phrase

NAMES = {
    "calibration": "each model on its own contacts",
    "comparison": "the comparison, in pairs",
    "service": "the whole service",
    "transition": "the transition at central inputs",
    "transition_inputs": "the transition with drawn inputs",
}


def stopped(run: Recorded) -> list[tuple[str, Number, str]]:
    """What was run, how many replications of it, and why no more."""
    told: dict[str, Any] = run.manifest.get("stopping") or {}
    found = [
        (NAMES.get(name, words.humanised(name)), number, str(entry["why_stopped"]))
        for name, entry in told.items()
        if isinstance(entry, dict) and (number := run.results.noted("stopping", name, "replications")) is not None
    ]
    pairs = run.results.noted("stopping", "pairs")
    if pairs is not None:
        found.append((NAMES["comparison"], pairs, str(told.get("why_stopped") or NOT_RECORDED)))
    return found


def estimated(run: Recorded) -> Text:
    """4.3: independent replications."""
    found = stopped(run)
    if not found:
        return NOT_RECORDED
    each = (phrase("{what}, {n}", what=what, n=count(number)) for what, number, _ in found)
    return joined(
        phrase("Independent replications: {all}. Why they stopped, and how intervals are made, stands in the part on "
               "runs.", all=listed(each)),
        "Models are compared on the same people with the same draws.",
    )  # fmt: skip


def software(run: Recorded) -> Text:
    """5.1: versions."""
    versions: dict[str, str] = run.manifest.get("versions") or {}
    system = (run.manifest.get("machine") or {}).get("system")
    if not versions:
        return NOT_RECORDED
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    where = f"Run on {system}" if system else "The operating system was not recorded"
    return phrase("{said}. {where}; its version was not recorded.", said=words.capital(said), where=where)


def sampled(run: Recorded) -> Text:
    """5.2: the generator and how its numbers are shared out."""
    return joined(DRAWS, repeated(run))


def executed(run: Recorded) -> Text:
    """5.3: how events are processed, and on how many processes."""
    workers = run.noted("workers")
    engine = run.manifest.get("engine")
    return joined(
        phrase("Events, one after the other, on the engine {engine}.", engine=str(engine)) if engine else NOT_RECORDED,
        ORDER,
        phrase("Replications were shared among {n} processes; the results are the same on any number.", n=workers)
        if workers is not None else None,
        _other_engine(run),
    )  # fmt: skip


def _other_engine(run: Recorded) -> Text:
    told: dict[str, Any] = run.manifest.get("agreement") or {}
    if not told:
        return "Whether the other engine agrees was not recorded."
    return phrase("The other engine, {other}: {verdict}.", other=str(told.get("checked_on")),
                  verdict=str(told.get("verdict")))  # fmt: skip


def machine(run: Recorded) -> Text:
    """5.4: hardware and time."""
    there: dict[str, Any] = run.manifest.get("machine") or {}
    processors, seconds = run.noted("machine", "cpus"), run.results.noted("seconds", "total")
    if processors is None:
        return NOT_RECORDED
    ended = run.manifest.get("finished_at")
    return joined(
        phrase("{n} processors of the kind {kind}; memory was not recorded.", n=processors,
               kind=str(there.get("processor") or "not recorded")),
        phrase("The run took {n} seconds.", n=words.significant(seconds)) if seconds is not None else NOT_RECORDED,
        phrase("It was finished on {day}.", day=day(str(ended))) if ended else None,
    )  # fmt: skip
