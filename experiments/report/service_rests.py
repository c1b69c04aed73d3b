"""What a whole service rests on: inputs, what is not modelled, whether the engines agree, how to repeat it."""

from __future__ import annotations

from experiments.report import sceptic_rests
from experiments.report.pieces import Part
from experiments.report.service_facts import Service
from experiments.report.words import Phrase


def build(service: Service) -> Part | None:
    """The last part."""
    results = service.results
    if not results.rows("inputs"):
        return None
    both = sceptic_rests.agreed(results)
    intro: list[Phrase | str] = [
        "An input rests on assumption if it is one, or is worked out from one. All results here use central "
        "values; what the inputs' ranges would do to this baseline is not worked out on this page.",
        *sceptic_rests.lost(results),
        *([both] if both is not None else []),
    ]
    blocks = [
        *sceptic_rests.inputs_block(results),
        *sceptic_rests.left_out_block(results),
        sceptic_rests.repeat_block(results),
    ]
    more = {"intro": intro, "blocks": blocks}
    head = sceptic_rests.headline(results)
    return Part("checking", "What does it rest on?", head, "service_part.html", sceptic_rests.DATA, words=more)
