"""A council's own figures in a shipped model: known numbers come back, nothing personal is kept, bad files are told."""

from __future__ import annotations

import csv
import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml
from calibrate_data import BASE, client_level, known_council, lived

from experiments.calibrate import estimates
from experiments.calibrate.aggregate import asked, form, read_aggregate
from experiments.calibrate.made import CALIBRATED, Row
from experiments.calibrate.making import make
from experiments.calibrate.reading import identifies, read_given
from experiments.calibrate.records import read_records
from experiments.calibrate.seen import Seen
from experiments.calibrate.template import Template, read_template
from experiments.cli import main
from experiments.validate import problems_of
from simulation.errors import ConfigError
from simulation.inputs import Inputs
from simulation.library import Library


@pytest.fixture(scope="module")
def base() -> Template:
    return read_template(BASE)


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("known")
    model = known_council(root)
    return model, lived(model, root / "log")


def seen_in(path: Path, template: Template) -> Seen:
    return read_records(read_given(path), template, None, None)


def filled(template: Template, figures: dict[str, object], path: Path, period: str = "2014/15") -> Path:
    """The form with some figures in it."""
    rows = list(csv.reader(form(template).splitlines()))
    known = {row[0] for row in rows}
    rows += [[what, "", "", ""] for what in figures if what not in known]
    for row in rows[1:]:
        row[1] = str(figures.get(row[0], ""))
        row[2] = period
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows), encoding="utf-8")
    return path


def requests(path: Path, first: date, last: date, a_day: int = 4) -> Path:
    """So many requests on each working day."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [
        f"{day:%Y%m%d}{n},Request,{day},{day},older_people,community,,,,"
        for day in days if day.weekday() < 5 for n in range(a_day)
    ]  # fmt: skip
    path.write_text(ROWS + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_months_that_a_file_covers_in_part_are_not_counted_as_whole(base: Template, tmp_path: Path) -> None:
    seen = seen_in(requests(tmp_path / "part.csv", date(2014, 6, 16), date(2015, 6, 12)), base)
    assert (seen.first, seen.last) == (date(2014, 7, 1), date(2015, 5, 31))
    assert any("covers it in part: June 2014 and June 2015" in line for line in seen.said)
    whole = seen_in(requests(tmp_path / "whole.csv", date(2014, 6, 3), date(2014, 8, 29)), base)
    assert (whole.first, whole.last) == (date(2014, 6, 1), date(2014, 8, 31))
    assert not any("in part" in line for line in whole.said)
    with pytest.raises(ConfigError, match="cover no month wholly"):
        seen_in(requests(tmp_path / "none.csv", date(2014, 6, 16), date(2014, 7, 10)), base)
    given = read_records(read_given(tmp_path / "none.csv"), base, date(2014, 6, 16), date(2014, 7, 10))
    assert (given.first, given.last) == (date(2014, 6, 16), date(2014, 7, 10))


def truths(rows: list[Row], truth: Template) -> list[tuple[Row, float]]:
    """Each figure that was estimated, with the known council's own value."""
    own = {row.what: row.template for row in make(truth, Seen(*([None] * 2)), "").rows}  # type: ignore[arg-type]
    return [(row, own[row.what]) for row in rows if row.status == CALIBRATED]


# What is known comes back -------------------------------------------------------------------------------------------


def inside(rows: list[tuple[Row, float]]) -> tuple[int, int]:
    with_interval = [
        (row.estimate, value) for row, value in rows if row.estimate is not None and math.isfinite(row.estimate.low)
    ]
    held = sum(found.low <= value <= found.high for found, value in with_interval)
    return held, len(with_interval)


def test_known_numbers_lie_in_their_intervals(base: Template, council: tuple[Path, Path]) -> None:
    model, events = council
    rows = truths(make(base, seen_in(events, base), "events.csv").rows, read_template(str(model)))
    held, of = inside(rows)
    assert of >= 35
    assert held >= 0.93 * of, [row.what for row, value in rows if not row.estimate.low <= value <= row.estimate.high]
    moved = [row for row, value in rows if row.what in ("contacts/hospital", "first_contact/referred/hospital")]
    assert all(not row.estimate.low <= row.template <= row.estimate.high for row in moved)  # the template's are not
    assert len(moved) == 2
    prices = {row.what: (row.estimate.value, value) for row, value in rows if row.what.startswith("weekly_cost")}
    assert prices["weekly_cost/older_people/community_care"][0] == pytest.approx(250)
    assert all(found == pytest.approx(value, abs=0.01) for found, value in prices.values())


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say(base: Template, council: tuple[Path, Path], tmp_path: Path) -> None:
    model, _ = council
    truth = read_template(str(model))
    held = of = 0
    for replication in range(20):
        events = lived(model, tmp_path / "log", replication)
        these, all_of_them = inside(truths(make(base, seen_in(events, base), "").rows, truth))
        held, of = held + these, of + all_of_them
    assert of > 700
    assert 0.93 <= held / of <= 0.985


