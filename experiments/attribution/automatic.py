"""Changes where no file names them: what differs in each team's work."""

from __future__ import annotations

from collections.abc import Collection

import networkx as nx

from experiments.attribution.models import Models
from experiments.attribution.parts import (
    KEY,
    LEVERS,
    MOST,
    REST,
    Part,
    Parts,
    between_of,
    checked,
    with_the_rest,
    worked_by,
)
from simulation.differences import needing
from simulation.errors import ConfigError
from simulation.graph import Graph
from simulation.library import Loaded


def automatic(loaded: Loaded, models: Models, levers: Collection[str]) -> Parts:
    """The changes by team, in the pathway's order, with the levers last.

    Teams are taken together where nobody could tell where people of one would go while the other is as it was.

    Raises:
        ConfigError: nothing differs but in one piece, or there are too many teams.
    """
    differs = with_the_rest(models, [])[0].stages if with_the_rest(models, []) else ()
    groups = [({team}, set(stages)) for team, stages in _by_team(models, differs).items()]
    while True:
        parts = _named(models, groups)
        between = between_of(models, parts, {}, {})
        crossing = needing(between)
        if not crossing:
            break
        stage, to = crossing[0]
        first, second = (next(one for one in groups if name in one[1]) for name in (stage, to))
        groups = [one for one in groups if one not in (first, second)]
        groups.append((first[0] | second[0], first[1] | second[1]))
    parts += [Part(lever, LEVERS[lever], (), frozenset({lever})) for lever in levers]
    mend = f"Name the changes in this file, under {KEY}: (docs/analyses.md)."
    if len(parts) < 2:
        what = "the parts of the difference cannot be told apart by themselves: all that differs hangs together."
        raise ConfigError([loaded.problem((), what, mend)])
    if len(parts) > MOST:
        what = f"{len(parts)} changes were found, and {2 ** len(parts):,} models would have to be lived."
        raise ConfigError([loaded.problem((), what, f"{mend} At most {MOST}.")])
    return checked(Parts(tuple(parts), between, True))


def _by_team(models: Models, differs: Collection[str]) -> dict[str, list[str]]:
    """Stages that differ by the team that works there; one without a team goes with the stage before it."""
    network = models.model.network().to_undirected(as_view=True)
    groups: dict[str, list[str]] = {}
    for stage in sorted(differs):
        team = worked_by(models, stage)
        if not team and stage in network:
            near = nx.single_source_shortest_path_length(network, stage)
            teams = [worked_by(models, other) for other in sorted(near, key=lambda name: (near[name], name))]
            team = next((one for one in teams if one), REST)
        groups.setdefault(team or REST, []).append(stage)
    return groups


def _named(models: Models, groups: list[tuple[set[str], set[str]]]) -> list[Part]:
    """The groups, each of some teams and its stages, as parts in the pathway's order."""
    steps = reached_from(models.model)
    teams = {**models.baseline.teams, **models.model.teams}
    parts = []
    for mine, stages in sorted(
        groups, key=lambda one: (min(steps.get(name, len(steps)) for name in one[1]), *sorted(one[1]))
    ):
        titles = [teams[name].title for name in sorted(mine) if name in teams]
        title = f"what changes in {' and '.join(titles)}" if titles else "everything else that differs"
        parts.append(Part("_and_".join(sorted(mine)), title, tuple(sorted(stages))))
    return parts


def reached_from(graph: Graph) -> dict[str, int]:
    """How many steps each stage lies behind the first contact, so that parts can stand in the pathway's order."""
    network = graph.network()
    steps: dict[str, int] = {}
    for name, node in graph.nodes.items():
        if node.stage.kind == "arrival":
            for stage, length in nx.single_source_shortest_path_length(network, name).items():
                steps[stage] = min(length, steps.get(stage, length))
    return steps
