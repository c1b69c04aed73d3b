"""What tests share: the shipped configs, and a maker of tiny models, demands, prices and crowds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import settings

from agents.codes import Event
from simulation import engine_simpy
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.compiler import Compiled, compile_graph
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.pathway import Pathway
from simulation.people import attribute_values
from simulation.population import Population, PopulationMaker
from simulation.reading import SHIPPED
from simulation.trace import Trace

HOUR = 3_600_000
DAY = MS_PER_DAY

settings.register_profile("untimed", deadline=None)  # the first example may compile; no test is a timed test
settings.load_profile("untimed")


def constant(value: float, unit: str = "hours") -> dict[str, Any]:
    """A duration that is always the same."""
    return {"distribution": "constant", "value_of": value, "unit": unit}


def exponential(mean: float, unit: str = "hours") -> dict[str, Any]:
    """An exponential duration."""
    return {"distribution": "exponential", "mean": mean, "unit": unit}


def arrival(to: str, source: str = "community") -> dict[str, Any]:
    """A source of contacts."""
    return {"kind": "arrival", "source": source, "to": to}


def service(to: str, duration: Any = 1.0, team: str = "team", **more: Any) -> dict[str, Any]:
    """Work by a team; a number is a constant duration in hours."""
    law = constant(duration) if isinstance(duration, float | int) else duration
    return {"kind": "service", "team": team, "duration": law, "to": to, **more}


def decision(*branches: tuple[str, Any], **more: Any) -> dict[str, Any]:
    """Branches as (target, probability or rule); a mapping without ``by`` is a ``when:``. Names are the targets'."""
    made = []
    names: set[str] = set()
    for to, given in branches:
        name = to if to not in names else f"{to}_{len(names)}"
        names.add(name)
        rule = isinstance(given, dict) and "by" not in given
        made.append({"name": name, "to": to, ("when" if rule else "probability"): given})
    return {"kind": "decision", "branches": made, **more}


def package(to: str = "out", care_type: str = "care", **more: Any) -> dict[str, Any]:
    """Council-funded care."""
    return {"kind": "package", "care_type": care_type, "to": to, **more}


OUT: dict[str, Any] = {"kind": "outcome", "need": "not_published"}


def follows(weight: float, scale: str = "own") -> dict[str, Any]:
    """How far a decision follows need."""
    return {"weight": weight, "scale": scale}


def _person() -> dict[str, Any]:
    """Two equally common values of every attribute."""
    even = {
        "age_band": ["younger", "older"],
        "can_travel": ["true", "false"],
        "informal_support": ["true", "false"],
        "means": ["below_limit", "above_limit"],
    }
    spreads: dict[str, Any] = {
        name: {"title": name, "values": values, "shares": {"all": {values[0]: 0.5, values[1]: "rest"}}}
        for name, values in even.items()
    }
    need = {
        "hours_per_week": {"all": {"distribution": "exponential", "mean": 6.0}},
        "eligible_share": 0.25,
    }
    return {**spreads, "need": need}


