"""Part 12: can I check it? Every input, every check, what is left out, and how to repeat it."""

from __future__ import annotations

from typing import Any

from experiments.report import sceptic_rests, words
from experiments.report.pieces import Part
from experiments.report.results import Results
from experiments.report.sceptic_inputs import file_of, label
from experiments.report.sceptic_rests import agreed, repeated
from experiments.report.service_facts import Block
from experiments.report.words import Phrase, phrase

__all__ = ["agreed", "build", "file_of", "label", "repeated"]


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
                off=words.significant(off) if off.value >= 0.001 else words.Said("a thousandth", off),
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


def _check_blocks(results: Results) -> list[Block]:
    checks = _checks(results)
    titled = {
        "put_in": ("What came out because it was put in",
                   "This is calibration. It shows that the model was built as meant, not that it is right."),
        "could_fail": ("What could have failed",
                       "Another year or another council is held against it under “What happened next?”, where such "
                       "figures were given."),
    }  # fmt: skip
    return [Block(title, [note, *checks[name]]) for name, (title, note) in titled.items() if checks[name]]


def _intro(results: Results) -> list[Phrase | str]:
    said: list[Phrase | str] = [
        "Shares are of the summed squared swings: each input is moved alone from its low to its high, and what the "
        "headline does is squared and added up."
    ]
    share = results.noted("uncertainty", "share_of_saving_on_assumption")
    if share is not None:
        what = "Of what could move the last year's saving, {share} rests on assumption."
        said.append(phrase(what, share=words.percent(share)))
    return said


def _repeating(results: Results) -> list[Phrase | str]:
    said: list[Phrase | str] = []
    pairs, left_out = results.noted("stopping", "pairs"), results.noted("uncertainty", "contradictory_input_draws")
    why = words.humanised(str((results.manifest.get("stopping") or {}).get("why_stopped", "")))
    if pairs is not None:
        stopped = phrase("; they stopped because {why}", why=why) if why else ""
        said.append(phrase("{n} pairs of runs were made{stopped}.", n=words.whole(pairs), stopped=stopped))
    if left_out is not None and left_out.value:
        what = "{n} of the drawn sets of inputs contradicted the published totals and were left out."
        said.append(phrase(what, n=words.whole(left_out)))
    return said


def build(results: Results) -> Part | None:
    """The part; every finished experiment has inputs."""
    if not results.rows("inputs"):
        return None
    blocks = [
        *sceptic_rests.inputs_block(results),
        *_check_blocks(results),
        *sceptic_rests.left_out_block(results),
        sceptic_rests.repeat_block(results, *_repeating(results)),
    ]
    more = {"intro": _intro(results), "blocks": blocks}
    head = sceptic_rests.headline(results)
    return Part("checking", "Can I check it?", head, "service_part.html", sceptic_rests.DATA, words=more)
