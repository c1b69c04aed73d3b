"""Simulated people found and told: the condition language, the story, and what bad input is answered with."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from conftest import OUT, Toys, arrival, decision, package, service
from one_of_everything import STAGES, written

from agents.codes import Event
from experiments.activities import life_of
from experiments.cli import main
from experiments.life_facts import FACTS, facts_of, known_values
from experiments.people_query import Question
from experiments.person_story import lines_of, tell
from experiments.person_words import length, money, value_words
from experiments.run_options import RunOptions, identity, name_of_person
from experiments.single import run_single, run_under
from simulation.errors import DemandflowError

A_YEAR = RunOptions(None, date(2014, 4, 1), 12, 1, 0)
DAY = 86_400_000


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The model in which everything happens, one run of it, and the facts of everybody."""
    model = written(Toys(tmp_path_factory.mktemp("people")))
    run = run_single(model, A_YEAR)
    return model, run, {person: facts_of(run, life_of(person, rows)) for person, rows in run.lives()}


def found(everything, who: str) -> list[int]:
    """Those for whom a condition holds."""
    _, run, facts = everything
    question = Question(who, known_values(run))
    return [person for person, known in facts.items() if question.holds(known)]


def story(everything, person: int) -> str:
    """What is told of one life under the model."""
    return "\n".join(lines_of(everything[1], person, everything[1]))


# --- facts


def test_facts_agree_with_the_trace(everything):
    _, run, facts = everything
    trace = run.trace

    def people(event: Event) -> set[int]:
        return set(trace.person[trace.event == event].tolist())

    assert set(facts) == set(trace.person.tolist())
    assert {p for p, known in facts.items() if known["funded"]} == people(Event.PACKAGE_START)
    assert {p for p, known in facts.items() if known["held"]} == people(Event.HELD)
    assert {p for p, known in facts.items() if known["missed"]} == people(Event.MISSED)
    assert {p for p, known in facts.items() if known["waited_too_long"]} == people(Event.OVERFLOW)
    for name, events in {"packages": [Event.PACKAGE_START], "reviews": [Event.REVIEW],
                         "contacts": [Event.CONTACT, Event.CONTACT_AGAIN]}.items():  # fmt: skip
        assert sum(known[name] for known in facts.values()) == np.isin(trace.event, events).sum()
    died = run.pathway.index("died")
    assert {p for p, known in facts.items() if known["died"]} == set(trace.person[trace.stage == died].tolist())
    running = np.count_nonzero(np.isin(trace.event, [Event.PACKAGE_START, Event.HELD])) - np.count_nonzero(
        trace.event == Event.PACKAGE_END
    )
    assert sum(known["in_care_at_end"] for known in facts.values()) == running
    for person, known in facts.items():
        assert set(known) == set(FACTS)
        first = trace.time[(trace.person == person) & (trace.event == Event.CONTACT)]
        care = trace.time[(trace.person == person) & (trace.event == Event.PACKAGE_START)]
        if len(care) and len(first):
            assert known["days_to_package"] == pytest.approx((care[0] - first[0]) / DAY)
        else:
            assert known["days_to_package"] != known["days_to_package"]


# --- conditions


@pytest.mark.parametrize(
    ("short_form", "long_form"),
    [
        ("outcome=funded wait>3 can_travel=no", "outcome == 'funded' and wait > 3 and can_travel == False"),
        ("funded, not can_travel", "funded and not can_travel"),
        ("can_travel=true means=above_limit", "can_travel == True and means == 'above_limit'"),
        ("hub in stages", "'hub' in stages"),
        ("first_contact>=2014-06-30 funded", "first_contact >= '2014-06-30' and funded"),
        ("outcome in [advice, gone_away]", "outcome == 'advice' or outcome == 'gone_away'"),
        ("3 < days_to_package < 9", "days_to_package > 3 and days_to_package < 9"),
        ("outcome=funded", "funded"),
    ],
)  # fmt: skip
def test_a_condition_in_its_short_and_its_long_form(everything, short_form, long_form):
    assert found(everything, short_form) == found(everything, long_form) != []