@dataclass
class Toys:
    """Makes configs in a folder of their own, and compiles and runs them."""

    folder: Path
    library: Library = field(default_factory=Library)

    def write(self, kind: str, name: str, content: Mapping[str, Any] | str) -> Path:
        """Write a config of a kind such as 'models'; a mapping is written in its own order."""
        path = self.folder / kind / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(dict(content), sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    def model(
        self, stages: Mapping[str, Any], *, name: str = "toy", teams: Mapping[str, Any] | None = None, **more: Any
    ) -> Loaded:
        """A model; every team named by a stage is unlimited unless ``teams`` gives its practitioners."""
        named = {stage["team"]: "unlimited" for stage in stages.values() if "team" in stage}
        sizes = {"team": "unlimited", **named, **(teams or {})}
        content = {
            "kind": "model",
            "name": name,
            "title": name,
            "short_title": name,
            "reproduces": "nothing",
            "teams": {
                team: {"title": team, "practitioners": float(n) if isinstance(n, int) else n}
                for team, n in sizes.items()
            },
            "stages": dict(stages),
            **more,
        }
        return self.fresh(self.write("models", name, content))

    def demand(
        self,
        sources: Mapping[str, float] | None = None,
        groups: Mapping[str, Any] | None = None,
        *,
        name: str = "toy",
        population: str = "toy",
        person: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Loaded:
        """A demand: contacts a year of each source, and shares of client groups."""
        sources = {"community": 3650.0} if sources is None else sources
        groups = {"older_people": 1.0} if groups is None else groups
        content = {
            "kind": "demand",
            "name": name,
            "title": name,
            "short_title": name,
            "population": population,
            "sources": {s: {"title": s, "contacts_per_year": n} for s, n in sources.items()},
            "client_groups": {g: {"title": g, "share": share} for g, share in groups.items()},
            "person": {**_person(), **(person or {})},
            **more,
        }
        return self.fresh(self.write("demand", name, content))

    def prices(self, care: Mapping[str, Mapping[str, Any]], *, name: str = "toy", **more: Any) -> Loaded:
        """Prices: group to care type to (pounds a week or None, stay), or to all that a file may say of it."""
        kinds = sorted({kind for of_group in care.values() for kind in of_group})
        content = {
            "kind": "prices",
            "name": name,
            "title": name,
            "price_base": "any",
            "care_types": {kind: {"title": kind, "long_term": True} for kind in kinds},
            "care": {
                group: {
                    kind: given if isinstance(given, dict) else {"weekly_cost": given[0], "stay": given[1]}
                    for kind, given in of_group.items()
                }
                for group, of_group in care.items()
            },
            **more,
        }
        return self.fresh(self.write("prices", name, content))

    def fresh(self, path: Path) -> Loaded:
        """Read a file again, whatever was read before."""
        self.library.loaded.pop(path.resolve(), None)
        return self.library.load(path)

    def values(self, *files: Loaded | None, over: Mapping[str, float] | None = None) -> Values:
        """All numbers of some files."""
        inputs = Inputs(self.library)
        for file in files:
            if file is not None:
                inputs.add(file)
        return Values(inputs, over or {})

    def compiled(self, model: Loaded, demand: Loaded, prices: Loaded | None = None, **more: Any) -> Compiled:
        """A model compiled on its own."""
        return compile_graph(of_model(model), demand, prices, self.values(model, demand, prices), **more)

    def maker(self, demand: Loaded, calendar: Calendar) -> PopulationMaker:
        """The maker of a demand's people."""
        return PopulationMaker(demand, self.values(demand), calendar)

    def crowd(
        self,
        demand: Loaded,
        times: Sequence[int],
        *,
        ids: Sequence[int] | None = None,
        rank: Sequence[float] | None = None,
        **codes: Sequence[str],
    ) -> Population:
        """Hand-made people: moments of contact in ms, and the values of any attributes (else each one's first)."""
        return crowd(attribute_values(demand), times, ids=ids, rank=rank, **codes)


def crowd(
    space: Mapping[str, Sequence[str]],
    times: Sequence[int],
    *,
    ids: Sequence[int] | None = None,
    rank: Sequence[float] | None = None,
    **codes: Sequence[str],
) -> Population:
    """See ``Toys.crowd``."""
    size = len(times)
    person = np.arange(1, size + 1) if ids is None else np.array(ids, dtype=np.int64)
    time = np.array(times, dtype=np.int64)
    order = np.lexsort((person, time))
    coded = {
        name: np.array([list(values).index(v) for v in codes[name]] if name in codes else [0] * size, dtype=np.int64)
        for name, values in space.items()
    }
    ranks = np.full(size, 0.5) if rank is None else np.array(rank, dtype=float)
    return Population(
        person[order],
        time[order],
        {name: code[order] for name, code in coded.items()},
        ranks[order],
        np.full(size, 6.0),
        ranks[order] >= 0.75,
        np.full(size, -1),
    )


A_YEAR = Calendar(date(2014, 4, 1), 12)


def live(
    pathway: Pathway,
    people: Population,
    calendar: Calendar = A_YEAR,
    end: int | None = None,
    seed: int = 1,
    replication: int = 0,
) -> Trace:
    """One run; without ``end`` until the calendar's end and a year more."""
    stop = calendar.end + 365 * DAY if end is None else end
    return engine_simpy.run(pathway, people, calendar, stop, seed, replication)


def story(trace: Trace, pathway: Pathway) -> list[tuple[float, int, str, str, int]]:
    """A trace to compare by eye: (hours, person, stage, event, value)."""
    names = [event.name.lower() for event in Event]
    return [
        (t / HOUR, p, pathway.stages[s], names[e], v)
        for t, p, s, e, v in zip(
            trace.time.tolist(),
            trace.person.tolist(),
            trace.stage.tolist(),
            trace.event.tolist(),
            trace.value.tolist(),
            strict=True,
        )
    ]


def rows_of(trace: Trace) -> list[tuple[int, ...]]:
    """The trace as a list of rows."""
    return list(
        zip(*(getattr(trace, name).tolist() for name in ("time", "person", "stage", "event", "value")), strict=True)
    )


@pytest.fixture
def toys(tmp_path: Path) -> Toys:
    """A maker of tiny configs in a temporary folder."""
    return Toys(tmp_path)


@dataclass(frozen=True)
class Shipped:
    """The configs that ship, read once, with their central values."""

    library: Library
    files: dict[str, Loaded]
    inputs: Inputs

    def __getitem__(self, ref: str) -> Loaded:
        return self.files[ref]

    def values(self, over: Mapping[str, float] | None = None) -> Values:
        """Central values, or some replaced."""
        return Values(self.inputs, over or {})


@pytest.fixture(scope="session")
def shipped() -> Shipped:
    """Every shipped model, demand and prices file."""
    library = Library()
    files = {}
    for folder in ("models", "demand", "prices"):
        for path in sorted((SHIPPED / folder).glob("*.yaml")):
            loaded = library.load(path)
            files[loaded.ref] = loaded
    inputs = Inputs(library)
    for loaded in files.values():
        inputs.add(loaded)
    return Shipped(library, files, inputs)


@pytest.fixture(scope="session")
def main_job() -> Any:
    """The shipped main experiment, worked out."""
    from experiments.plan import prepare

    return prepare(SHIPPED / "experiments" / "barnet_vs_shropshire.yaml")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The installed Chromium, one for the session; tests that ask for it fail where there is none."""
    from in_browser import chromium

    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def explored_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small experiment's file, in a folder that may be written to."""
    from explorers import few_configs

    return few_configs(tmp_path_factory.mktemp("explored"))


@pytest.fixture(scope="session")
def explored_page(explored_config: Path) -> Iterator[Any]:
    """The small experiment's page, served as ``run.py explore`` serves one."""
    from explorers import served

    with served(explored_config) as page:
        yield page
