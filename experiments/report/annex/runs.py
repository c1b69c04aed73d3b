"""The part on engines and the part on runs: agreement with its coverage, replications, steady states, drawn inputs."""

from __future__ import annotations

from typing import Any

from experiments import steady
from experiments.report import words
from experiments.report.annex.facts import NOT_RECORDED, Recorded, Text, count, plain_table
from experiments.report.annex.running import stopped
from experiments.report.interval_notes import PLAIN, methods
from experiments.report.pieces import Part, Table
from experiments.report.results import source
from experiments.report.service_facts import Block
from experiments.report.service_waits import needed
from experiments.report.words import Number, phrase
from experiments.results_folder import tables_of

AGREED = "agreed"
SETTLED = (("settled", "service"), ("transition_settled", "transition"))


def _called(run: Recorded, name: str, pathway: str) -> str:
    """What a run is called: 'Barnet today, own contacts', 'comparison, transfer half'."""
    own, _, model = name.partition("/")
    first = f"{run.model(model)}, own contacts" if own == "own" else words.humanised(own)
    return ", ".join(filter(None, (first, words.humanised(pathway))))


def _covered(run: Recorded) -> Table | None:
    """What was run again on the other engine, pathway by pathway."""
    rows = []
    for at, one in enumerate((run.manifest.get("agreement") or {}).get("runs") or []):
        number = {
            key: Number(float(one[key]), f"computed: agreement.runs[{at}].{key} of manifest.json")
            for key in ("people", "people_in_all", "rows", "share_of_people")
            if isinstance(one.get(key), int | float)
        }
        why = f": {one['why']}" if one.get("why") and one["verdict"] != AGREED else ""
        rows.append((
            _called(run, str(one["run"]), str(one.get("pathway") or "")),
            *(count(number[key]) if key in number else "not recorded" for key in ("people", "people_in_all")),
            words.percent(number["share_of_people"]) if "share_of_people" in number else "not recorded",
            count(number["rows"]) if "rows" in number else "not recorded",
            f"{one['verdict']}{why}",
        ))  # fmt: skip
    heads = ("Pathway", "People checked", "People in all", "Share", "Events that agreed", "Verdict")
    return plain_table("What the other engine lived again", heads, rows, (1, 2, 3, 4), open=True) if rows else None


def engines(run: Recorded) -> Part:
    """Whether two separate engines agree, and on how much."""
    told: dict[str, Any] = run.manifest.get("agreement") or {}
    people, every = run.noted("agreement", "people"), run.noted("agreement", "people_in_all")
    if not told:
        head = phrase("Whether two engines agree was not recorded.")
    elif told.get("verdict") == AGREED and people is not None and every is not None:
        head = phrase("Two engines agree on all {people} people checked, of {all}.", people=people, all=every)
    else:
        head = phrase("Two engines: {verdict}.", verdict=str(told.get("verdict")))
    replication = run.noted("agreement", "replication")
    intro: list[Text] = []
    if told:
        intro.append(
            phrase("Results are of the engine {engine}. Replication {n} of every pathway was lived again on {other}, "
                   "which is written apart, and both traces were compared row for row. Where a replication has many "
                   "people, every k-th was taken.", engine=str(told.get("engine")), other=str(told.get("checked_on")),
                   n=replication if replication is not None else "not recorded")
        )  # fmt: skip
        intro.append("Agreement says nothing about an error that both engines share, nor about the inputs.")
    table = _covered(run)
    return Part("engines", "Do two separate engines agree?", head, "service_part.html", (),
                words={"intro": intro, "blocks": [Block(tables=[table] if table is not None else [])]})  # fmt: skip


def _stops(run: Recorded) -> Block:
    rows = [
        (words.capital(what), count(number), words.capital(words.careful(why))) for what, number, why in stopped(run)
    ]
    text: list[Text] = [] if rows else [NOT_RECORDED]
    looks = (run.manifest.get("stopping") or {}).get("looks") or []
    for at, look in enumerate(looks):
        pairs = count(Number(float(look["pairs"]), f"computed: stopping.looks[{at}].pairs of manifest.json"))
        width = look.get("half_width")
        if width is None:
            text.append(phrase("Look at {pairs} pairs: no difference to be precise about.", pairs=pairs))
            continue
        place = f"computed: stopping.looks[{at}].half_width of manifest.json"
        share = words.Said(f"{100 * width:.1f}%", Number(float(width), place))
        text.append(phrase("Look at {pairs} pairs: the widest interval was {share} of its difference either way.",
                           pairs=pairs, share=share))  # fmt: skip
    heads = ("What was run", "Replications", "Why no more")
    return Block(
        "Replications and stopping", text, tables=[plain_table("Replications", heads, rows, (1,))] if rows else []
    )


