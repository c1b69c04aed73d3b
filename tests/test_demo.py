"""The main job on real input, as `make demo` runs it."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from simulation.reading import SHIPPED


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "with a space"
    done = subprocess.run(
        [
            sys.executable,
            "run.py",
            "experiment",
            "configs/experiments/barnet_vs_shropshire.yaml",
            "--out",
            str(out),
            "--workers",
            "2",
            "--quiet",
        ],
        cwd=SHIPPED.parent,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    assert str(out / "report.html") in done.stdout
    return out


@pytest.mark.slow
class TestMainJob:
    def test_every_published_count_lies_inside_the_range_of_one_year(self, folder):
        flows = pd.read_csv(folder / "tables" / "flows.csv")
        own = flows[(flows.population == "own") & flows.n_published.notna()]
        assert len(own) == 12
        assert ((own.n_low <= own.n_published) & (own.n_published <= own.n_high)).all()

    def test_counts_worked_back_from_percentages_are_not_among_the_checks(self, folder):
        checks = json.loads((folder / "manifest.json").read_text())["checks"]
        assert checks["published_counts_inside_one_years_range"] == "6 of 6"
        assert checks["expected_counts_off_published_by_at_most"] < 1e-6

    def test_expected_counts_are_the_published_ones(self, folder):
        flows = pd.read_csv(folder / "tables" / "flows.csv")
        own = flows[(flows.model == "barnet_2014_15") & (flows.population == "own") & flows.n_published.notna()]
        assert (own.n_expected - own.n_published).abs().max() < 1e-6

    def test_simulated_shares_are_within_four_standard_errors(self, folder):
        checks = json.loads((folder / "manifest.json").read_text())["checks"]
        assert checks["largest_z_of_simulated_shares"] < 4

    def test_at_least_thirty_pairs_and_precise_enough(self, folder):
        manifest = json.loads((folder / "manifest.json").read_text())
        comparison = pd.read_csv(folder / "tables" / "comparison.csv")
        rows = comparison[(comparison.measure == "funded_package") & (comparison.transfer != "none")]
        assert manifest["stopping"]["pairs"] >= 30
        assert ((rows.high - rows.low) / 2 <= 0.05 * rows.difference.abs()).all()

    def test_nothing_changes_at_transfer_nought(self, folder):
        comparison = pd.read_csv(folder / "tables" / "comparison.csv")
        none = comparison[comparison.transfer == "none"]
        assert (none.difference == 0).all()

    def test_pairing_narrows_the_difference(self, folder):
        comparison = pd.read_csv(folder / "tables" / "comparison.csv")
        rows = comparison[(comparison.measure == "funded_package") & (comparison.transfer != "none")]
        assert (rows.variance_ratio > 2).all()

    def test_the_group_without_prices_has_packages_and_no_money(self, folder):
        savings = pd.read_csv(folder / "tables" / "savings.csv")
        other = savings[(savings.client_group == "other") & (savings.transfer == "full")]
        assert (other.package_weeks_fewer > 0).any()
        assert other.saving.isna().all()

    def test_savings_of_the_groups_add_up_to_the_whole(self, folder):
        savings = pd.read_csv(folder / "tables" / "savings.csv")
        for _, part in savings.groupby(["transfer", "financial_year"]):
            groups = part[part.client_group != "all_priced"].saving.sum()
            assert groups == pytest.approx(part[part.client_group == "all_priced"].saving.iloc[0], abs=0.01)

    def test_csv_and_parquet_hold_the_same(self, folder):
        for path in (folder / "tables").glob("*.csv"):
            text, columns = pd.read_csv(path), pd.read_parquet(path.with_suffix(".parquet"))
            assert list(text.columns) == list(columns.columns)
            assert len(text) == len(columns)

    def test_the_break_even_is_near_forty_percent(self, folder):
        uncertainty = json.loads((folder / "manifest.json").read_text())["uncertainty"]
        assert uncertainty["like_for_like_break_even"] == pytest.approx(0.399, abs=0.001)
        assert uncertainty["contradictory_input_draws"] == 0
