"""The summary in plain English: never more than 200 words, each number that of its table, and nothing promised."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from built import KINDS as BUILT
from built import once
from report_page import Change as Edit
from report_page import Page, edit, in_table, noted, said_as_they_are, same_as_in_tables
from test_report import FORBIDDEN

from experiments.pack.blocks import Heading, Paragraph, blocks_of
from experiments.report import build_report
from experiments.report.people import per_hundred
from experiments.report.plain.facts import Change, brief, fewer_range, saved_range
from experiments.report.plain.reading import facts_of
from experiments.report.plain.summary import MOST_WORDS, summary_of
from experiments.report.results import Results
from experiments.report.words import Number

OVER = "in_house.transformation"
LAST: dict[str, Any] = {"run": OVER, "financial_year": "2019/20"}
KINDS = ("comparison", "front_doors", "service", "transition")


def put_ranges(folder: Path) -> None:
    """The ranges that only many runs give: a tenth around by chance, two fifths with the inputs."""
    columns = {
        "delivery": ("delivered", ("chance_low", "chance_high"), ("low", "high")),
        "transition_ledger": ("difference", ("difference_low", "difference_high"), ()),
        "transition_years": (
            "difference",
            ("difference_chance_low", "difference_chance_high"),
            ("difference_low", "difference_high"),
        ),
    }
    for name, (mean, *pairs) in columns.items():

        def ranged(frame: pd.DataFrame, mean: str = mean, pairs: list[Any] = pairs) -> pd.DataFrame:
            for share, pair in zip((0.1, 0.4), pairs, strict=True):
                for sign, column in zip((-1, 1), pair, strict=False):
                    frame[column] = frame[mean] + sign * share * frame[mean].abs()
            return frame

        edit(name, ranged)(folder)


@pytest.fixture(scope="session")
def shipped_kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small result of each kind that has a report."""
    folders = {kind: once(tmp_path_factory, kind, BUILT[kind]) for kind in KINDS}
    moved = shutil.copytree(folders["transition"], tmp_path_factory.mktemp("plain") / "transition")
    put_ranges(Path(moved))
    return {**folders, "transition": Path(moved)}


