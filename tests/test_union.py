"""One model becomes another while people are on their way: at both ends it is the one or the other, row for row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from agreeing import agreed
from conftest import A_YEAR, OUT, arrival, constant, decision, exponential, follows, package, service
from kinds import appointments, fork, hazard, outcome, places
from worlds import Run

from agents.codes import Event
from experiments.plan import compile_pair
from simulation import engine_compiled
from simulation.adoption import Adoption
from simulation.compiler import compile_graph, compile_with_scales, relevant_attributes
from simulation.errors import ConfigError
from simulation.graph import of_model
from simulation.identity import JOINED
from simulation.union import AFTER, compile_union, team_of, with_practitioners
from simulation.workload import stages_of

STAY = {"weekly_cost": 100.0, "stay": exponential(200.0, "days")}
NOW = {
    "come": arrival("desk"),
    "ward": arrival("desk", "hospital"),
    "desk": service("door", exponential(2.0)),
    "door": decision(("out", 0.6), ("visit", "rest"), follows_need=follows(0.5), owner="team"),
    "visit": service("kind", exponential(200.0), team="visitors"),
    "kind": decision(("home", 0.7), ("homes", "rest"), follows_need=follows(0.7)),
    "home": package(stay=exponential(100, "days")),
    "homes": package(stay=exponential(900, "days")),
    "review_due": fork(["home", "homes"], "review", 60.0),
    "review": service("says", 3.0, team="visitors"),
    "says": decision(("seen", 0.8), ("stops", "rest")),
    "stops": {"kind": "set", "attribute": "care", "value": "ends", "to": "seen"},
    "seen": outcome("reviewed"),
    "worse": hazard(["home"], "homes", 0.2),
    "out": outcome(again=0.2, after=exponential(90, "days")),
}
THEN = {
    **NOW,
    "come": arrival("online"),
    "online": decision(("out", 0.1), ("desk", "rest")),
    "door": decision(("out", 0.7), ("hub", "rest"), follows_need=follows(0.5), owner="team"),
    "hub": appointments("again", lead=24.0 * 5),
    "again": decision(("out", 0.5), ("visit", "rest"), follows_need=follows(0.5)),
    "visit": service("kind", exponential(100.0), team="visitors"),
    "review_due": fork(["home", "homes"], "at_home_after_all", 60.0),
    "at_the_hub": appointments("says", lead=24.0 * 3, gave_up_to="seen"),
    "at_home_after_all": decision(("review", 0.1), ("at_the_hub", "rest")),
    "says": decision(("seen", 0.6), ("stops", "rest")),
}
KEEPS = {"source": ["hospital"]}


@pytest.fixture
def pair(toys):
    """Two toy models, what they share, and their people."""

    def made(now=NOW, then=THEN, keeps=KEEPS, teams=None):
        demand = toys.demand(sources={"community": 2000.0, "hospital": 800.0})
        first, second = toys.model(now, name="now", teams=teams), toys.model(then, name="then", teams=teams)
        values = toys.values(first, second, demand)
        graphs = of_model(first), of_model(second)
        joint = {
            share: compile_pair(first, second, demand, None, values, share, keeps).pathway for share in (0.0, 0.3, 1.0)
        }
        made = compile_union(*graphs, demand, None, values, keeps).union
        people = toys.maker(demand, A_YEAR).make(1, 0)
        return made, joint, people, (graphs, demand, values)

    return made


def rows(trace, pathway, prefix="then.", but=JOINED):
    """What happened, by the names of stages in their own models, and without the question which way comes next."""
    names = np.array([name.removeprefix(prefix) for name in pathway.stages])
    asks = np.array([name.startswith(but) for name in pathway.stages])
    keep = ~asks[trace.stage]
    of_hazards = np.isin(trace.event, (Event.HAZARD, Event.REVIEW, Event.REVIEWED))
    value = np.where(of_hazards, names[np.where(of_hazards, trace.value, 0)], trace.value.astype(str))
    return list(zip(trace.time[keep], trace.person[keep], names[trace.stage[keep]], trace.event[keep], value[keep],
                    strict=True))  # fmt: skip


def run(pathway, people, end=A_YEAR.end):
    """Both engines, which must agree."""
    return agreed(Run(pathway, people, A_YEAR, end, 1, 0))


def months(*shares):
    """The same adoption for everybody."""
    return Adoption(("",), np.array([shares], dtype=float))


def test_each_model_says_for_itself_where_people_are_seen(pair):
    """Today's says it by a branch, the new one at a stage: neither hides the other's."""
    door = decision(("out", 0.6), ("visit", "rest"), follows_need=follows(0.5), owner="team")
    door["branches"][1]["counts_as"] = "full_assessment"
    seen = service("kind", exponential(100.0), team="visitors", counts_as="full_assessment")

    def where(pathway):
        return [pathway.stages[i] for i in np.flatnonzero(stages_of(pathway, "full_assessment"))]

    union, joint, _, _ = pair(now={**NOW, "door": door}, then={**THEN, "visit": seen})
    assert where(union.pathway) == where(joint[0.3]) == ["visit", "then.visit"]
    union, _, _, _ = pair(now={**NOW, "door": door, "desk": {**seen, "to": "door", "team": "team"}})
    assert where(union.pathway) == ["desk"]  # a stage that is named goes before a branch of the same model


def test_no_adoption_is_todays_model_row_for_row(pair):
    made, joint, people, _ = pair()
    trace = run(made.at(Adoption.none(12)), people)
    assert rows(trace, made.pathway) == rows(run(joint[0.0], people), joint[0.0])


def test_full_adoption_from_the_first_day_is_the_target_model_row_for_row(pair):
    made, _, people, ((now, then), demand, values) = pair(keeps={})
    alone = compile_graph(then, demand, None, values, attributes=relevant_attributes(now, then)).pathway
    trace = run(made.at(Adoption.at_once(12)), people)
    assert rows(trace, made.pathway) == rows(run(alone, people), alone)
    assert any(name.startswith(AFTER) for name in made.pathway.stages)


def test_a_change_to_the_same_model_changes_nothing_in_anybodys_life(pair):
    made, joint, people, _ = pair(then=NOW)
    changing = run(made.at(months(*np.linspace(0.0, 1.0, 12))), people)
    today = run(joint[0.0], people)
    both = [rows(trace, pathway) for trace, pathway in ((changing, made.pathway), (today, joint[0.0]))]
    assert both[0] == both[1], "a second review has luck of its own, under whichever model"
    reviewed = [row[1] for row in both[1] if row[2] == "says"]
    assert len(reviewed) > len(set(reviewed)), "and some are reviewed twice"


def test_after_a_stage_that_is_a_decision_in_one_model_people_go_on_as_they_came(pair):
    """It leads on to no one stage there, so there is no way to change over to."""
    then = {**NOW, "visit": decision(("home", 0.5), ("homes", "rest"))}
    union, joint, people, _ = pair(then=then)
    pathway = union.at(months(0.0, 0.0, 0.0, 0.5, 1.0))
    used = [pathway.branch_to[row, : pathway.branches[row]] for row in range(len(pathway.branches))]
    assert all((ways >= 0).all() for ways in used)
    assert not any(name == f"{AFTER}visit" for name in pathway.stages)
    run(pathway, people)
    for share in (0.0, 1.0):
        assert rows(run(union.at(months(share)), people), pathway) == rows(run(joint[share], people), joint[share])


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_an_adoption_that_stays_is_a_transfer_of_that_share(pair, share):
    made, joint, people, _ = pair()
    trace = run(made.at(months(share)), people)
    assert rows(trace, made.pathway) == rows(run(joint[share], people), joint[share])


def test_each_month_that_share_of_people_at_the_door_goes_the_new_way(pair):
    made, _, people, _ = pair()
    grows = np.linspace(0.0, 1.0, 12)
    pathway = made.at(months(*grows))
    trace = run(pathway, people)
    door = pathway.index("adoption_community")
    here = trace.where((trace.stage == door) & (trace.event == Event.BRANCH))
    names = pathway.branch_names[pathway.decision[door]]
    for month, share in enumerate(grows):
        start, stop = A_YEAR.month_starts[month : month + 2]
        took = here.value[(here.time >= start) & (here.time < stop)] == names.index("model")
        spread = max((share * (1 - share) / len(took)) ** 0.5, 1e-12)
        assert abs(took.mean() - share) < 4 * spread + 1e-12
    kept = trace.where((trace.stage == pathway.index("adoption_hospital")) & (trace.event == Event.BRANCH))
    assert set(kept.value.tolist()) == {names.index("keeps_source")}


def test_who_follows_the_new_way_early_follows_it_later_too(pair):
    made, _, people, _ = pair()
    pathway = made.at(months(*np.linspace(0.1, 0.9, 12)))
    trace = run(pathway, people)
    asked = np.array([name.startswith(JOINED) for name in pathway.stages])
    here = trace.where(asked[trace.stage] & (trace.event == Event.BRANCH))
    names = pathway.branch_names[pathway.decision[pathway.index("adoption_community")]]
    order = np.lexsort((here.time, here.person))
    who, took = here.person[order], here.value[order] == names.index("model")
    assert not np.any(took[:-1] & ~took[1:] & (who[:-1] == who[1:]))
    assert np.any(~took[:-1] & took[1:] & (who[:-1] == who[1:])), "and some change over"


def test_who_is_in_the_middle_of_a_stage_finishes_it_as_it_began(toys, pair):
    now = {"come": arrival("work"), "work": service("door", constant(40.0, "days")), "door": decision(("a", 1.0)),
           "a": OUT, "ward": arrival("a", "hospital")}  # fmt: skip
    then = {**now, "work": service("door", constant(1.0, "days")), "door": decision(("b", 1.0)), "b": OUT}
    made, _, people, _ = pair(now, then)
    pathway = made.at(months(0.0, 1.0))
    trace = run(pathway, people)
    turn = A_YEAR.month_starts[1]
    start, end = trace.of(Event.START), trace.of(Event.END)
    began = dict(zip(start.person.tolist(), start.time.tolist(), strict=True))
    for who, when in zip(end.person.tolist(), end.time.tolist(), strict=True):
        assert when - began[who] == (40 if began[who] < turn else 1) * 86_400_000
    last = trace.of(Event.OUTCOME)
    for who, when, stage in zip(last.person.tolist(), last.time.tolist(), last.stage.tolist(), strict=True):
        if who in began:
            assert pathway.own_names[stage] == ("b" if when >= turn else "a"), "the next rule is the new one"


def test_each_team_has_its_own_adoption(pair):
    made, _, people, _ = pair()
    assert made.teams == ("team", "visitors", "")
    only = Adoption(("visitors", ""), np.array([[1.0], [0.0]]))
    pathway = made.at(only)
    trace = run(pathway, people)
    stage = {name: pathway.index(name) for name in ("desk", "then.desk", "visit", "then.visit", "then.at_the_hub")}
    seen = {name: int(np.count_nonzero((trace.stage == number) & (trace.event == Event.START)))
            for name, number in stage.items()}  # fmt: skip
    assert seen["then.desk"] == 0 < seen["desk"]
    assert seen["then.at_the_hub"] > 0, "reviews are the visitors'"


def test_teams_and_places_that_both_have_are_one(pair):
    now = {**NOW, "desk": places("door", 3, 24.0)}
    then = {**THEN, "desk": places("door", 3, 24.0)}
    made, _, people, _ = pair(now, then, teams={"visitors": 6})
    pathway = made.at(months(*np.linspace(0.0, 1.0, 12)))
    for name in ("visit", "desk"):
        assert pathway.team[pathway.index(name)] == pathway.team[pathway.index(f"then.{name}")]
    trace = run(pathway, people)
    here = np.isin(trace.stage, [pathway.index("desk"), pathway.index("then.desk")])
    step = np.where(trace.event == Event.START, 1, np.where(trace.event == Event.END, -1, 0)) * here
    assert np.cumsum(step).max() == 3


def test_posts_that_go_leave_the_roster_at_their_month(pair):
    made, _, people, _ = pair(teams={"visitors": 6})
    pathway = made.at(months(0.0))
    july = 2014 * 12 + 6
    fewer = with_practitioners(pathway, "visitors", {july: 1})
    traces = [run(p, people) for p in (pathway, fewer)]
    turn = A_YEAR.tick(A_YEAR.month(3))
    before = [t.where(t.time < turn) for t in traces]
    assert before[0].same_as(replace(before[1], end=before[0].end))
    assert not traces[0].same_as(traces[1])
    assert with_practitioners(pathway, "team", {july: 1}) is pathway, "an unlimited team stays so"


def test_the_compiled_engine_sums_what_the_trace_says(pair):
    from simulation.summaries import summaries
    from simulation.tally import axes, tally

    made, _, people, _ = pair()
    pathway = made.at(months(*np.linspace(0.0, 1.0, 12)))
    names = axes(pathway, ("everybody",) if "everybody" in people.codes else _groups(people), A_YEAR)
    summed = summaries(pathway, people, A_YEAR, A_YEAR.end, 1, 0, names)
    trace = engine_compiled.run(pathway, people, A_YEAR, A_YEAR.end, 1, 0)
    read = tally(trace, pathway, people, names, A_YEAR).arrays()
    assert all(np.array_equal(array, read[name]) for name, array in summed.tally.arrays().items())


def _groups(people):
    return tuple(str(code) for code in range(int(people.codes["client_group"].max()) + 1))


def test_models_of_which_one_cannot_become_the_other_are_refused(pair):
    now = {**NOW, "hub": appointments("door", lead=24.0), "desk": service("hub", 1.0)}
    with pytest.raises(ConfigError, match=r"hub.*slots would be counted twice"):
        pair(now)


def test_a_team_with_other_practitioners_in_the_new_model_is_refused(toys, pair):
    demand = toys.demand(sources={"community": 2000.0, "hospital": 800.0})
    first = toys.model(NOW, name="now", teams={"visitors": 6})
    second = toys.model(THEN, name="then", teams={"visitors": 5})
    values = toys.values(first, second, demand)
    with pytest.raises(ConfigError, match="it is one team in a change"):
        compile_union(of_model(first), of_model(second), demand, None, values, KEEPS)


def test_the_team_of_a_stage(pair):
    *_, ((now, _), _, _) = pair()
    assert [team_of(now, name) for name in ("desk", "door", "kind", "nowhere")] == ["team", "team", "", ""]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_barnets_model_becomes_its_target_row_for_row(shipped, share):
    """Of everybody whose contact falls in two months; people in care at the start too."""
    from datetime import date

    from simulation.calendar import Calendar
    from simulation.population import PopulationMaker

    first, second = shipped["models/barnet_whole"], shipped["models/barnet_target"]
    demand, prices, values = shipped["demand/barnet_whole"], shipped["prices/barnet_whole"], shipped.values()
    keeps = {"source": ["hospital", "transition", "capital_depleted"]} if share == 0 else {}
    calendar = Calendar(date(2016, 4, 1), 2)
    graphs = of_model(first), of_model(second)
    both = compile_union(*graphs, demand, prices, values, keeps)
    made, baseline = both.union, both.nobody
    attributes = tuple(sorted({*relevant_attributes(*graphs), *keeps}))
    pair = [compile_pair(first, second, demand, prices, values, end, keeps, tables=False) for end in (0.0, 1.0)]
    scales = {
        done.pathway.stages[stage].removeprefix("barnet_target."): scale
        for done in pair[: 1 + int(share)] for stage, scale in done.expected.scales.items()
    }  # fmt: skip
    alone = compile_with_scales(graphs[int(share)], demand, prices, values, attributes, scales)
    people = PopulationMaker(demand, values, calendar, repeats=baseline.expected.repeats).make(3, 0)
    end = calendar.end + 200 * 86_400_000
    found = [
        engine_compiled.run(pathway, people, calendar, end, 3, 0)
        for pathway in (made.at(Adoption.at_once(8) if share else Adoption.none(8)), alone)
    ]
    assert rows(found[0], made.pathway, "barnet_target.") == rows(found[1], alone)
    assert found[1].rows > 50_000
