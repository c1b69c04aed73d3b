"""Two sets of values side by side: parts add up, what would make them agree is found, and neither is called right."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_elicit import CLOSED, CONTACTS, COST, HUBS, STAY, TODAY, world

from experiments.challenge import words
from experiments.challenge.agree import closest, the_one
from experiments.challenge.assumptions import Challenge, read_challenge
from experiments.challenge.shares import Part, shapley, subsets, whole
from experiments.challenge.tables import Found, agree_table, found_of
from experiments.cli import main
from experiments.crew import Crew
from experiments.elicit.asked import Asked
from experiments.experiment import run_experiment
from simulation.errors import ConfigError

UNION = f"""
who: the union branch
assumptions:
  resolved_in_hubs: {{value: 0.8, why: "hubs see harder cases"}}
  {CLOSED}: {{value: 0.3, why: "nobody closes half", who: Cllr A}}
  {STAY}: {{value: 24, why: "care ends sooner"}}
"""


@pytest.fixture(scope="module")
def hope(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small experiment."""
    return world(tmp_path_factory.mktemp("challenge"))


@pytest.fixture(scope="module")
def asked(hope: Path) -> Asked:
    """Its headline, to be asked."""
    return Asked(hope)


def read(asked: Asked, folder: Path, text: str) -> Challenge:
    path = folder / "union.yaml"
    path.write_text(text, encoding="utf-8")
    return read_challenge(path, asked)


def worked(asked: Asked, challenge: Challenge) -> Found:
    with Crew([], 1) as crew:
        return found_of(asked, challenge, crew)


# Shares


def by_orders(values: Mapping[Part, int], count: int) -> list[Fraction]:
    """Shapley's value from its definition: the mean step over all orders."""
    total = [Fraction(0)] * count
    orders = list(permutations(range(count)))
    for order in orders:
        for place, one in enumerate(order):
            before = frozenset(order[:place])
            total[one] += values[before | {one}] - values[before]
    return [share / len(orders) for share in total]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_shares_are_shapleys_and_add_up_exactly(count: int) -> None:
    values = {part: (7919 * (3 + sum(2**n for n in part)) ** 2) % 10_007 for part in subsets(count)}
    shares = shapley(values, count)
    assert sum(shares) == values[frozenset(range(count))] - values[frozenset()]
    assert all(abs(share - exact) < 1 for share, exact in zip(shares, by_orders(values, count), strict=True))


def test_a_dummy_gets_nothing_and_equals_get_the_same() -> None:
    values = {part: 1000 * len(part & {0, 1}) ** 2 for part in subsets(3)}
    assert shapley(values, 3) == [2000, 2000, 0]


def test_rounding_keeps_the_sum() -> None:
    assert whole([Fraction(1, 3)] * 3) == [1, 0, 0]
    assert sum(whole([Fraction(-7, 3), Fraction(1, 2), Fraction(-1, 6)])) == -2


def test_every_part_is_worked_out_by_hand(asked: Asked, tmp_path: Path) -> None:
    """Packages are 50 × the share closed × how much more hubs resolve."""
    found = worked(asked, read(asked, tmp_path, UNION))
    assert found.officers.packages == pytest.approx(-CONTACTS * 0.5 * 0.2)
    assert found.challenger.packages == pytest.approx(-CONTACTS * 0.3 * 0.1)
    rows = found.inputs.set_index("input")
    hubs, closed, stay = (rows.loc[key] for key in (HUBS, CLOSED, STAY))
    assert hubs["packages_alone"] == pytest.approx(CONTACTS * 0.5 * 0.1)
    assert hubs["packages_last"] == pytest.approx(CONTACTS * 0.3 * 0.1)
    assert hubs["packages_share"] == pytest.approx(CONTACTS * 0.4 * 0.1, abs=2e-6)
    assert closed["packages_share"] == pytest.approx(CONTACTS * 0.2 * 0.15, abs=2e-6)
    assert stay["packages_alone"] == stay["packages_share"] == 0
    assert stay["saving_alone"] < 0
    for measure, places in (("packages", 6), ("saving", 2)):
        officers, challenger = (
            round(getattr(side, measure) * 10**places) for side in (found.officers, found.challenger)
        )
        assert sum(round(share * 10**places) for share in found.inputs[f"{measure}_share"]) == challenger - officers
    assert (closed["who"], hubs["who"]) == ("Cllr A", "the union branch")