@pytest.fixture(scope="session")
def pages(shipped_kinds: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """The report of each: its folder and the text of its page."""
    found = {}
    for kind, folder in shipped_kinds.items():
        copy = tmp_path_factory.mktemp("pages") / kind
        shutil.copytree(folder, copy)
        build_report(copy)
        found[kind] = (copy, (copy / "report.html").read_text(encoding="utf-8"))
    return found


def block_of(text: str) -> str:
    """The HTML of the summary."""
    ends = '<div class="reading">|<div class="two">|<p class="data">|</section>'
    found = re.search(f'<div class="plain two">.*?(?={ends})', text, flags=re.DOTALL)
    assert found is not None
    return found[0]


def read(html: str) -> str:
    """HTML as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?(data|strong)\b[^>]*>", "", html)).split())


def summary_in(text: str) -> Page:
    page = Page()
    page.feed(block_of(text))
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_the_summary_has_at_most_200_words(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    words = read(block_of(pages[kind][1])).split()
    assert 40 < len(words) <= MOST_WORDS == 200
    (facts,) = facts_of(Results(pages[kind][0]))
    assert summary_of(facts).words == len(words), "what is counted is what is read"


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_the_summary_is_that_of_its_table(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    folder, text = pages[kind]
    page = summary_in(text)
    assert len(page.numbers) >= {"front_doors": 1, "service": 6}.get(kind, 12)
    computed = [one for one in page.numbers if one[1].startswith("computed")]
    assert same_as_in_tables(folder, page) == len(page.numbers) - len(computed)
    for value, place, _ in computed:
        assert float(value) == pytest.approx(recomputed(folder, place), abs=1.0 if "100 ×" in place else 1e-9), place
    assert said_as_they_are(page) == sum(any(c.isdigit() for c in text) for *_, text in page.numbers)


def recomputed(folder: Path, place: str) -> float:
    """A figure that is no cell of a table, worked out again from the cells that it names."""
    place = place.removeprefix("computed: ")
    if place.startswith("count of"):
        head = "true_only_if" if "True" in place else "cannot_say"
        (facts,) = facts_of(Results(folder))
        shown = {item for items in summary_of(facts).lists for item in items.shown}
        return float(sum(item not in shown for item in getattr(facts.limits, head)))
    if place.startswith("checks.csv rows"):
        frame = pd.read_csv(folder / "tables" / "checks.csv")
        rows = frame[frame["use"] == "validation"]
        return float((rows["verdict"] == "inside").sum() if "inside" in place else len(rows))
    if place.startswith("not below nought; "):
        return 0.0
    part, _, whole = place.removeprefix("100 × ").partition(" ÷ ")
    return 100 * _terms(folder, part) / _terms(folder, whole)


def _terms(folder: Path, text: str) -> float:
    if text.startswith("(sum of "):
        frame = pd.read_csv(folder / "tables" / "sources.csv")
        model = re.search(r"model=(\w+)", text)
        assert model is not None
        return float(frame[(frame["model"] == model[1]) & (frame["population"] == "own")]["funded_package"].sum())
    plus = [in_table(folder, one) for one in text.strip("()").split(" + ")]
    return float(sum(one for one in plus if one is not None))


def test_the_hundreds_are_those_of_the_grids(pages: dict[str, tuple[Path, str]]) -> None:
    folder, text = pages["comparison"]
    frame = pd.read_csv(folder / "tables" / "comparison.csv").query("transfer == 'harrow'").set_index("measure")
    names = ["resolved_at_first_contact", "referred_without_assessment", "no_council_funding", "funded_package"]
    grids = [per_hundred(list(frame.loc[names, side])) for side in ("value_baseline", "value_model")]
    said = read(block_of(text))
    assert f"about {grids[0][-1]} go on to a Council-funded package today" in said
    assert f"closed, about {grids[1][-1]} would." in said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_words_that_mislead_are_absent(pages: dict[str, tuple[Path, str]], kind: str, pattern: str) -> None:
    assert not re.search(pattern, read(block_of(pages[kind][1])), flags=re.IGNORECASE)


@pytest.mark.parametrize("kind", ["comparison", "transition"])
def test_the_summary_says_what_a_change_is_not(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    said = read(block_of(pages[kind][1]))
    for sentence in (
        "In plain English", "Of every 100 people who contact the council",
        "Two councils side by side are not an effect.", "Fewer packages is not less need:",
        "True only if", "What the model cannot say", "by chance alone",
    ):  # fmt: skip
        assert sentence in said
    assert "a probability" not in said and "will " not in said


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_has_the_summary(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    blocks = blocks_of(pages[kind][1])
    at = next(i for i, block in enumerate(blocks) if isinstance(block, Heading) and block.text == "In plain English")
    (facts,) = facts_of(Results(pages[kind][0]))
    said = [str(line) for line in summary_of(facts).said]
    assert [block.text for block in blocks[at + 1 : at + 1 + len(said)] if isinstance(block, Paragraph)] == said


Changed = Callable[..., str]


@pytest.fixture
def changed(shipped_kinds: dict[str, Path], tmp_path: Path) -> Changed:
    """The summary of a copy of the results that was changed; it is never too long."""

    def go(kind: str, *changes: Edit) -> str:
        copy = Path(shutil.copytree(shipped_kinds[kind], tmp_path / "copy"))
        for change in changes:
            change(copy)
        (facts,) = facts_of(Results(copy))
        summary = summary_of(facts)
        listed = [[one.head, *one.shown, str(one.more or "")] for one in summary.lists]
        text = " ".join(" ".join([summary.title, *map(str, summary.said), *chain.from_iterable(listed)]).split())
        assert len(text.split()) == summary.words <= MOST_WORDS
        return text

    return go


def put(name: str, where: dict[str, Any], **values: Any) -> Edit:
    """Sets cells of the rows of a table where all keys hold."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        rows = np.logical_and.reduce([frame[key] == value for key, value in where.items()])
        assert rows.any()
        for column, value in values.items():
            frame.loc[rows, column] = value
        return frame

    return edit(name, change)


WHOLE = {**LAST, "yardstick": "whole"}
FUNDED = {**LAST, "measure": "funded_package"}
both = partial(put, "delivery", WHOLE)


def test_a_loss_is_not_said_as_a_saving(changed: Changed) -> None:
    said = changed("transition", both(delivered=-2e6, chance_low=-3e6, chance_high=-1e6, low=-4e6, high=-5e5))
    assert "spending would be £2.0m a year higher, not lower (£500,000 to £4.0m more spent)" in said
    assert "would be saved" not in said


def test_a_saving_that_may_be_nothing_says_so(changed: Changed) -> None:
    said = changed("transition", both(delivered=2e6, chance_low=1e6, chance_high=3e6, low=-1.6e6, high=4.9e6))
    assert "(£1.6m more spent to £4.9m saved, so possibly nothing)" in said


def test_a_saving_that_chance_explains_is_none(changed: Changed) -> None:
    said = changed("transition", both(delivered=1e5, chance_low=-1e6, chance_high=1.2e6, low=-2e6, high=2e6))
    assert "no saving could be told from chance" in said and "would be saved each year" not in said


def test_too_few_runs_are_said_and_no_range_is_made_up(changed: Changed) -> None:
    nothing = dict.fromkeys(
        ("difference_chance_low", "difference_chance_high", "difference_low", "difference_high"), np.nan
    )
    said = changed(
        "transition",
        put("transition_years", FUNDED, **nothing),
        both(**dict.fromkeys(("chance_low", "chance_high", "low", "high"), np.nan)),
    )  # fmt: skip
    assert "How sure this is cannot be said: too few runs were made." in said
    assert "(too few runs were made to say how sure this is)" in said
    assert "nan" not in said


def test_a_difference_that_cannot_be_told_is_none(changed: Changed) -> None:
    keys = {"measure": "funded_package", "transfer": "harrow"}
    said = changed("comparison", put("comparison", keys, difference=-1.0, low=-6.0, high=4.0))
    assert "No difference in packages could be told from chance: 4 more to 6 fewer a year." in said
    assert "That is about" not in said


def test_without_draws_of_inputs_it_says_what_is_left_out(changed: Changed) -> None:
    said = changed("comparison", lambda folder: (folder / "tables" / "ranges.parquet").unlink())
    assert "What we do not know about the inputs is not in these figures" in said
    assert "By chance alone it could be" in said


def test_more_packages_are_said_as_more(changed: Changed) -> None:
    many = {"difference_chance_low": 20.0, "difference_chance_high": 40.0, "difference_low": 10.0}
    said = changed("transition", put("transition_years", FUNDED, difference=30.0, difference_high=50.0, **many))
    assert "That is about 30 more people in 2019/20." in said and "10 to 50 more" in said
    assert OVER not in said


def test_nothing_changes_nothing_is_said_to_change(changed: Changed) -> None:
    said = changed("comparison", put("transfers", {"transfer": "harrow"}, share_of_gap=0.0))
    assert "nothing changes" in said and "fewer" not in said.lower()


def test_need_that_is_not_modelled_is_not_nought(changed: Changed) -> None:
    gone = "eligible_need_without_package"
    said = changed("comparison", edit("comparison", lambda frame: frame[~frame["measure"].str.startswith(gone)]))
    assert "where the need would go is not modelled" in said


@pytest.mark.parametrize("kind", KINDS)
def test_long_names_and_conditions_do_not_make_it_long(changed: Changed, kind: str) -> None:
    long = [f"{'so ' * 190}it is", "that one thing is so"]
    rename = edit("names", lambda frame: frame.assign(title=frame["title"] + " and more" * 60))
    said = changed(kind, rename, noted("config", true_only_if=long, cannot_say=long))
    assert "that one thing is so" in said and "so so so" not in said
    assert "And 1 more, listed below." in said


def test_what_does_not_fit_is_counted(changed: Changed) -> None:
    long = [f"{'so ' * 200}it is"] * 3
    said = changed("comparison", noted("config", true_only_if=long, cannot_say=[]))
    assert "True only if 3, all listed below." in said and "What the model cannot say" not in said


def test_ranges_say_their_direction() -> None:
    one = partial(Number, source="x.csv: y")
    assert str(fewer_range(one(-380), one(-120))) == "120 to 380 fewer"
    assert str(fewer_range(one(-400), one(35))) == "35 more to 400 fewer"
    assert str(fewer_range(one(10), one(50))) == "10 to 50 more"
    assert str(saved_range(one(-1.6e6), one(4.9e6))) == "£1.6m more spent to £4.9m saved"
    assert str(saved_range(one(-4e6), one(-2e6))) == "£2.0m to £4.0m more spent"
    assert str(saved_range(one(1e6), one(2e6))) == "£1.0m to £2.0m"
    assert brief("one two three", 2) == "one two…"


def test_the_facts_of_a_folder_follow_its_kinds(shipped_kinds: dict[str, Path]) -> None:
    for kind, folder in shipped_kinds.items():
        (facts,) = facts_of(Results(folder))
        assert isinstance(facts, Change) == (kind in ("comparison", "transition"))
