"""The systems of the documents as models: what each must reproduce, and interventions laid over them once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import DAY, live

from agents.codes import Event
from experiments.matching import expected_by_source
from experiments.plan import prepare, prices_of
from simulation.calendar import Calendar
from simulation.compiler import compile_graph
from simulation.errors import ConfigError
from simulation.graph import joined, of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.population import PopulationMaker
from simulation.reading import SHIPPED

NEL = {  # stage, branch: printed for January to March 2012
    ("what_the_call_is_about", "service_user"): 2915,
    ("answered_how", "duty_triage"): 410,
    ("answered_how", "complex"): 60,
    ("duty_triage", "resolved"): 127,
    ("duty_triage", "case_worker"): 283,
}
ENGLAND = {  # £m a year, lines 627-693 of the report
    "newton_enablement_older": 867,
    "newton_enablement_learning_disability": 261,
    "newton_own_home_older": 178,
    "newton_community_connection": 95,
    "newton_supported_living": 74,
    "newton_trusted_providers": 75,
}
MODELS = sorted(path.stem for path in (SHIPPED / "models").glob("*.yaml"))
QUARTER = Calendar(date(2013, 1, 1), 3)


def demand_of(model, library):
    """A model's own contacts: those of its name, or else those in its ``uses``."""
    named = SHIPPED / "demand" / f"{model.config.name}.yaml"
    used = [reference for reference in model.config.uses if reference.startswith("demand/")]
    return library.load(named) if named.is_file() else library.referred(used[0], model, ("uses",))


@pytest.fixture(scope="module")
def compiled(shipped):
    """Each shipped model compiled on its own contacts, once."""
    known = {}

    def compile_once(name):
        if name not in known:
            model = shipped[f"models/{name}"]
            demand, prices = demand_of(model, shipped.library), prices_of(model, shipped.library)
            known[name] = compile_graph(of_model(model), demand, prices, shipped.values())
        return known[name]

    return compile_once


def yearly(done):
    """Expected people a year through each branch, by (stage, branch)."""
    pathway = done.pathway
    return {
        (pathway.stages[stage], name): done.expected.branch[:, pathway.decision[stage], b].sum() * 365
        for stage in np.flatnonzero(pathway.decision >= 0)
        for b, name in enumerate(pathway.branch_names[pathway.decision[stage]])
    }


def reaching(done, stage):
    """Expected people a year who reach a stage."""
    return done.expected.reach[:, done.pathway.index(stage)].sum() * 365


# --- every shipped model


@pytest.mark.parametrize("name", MODELS)
def test_each_shipped_model_runs_one_replication_of_three_months(name, shipped, compiled):
    done = compiled(name)
    demand = demand_of(shipped[f"models/{name}"], shipped.library)
    maker = PopulationMaker(demand, shipped.values(), QUARTER, repeats=done.expected.repeats)
    people = maker.make(1, 0)
    trace = live(done.pathway, people, QUARTER, QUARTER.end)
    contacts = trace.of(Event.CONTACT)
    assert contacts.rows > 0
    assert set(contacts.person.tolist()) <= set(people.person.tolist())
    assert trace.of(Event.OUTCOME).rows > 0


# --- North East Lincolnshire


def test_the_quarter_of_north_east_lincolnshire_comes_out_as_printed(compiled):
    flows = yearly(compiled("nel_focus"))
    assert sum(compiled("nel_focus").expected.contacts) * 365 == pytest.approx(12_971, rel=1e-11)
    for branch, count in NEL.items():
        assert flows[branch] == pytest.approx(count, rel=1e-11), branch


def test_each_printed_count_of_north_east_lincolnshire_stands_on_its_branch(shipped):
    model = shipped["models/nel_focus"]
    values = shipped.values()
    shown = {
        (name, branch.name): values.of(branch.published.n, model.ref)
        for name, stage in model.config.stages.items()
        if stage.kind == "decision"
        for branch in stage.branches
        if branch.published is not None and branch.published.n is not None
    }
    assert shown == NEL


def test_calls_come_in_the_printed_quarter_and_month_by_month(shipped):
    year = Calendar(date(2014, 4, 1), 12)
    people = PopulationMaker(shipped["demand/nel_2012"], shipped.values(), year).make(3, 0)
    winter = Calendar(date(2014, 4, 1), 9).end
    assert people.time.min() >= winter
    for count, (first, stop) in zip((4321, 4225, 4425), ((0, 31), (31, 59), (59, 90)), strict=True):
        seen = np.sum((people.time >= winter + first * DAY) & (people.time < winter + stop * DAY))
        assert abs(seen - count) < 4 * count**0.5


