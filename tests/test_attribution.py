"""A difference split by change: both ends are the models themselves, sums are exact, bad questions are refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import twentieth
from conftest import A_YEAR, OUT, arrival, constant, decision, exponential, follows, package, service
from kinds import fork, hazard, outcome
from test_union import KEEPS, rows, run
from test_union import NOW as REVIEWED_NOW
from test_union import THEN as REVIEWED_THEN

from experiments.attribution.lived import split_of
from experiments.attribution.models import Models
from experiments.attribution.tables import WAYS
from experiments.cli import main
from simulation.adoption import Adoption
from simulation.differences import differing, every
from simulation.errors import ConfigError
from simulation.graph import of_model
from simulation.hybrid import Between, Elsewhere
from simulation.union import apart_from, compile_union


def branches(**named):
    """A decision's branches by name: (target, probability)."""
    return {
        "kind": "decision",
        "follows_need": follows(0.5),
        "branches": [{"name": name, "to": to, "probability": p} for name, (to, p) in named.items()],
    }


NOW = {
    "come": arrival("desk"),
    "ward": arrival("desk", "hospital"),
    "desk": service("door", exponential(2.0)),
    "door": branches(no=("out", 0.6), yes=("visit", "rest")),
    "visit": service("kind", constant(3.0)),
    "kind": branches(no=("out", 0.3), yes=("care", "rest")),
    "care": package(),
    "out": OUT,
}
THEN = {
    **NOW,
    "door": branches(no=("out", 0.7), yes=("hub", "rest")),
    "hub": service("talk", constant(1.0), team="hubs"),
    "talk": branches(resolved=("out", 0.4), goes_on=("visit", "rest")),
    "kind": branches(no=("out", 0.1), yes=("care", "rest")),
}
SECTION = """
attribution:
  changes:
    - {name: front, title: the front door, stages: [door]}
    - {name: hubs, title: hubs, teams: [hubs], stages: [talk]}
    - {name: means, title: who is eligible, stages: [kind]}
"""
EXPERIMENT = """
kind: experiment
name: split
title: Two toys
question: "Is one toy another?"
seed: 5
follow_up_days: 100
comparison:
  {baseline: now, model: then, demand: toy, prices: toy, start: 2014-04-01, years: 1,
   keeps_baseline: {source: [hospital]}, transfers: [{name: half, title: half, value: 0.5}], headline_transfer: half,
   precision: {measure: funded_package, relative_half_width: 0.01, first_look: 30, batch: 7, most: 44}, input_draws: 0}
"""


@pytest.fixture
def comparison(toys):
    """An experiment of two toys that differ in three places; ``written`` with another section gives its path."""

    def written(section=SECTION, now=NOW, then=THEN, teams=None, experiment=EXPERIMENT):
        toys.demand(sources={"community": 600.0, "hospital": 200.0}, groups={"older": 0.7, "other": "rest"})
        toys.prices(
            {"older": {"care": (100.0, exponential(50, "days"))}, "other": {"care": (80.0, constant(90, "days"))}}
        )
        for name, stages in (("now", now), ("then", then)):
            toys.model(stages, name=name, uses=["prices/toy"], teams=teams)
        return toys.write("experiments", "split", experiment + section)

    return written


def attributed(path: Path, out: Path, *words: str) -> int:
    """The exit code of the command."""
    return main(["attribution", str(path), "--out", str(out), "--workers", "1", "--quiet", *words])


# the model between two


