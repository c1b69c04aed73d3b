"""Vehicles as a run needs them: dates, scope, the practitioners who leave, and costs that nobody published.

Dates and staff numbers are typed here from the printed pages, apart from the files that are tested.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.cli import main
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.options import month_number, months_after, vehicle_table
from simulation.reading import SHIPPED
from simulation.schema.printed import NotPublished
from simulation.vehicle_change import RouteChange, capacity_cut, roster_after, routes, scope_by_month
from simulation.vehicle_costs import REQUIRED, Offer, cost_by_year, net_and_rank, offers_of
from simulation.vehicles import board_rating, vehicles_with

VEHICLES = (
    "in_house",
    "nhs_shared_service",
    "joint_venture",
    "local_authority_trading_company",
    "public_service_mutual",
)
STARTS = {  # month, months to full scope, scope at the start, whether print alone gives the dates
    ("in_house", "transformation"): ("2016-03", 24, 0.1, "assumption"),
    ("nhs_shared_service", "section_75"): ("2017-09", 0, 1, "published"),
    ("nhs_shared_service", "accountable_care_organisation"): ("2017-06", 36, 0.1, "assumption"),
    ("joint_venture", "whole"): ("2018-03", 6, 0.5, "assumption"),
    ("local_authority_trading_company", "phased"): ("2017-03", 24, 0.2, "assumption"),
    ("public_service_mutual", "rapid"): ("2016-12", 24, 8 / 120, "published"),
    ("public_service_mutual", "standard"): ("2017-12", 0, 1, "published"),
}
MONTHS = [months_after("2016-01", n) for n in range(60)]


def opened(path: Path) -> tuple[Loaded, Inputs]:
    """A file and its inputs."""
    library = Library()
    inputs = Inputs(library)
    loaded = library.load(path)
    inputs.add(loaded)
    return loaded, inputs


@cache
def vehicle(name: str) -> tuple[Loaded, Inputs]:
    """A shipped vehicle."""
    return opened(SHIPPED / "options" / f"{name}.yaml")


def made(name: str) -> dict[str, RouteChange]:
    """Its routes by central values."""
    loaded, inputs = vehicle(name)
    return {route.route: route for route in routes(loaded, Values(inputs))}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped configs, to be changed."""
    shutil.copytree(SHIPPED, tmp_path / "configs")
    return tmp_path / "configs"


# --- when


def test_every_route_starts_when_the_papers_say_or_says_that_its_dates_are_assumed() -> None:
    found = {
        (name, key): (route.starts, route.months_to_full_scope, pytest.approx(route.scope_at_start), route.dates_status)
        for name in VEHICLES
        for key, route in made(name).items()
    }
    assert found == STARTS


def test_a_date_that_is_assumed_has_a_range_and_one_that_is_printed_a_source() -> None:
    for name in VEHICLES:
        loaded, inputs = vehicle(name)
        for key, route in loaded.config.vehicle.change.routes.items():
            rests = [inputs.inputs[k].evidence for k in inputs.rests_on(inputs.key_of(route.starts))]
            assert all(item is not None and item.range is not None for item in rests), (name, key)
            published = STARTS[name, key][3] == "published"
            assert all((item.source is not None) == published for item in rests if item is not None), (name, key)


