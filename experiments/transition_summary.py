"""What the terminal says of a transition when it has run: a dozen plain lines."""

from __future__ import annotations

from experiments.report import words
from experiments.report.results import Results
from experiments.report.service_facts import SHARE, say
from experiments.report.transition_answer import headline
from experiments.report.transition_facts import TODAY, Transition, percent_span
from experiments.report.transition_vehicles import headline as vehicles_headline
from experiments.report.transition_waits import HUB, REVIEW, VISIT, within


def transition_lines(results: Results) -> list[str]:
    """The answer, both its ranges, the need, waits, and what is not told; the same words as the report's."""
    one = Transition(results)
    title = one.transfer_title(str(one.told["headline_transfer"]))
    share = words.percent(one.share_of_gap(one.over))
    lines = ["", str(headline(one)), f"  At {share} of the gap ({title}), vehicle {one.called(one.over)}."]
    money, delivered = one.delivered(one.over), one.share(one.over)
    if money is not None and delivered is not None:
        lines += [
            f"  By chance alone: {money.by_chance(words.span_pounds)}.",
            f"  With what we do not know about the inputs: {money.over_inputs(words.span_pounds)}.",
            f"  {say(delivered.mean, SHARE)} of what is asked ({delivered.over_inputs(percent_span)}). "
            "The published factor is a judgement and no probability.",
        ]
        refused = one.told.get("probabilities_refused")
        if refused:
            lines.append(f"  No chance of meeting the target is given: no range for {', '.join(refused)}.")
    people = one.difference(one.over, "funded_package")
    if people is not None:
        direction = "fewer" if people.mean.value <= 0 else "more"
        span = people.widest(words.span)
        number = words.about(people.mean)
        lines.append(f"{one.last}: {number} {direction} people would go on to a Council-funded package ({span}).")
    keys = {"run": one.over, "financial_year": one.last, "row": "possibly_unmet", "unit": "people"}
    unmet = one.seen("transition_ledger", "difference", keys, ("difference_low", "difference_high"), ("", ""))
    if unmet is not None:
        lines.append(
            f"  Need possibly unmet: {words.signed(unmet.mean)} people ({unmet.by_chance(words.span_signed)} by chance "
            "alone)."
        )
    standards = (
        (HUB, "hub within two weeks"),
        (VISIT, "home visit within four"),
        (REVIEW, "planned review within four"),
    )
    waits = [(text, within(one, one.over, name), within(one, TODAY, name)) for name, text in standards]
    known = [
        f"{text} {words.in_hundred(seen.mean)}" + (f" (today {words.in_hundred(now.mean)})" if now is not None else "")
        for text, seen, now in waits
        if seen is not None
    ]
    if known:
        lines.append(f"  Waits with the posts gone: {', '.join(known)}.")
    lines.append(str(vehicles_headline(one)))
    if one.told.get("ranking_withheld"):
        lines.append("  No ranking and no present value: required costs are not published.")
    both = results.manifest.get("agreement", {}).get("verdict")
    if both:
        lines.append(f"Two engines: {both}.")
    return lines