@pytest.fixture
def reviewed(toys):
    """The toys of the union, with reviews, hubs and hazards, as models whose parts can be changed."""
    demand = toys.demand(sources={"community": 2000.0, "hospital": 800.0})
    first, second = toys.model(REVIEWED_NOW, name="now"), toys.model(REVIEWED_THEN, name="then")
    values = toys.values(first, second, demand)
    now, then = of_model(first), of_model(second)
    apart = apart_from(now, then, demand, None, values, KEEPS)
    models = Models(
        "transition", now, then, demand, None, values, KEEPS, 1.0, apart.alone, apart.everybody, apart.attributes,
        apart.scales,
    )  # fmt: skip
    owners = {
        "online": "front", "door": "front", "hub": "hubs", "again": "hubs", "visit": "visits", "kind": "visits",
        "at_the_hub": "reviews", "at_home_after_all": "reviews", "says": "reviews",
    }  # fmt: skip
    between = Between(
        now,
        then,
        {stage: frozenset({name}) for stage, name in owners.items()},
        {"hub": [Elsewhere("visit")], "at_the_hub": [Elsewhere("review")], "at_home_after_all": [Elsewhere("review")]},
    )
    people = toys.maker(demand, A_YEAR).make(1, 0)
    return models, between, people


GROWS = Adoption(("",), np.linspace(0.0, 1.0, 12)[None, :])
ALL = ("front", "hubs", "visits", "reviews")


def test_with_no_change_made_it_is_todays_model_row_for_row(reviewed):
    models, between, people = reviewed
    made = models.changing(between.hybrid(()))
    today = compile_union(models.baseline, models.model, models.demand, None, models.values, KEEPS).union
    found = [
        rows(run(union.at(how), people), union.pathway) for union, how in ((made, GROWS), (today, Adoption.none(12)))
    ]
    assert found[0] == found[1] and len(found[0]) > 5_000


def test_with_all_changes_made_it_is_the_new_model_row_for_row(reviewed):
    models, between, people = reviewed
    made = models.changing(between.hybrid(ALL))
    new = compile_union(models.baseline, models.model, models.demand, None, models.values, KEEPS).union
    assert [rows(run(union.at(GROWS), people), union.pathway) for union in (made,)] == [
        rows(run(new.at(GROWS), people), new.pathway)
    ]


def test_every_set_of_changes_makes_a_model_that_can_be_compiled(reviewed):
    models, between, _ = reviewed
    seen = {models.changing(between.hybrid(made)).pathway.content_hash() for made in every(ALL)}
    assert len(seen) == 12, "nobody comes to the hub but by the new door, whose branch has a name of its own"


def test_a_change_alone_brings_its_stages_and_nothing_else(reviewed, toys):
    _, between, _ = reviewed
    assert "at_the_hub" in between.hybrid(("reviews",)).graph.nodes
    front = between.hybrid(("front",)).graph.nodes
    assert [b.to for b in front["door"].stage.branches] == ["out", "visit"], "no hubs: as today"
    assert front["door"].stage.branches[0].probability == 0.7 and front["come"].stage.to == "online"
    graphs = [of_model(toys.model(stages, name=name)) for name, stages in (("now", NOW), ("then", THEN))]
    hubs = Between(*graphs, {name: frozenset({"hubs"}) for name in ("hub", "talk")}).hybrid(("hubs",)).graph.nodes
    assert [b.to for b in hubs["door"].stage.branches] == ["out", "hub"], "today's door leads to the hub"
    assert hubs["door"].stage.branches[0].probability == 0.6, "with today's share"


def test_people_go_different_ways_instead_and_never_round_in_a_circle(toys):
    now = {**NOW, "kind": decision(("out", 0.3), ("care", "rest"))}
    then = {**THEN, "door": branches(no=("out", 0.7), hub=("hub", "rest")), "by_car": service("kind", 1.0)}
    then["talk"] = branches(resolved=("out", 0.4), goes_on=("by_car", "rest"))
    del then["visit"]
    graphs = [of_model(toys.model(stages, name=name)) for name, stages in (("now", now), ("then", then))]
    owners = {name: frozenset({"hubs"}) for name in ("hub", "talk", "visit", "by_car")} | {"door": frozenset({"front"})}
    instead = {
        "visit": [Elsewhere("by_car", {"can_travel": "false"}), Elsewhere("hub")],
        "hub": [Elsewhere("visit")],
        "by_car": [Elsewhere("visit")],
    }
    between = Between(*graphs, owners, instead)
    only = between.hybrid(("hubs",)).graph
    way = only.nodes["instead_of_visit"].stage
    assert only.nodes["door"].stage.branches[1].to == "instead_of_visit"
    assert [(b.to, b.when) for b in way.branches] == [("by_car", {"can_travel": "false"}), ("hub", None)]
    apart = Between(*graphs, owners | {"by_car": frozenset({"cars"})}, instead)
    with pytest.raises(ConfigError, match=r"round in a circle"):
        apart.hybrid(("hubs",))
    with pytest.raises(ConfigError, match=r"leads to 'hub', which is not in use then. Say under attribution.instead"):
        Between(*graphs, owners, {}).hybrid(("front",))


