"""The part of docs/performance.md that tells of engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from benchmarks import draws, england, workers
from benchmarks.agreeing import FAMILY, MANY, SEEN, SHARP, Agreement
from benchmarks.cpp import FLAGS
from benchmarks.first_call import COMPILE_GATE, SLOW, START_GATE
from benchmarks.gates import CPP_GATE, FULL_CPP_GATE, HAND_GATE, SIMPY_AIM, SIMPY_GATE, TRACE_GATE
from benchmarks.racing import Standing

if TYPE_CHECKING:
    from benchmarks.__main__ import Found

HOW = f"""Student's test with a pooled spread holds for however few runs. Its chances are adjusted for all measures
(Holm), so that two programs that do the same are said to differ once in {round(1 / FAMILY):,} comparisons: where the
adjusted chance is under {FAMILY:g}. *Would have been found*: a difference as large as this in any large count
({MANY:,} or more) would have been found {SEEN:.0%} of the time; it has to be at most {SHARP:.0%}."""

_TEXT = """## Engines, on the reference pathway

The reference pathway is the one of the design: Poisson 85 contacts a day; desk of 2 (exponential, 20 minutes), 70%
leave; half to a hub of 1 (lognormal, 1.5 hours), half visited at home by 3 (lognormal, 4 hours); 40% to enablement (470
places, 42 days); 7 assessors (lognormal, 6 hours); 60% get a package (exponential, 2.5 years); 6,000 packages at the
start; always open; everybody is followed for a year after the last contact.

The programs: our two engines (`simulation/engine_simpy.py`, `engine_compiled.py`); idiomatic SimPy
(`benchmarks/by_hand.py`); Mesa's own event scheduler (`mesa_events.py`); salabim (`salabim_reference.py`); Ciw
(`ciw_reference.py`); and C++ as a good programmer would write it for speed (`cpp/reference.cpp`, compiled with
`g++ {flags}`): one switch, people in recycled slots, and a binary heap, or a near and a far one.

**What is inside a time.** In C++, SimPy, Mesa, salabim and Ciw people are made as they come, and all of that is inside.
Our people have more to them (attributes, need, and a moment that belongs to them under any model), and an experiment
makes them once for all its models; so the compiled engine is measured both ways: *people given*, and with their making
inside. Our `simpy` engine always has it inside. The programs in Python and our full trace keep every row; our
summaries, C++ and Ciw keep what they count. No time includes the start of a program or compilation.

### {years} of contacts, {people:,} people

{whole}

Gates: summaries, people given, at most {cpp_gate:g} times C++ with one heap; the full trace at most {trace_gate:g}
times summaries (**{trace:.2f}**); summaries at least {simpy_gate:g} times as quick as idiomatic SimPy (the aim is
{simpy_aim:g}); our `simpy` engine at most {hand_gate:g} times as long. With two heaps C++ is the aim.

### salabim and Ciw, {short_years} of contacts

They need so long that they are measured on shorter work ({short_rounds} rounds), beside the same yardsticks on the same
work.

{shorter}

Ciw looks at everybody in a node at each event there, and thousands in care at once take it too long. So **the package
stage is left out**, for Ciw and for the yardsticks beside it: people leave after the assessment.

{without}

{not_measured}

### Do all do the same?

{runs} runs of one year of contacts ({quick_runs} of C++) are compared with {quick_runs} of the compiled engine's full
trace: every count of rows by stage, event and branch, every mean wait, the mean time from contact to package and the
mean number of people in care. Our other engines make the same draws, so each run of theirs must be the same.

{how}

{agreement}

## Every feature on

{full}

## Growth