def test_three_in_five_calls_have_no_stated_destination_and_nobody_is_funded(compiled):
    done = compiled("nel_focus")
    assert yearly(done)["answered_how", "not_stated"] / 2915 == pytest.approx(0.615, abs=0.01)
    assert "package" not in {str(kind) for kind in done.pathway.care_types}
    assert not sum(expected_by_source(done, "funded_package").values())


# --- Somerset and the locality front door


def test_somersets_shares_come_out_and_hospital_keeps_barnets_path(compiled):
    done, today = compiled("somerset_front_door"), compiled("barnet_2014_15")
    flows = yearly(done)
    resolved = expected_by_source(done, "resolved_at_first_contact")["community"]
    assert resolved / 6212 == pytest.approx(0.62, rel=1e-11)
    assert reaching(done, "same_day_call_back") == pytest.approx(6212 * 0.38, rel=1e-11)
    assert flows["triage", "community_solution"] == pytest.approx(0.15 * 6212 * 0.38, rel=1e-11)
    for measure in ("contact", "resolved_at_first_contact", "full_assessment", "funded_package"):
        ours, barnets = (expected_by_source(each, measure)["hospital"] for each in (done, today))
        assert ours == pytest.approx(barnets, rel=1e-11), measure


def test_laid_on_barnet_somerset_resolves_fewer_than_barnet_which_its_file_says(shipped, compiled):
    """62% of calls is not 66% of contacts: whoever reads the difference as an effect is warned in the file."""
    ours, barnets = (
        expected_by_source(compiled(name), "resolved_at_first_contact")["community"]
        for name in ("somerset_front_door", "barnet_2014_15")
    )
    assert ours < barnets
    told = " ".join(item.why for item in shipped["models/somerset_front_door"].config.not_modelled)
    assert "not like for like" in told


def test_a_locality_front_door_sees_84_per_cent_more_in_four_weeks_and_funds_as_many(shipped, compiled):
    from scipy.stats import lognorm

    values = shipped.values()
    sigma = 0.6
    shares = [
        float(lognorm.cdf(28, sigma, scale=mean * np.exp(-sigma * sigma / 2)))
        for mean in (33.9, values.of("locality_assessment_days", "models/locality_front_door"))
    ]
    assert shares[1] / shares[0] == pytest.approx(1.84, abs=0.02)
    done, today = compiled("locality_front_door"), compiled("barnet_2014_15")
    assert reaching(done, "care_home") == pytest.approx(0.85 * reaching(today, "care_home"), rel=1e-9)
    assert expected_by_source(done, "funded_package") == pytest.approx(expected_by_source(today, "funded_package"))


# --- Barnet's target operating model


def test_people_from_hospital_keep_todays_path_in_the_target_model(shipped):
    """Row for row, in a run where hubs could run out of slots for others: nothing at a hub touches them."""
    first, second = (of_model(shipped[f"models/{name}"]) for name in ("barnet_whole", "barnet_target"))
    demand, prices = shipped["demand/barnet_whole"], shipped["prices/barnet_whole"]
    months = Calendar(date(2014, 4, 1), 4)
    attributes = ("can_travel", "client_group", "means", "source")
    today = compile_graph(first, demand, prices, shipped.values(), attributes=attributes)
    scales = {today.pathway.stages[stage]: scale for stage, scale in today.expected.scales.items()}
    target = compile_graph(second, demand, prices, shipped.values(), attributes=attributes, scales=scales)
    maker = PopulationMaker(demand, shipped.values(), months, repeats=today.expected.repeats)
    people = maker.make(7, 0)
    hospital = people.codes["source"] == maker.space["source"].index("hospital")
    who = people.person[hospital]
    lives = []
    for done in (today, target):
        trace = live(done.pathway, people, months, months.end)
        own = trace.where(np.isin(trace.person, who))
        hubs = {"hub_appointment", "hub_assessment", "planned_review_at_hub", "unplanned_review_at_hub"}
        names = np.array(done.pathway.stages)[own.stage]
        assert not hubs & set(names.tolist())
        # Two decisions of the target model send them on at once; everything else must be the same.
        kept = ~np.isin(names, ["where_to_be_seen", "planned_review_where", "unplanned_review_where"])
        told = np.isin(own.event, (Event.HAZARD, Event.REVIEW, Event.REVIEWED))  # their value is a stage
        value = np.where(told, np.array(done.pathway.stages)[np.where(told, own.value, 0)], own.value.astype(str))
        rows = zip(own.person.tolist(), own.time.tolist(), names, own.event.tolist(), value, kept, strict=True)
        lives.append(sorted(row[:5] for row in rows if row[5]))
    assert len(lives[0]) > 3_000
    assert lives[0] == lives[1]