def test_the_difference_has_a_range_over_what_neither_disputes(asked: Asked, tmp_path: Path) -> None:
    sides = worked(asked, read(asked, tmp_path, UNION)).sides.set_index("side")
    drawn = [asked.prepared.inputs.drawn(asked.prepared.experiment.seed, draw) for draw in range(8)]
    steps = [CONTACTS * (0.5 * (0.9 - d[TODAY]) - 0.3 * (0.8 - d[TODAY])) for d in drawn]
    ends = sides.loc["difference", ["packages_low", "packages_high"]].tolist()
    assert ends == pytest.approx(np.quantile(steps, [0.025, 0.975]).tolist())
    assert sides.loc["difference", "saving"] == pytest.approx(
        sides.loc["challenger", "saving"] - sides.loc["officers", "saving"]
    )


def test_more_than_eight_inputs_are_told_one_at_a_time(asked: Asked, tmp_path: Path) -> None:
    prices = "prices/small:care.younger.home_care"
    text = UNION + f"  resolved: {{value: 0.72, why: 'logs'}}\n  {COST}: {{value: 170, why: 'offers'}}\n"
    other = [(f"{prices}.weekly_cost", 241), (f"{prices}.stay.mean", 59), ("models/hubs.weight", 0.4)]
    more = [
        key for key in sorted(asked.inputs) if key.startswith("demand/small:") and asked.inputs[key].formula is None
    ]
    other += [(key, round(asked.value(key) * 0.99, 6)) for key in more[:4]]
    entries = [(k, v) for k, v in other if k in asked.inputs][: 9 - 5 + 1]
    text = text.replace("  resolved:", f"  {TODAY}:")
    text += "".join(f"  {key}: {{value: {value}, why: 'why not'}}\n" for key, value in entries)
    challenge = read(asked, tmp_path, text)
    assert len(challenge.disputed) > 8
    found = worked(asked, challenge)
    assert "More than 8 inputs are in dispute" in found.unsplit
    assert found.inputs["saving_share"].isna().all() and found.inputs["saving_alone"].notna().all()
    assert any("one input at a time only" in line for line in words.of_inputs(found))


@pytest.mark.parametrize(
    ("shares", "begins"),
    [
        ((6.0, 3.0, 1.0), "Most of the difference in money comes from a"),
        ((4.0, 3.5, 2.5), "The largest part of the difference in money comes from a"),
        ((5.0, -4.0, 0.5), "The largest part of the difference in money comes from a"),
    ],
)
def test_most_is_said_of_more_than_half_only(
    asked: Asked, tmp_path: Path, shares: tuple[float, ...], begins: str
) -> None:
    found = worked(asked, read(asked, tmp_path, UNION))
    inputs = found.inputs.assign(saving_share=[1e6 * share for share in shares], title=["a", "b", "c"])
    whole = replace(found.officers, saving=found.officers.saving + 1e6 * sum(shares))
    said = words.of_inputs(replace(found, inputs=inputs, challenger=whole))[-1]
    assert said.startswith(begins)
    assert said.endswith("some work against each other.") == (min(shares) < 0)


# What would make them agree


def test_the_one_that_would_make_them_agree_is_found(asked: Asked, tmp_path: Path) -> None:
    """50 × 0.5 × 0.2 = 5 fewer. With 0.45 closed, hubs would have to resolve 0.7 + 0.1 / 0.45."""
    challenge = read(asked, tmp_path, UNION.replace("value: 0.3,", "value: 0.45,"))
    found = worked(asked, challenge)
    one = the_one(found.ways, "packages")
    assert one is not None and one.disputed.key == HUBS
    assert one.value == pytest.approx(0.7 + 0.1 / 0.45, abs=1e-4)
    assert one.reached == pytest.approx(found.officers.packages, abs=0.005)
    by_closed = next(w for w in found.ways if w.measure == "packages" and w.disputed.key == CLOSED)
    assert by_closed.agrees and by_closed.value == pytest.approx(1.0, abs=1e-3)
    assert by_closed.moved > one.moved
    told = "\n".join(words.of_agreeing(found))
    assert "On packages one input would make them agree: “resolved” in hubs. With 0.9222 in place of 0.8" in told
    assert "So would, with a larger move: closed at 1" in told
    table = agree_table(found)
    assert table[table["the_one"]].groupby("measure").size().max() == 1


def test_where_none_would_the_closest_is_told(asked: Asked, tmp_path: Path) -> None:
    text = UNION.replace("value: 0.3,", "value: 0.1,").replace("value: 0.8,", "value: 0.76,")
    challenge = read(asked, tmp_path, text)
    found = worked(asked, challenge)
    # Closing the whole gap gives 50 × 0.06 = 3, hubs that resolve all give 50 × 0.1 × 0.3 = 1.5: neither is 5.
    assert the_one(found.ways, "packages") is None
    near = closest(found.ways, "packages", found.officers.packages)
    assert (near.disputed.key, near.value) == (CLOSED, 1.0)
    assert near.reached == pytest.approx(-3.0)
    told = "\n".join(words.of_agreeing(found))
    assert "On packages no single input in dispute would make them agree. The closest: closed at 1" in told


