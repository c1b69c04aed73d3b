"""Odd results in plain words: a loss, a chance, too few runs and long names, never in more than 200 words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from plain_results import KINDS, LAST, OVER, put, results_of
from report_page import Change, edit, noted

from experiments.report.plain.facts import brief, fewer_range, saved_range
from experiments.report.plain.reading import facts_of
from experiments.report.plain.summary import MOST_WORDS, summary_of
from experiments.report.results import Results
from experiments.report.words import Number


@pytest.fixture(scope="module")
def shipped_kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return results_of(tmp_path_factory)


Changed = Callable[..., str]


@pytest.fixture
def changed(shipped_kinds: dict[str, Path], tmp_path: Path) -> Changed:
    """The summary of a copy of the results that was changed; it is never too long."""

    def go(kind: str, *changes: Change) -> str:
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


def test_no_change_at_all_is_said_as_such(changed: Changed) -> None:
    keys = {"measure": "funded_package", "transfer": "harrow"}
    said = changed("comparison", put("comparison", keys, difference=0.0, low=0.0, high=0.0))
    assert "In these runs as many people would go on to one a year as today." in said


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
