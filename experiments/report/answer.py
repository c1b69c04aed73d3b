"""Part 1: what is the answer, how sure is it, and what must be true for it?"""

from __future__ import annotations

from typing import Any

from experiments.charts import spans
from experiments.report import words
from experiments.report.answer_facts import Answer, answer_of, answers, gap, more_unmet, saving
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.plain.reading import of_comparison, of_models
from experiments.report.plain.summary import summary_of
from experiments.report.results import Results, place_of
from experiments.report.words import Number, Phrase, phrase


def headline(results: Results) -> Phrase:
    """The answer in one sentence of at most 14 words; the interval stands apart."""
    if results.comparison is None:
        return calibration_headline(results)
    answer = answer_of(results, results.headline)
    if answer.share.value == 0:
        return phrase("If nothing changed, the number of packages would stay as it is.")
    if not answer.certain:
        return phrase("If {gap} closed, no difference in packages could be told from chance.", gap=gap(answer))
    return phrase(
        "If {gap} closed, {number} {direction} packages would start a year.",
        gap=gap(answer),
        number=words.about(answer.difference),
        direction=answer.direction,
    )


def calibration_headline(results: Results) -> Phrase:
    """The answer of an experiment that only asks whether the published pictures come out."""
    inside = results.manifest.get("checks", {}).get("published_counts_inside_one_years_range")
    if not inside or inside.endswith(" of 0"):
        return phrase("The models ran; no published counts were given to hold them against.")
    return phrase("{inside} published counts lie inside one simulated year's range.", inside=inside)


def whole_gap(results: Results) -> Phrase | None:
    """What the records of one council would give on the contacts of the other; no estimate of effect."""
    assert results.comparison is not None
    ends = [answer for answer in answers(results) if answer.share.value == 1]
    if not ends:
        return None
    full, config = ends[0], results.comparison
    contacts = results.short("demand", config["demand"])
    title = results.title("model", config["model"])
    place, own = place_of(title), place_of(results.title("model", config["baseline"]))
    how = f"{place} records" if place is not None and place != own else f"in “{title}”"
    known = full.unknown_range or full.chance_range
    return phrase(
        "If {contacts} were answered as {how}, {number} {direction} packages would start a year ({range}); "
        "this is not an estimate of effect.",
        contacts=contacts,
        how=how,
        number=words.about(full.difference),
        direction=full.direction,
        range=known,
    )


def unmet(results: Results) -> Phrase | None:
    """Fewer packages is not less need: people with eligible need and no package."""
    more = more_unmet(results)
    if more is None or more.mean.value == 0:
        return None
    return phrase(
        "Fewer packages is not the same as less need. In this answer {number} {direction} people a year with eligible "
        "need would not go on to a Council-funded package ({range} by chance alone). Their need is possibly unmet. "
        "Eligible need is an assumption: nobody counts it apart from the decision to fund.",
        number=words.about(more.mean),
        direction="more" if more.mean.value > 0 else "fewer",
        range=more.by_chance(words.span),
    )


def money(results: Results) -> dict[str, Any] | None:
    """The headline's gross saving in the last year, against what is asked by then, with its intervals."""
    found = saving(results)
    if found is None:
        return None
    seen = found.seen
    return {
        "year": found.year,
        "saving": words.pounds(seen.mean),
        "asked": words.pounds(found.asked) if found.asked is not None else None,
        "chance": seen.by_chance(words.span_pounds),
        "unknown": words.span_pounds(*seen.both) if seen.both is not None else None,
        "grey": seen.grey,
    }


def why_no_waits(results: Results) -> str:
    """Why waits are not modelled, in the words of the model; empty if they are."""
    assert results.comparison is not None
    for model in (results.comparison["baseline"], results.comparison["model"]):
        for row in results.rows("not_modelled", file=f"models/{model}"):
            if row["what"].lower().startswith("waits"):
                return words.careful(str(row["why"]))
    return "this version does not report them"


