"""A model's flow on its own contacts as boxes joined by branches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from experiments.charts import Box
from experiments.report import words
from experiments.report.results import Results, source
from experiments.report.words import Number

ROOT = "contacts"


class Picture:
    """The flow of one model on its own contacts, as boxes. It stops where packages begin."""

    def __init__(self, results: Results, model: str):
        self.results, self.model = results, model
        self.flows = {(r["stage"], r["branch"]): r for r in results.rows("flows", model=model, population="own")}
        self.ways: dict[str, list[dict[str, Any]]] = {}
        for row in results.rows("pathways", model=model):
            self.ways.setdefault(row["stage"], []).append(row)
        self.boxes: list[Box] = []
        self._collect()

    @property
    def contacts(self) -> Number:
        """Contacts a year, exact."""
        total = sum(r["contacts"] for r in self.results.rows("sources", model=self.model, population="own"))
        return Number(float(total), source("sources", "sum of contacts", model=self.model, population="own"))

    def number(self, stage: str, branch: str, column: str) -> Number | None:
        """A number of a branch."""
        return self.results.number("flows", column, model=self.model, population="own", stage=stage, branch=branch)

    def _next(self, stage: str) -> str | None:
        """The decision that follows a stage; None where people leave, or packages begin."""
        seen: set[str] = set()
        while stage and stage not in seen:
            seen.add(stage)
            rows = self.ways.get(stage, [])
            if not rows:
                return None
            if rows[0]["kind"] == "decision":
                kinds = {self.ways[r["leads_to"]][0]["kind"] for r in rows if r["leads_to"] in self.ways}
                return None if kinds == {"package"} else stage
            stage = rows[0]["leads_to"]
        return None

    def _collect(self) -> None:
        """Boxes after their parents, each branch followed to its end before the next."""
        entries = [rows[0] for rows in self.ways.values() if rows[0]["kind"] == "arrival"]
        first = list(dict.fromkeys(filter(None, (self._next(row["leads_to"]) for row in entries))))
        total = self.contacts.value
        if not first or total <= 0:
            return
        mean = sum(row["n_mean"] for (stage, _), row in self.flows.items() if stage == first[0])
        # Branches in the order of the file; a decision that several ways lead to waits until all have been drawn.
        into: dict[str, set[str]] = {stage: {ROOT} for stage in first}
        order: list[tuple[str, str, str | None]] = []
        todo, done = list(first), set(first)
        while todo:
            stage = todo.pop()
            for row in self.ways[stage]:
                flow = self.flows.get((stage, row["branch"]))
                if flow is None or (flow["n_mean"] == 0 and flow["n_expected"] == 0):
                    continue
                key, after = f"{stage}/{row['branch']}", self._next(row["leads_to"])
                order.append((stage, row["branch"], after))
                if after is not None:
                    into.setdefault(after, set()).add(key)
                    if after not in done:
                        done.add(after)
                        todo.append(after)
        self.boxes = [Box(ROOT, self.results.short("demand", self._demand()), self._root_figures(mean), {}, False)]
        self._place(order, into, total)

    def _place(self, order: list[tuple[str, str, str | None]], into: dict[str, set[str]], total: float) -> None:
        placed, waiting = {ROOT}, list(order)
        while waiting:
            ready = [item for item in waiting if into[item[0]] <= placed]
            if not ready:  # a loop: draw what is left in its order, without the lines that lead back
                ready = waiting
            # The newest parents' children first, so that a branch is followed to its end.
            stage, branch, after = max(ready, key=lambda item: (self._newest(into[item[0]]), -order.index(item)))
            waiting.remove((stage, branch, after))
            flow, key = self.flows[stage, branch], f"{stage}/{branch}"
            arriving = {parent: self._people(parent) for parent in sorted(into[stage]) if parent in placed}
            everyone = sum(arriving.values()) or 1.0
            parents = {p: n / everyone * flow["n_mean"] / total for p, n in arriving.items()}
            way = next(r for r in self.ways[stage] if r["branch"] == branch)
            title, leads_to = way["branch_title"], way["leads_to"]
            figures = (f"{flow['n_mean']:,.0f} ({flow['share_mean']:.0%})", *self._printed(flow))
            self.boxes.append(
                Box(key, words.careful(title), figures, parents, after is None, self._begins_care(leads_to))
            )
            placed.add(key)

    def _begins_care(self, stage: str) -> bool:
        """Whether a stage is a package, or a decision between packages only."""
        rows = self.ways.get(stage, [])
        nearest = [self.ways.get(r["leads_to"], []) for r in rows] if rows and rows[0]["kind"] == "decision" else [rows]
        return all(bool(found) and found[0]["kind"] == "package" for found in nearest)

    def _newest(self, parents: set[str]) -> int:
        keys = [box.key for box in self.boxes]
        return max((keys.index(parent) for parent in parents if parent in keys), default=-1)

    def _people(self, key: str) -> float:
        if key == ROOT:
            return self.contacts.value
        stage, _, branch = key.partition("/")
        return float(self.flows[stage, branch]["n_mean"])

    @staticmethod
    def _printed(flow: dict[str, Any]) -> Iterator[str]:
        if flow["n_published"] == flow["n_published"]:
            yield f"published: {flow['n_published']:,.0f}"

    def _root_figures(self, mean: float) -> tuple[str, ...]:
        printed = [f"published: {self.contacts.value:,.0f}"] if self.contacts.known else []
        return (f"{mean:,.0f} in a simulated year", *printed)

    def _demand(self) -> str:
        runs = (self.results.manifest["config"].get("calibration") or {}).get("runs", [])
        return next((run["demand"] for run in runs if run["model"] == self.model), self.model)

    @property
    def contacts_title(self) -> str:
        """What its contacts are called."""
        return self.results.short("demand", self._demand())

    @property
    def alt(self) -> str:
        """The picture in words."""
        return (
            f"Flow of {self.results.title('model', self.model)}. "
            + "; ".join(f"{box.title}: {', '.join(box.figures)}" for box in self.boxes)
            + "."
        )
