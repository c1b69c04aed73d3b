"""What the annex reads: the sections an experiment ran, counts of what was recorded, and plain "not recorded"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from experiments.report import words
from experiments.report.pieces import Row, Table
from experiments.report.results import Results
from experiments.report.words import Number, Phrase, Said, phrase
from simulation.errors import ConfigError
from simulation.plain_yaml import read_one
from simulation.schema.sign_off import SignOff
from simulation.sentences import sentences

NOT_RECORDED = "Not recorded."
SIGNED = "sign_off.yaml"
"""Beside the results: who signed them once they were there. To write it into the experiment would be another run."""
KINDS = ("calibration", "comparison", "service", "transition")
STAGE_KINDS = {
    "arrival": "sources of contacts",
    "service": "services",
    "appointments": "appointments",
    "places": "stays in places",
    "decision": "decisions",
    "set": "changes of a person",
    "package": "kinds of package",
    "fork": "reviews and the like",
    "hazard": "hazards",
    "outcome": "outcomes",
}

Text = Phrase | str


def joined(*texts: Text | None) -> Phrase:
    """Sentences as one text; what is None is left out."""
    there = {f"part{number}": text for number, text in enumerate(texts) if text is not None}
    return phrase(" ".join(f"{{{name}}}" for name in there), **there)


def listed(texts: Iterable[Text], between: str = "; ") -> Phrase:
    """Texts one after the other: 'a; b; c'."""
    parts = {f"part{number}": text for number, text in enumerate(texts)}
    return phrase(between.join(f"{{{name}}}" for name in parts), **parts)


def count(number: Number) -> Said:
    """A count in figures, nought too."""
    return Said(f"{number.value:,.0f}", number)


def day(text: str) -> str:
    """A date or a moment as people write it: '2016-04-01' is '1 April 2016'; other words stay."""
    try:
        found = datetime.fromisoformat(text).date() if "T" in text else date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {found:%B %Y}"


def plain_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], numeric: Sequence[int] = (),
                folded: bool = False, open: bool = False) -> Table:  # fmt: skip
    """A table of rows of cells. ``numeric``: places of the columns that hold numbers."""
    marked = tuple(at in numeric for at in range(len(heads)))
    return Table(caption, heads, marked, [Row(row) for row in rows], folded, open)


class Recorded:
    """A finished folder, as the annex reads it."""

    def __init__(self, results: Results):
        self.results = results
        self.manifest: dict[str, Any] = results.manifest
        config: dict[str, Any] = results.manifest["config"]
        self.config = config
        self.sections: dict[str, dict[str, Any]] = {kind: config[kind] for kind in KINDS if config.get(kind)}

    @cached_property
    def signatures(self) -> dict[str, dict[str, Any]]:
        """Who answers for it by role: what the experiment file says, and over it what ``sign_off.yaml`` says.

        Raises:
            ConfigError: the file is not as it should be, with every fault.
        """
        path = self.results.folder / SIGNED
        given: dict[str, dict[str, Any]] = dict(self.config.get("sign_off") or {})
        if not path.is_file():
            return given
        document = read_one(path)
        try:
            later = SignOff.model_validate(document.data)
        except ValidationError as error:
            raise ConfigError(sentences(error.errors(include_url=False), SignOff, document)) from error
        return given | later.model_dump(mode="json", exclude_none=True)

    def rows(self, table: str, **keys: Any) -> list[dict[str, Any]]:
        """Rows of a table where all keys hold; none where the results have no such table."""
        return self.results.rows(table, **keys)

    def counted(self, found: Sequence[Any], what: str) -> Said:
        """How many there are. ``what``: of what, for those who look up where the number comes from."""
        return count(Number(len(found), f"computed: {what}"))

    def noted(self, *path: str) -> Said | None:
        """A number of the manifest as a count."""
        found = self.results.noted(*path)
        return count(found) if found is not None else None

    @property
    def models(self) -> list[str]:
        """Names of the models, the baseline's first."""
        return list(dict.fromkeys(str(row["model"]) for row in self.rows("pathways")))

    def model(self, name: str) -> str:
        """What a model is called."""
        return self.results.short("model", name)

    def stages(self, kind: str) -> list[dict[str, Any]]:
        """The stages of a kind over all models, each once in each model."""
        found = {(row["model"], row["stage"]): row for row in self.rows("pathways", kind=kind)}
        return list(found.values())

    def changes(self) -> list[str]:
        """Titles of the accounts of how practice changes, the headline's first."""
        section = self.sections.get("transition", {})
        names = [section.get("change"), *(section.get("beside") or [])]
        return [self.results.title("change", str(name)) for name in names if name]

    def scenarios(self) -> list[Phrase]:
        """Every transfer that was run, with its name and how it is set."""
        found = []
        for kind in ("comparison", "transition"):
            for one in self.sections.get(kind, {}).get("transfers", []):
                title = str(one.get("title") or one["name"])
                share = self._share(kind, str(one["name"]))
                found.append(phrase("{title} ({share} of the gap)", title=title, share=words.percent(share))
                             if share is not None else phrase("{title}", title=title))  # fmt: skip
        return found

    def _share(self, kind: str, name: str) -> Number | None:
        if kind == "transition":
            return self.results.noted("transition", "transfers", name)
        return self.results.number("transfers", "share_of_gap", transfer=name)
