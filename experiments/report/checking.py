"""Part 12: can I check it? Every input, every check, what is left out, and how to repeat it."""

from __future__ import annotations

import math
from typing import Any

from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.results import ALL_PRICED, Results, source
from experiments.report.words import Number, Phrase, phrase
from experiments.theme import FOURTH, TODAY

QUALITY = {
    1: "1, published",
    2: "2, derived from published figures",
    3: "3, asked of people who know",
    4: "4, assumption",
    5: "5, no evidence given",
}
MOST_BARS = 8


def _headline(results: Results) -> Phrase:
    share = results.noted("uncertainty", "share_of_headline_on_assumption")
    if share is not None:
        return phrase("{share} of what could move the headline rests on assumption.", share=words.percent(share))
    rows = results.rows("inputs")
    assumed = Number(sum(bool(r["rests_on_assumption"]) for r in rows), "inputs.csv: count of rests_on_assumption")
    every = Number(len(rows), "inputs.csv: count of rows")
    return phrase("{n} of {all} inputs rest on assumption.", n=words.whole(assumed), all=words.whole(every))


def label(results: Results, key: str) -> str:
    """An input's key in words: 'hospital funded rate (Barnet, current model, 2014/15)'."""
    file, colon, path = key.partition(":")
    if colon:
        folder, _, name = file.partition("/")
        what = path
    else:
        file, _, what = key.rpartition(".")
        folder, _, name = file.partition("/")
    steps = [
        step for step in what.split(".") if step not in ("stages", "person", "comparison", "shares", "all", "care")
    ]
    transfers = (results.comparison or {}).get("transfers", [])
    if folder == "experiments" and steps[0] == "transfers" and int(steps[1]) < len(transfers):
        return words.careful(f"change in “{transfers[int(steps[1])]['title']}”")
    kind = {"models": "model", "demand": "demand", "prices": "prices", "experiments": "experiment"}.get(folder, folder)
    return f"{words.humanised(', '.join(steps))} ({results.short(kind, name)})"


def _moving(results: Results, column: str) -> list[dict[str, Any]]:
    rows = [r for r in results.rows("inputs") if column in r and r[column] == r[column] and r[column] > 0]
    return sorted(rows, key=lambda r: -r[column])


def _tornado(
    results: Results, column: str, ends: tuple[str, str], name: str, what: str, prefix: str = ""
) -> Chart | None:
    """The inputs that move a figure most, from what it is at their low to what it is at their high."""
    rows = _moving(results, column)[:MOST_BARS]
    if not rows:
        return None
    keys = {"transfer": results.headline}
    if column == "swing":
        central = results.number("comparison", "difference", measure="funded_package", **keys)
    else:
        last = results.years[-1] if results.years else None
        central = results.number("savings", "saving", client_group=ALL_PRICED, financial_year=last, **keys)
    sign = -1.0 if column == "swing" else 1.0
    low, high = ([0.0 + sign * float(r[end]) for r in rows] for end in ends)
    centre = 0.0 + sign * central.value if central is not None else None
    labels = [words.capital(label(results, r["key"])) for r in rows]
    assumed = [bool(r["rests_on_assumption"]) for r in rows]
    figure = bars(
        labels,
        [min(pair) for pair in zip(low, high, strict=True)],
        [max(pair) for pair in zip(low, high, strict=True)],
        [FOURTH if a else TODAY for a in assumed],
        axis_title=what,
        prefix=prefix,
        centre=centre,
    )
    said = "; ".join(
        f"{text}: from {prefix}{min(a, b):,.0f} to {prefix}{max(a, b):,.0f}"
        for text, a, b in zip(labels, low, high, strict=True)
    )
    return Chart(
        name,
        figure,
        f"How far each input alone moves the answer, {what}. {said}.",
        "Each bar is the answer as one input goes from its low to its high; the line is the headline. Purple rests on "
        "assumption, blue does not.",
    )


def _number(results: Results, row: dict[str, Any], column: str) -> words.Said:
    found = results.number("inputs", column, key=row["key"])
    return words.significant(found if found is not None else Number(math.nan, source("inputs", column, key=row["key"])))


