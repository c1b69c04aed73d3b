"""What the command line says when an experiment has finished."""

from __future__ import annotations

import json
from pathlib import Path

from experiments.report import answer, words
from experiments.report.answer_facts import answer_of
from experiments.report.results import Results
from experiments.service_summary import service_lines
from experiments.transition_summary import transition_lines
from simulation.errors import shown


def summary(folder: Path) -> list[str]:
    """The answer, how sure it is, the checks in plain words, and where the report is: a few lines.

    Raises:
        DemandflowError: the folder is not a finished result.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    served = service_lines(folder, manifest) if "service" in manifest else []
    if not (folder / "report.html").exists():
        return [*served, f"Tables: {shown(folder / 'tables')}"]
    results = Results(folder)
    report = f"Report: {shown(folder / 'report.html')}"
    if "transition" in manifest:
        served += transition_lines(results)
    if not results.flows:
        return [*served, report]
    lines = [*served, "", str(answer.headline(results))]
    if results.comparison is not None:
        found = answer_of(results, results.headline)
        if found.share.value > 0:
            lines.append(f"  By chance alone: {found.chance_range} {found.direction}.")
            if found.unknown_range is not None:
                lines.append(f"  With what we do not know about the inputs: {found.unknown_range} {found.direction}.")
        money = answer.money(results)
        if money is not None:
            asked = f" of the {money['asked']} asked" if money["asked"] is not None else ""
            known = money["unknown"] or money["chance"]
            lines.append(f"  Gross savings by {money['year']}: {money['saving']}{asked} ({known}).")
    lines.append("")
    checks = results.manifest.get("checks", {})
    inside = checks.get("published_counts_inside_one_years_range", "")
    if inside and not inside.endswith(" of 0"):
        lines.append(f"{inside} published counts lie inside the range of one simulated year.")
    lost, people = results.noted("checks", "people_without_an_outcome_at_the_end"), results.noted("people_simulated")
    if lost is not None and people is not None:
        lines.append(
            f"{words.whole(people)} people were simulated; {words.whole(lost)} had not reached an outcome at the end."
        )
    return [*lines, report]
