"""SQL over a results folder: the answers are the tables', nothing else can be reached, and bad SQL gets a sentence."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import threading
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from experiments.cli import main
from experiments.store import SCHEMA_VERSION, Folder
from experiments.store_query import Store, query
from simulation.errors import DemandflowError

ROOT = Path(__file__).resolve().parent.parent
COMPARED = pd.DataFrame(
    {
        "measure": ["contact", "funded_package"],
        "transfer": ["full", "full"],
        "difference": [0.0, -3.5],
        "low": [np.nan, -4],
    }
)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder with two tables and two batches of replications."""
    folder = Folder(tmp_path / "results", False)
    folder.json("manifest.json", {"schema_version": SCHEMA_VERSION, "status": "finished"})
    folder.table("comparison", COMPARED)
    folder.table("names", pd.DataFrame({"what": ["model"], "name": ["now"]}))
    for first in (0, 2):
        part = pd.DataFrame({"run": "comparison", "replication": [first, first + 1], "value": [1, 10]})
        part.to_parquet(folder.path / "replications" / f"comparison-{first:05d}.parquet", index=False)
    return folder.path


def test_answers_are_what_the_tables_hold(results):
    found = Store(results).asked("select measure, difference from comparison order by difference")
    assert found.to_dict("list") == {"measure": ["funded_package", "contact"], "difference": [-3.5, 0.0]}
    batches = Store(results).asked("select count(*) n, sum(value) s, max(replication) r from replications")
    assert [int(v) for v in batches.iloc[0]] == [4, 22, 3]


def test_three_forms_hold_the_same_and_missing_is_never_nought(results):
    sql = "select measure, low from comparison order by measure"
    table = query(results, sql)
    assert table[2].split() == ["contact"] and table[3].split() == ["funded_package", "-4"] and table[-1] == "(2 rows)"
    assert list(csv.DictReader(io.StringIO("\n".join(query(results, sql, "csv"))))) == [
        {"measure": "contact", "low": ""}, {"measure": "funded_package", "low": "-4.0"},
    ]  # fmt: skip
    assert json.loads("\n".join(query(results, sql, "json"))) == [
        {"measure": "contact", "low": None}, {"measure": "funded_package", "low": -4.0},
    ]  # fmt: skip


def test_without_sql_tables_are_listed_with_where_they_are_documented(results):
    lines = query(results, None)
    assert [line.split() for line in lines if " row" in line and not line.startswith("    ")][:3] == [
        ["comparison", "2", "rows"], ["names", "1", "row"], ["replications", "4", "rows"],
    ]  # fmt: skip
    assert "    documented in docs/outputs.md, 'comparison'" in lines
    assert "    documented in docs/outputs.md, 'Small tables'" in lines


def test_every_table_that_a_command_writes_is_documented():
    written = re.compile(r'\.table\(\s*"(\w+)"')
    names = {name for path in (ROOT / "experiments").rglob("*.py") for name in written.findall(path.read_text("utf-8"))}
    names |= {
        "aftermath",
        "aftermath_not_found",
        "changed_inputs",
        "changed_results",
        "changed_words",
        "by_replication",
    }
    assert len(names) > 40
    for name in sorted(names):
        assert re.search(rf"(?m)^(- |\| |## )`{name}`", (ROOT / "docs" / "outputs.md").read_text("utf-8")), name


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select * from read_csv('/etc/passwd')", "SQL may not reach files"),
        ("select * from '/etc/passwd.csv'", "SQL may not reach files"),
        ("select * from read_text('/etc/passwd')", "SQL may not reach files"),
        ("select * from glob('/*')", "SQL may not reach files"),
        ("copy comparison to '{out}'", "COPY is not allowed"),
        ("copy (select 1) to '{out}'", "COPY is not allowed"),
        ("export database '{out}'", "EXPORT is not allowed"),
        ("attach '{out}'", "ATTACH is not allowed"),
        ("install httpfs", "LOAD is not allowed"),
        ("load httpfs", "LOAD is not allowed"),
        ("set enable_external_access=true", "SET is not allowed"),
        ("create table t as select 1", "CREATE is not allowed"),
        ("drop view comparison", "DROP is not allowed"),
        ("select 1; copy comparison to '{out}'", "one query at a time"),
        ("", "holds no query"),
        ("select * from comparisn", "There is no table 'comparisn'. Did you mean 'comparison'?"),
        ("select diference from comparison", "no column 'diference' in the tables asked. Did you mean 'difference'?"),
        ("select c.foo from comparison c", "no column 'foo' in the tables asked. Use: measure, transfer"),
        ("selec 1", "The SQL cannot be answered"),
        ("select ?", "The SQL cannot be answered"),
        ("select cast(measure as int) from comparison", "The SQL cannot be answered"),
        ("select * from COMPARED", "There is no table 'COMPARED'"),
    ],
)  # fmt: skip
def test_nothing_but_the_tables_can_be_asked(results, tmp_path, capsys, sql, says):
    out = tmp_path / "out"
    assert main(["query", str(results), sql.format(out=out)]) == 2
    said = capsys.readouterr().err
    assert says in said and "Traceback" not in said and not out.exists()


def test_the_door_is_shut_behind_the_check_of_statements(results):
    store = Store(results)
    for sql in ("copy comparison to '/tmp/never.csv'", "set enable_external_access=true", "attach '/tmp/never.db'"):
        with pytest.raises(duckdb.Error):
            store._database.execute(sql)


def test_ctrl_c_ends_a_query_that_takes_too_long(results, capsys):
    endless = "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range = 7"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
    after = threading.Timer(0.7, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    after.start()
    try:
        assert main(["query", str(results), endless]) == 130
    finally:
        after.cancel()
        signal.signal(signal.SIGINT, before)
    assert "Stopped." in capsys.readouterr().err


def test_folders_that_cannot_be_asked(results, tmp_path):
    def fault(folder: Path) -> str:
        with pytest.raises(DemandflowError) as raised:
            Store(folder)
        return str(raised.value)

    assert "there is no such folder" in fault(tmp_path / "nowhere")
    assert "is a file, not a folder" in fault(results / "manifest.json")
    assert "is not a results folder" in fault(tmp_path)
    (results / "replications" / "comparison-00002.parquet").write_bytes(b"PAR1 and then nothing")
    assert "comparison-00002.parquet: is not a whole Parquet file" in fault(results)
    (results / "manifest.json").write_text('{"schema_version": 99, "status": "finished"}')
    assert f"is of schema version 99; this program reads version {SCHEMA_VERSION}" in fault(results)