def test_hospital_people_are_funded_as_today_in_the_target_model(compiled):
    target, today = compiled("barnet_target"), compiled("barnet_whole")
    for measure in ("contact", "resolved_at_first_contact", "full_assessment", "funded_package", "enablement"):
        ours, barnets = (expected_by_source(done, measure)["hospital"] for done in (target, today))
        assert ours == pytest.approx(barnets, rel=1e-9), measure
    assert expected_by_source(target, "hub_appointment")["hospital"] == 0
    assert expected_by_source(target, "home_visit")["hospital"] == 0


def test_the_target_models_community_shares_are_those_of_its_sources(compiled):
    done = compiled("barnet_target")
    flows = yearly(done)
    resolved = expected_by_source(done, "resolved_at_first_contact")["community"]
    assert resolved / 6212 == pytest.approx(0.75, rel=1e-9)
    hub, home = flows["where_to_be_seen", "hub"], flows["where_to_be_seen", "home_visit"]
    assert home / (hub + home) == pytest.approx(0.2, rel=0.05)  # a little more where those who come again differ
    seen = flows["hub_conversation", "resolved"] + flows["hub_conversation", "full_assessment"]
    assert flows["hub_conversation", "resolved"] / seen == pytest.approx(0.88, rel=1e-9)
    assert seen / hub == pytest.approx(1 - 0.1**3, rel=1e-9), "three appointments missed and nobody is booked again"


def test_hub_appointments_come_within_two_weeks_and_only_to_those_who_can_travel(shipped, compiled):
    done = compiled("barnet_target")
    months = Calendar(date(2014, 4, 1), 6)
    demand = shipped["demand/barnet_whole"]
    maker = PopulationMaker(demand, shipped.values(), months, repeats=done.expected.repeats)
    people = maker.make(5, 0)
    trace = live(done.pathway, people, months, months.end)
    travels = dict(zip(people.person.tolist(), people.codes["can_travel"].tolist(), strict=True))
    can = maker.space["can_travel"].index("true")
    for stage in ("hub_appointment", "hub_assessment", "planned_review_at_hub", "unplanned_review_at_hub"):
        own = trace.where(trace.stage == done.pathway.index(stage))
        joined_at, waits, missed = {}, [], set()
        for person, event, time in zip(own.person.tolist(), own.event.tolist(), own.time.tolist(), strict=True):
            assert travels[person] == can
            if event == Event.JOIN:
                joined_at[person] = time
            elif event == Event.MISSED:
                missed.add(person)
            elif event == Event.START and person not in missed:
                waits.append((time - joined_at[person]) / DAY)
        assert len(waits) > 20
        assert np.mean(np.array(waits) <= 14) > 0.95, stage
        assert min(waits) >= 4, "nobody is seen before the lead time is over"
    visits = trace.where(trace.stage == done.pathway.index("home_visit"))
    assert visits.rows > 0
    assert all(travels[person] != can for person in visits.person.tolist())


def test_home_visits_come_within_four_weeks(compiled):
    done = compiled("barnet_target")
    stage = done.pathway.index("waiting_for_home_visit")
    family, numbers, ticks = done.laws[int(done.pathway.duration[stage].max())]
    assert family == "uniform"
    assert numbers["high"] * ticks == 28 * DAY


def test_seventy_per_cent_of_newly_funded_older_people_from_the_community_are_enabled(compiled):
    done = compiled("barnet_target")
    pathway, expected = done.pathway, done.expected
    row = pathway.decision[pathway.index("first_support")]
    names = pathway.branch_names[row]
    both = [names.index(name) for name in ("enablement", "more_enablement")]
    for kind, person in enumerate(pathway.types.each()):
        if person["source"] == "community" and person["client_group"] == "older_people":
            here = expected.branch[kind, row]
            if person["means"] == "above_limit":
                assert here.sum() == 0
                continue
            assert here[both].sum() / here.sum() == pytest.approx(0.70, rel=1e-9)


