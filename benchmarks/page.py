"""docs/performance.md, written from the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import explore
from benchmarks.engine_page import agreement_table, section
from benchmarks.gates import BACKLOG_GATE, HAND_GATE, MEMORY_GATE, failures

if TYPE_CHECKING:
    from benchmarks.__main__ import Found

_TITLES = {
    "barnet_whole": "Barnet, whole pathway, with its package holders",
    "barnet_2014_15": "Barnet 2014/15 with its package holders",
    "reference": "Reference pathway, 85 contacts a day",
}

_TEXT = """# Performance

Written by `make bench`; do not edit. Every claim is a **ratio**: the same work, side by side in one run, CPU time,
interleaved rounds ({rounds}), medians. How long a run takes on your machine is another question, and no test depends on
it.

Machine: {machine}.

{gates}

{engines}

## Against SimPy written by hand

`benchmarks/by_hand.py` and `whole_by_hand.py` hold the pathways as a good modeller would write them in plain SimPy:
processes, `simpy.Resource`, the standard library's random numbers, and one list to which the same rows are appended.
Ours makes the people, lives through the pathway on the `simpy` engine (every person a Mesa agent and a SimPy process,
draws that belong to person and decision, one exact order of events, a queue by class) and hands over the trace as
columns. Both follow everybody for a year after the last contact.

| work | years of contacts | people | rows | ours ÷ by hand | ÷ by hand, garbage collector off | gate |
|---|---:|---:|---:|---:|---:|---:|
{against_hand}

Ours pauses Python's garbage collector while it runs, since people who leave hold no circular references; the second
ratio gives the program by hand the same.

Barnet 2014/15 starts with the people in long-term care of its prices file (3,550); the whole pathway with all who were
in care, and with their reviews, hazards, and people who contact again.

**Do both do the same?** As above, over {our_runs} runs of ours and {runs} by hand, of three years each: every count of
rows by stage, event and branch, every mean wait and the mean time from contact to package. The compiled engine lives
ours, and the `simpy` engine the first of them again, which must be the same. (By hand the whole pathway leaves to
chance what ours lets follow need: as many take each branch, but not the same people each time, so the time from contact
to package is not compared there.)

{agreement}

{waits}

## A long queue

One team of four; everybody comes within the first hour. CPU time per person with {queue_many:,} waiting, over that with
{queue_few:,} waiting:

| | ratio | gate |
|---|---:|---:|
| ours | {queue_ours:.2f} | {queue_gate:g} |
| SimPy's `PriorityResource`, measured once | {queue_hand:.1f} | – |

## Memory, where only sums are asked for

`engine_simpy.blocks` hands over a run piece by piece, and what was handed over is forgotten. Most memory in use at once
by Barnet with its package holders (traced by Python, over the list of people that the run is given):

| | |
|---|---:|
| {memory_years} years, {memory_rows:,} rows: megabytes | {megabytes:.1f} |
| twice as many years, {memory_twice:,} rows: times as much (gate {memory_gate:g}) | {twice_as_long:.2f} |
| the same with the whole trace kept: times as much | {whole_trace:.1f} |

{explorer}{rest}"""

_REST = """## Commands

CPU time as a multiple of starting Python and doing nothing:

| command | × `python -c pass` | slow libraries it loads |
|---|---:|---|
{commands}

## Where the time of the main experiment goes

Share of wall-clock time by phase, from its manifest (the report comes after and is not in it):

| phase | share |
|---|---:|
{phases}
"""


def _against_hand(found: Found) -> str:
    return "\n".join(
        f"| {_TITLES[name]} | {one['years']:g} | {one['people']:,.0f} | {one['rows']:,.0f} | **{one['ratio']:.2f}** "
        f"| {one['ratio_without_collector']:.2f} | {HAND_GATE:g} |"
        for name, one in found.against_hand.items()
    )


def _waits(found: Found) -> str:
    lines = ["| mean wait in hours, reference pathway | ours | by hand |", "|---|---:|---:|"]
    for one in found.hand_agreement["reference"]:
        stage, waited, _ = one.measure.partition(" mean wait")
        if waited:
            lines.append(f"| {stage.replace('_', ' ')} | {one.ours:.2f} | {one.theirs:.2f} |")
    return "\n".join(lines)


def _rest(found: Found) -> str:
    if not found.commands:
        return ""
    bare = found.commands["python -c pass"]
    commands = "\n".join(
        f"| `{name}` | {found.commands[name] / bare:.0f} | {', '.join(loads) or 'none'} |"
        for name, loads in found.loads.items()
    )
    phases = "\n".join(f"| {name} | {share:.0%} |" for name, share in found.phases.items())
    return _REST.format(commands=commands, phases=phases)


def _gates(found: Found) -> str:
    missed = failures(found)
    if not missed:
        return "All gates hold."
    return "**Gates that are missed:**\n\n" + "\n".join(f"- {sentence}" for sentence in missed)


def page(found: Found) -> str:
    """The page as Markdown."""
    names = {"cpus": "processors", "processor": "", "python": "Python"}
    machine = ", ".join(
        f"{value} {names[key]}".strip() if key in ("cpus", "processor") else f"{names.get(key, key)} {value}"
        for key, value in found.machine.items()
    )
    text = _TEXT.format(
        rounds=found.rounds,
        machine=machine,
        gates=_gates(found),
        engines=section(found),
        against_hand=_against_hand(found),
        our_runs=found.runs["ours_beside_hand"],
        runs=found.runs["by_hand"],
        agreement=agreement_table(found.hand_agreement, _TITLES),
        waits=_waits(found),
        queue_many=int(found.backlog["many"]),
        queue_few=int(found.backlog["few"]),
        queue_ours=found.backlog["ours"],
        queue_gate=BACKLOG_GATE,
        queue_hand=found.backlog["priority_resource"],
        memory_years=int(found.memory["years"]),
        memory_rows=int(found.memory["rows"]),
        memory_twice=int(found.memory["rows_twice"]),
        memory_gate=MEMORY_GATE,
        megabytes=found.memory["megabytes"],
        twice_as_long=found.memory["twice_as_long"],
        whole_trace=found.memory["whole_trace"],
        explorer=explore.section(found.explore),
        rest=_rest(found),
    )
    return text.rstrip() + "\n"
