"""Part 3: what would happen to people who make contact? Net changes only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.charts import hundred
from experiments.report import words
from experiments.report.people_groups import UNMET, by_group, per_100
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.results import Results, source
from experiments.report.words import Number, Phrase, phrase
from experiments.theme import ASH, FOURTH, SILVER, THIRD

OUTCOMES = (
    ("A", "resolved_at_first_contact", "advice or signposting at first contact", SILVER),
    ("S", "referred_without_assessment", "seen or referred, then signposted without a full assessment", ASH),
    ("N", "no_council_funding", "assessed, no Council-funded services", THIRD),
    ("P", "funded_package", "Council-funded package", FOURTH),
)
"""Letter, measure, words and colour. Together they are every contact; where they are not, only P is told apart."""
OTHER = ("O", "", "no Council-funded package", SILVER)


OUTCOMES_TABLE = "What contacts end with in a year, today and proposed"


def per_hundred(shares: list[float]) -> list[int]:
    """Whole figures that make a hundred: each share rounded down, the rest to the largest remainders."""
    scaled = [share * 100 / math.fsum(shares) for share in shares]
    counts = [math.floor(value) for value in scaled]
    by_remainder = sorted(range(len(shares)), key=lambda i: (counts[i] - scaled[i], i))
    for i in by_remainder[: 100 - sum(counts)]:
        counts[i] += 1
    return counts


class Outcomes:
    """What contacts end with under the headline's transfer, a year and per hundred."""

    def __init__(self, results: Results):
        self.results = results
        self.contacts = {side: self._need("contact", side) for side in ("value_baseline", "value_model")}
        found = [item for item in OUTCOMES if results.number("comparison", "difference", **self._keys(item[1]))]
        whole = all(
            abs(math.fsum(self._need(m, side).value for _, m, _, _ in found) - total.value) <= 0.01 * total.value
            for side, total in self.contacts.items()
        )
        self.kinds = found if whole else [OTHER, OUTCOMES[-1]]
        self.counts = {side: per_hundred([self._value(k[1], side) for k in self.kinds]) for side in self.contacts}

    def _keys(self, measure: str) -> dict[str, Any]:
        return {"measure": measure, "transfer": self.results.headline}

    def _need(self, measure: str, column: str) -> Number:
        return self.results.need("comparison", column, **self._keys(measure))

    def _value(self, measure: str, side: str) -> float:
        if measure:
            return self._need(measure, side).value
        return self.contacts[side].value - self._need(OUTCOMES[-1][1], side).value

    @property
    def fewer(self) -> int:
        """Packages of every hundred contacts that would not start: what the two grids show."""
        return self.counts["value_baseline"][-1] - self.counts["value_model"][-1]

    def table(self) -> Table:
        """A year and per hundred, today and proposed."""
        rows = []
        for i, (letter, measure, title, _) in enumerate(self.kinds):
            if not measure:
                continue
            rows.append(self._row(f"{letter}: {title}", measure, i))
        if self.results.number("comparison", "difference", **self._keys(UNMET)) is not None:
            rows.append(
                self._row(
                    "Eligible need without a package, possibly unmet (an assumption; across the outcomes)", UNMET, None
                )
            )
        return Table(
            OUTCOMES_TABLE,
            ("Outcome", "Today", "Proposed", "Change", "Chance alone", "Today, per 100", "Proposed, per 100"),
            (False, True, True, True, True, True, True),
            rows,
        )

    def _row(self, title: str, measure: str, at: int | None) -> Row:
        today, proposed, change, low, high = (
            self._need(measure, c) for c in ("value_baseline", "value_model", "difference", "low", "high")
        )
        hundreds = [
            per_100(self.results, measure, "contact", self.results.headline, side)
            if at is None
            else words.whole(Number(self.counts[side][at], f"computed: per_hundred; measure={measure}; side={side}"))
            for side in self.counts
        ]
        return Row(
            (
                title,
                words.whole(today),
                words.whole(proposed),
                words.signed(change),
                words.span_signed(low, high),
                *hundreds,
            ),
            words.too_wide(change.value, low.value, high.value) and change.value != 0,
        )


