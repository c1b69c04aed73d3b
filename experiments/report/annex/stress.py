"""STRESS-DES filled in from what a run recorded.

The items and their order are those of Monks, Currie, Onggo, Robinson, Kunc and Taylor (2019), Strengthening the
reporting of empirical simulation studies: introducing the STRESS guidelines, Journal of Simulation 13(1), 55-67. Item
2.5 has five parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.report import words
from experiments.report.annex import running, sentences
from experiments.report.annex.facts import NOT_RECORDED, STAGE_KINDS, Recorded, Text, joined, listed
from experiments.report.interval_notes import interval_note
from experiments.report.words import phrase
from experiments.results_folder import tables_of

Answer = Callable[[Recorded], Text]
BUSY = ("service", "appointments", "places", "decision", "package", "fork")


def purpose(run: Recorded) -> Text:
    """1.1."""
    return phrase("{title}. The question: {question}", title=str(run.manifest["title"]),
                  question=str(run.manifest["question"]))  # fmt: skip


def outputs(run: Recorded) -> Text:
    """1.2."""
    names = tables_of(run.results.folder)
    return joined(
        phrase("{n} tables, each with its columns, units and how it is worked out in docs/outputs.md.",
               n=run.counted(names, "files of the folder tables")),
        "They are sums of whole numbers, replication by replication, of what the trace of events says.",
        interval_note(run.results, names) or "No table has an interval.",
    )  # fmt: skip


def aims(run: Recorded) -> Text:
    """1.3."""
    scenarios = run.scenarios()
    vehicles = run.sections.get("transition", {}).get("vehicles")
    return joined(
        phrase("Scenarios: {all}. Why each was chosen stands beside it in the experiment file, where a reason is "
               "given.",
               all=listed(scenarios)) if scenarios else "No scenarios: one model is run as it is.",
        phrase("Delivery vehicles: {all}.", all="; ".join(run.results.title("option", str(v))
                                                          for v in vehicles["options"])) if vehicles else None,
        "One set of drawn inputs is shared by every model and vehicle."
        if {"comparison", "transition"} & set(run.sections) else None,
        "Nothing is optimised.",
    )  # fmt: skip


def diagram(run: Recorded) -> Text:
    """2.1."""
    if not run.models:
        return NOT_RECORDED
    said = "Every way from a stage to the next stands in the table pathways; run.py diagram NAME draws {models}."
    drawn = "The flow pictures of the report show them with their counts." if run.results.flows else None
    return joined(phrase(said, models=" and ".join(run.models)), drawn)


def logic(run: Recorded) -> Text:
    """2.2."""
    return joined(
        sentences.kinds_in_use(run, STAGE_KINDS),
        "People make contact, meet stages in the order that the pathway gives, and leave with an outcome; some contact "
        "again. What each kind of stage does is told in docs/model.md.",
    )


def scenario_logic(run: Recorded) -> Text:
    """2.3."""
    if not run.scenarios():
        return "There is one model and no scenario."
    changes = run.changes()
    return joined(
        "Both models are one pathway. A share of people follows the other model (the share of the gap above), by a "
        "draw of their own; who changes at a small share also changes at a larger one.",
        phrase("How practice changes with the months: {all}. The share is multiplied by it.", all="; ".join(changes))
        if changes else None,
        _kept(run),
    )  # fmt: skip


def _kept(run: Recorded) -> Text | None:
    for section in run.sections.values():
        keeps = section.get("keeps_baseline")
        if keeps:
            said = "; ".join(f"{words.humanised(key)}: {', '.join(map(str, value))}" for key, value in keeps.items())
            return phrase("These people keep the baseline's path whatever happens: {said}.", said=words.humanised(said))
    return None


def algorithms(run: Recorded) -> Text:
    """2.4."""
    stages = run.rows("stages")
    needs = [row for row in stages if row["follows_need"] == row["follows_need"]]
    return joined(
        phrase("{n} decisions follow the person's need in part, with a stated weight; the published shares hold for "
               "any weight (docs/decisions/002).", n=run.counted(needs, "rows of stages.csv with follows_need"))
        if stages else NOT_RECORDED,
        "People in a month: a Poisson quantile at that month's own draw. Appointments: the earliest slot with room "
        "after the lead time. Where contacts include repeats, first contacts are solved so that the total comes out "
        "(docs/decisions/010).",
    )  # fmt: skip


def activities(run: Recorded) -> Text:
    """2.5.2."""
    return joined(
        sentences.kinds_in_use(run, {kind: STAGE_KINDS[kind] for kind in BUSY}),
        "Where each comes from and leads to stands in the table pathways.",
    )


def queues(run: Recorded) -> Text:
    """2.5.4."""
    stages = run.rows("stages")
    classes = [row for row in stages if row["queue_class"]]
    longest = [row for row in stages if row["longest_wait_to"]]
    return joined(
        sentences.QUEUES,
        phrase("{n} stages give classes; at {m} somebody leaves the queue after a longest wait.",
               n=run.counted(classes, "rows of stages.csv with a queue_class"),
               m=run.counted(longest, "rows of stages.csv with longest_wait_to"))
        if stages else NOT_RECORDED,
    )  # fmt: skip


def entries(run: Recorded) -> Text:
    """2.5.5."""
    if not run.models:
        return NOT_RECORDED
    return joined(
        phrase("In: {arrivals}.", arrivals=sentences.titles_of(run, "arrival")),
        phrase("Out: {outcomes}.", outcomes=sentences.titles_of(run, "outcome")),
        "The number of people in a month is Poisson, by source and client group; the moment within it is the person's "
        "own.",
    )


def data_sources(run: Recorded) -> Text:
    """3.1."""
    cited = sorted({str(row["document"]) for row in run.rows("inputs") if row["document"]})
    if not cited:
        return NOT_RECORDED
    return phrase("{n} documents: {all}. The table of inputs gives the place in each; sample sizes stand there where "
                  "the document prints them.", n=run.counted(cited, "different documents in inputs.csv"),
                  all="; ".join(run.results.title("document", name) for name in cited))  # fmt: skip


def preprocessing(run: Recorded) -> Text:
    """3.2."""
    worked = [row for row in run.rows("inputs") if row["formula"]]
    if not run.rows("inputs"):
        return NOT_RECORDED
    return phrase("{n} inputs are worked out from others by a formula that stands beside them in the table of inputs; "
                  "the others are as their source has them, or assumed.",
                  n=run.counted(worked, "rows of inputs.csv with a formula"))  # fmt: skip


def parameters(run: Recorded) -> Text:
    """3.3."""
    inputs = run.rows("inputs")
    if not inputs:
        return NOT_RECORDED
    by = [
        (status, [r for r in inputs if r["status"] == status]) for status in dict.fromkeys(r["status"] for r in inputs)
    ]
    ranged = [row for row in inputs if row["low"] == row["low"]]
    said = listed(
        (phrase("{n} {status}", n=run.counted(rows, f"rows of inputs.csv: status={status}"), status=str(status))
         for status, rows in by), ", "
    )  # fmt: skip
    laws = run.rows("distributions")
    return joined(
        sentences.supposed(run),
        phrase("Inputs by status: {said}. {n} have a range.", said=said,
               n=run.counted(ranged, "rows of inputs.csv with a range")),
        "The report lists every one with its value, range, source and reason.",
        phrase("{n} distributions stand in the table of components. Inputs are drawn independently of each other.",
               n=run.counted(laws, "rows of distributions.csv"))
        if laws else phrase("Distributions: {none}", none=NOT_RECORDED.lower()),
    )  # fmt: skip


def assumptions(run: Recorded) -> Text:
    """3.4."""
    true_only = run.config.get("true_only_if") or []
    return joined(
        sentences.assumed(run),
        phrase("The answer is true only if: {all}", all=" ".join(map(str, true_only))) if true_only else None,
    )


def access(run: Recorded) -> Text:
    """6.1."""
    code = run.manifest.get("code") or {}
    if not code.get("commit"):
        return joined("The program's commit is not known.", NOT_RECORDED)
    changed: dict[Any, str] = {True: " with changes that were not committed", False: ", with nothing changed"}
    return phrase("Demandflow is free software under the MIT licence. Commit {commit}{changed}; hash of the code "
                  "{hash}. Configs and results lie beside this page. Where they are published is not stated.",
                  commit=str(code["commit"]), changed=changed.get(code.get("dirty"), ""),
                  hash=str(code.get("hash") or "not known"))  # fmt: skip


ITEMS: tuple[tuple[str, str, str, Answer], ...] = (
    ("1.1", "Objectives", "Purpose of the model", purpose),
    ("1.2", "Objectives", "Model outputs", outputs),
    ("1.3", "Objectives", "Experimentation aims", aims),
    ("2.1", "Logic", "Base model overview diagram", diagram),
    ("2.2", "Logic", "Base model logic", logic),
    ("2.3", "Logic", "Scenario logic", scenario_logic),
    ("2.4", "Logic", "Algorithms", algorithms),
    ("2.5.1", "Logic", "Components: entities", sentences.people),
    ("2.5.2", "Logic", "Components: activities", activities),
    ("2.5.3", "Logic", "Components: resources", sentences.resources),
    ("2.5.4", "Logic", "Components: queues", queues),
    ("2.5.5", "Logic", "Components: entry and exit points", entries),
    ("3.1", "Data", "Data sources", data_sources),
    ("3.2", "Data", "Pre-processing", preprocessing),
    ("3.3", "Data", "Input parameters", parameters),
    ("3.4", "Data", "Assumptions", assumptions),
    ("4.1", "Experimentation", "Initialisation", sentences.started),
    ("4.2", "Experimentation", "Run length", sentences.lengths),
    ("4.3", "Experimentation", "Estimation approach", running.estimated),
    ("5.1", "Implementation", "Software or programming language", running.software),
    ("5.2", "Implementation", "Random sampling", running.sampled),
    ("5.3", "Implementation", "Model execution", running.executed),
    ("5.4", "Implementation", "System specification", running.machine),
    ("6.1", "Code access", "Computer model sharing statement", access),
)
