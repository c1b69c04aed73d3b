"""``run.py person``: one simulated person's life in plain English, under one model or several."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from agents.codes import Event
from experiments.activities import COMPLETE, MISSED, OPEN, Activity, Life, life_of
from experiments.life_facts import UNFINISHED, facts_of, first_price
from experiments.person_words import NEED_GOES, length, price, value_words, who
from experiments.run_options import RunOptions, name_of_person
from experiments.single import Row, Single, run_single, run_under
from simulation.calendar import MS_PER_DAY
from simulation.errors import DemandflowError
from simulation.identity import JOINED
from simulation.schema.stages import Decision, Outcome, SetAttribute

WIDTH = 110


class Teller:
    """Puts the rows of one life into sentences.

    Args:
        run: the run. life: the person's rows with their activities.
    """

    def __init__(self, run: Single, life: Life):
        self.run, self.life = run, life
        self.left: int | None = None
        self.index = 0
        self.ways: dict[Event, Callable[[Row, Activity], str]] = {
            Event.CONTACT: self._contact, Event.CONTACT_AGAIN: self._contact_again, Event.JOIN: self._joins,
            Event.START: self._starts, Event.END: self._ends, Event.BRANCH: self._branch, Event.SET: self._set,
            Event.PACKAGE_START: self._care_starts, Event.PACKAGE_END: self._care_ends, Event.HELD: self._held,
            Event.OUTCOME: self._outcome, Event.BOOKED: self._booked, Event.MISSED: self._missed,
            Event.OVERFLOW: self._too_long, Event.HAZARD: self._hazard, Event.WEEKLY: self._new_price,
            Event.REVIEW: self._review, Event.REVIEWED: self._reviewed, Event.WITHDRAWN: self._withdrawn,
        }  # fmt: skip

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each thing worth telling: its tick and a sentence."""
        for index, (row, activity) in enumerate(zip(self.life.rows, self.life.of_row, strict=True)):
            self.index = index
            way = self.ways.get(Event(row[2]))
            text = "" if way is None else way(row, activity)
            if text:
                yield row[0], text
        open_now = [text for activity in self.life.activities if (text := self._still(activity))]
        if open_now:
            yield self.run.end, f"The run stops here. Still going on: {'; '.join(open_now)}."

    def title(self, stage: int) -> str:
        """A stage as a reader would call it."""
        return self.run.nodes[stage].title

    def _contact(self, row: Row, activity: Activity) -> str:
        return "Makes contact."

    def _contact_again(self, row: Row, activity: Activity) -> str:
        after = "" if self.left is None else f", {length(row[0] - self.left)} after the last episode ended"
        return f"Makes contact again{after}."

    def _joins(self, row: Row, activity: Activity) -> str:
        if activity.booked == row[0] or activity.start == row[0] or activity.ended == OPEN:
            return ""  # told with the booking, with the start, or at the end of the run
        return f"Waits for {self._the(row[1])}."

    def _booked(self, row: Row, activity: Activity) -> str:
        slots = getattr(self.run.nodes[row[1]].stage, "slots", None)
        where = f" at {value_words(sorted(slots)[row[3]])}" if isinstance(slots, dict) and row[3] < len(slots) else ""
        day = activity.end if activity.ended == MISSED else activity.start
        when = "" if day is None else f" for {self.day(day)}"
        again = " again" if activity.first is Event.BOOKED else ""
        return f"Is booked{again} for {self._the(row[1])}{where}{when}."

    def _missed(self, row: Row, activity: Activity) -> str:
        return f"Does not come to {self._the(row[1])}; missed so far: {row[3]}."

    def _starts(self, row: Row, activity: Activity) -> str:
        waited = f", after waiting {length(activity.wait)}" if activity.wait else ""
        cost = f" ({price(*activity.prices[0][1:])})" if activity.prices else ""
        took = None if activity.end is None or activity.ended != COMPLETE else activity.end - row[0]
        if took is not None and took < MS_PER_DAY:
            return f"{self.title(row[1])}: {length(took)}{waited}{cost}."
        return f"{self.title(row[1])} begins{waited}{cost}."

    def _ends(self, row: Row, activity: Activity) -> str:
        if activity.start is None or activity.ended != COMPLETE or row[0] - activity.start < MS_PER_DAY:
            return ""
        return f"{self.title(row[1])} is over, after {length(row[0] - activity.start)}."

    def _branch(self, row: Row, activity: Activity) -> str:
        node = self.run.nodes[row[1]]
        if node.name.startswith(f"{JOINED}_") or not isinstance(node.stage, Decision):
            return ""  # which model is followed is said in the heading
        branch = node.stage.branches[row[3]]
        return f"{node.title}: {(branch.title or branch.name.replace('_', ' ')).rstrip('.')}."

    def _set(self, row: Row, activity: Activity) -> str:
        stage = self.run.nodes[row[1]].stage
        if not isinstance(stage, SetAttribute):
            return ""
        if stage.attribute == "need":
            return (
                f"The need becomes {'lighter' if getattr(stage, 'towards_lightest', None) is not None else 'heavier'}."
            )
        if stage.attribute == "care":
            told = self.index > 0 and Event(self.life.rows[self.index - 1][2]) in (Event.WEEKLY, Event.PAYS)
            ends = stage.value is not None
            return "" if told or ends else "Care that starts from now on is of another size."
        spread = getattr(self.run.demand.config.person, stage.attribute, None)
        name = stage.attribute.replace("_", " ").capitalize() if spread is None else spread.title
        return f"{name}: from now on {value_words(str(stage.value))}."

    def _care_starts(self, row: Row, activity: Activity) -> str:
        first = next((a.moment for a in self.life.activities if a.first is Event.CONTACT), None)
        since = "" if first is None else f", {length(row[0] - first)} after the first contact"
        return f"Council-funded care starts{since}: {self._care(activity)}."

    def _held(self, row: Row, activity: Activity) -> str:
        return f"Is in Council-funded care already when the run begins: {self._care(activity)}."

    def _care(self, activity: Activity) -> str:
        pence = first_price(activity)
        pays = activity.prices[0][2] if activity.prices else None
        return f"{self.title(activity.stage)} ({price(pence, pays)})"

    def _care_ends(self, row: Row, activity: Activity) -> str:
        if activity.held:
            return f"{self.title(row[1])} ends, {length(row[0])} after the run began."
        return f"{self.title(row[1])} ends, after {length(row[0] - activity.moment)}."

    def _new_price(self, row: Row, activity: Activity) -> str:
        at = [n for n, (tick, *_) in enumerate(activity.prices) if tick == row[0] and n > 0]
        if not at:
            return ""  # told with the start
        _, pence, pays = activity.prices[at[0]]
        before = activity.prices[at[0] - 1][1]
        return f"{self.title(activity.stage)} now costs {price(pence, pays)}; before, {price(before)}."

    def _outcome(self, row: Row, activity: Activity) -> str:
        stage = self.run.nodes[row[1]].stage
        self.left = row[0]
        goes = NEED_GOES.get(str(stage.need), "") if isinstance(stage, Outcome) else ""
        return f"Outcome: {self.title(row[1]).rstrip('.')}{f' ({goes})' if goes else ''}."

    def _too_long(self, row: Row, activity: Activity) -> str:
        waited = length(row[0] - activity.asked) if activity.asked is not None else "too long"
        return f"Has waited {waited} for {self._the(row[1])}, the longest allowed, and leaves the queue."

    def _hazard(self, row: Row, activity: Activity) -> str:
        return f"{self.title(row[1]).rstrip('.')}. This cuts short: {self.title(row[3])}."

    def _review(self, row: Row, activity: Activity) -> str:
        return f"{self.title(row[1])} falls due, for {self._the(row[3])}."

    def _reviewed(self, row: Row, activity: Activity) -> str:
        took = row[0] - (activity.asked if activity.asked is not None else row[0])
        return f"{self.title(row[1])} is over, {length(took)} after it fell due."

    def _withdrawn(self, row: Row, activity: Activity) -> str:
        return f"{self.title(row[1])} is no longer needed: the care has ended."

    def _the(self, stage: int) -> str:
        """A stage's title inside a sentence, in quotation marks, so that titles keep their capitals."""
        return f"“{self.title(stage)}”"

    def _still(self, activity: Activity) -> str:
        if activity.ended != OPEN:
            return ""
        title = self.title(activity.stage)
        if activity.first is Event.REVIEW:
            return f"{title}, due since {self.day(activity.moment)}"
        if activity.start is None:
            what = "booked for" if activity.booked is not None else "waiting for"
            return f"{what} {self._the(activity.stage)} since {self.day(activity.moment)}"
        return f"{title}, for {length(self.run.end - activity.start)} so far" if not activity.held else title

    def day(self, tick: int) -> str:
        """A date as people write it."""
        return f"{self.run.calendar.day_of(tick):%-d %b %Y}"

    def moment(self, tick: int) -> str:
        """Date and time of day, for the margin."""
        minutes = tick % MS_PER_DAY // 60_000
        return f"{self.run.calendar.day_of(tick):%a %d %b %Y} {minutes // 60:02d}:{minutes % 60:02d}"