def test_what_differs_is_found_by_its_numbers_and_not_by_its_words(toys):
    reviews = {
        "due": fork("care", "seen_at_home", 30.0),
        "seen_at_home": service("seen", 1.0),
        "seen": outcome("reviewed"),
    }
    worse = {"worse": hazard(["visit"], "out", 0.2)}
    plain = {**NOW, "door": decision(("out", 0.6), ("visit", "rest")), "kind": decision(("out", 0.3), ("care", "rest"))}
    now, then = {**plain, **reviews, **worse}, {**plain, **reviews, **worse}
    then["door"] = {**plain["door"], "title": "Other words", "owner": "team"}
    then["visit"] = {**plain["visit"], "duration": constant(180.0, "minutes")}
    then["seen_at_home"] = service("seen", constant("hours"))
    then["new"] = OUT
    then["kind"] = decision(("new", 0.3), ("care", "rest"))
    files = [
        toys.model(stages, name=name, parameters={"hours": hours})
        for name, stages, hours in (("now", {**now, "seen_at_home": then["seen_at_home"]}, 1.0), ("then", then, 2.0))
    ]
    between = Between(*map(of_model, files), {})
    found = differing(between, toys.values(*files), set(then))
    assert "door" not in found and {"seen_at_home", "new", "visit"} <= found
    assert differing(between, toys.values(*files), set(then) - {"visit"}) == found - {"visit"}, "nobody comes there"


# a comparison


def test_a_comparison_is_split_and_adds_up(comparison, tmp_path, capsys):
    path = comparison()
    assert attributed(path, tmp_path / "made", "--pairs", "6", "--measure", "funded_package",
                      "--measure", "demand_savings_2014_15") == 0  # fmt: skip
    table = pd.read_csv(tmp_path / "made" / "tables" / "attribution.csv")
    assert table["change"].tolist() == ["front", "hubs", "means", "together", "whole"] * 2
    for _, one in table.groupby("measure"):
        for way in WAYS:
            cents = [round(1000 * value) for value in one[way]]
            assert sum(cents[:-1]) == cents[-1] != 0
        assert (one["shapley_low"][:-2] < one["shapley"][:-2]).all() and one["shapley"].iloc[-2] == 0
    front, hubs, means = table["shapley"][:3]
    assert front < 0 and hubs < 0 < means, "fewer packages by door and hubs, more by who is eligible"
    by_one = pd.read_parquet(tmp_path / "made" / "tables" / "by_replication.parquet")
    for _, one in by_one.groupby(["measure", "replication"]):
        parts = [Fraction(value) for value in one["shapley"][:-1]]
        assert float(sum(parts)) == pytest.approx(one["shapley"].iloc[-1], abs=1e-6)
    sets = pd.read_csv(tmp_path / "made" / "tables" / "sets.csv", keep_default_na=False)
    assert len(sets) == 16 and sets["difference"].iloc[0] == 0
    pairs = pd.read_csv(tmp_path / "made" / "tables" / "interactions.csv")
    assert len(pairs) == 6 and (pairs["low"] <= pairs["interaction"]).all()
    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text())
    assert manifest["status"] == "finished" and manifest["asked"]["changes"]["hubs"]["stages"] == ["talk", "hub"]
    out = capsys.readouterr().out
    assert "it is not evidence that a part works" in out and "Two councils side by side are not an effect" in out
    page = (tmp_path / "made" / "attribution.html").read_text()
    assert "Largest part of " in page and "95% interval" in page


