"""The first screen of a whole service: does it hold together, and what lies outside?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.report import words
from experiments.report.pieces import Part
from experiments.report.plain.reading import of_service
from experiments.report.plain.summary import summary_of
from experiments.report.service_checks import COULD_FAIL, NOT_SIMULATED, SET, Cell, cells, of_use, plain
from experiments.report.service_facts import Service, Told, listed
from experiments.report.words import Phrase, Range, Said, phrase
from experiments.settling import GROWS


def headline(service: Service) -> Phrase:
    """One plain sentence: does this baseline hold together?"""
    count = {key: service.results.noted("service", "outcome", key) for key in ("checks", "inside", "most_outside")}
    every, inside, most = count["checks"], count["inside"], count["most_outside"]
    assert every is not None and inside is not None and most is not None
    if not every.value:
        return phrase("The service ran; no published figures were given to hold it against.")
    said = {"inside": plain(inside), "all": plain(every), "most": plain(most)}
    if not service.outcome["coherent"]:
        if service.outcome["outside_that_must_hold"]:
            verdicts = {cell.verdict for cell in cells(service) if cell.must_hold and not cell.inside}
            if verdicts == {NOT_SIMULATED}:
                return phrase("No: a figure that must hold cannot be measured in these runs.")
            return phrase("No: a figure that must hold lies outside what is near enough.")
        return phrase("No: only {inside} of {all} published figures come out near enough.", **said)
    if inside.value == every.value:
        return phrase("Yes: all {all} published figures come out near enough.", **said)
    return phrase("Yes: {inside} of {all} published figures come out; up to {most} may not.", **said)


def _allowed(service: Service, found: Sequence[Cell]) -> Phrase:
    most = service.results.noted("service", "outcome", "most_outside")
    assert most is not None
    if not any(not cell.inside for cell in found):
        return phrase("None of them lies outside what is near enough; up to {most} may.", most=plain(most))
    must = any(cell.must_hold for cell in found)
    firm = ", but none of those that must hold" if must else ""
    return phrase("Outside what is near enough (up to {most} may be{firm}):", most=plain(most), firm=firm)


def _figures(service: Service) -> list[dict[str, Any]]:
    """Three large figures: people, money, need that nobody may meet."""
    care, year, made = service.long_term, service.year, []
    people = service.told(f"in_care/all/{care}")
    if people is not None:
        where = "in long-term care" if care == "long_term" else "in care"
        made.append(
            _figure("People in care", words.about(people.mean), f"{where} when {year} ends", people, people.span)
        )
    gross, net = service.told("gross/all/all"), service.told("net/all/all")
    if gross is not None and net is not None and net.interval is not None:
        made.append(
            _figure(
                "Spend after what clients pay",
                words.pounds(net.mean),
                phrase("in {year}, of {gross} gross", gross=words.pounds(gross.mean), year=year),
                net,
                words.span_pounds(*net.interval),
            )
        )
    unmet = service.told("ledger/possibly_unmet")
    if unmet is not None:
        made.append(
            _figure(
                "Need possibly unmet",
                words.about(unmet.mean) if unmet.mean.value else Said("none here", unmet.mean),
                f"people in {year}; this rests on assumptions",
                unmet,
                unmet.span,
            )
        )
    return made


def _figure(title: str, big: Said, words_: Phrase | str, found: Told, span: Range | str) -> dict[str, Any]:
    return {"title": title, "big": big, "words": words_, "span": span, "grey": found.grey}


def build(service: Service) -> Part:
    """The first part."""
    found, results = cells(service), service.results
    config = results.manifest["config"]
    growing = [service.stage(str(r["stage"])) for r in results.rows("settled", verdict=GROWS)]
    replications = results.noted("replications", "service")
    return Part(
        "answer",
        "Does it hold together?",
        headline(service),
        "service_answer.html",
        ("checks", "service"),
        words={
            "plain": summary_of(of_service(service)),
            "question": words.careful(str(results.manifest["question"])),
            "set": of_use(found, SET),
            "could_fail": of_use(found, COULD_FAIL),
            "notes": any("weak" in str(cell.row["note"]) for cell in found if cell.use == COULD_FAIL),
            "checked": bool(found),
            "allowed": _allowed(service, found) if found else "",
            "outside": [cell.said for cell in found if not cell.inside],
            "figures": _figures(service),
            "growing": phrase("{names}: people come faster than they can be seen.", names=listed(growing))
            if growing
            else "",
            "spread": service.spread,
            "replications": plain(replications) if replications is not None else "",
            "true_only_if": config.get("true_only_if") or [],
            "cannot_say": config.get("cannot_say") or [],
        },
    )
