"""How much money, against what is asked; what of it is cash; whom it concerns; and the sum taken apart."""

from __future__ import annotations

from experiments.report import transition_cash as cash
from experiments.report import transition_target as target
from experiments.report import words
from experiments.report.pieces import Part
from experiments.report.service_facts import SHARE, Block, say
from experiments.report.transition_facts import Seen, Transition, near_end, percent_span
from experiments.report.transition_net import after_costs, unpublished
from experiments.report.words import Number, Phrase, phrase


def _years(one: Transition) -> list[str]:
    return [year for year in one.years if one.delivered(one.over, year) is not None]


def _factor(one: Transition) -> Phrase | None:
    share = one.share(one.over)
    keys = {"run": one.over, "financial_year": one.last, "yardstick": "whole"}
    factor = one.results.number("delivery", "published_factor", **keys)
    if share is None or factor is None:
        return None
    known = (float(row["delivery_factor"]) for row in one.results.rows("vehicles_published"))
    others = sorted({value for value in known if value == value} - {factor.value})
    more = (
        phrase(" ({others} for others)", others=" and ".join(f"{100 * value:.0f}%" for value in others))
        if others
        else ""
    )
    return phrase(
        "The business case multiplies the target by {factor} for {vehicle}{more}. That is the board's judgement of how "
        "much will come, no probability, and nothing was measured for it. Its simulated counterpart is the share "
        "delivered by {end}: {share} ({range} over inputs and chance){below}.",
        factor=words.percent(factor),
        vehicle=one.called(one.over),
        more=more,
        end=one.end,
        share=say(share.mean, SHARE),
        range=share.over_inputs(percent_span),
        below="; below nought, because spending would be higher" if share.mean.value < 0 else "",
    )


def _headline(one: Transition, share: Seen) -> Phrase:
    """How much of what is asked comes, in at most 14 words."""
    money = one.delivered(one.over)
    keys = {"run": one.over, "financial_year": one.last, "yardstick": "whole"}
    factor = one.results.number("delivery", "published_factor", **keys)
    judged = phrase("; the business case judged {factor}", factor=words.percent(factor)) if factor is not None else ""
    come = words.percent(share.mean)
    if money is None or not money.told:
        return phrase("Too few runs to say what comes{judged}.", judged=judged)
    if not money.told_from_nought:
        return phrase("No saving could be told from chance{judged}.", judged=judged)
    if money.mean.value < 0:
        return phrase("None of the savings asked come: spending rises{judged}.", judged=judged)
    if money.may_be_nought:
        return phrase("About {share} of the savings asked come, possibly none{judged}.", share=come, judged=judged)
    if factor is None:
        return phrase("About {share} of the savings asked come by {end}.", share=come, end=one.end)
    return phrase("About {share} of the savings asked come{judged}.", share=come, judged=judged)


def _within_reach(one: Transition) -> Phrase | None:
    """What comes of the part of the target that managing demand can reach."""
    reach, part = one.share(one.over, "addressable"), one.results.noted("transition", "addressable_share")
    if reach is None or part is None:
        return None
    size = Number(abs(reach.mean.value), f"computed: size of {reach.mean.source}")
    return phrase(
        "Not all of the target can be reached by managing demand. Of the part taken to be within reach ({part}, an "
        "assumption), {comes} ({range}).",
        part=words.percent(part),
        comes=phrase("{share} comes", share=say(reach.mean, SHARE))
        if reach.mean.value >= 0
        else phrase("nothing comes, and spending rises by {share} of it", share=say(size, SHARE)),
        range=reach.over_inputs(percent_span),
    )


def _costs_said(one: Transition) -> str:
    """How the costs of change stand to the savings of this part."""
    if unpublished(one):
        return "nor are the costs of the change, which are not all published"
    return "and the costs of the change are taken off only where it is said"


def build(one: Transition) -> Part | None:
    """The seventh part."""
    share, years = one.share(one.over), _years(one)
    if share is None or not years:
        return None
    said: list[Phrase | None] = [
        _factor(one),
        near_end(share, "the share delivered", words.percent),
        _within_reach(one),
        cash.parts(one),
        phrase(
            "Savings are what the Council no longer pays for care, against today's model with the same growth and the "
            "same people, in each year's money. Staff time and posts are in no figure here, {costs}.",
            costs=_costs_said(one),
        ),
    ]
    optimism, waterfall = cash.optimism(one), cash.waterfall(one)
    blocks = [
        Block(
            charts=[target.chart(one, years)], tables=[target.delivery_table(one, years), target.cash_table(one, years)]
        ),
        target.factors(one),
        target.met(one),
        cash.whom(one),
    ]
    after = after_costs(one)
    blocks += [optimism, waterfall, after]
    more = {"intro": [line for line in said if line is not None], "blocks": [one for one in blocks if one is not None]}
    data = ("delivery", "transition_savings", *(["optimism"] if optimism is not None else []), "waterfall",
            *(["transition_net"] if after is not None else []))  # fmt: skip
    return Part("money", "How much money, and for whom?", _headline(one, share), "service_part.html", data, words=more)