def test_separate_streams_are_left_out_with_a_reason(shipped):
    for name in ("barnet_whole", "barnet_target", "barnet_with_newton", "nel_focus", "somerset_front_door"):
        told = " ".join(item.what for item in shipped[f"models/{name}"].config.not_modelled).lower()
        assert "safeguarding" in told and "deprivation of liberty" in told and "carers" in told, name
    for name in ("barnet_whole", "barnet_target"):
        assert any(stage.kind == "arrival" and stage.source == "transition"
                   for stage in shipped[f"models/{name}"].config.stages.values())  # fmt: skip


def test_the_target_experiment_compares_hospital_with_itself():
    prepared = prepare(SHIPPED / "experiments" / "barnet_target.yaml")
    none, half, full = prepared.comparison.scenarios
    assert (none.transfer, half.transfer, full.transfer) == (0, 0.5, 1)
    for measure in ("contact", "funded_package"):
        ends = [expected_by_source(scenario.compiled, measure) for scenario in (none, half, full)]
        for source in ("hospital", "transition", "capital_depleted"):
            assert ends[0][source] == pytest.approx(ends[2][source], rel=1e-9), (measure, source)
    packages = [funded_from(scenario.compiled, "community") for scenario in (none, half, full)]
    assert packages[0] == pytest.approx(1982 - 0.1977 * 3814, rel=1e-9)
    # Not quite half-way: each scenario has 10,026 contacts, and how many of them are repeats differs.
    assert packages[1] == pytest.approx((packages[0] + packages[2]) / 2, rel=0.03)
    assert packages[0] > packages[1] > packages[2] > 0


def funded_from(done, source):
    """People of a source a year who pass the means test, under either model."""
    pathway = done.pathway
    rows = [kind for kind, person in enumerate(pathway.types.each()) if person["source"] == source]
    tests = [pathway.decision[s] for s, name in enumerate(pathway.stages) if name.endswith("means_test")]
    return sum(
        done.expected.branch[rows, test, pathway.branch_names[test].index("funded")].sum() * 365 for test in tests
    )


# --- interventions


def interventions():
    library = Library()
    return {path.stem: library.load(path) for path in sorted((SHIPPED / "interventions").glob("*.yaml"))}


def laid(folder: Path, *applied: str, extends: str = "barnet_whole", replace_them: bool = False):
    """A model of one's own with interventions applied."""
    content = {
        "kind": "model",
        "name": "mine",
        "extends": extends,
        "interventions": [{"apply": name, **({"replace": True} if replace_them else {})} for name in applied],
    }
    path = folder / "models" / "mine.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return Library().load(path)


def values_of(model):
    library = Library()
    inputs = Inputs(library)
    inputs.add(model)
    values = Values(inputs)
    return lambda name: values.of(name, model.ref)


def test_the_six_interventions_come_to_1550_million_pounds_for_england():
    found = {
        name: Values(_inputs(loaded)).at(loaded.config.england_offset, loaded, ("england_offset",))
        for name, loaded in interventions().items()
    }
    assert {name: pounds / 1e6 for name, pounds in found.items()} == ENGLAND
    assert sum(found.values()) == 1_550_000_000


def _inputs(loaded):
    inputs = Inputs(Library())
    inputs.add(loaded)
    return inputs


def test_each_intervention_is_told_as_an_opportunity_benefit_and_works_by_a_mechanism_of_its_own():
    found = [loaded.config for loaded in interventions().values()]
    assert len({config.mechanism for config in found}) == len(found) == 6
    for config in found:
        assert "opportunity benefit" in config.caution and "not a saving" in config.caution
        assert config.changes.parameters or config.changes.stages


@pytest.mark.parametrize("name", sorted(ENGLAND))
def test_each_intervention_alone_compiles_on_barnet_and_changes_something(name, tmp_path, compiled):
    model = laid(tmp_path, name)
    library = Library()
    inputs = Inputs(library)
    inputs.add(model)
    demand, prices = demand_of(model, library), prices_of(model, library)
    done = compile_graph(of_model(model), demand, prices, Values(inputs), tables=False)
    assert done.pathway.content_hash() != compiled("barnet_whole").pathway.content_hash()
    today = compiled("barnet_whole")
    if name == "newton_own_home_older":
        homes = [expected_homes(each) for each in (today, done)]
        assert homes[1] < homes[0]
    if name == "newton_enablement_older":
        enabled = [sum(expected_by_source(each, "enablement").values()) for each in (today, done)]
        assert enabled[1] / enabled[0] == pytest.approx(1.4, abs=0.03)  # 40% more, of people over 65


def expected_homes(done):
    """People a year over 65 from the community and hospital whose care begins in a care home."""
    pathway = done.pathway
    rows = [k for k, p in enumerate(pathway.types.each()) if p["source"] in ("community", "hospital")]
    return done.expected.reach[rows, pathway.index("care_home_kind")].sum() * 365


