"""A council whose numbers are known, what the simulator says happened there, and the same as client-level data."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from experiments.eventlog import write_eventlog
from experiments.run_options import RunOptions

BASE = "barnet_2014_15"

KNOWN = {
    "models/known.yaml": """
kind: model
name: known
extends: barnet_2014_15
title: A known council
short_title: Known
reproduces: "nothing: its numbers are made up for tests"
uses: [demand/known, prices/known]
parameters:
  resolved: {value: 2200, status: assumption, why: "made up"}
  referred: {value: 1800, status: assumption, why: "made up"}
  assessed: {value: 1200, status: assumption, why: "made up"}
  not_assessed: {value: 600, status: assumption, why: "made up"}
  funded: {value: 1000, status: assumption, why: "made up"}
  not_funded: {value: 200, status: assumption, why: "made up"}
  hospital_funded_rate: {value: 0.35, status: assumption, why: "made up"}
""",
    "demand/known.yaml": """
kind: demand
name: known
extends: barnet_2014_15
title: Its contacts
short_title: Its contacts
population: known
parameters:
  contacts: {value: 4000, status: assumption, why: "made up"}
  hospital_contacts: {value: 1000, status: assumption, why: "made up"}
  older_people_share: {value: 0.6, status: assumption, why: "made up"}
""",
    "prices/known.yaml": """
kind: prices
name: known
extends: barnet_2014_15
title: Its prices
price_base: made up
uses: [demand/known]
parameters:
  new_packages: {value: 1000, status: assumption, why: "made up"}
  long_term_share: {value: 0.7, status: assumption, why: "made up"}
  older_in_community: {value: 500, status: assumption, why: "made up"}
care:
  older_people:
    community_care:
      weekly_cost: {value: 250, status: assumption, why: "made up"}
""",
}


def known_council(root: Path) -> Path:
    """Its files below a folder; the model's path."""
    for name, text in KNOWN.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root / "models/known.yaml"


def lived(model: Path, folder: Path, replication: int = 0, months: int = 12) -> Path:
    """What happened in one run: its ``events.csv``."""
    write_eventlog(str(model), RunOptions(None, date(2014, 4, 1), months, 1, replication), folder, True)
    return folder / "events.csv"


def client_level(events: Path, target: Path) -> Path:
    """The same events as a council would return them: semicolons, British dates, names, no row for a decision."""
    heads = ("Local ID", "NHS number", "Surname", "Event type", "Event start date", "Event end date", "Client group",
             "Route of access", "Event outcome", "Service type", "Unit cost", "Cost frequency")  # fmt: skip
    with events.open(encoding="utf-8") as stream, target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(heads)
        people: dict[str, list[dict[str, str]]] = {}
        for row in csv.DictReader(stream):
            people.setdefault(row["case:concept:name"], []).append(row)
        for number, rows in enumerate(people.values(), 1):
            writer.writerows([f"L{number}", f"94347{number:05d}", f"Secretname{number}", *row] for row in _told(rows))
    return target


def _day(text: str) -> str:
    return f"{text[8:10]}/{text[5:7]}/{text[:4]}" if text else ""


def _told(rows: Iterable[dict[str, str]]) -> list[list[Any]]:
    told: list[list[Any]] = []
    for row in rows:
        start, end, group = _day(row["start_timestamp"]), _day(row["end_timestamp"]), row["case:client_group"]
        if row["kind"] == "arrival":
            told.append(["Request", start, start, group, row["case:source"], "", "", "", ""])
        elif row["kind"] == "decision":
            if row["stage"] != "care_type" and "assessment" not in row["branch"].replace("No full assessment", ""):
                told[-1][5] = row["branch"]
        elif row["stage"] == "needs_assessment":
            told.append(["Assessment", start, end, group, "", "", "", "", ""])
        elif row["kind"] == "package":
            cost = row["weekly_pounds"].replace(".", ",")
            told.append(["Service", start, end, group, "", "", row["care_type"], cost, "Weekly"])
    return told