def _inputs_table(results: Results) -> Table:
    rows, money = [], "swing_saving" in results.rows("inputs")[0]
    for r in results.rows("inputs"):
        ranged = r["low"] == r["low"]
        where = ", ".join(filter(None, (results.short("document", r["document"]) if r["document"] else "", r["where"])))
        why = ". ".join(words.capital(str(r[c]).rstrip(".")) for c in ("how", "why") if r[c])
        cells: list[Cell] = [
            words.capital(label(results, r["key"])),
            _number(results, r, "value"),
            phrase("{low} to {high}", low=_number(results, r, "low"), high=_number(results, r, "high"))
            if ranged
            else "none",
            str(r["status"])
            + (", rests on assumption" if r["rests_on_assumption"] and r["status"] == "derived" else ""),
            QUALITY.get(int(r["quality"]), str(r["quality"])),
            _number(results, r, "swing"),
            *([_number(results, r, "swing_saving")] if money else []),
            words.careful(". ".join(filter(None, (words.capital(where), why))) or str(r["formula"])),
            f"{r['file']}, line {r['line']}",
        ]
        rows.append(Row(cells))
    return Table(
        "Every input, sorted by how much it moves the headline",
        (
            "Input",
            "Value",
            "Range",
            "Status",
            "Quality of evidence",
            "Impact on packages a year",
            *(["Impact on the last year's saving, pounds"] if money else []),
            "Source and reason",
            "File",
        ),
        (False, True, True, False, False, True, *([True] if money else []), False, False),
        rows,
        folded=True,
    )


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


def _checks(results: Results) -> dict[str, list[Phrase | str]]:
    """Checks in plain words: what came out because it was put in, and what could have failed."""
    checks: dict[str, Any] = results.manifest.get("checks", {})
    put_in: list[Phrase | str] = []
    could_fail: list[Phrase | str] = []
    inside = checks.get("published_counts_inside_one_years_range")
    if inside and not inside.endswith(" of 0"):
        put_in.append(phrase("{inside} published counts lie inside the range of one simulated year.", inside=inside))
    off = results.noted("checks", "expected_counts_off_published_by_at_most")
    if off is not None:
        put_in.append(
            phrase(
                "Worked out exactly, without chance, every count is within {off} of the published one.",
                off=words.significant(off),
            )
        )
    lost = results.noted("checks", "people_without_an_outcome_at_the_end")
    people = results.noted("people_simulated")
    if lost is not None and people is not None:
        could_fail.append(
            phrase(
                "Nobody may be lost: of {all} simulated people, {lost} had reached neither an outcome nor care when "
                "the follow-up ended.",
                all=words.whole(people),
                lost=words.whole(lost),
            )
        )
    z = results.noted("checks", "largest_z_of_simulated_shares")
    if z is not None:
        could_fail.append(
            phrase(
                "Simulated shares must follow the rates: the furthest is {z} standard errors from its expectation.",
                z=words.significant(z),
            )
        )
    both = agreed(results)
    if both is not None:
        could_fail.append(both)
    known = {
        "published_counts_inside_one_years_range",
        "expected_counts_off_published_by_at_most",
        "people_without_an_outcome_at_the_end",
        "largest_z_of_simulated_shares",
    }
    could_fail.extend(
        phrase("{what}: {value}.", what=words.capital(words.humanised(key)), value=str(value))
        for key, value in checks.items()
        if key not in known and value is not None
    )
    return {"put_in": put_in, "could_fail": could_fail}


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


def build(results: Results) -> Part | None:
    """The twelfth part; every finished experiment has inputs."""
    if not results.rows("inputs"):
        return None
    charts = {
        "packages": _tornado(results, "swing", ("at_low", "at_high"), "swing", "packages a year that would not start"),
        "saving": _tornado(
            results,
            "swing_saving",
            ("saving_at_low", "saving_at_high"),
            "swing_saving",
            "gross saving in the last year",
            "£",
        ),
    }
    missing = [
        Row((words.careful(str(r["what"])), words.careful(str(r["why"])), results.title(*file_of(r["file"]))))
        for r in results.rows("not_modelled")
    ]
    tables = {"inputs": _inputs_table(results), "repeat": repeated(results)}
    if missing:
        tables["missing"] = Table(
            "What is not modelled, and why", ("What", "Why", "File"), (False, False, False), missing, open=True
        )
    stopping = results.manifest.get("stopping") or {}
    return Part(
        "checking",
        "Can I check it?",
        _headline(results),
        "checking.html",
        ("inputs", "not_modelled"),
        {name: chart for name, chart in charts.items() if chart is not None},
        tables,
        {
            "checks": _checks(results),
            "pairs": results.noted("stopping", "pairs"),
            "why_stopped": words.humanised(str(stopping.get("why_stopped", ""))),
            "saving_share": results.noted("uncertainty", "share_of_saving_on_assumption"),
            "contradictory": results.noted("uncertainty", "contradictory_input_draws"),
        },
    )


def file_of(reference: str) -> tuple[str, str]:
    """A reference such as 'models/barnet_whole' as a kind of thing and a name."""
    folder, _, name = reference.partition("/")
    return {"models": "model", "experiments": "experiment"}.get(folder, folder), name
