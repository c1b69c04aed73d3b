"""People in care by month: a part of a whole service's page."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.charts import by_month
from experiments.charts.curves import Line
from experiments.charts.months import month_name
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.service_facts import STYLES, Block, Service, Told, grid, key_of, roughly, say, summed, told
from experiments.report.words import Number, phrase


class InCare:
    """People in one set of care, by client group and month."""

    def __init__(self, service: Service):
        self.service, results = service, service.results
        self.care = service.long_term
        rows = results.rows("in_care", care=self.care)
        self.months = list(dict.fromkeys(str(row["month"]) for row in rows))
        groups = [str(r["name"]) for r in results.rows("names", what="client_group")]
        self.cells: dict[tuple[str, str], Told] = {}
        for row in rows:
            keys = {"month": row["month"], "client_group": row["client_group"], "care": self.care}
            found = told("in_care", row, keys)
            if found is not None:
                self.cells[str(row["client_group"]), str(row["month"])] = found
        present = dict.fromkeys(group for group, _ in self.cells)
        self.groups = [g for g in groups if g in present] + [g for g in present if g not in groups]

    @property
    def what(self) -> str:
        """What the people are in."""
        return "long-term care" if self.care == "long_term" else "care"

    def total(self, month: str) -> Number:
        """Everybody in a month."""
        parts = [self.cells[group, month] for group in self.groups if (group, month) in self.cells]
        return summed(parts, f"means of in_care.csv; month={month}; care={self.care}")

    def line(self, group: str, style: tuple[str, str, str]) -> Line:
        """A client group's line."""
        found = [self.cells[group, month] for month in self.months]
        name = self.service.results.title("client_group", group)
        return Line(name, [t.mean.value for t in found], [t.ends for t in found], style[0], style[1], style[2])


def _ends(months: Sequence[str]) -> list[str]:
    """The start and the last month of each year."""
    return [months[0], *months[12::12]]


def _when(month: str) -> str:
    return "the start" if month == "start" else f"the end of {month_name(month)}"


def _care_chart(care: InCare) -> Chart:
    lines = [care.line(group, style) for group, style in zip(care.groups, STYLES, strict=False)]
    first, last = care.months[0], care.months[-1]
    said = "; ".join(
        f"{line.name}: {line.values[0]:,.0f} at {_when(first)}, {line.values[-1]:,.0f} at {_when(last)}"
        for line in lines
    )
    figure = by_month(care.months, lines, start=first == "start")
    caption = (
        f"People in {care.what} at the start (dotted line) and at each month's end, by client group; each person once. "
        f"Pale bands are {care.service.spread}."
    )
    alt = f"People in {care.what} by month and client group. {said}."
    return Chart("in_care", figure, alt, caption, key=key_of(lines))


def _care_table(care: InCare) -> Table:
    ends = _ends(care.months)
    rows = [
        Row(
            (
                care.service.results.title("client_group", group),
                *(care.cells[group, month].said for month in ends),
                care.cells[group, ends[-1]].span,
            )
        )
        for group in care.groups
    ]
    every = care.service.told(f"in_care/all/{care.care}", care.service.years[-1])
    rows.append(Row(("All", *(say(care.total(month)) for month in ends), every.span if every else "not known")))
    heads = [*(words.capital(month_name(month)) for month in ends), f"Interval, {month_name(ends[-1])}"]
    return grid(f"People in {care.what} at the start and at the end of each year", "Client group", heads, rows)


def _kinds_table(service: Service) -> Table:
    """People in each care type at the end of each year, and starts and weeks in the reported one."""
    rows = []
    for measure in service.named("in_care/all/"):
        care = measure.rpartition("/")[2]
        if care not in service.care_types:
            continue
        found = [service.told(measure, year) for year in service.years]
        started, last = service.told(f"started/all/{care}"), found[-1]
        rows.append(
            Row(
                (
                    service.results.title("care_type", care),
                    *(one.said if one else "none" for one in found),
                    last.span if last else "not known",
                    started.said if started else "none",
                ),
                last.grey if last else False,
            )
        )
    heads = [*(f"End of {year}" for year in service.years), "Interval, last year", f"Started in {service.year}"]
    return grid("People in each kind of care; a person counts once in each kind", "Kind of care", heads, rows)


def build_care(service: Service) -> Part | None:
    """People in care by month."""
    care = InCare(service)
    if not care.groups:
        return None
    first, last = care.total(care.months[0]), care.total(care.months[-1])
    head = phrase(
        "{first} people in {what} at the start, {last} at the end.",
        first=roughly(first),
        what=care.what,
        last=words.about(last),
    )
    warm_up = int(care.service.config.get("warm_up_months", 0))
    before = f" {warm_up} months before it were simulated and are not shown." if warm_up else ""
    grows = bool(care.service.config.get("growth", False))
    intro = [
        f"The start is the first day that counts.{before}",
        "Contacts grow as the demand file says." if grows else "Contacts do not grow in this run.",
    ]
    blocks = [
        Block(charts=[_care_chart(care)], tables=[_care_table(care)]),
        Block("By kind of care", tables=[_kinds_table(service)]),
    ]
    return Part(
        "care",
        "How many people are in care, month by month?",
        head,
        "service_part.html",
        ("in_care", "service"),
        words={"intro": intro, "blocks": blocks},
    )
