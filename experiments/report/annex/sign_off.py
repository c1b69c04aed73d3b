"""Who answers for the analysis: the four roles of the AQuA Book (HM Government, revised 2025)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from experiments.report import words
from experiments.report.annex.facts import Recorded, Text, count, day
from experiments.report.pieces import Part
from experiments.report.words import Number, phrase

ROLES = {
    "commissioner": ("Commissioner", "asked for the analysis, and accepts it as fit for the purpose"),
    "analyst": ("Analyst", "carried it out, and assured their own work"),
    "assurer": ("Assurer", "reviewed the analyst's assurance, and is not the analyst"),
    "approver": ("Approver", "signs that it was assured well enough for its use"),
}
NOT_SIGNED = "Not signed"


def _before(signed: str, ended: Any) -> bool:
    """Whether a signature is older than the run."""
    if not ended:
        return False
    return date.fromisoformat(signed) < datetime.fromisoformat(str(ended)).date()


def signature(run: Recorded, role: str) -> dict[str, Any]:
    """A role with what is said of it; lines to be filled in by hand where it says nothing."""
    title, does = ROLES[role]
    given: dict[str, Any] = run.signatures.get(role) or {}
    signed = given.get("date")
    status: Text = NOT_SIGNED
    if signed:
        status = phrase("Signed on {day}", day=day(str(signed)))
        ended = run.manifest.get("finished_at")
        if _before(str(signed), ended):
            status = phrase("Signed on {day}, before this run was finished on {ended}", day=day(str(signed)),
                            ended=day(str(ended)))  # fmt: skip
    elif given:
        status = "Named, not signed"
    return {
        "title": title,
        "does": does,
        "name": words.careful(str(given.get("name") or "")),
        "post": words.careful(str(given.get("post") or "")),
        "status": status,
        "signed": bool(signed),
        "remarks": words.careful(str(given.get("remarks") or "")),
    }


def build(run: Recorded) -> Part:
    """The sign-off page; every role is on it, signed or not."""
    given = {role: signature(run, role) for role in ROLES}
    signed = Number(sum(one["signed"] for one in given.values()), "computed: roles with a date in sign_off")
    every = Number(len(given), "computed: the roles of the AQuA Book")
    said: list[Text] = []
    names = [one["name"].casefold() for one in given.values() if one["name"]]
    if given["assurer"]["name"] and given["assurer"]["name"].casefold() == given["analyst"]["name"].casefold():
        said.append("Analyst and assurer are the same person: nobody apart from the analyst has reviewed the work.")
    elif len(set(names)) < len(names):
        said.append("One person stands in several roles.")
    head = phrase("{n} of {all} roles are signed.", n=count(signed), all=count(every))
    return Part("sign_off", "Who answers for it?", head,
                "sign_off.html", (), words={"roles": list(given.values()), "said": said})  # fmt: skip