def test_client_level_data_say_what_single_decisions_say(
    base: Template, council: tuple[Path, Path], tmp_path: Path
) -> None:
    _, events = council
    whole = seen_in(events, base)
    told = seen_in(client_level(events, tmp_path / "cld.csv"), base)
    assert told.contacts == whole.contacts
    assert told.groups == whole.groups
    assert told.branches == whole.branches
    assert told.prices.keys() == whole.prices.keys()
    for pair, (ends, _) in whole.at_risk.items():
        assert told.at_risk[pair][0] == ends
    assert told.at_risk["older_people", "community_care"][1] == pytest.approx(
        whole.at_risk["older_people", "community_care"][1], rel=0.02
    )


def test_totals_come_back_exactly(base: Template, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = {
        "contacts/community": 7000, "contacts/hospital": 3000,
        **{f"contacts_by_group/{g}": n for g, n in zip(base.groups, (6400, 2000, 900, 500, 200), strict=True)},
        "first_contact/resolved/community": 4900, "first_contact/referred/community": 2100,
        "first_contact/resolved/hospital": 1800, "first_contact/referred/hospital": 1200,
        "social_work/full_assessment/community": 1500, "social_work/full_assessment/hospital": 800,
        "funding/funded": 1600, "funding/not_funded": 700,
        "care_type/short_term/older_people": 400, "care_type/community_care/older_people": 500,
        "care_type/care_home/older_people": 200,
        "weekly_cost/older_people/care_home": 701.25,
        "in_care_start/older_people/community_care": 1400, "in_care_end/older_people/community_care": 1600,
        "in_care_ended/older_people/community_care": 600,
    }  # fmt: skip
    out = tmp_path / "out"
    data = filled(base, figures, tmp_path / "our_town.csv")
    assert main(["calibrate", BASE, str(data), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "social_work/not_assessed/community was not given" in said
    assert "Kind of care: Care home (Mental health, 18 to 64)" in said  # stays the template's, and is listed
    files = [out / kind / "our_town.yaml" for kind in ("models", "demand", "prices", "experiments")]
    assert [problems_of(path) for path in files] == [[], [], [], []]
    new = read_template(str(files[0]))
    shares = {
        (name, cell, branch.name): new.share(question, cell, branch.name)
        for name, question in new.questions.items()
        for cell in question.cells
        for branch in question.branches
    }
    assert shares["first_contact", ("community",), "resolved"] == pytest.approx(0.7, abs=1e-12)
    assert shares["social_work", ("community",), "not_assessed"] == pytest.approx(600 / 2100, abs=1e-12)
    assert shares["funding", (), "funded"] == pytest.approx(1600 / 2300, abs=1e-12)
    for branch, number in (("short_term", 400), ("community_care", 500), ("care_home", 200)):
        assert shares["care_type", ("older_people",), branch] == pytest.approx(number / 1100, abs=1e-12)
        kept = base.share(base.questions["care_type"], ("mental_health",), branch)
        assert shares["care_type", ("mental_health",), branch] == pytest.approx(kept, abs=1e-12)
    sources, groups = new.demand.config.sources, new.demand.config.client_groups
    assert new.number(sources["community"].contacts_per_year, new.demand) == 7000
    assert new.number(groups["physical_disability"].share, new.demand) == pytest.approx(0.09, abs=1e-12)
    care = new.care["older_people", "care_home"]
    assert new.number(care.weekly_cost, new.prices) == 701.25
    law, _ = new.stay("older_people", "community_care")
    assert new.number(law.mean, new.prices) == pytest.approx(1500 * 365 / 365.25 / 600)


def test_what_the_file_does_not_tell_stays_as_it_was(base: Template, tmp_path: Path) -> None:
    """Formulas of the template rest on its contacts and groups; here only these are told, and all else must stay."""
    figures = {
        "contacts/community": 10, "contacts/hospital": 30,
        **{f"contacts_by_group/{g}": n for g, n in zip(base.groups, (10, 10, 10, 5, 5), strict=True)},
    }  # fmt: skip
    data = filled(base, figures, tmp_path / "ours.csv")
    assert main(["calibrate", BASE, str(data), "--out", str(tmp_path)]) == 0
    new = read_template(str(tmp_path / "models/ours.yaml"))
    for name, question in base.questions.items():
        for cell in question.cells:
            for branch in question.branches:
                assert new.share(new.questions[name], cell, branch.name) == pytest.approx(
                    base.share(question, cell, branch.name), abs=1e-12
                )
    for pair in base.care:
        law, old = new.stay(*pair)[0], base.stay(*pair)[0]
        if old.mean is not None:
            assert new.number(law.mean, new.prices) == pytest.approx(base.number(old.mean, base.prices))


def test_whatever_is_drawn_the_shares_of_a_decision_sum_to_one(council: tuple[Path, Path], tmp_path: Path) -> None:
    _, events = council
    assert main(["calibrate", BASE, str(events), "--out", str(tmp_path), "--name", "ours"]) == 0
    new = read_template(str(tmp_path / "models/ours.yaml"))
    library = Library()
    inputs = Inputs(library)
    inputs.add(library.load(tmp_path / "models/ours.yaml"))
    drawn = [inputs.drawn(1, draw) for draw in range(50)]
    names = {item.key.partition(".")[2] for item in inputs.ranged()}
    assert "first_contact_resolved_community" in names
    assert not names & {"hospital_funded_rate", "long_term_share", "older_people_in_homes"}  # nothing rests on them
    for over in drawn:
        values = type(new.values)(inputs, over)
        changed = Template(new.model, new.demand, new.prices, new.graph, values, new.questions, ())
        for question in new.questions.values():
            for cell in question.cells:
                shares = [changed.share(question, cell, branch.name) for branch in question.branches]
                assert all(0 <= share <= 1 for share in shares)
                assert sum(shares) == pytest.approx(1)


# Estimates ----------------------------------------------------------------------------------------------------------


def test_intervals_by_hand() -> None:
    low, high = estimates.wilson(8, 10)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Newcombe 1998, by the formula
    assert estimates.garwood(0) == pytest.approx((0, 3.6889), abs=1e-4)
    assert estimates.garwood(10) == pytest.approx((4.7954, 18.3904), abs=1e-4)
    assert estimates.mean_of([11.0, 12.0, 13.0]).low == pytest.approx(12 - 4.302653 / 3**0.5, abs=1e-5)
    assert estimates.mean_of([4.0, 4.0]).has_range is False


@pytest.mark.parametrize("shape", [1.0, 0.82, 2.0])
def test_stays_that_go_on_are_not_taken_for_short_ones(shape: float) -> None:
    random = np.random.default_rng(3)
    scale = 3 / math.gamma(1 + 1 / shape)
    lengths = scale * random.weibull(shape, 4000)
    waited = random.uniform(0, 1, 4000)  # how much of the year was left when care began
    seen = np.minimum(lengths, waited)
    found = estimates.stay(int((lengths < waited).sum()), float((seen**shape).sum()), shape)
    assert found.low < 3 < found.high
    assert found.high / found.low < 1.3
    assert seen.mean() < 1  # what a mean of the data alone would say


def test_kaplan_meier_by_hand() -> None:
    mean, alive = estimates.kaplan_meier_mean([(1, True), (2, False), (3, True), (4, False)])
    assert alive == pytest.approx(0.75 * 0.5)
    assert mean == pytest.approx(1 + 0.75 * 2 + 0.375 * 1)


# Nothing personal ---------------------------------------------------------------------------------------------------


def test_identifiers_are_dropped_and_nowhere_written(
    council: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, events = council
    data = client_level(events, tmp_path / "ours.csv")
    assert main(["calibrate", BASE, str(data), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "“NHS number”, “Surname”. Nothing of it is kept or written." in said
    assert "semicolons" in said
    assert "day first" in said
    written = said + "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert "Secretname" not in written
    assert "94347" not in written
    assert "L1234" not in written


@pytest.mark.parametrize(
    "heading",
    [
        "NHS Number",
        "nhs_no",
        "Post code",
        "Postcode",
        "First name",
        "Surname",
        "DOB",
        "Date of Birth",
        "Name",
        "Address 1",
        "Birth month",
        "Home phone",
        "E-mail",
        "NI number",
        "UPRN",
        "Client full name",
    ],
)
def test_headings_that_identify(heading: str) -> None:
    assert identifies(heading)


@pytest.mark.parametrize(
    "heading", ["case:concept:name", "concept:name", "local_id", "event_type", "unit cost", "what"]
)
def test_headings_that_do_not(heading: str) -> None:
    assert not identifies(heading)


def test_counts_below_five_are_not_printed(base: Template, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = {
        "contacts/community": 100, "contacts/hospital": 50,
        "contacts_by_group/older_people": 150,
        **{f"contacts_by_group/{group}": 0 for group in base.groups[1:]},
        "first_contact/resolved/community": 97, "first_contact/resolved/hospital": 30,
    }  # fmt: skip
    assert main(["calibrate", BASE, str(filled(base, figures, tmp_path / "ours.csv")), "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "97.0%" not in said
    assert "60.0%" in said
    with (tmp_path / "calibration.csv").open(encoding="utf-8") as stream:
        rows = {row["what"]: row for row in csv.DictReader(stream)}
    hidden = rows["first_contact/referred/community"], rows["first_contact/resolved/community"]
    assert all((row["value"], row["low"], row["count"]) == ("", "", "fewer than 5") for row in hidden)
    assert rows["first_contact/resolved/hospital"]["count"] == "30"
    assert rows["contacts_by_group/mental_health"]["value"] == "0"  # nobody is not few
    model = yaml.safe_load((tmp_path / "models/ours.yaml").read_text("utf-8"))
    assert model["parameters"]["first_contact_resolved_community"]["value"] == 0.97
    assert "97 of" not in str(model)


# Bad files ----------------------------------------------------------------------------------------------------------

TOTALS = "what,value,period\n"
ROWS = "local_id,event_type,start_date,end_date,client_group,source,outcome,service_type,unit_cost,cost_frequency\n"
GOOD = "1,Request,2014-05-01,,older_people,community,resolved,,,\n"
BAD = [
    (TOTALS, "bad.csv: holds a heading and no rows. Add the rows below the heading."),
    ("", "bad.csv: is empty."),
    ("what,worth\ncontacts/community,3\n", "bad.csv:1: the heading has no column “value” and no column “period”."),
    (
        TOTALS + "contacts/comunity,3,2014/15\n",
        "bad.csv:2: there is no figure “contacts/comunity”. Did you mean 'contacts/community'?",
    ),
    (TOTALS + "contacts/community,about three,2014/15\n", "bad.csv:2: value: 'about three' is not a number."),
    (TOTALS + "contacts/community,-3,2014/15\n", "bad.csv:2: value is -3, below 0."),
    (TOTALS + "contacts/community,3.5,2014/15\n", "bad.csv:2: contacts/community is 3.5, and this is a count."),
    (TOTALS + "contacts/community,3,2014/16\n", "bad.csv:2: period: '2014/16' is not a period."),
    (TOTALS + "contacts/community,,2014/15\n", "bad.csv: no row has a value."),
    (
        TOTALS + "contacts/community,3,2014/15\ncontacts/community,4,2014/15\n",
        "bad.csv:3: contacts/community stands in line 2",
    ),
    (
        TOTALS + "contacts/community,3,2014/15\ncontacts/hospital,4,2015/16\n",
        "bad.csv:3: this count is of another period",
    ),
    (
        TOTALS + "contacts/community,100,2014/15\nfirst_contact/resolved/community,120,2014/15\n",
        "bad.csv:3: first_contact (community): resolved 120 is more than the 100 who came to it.",
    ),
    (
        TOTALS + "first_contact/resolved,1,2014/15\nfirst_contact/resolved/community,1,2014/15\n",
        "bad.csv:2: first_contact is given for everybody and for some.",
    ),
    (
        "what;value;period\ncontacts/community;3;2014/15;9\n",
        "bad.csv:2: this row has 4 cells and the heading 3.",
    ),
    ("local_id,event_type\n1,Request\n", "bad.csv:1: the heading has no column start_date or event_start_date."),
    (ROWS + "1,Request,31/02/2014,,,community,,,,\n", "bad.csv:2: start: '31/02/2014' is not a date."),
    (ROWS + "1,Request,04/13/2014 00:00,,,community,,,,\n", "Write it as 2014-04-01, or day first: 01/04/2014."),
    (
        "NHS number,event_type,start_date\n1,Request,2014-04-01\n",
        "What tells who people are (“NHS number”) was dropped: number them anew.",
    ),
    (ROWS + "1,Phone call,2014-04-01,,,,,,,\n", "bad.csv:2: event type 'Phone call' is not known."),
    (
        ROWS + GOOD + "1,Service,2014-05-02,2014-05-01,,,,care_home,,\n",
        "bad.csv:3: the end (2014-05-01) lies before the start",
    ),
    (
        ROWS + GOOD + "1,Service,2014-05-02,,,,,care_hom,,\n",
        "bad.csv:3: service type 'care_hom' is not one of the template's. Did you mean 'care_home'?",
    ),
    (ROWS + "1,Request,2014-05-01,,old,community,,,,\n", "bad.csv:2: client group 'old' is not one of the template's."),
    (
        ROWS + "1,Request,2014-05-01,,,community,resolve,,,\n",
        "bad.csv:2: outcome 'resolve' is no branch of the template. Did you mean 'resolved'?",
    ),
    (ROWS + GOOD + "1,Service,2014-05-02,,,,,care_home,a lot,\n", "bad.csv:3: unit cost: 'a lot' is not a number."),
    (
        ROWS + GOOD + "1,Service,2014-05-02,,,,,care_home,9,now and then\n",
        "bad.csv:3: cost frequency 'now and then' is not known.",
    ),
    (ROWS + ",Request,2014-05-01,,,community,,,,\n", "bad.csv:2: the person's local number is empty."),
    (ROWS + "1,Service,2014-05-02,,,,,care_home,,\n", "bad.csv: holds no event of type Request"),
    (ROWS + '1,"Request,2014-05-01\n', "bad.csv:2: this is not CSV"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_bad_files_are_told(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text(text, encoding="utf-8-sig")
    assert main(["calibrate", BASE, "bad.csv", "--out", "out"]) == 2
    assert sentence in capsys.readouterr().err
    assert not Path("out").exists()


def test_only_some_of_many_faults_are_told(base: Template, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(ROWS + "1,Request,soon,,,community,,,,\n" * 500, encoding="utf-8")
    assert main(["calibrate", BASE, str(bad), "--out", str(tmp_path / "out")]) == 2
    assert "Only the first 20 faults are told." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no_such_model", "ours.csv"], "There is no model 'no_such_model'"),
        ([BASE, "none.csv"], "none.csv: there is no such file."),
        ([BASE], "Give a file DATA.csv, or --template"),
        ([BASE, "ours.csv", "--name", "barnet_whole"], "is the name of a shipped file"),
        ([BASE, "ours.csv", "--name", "Our Town"], "'Our Town' cannot be the name of a model."),
        ([BASE, "ours.csv", "--from", "2014-04-01"], "--from and --to are for events of people."),
        ([BASE, "."], "is a folder, not a file."),
    ],
)
def test_bad_commands_are_told(
    words: list[str], sentence: str, base: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    filled(base, {"contacts/community": 10}, Path("ours.csv"))
    name = [] if "--name" in words or words[-1] != "." else ["--name", "ours"]
    assert main(["calibrate", *words, *name, "--out", "out"]) == 2
    assert sentence in capsys.readouterr().err


def test_what_is_there_is_not_replaced_unasked(
    base: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    filled(base, {"contacts/community": 10}, Path("ours.csv"))
    again = ["calibrate", BASE, "ours.csv", "--out", "out"]
    assert main(again) == 0
    assert main(again) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*again, "--force"]) == 0


# The form -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [BASE, "barnet_whole", "shropshire_p2p"])
def test_the_form_asks_each_figure_once_and_reads_back(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "form.csv"
    assert main(["calibrate", name, "--template", "--out", str(target)]) == 0
    assert main(["calibrate", name, "--template", "--out", str(target)]) == 2  # somebody may have filled it in
    template = read_template(name)
    names = [what for what, _, _ in asked(template)]
    assert len(names) == len(set(names)) > 5
    given = read_given(target)  # with the mark that Excel writes
    assert [cells[0] for _, cells in given.sheet.rows] == names
    assert all(len(cells[3]) > 20 for _, cells in given.sheet.rows)
    some = filled(template, {f"contacts/{source}": 500 for source in template.sources}, tmp_path / "f.csv")
    assert read_aggregate(read_given(some), template).contacts == dict.fromkeys(template.sources, 500)