def _steady(run: Recorded) -> Block:
    """The warm-up that is configured beside the one that MSER-5 finds."""
    tables, text = [], []
    for name, kind in SETTLED:
        frame = run.results.table(name)
        if frame is None:
            continue
        growing = run.sections.get(kind, {}).get("growth")
        text += steady.lines(frame, words.humanised)
        text += [steady.WITHOUT_GROWTH if kind == "transition" else steady.GROWS_BY_DESIGN] if growing else []
        rows = [
            (
                words.capital(words.humanised(str(row["stage"]))),
                count(Number(float(row["warm_up_months"]), source(name, "warm_up_months", stage=row["stage"]))),
                needed(row),
                str(row["steady_state"]),
            )
            for row in run.rows(name)
        ]
        heads = ("Stage", "Warm-up, months", "Cut by MSER-5", "Steady state")
        tables.append(plain_table(f"Warm-up and steady state: the {kind}", heads, rows, (1,), folded=True))
    if not tables:
        text = ["No warm-up and no steady state: these runs follow people to their end."]
    return Block("Warm-up and steady state", text, tables=tables)


def _intervals(run: Recorded) -> Block:
    """Which tables have which intervals."""
    by: dict[str, list[str]] = {}
    for name in tables_of(run.results.folder):
        frame = run.results.table(name)
        if frame is not None and "interval" in frame:
            for method in dict.fromkeys(m for cell in frame["interval"].dropna().unique() for m in methods(str(cell))):
                by.setdefault(method, []).append(words.humanised(name))
    rows = [(words.capital(method), PLAIN.get(method, "see docs/outputs.md"), ", ".join(by[method])) for method in by]
    table = plain_table("Intervals, all of 95%", ("Method", "What it is", "Tables"), rows)
    return Block(
        "How intervals are made", () if rows else ("No table has an interval.",), tables=[table] if rows else []
    )


def _drawn(run: Recorded) -> Block:
    """How inputs were drawn, beside chance."""
    ranged = [row for row in run.rows("inputs") if row["low"] == row["low"]]
    said: list[Text] = [
        phrase("{n} inputs have a range; where inputs are drawn, each is drawn from its own, independently of the "
               "others, and one set is shared by all models.", n=run.counted(ranged, "rows of inputs.csv with a range"))
    ]  # fmt: skip
    places = ((("uncertainty", "input_draws"), ("uncertainty", "contradictory_input_draws"), "comparison"),
              (("transition", "draws"), ("transition", "contradictory_draws"), "transition"))  # fmt: skip
    for draws_at, against_at, kind in places:
        draws, against = run.noted(*draws_at), run.noted(*against_at)
        if draws is None:
            continue
        with_chance = "with chance" if kind == "transition" else "without chance, worked out exactly"
        said.append(phrase("The {kind}: {n} sets of inputs, {how}; {against} contradicted the published totals and "
                           "were left out.", kind=kind, n=draws, how=with_chance,
                           against=against if against is not None else "a number not recorded"))  # fmt: skip
    if len(said) == 1:
        said.append("No inputs were drawn in this run: its results are at central values and hold chance only.")
    return Block("Drawn inputs", said)


def runs(run: Recorded) -> Part:
    """Replications, stopping, warm-up, intervals and drawn inputs."""
    found = stopped(run)
    number = Number(sum(n.value for _, n, _ in found), "computed: sum of the replications in stopping of manifest.json")
    people = run.noted("people_simulated")
    head = (
        phrase("{n} replications were run; {people} people were simulated.", n=count(number), people=people)
        if found and people is not None
        else phrase("How many replications were run was not recorded.")
    )
    blocks = [_stops(run), _steady(run), _intervals(run), _drawn(run)]
    data = ("inputs", *(name for name, _ in SETTLED if run.rows(name)))
    return Part("runs", "How many runs, and how sure do they make it?", head, "service_part.html", data,
                words={"intro": [], "blocks": blocks})  # fmt: skip