def test_where_both_agree_already_it_is_said(asked: Asked, tmp_path: Path) -> None:
    challenge = read(asked, tmp_path, f'assumptions:\n  {STAY}: {{value: 24, why: "sooner", who: us}}\n')
    found = worked(asked, challenge)
    told = words.of_agreeing(found)
    assert told[0] == "On packages the two sides agree already."
    one = the_one(found.ways, "saving")
    assert one is not None and one.value == pytest.approx(30, abs=0.05)


def test_neither_side_is_called_right(asked: Asked, tmp_path: Path) -> None:
    challenge = read(asked, tmp_path, UNION)
    text = " ".join(words.on_screen(challenge, worked(asked, challenge), asked.year, asked.scenario)).lower()
    assert "neither side is called right" in text and "are not an estimate of effect" in text
    assert not re.search(r"\b(wrong|correct|mistaken|error|overestimate|too (high|low|optimistic))\b", text)


# The file


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (UNION.replace("resolved_in_hubs", "resolved_in_hub"), 4, "Did you mean 'resolved_in_hubs'?"),
        (UNION.replace("resolved_in_hubs", "models/hubs.resolvd_in_hubs"), 4, f"Did you mean '{HUBS}'?"),
        (UNION.replace("resolved_in_hubs", "resolved"), 4, "several inputs are called 'resolved'"),
        (UNION.replace("resolved_in_hubs", "advice_share"), 4, f"Challenge what it rests on: {HUBS}"),
        (UNION.replace("0.8", "0.9"), 4, "is the officers' own value"),
        (UNION.replace("0.8", "1.3"), 4, "contradicts the officers' other values: "),
        (UNION.replace("0.8", "most"), 4, "'most' is not a number"),
        (UNION.replace(', why: "hubs see harder cases"', ""), 4, "has no why"),
        (UNION.replace("who: the union branch\n", ""), 3, "nobody is named who holds resolved_in_hubs"),
        (UNION.replace("why:", "because:", 1), 4, "there is no key 'because' here"),
        (UNION + f"  {HUBS}: {{value: 0.7, why: again}}\n", 3, "one input is named twice"),
        ("experiment: other\n" + UNION, 1, "about the experiment 'other', not about 'hope'"),
        ("wh: me\n" + UNION, 1, "there is no key 'wh' here. Did you mean 'who'?"),
        ("who: me\n", 1, "assumptions: is missing or empty"),
        ("who: me\nassumptions: 3\n", 2, "is not a list of inputs by name"),
        ("who: me\nassumptions: {closed: 0.3}\n", 2, "closed has no value:, why: and who:"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_and_mend(asked: Asked, tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(asked, tmp_path, text)
    assert any(f"union.yaml:{line}: " in one and said in one for one in str(caught.value).splitlines()), caught.value


def test_values_that_hold_alone_and_not_together_are_told_so(tmp_path: Path) -> None:
    main_job = Asked(Path(__file__).resolve().parent.parent / "configs" / "experiments" / "barnet_vs_shropshire.yaml")
    text = "who: us\nassumptions:\n"
    text += "  hospital_funded_rate: {value: 0.5, why: high}\n  hospital_assessed_share: {value: 0.62, why: low}\n"
    with pytest.raises(
        ConfigError, match=r"union\.yaml:3: .*taken together: .*is not between 0 and 1; it follows from"
    ):
        read(main_job, tmp_path, text)


# The command


def test_the_command_writes_tables_and_a_page(hope: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = run_experiment(hope, tmp_path / "results", 1, False, quiet=True)
    file = tmp_path / "union.yaml"
    file.write_text(UNION, encoding="utf-8")
    assert main(["challenge", str(results), str(file)]) == 0
    out = tmp_path / "results_challenge"
    said = capsys.readouterr().out
    assert "those of the union branch give" in said and "challenge.html" in said
    assert len(pd.read_csv(out / "tables" / "inputs.csv")) == 3
    assert json.loads((out / "manifest.json").read_text())["assumptions"]["who"] == "the union branch"
    page = (out / "challenge.html").read_text(encoding="utf-8")
    assert '<html lang="en-GB">' in page and 'href="#main"' in page
    assert page.count('scope="row"') == 3 + 3 + 3
    body = page[page.index("<main") : page.index("</main>")]
    assert "nan" not in re.sub(r"<[^>]+>", " ", body).split()
    assert main(["challenge", str(results), str(file)]) == 2
    assert "exists. Choose another folder" in capsys.readouterr().err
    assert main(["challenge", str(tmp_path / "nowhere"), str(file)]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_small_words() -> None:
    assert words.signed(3.0) == "+3" and words.signed(-250.0) == "−250" and words.signed(0.0) == "0"
    assert words.money(math.nan) == "not known" and words.money(1234567.0) == "+£1,230,000"