The compiled engine with summaries and 1, 10 and 100 times the contacts, staff, places and people in care, each size in
a process of its own; C++ with one heap beside it. Time over that of the first size; n is the number of people. (n log n
is what a heap needs in steps; a step takes longer where the heap no longer fits the processor's cache, in both.) A run
is given its people month by month. *Run* is the most memory in use during a run over what was in use before, and *a
person* that by the most people there at once; *process* is the most of the whole process, in which all people are made
first. C++ makes each as they come.

{growth}

{england}

{workers}{draws}

{first_call}
"""


def years(number: int) -> str:
    """A number of years in words."""
    return f"{number} year" if number == 1 else f"{number} years"


def standing_table(found: Mapping[str, Standing], titles: Mapping[str, str]) -> str:
    """Engines with their ratios."""
    lines = ["| engine | times as quick as idiomatic SimPy | time ÷ C++, one heap |", "|---|---:|---:|"]
    for name, one in sorted(found.items(), key=lambda item: float(item[1]["median_s"] or 0)):
        long = one["ratio_to_cpp"]
        against = f"{long:,.2f}" if isinstance(long, float) else "–"
        quick = float(one["ratio_to_idiomatic_simpy"] or 0)
        lines.append(f"| {titles[name]} | {quick:,.{0 if quick >= 20 else 2}f} | {against} |")
    return "\n".join(lines)


def agreement_table(found: Mapping[str, list[Agreement]], titles: Mapping[str, str]) -> str:
    """How far apart each program is from our engine."""
    lines = [
        "| program | measures | largest distance in standard errors | adjusted chance | largest difference of a large "
        "count | would have been found | agrees |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for name, rows in found.items():
        z, chance = max(abs(one.z) for one in rows), min(one.p for one in rows)
        large = [one for one in rows if one.is_large_count]
        apart, seen = (
            max(shares, default=0.0) for shares in zip(*((o.relative, o.visible) for o in large), strict=True)
        )
        agree = "yes" if all(one.agrees for one in rows) else "no"
        same = "the same" if z == 0 else f"{z:.1f}"
        lines.append(f"| {titles[name]} | {len(rows)} | {same} | {chance:.2g} | {apart:.1%} | {seen:.1%} | {agree} |")
    return "\n".join(lines)


def _full(found: Found) -> str:
    work = found.works["every_feature"]
    return (
        "`benchmarks/configs/models/full.yaml`: every kind of stage, hours, rosters, slots, hazards, reviews, prices "
        f"and people who come back; {years(work.years)} of contacts, {work.people:,} people, rounds: {work.rounds}. "
        f"Gate: at most {FULL_CPP_GATE:g} times C++ with one heap (`cpp/full.cpp`).\n\n"
        f"{standing_table(work.engines, found.titles)}\n\n**Do all do the same?** As above, with "
        f"{found.runs['every_feature']} runs of SimPy by hand and {found.runs['ours']} of C++, and the people in care, "
        f"days of care and spend besides.\n\n{agreement_table(found.full_agreement, found.titles)}"
    )


def _growth(found: Found) -> str:
    lines = [
        "| size | people | at once | time | n log n | C++: time | run, MB | a person, B | process, MB | C++: MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found.growth:
        by_hand = one.get("cpp")
        time, memory = (f"{by_hand['growth']:.1f}", f"{by_hand['peak'] / 1e6:.0f}") if by_hand else ("–", "–")
        run = one["run_bytes"]
        lines.append(
            f"| {one['scale']} | {one['people']:,} | {one['alive']:,} | {one['growth']:.1f} | {one['allowed']:.1f} "
            f"| {time} | {run / 1e6:.1f} | {run / one['alive']:.0f} | {one['peak'] / 1e6:.0f} | {memory} |"
        )
    return "\n".join(lines)


def _first_call(found: Found) -> str:
    one = found.first_call
    if not one:
        return ""
    loads = ", ".join(one["slow"]) or "nothing of what only other work needs"
    return (
        "## The first call\n\nSeconds by the clock on this machine, which are no promise for another: compiling the "
        f"engine, once, **{one['compiling']:.1f}** (gate {COMPILE_GATE:g}); later, from starting Python over reading "
        f"the pathway and making people to the first event, **{one['start']:.1f}** (gate {START_GATE:g}). "
        f"Such a start loads {loads} ({', '.join(f'`{name}`' for name in SLOW)}); numba itself loads SciPy's linear "
        "algebra."
    )


def section(found: Found) -> str:
    """The sections as Markdown."""
    whole, short = found.works["reference"], found.works["shorter"]
    return _TEXT.format(
        flags=" ".join(FLAGS),
        years=years(whole.years),
        people=whole.people,
        whole=standing_table(whole.engines, found.titles),
        cpp_gate=CPP_GATE,
        trace_gate=TRACE_GATE,
        trace=found.trace_over_summaries,
        simpy_gate=SIMPY_GATE,
        simpy_aim=SIMPY_AIM,
        hand_gate=HAND_GATE,
        short_years=years(short.years),
        short_rounds=short.rounds,
        shorter=standing_table(short.engines, found.titles),
        without=standing_table(found.works["without_packages"].engines, found.titles),
        not_measured="\n".join(found.not_measured),
        runs=found.runs["engines"],
        quick_runs=found.runs["ours"],
        how=HOW,
        agreement=agreement_table(found.agreement, found.titles),
        full=_full(found),
        growth=_growth(found),
        england=england.section(found.england),
        workers=workers.section(found.workers),
        draws=draws.section(found.draws),
        first_call=_first_call(found),
    ).rstrip()