def test_both_ends_of_a_comparison_are_the_experiments_own(comparison):
    split = split_of(str(comparison()))
    names = ["funded_package", "demand_savings_2014_15"]
    assert not split.values((), range(4), names).any()
    assert np.array_equal(split.values(split.parts.names, range(4), names), split.evaluator.values({}, range(4), names))
    door = split.values(("front",), range(4), names)
    assert (door[:, 0] < 0).all() and not np.array_equal(door, split.values(("hubs",), range(4), names))


def lived_anew(split):
    """Every set with today's service lived once for all of them, and lived anew for each: the same to the last bit."""
    names = tuple(split.evaluator.measures)
    for made in every(split.parts.names):
        anew = replace(split, today={})
        assert split.values(made, range(3), names).tobytes() == anew.values(made, range(3), names).tobytes(), made
        assert len(anew.today) == 3
    return len(split.today)


def test_todays_service_is_lived_once_for_all_sets(comparison):
    assert lived_anew(split_of(str(comparison()))) == 3


def test_changes_are_found_where_no_file_names_them(comparison, tmp_path):
    split = split_of(str(comparison("")))
    assert split.parts.automatic and split.parts.names == ("team", "hubs")
    stages = [set(part.stages) for part in split.parts.parts]
    assert stages[0] | stages[1] == {"door", "hub", "talk", "kind"} and "hub" in stages[1]
    assert attributed(comparison(""), tmp_path / "made", "--pairs", "2") == 0


def test_what_no_change_names_is_one_more_part(comparison):
    section = SECTION.replace("    - {name: means, title: who is eligible, stages: [kind]}\n", "")
    parts = split_of(str(comparison(section))).parts
    assert parts.names == ("front", "hubs", "everything_else") and parts.parts[-1].stages == ("kind",)


BAD = [
    ("stages: [door]", "stages: [dor]", r"split.yaml:\d+: .*there is no stage 'dor' in either.*Did you mean 'door'"),
    ("teams: [hubs]", "teams: [hub]", r"there is no team 'hub' in either model. Did you mean 'hubs'"),
    ("stages: [kind]", "stages: [kind, door]", r"split.yaml:\d+: .*'door' belongs to front too. Keep it in one"),
    ("name: means", "name: hubs", r"two changes have the name 'hubs'. Rename one"),
    ("stages: [kind]", "levers: [posts]", r"a comparison has no 'posts'"),
    ("stages: [kind]", "levers: [post]", r"split.yaml:\d+"),
    ("title: who is eligible, stages: [kind]", "title: nothing", r"the change 'means' changes nothing"),
    ("attribution:", "attribution:\n  any_of: {hub: [hobs]}", r"there is no change 'hobs'. Did you mean 'hubs'"),
    ("attribution:", "attribution:\n  any_of: {hob: [hubs]}", r"any_of.hob: neither model has this stage"),
    ("attribution:", "attribution:\n  instead: {hub: [{to: talk}]}", r"'talk' is no stage of today's model"),
    ("attribution:", "attribution:\n  instead: {door: [{to: out}]}", r"both models have this stage"),
    ("attribution:", "attribution:\n  instead: {nowhere: [{to: out}]}", r"nowhere: neither model has this stage"),
    ("attribution:", "attribution:\n  instead: {hub: [{to: out, when: {can_travel: 'no'}}]}", r"'no' is not a value"),
    ("attribution:", "attribution:\n  instead: {hub: [{to: out, when: {colour: red}}]}", r"no attribute 'colour'"),
    ("attribution:", "attribution:\n  instead: {hub: [{to: out}, {to: visit}]}", r"is for everybody else"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), BAD)
def test_a_section_that_cannot_be_is_refused_with_its_line(comparison, tmp_path, capsys, old, new, said):
    assert attributed(comparison(SECTION.replace(old, new, 1)), tmp_path / "none") == 2
    error = capsys.readouterr().err
    assert re.search(said, error), error
    assert not (tmp_path / "none").exists()