def test_conditions_pick_by_facts(everything):
    facts = everything[2]
    assert found(everything, "funded and days_to_package > 10 or held") == [
        p for p, known in facts.items() if (known["funded"] and known["days_to_package"] > 10) or known["held"]
    ]
    assert found(everything, "days_to_package < 1000") == found(everything, "funded")  # nothing compares with no day
    assert found(everything, "true") == list(facts)


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("", "'' cannot be read"),
        ("funded and", "'funded and' cannot be read"),
        ("(((", "cannot be read"),
        ("funded wait > > 3", "cannot be read"),
        ("clint_group=older_people", "there is no fact 'clint_group'. Did you mean 'client_group'?"),
        ("zzz", "there is no fact 'zzz'. Facts are: source, client_group"),
        ("client_group=older_peple", "'older_peple' is not a value of client_group. Did you mean 'older_people'?"),
        ("hubb in stages", "'hubb' is not one of the stages."),
        ("client_group>3", "'client_group' is a text and '3' is a number"),
        ("days_to_package > 'a'", "'days_to_package' is a number and 'a' is a text"),
        ("funded == 1", "'funded' is true or false and '1' is a number"),
        ("funded > false", "'funded' is true or false. Use == or !=."),
        ("wait", "'wait' alone is neither true nor false"),
        ("not wait", "'wait' alone is neither true nor false"),
        ("first_contact > 2014", "'2014' is not a day. Write it as 2014-06-30."),
        ("wait in stages", "is not understood"),
        ("stages == stages", "cannot be compared"),
        ("funded is true", "cannot be compared"),
        ("__import__('os').system('true')", "is not understood"),
        ("client_group.__class__ == 'x'", "is not understood"),
        ("9**9**9 > 1", "'9 ** 9 ** 9' is not understood"),
        ("[x for x in stages]", "is not understood"),
        ("(lambda: funded)()", "is not understood"),
        ("funded if true else funded", "is not understood"),
        ("wait > 1" + " and wait > 1" * 100, "too long|longer than|too many parts"),
        ("funded " * 400, "longer than 1,000 characters"),
    ],
)  # fmt: skip
def test_conditions_that_cannot_be_asked(everything, who, sentence):
    with pytest.raises(DemandflowError) as caught:
        found(everything, who)
    assert re.search(sentence if "|" in sentence else re.escape(sentence), str(caught.value))


