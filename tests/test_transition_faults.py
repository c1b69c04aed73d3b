"""What a transition refuses before it runs, and the numbers without a range that it gives no probability on."""

from __future__ import annotations

from pathlib import Path

import pytest
from twentieth import written

from experiments.plan import prepare
from experiments.transition.delivery import refused
from experiments.transition.plan import Maker, TransitionRun
from simulation.errors import ConfigError

HARROW = """  headline_transfer: harrow
  transfers:
    - name: harrow
      title: "as much as Harrow"
      match: {measure: MEASURE, source: community, change: {value: CHANGE, status: derived, why: "for a test"}}
"""


def with_section(folder: Path, more: str = "", old: str = "", new: str = "") -> Path:
    """The small transition with lines added to its section, or changed."""
    path = written(folder)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new).replace("transition:\n", f"transition:\n{more}", 1), encoding="utf-8")
    return path


def told_by(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        prepare(path)
    return str(caught.value)


def planned(path: Path) -> TransitionRun:
    made = prepare(path).transition
    assert made is not None
    return made


def test_a_measure_that_is_none_is_not_taken_for_no_effect(tmp_path: Path) -> None:
    text = HARROW.replace("MEASURE", "funded_packages").replace("CHANGE", "-0.24")
    told = told_by(with_section(tmp_path, text))
    assert "transition.transfers.0.match.measure: there is no measure 'funded_packages'. Did you mean" in told


@pytest.mark.parametrize(("change", "said"), [("0.24", "by +24.0%"), ("-0.95", "by -95.0%")])
def test_a_change_that_no_share_of_the_gap_comes_to_is_refused_with_what_the_whole_gap_gives(
    tmp_path: Path, change: str, said: str
) -> None:
    path = with_section(tmp_path, HARROW.replace("MEASURE", "funded_package").replace("CHANGE", change))
    told = told_by(path)
    assert f"no part of the gap changes 'funded_package' of community {said}: the whole gap changes it by -" in told
    assert "twentieth.yaml:" in told and "Give a change from 0 to that, with its sign." in told


def test_drawn_changes_beyond_the_gap_are_kept_within_it_and_counted(tmp_path: Path) -> None:
    maker = Maker.read(written(tmp_path))
    (fall,) = (key for key in maker.inputs.inputs if key.endswith("harrow_fall"))
    beyond, within = maker.world({fall: -0.99}), maker.world({fall: -0.05})
    assert beyond.settings.transfers["harrow"] == 1.0 and beyond.yardstick.clipped == ("harrow",)
    assert 0 < within.settings.transfers["harrow"] < 1 and within.yardstick.clipped == ()


TWICE = """  headline_transfer: half
  transfers:
    - {name: half, title: "half of it", value: 0.5}
    - {name: OTHER, title: "all of it", value: 1}
"""


@pytest.mark.parametrize(
    ("more", "old", "new", "told"),
    [
        (TWICE.replace("OTHER", "half"), "", "", "two transfers have the name 'half'. Rename one."),
        (TWICE.replace("OTHER", "culture"), "beside: []", "beside: [culture]",
         "two runs would have the name 'in_house.transformation/culture'."),
        (TWICE.replace("OTHER", "without_growth"), "", "",
         "two runs would have the name 'in_house.transformation/without_growth'."),
        ("", "beside: []", "beside: [s_curve]", "beside.0: 's_curve' is the change of the headlines."),
        ("", "beside: []", "beside: [culture, culture]", "beside.1: 'culture' is named twice."),
        ("", "moves:\n", 'moves:\n    - {team: social_work_teams, practitioners: 1, why: "again"}\n',
         "moves.1.team: 'social_work_teams' has another move already."),
        ("", "effects: [0.5]", "effects: [0, 0.5]", "an effect of 0 is the lead vehicle's own pace"),
        ("", "effects: [0.5]", "effects: [0.5, 0.5]", "an effect is given twice"),
        ("", "effects: [0.5]", "effects: [0.5, 0.50000001]", "two runs would have the name 'public_service_mutual"),
    ],
)  # fmt: skip
def test_names_and_effects_that_would_overwrite_each_other_are_refused(
    tmp_path: Path, more: str, old: str, new: str, told: str
) -> None:
    found = told_by(with_section(tmp_path, more, old, new))
    assert told.lower() in found.lower(), found
    assert ".yaml:" in found


# --- numbers without a range


def test_a_number_without_a_label_is_one_without_a_range(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert refused(planned(path)) == []
    demand = tmp_path / "demand" / "twentieth.yaml"
    text = demand.read_text(encoding="utf-8")
    labelled = text[text.index("contacts_per_year: ") :].partition("}\n")[0] + "}"
    demand.write_text(text.replace(labelled[:-1], "contacts_per_year: 310", 1), encoding="utf-8")
    assert refused(planned(path)) == ["demand/twentieth:sources.community.contacts_per_year"]


def test_the_months_and_scope_of_a_vehicle_need_ranges_even_behind_a_formula(tmp_path: Path) -> None:
    path = with_section(tmp_path, "", "[in_house, public_service_mutual]", "[in_house_guessed, public_service_mutual]")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("public_service_mutual]}", "public_service_mutual], over: in_house_guessed}"), encoding="utf-8"
    )
    option = """kind: option
name: in_house_guessed
extends: in_house
title: A start that somebody guessed
short_title: Guessed
reproduces: "nothing"
parameters:
  guessed: {value: -5, status: assumption, why: "for a test"}
  set_aside: {value: 5, status: assumption, why: "for a test"}
vehicle:
  change:
    routes:
      transformation:
        starts: {value: guessed + 0, status: assumption, why: "for a test"}
"""
    (tmp_path / "options").mkdir()
    (tmp_path / "options" / "in_house_guessed.yaml").write_text(option, encoding="utf-8")
    assert refused(planned(path)) == ["options/in_house_guessed.guessed"]


# --- ratings


def test_a_change_files_vehicle_effect_is_the_scenario_of_ratings_and_moves_no_headline(tmp_path: Path) -> None:
    """Both files' own sizes; the section's takes the place of that of the headlines."""
    (tmp_path / "change").mkdir()
    for name, size in (("s_curve", 0.4), ("culture", 0.2)):
        (tmp_path / "change" / f"rated_{name}.yaml").write_text(
            f"kind: change\nname: rated_{name}\nextends: {name}\ntitle: Rated\nshort_title: Rated {name}\n"
            f'vehicle_effect: {{value: {size}, status: assumption, why: "for a test", '
            'range: {low: 0, high: 1, why: "for a test"}}\n',
            encoding="utf-8",
        )
    named = "  change: rated_s_curve\n  ratings_worth: null\n"
    path = with_section(tmp_path, named, "beside: []", "beside: [rated_culture]")
    run = planned(path)
    rated = {one.name: one.effect for one in run.runs if one.name.endswith("/if_ratings_were_right")}
    assert rated == {
        "in_house.transformation/if_ratings_were_right": 0.0,
        "public_service_mutual.rapid/if_ratings_were_right": 0.4,
        "public_service_mutual.standard/if_ratings_were_right": 0.4,
        "in_house.transformation/rated_culture/if_ratings_were_right": 0.0,
        "public_service_mutual.rapid/rated_culture/if_ratings_were_right": 0.2,
        "public_service_mutual.standard/rated_culture/if_ratings_were_right": 0.2,
    }
    assert all(one.effect == 0 for one in run.runs if one.headline)
    path.write_text(path.read_text(encoding="utf-8").replace("ratings_worth: null", "ratings_worth: 0"), "utf-8")
    assert not [one for one in planned(path).runs if "rated_s_curve" in one.change and one.name.endswith("right")]


def test_with_the_shipped_files_vehicles_do_not_differ_unless_the_section_says_so(tmp_path: Path) -> None:
    path = with_section(tmp_path, "  ratings_worth: null\n")
    assert not [one for one in planned(path).runs if one.name.endswith("/if_ratings_were_right")]