def test_more_changes_than_can_be_lived_are_refused(comparison, tmp_path, capsys):
    stages = {f"step_{n}": service(f"step_{n + 1}", constant(1.0)) for n in range(9)}
    then = {**THEN, **stages, "step_9": service("visit", constant(1.0)), "talk": branches(
        resolved=("out", 0.4), goes_on=("step_0", "rest"))}  # fmt: skip
    many = "\nattribution:\n  changes:\n" + "".join(
        f"    - {{name: s{n}, title: step {n}, stages: [step_{n}]}}\n" for n in range(9)
    )
    assert attributed(comparison(many, then=then), tmp_path / "none") == 2
    assert "10 changes, the rest that no change names among them, and 1,024 models to live. Group them: at most 8" in (
        capsys.readouterr().err
    )


def test_what_cannot_be_split_is_refused(comparison, tmp_path, capsys):
    assert attributed(comparison(), tmp_path / "none", "--measure", "funded_packages") == 2
    assert "there is no measure 'funded_packages'. Did you mean 'funded_package'?" in capsys.readouterr().err
    assert attributed(comparison(), tmp_path / "none", "--route", "in_house") == 2
    assert "only an experiment with transition: has routes" in capsys.readouterr().err
    assert attributed(comparison(teams={"team": 3}), tmp_path / "none") == 2
    assert "each model has its own: a model between the two would have both" in capsys.readouterr().err
    one = {**NOW, "door": THEN["door"] | {"branches": [{**b, "to": t} for b, t in zip(
        THEN["door"]["branches"], ("out", "visit"), strict=True)]}}  # fmt: skip
    assert attributed(comparison("", then=one), tmp_path / "none") == 2
    assert "cannot be told apart by themselves" in capsys.readouterr().err
    nothing = EXPERIMENT.replace("value: 0.5", "value: 0")
    assert attributed(comparison(experiment=nothing), tmp_path / "none") == 2
    assert "the share of the gap that is closed is 0" in capsys.readouterr().err


def test_workers_change_nothing(comparison, tmp_path):
    path = comparison()
    for workers in ("1", "2"):
        assert main(["attribution", str(path), "--out", str(tmp_path / workers), "--workers", workers, "--quiet",
                     "--pairs", "3"]) == 0  # fmt: skip
    for name in ("attribution", "interactions", "sets", "by_replication"):
        one, two = ((tmp_path / workers / "tables" / f"{name}.csv").read_bytes() for workers in ("1", "2"))
        assert one == two


# a transition

TRANSITION = """
attribution:
  changes:
    - {name: hubs, title: hubs, teams: [community_hubs, social_care_direct], levers: [moves]}
    - {name: home_visits, title: how teams work, teams: [social_work_teams]}
    - {name: posts, title: posts, levers: [posts]}
  any_of: {where_to_be_seen: [hubs]}
"""


@pytest.mark.slow
def test_todays_service_is_lived_once_for_all_sets_of_a_transition(tmp_path):
    path = twentieth.written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + TRANSITION, encoding="utf-8")
    assert lived_anew(split_of(str(path))) == 3


@pytest.mark.slow
def test_a_transition_is_split_and_posts_bring_nothing_where_nobody_goes(tmp_path):
    """The command itself refuses sets whose ends are not today's model and the experiment's own run."""
    path = twentieth.written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + TRANSITION, encoding="utf-8")
    assert attributed(path, tmp_path / "made", "--pairs", "2") == 0
    table = pd.read_csv(tmp_path / "made" / "tables" / "attribution.csv")
    assert table["change"].tolist()[:4] == ["hubs", "home_visits", "posts", "everything_else"]
    for _, one in table.groupby("measure"):
        for way in WAYS:
            steps = [round(1000 * value) for value in one[way]]
            assert sum(steps[:-1]) == steps[-1]
    posts, hubs = (table[table["change"] == name] for name in ("posts", "hubs"))
    assert (posts[["sequential", "alone", "last", "shapley", "shapley_high"]] == 0).all(axis=None)
    assert (hubs["shapley"] != 0).all() and (hubs["assumptions"] > 0).all()