def _headline(outcomes: Outcomes) -> Phrase:
    fewer = outcomes.fewer
    if fewer == 0:
        return phrase("Fewer than 1 in 100 contacts would end differently as to packages.")
    said = words.about(Number(fewer, "computed: per_hundred"))
    return phrase(
        "Of every 100 contacts, {n} {direction} would go on to a Council-funded package.",
        n=said,
        direction="fewer" if fewer > 0 else "more",
    )


def _unmet(results: Results) -> dict[str, Any]:
    if results.number("comparison", "difference", measure=UNMET, transfer=results.headline) is None:
        return {}
    keys = {"measure": UNMET, "transfer": results.headline}
    today, proposed, change, low, high = (
        results.need("comparison", c, **keys) for c in ("value_baseline", "value_model", "difference", "low", "high")
    )
    key = next(
        (
            r["key"]
            for r in results.rows("inputs")
            if r["key"].endswith("need.eligible_share")
            and r["key"].startswith(f"demand/{(results.comparison or {})['demand']}")
        ),
        None,
    )
    rests = next((r for r in results.rows("inputs", key=key)), None) if key else None
    return {
        "sentence": phrase(
            "Today {today} people a year have eligible need and no package. As proposed {proposed} would: {change} "
            "{direction} ({range} by chance alone).",
            today=words.about(today),
            proposed=words.about(proposed),
            change=words.about(change),
            direction="more" if change.value > 0 else "fewer",
            range=words.span(low, high),
        ),
        "rests": phrase(
            "This rests on an assumption: that {share} of contacts have eligible need ({low} to {high}). {why}.",
            **{
                name: words.percent(Number(rests[c], source("inputs", c, key=key)))
                for name, c in (("share", "value"), ("low", "low"), ("high", "high"))
            },
            why=words.capital(str(rests["why"])),
        )
        if rests and rests["low"] == rests["low"]
        else None,
    }


Kind = tuple[str, str, str, str]
"""Letter, measure, words and colour of an outcome."""


def grid_chart(label: str, counts: list[int], kinds: Sequence[Kind], key_apart: bool) -> Chart:
    """A hundred figures under a label such as 'Today'."""
    names = [title for _, _, title, _ in kinds]
    figure = hundred(counts, [letter for letter, *_ in kinds], [colour for *_, colour in kinds], names)
    said = "; ".join(f"{n} {name}" for n, name in zip(counts, names, strict=True))
    key = [(colour, letter, words.capital(title)) for letter, _, title, colour in kinds]
    alt = f"{label}, of every 100 contacts: {said}."
    caption = "" if key_apart else f"{label}, of every 100 contacts."
    return Chart(f"hundred_{label.lower()}", figure, alt, caption, key=key, key_apart=key_apart)


def build(results: Results) -> Part | None:
    """The third part, where two models were compared."""
    if results.comparison is None or results.rows("transfers", transfer=results.headline)[0]["share_of_gap"] == 0:
        return None
    if results.number("comparison", "value_baseline", measure="contact", transfer=results.headline) is None:
        return None  # nobody makes contact
    outcomes = Outcomes(results)
    charts: dict[str, Chart] = {}
    for side, label in (("value_baseline", "Today"), ("value_model", "Proposed")):
        charts[label.lower()] = grid_chart(label, outcomes.counts[side], outcomes.kinds, True)
    legend = [
        {
            "letter": letter,
            "title": words.capital(title),
            "colour": colour,
            "today": outcomes.counts["value_baseline"][i],
            "proposed": outcomes.counts["value_model"][i],
        }
        for i, (letter, _, title, colour) in enumerate(outcomes.kinds)
    ]
    groups = by_group(results)
    tables = {"outcomes": outcomes.table()}
    if groups:
        charts["groups"], tables["groups"] = groups["chart"], groups["table"]
    return Part(
        "people",
        "What would happen to people who make contact?",
        _headline(outcomes),
        "people.html",
        ("comparison",),
        charts,
        tables,
        {"legend": legend, "groups": groups, "unmet": _unmet(results)},
    )
