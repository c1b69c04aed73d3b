"""What every page rests on: inputs by quality and impact, what is left out, whether engines agree, how to repeat it."""

from __future__ import annotations

from typing import Any

from experiments.report import words
from experiments.report.pieces import Row, Table
from experiments.report.results import Results
from experiments.report.sceptic_inputs import Impact, file_of, grid_block, inputs_table, small
from experiments.report.service_facts import Block
from experiments.report.words import Phrase, phrase

DATA = ("inputs", "not_modelled")
AGAIN = "The same seed, code and files give the same numbers to the last digit, whatever the number of workers."


def headline(results: Results) -> Phrase:
    """How much of the answer rests on assumption; where that is not known, how many inputs do."""
    share = Impact(results).share_assumed(results)
    if share is not None:
        return phrase("{share} of what could move the headline rests on assumption.", share=words.percent(share))
    rows = results.rows("inputs")
    assumed = small(sum(bool(r["rests_on_assumption"]) for r in rows), "inputs.csv: count of rests_on_assumption")
    every = small(len(rows), "inputs.csv: count of rows")
    return phrase("{n} of {all} inputs rest on assumption.", n=assumed, all=every)


def inputs_block(results: Results) -> list[Block]:
    """The grid, then every input."""
    return [grid_block(results), Block("Every input, and where it comes from", tables=[inputs_table(results)])]


def left_out_block(results: Results) -> list[Block]:
    """What is not modelled, and why; nothing where nothing is said to be."""
    rows = [
        Row((words.careful(str(r["what"])), words.careful(str(r["why"])), results.title(*file_of(r["file"]))))
        for r in results.rows("not_modelled")
    ]
    if not rows:
        return []
    heads = ("What", "Why", "File")
    table = Table("What is not modelled, and why", heads, (False, False, False), rows, open=True)
    return [Block("What is not modelled", tables=[table])]


def repeat_block(results: Results, *more: Phrase | str) -> Block:
    """How to repeat the run."""
    return Block("How to repeat it", [AGAIN, *more], tables=[repeated(results)])


def lost(results: Results) -> list[Phrase | str]:
    """How many people were simulated, and that none of them may be lost."""
    people = results.noted("people_simulated")
    gone = results.noted("service", "people_lost_on_their_way")
    if gone is None:
        gone = results.noted("checks", "people_without_an_outcome_at_the_end")
    if people is None or gone is None:
        return []
    said = "Nobody may be lost: of {all} people simulated over all runs, {lost} were."
    return [phrase(said, all=words.whole(people), lost=small(gone.value, gone.source))]


def agreed(results: Results) -> Phrase | None:
    """Whether both engines gave the same lives; None where the results do not tell."""
    told: dict[str, Any] = results.manifest.get("agreement", {})
    rows, people, every = (results.noted("agreement", name) for name in ("rows", "people", "people_in_all"))
    left_out = [run["run"] for run in told.get("runs", []) if run["verdict"] != "agreed"]
    if left_out:
        names = ", ".join(words.humanised(name) for name in dict.fromkeys(left_out))
        return phrase("Whether two separate engines give the same lives was not checked for {names}.", names=names)
    if rows is None or people is None or every is None:
        return None
    return phrase(
        "Two separate engines must give the same lives: {people} of {all} people in the first replication of each run "
        "lived again on the other engine, and all {rows} events agreed, row for row.",
        people=words.whole(people),
        all=words.whole(every),
        rows=words.whole(rows),
    )


def repeated(results: Results) -> Table:
    """What it takes to repeat the run."""
    m = results.manifest
    config = next(
        (
            path
            for path in m.get("config_hashes", {})
            if path.endswith(f"{m['experiment']}.yaml") and "experiment" in path
        ),
        "the experiment file",
    )
    code = m.get("code") or {}
    commit = str(code.get("commit") or "not known") + (" (with changes not committed)" if code.get("dirty") else "")
    pairs = [
        ("Command", f"run.py experiment {config}"),
        ("Seed", str(m["seed"])),
        ("Engine", str(m["engine"])),
        ("Inputs", str(m["inputs"])),
        ("Code", commit),
        *((f"Version of {name}", str(version)) for name, version in m.get("versions", {}).items()),
        *((f"Pathway {name}", str(digest)) for name, digest in m.get("pathway_hashes", {}).items()),
        *((f"File {name}", str(digest)) for name, digest in m.get("config_hashes", {}).items()),
    ]
    return Table(
        "What it takes to repeat this run to the last digit",
        ("What", "Which"),
        (False, False),
        [Row(pair) for pair in pairs],
        folded=True,
    )