def _scenario(results: Results) -> str:
    """What the headline's transfer rests on, from the evidence of its match."""
    assert results.comparison is not None
    for index, transfer in enumerate(results.comparison["transfers"]):
        if transfer["name"] == results.headline:
            rows = [r for r in results.rows("inputs") if f":comparison.transfers.{index}." in r["key"]]
            return words.careful(". ".join(str(r[c]).rstrip(".") for r in rows for c in ("how", "why") if r[c]))
    return ""


def _chart(found: list[Answer], main: str) -> Chart:
    def flipped(pair: tuple[Number, Number] | None) -> tuple[float, float] | None:
        return None if pair is None else (0.0 - pair[1].value, 0.0 - pair[0].value)

    figure = spans(
        [words.capital(answer.title) for answer in found],
        [0.0 - answer.difference.value for answer in found],
        [flipped(answer.chance) for answer in found],
        [flipped(answer.unknown) for answer in found],
        [answer.transfer == main for answer in found],
        axis_title="packages a year that would not start",
    )
    said = "; ".join(
        f"{a.title}: {words.about(a.difference)} {a.direction}, {a.chance_range} by chance alone"
        + (f", {a.unknown_range} with what we do not know" if a.unknown_range else "")
        for a in found
    )
    caption = (
        "A point is the simulated difference. The black bar is chance alone (often hidden by the point); the long thin "
        "line is what we do not know about the inputs. The coloured row is the headline."
    )
    return Chart("answer", figure, f"How many fewer packages would start a year. {said}.", caption)


def _table(found: list[Answer], main: str) -> Table:
    rows = [
        Row(
            (
                phrase("{title}{mark}", title=words.capital(a.title), mark=" (headline)" if a.transfer == main else ""),
                words.percent(a.share),
                words.signed(a.difference),
                words.span_signed(*a.chance),
                words.span_signed(*a.unknown) if a.unknown else "not worked out",
            ),
            grey=a.too_wide and a.difference.value != 0,
        )
        for a in found
    ]
    return Table(
        "Change in packages that start a year, by how much of the gap is closed",
        ("Scenario", "Share of the gap", "Change", "Chance alone", "What we do not know"),
        (False, True, True, True, True),
        rows,
    )


def build(results: Results) -> Part:
    """The first part; every experiment has one."""
    config = results.manifest["config"]
    said: dict[str, Any] = {
        "question": words.careful(str(results.manifest["question"])),
        "true_only_if": config.get("true_only_if") or [],
        "cannot_say": config.get("cannot_say") or [],
        "answer": None,
        "plain": summary_of(of_comparison(results) if results.comparison is not None else of_models(results)),
    }
    if results.comparison is None:
        return Part("answer", "What is the answer?", headline(results), "answer.html", ("flows",), words=said)
    found, main = answers(results), answer_of(results, results.headline)
    moving = [one for one in found if one.share.value > 0]
    contacts = results.rows("not_modelled", what="Repeat contacts")
    said |= {
        "answer": main,
        "about": words.about(main.difference),
        "pairs": results.noted("stopping", "pairs"),
        "draws": results.noted("uncertainty", "input_draws"),
        "scenario": phrase("“{title}”", title=main.title),
        "scenario_rests_on": _scenario(results),
        "gap": gap(main),
        "whole_gap": whole_gap(results),
        "unmet": unmet(results),
        "money": money(results),
        "waits": why_no_waits(results),
        "contacts": str(contacts[0]["why"]) if contacts else "",
        "between": (
            results.title("model", results.comparison["baseline"]),
            results.title("model", results.comparison["model"]),
        ),
    }
    tables = ["comparison", *(["ranges"] if results.table("ranges") is not None else []), "transfers"]
    return Part(
        "answer",
        "What is the answer, and what must be true for it?",
        headline(results),
        "answer.html",
        tables,
        charts={"scenarios": _chart(moving, results.headline)} if moving else {},
        tables={"scenarios": _table(found, results.headline)},
        words=said,
    )
