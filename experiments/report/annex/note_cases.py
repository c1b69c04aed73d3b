"""The robustness note of each kind of result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.report import answer, service_answer, transition_answer, words
from experiments.report.annex.facts import Recorded, Text
from experiments.report.annex.note_facts import QUESTION, TITLE, Case, Line, cut, left_out
from experiments.report.answer_facts import answer_of, saving
from experiments.report.service_facts import Service, say
from experiments.report.transition_cash import EACH_YEAR, PARTS
from experiments.report.transition_facts import NOT_TOLD, Seen, Transition, in_runs, near_end, percent_span
from experiments.report.transition_net import unpublished
from experiments.report.words import Number, Phrase, Range, phrase
from simulation.vehicle_costs import in_words

PLAN_ON_RANGE = "Plan on the whole range, {range}, not on its central value."
NOT_DRAWN = "inputs were not drawn"
SHOWN_PARTS = ("cashable", "avoided", "capacity_freed")


def _money(what: Text, seen: Seen) -> Line:
    return Line(what, words.pounds(seen.mean), seen.by_chance(words.span_pounds), seen.over_inputs(words.span_pounds),
                seen.grey)  # fmt: skip


def _parts(one: Transition) -> list[Line]:
    """What of the running saving is cash."""
    lines = []
    for part in SHOWN_PARTS:
        keys = {"run": one.over, "financial_year": one.last, "client_group": "all", "measure": "run_rate", "part": part,
                "prices": EACH_YEAR}  # fmt: skip
        seen = one.seen("transition_savings", "mean", keys)
        if seen is not None:
            lines.append(_money(PARTS[part], seen))
    return lines


def _of(asked: Number) -> Callable[[Number], Number]:
    """A figure as a share of what is asked."""

    def part(number: Number) -> Number:
        return Number(number.value / asked.value, f"computed: {number.source} ÷ {asked.source}")

    return part


def _by_chance(seen: Seen, asked: Number) -> Range | str:
    """What chance alone leaves open of the share of what is asked."""
    return percent_span(*map(_of(asked), seen.chance)) if seen.chance is not None else NOT_TOLD


def _share(one: Transition, money: Seen | None, yardstick: str, what: str) -> list[Line]:
    share, asked = one.share(one.over, yardstick), one.asked(yardstick)
    if share is None or asked is None or money is None or not asked.value:  # nothing asked has no share
        return []
    both = share.over_inputs(percent_span)
    return [Line(what, words.percent(share.mean), _by_chance(money, asked), both, share.grey)]


def _met(one: Transition) -> Text | None:
    """How often the target is met, or that no probability may be given."""
    refused = one.told.get("probabilities_refused") or []
    if refused:
        return "No chance of meeting the target is given: money rests on an assumption without a range."
    keys = {"run": one.over, "financial_year": one.last}
    whole, part = (one.results.number("delivery", "p_met", yardstick=y, **keys) for y in ("whole", "addressable"))
    if whole is None or part is None:
        return None
    said = "Runs with drawn inputs that meet the whole target: {whole}; the part within reach: {part}."
    return phrase(said, whole=in_runs(whole), part=in_runs(part))


def _unpublished(one: Transition) -> str:
    """Costs that nobody has published, each once; '' where all are known."""
    missing: dict[str, list[str]] = one.told.get("missing_costs") or {}
    costs = tuple(dict.fromkeys(cost for costs in missing.values() for cost in costs))
    return in_words(costs) if costs else ""


def _asked(one: Transition) -> list[Text]:
    whole, part, reach = one.asked(), one.asked("addressable"), one.results.noted("transition", "addressable_share")
    if whole is None:
        return ["No savings are asked in this experiment."]
    said: list[Text] = [phrase("{whole} a year, running by {end}: the whole target.", whole=words.pounds(whole),
                               end=one.end)]  # fmt: skip
    if part is not None and reach is not None:
        said.append(phrase("{part} of it ({reach}) is taken to be within reach of managing demand; that share is an "
                           "input.",
                           part=words.pounds(part), reach=words.percent(reach)))  # fmt: skip
    return said


def of_transition(run: Recorded) -> Case:
    """One model becoming another under a delivery vehicle."""
    one = Transition(run.results)
    money = one.delivered(one.over)
    lines = [_money(f"Running a year by {one.end}", money), *_parts(one)] if money is not None else []
    cash = one.seen("delivery", "cumulative_cash", {"run": one.over, "financial_year": one.last, "yardstick": "whole"},
                    ("", ""), ("cumulative_cash_low", "cumulative_cash_high"))  # fmt: skip
    if cash is not None:
        lines.append(Line(f"Cash over the {len(one.years)} years", words.pounds(cash.mean), "not worked out",
                          cash.over_inputs(words.span_pounds), cash.grey))  # fmt: skip
    lines += [
        *_share(one, money, "whole", "Share of the whole target"),
        *_share(one, money, "addressable", "Share of that within reach"),
    ]
    near = near_end(money, "the savings", words.pounds) if money is not None else None
    costs = _unpublished(one)
    unknown = f"Costs that are not published: {costs}. No net saving and no ranking is given." if costs else ""
    included: list[Text] = [
        phrase("The vehicle {name}, with {share} of the gap to the target model closed ({title}).",
               name=one.called(one.over), share=words.percent(one.share_of_gap(one.over)),
               title=one.transfer_title(str(one.told["headline_transfer"]))),
        "Contacts grow as the demand file says." if one.told.get("growth") else "Contacts do not grow.",
        "Money is that of each year." if lines else "No money was worked out.",
        *(["Costs of the change are netted in the report."] if not unpublished(one) else []),
    ]  # fmt: skip
    first: list[Text] = [
        phrase(PLAN_ON_RANGE, range=money.widest(words.span_pounds)) if money is not None and money.told else
        "Run it with enough replications and drawn inputs to say how sure it is.",
        *(["Ask for the costs that are not published, before any vehicle is chosen for its savings."] if costs else []),
        "Ask which contracts are paid whatever is used: only what is cashable leaves the budget.",
    ]  # fmt: skip
    after = [text for text in (near, transition_answer.others(one), _met(one)) if text is not None]
    out: list[Text] = [*([unknown] if unknown else []), left_out(run)]
    return Case(transition_answer.headline(one), _asked(one), lines, after=after, included=included, left_out=out,
                first=first)  # fmt: skip


def of_comparison(run: Recorded) -> Case:
    """Two models on the same people."""
    results = run.results
    packages, money = answer_of(results, results.headline), saving(results)
    lines: list[Line] = []
    asked: list[Text] = []
    after: list[Text] = []
    if money is not None:
        lines.append(_money(f"Saved in {money.year}, gross", money.seen))
        if money.asked is not None:
            asked.append(phrase("{asked} a year, running by the end of {year}: the whole target.",
                                asked=words.pounds(money.asked), year=money.year))  # fmt: skip
            if money.asked.value:  # nothing asked has no share
                lines.append(_of_asked(money.seen, money.asked))
    seen = packages.seen
    fewer = "Fewer packages a year" if packages.direction == "fewer" else "More packages a year"
    lines.append(Line(fewer, words.whole(seen.mean), seen.by_chance(words.span),
                      packages.unknown_range or NOT_DRAWN, seen.grey))  # fmt: skip
    if not asked:
        asked.append("No savings are asked in this experiment.")
    else:
        asked.append("How much of it managing demand can reach was not recorded in this experiment.")
    after.append("Drawn inputs are worked out without chance. What is saved in the year is held against what is asked "
                 "to run by its end.")  # fmt: skip
    after.append("No chance of meeting the target is given: this run has no costs of change and no growth.")
    included: list[Text] = [
        phrase("{share} of the gap to the other model closed at once, for good ({title}).",
               share=words.percent(packages.share), title=packages.title),
        "Gross prices of care; contacts as they are.",
    ]  # fmt: skip
    out: list[Text] = [
        "Costs of the change, what clients pay, inflation, and contracts that are paid whatever is used.",
        left_out(run),
    ]
    wide = money.seen if money is not None else None
    first: list[Text] = [phrase(PLAN_ON_RANGE, range=wide.widest(words.span_pounds))] if wide is not None else []
    first.append("Run the change over time with its costs: a comparison of models is no forecast of savings.")
    return Case(answer.headline(results), asked, lines, ("By chance alone", "With drawn inputs"), after, included, out,
                first)  # fmt: skip


def _of_asked(seen: Seen, asked: Number) -> Line:
    """What is saved as a share of what is asked."""
    part = _of(asked)
    both = percent_span(*map(part, seen.both)) if seen.both is not None else NOT_TOLD
    return Line("Share of the whole target", words.percent(part(seen.mean)), _by_chance(seen, asked), both, seen.grey)


def of_service(run: Recorded) -> Case:
    """A whole service as it is."""
    service = Service(run.results)
    named = (("gross", "Gross spend"), ("contributions", "What clients pay"), ("net", "Spend after what clients pay"))
    lines = []
    for measure, title in named:
        found = service.told(f"{measure}/all/all")
        if found is not None:
            lines.append(
                Line(f"{title}, {service.year}", say(found.mean, found.kind), found.span, NOT_DRAWN, found.grey)
            )
    growing = bool(run.manifest["service"].get("growth"))
    included: list[Text] = [
        phrase("The service of {year}, year after year, at central inputs.", year=service.year),
        "Contacts grow as the demand file says." if growing else "Contacts do not grow.",
    ]
    first: list[Text] = ["Draw the inputs before a budget is set on it: these ranges hold chance only."]
    asked: list[Text] = ["No savings are asked of this run, and none are delivered: it is the base case of others."]
    return Case(service_answer.headline(service), asked, lines, ("By chance, one year", "With drawn inputs"),
                included=included, left_out=[left_out(run)], first=first, heading="What comes out")  # fmt: skip


def case_of(run: Recorded) -> Case | None:
    """The note of the result that says most of money; None where there is no money to be robust about."""
    makers: dict[str, Any] = {"transition": of_transition, "comparison": of_comparison, "service": of_service}
    there = {"transition": "transition" in run.manifest, "comparison": run.results.comparison is not None,
             "service": "service" in run.manifest}  # fmt: skip
    found = next((makers[kind] for kind in makers if there[kind]), None)
    made: Case | None = found(run) if found is not None else None
    return made


def titled(run: Recorded) -> tuple[str, Phrase]:
    """What the note is about: the experiment's title, and its question cut to a few lines."""
    title, question = (words.careful(str(run.manifest[key])) for key in ("title", "question"))
    return cut(title, TITLE), phrase("{question}", question=cut(question, QUESTION))