def lines_of(run: Single, person: int, baseline: Single) -> Iterator[str]:
    """What happened under one model, a line a thing, the moment in the margin where it changes."""
    first, last = run.calendar.start, run.calendar.day_of(run.end - 1)
    yield f"{run.model.config.title} ({first:%-d %b %Y} to {last:%-d %b %Y})"
    life = life_of(person, run.rows_of(person))
    if not life.rows:
        yield "  The model has no stage for the care that this person holds already, so it leaves them out."
        return
    if run is not baseline and _has_no_way_in(run, person):
        source = run.demand.config.sources[run.attribute(run.places[person], "source")].title
        yield f"  This model has no way in for contacts from: {source}."
        yield f"  So this person keeps the path of {baseline.model.config.short_title}:"
    teller = Teller(run, life)
    before = ""
    for tick, text in teller.lines():
        moment = teller.moment(min(tick, run.end - 1))
        margin = moment if moment != before else " " * len(moment)
        before = moment
        indent = f"  {margin}  "
        yield from textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))


def _has_no_way_in(run: Single, person: int) -> bool:
    source = run.attribute(run.places[person], "source")
    return source not in {getattr(stage, "source", None) for stage in run.model.config.stages.values()}


def _in_short(run: Single, person: int) -> str:
    life = life_of(person, run.rows_of(person))
    if not life.rows:
        return "left out"
    facts = facts_of(run, life)
    days = facts["days_to_package"]
    if facts["funded"] and isinstance(days, float) and days == days:
        return f"Council-funded care, {length(int(days * MS_PER_DAY))} after the first contact"
    if facts["held"] or facts["funded"]:
        return "in Council-funded care from the beginning" if facts["held"] else "Council-funded care"
    return "no Council-funded care" + (" so far" if facts["outcome"] == UNFINISHED else "")


