"""Part 9: what would change the answer? From the run's own ranges, and from analyses inside the results folder."""

from __future__ import annotations

from experiments.report import joined_goal, joined_inputs, swings, words
from experiments.report.joined import Analysis, pages
from experiments.report.joined_after import HasResults
from experiments.report.pieces import Part
from experiments.report.results import Results
from experiments.report.service_facts import Block
from experiments.report.words import Phrase, phrase

TABLES = {
    "sensitivity": ("tornado", "variance", "information", "information_curve"),
    "goal": ("goal", "goal_alone"),
    "attribution": ("attribution",),
}
MAKERS = {
    "sensitivity": joined_inputs.blocks,
    "goal": joined_goal.goals,
    "attribution": joined_goal.attribution,
}
LACKING = {
    "sensitivity": ("", "how far each input moves the answer, and what knowing it would be worth"),
    "goal": (" --break-even {measure} --vary all", "which inputs could turn the answer, and where"),
    "attribution": ("", "which change brings how much of the difference"),
}
"""What is added to a command, and what it works out."""

MOST_WORDS = 14
"""Of a headline."""


def of_page(one: HasResults) -> Part | None:
    """The part on the page of a transition."""
    return build(one.results)


def build(results: Results) -> Part | None:
    """The part, where something is compared: without analyses it says which commands make them."""
    if results.comparison is None and "transition" not in results.manifest:
        return None
    found = [one for one in results.analyses if one.command in MAKERS]
    blocks = [] if any(one.command == "sensitivity" for one in found) else swings.blocks(results)
    for one in found:
        blocks += MAKERS[one.command](results, one)
    blocks += _like_for_like(results)
    lacking = [command for command in MAKERS if command not in {one.command for one in found}]
    if lacking:
        blocks.append(_how(results, lacking))
    data = [name for one in found for table in TABLES[one.command]
            if results.table(name := one.table(table)) is not None]  # fmt: skip
    own = ["inputs"] if results.rows("inputs") and "swing" in results.rows("inputs")[0] else []
    own += ["like_for_like"] if results.table("like_for_like") is not None else []
    intro: list[Phrase | str] = [
        "What moves an answer depends on the range that an input was given: one with too narrow a range moves little "
        "and may still be wrong.",
        *([pages(found)] if found else []),
    ]
    more = {"intro": intro, "blocks": blocks}
    head = _headline(results, found)
    return Part("change", "What would change the answer?", head, "service_part.html", [*own, *data], words=more)


def _headline(results: Results, found: list[Analysis]) -> Phrase:
    said = swings.headline(results)
    for one in found:
        rows = results.rows(one.table("tornado")) if one.command == "sensitivity" else []
        if rows:
            moved = joined_inputs.Moved(results, one, str(rows[0]["measure"]))
            told = phrase("{what} moves {measure} most.", what=moved.leader,
                          measure=joined_inputs.measure_words(moved.measure))  # fmt: skip
            alone = phrase("No single input can be told to move the answer most.")
            said = (
                (told if told.words <= MOST_WORDS else phrase("{what} matters most.", what=moved.leader))
                if moved.leader
                else alone
            )
            break
    return said if said is not None else phrase("Which input moves the answer most is not worked out yet.")


def _like_for_like(results: Results) -> list[Block]:
    zero = results.noted("uncertainty", "like_for_like_break_even")
    if zero is None:
        return []
    keys = {str(row["parameter"]) for row in results.rows("like_for_like")}
    name = words.humanised(next(iter(keys), "").rpartition(".")[2])
    said = phrase(
        "Like for like, the whole difference vanishes where {what} is {share}. The curve stands under “How do people "
        "flow today, and how might they?”.",
        what=name or "the unpublished input",
        share=words.percent(zero),
    )
    return [Block("Where the comparison breaks even", [said])]


def _how(results: Results, lacking: list[str]) -> Block:
    """Which command works out what is not here."""
    config = str(results.manifest.get("config_file", "CONFIG"))
    text = ["Not worked out here. Each of these commands works out one of them, and then run.py report DIR shows it on "
            "this page, where DIR is the folder of these results:"]  # fmt: skip
    years = (results.manifest.get("transition") or {}).get("years")
    measure = f"demand_savings_{str(years[-1]).replace('/', '_')}" if years else "funded_package"
    for command in lacking:
        more, what = LACKING[command]
        text.append(f"run.py {command} {config}{more.format(measure=measure)} --out DIR/{command}: {what}.")
    return Block("What is not worked out yet", text)