def test_eighteen_per_cent_fewer_older_people_begin_in_a_care_home(tmp_path):
    plain, changed = values_of(laid(tmp_path)), values_of(laid(tmp_path, "newton_own_home_older"))
    assert changed("older_to_homes") == pytest.approx(0.82 * plain("older_to_homes"))


def test_people_bound_for_a_care_home_are_counted_once(tmp_path):
    alone = values_of(laid(tmp_path, "newton_enablement_older"))
    both = values_of(laid(tmp_path, "newton_own_home_older", "newton_enablement_older"))
    assert alone("newton_homes_counted_elsewhere") == 0
    assert both("newton_homes_counted_elsewhere") == 1
    whole = min(0.95, both("enablement_saves") / both("older_long_term_cost"))
    assert both("enablement_effect") == pytest.approx(whole * (1 - both("older_to_homes")))


def test_connection_does_less_where_providers_already_adjust_packages(tmp_path):
    alone = values_of(laid(tmp_path, "newton_community_connection"))
    both = values_of(laid(tmp_path, "newton_community_connection", "newton_trusted_providers"))
    assert alone("newton_connection_older") == pytest.approx(0.047)
    assert both("newton_connection_older") == pytest.approx(0.047 * 0.8)
    assert both("newton_connection") == pytest.approx(0.047), "people under 65 have no such provider"


def test_a_model_that_has_the_mechanism_already_refuses_it(tmp_path):
    for name, mechanism in (
        ("newton_enablement_older", "enablement_first"),
        ("newton_community_connection", "community_connection"),
    ):
        with pytest.raises(ConfigError, match=f"already has the mechanism '{mechanism}'"):
            laid(tmp_path, name, extends="barnet_target")


def test_replace_puts_it_in_the_others_place(tmp_path):
    target = values_of(laid(tmp_path, extends="barnet_target"))
    replaced = values_of(laid(tmp_path, "newton_enablement_older", extends="barnet_target", replace_them=True))
    assert replaced("enablement_saves") == 8700 != target("enablement_saves")
    reach = replaced("newton_more_enabled") * replaced("older_enablement_reach") / replaced("older_long_term_at_once")
    assert replaced("enablement_extra_reach") == pytest.approx(min(1.0, reach))
    assert target("enablement_extra_reach") != pytest.approx(replaced("enablement_extra_reach"))


def test_a_model_says_which_mechanisms_it_has_after_interventions(tmp_path, shipped):
    assert set(shipped["models/barnet_with_newton"].config.mechanisms) >= {
        loaded.config.mechanism for loaded in interventions().values()
    }
    with pytest.raises(ConfigError, match="already has the mechanism 'supported_living'"):
        laid(tmp_path, "newton_supported_living", extends="barnet_with_newton")


def test_all_six_leave_fewer_in_care_homes_and_touch_no_contact(compiled):
    today, changed = compiled("barnet_whole"), compiled("barnet_with_newton")
    for measure in ("contact", "resolved_at_first_contact"):
        assert expected_by_source(changed, measure) == pytest.approx(expected_by_source(today, measure), rel=2e-3)
    assert reaching(changed, "residential") < reaching(today, "residential")
    assert reaching(changed, "supported_living") > reaching(today, "supported_living")


def test_each_cut_of_hours_is_the_printed_one(shipped, compiled):
    pathway = compiled("barnet_with_newton").pathway
    cuts = {
        "learning_disability_fewer_hours": 0.92,
        "connected_older": 1 - 0.047 * 0.8,
        "connected_younger": 1 - 0.047,
        "provider_adjusts": 0.95,
    }
    for stage, factor in cuts.items():
        assert pathway.set_care[pathway.index(stage)] == round(1000 * factor)
    values = shipped.values()
    size = values.of("newton_move_size", "models/barnet_with_newton")
    assert size * 800 == pytest.approx(1377 - 122)
    assert pathway.set_care[pathway.index("moves_with_support")] == round(1000 * size)


def test_interventions_join_a_comparison_as_models_do(shipped):
    first, second = (of_model(shipped[f"models/{name}"]) for name in ("barnet_whole", "barnet_with_newton"))
    both = joined(first, second, 1.0, {"source": ["hospital"]})
    done = compile_graph(
        both, shipped["demand/barnet_whole"], shipped["prices/barnet_whole"], shipped.values(), tables=False
    )
    assert "barnet_with_newton.connected_where" in done.pathway.stages