def tell(model: str, person: int, under: list[str], options: RunOptions) -> Iterator[str]:
    """One person's life under a model, and under others.

    Raises:
        ConfigError: files at fault. DemandflowError: nobody of that identity, or no such model or contacts.
    """
    run = run_single(model, options)
    if person not in run.places:
        raise DemandflowError(
            f"{name_of_person(person)} is nobody in this run. Take an id from `run.py people {model}`, "
            "and give the same --demand, --start, --months, --seed and --replication."
        )
    runs = [run, *(run_under(run, name, options) for name in under)]
    yield f"{name_of_person(person)}, a simulated person, for checking the model; no real person is behind this."
    yield f"{run.demand.config.title}, seed {options.seed}, replication {options.replication}"
    yield ""
    yield from _two_columns(who(run, person))
    for each in runs:
        yield ""
        yield from lines_of(each, person, run)
    yield ""
    if under:
        yield "In short"
        yield from _two_columns([(each.model.config.short_title, _in_short(each, person)) for each in runs])
        yield ""
        yield "The same person with the same draws. Which individuals move under another model depends on how luck is"
        yield "carried over, so nothing follows from this about individuals: findings are net changes by group."
    else:
        yield "Nothing follows from this about individuals: which of them another model would move depends on how luck"
        yield "is carried over. Findings are net changes by group."


def _two_columns(rows: list[tuple[str, str]]) -> Iterator[str]:
    width = max(len(left) for left, _ in rows)
    for left, right in rows:
        yield f"  {left:<{width}}  {right}"
