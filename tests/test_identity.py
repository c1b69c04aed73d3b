"""A person is who they are, whatever else is in the model; a name is a number, and one number means one name."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import yaml

from simulation.calendar import Calendar
from simulation.errors import DemandflowError
from simulation.identity import PURPOSES, cell_id, draw_id, refuse_collisions
from simulation.population import Population

TWO = Calendar(date(2016, 4, 1), 2)
RATES = {"community": 3000.0, "hospital": 2000.0}
GROUPS = {"older_people": 0.6, "other": "rest"}


def described(people: Population, space) -> dict[int, tuple]:
    """Each person and all that is known of them, by identity, in words."""
    return {
        int(people.person[i]): (
            *(space[name][people.codes[name][i]] for name in sorted(people.codes)),
            int(people.time[i]),
            float(people.rank[i]),
            float(people.hours[i]),
            bool(people.eligible[i]),
        )
        for i in range(people.size)
    }


def made(toys, calendar=TWO, replication=0, **demand):
    maker = toys.maker(toys.demand(**{"sources": RATES, "groups": GROUPS, **demand}), calendar)
    return described(maker.make(11, replication), maker.space)


def test_a_higher_rate_only_adds_people_and_renames_nobody(toys):
    few = made(toys)
    many = made(toys, sources={"community": 9000.0, "hospital": 2000.0})
    assert len(many) > 1.5 * len(few)
    assert few.items() <= many.items()


def test_a_higher_rate_adds_only_higher_numbers_within_a_cell(toys):
    few = set(made(toys))
    many = set(made(toys, sources={"community": 9000.0, "hospital": 2000.0}))
    last = {}
    for person in few:
        last[person >> 32] = max(last.get(person >> 32, 0), person & 0xFFFFFFFF)
    assert all((p & 0xFFFFFFFF) > last.get(p >> 32, 0) for p in many - few)


def test_another_source_changes_nobody(toys):
    without = made(toys)
    with_third = made(toys, sources={**RATES, "carer": 500.0})
    assert without.items() <= with_third.items()
    assert {who[-5] for person, who in with_third.items() if person not in without} == {"carer"}


def test_another_client_group_changes_nobody_in_the_groups_there_were(toys):
    before = made(toys, groups={"older_people": 0.6, "other": "rest"})
    after = made(toys, groups={"autism": 0.1, "older_people": 0.6, "other": "rest"})
    older = {person: who for person, who in before.items() if "older_people" in who}
    assert older.items() <= after.items()
    both = before.keys() & after.keys()
    assert all(before[person] == after[person] for person in both)


def test_reordering_keys_changes_nobody(toys):
    demand = toys.demand(sources=RATES, groups=GROUPS)
    straight = toys.maker(demand, TWO).make(11, 0)
    data = yaml.safe_load(demand.document.path.read_text(encoding="utf-8"))

    def backwards(value):
        return {k: backwards(value[k]) for k in reversed(value)} if isinstance(value, dict) else value

    turned = toys.maker(toys.fresh(toys.write("demand", "toy", backwards(data))), TWO)
    again = turned.make(11, 0)
    assert described(straight, toys.maker(demand, TWO).space) == described(again, turned.space)


def test_another_start_date_changes_nobody_but_the_clock(toys):
    april, may = made(toys), made(toys, calendar=Calendar(date(2016, 5, 1), 1))
    shift = 30 * 86_400_000
    assert len(may) > 100
    for person, who in may.items():
        *rest, time, rank, hours, eligible = april[person]
        assert (*rest, time - shift, rank, hours, eligible) == who


def test_another_population_or_replication_shares_nobodys_luck(toys):
    here = made(toys)
    assert not here.keys() & made(toys, population="elsewhere").keys()
    other = made(toys, replication=1)
    both = here.keys() & other.keys()
    assert len(both) > 300
    assert all(here[p][-3] != other[p][-3] for p in both)


def test_an_extra_attribute_value_is_the_only_thing_that_changes(toys):
    """Another split of one attribute leaves every other attribute of every person alone."""
    before = toys.maker(toys.demand(sources=RATES), TWO)
    means = {
        "title": "m",
        "values": ["below_limit", "above_limit"],
        "shares": {"all": {"below_limit": 0.9, "above_limit": "rest"}},
    }
    after = toys.maker(toys.demand(sources=RATES, person={"means": means}), TWO)
    a, b = before.make(1, 0), after.make(1, 0)
    assert np.array_equal(a.person, b.person)
    assert np.array_equal(a.rank, b.rank)
    for name in a.codes:
        assert np.array_equal(a.codes[name], b.codes[name]) == (name != "means")


def test_ids_have_the_sizes_the_counter_gives_them():
    assert all(0 <= draw_id(f"stage_{i}", "branch") < 2**32 for i in range(1_000))
    assert all(0 <= cell_id("barnet", "community", f"g{i}", "2016-04") < 2**31 for i in range(1_000))
    assert len({draw_id("funding", purpose) for purpose in PURPOSES}) == len(PURPOSES)


def test_ids_do_not_change_between_versions():
    """Everything simulated hangs on these numbers; change them only with a new major version."""
    assert draw_id("funding", "branch") == 2209980958
    assert cell_id("barnet", "community", "older_people", "2016-04") == 636242270


def test_names_that_share_a_number_are_refused():
    refuse_collisions([("a", 1), ("b", 2), ("a", 1)])
    with pytest.raises(DemandflowError, match="'c' and 'b'"):
        refuse_collisions([("a", 1), ("b", 2), ("c", 2)])


def test_stages_whose_names_hash_alike_are_refused_by_the_compiler(toys, monkeypatch):
    from conftest import OUT, arrival, service

    from simulation import compiler

    model = toys.model({"come": arrival("one"), "one": service("two"), "two": service("out"), "out": OUT})
    demand = toys.demand()
    toys.compiled(model, demand)
    monkeypatch.setattr(
        compiler, "draw_id", lambda name, purpose: 7 if name in ("one", "two") else draw_id(name, purpose)
    )
    with pytest.raises(DemandflowError, match="share their draws"):
        toys.compiled(model, demand)


def test_an_unknown_purpose_is_a_programming_error():
    with pytest.raises(ValueError):
        draw_id("funding", "whim")
