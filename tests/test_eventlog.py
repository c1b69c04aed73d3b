"""The event log: valid XES, every row of the trace in it once, and activities paired from start to end."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import OUT, arrival, decision, package, service
from one_of_everything import written

from agents.codes import Event
from experiments.activities import life_of
from experiments.cli import main
from experiments.eventlog import FILES
from experiments.recorded_as import recorded_as
from experiments.run_options import RunOptions
from experiments.single import Single, run_single
from simulation.graph import of_model

XES = "{http://www.xes-standard.org/}"
NC_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
A_YEAR = RunOptions(None, date(2014, 4, 1), 12, 1, 0)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A run of the model of everything, and its log as rows of the CSV files and a tree."""
    from conftest import Toys

    folder = tmp_path_factory.mktemp("log")
    model = written(Toys(folder))
    out = folder / "out" / "log"
    assert main(["eventlog", model, "--out", str(out)]) == 0
    paired, raw = (list(csv.DictReader((out / name).read_text("utf-8").splitlines())) for name in FILES[:2])
    return run_single(model, A_YEAR), paired, raw, ElementTree.parse(out / FILES[2]).getroot()


def prices_told_with_their_care(run: Single) -> int:
    """Rows of the trace that stand as attributes of the row before, worked out without the writer."""
    person, stage, event, time = run.trace.person, run.trace.stage, run.trace.event, run.trace.time
    starts = np.isin(event[:-1], [Event.PACKAGE_START, Event.HELD, Event.START])
    same = (person[1:] == person[:-1]) & (stage[1:] == stage[:-1]) & (time[1:] == time[:-1])
    told = np.count_nonzero(starts & same & (event[1:] == Event.WEEKLY))
    return int(told + np.count_nonzero(event == Event.PAYS))


def test_everything_that_a_trace_can_tell_happens(log):
    run, *_ = log
    happened = set(np.unique(run.trace.event).tolist())
    assert happened == {int(event) for event in Event}


def test_every_row_of_the_trace_is_one_event(log):
    run, _, raw, tree = log
    assert len(raw) == run.trace.rows - prices_told_with_their_care(run)
    events = tree.findall(f"{XES}trace/{XES}event")
    assert len(events) == len(raw)
    told = Counter(row["event"] for row in raw)
    for event in Event:
        if event not in (Event.WEEKLY, Event.PAYS):
            assert told[event.name.lower()] == np.count_nonzero(run.trace.event == event), event
    assert len(tree.findall(f"{XES}trace")) == len(np.unique(run.trace.person))


def test_csv_and_xes_say_the_same(log):
    _, _, raw, tree = log
    from_xes = []
    for trace in tree.iter(f"{XES}trace"):
        who = {item.get("key"): item.get("value") for item in trace if item.tag != f"{XES}event"}
        for event in trace.iter(f"{XES}event"):
            said = {item.get("key"): item.get("value") for item in event}
            cells = {f"case:{key}": value for key, value in who.items()}
            from_xes.append({**cells, **said})
    for row, said in zip(raw, from_xes, strict=True):
        assert {key: value for key, value in row.items() if value} == said


def test_the_xes_follows_the_schema_of_the_standard(log):
    _, _, _, tree = log
    assert tree.tag == f"{XES}log"
    assert re.fullmatch(r"\d+(\.\d+)?", tree.attrib["xes.version"])
    order = [item.tag.removeprefix(XES) for item in tree]
    ranks = {"extension": 0, "global": 1, "classifier": 2, "trace": 4}
    assert [ranks.get(tag, 3) for tag in order] == sorted(ranks.get(tag, 3) for tag in order)
    assert {item.attrib["prefix"] for item in tree.iter(f"{XES}extension")} == {"concept", "time", "lifecycle", "org"}
    always = {
        scope.attrib["scope"]: {item.attrib["key"]: item.tag for item in scope} for scope in tree.iter(f"{XES}global")
    }
    for classifier in tree.iter(f"{XES}classifier"):
        assert NC_NAME.fullmatch(classifier.attrib["name"])
        assert set(classifier.attrib["keys"].split()) <= set(always["event"])
    for trace in tree.iter(f"{XES}trace"):
        assert always["trace"].items() <= {item.get("key"): item.tag for item in trace}.items()
        for event in trace.iter(f"{XES}event"):
            keys = [item.attrib["key"] for item in event]
            assert len(keys) == len(set(keys))
            assert always["event"].items() <= {item.get("key"): item.tag for item in event}.items()


def test_events_of_a_case_are_in_order_and_within_the_run(log):
    _, _, raw, _ = log
    last: dict[str, datetime] = {}
    for row in raw:
        moment = datetime.fromisoformat(row["time:timestamp"])
        assert moment.utcoffset().total_seconds() == 0
        assert datetime.fromisoformat("2014-04-01T00:00+00:00") <= moment < datetime.fromisoformat("2015-04-01T00:00Z")
        assert last.get(row["case:concept:name"], moment) <= moment
        last[row["case:concept:name"]] = moment


def test_an_instance_runs_through_the_standard_lifecycle(log):
    """schedule, assign, start, complete; or withdrawn before it starts; never two of one kind."""
    _, _, raw, _ = log
    seen: dict[tuple[str, str], list[str]] = {}
    for row in raw:
        if row["event"] not in ("weekly",):
            seen.setdefault((row["case:concept:name"], row["concept:instance"]), []).append(row["lifecycle:transition"])
    order = ["schedule", "assign", "start", "complete", "withdraw"]
    for said in seen.values():
        assert [order.index(step) for step in said] == sorted(set(map(order.index, said)))


