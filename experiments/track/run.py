"""Runs ``track``: reads folder and figures, compares, and writes a folder of its own. Nothing is simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.manifest import digest, of_file, surroundings
from experiments.own_folder import beside, own_folder
from experiments.track import words
from experiments.track.actuals import read_actuals
from experiments.track.forecast import Forecast, read_forecast
from experiments.track.page import page
from experiments.track.table import forecast_table, track_table
from simulation.errors import shown


def run_track(results: Path, actuals: Path, out: Path | None, force: bool = False) -> list[str]:
    """Hold the forecast of a results folder against quarterly actual figures.

    Args:
        results: a folder of ``run.py experiment``. actuals: the CSV file of what happened. out: a folder for tables,
        page and manifest, by default the results folder's name with ``_track``. force: replace an existing one.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk.
    """
    forecast = read_forecast(results)
    rows = read_actuals(actuals, forecast)
    table = track_table(forecast, rows)
    manifest = _manifest(forecast, results, actuals)
    with own_folder(beside(results, out, "track"), force, "track", manifest) as folder:
        folder.table("track", table)
        folder.table("forecast", forecast_table(forecast, rows))
        folder.text("track.html", page(forecast, rows, table, str(manifest["versions"]["demandflow"])))
    return [*words.on_screen(forecast, table), "", f"Page and tables: {shown(folder.path / 'track.html')}"]


def _manifest(forecast: Forecast, results: Path, actuals: Path) -> dict[str, Any]:
    source = forecast.results.manifest
    return {
        "title": source["title"],
        "forecast": {
            "folder": shown(results),
            "experiment": source["experiment"],
            "manifest_hash": digest(results / "manifest.json"),
            "seed": source["seed"],
        },
        "actuals": of_file(actuals),
        **surroundings(),
    }
