"""Sentences that the checklist and the protocol both need: what starts, how long it runs, how it is repeated."""

from __future__ import annotations

from typing import Any

from experiments.report.annex.facts import NOT_RECORDED, Recorded, Text, count, day, joined, listed
from experiments.report.sceptic_inputs import label
from experiments.report.words import Number, phrase

ORDER = (
    "Time is a whole number of milliseconds. What happens in the same millisecond is ordered by phase (changes of "
    "capacity; ends and releases; overflows and hazards; hand-offs to staff; arrivals), then by person, ticket and "
    "step."
)
QUEUES = "Queues are served by class, 0 first; within a class, who joined first; then by the person's identity."
DRAWS = (
    "Philox4x32-10 (Salmon and others 2011). The key is the seed and the replication, the counter the person, the "
    "named draw, the episode and the attempt, so that every draw belongs to one person and one decision. Models that "
    "name a draw alike share it: these are common random numbers, person by person."
)
WHERE_FROM = {
    "calibration": "Each model on its own contacts: {years}, from {start}",
    "comparison": "Both models on the same people: {years} from {start}",
    "service": "The whole service: {years} from {start}",
    "transition": "The change of one model into another: {years} from {start}",
}


def started(run: Recorded) -> Text:
    """What is there when a run begins."""
    said: list[Text] = []
    if {"calibration", "comparison"} & set(run.sections):
        days = run.noted("config", "follow_up_days")
        said.append(
            phrase("A run of contacts ends by itself: nobody waits when it begins, there is no warm-up, packages that "
                   "ran before run on under both models, and people are followed for {days} days after the last "
                   "contact.",
                   days=days if days is not None else "a number not recorded of")
        )  # fmt: skip
    for kind in ("service", "transition"):
        months = run.noted("config", kind, "warm_up_months")
        if kind in run.sections:
            said.append(
                phrase("The {kind} does not end by itself. It begins with the people whom the demand file holds in "
                       "care, if it holds any, each with what is left of a drawn stay; {months} months are simulated "
                       "first and not counted (warm-up, as the experiment file sets it; the part on runs tells "
                       "whether it is enough).",
                       kind=kind, months=months if months is not None else "no")
            )  # fmt: skip
    return joined(*said) if said else NOT_RECORDED


def lengths(run: Recorded) -> Text:
    """How long each part of the experiment is."""
    said: list[Text] = []
    for kind, section in run.sections.items():
        years = run.noted("config", kind, "years")
        one = "twelve months" if kind == "calibration" else "a number of years not recorded"
        long = phrase("{n} years", n=years) if years is not None else one
        said.append(phrase(WHERE_FROM[kind], years=long, start=day(str(section.get("start", "a day not recorded")))))
    return phrase("{all}. The unit of time is the millisecond.", all=listed(said)) if said else NOT_RECORDED


def people(run: Recorded) -> Text:
    """Who is simulated, with what is known of them."""
    groups = [str(row["title"]) for row in run.rows("names", what="client_group")]
    sources = [str(row["title"]) for row in run.rows("names", what="source")]
    if not groups or not sources:
        return NOT_RECORDED
    return joined(
        phrase("People, one by one. Client groups: {groups}.", groups="; ".join(groups)),
        phrase("Sources of contact: {sources}.", sources="; ".join(sources)),
        "Each has an age band, ability to travel, informal support and means, and a latent need: a rank, hours a week, "
        "and whether it is eligible, apart from what anybody decides.",
    )


def resources(run: Recorded) -> Text:
    """Teams, places and slots, as far as they limit anything."""
    teams = run.rows("teams")
    if not teams:
        return NOT_RECORDED
    limited = [row for row in teams if row["limit"] != "unlimited"]
    stays = [row for row in run.rows("stages") if row["limit"] not in ("", "unlimited")]
    return joined(
        phrase("{all} teams, of which {n} have a limited number of practitioners.",
               all=run.counted(teams, "rows of teams.csv"),
               n=run.counted(limited, "rows of teams.csv with a limit")),
        phrase("{n} stages have places or slots of their own.", n=run.counted(stays, "rows of stages.csv with a "
                                                                                     "limit")),
        "Where nothing limits a team nobody waits for it, and its waits are not modelled. The tables of components "
        "list them all.",
        "In a transition a team that both models have is one team, with the baseline's staff; posts that a delivery "
        "vehicle takes out leave it month by month." if "transition" in run.sections else None,
    )  # fmt: skip


def repeated(run: Recorded) -> Text:
    """The seed and what it gives."""
    seed = run.noted("seed")
    return phrase("Seed {seed}. The same seed, code and files give the same numbers to the last digit.",
                  seed=str(run.manifest["seed"])) if seed is not None else NOT_RECORDED  # fmt: skip


def kinds_in_use(run: Recorded, kinds: dict[str, str]) -> Text:
    """How many stages of each kind the models have."""
    found = [(kind, run.stages(kind)) for kind in kinds]
    there = [
        phrase("{n} {what}", n=run.counted(rows, f"stages of kind {kind} in pathways.csv"), what=kinds[kind])
        for kind, rows in found
        if rows
    ]
    if not there:
        return NOT_RECORDED
    return phrase("{models}: {kinds}.", models=" and ".join(map(run.model, run.models)), kinds=listed(there, ", "))


def titles_of(run: Recorded, kind: str) -> str:
    """Titles of the stages of a kind, each once."""
    return "; ".join(dict.fromkeys(str(row["stage_title"]) for row in run.stages(kind)))


def supposed(run: Recorded) -> Text | None:
    """Values that the experiment supposes in place of those in the files."""
    given: dict[str, Any] = run.config.get("suppose") or {}
    if not given:
        return None
    said = ", ".join(f"{label(run.results, key)} = {value:g}" for key, value in given.items())
    return phrase("Supposed by this experiment, in place of the files' values: {said}.", said=said)


def assumed(run: Recorded) -> Text:
    """How much rests on assumption, and what is left out."""
    inputs = run.rows("inputs")
    if not inputs:
        return NOT_RECORDED
    resting = Number(
        sum(bool(row["rests_on_assumption"]) for row in inputs), "inputs.csv: count of rests_on_assumption"
    )
    every = Number(len(inputs), "inputs.csv: count of rows")
    left_out = run.counted(run.rows("not_modelled"), "rows of not_modelled.csv")
    return phrase("{n} of {all} inputs rest on assumption; each has its reason in the report. {left_out} things are "
                  "left out, each with its reason (table not_modelled).", n=count(resting), all=count(every),
                  left_out=left_out)  # fmt: skip