def test_a_table_of_people(everything, capsys):
    model, _, facts = everything
    assert main(["people", model, "--who", "funded wait>1", "--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    some = found(everything, "funded wait>1")
    assert lines[0].split()[0] == "id"
    assert [line.split()[0] for line in lines[1:3]] == [name_of_person(person) for person in some[:2]]
    assert lines[4].startswith(f"{len(some)} of {len(facts)} people found; the first 2 are shown (--limit).")
    assert "These are simulated people, for checking the model" in lines[5]
    assert "nothing follows about individuals" in lines[6]
    assert identity(lines[1].split()[0]) == some[0]
    assert main(["people", model, "--who", "wait > 1000"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith(f"None of {len(facts)} people is found.")


# --- one life


def test_a_life_by_hand(toys, capsys):
    toys.prices({"older_people": {"care": (150.5, {"distribution": "constant", "value_of": 30.0, "unit": "days"})}})
    toys.model(
        {"in": arrival("desk"), "desk": service("care", 0.5), "care": package(), "out": {**OUT, "title": "Over"}},
        name="toy", uses=["prices/toy"],
    )  # fmt: skip
    toys.demand({"community": 200.0})
    model = str(toys.folder / "models" / "toy.yaml")
    run = run_single(model, A_YEAR)
    person = int(run.people.person[0])
    assert main(["person", model, "--id", name_of_person(person)]) == 0
    out = capsys.readouterr().out
    told = " ".join(re.sub(r"\w{3} \d\d \w{3} \d{4} \d\d:\d\d", "", out).split())
    assert (
        "toy (1 Apr 2014 to 31 Mar 2015) Makes contact. Desk: 30 minutes. Council-funded care starts, 30 minutes after "
        "the first contact: Care (£150.50 a week). Care ends, after 30 days. Outcome: Over (where the need went is not "
        "published)."
    ) in told
    assert f"{name_of_person(person)}, a simulated person, for checking the model" in out
    assert "Nothing follows from this about individuals" in out
    assert main(["person", model, "--id", str(person)]) == 0  # the letter may be left out
    assert capsys.readouterr().out == out


@pytest.mark.parametrize(
    ("who", "sentences"),
    [
        ("contacts>1", ["Makes contact again, 45 days after the last episode ended."]),
        ("missed>1", ["Is booked for “Hub session” at north hub", "“Hub session”; missed so far: 2."]),
        ("waited_too_long>0", ["the longest allowed, and leaves the queue."]),
        ("crisis in stages", ["Goes to hospital. This cuts short:"]),
        ("lighter in stages", ["Reablement begins", "(£400 a week)", "The need becomes lighter."]),
        ("died and reviews>0", ["Review falls due", "Dies. This cuts short: Home care.", "Outcome: Died."]),
        ("held", ["Is in Council-funded care already when the run begins: Home care (£200 a week, of which"]),
        ("cut in stages", ["Home care now costs £160 a week, of which the person pays", "; before, £200 a week."]),
        ("waiting_at_end", ["The run stops here. Still going on:"]),
    ],
)  # fmt: skip
def test_everything_that_can_happen_is_told(everything, who, sentences):
    text = " ".join(story(everything, found(everything, who)[0]).split())
    for sentence in sentences:
        assert sentence in text


def test_a_review_that_the_end_of_care_overtakes_is_told(everything):
    trace = everything[1].trace
    person = int(trace.person[trace.event == Event.WITHDRAWN][0])
    assert "Review visit is no longer needed: the care has ended." in " ".join(story(everything, person).split())


def test_every_life_can_be_told(everything):
    """No row of any life is beyond words, and no sentence says nan or None or a stage's bare number."""
    for person in list(everything[2])[::7]:
        text = story(everything, person)
        assert not re.search(r"\bnan\b|\bNone\b|-\d+ (day|hour|minute)", text), text


def test_a_longer_run_changes_nobodys_past(everything):
    _, run, facts = everything
    longer = run_single(everything[0], RunOptions(None, date(2014, 4, 1), 15, 1, 0))
    for person in list(facts)[::10]:
        before = run.rows_of(person)
        assert longer.rows_of(person)[: len(before)] == before


# --- the same person under another model


def other_model(toys: Toys) -> str:
    """As the model of everything, but nobody is turned away."""
    stages = {**STAGES, "eligible": decision(("advice", 0.0), ("reablement", 0.0), ("care", 1.0))}
    toys.model(stages, name="other", uses=["prices/everything"], teams={"desk": 1, "visitors": 2, "reviewers": 1})
    return "other"


def test_the_same_person_under_another_model(toys, capsys):
    model = written(toys, contacts=100.0)
    other = other_model(toys)
    run = run_single(model, A_YEAR)
    under = run_under(run, other, A_YEAR)
    assert np.array_equal(run.people.person, under.people.person)
    assert np.array_equal(run.people.rank, under.people.rank)
    turned_away = [p for p, rows in run.lives() if facts_of(run, life_of(p, rows))["outcome"] == "advice"]
    person = next(p for p in turned_away if facts_of(under, life_of(p, under.rows_of(p)))["funded"])
    assert main(["person", model, "--id", str(person), "--under", other]) == 0
    out = capsys.readouterr().out
    assert out.count("Makes contact.") == 2
    short = out[out.index("In short") :]
    assert re.search(r"everything +no Council-funded care\n", short)
    assert re.search(r"other +Council-funded care, .* after the first contact\n", short)
    assert "Which individuals move under another model depends on how luck is" in out
    assert "adoption" not in out.lower()


def test_who_has_no_way_in_keeps_the_first_models_path(capsys):
    run = run_single("barnet_2014_15", RunOptions(None, date(2014, 4, 1), 1, 1, 0))
    hospital = int(run.people.person[run.people.codes["source"] == run.space["source"].index("hospital")][0])
    lines = list(tell("barnet_2014_15", hospital, ["shropshire_p2p"], RunOptions(None, date(2014, 4, 1), 1, 1, 0)))
    text = " ".join(" ".join(lines).split())
    assert (
        "This model has no way in for contacts from: Hospital. So this person keeps the path of Barnet today:" in text
    )
    assert text.count("Social Care Direct:") == 2


# --- bad input


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["people", "barnet_2014"], "There is no model 'barnet_2014', nor a file of that name. Did you mean"),
        (["people", "barnet_2014_15", "--demand", "shropshire"], "There is no demand 'shropshire', nor a file"),
        (["people", "barnet_2014_15", "--demand", "barnet_201415"], "Did you mean 'barnet_2014_15'?"),
        (["people", "barnet_2014_15", "--demand", "shropshire_2015"], "'hospital' is not a source of demand"),
        (["people", "shropshire_p2p", "--demand", "barnet_2014_15"], "has no arrival for contacts from 'hospital'"),
        (["people", "configs/demand/barnet_2014_15.yaml"], "this is a file of kind demand, not model."),
        (["people", "nowhere.yaml"], "there is no such file"),
        (["people", "shropshire_p2p", "--months", "1", "--who", "fundd"], "there is no fact 'fundd'. Did you mean"),
        (["person", "shropshire_p2p", "--months", "1", "--id", "5"], "P5 is nobody in this run. Take an id from"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_in_a_sentence(words, sentence, capsys):
    assert main(words) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--months", "0"], "'0' is not a number of months. Give a whole number from 1 to 360."),
        (["--months", "-3"], "'-3' is not a number of months."),
        (["--months", "1.5"], "'1.5' is not a number of months."),
        (["--start", "2014-04-15"], "'2014-04-15' is not the first of a month. Write 2014-04-01."),
        (["--start", "April"], "'April' is not a date. Write it as 2014-04-01."),
        (["--start", "1066-10-01"], "'1066-10-01' is too far away. Give a year from 1900 to 2050."),
        (["--seed", "-1"], "'-1' is not a seed. Give a whole number from 0"),
        (["--replication", "x"], "'x' is not a replication."),
        (["--limit", "0"], "'0' is not a number of people."),
    ],
)  # fmt: skip
def test_options_that_are_not_understood(words, sentence, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["people", "barnet_2014_15", *words])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("text", ["hello", "P", "", "P-5", "12.5", str(2**64), "P١"])
def test_what_is_no_identity(text, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["person", "barnet_2014_15", f"--id={text}"])
    assert caught.value.code == 2
    assert "is not a person's number" in capsys.readouterr().err


def test_under_the_model_itself(toys, capsys):
    model = written(toys, contacts=30.0)
    person = int(run_single(model, A_YEAR).people.person[0])
    assert main(["person", model, "--id", str(person), "--under", model]) == 2
    assert "this is the model itself" in capsys.readouterr().err


def test_contacts_are_those_of_the_same_name_then_those_used_then_asked_for(toys, capsys):
    stages = {"in": arrival("out"), "out": OUT}
    toys.demand({"community": 40.0}, name="mine")
    toys.demand({"community": 90.0}, name="yours")
    paths = {name: str(toys.folder / "models" / f"{name}.yaml") for name in ("mine", "using", "lost")}
    for name, more in (("mine", {}), ("using", {"uses": ["demand/yours"]}), ("lost", {})):
        toys.model(stages, name=name, **more)
    assert run_single(paths["mine"], A_YEAR).demand.config.name == "mine"
    assert run_single(paths["using"], A_YEAR).demand.config.name == "yours"
    given = RunOptions("yours", date(2014, 4, 1), 12, 1, 0)
    assert run_single(paths["mine"], given).demand.config.name == "yours"
    assert main(["people", paths["lost"]]) == 2
    assert "Choose some with --demand: barnet_2014_15, " in capsys.readouterr().err


# --- words


def test_words_for_lengths_money_and_values():
    minute, hour = 60_000, 3_600_000
    lengths = (0, minute, 90 * minute, 5 * hour, 47 * hour, 2 * DAY, 119 * DAY, 150 * DAY, 800 * DAY)
    assert ", ".join(map(length, lengths)) == (
        "less than a minute, 1 minute, 90 minutes, 5 hours, 47 hours, 2 days, 119 days, 5 months, 2.2 years"
    )
    assert [money(p) for p in (0, 100, 12345, 1_000_000)] == ["£0", "£1", "£123.45", "£10,000"]
    assert [value_words(v) for v in ("true", "false", "age_75_84", "age_85_plus", "below_limit")] == [
        "yes", "no", "75 to 84", "85 and over", "below limit",
    ]  # fmt: skip