def test_an_assumed_date_without_a_range_is_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copy / "options" / "joint_venture.yaml"
    text, count = re.subn(r"(        scope_at_start: .*), range: \{.*?\}\}", r"\1}", path.read_text(encoding="utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")
    assert main(["validate", str(path)]) == 2
    assert "an assumption that a run rests on needs a range" in capsys.readouterr().err.lower()


def test_dates_are_not_printed_where_the_scope_they_begin_with_is_assumed(copy: Path) -> None:
    path = copy / "options" / "public_service_mutual.yaml"
    text, count = re.subn(
        r"        scope_at_start: \{value: 1, .*",
        '        scope_at_start: {value: 0.9, status: assumption, why: "for a test", '
        'range: {low: 0.5, high: 1, why: "for a test"}}',
        path.read_text(encoding="utf-8"),
    )
    assert count == 1
    path.write_text(text, encoding="utf-8")
    loaded, inputs = opened(path)
    found = {route.route: route.dates_status for route in routes(loaded, Values(inputs))}
    assert found == {"rapid": "published", "standard": "assumption"}


def test_shropshires_growth_in_staff_is_nearly_even_as_the_rapid_route_takes_it() -> None:
    scope = scope_by_month(made("public_service_mutual")["rapid"], ["2016-12", "2017-12", "2018-12"])
    assert scope == pytest.approx([8 / 120, 66 / 120, 1], abs=0.02)


def test_the_routes_of_a_vehicle_differ_in_dates_only_and_say_that_they_share_a_total() -> None:
    for name in VEHICLES:
        all_routes = list(made(name).values())
        first = all_routes[0]
        for route in all_routes:
            same = replace(
                route,
                route=first.route,
                title=first.title,
                starts=first.starts,
                months_to_full_scope=first.months_to_full_scope,
                scope_at_start=first.scope_at_start,
                dates_status=first.dates_status,
            )
            assert same == first
        said = vehicle(name)[0].config.vehicle.change.shares_total
        assert (said is not None) == (len(all_routes) > 1)


def test_vehicles_differ_only_by_dates_published_totals_and_the_boards_factor() -> None:
    """No effect on culture and no share of its own: what no source tells apart is the same for all."""
    for seed_draw in (None, 0, 1, 2):
        shares = set()
        for name in VEHICLES:
            loaded, inputs = vehicle(name)
            values = Values(inputs) if seed_draw is None else Values(inputs, inputs.drawn(1, seed_draw))
            for route in routes(loaded, values):
                shares.add(
                    (
                        route.capacity_share,
                        route.capacity_from,
                        route.capacity_to,
                        route.recurring_share,
                        route.in_scope_budget,
                        route.delivers,
                    )
                )
        assert len(shares) == 1


@pytest.mark.parametrize("name", VEHICLES)
def test_no_draw_of_the_inputs_leaves_the_bounds(name: str) -> None:
    loaded, inputs = vehicle(name)
    starts = set()
    for draw in range(60):
        for route in routes(loaded, Values(inputs, inputs.drawn(7, draw))):
            starts.add(route.starts)
            scope = scope_by_month(route, MONTHS)
            gone = capacity_cut(route, MONTHS)
            assert ((scope >= 0) & (scope <= 1)).all() and (np.diff(scope) >= 0).all()
            assert ((gone >= 0) & (gone < 0.15)).all() and (np.diff(gone) >= 0).all()
            assert month_number(route.capacity_from) < month_number(route.capacity_to)
    assert len(starts) > 3, "dates are drawn too"


# --- who leaves


def test_the_share_of_practitioners_gone_is_the_savings_part_of_the_budget() -> None:
    route = replace(made("in_house")["transformation"], capacity_share=0.5, recurring_share=1.0)
    months = ["2016-09", "2017-04", "2018-04", "2019-04", "2020-03"]
    full = 0.5 * 1_677_660 / 14_603_108
    assert capacity_cut(route, months) == pytest.approx([0, 0, full / 2, full, full])
    third = replace(route, recurring_share=1 / 3)
    assert capacity_cut(third, months) == pytest.approx(np.array([0, 0, full / 2, full, full]) / 3)
    at_once = replace(route, capacity_to="2017-04")
    assert capacity_cut(at_once, months) == pytest.approx([0, full, full, full, full])


def test_an_even_run_of_leavers_to_april_2019_saves_as_much_as_three_yearly_steps() -> None:
    gone = capacity_cut(made("in_house")["transformation"], [months_after("2017-04", n) for n in range(36)])
    steps = np.repeat([1, 2, 3], 12) / 3 * gone.max()
    assert gone.sum() == pytest.approx(steps.sum(), rel=0.03)


def test_a_vehicle_that_spends_more_takes_nobody_away() -> None:
    route = replace(made("in_house")["transformation"], efficiency_saving=-1)
    assert capacity_cut(route, MONTHS).max() == 0


def test_practitioners_leave_whole_and_small_teams_lose_their_part() -> None:
    teams = {f"team_{letter}": 7 for letter in "abcde"}
    left = roster_after(teams, 0.05)  # 0.35 of each team: rounded team by team nobody would go
    assert sum(left.values()) == 35 - 2
    assert roster_after({"only": 10}, 0.05) == {"only": 9}  # half a person is a whole one
    assert roster_after({"only": 10}, 0.049) == {"only": 10}
    assert roster_after({"big": 30, "small": 10}, 0.1) == {"big": 27, "small": 9}
    with pytest.raises(ValueError, match="no share"):
        roster_after({"only": 10}, 1.01)


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 40), min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_cut_never_gives_a_practitioner_back(teams: dict[str, int], one: float, other: float) -> None:
    less, more = sorted((one, other))
    before, after = roster_after(teams, less), roster_after(teams, more)
    assert all(0 <= after[name] <= before[name] <= teams[name] for name in teams)
    gone = sum(teams.values()) - sum(after.values())
    assert abs(gone - more * sum(teams.values())) <= 0.5 + 1e-6
    assert list(after) == list(teams)


# --- what it costs


def offers(**costs: float | None) -> dict[str, Offer]:
    """Two vehicles over three years, the second without any cost."""
    first = vehicle_table(1000, 100, 2000, 0.9, 200)
    second = vehicle_table(1000, 80, 2000, 0.85, 200)
    nothing = dict.fromkeys(REQUIRED, 0.0)
    return {
        "first": Offer("First", first, {**nothing, **costs}, 3),
        "second": Offer("Second", second, nothing, 3),
    }


def test_a_ranking_is_withheld_while_a_cost_is_unknown_and_the_extra_cost_stands_in_its_place() -> None:
    found = net_and_rank(offers(vat=None, exit=None))
    assert found.net is None and found.ranks is None
    assert found.missing == {"first": ("vat", "exit")}
    assert "withheld" in found.reason and "First: VAT and exit" in found.reason and "Second" not in found.reason
    assert (found.leader, found.leads["second"].total, found.leads["second"].efficiency) == ("first", 120, 20)


