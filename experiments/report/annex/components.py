"""The components of the models as tables: teams, queues and distributions."""

from __future__ import annotations

from typing import Any

from experiments.report import words
from experiments.report.annex.facts import NOT_RECORDED, Recorded, plain_table
from experiments.report.pieces import Cell, Part, Table
from experiments.report.results import source
from experiments.report.sceptic_inputs import file_of
from experiments.report.service_facts import Block
from experiments.report.words import Number, Phrase, phrase

ARGUMENTS = {
    "value_of": "value",
    "mean": "mean",
    "sigma": "sigma",
    "shape": "shape",
    "low": "low",
    "mode": "mode",
    "high": "high",
    "cap": "capped at",
}
OLDER = "Not recorded. These results were written before the program listed teams, stages and distributions."


def _number(run: Recorded, table: str, column: str, **keys: Any) -> words.Said | str:
    found = run.results.number(table, column, **keys)
    return words.significant(found) if found is not None else "not given"


def _teams(run: Recorded) -> Table:
    rows = []
    for row in run.rows("teams"):
        keys = {"model": row["model"], "team": row["team"]}
        many: Cell = str(row["limit"])
        if row["limit"] == "number":
            many = words.significant(run.results.need("teams", "practitioners", **keys))
        hours = "always open" if row["hours"] == "always" else f"{row['hours']}; bank holidays {row['bank_holidays']}"
        rows.append((
            words.careful(str(row["title"])), run.model(str(row["model"])), many, hours,
            _number(run, "teams", "productive_share", **keys), _number(run, "teams", "absence_share", **keys),
            words.careful(str(row["why"])) or "no reason given",
        ))  # fmt: skip
    heads = ("Team", "Model", "Practitioners", "Calendar", "Productive share", "Absent share", "Reason")
    return plain_table("Teams and their calendars", heads, rows, (2, 4, 5), open=True)


def _queues(run: Recorded) -> Table | None:
    rows = [
        (
            words.careful(str(row["title"])),
            run.model(str(row["model"])),
            words.humanised(str(row["team"])) or "none",
            str(row["limit"]) or "the team",
            words.humanised(str(row["queue_class"])) or "one class",
            words.humanised(str(row["longest_wait_to"])) or "nowhere",
        )
        for row in run.rows("stages")
        if row["kind"] in ("service", "appointments", "places")
    ]
    heads = ("Stage", "Model", "Team", "Limited by", "Class in the queue", "Who waits too long goes to")
    return plain_table("Where people queue", heads, rows, folded=True) if rows else None


def _law(run: Recorded, row: dict[str, Any]) -> Phrase:
    """A distribution in words: 'lognormal, mean 6, sigma 0.5, in hours'."""
    keys = {"file": row["file"], "place": row["place"]}
    said: dict[str, Any] = {
        column: words.significant(Number(float(row[column]), source("distributions", column, **keys)))
        for column in ARGUMENTS
        if row[column] == row[column]
    }
    unit = f", in {row['unit']}" if row["unit"] else ""
    form = "".join(f", {ARGUMENTS[column]} {{{column}}}" for column in said)
    return phrase("{law}" + form + "{unit}", law=str(row["distribution"]), unit=unit, **said)


def place_in_words(run: Recorded, place: str) -> str:
    """'care.older_people.home_care.stay' as 'Older people (65 and over), Home care: stay'."""
    first, *steps = place.split(".")
    if first == "care" and len(steps) > 2:
        group, kind, *rest = steps
        called = f"{run.results.title('client_group', group)}, {run.results.title('care_type', kind)}"
        return f"{called}: {words.humanised(', '.join(rest))}"
    if first == "stages" and len(steps) > 1:
        titles = [str(row["title"]) for row in run.rows("stages", stage=steps[0])]
        rest = [step for step in steps[1:] if step != "values"]
        return words.careful(
            f"{titles[0] if titles else words.humanised(steps[0])}: {words.humanised(', '.join(rest))}"
        )
    return words.capital(words.humanised(", ".join(steps or [first])))


def _distributions(run: Recorded) -> Table:
    rows = [
        (
            place_in_words(run, str(row["place"])),
            run.results.short(*file_of(str(row["file"]))),
            _law(run, row),
            str(row["status"]) or "no evidence given",
            "; ".join(run.results.short("document", name) for name in str(row["documents"]).split()) or "none",
        )
        for row in run.rows("distributions")
    ]
    heads = ("What is drawn", "File", "Distribution at central inputs", "Weakest evidence", "Documents")
    return plain_table("Every distribution and what its numbers rest on", heads, rows, folded=True)


def build(run: Recorded) -> Part:
    """Teams, queues and distributions, or that these results do not hold them."""
    teams, laws = run.rows("teams"), run.rows("distributions")
    if not teams and not laws:
        words_: dict[str, Any] = {"intro": [OLDER], "blocks": []}
        head = phrase("{none}", none=f"Components were {NOT_RECORDED.lower()}")
        return Part("components", "What are the models made of?", head, "service_part.html", (), words=words_)
    assumed = [row for row in laws if row["status"] == "assumption"]
    head = phrase("{n} of {all} distributions rest on assumption.",
                  n=run.counted(assumed, "rows of distributions.csv: status=assumption"),
                  all=run.counted(laws, "rows of distributions.csv"))  # fmt: skip
    tables = [table for table in (_teams(run), _queues(run), _distributions(run)) if table is not None]
    intro = [
        "Numbers are those at central inputs. A distribution rests on the weakest evidence among the inputs that its "
        "numbers are worked out from; the choice of the distribution itself is a judgement unless its source says so."
    ]
    if "transition" in run.sections:
        intro.append("In a transition a team that both models have is one team with the staff and hours of today's "
                     "model; what the target's file says of it does not hold.")  # fmt: skip
    return Part("components", "What are the models made of?", head, "service_part.html",
                ("teams", "stages", "distributions", "pathways"),
                words={"intro": intro, "blocks": [Block(tables=tables)]})  # fmt: skip