def test_activities_hold_every_row_and_are_paired(log):
    run, paired, _, _ = log
    rows = sum(activity.rows for person, lived in run.lives() for activity in life_of(person, lived).activities)
    assert rows == run.trace.rows
    for row in paired:
        stamps = [row[f"{name}_timestamp"] for name in ("asked", "start", "end")]
        given = [datetime.fromisoformat(stamp) for stamp in stamps if stamp]
        assert given and given == sorted(given)
        assert bool(row["end_timestamp"]) == bool(row["ended"])
    count = Counter((row["event"], row["ended"]) for row in paired)
    trace = Counter(Event(event) for event in run.trace.event.tolist())
    assert sum(n for (event, _), n in count.items() if event == "package_start") == trace[Event.PACKAGE_START]
    assert sum(n for (event, _), n in count.items() if event == "review") == trace[Event.REVIEW]
    assert sum(n for (_, ended), n in count.items() if ended == "missed") == trace[Event.MISSED]
    assert sum(n for (_, ended), n in count.items() if ended == "waited_too_long") == trace[Event.OVERFLOW]
    assert sum(n for (_, ended), n in count.items() if ended == "cut_short") == trace[Event.HAZARD]
    assert all(row["ended_by"] for row in paired if row["ended"] == "cut_short")


def test_care_has_its_price_and_what_the_client_pays(log):
    _, paired, _, _ = log
    for row in paired:
        if row["event"] in ("package_start", "held"):
            assert row["weekly_pounds"] == "200.0"
            assert 0 <= float(row["client_pays_pounds"]) <= 100
            assert row["held_at_start"] == str(row["event"] == "held").lower()


def test_stages_are_recorded_as_client_level_events(log):
    run, *_ = log
    found = recorded_as(run.graph)
    assert {name for name, event in found.items() if event == "Request"} == {"door", "desk", "first_contact", "hub"}
    assert {name for name, event in found.items() if event == "Review"} == {
        "review", "review_work", "review_says", "stays", "cut", "stop",
    }  # fmt: skip
    assert found["visit"] == "Assessment"
    assert found["crisis"] == "Service"  # it leaves the home visit and reablement: the furthest counts
    assert {found[name] for name in ("care", "reablement", "lighter", "care_over")} == {"Service"}


def test_what_the_model_says_comes_first_and_branches_name_assessments(toys):
    model = toys.model({
        "in": arrival("desk"),
        "desk": service("triage", recorded_as="assessment"),
        "triage": {
            "kind": "decision",
            "branches": [
                {"name": "no", "to": "out", "probability": 0.5},
                {"name": "yes", "to": "look", "probability": 0.5, "counts_as": ["referred_on", "full_assessment"]},
            ],
        },
        "look": service("funding"),
        "funding": decision(("out", 0.5), ("care", 0.5)),
        "care": package(),
        "out": {**OUT, "recorded_as": "review"},
    })  # fmt: skip
    assert recorded_as(of_model(model)) == {
        "in": "Request", "desk": "Assessment", "triage": "Assessment", "look": "Assessment", "funding": "Assessment",
        "care": "Service", "out": "Review",
    }  # fmt: skip


def test_titles_that_xml_cannot_hold_are_written_safely(toys, tmp_path):
    stages = {"in": {**arrival("out"), "title": '<Hello> & "who\'s" £ \x85'}, "out": OUT}
    toys.model(stages, name="odd")
    toys.demand({"community": 50.0}, name="odd")
    assert main(["eventlog", str(toys.folder / "models" / "odd.yaml"), "--out", str(tmp_path / "log")]) == 0
    tree = ElementTree.parse(tmp_path / "log" / "events.xes").getroot()
    names = {item.get("value") for item in tree.iter(f"{XES}string") if item.get("key") == "concept:name"}
    assert any(name.startswith('<Hello> & "who\'s" £') for name in names)


def test_nobody_comes(toys, tmp_path, capsys):
    toys.model({"in": arrival("out"), "out": OUT}, name="empty")
    toys.demand({"community": 0.0}, name="empty")
    assert main(["eventlog", str(toys.folder / "models" / "empty.yaml"), "--out", str(tmp_path / "log")]) == 0
    assert "0 simulated people, 0 activities, 0 events" in capsys.readouterr().out
    assert ElementTree.parse(tmp_path / "log" / "events.xes").getroot().find(f"{XES}trace") is None


def test_a_log_is_not_replaced_unasked_and_faults_leave_nothing(toys, tmp_path, capsys):
    toys.model({"in": arrival("out"), "out": OUT}, name="small")
    toys.demand({"community": 50.0}, name="small")
    model, out = str(toys.folder / "models" / "small.yaml"), tmp_path / "log"
    out.mkdir()
    (out / "events.csv").write_text("mine")
    assert main(["eventlog", model, "--out", str(out)]) == 2
    assert "already holds events.csv" in capsys.readouterr().err
    assert (out / "events.csv").read_text() == "mine"
    assert main(["eventlog", model, "--out", str(out), "--force"]) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert main(["eventlog", model, "--out", str(out / "events.csv")]) == 2
    assert "is a file, not a folder" in capsys.readouterr().err
    assert main(["eventlog", "smal", "--out", str(tmp_path / "other")]) == 2
    assert "There is no model 'smal'" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_the_same_log_twice(toys, tmp_path):
    model = written(toys, contacts=60.0)
    for name in ("one", "two"):
        assert main(["eventlog", model, "--months", "3", "--out", str(tmp_path / name)]) == 0
    for name in FILES:
        assert Path(tmp_path / "one" / name).read_bytes() == Path(tmp_path / "two" / name).read_bytes()