def test_a_cost_that_is_left_out_is_unknown_and_not_nought() -> None:
    known = offers()
    known["first"] = replace(known["first"], costs={"set_up": 5.0})
    found = net_and_rank(known)
    assert found.net is None and found.missing["first"] == REQUIRED[1:]
    with pytest.raises(ValueError, match="not published: VAT"):
        cost_by_year({"set_up": 5.0}, 3)


def test_with_every_cost_known_net_savings_and_ranks_are_worked_out() -> None:
    found = net_and_rank(offers(set_up=50, vat=20, redundancy=7, exit=6))
    assert found.net == {"first": 1900 - 50 - 3 * 20 - 7 - 6, "second": 1780}
    assert found.ranks == {"first": 2, "second": 1} and found.reason == "" and found.missing == {}
    assert cost_by_year(offers(set_up=50, vat=20, redundancy=7, exit=6)["first"].costs, 3) == [77, 20, 26]


def test_an_extra_cost_of_the_lead_itself_makes_two_vehicles_equal() -> None:
    lead = net_and_rank(offers()).leads["second"].total
    found = net_and_rank(offers(set_up=lead))
    assert found.net is not None and found.net["first"] == found.net["second"]
    assert found.ranks == {"first": 1, "second": 1}


def test_the_shipped_ranking_is_withheld_and_the_mutuals_lead_ends_at_its_published_costs() -> None:
    loaded, inputs = vehicle("public_service_mutual")
    values = Values(inputs)
    found = net_and_rank(offers_of(vehicles_with(loaded, values), values))
    assert found.net is None and found.leader == "public_service_mutual"
    assert found.missing == dict.fromkeys(found.missing, REQUIRED) and len(found.missing) == 5
    ahead = found.leads["in_house"]
    assert (ahead.total, ahead.judged, ahead.efficiency) == (1_738_948, 1_310_710, 428_238)


def test_filled_in_costs_bring_the_ranking_back(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in VEHICLES:
        path = copy / "options" / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        for cost in REQUIRED:
            pounds = 500_000 if name == "public_service_mutual" and cost == "vat" else 0
            given_cost = f"    {cost}: {{value: {pounds}, status: assumption, why: for a test}}"
            text, count = re.subn(rf"^    {cost}: \{{not_published:.*$", given_cost, text, flags=re.MULTILINE)
            assert count == 1
        path.write_text(text, encoding="utf-8")
    assert main(["validate", str(copy / "options")]) == 0
    assert main(["options", str(copy / "options" / "public_service_mutual.yaml")]) == 0
    told = capsys.readouterr().out
    assert f"Net of required costs: £{14_557_643 - 3 * 500_000:,}, rank 1." in told
    assert "withheld" not in told


# --- what is said


def test_nothing_is_published_on_practitioners_and_the_assumption_stands_apart_from_that() -> None:
    for name in VEHICLES:
        change = vehicle(name)[0].config.vehicle
        assert isinstance(change.practitioner_share, NotPublished)
        assert change.change.capacity_share.status == "assumption" and len(change.change.capacity_share.why) > 80


def test_the_boards_rating_is_on_its_scale() -> None:
    assert {name: board_rating(vehicle(name)[0]) for name in VEHICLES} == {
        "in_house": "MEDIUM",
        "nhs_shared_service": "HIGH",
        "joint_venture": "LOW",
        "local_authority_trading_company": "LOW",
        "public_service_mutual": "HIGH",
    }


def test_options_tell_what_a_run_needs_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["options", str(SHIPPED / "options" / "public_service_mutual.yaml")]) == 0
    told = capsys.readouterr().out
    assert (
        "starts December 2016 with 7% of the service, all of it from December 2018; these dates are as printed" in told
    )
    assert "Its routes differ in dates only: one total is printed" in told
    assert "40% is taken to be practitioners' time (an assumption, 0% to 80%)" in told
    assert "if the board's factor for Public service mutual were 81.7% instead of 95%, beside 85% for In-house" in told
    assert "ranking are withheld, because required costs are not published" in told
    assert main(["options", str(SHIPPED / "options" / "joint_venture.yaml")]) == 0
    assert "these dates are an assumption" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["validate", "options"])
def test_a_vehicle_without_a_date_ends_in_a_sentence_with_file_and_line(
    copy: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy / "options" / "joint_venture.yaml"
    text = path.read_text(encoding="utf-8")
    spoilt = re.sub(r"^        starts: .*\n", "", text, flags=re.MULTILINE)
    path.write_text(spoilt, encoding="utf-8")
    line = spoilt[: spoilt.index("      whole:")].count("\n") + 1
    assert main([command, str(path)]) == 2
    told = capsys.readouterr().err
    assert f"joint_venture.yaml:{line}: 'starts' is missing from vehicle.change.routes.whole. Add starts:." in told
