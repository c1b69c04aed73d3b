"""The model described by the ODD protocol, filled in from what a run recorded.

Elements and design concepts, and their order, are those of Grimm and others (2020), The ODD protocol for describing
agent-based and other simulation models: a second update, Journal of Artificial Societies and Social Simulation 23(2) 7.
"""

from __future__ import annotations

from collections.abc import Callable

from experiments.report.annex import sentences, stress
from experiments.report.annex.facts import NOT_RECORDED, STAGE_KINDS, Recorded, Text, joined
from experiments.report.words import phrase

LIVED = ("service", "appointments", "places", "package", "fork", "hazard")


def _purpose(run: Recorded) -> Text:
    published = [row for row in run.rows("flows") if row["n_published"] == row["n_published"]]
    patterns = [*published, *run.rows("checks")]
    return joined(
        stress.purpose(run),
        phrase("The patterns it is held against are {n} published figures; what was tuned stands apart from what "
               "could have failed.",
               n=run.counted(patterns, "published figures in flows.csv and checks.csv"))
        if patterns else "This experiment holds no pattern against published figures.",
    )  # fmt: skip


def _entities(run: Recorded) -> Text:
    return joined(
        sentences.people(run),
        sentences.resources(run),
        "Time: milliseconds, with months and financial years of the calendar. Space is not modelled; sites of "
        "appointments have no distance.",
        sentences.lengths(run),
    )


def _processes(run: Recorded) -> Text:
    return joined(sentences.kinds_in_use(run, STAGE_KINDS), sentences.ORDER, sentences.QUEUES)


def _principles(run: Recorded) -> Text:
    return joined(
        "A service is a pathway of stages that people go through; decisions follow published shares, and in part the "
        "person's need. Eligible need is apart from the decision to fund.",
        "Models are compared on the same people with the same luck: a device of computing, and no claim about who "
        "would be better or worse off.",
    )


def _emergence(run: Recorded) -> Text:
    imposed = "Shares at decisions, lengths of work and stays are put in."
    if {"service", "transition"} & set(run.sections):
        return joined("Queues, waits, people in care and spend come out of the run.", imposed)
    return joined("Flows through several stages, repeat contacts and packages come out of the run.", imposed)


def _practice(run: Recorded) -> Text | None:
    changes = run.changes()
    if not changes:
        return None
    return phrase("How practitioners take up the new way is worked out beforehand by: {all} (docs/change.md). Where "
                  "that is a model of culture, they learn from training, leaders and colleagues, and slip back.",
                  all="; ".join(changes))  # fmt: skip


def _adaptation(run: Recorded) -> Text:
    return joined("People do not choose: they follow the pathway.", _practice(run) or "Practitioners do not adapt.")


def _objectives(run: Recorded) -> Text:
    return "None: nobody in the model weighs one thing against another."


def _learning(run: Recorded) -> Text:
    return _practice(run) or "None."


def _prediction(run: Recorded) -> Text:
    return "None: nobody in the model looks ahead."


def _sensing(run: Recorded) -> Text:
    return (
        "Decisions know the person's attributes, the month, and in part the standing of their need; teams know who "
        "waits, in which class and since when."
    )


def _interaction(run: Recorded) -> Text:
    limited = [row for row in run.rows("teams") if row["limit"] != "unlimited"]
    if not run.rows("teams"):
        return joined("People meet only through the capacity of teams, places and slots.", NOT_RECORDED)
    if limited or [row for row in run.rows("stages") if row["limit"] not in ("", "unlimited")]:
        return "People meet only through what is limited: who is served makes others wait. They do not meet each other."
    return "None: no team, place or slot is limited in this run, so nobody makes anybody wait."


def _stochasticity(run: Recorded) -> Text:
    laws = run.rows("distributions")
    return joined(
        "Who comes and when, attributes, need, branches, durations, attendance, reviews and returns are drawn.",
        sentences.DRAWS,
        phrase("{n} distributions are listed with the components.", n=run.counted(laws, "rows of distributions.csv"))
        if laws else None,
    )  # fmt: skip


def _collectives(run: Recorded) -> Text:
    return "Teams, which people wait for; client groups and sources, by which people are drawn and counted."


def _observation(run: Recorded) -> Text:
    return joined(
        "Every event of every person is a row of a trace or is counted as it happens; tables are sums over it.",
        stress.outputs(run),
    )


def _input_data(run: Recorded) -> Text:
    if not run.sections:
        return NOT_RECORDED
    changing = [kind for kind in ("service", "transition") if run.sections.get(kind, {}).get("growth")]
    series = run.rows("adoption")
    return joined(
        "From outside, by month: contacts, where the demand file gives factors for calendar months, and bank holidays "
        "of England.",
        "Contacts grow with people of an age band and contacts a head." if changing else "Contacts do not grow.",
        "Adoption and the posts of delivery vehicles change by month (tables adoption and transition_workload), "
        "prices by financial year." if series else None,
    )  # fmt: skip


def _submodels(run: Recorded) -> Text:
    return joined(
        sentences.kinds_in_use(run, {kind: STAGE_KINDS[kind] for kind in LIVED}),
        "Each kind of stage, need, money and change over time is told in docs/model.md, docs/savings.md and "
        "docs/change.md; the numbers stand in the tables of inputs and components.",
    )


ELEMENTS: tuple[tuple[str, str, Callable[[Recorded], Text]], ...] = (
    ("1", "Purpose and patterns", _purpose),
    ("2", "Entities, state variables, and scales", _entities),
    ("3", "Process overview and scheduling", _processes),
    ("4", "Design concepts: basic principles", _principles),
    ("4", "Design concepts: emergence", _emergence),
    ("4", "Design concepts: adaptation", _adaptation),
    ("4", "Design concepts: objectives", _objectives),
    ("4", "Design concepts: learning", _learning),
    ("4", "Design concepts: prediction", _prediction),
    ("4", "Design concepts: sensing", _sensing),
    ("4", "Design concepts: interaction", _interaction),
    ("4", "Design concepts: stochasticity", _stochasticity),
    ("4", "Design concepts: collectives", _collectives),
    ("4", "Design concepts: observation", _observation),
    ("5", "Initialization", sentences.started),
    ("6", "Input data", _input_data),
    ("7", "Submodels", _submodels),
)
"""Number, name and what is said: seven elements, the fourth in its eleven concepts."""
