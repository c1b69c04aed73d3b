"""A batch of replications as one Parquet file: a row for every whole number that is not nought.

What rows cannot say (the shape of each array, people, rows of the trace, the yardstick of drawn inputs) stands in the
file's own metadata, so that a batch can be read back to the last number. Pages carry checksums.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

LAYOUT = 1
"""Changes when batches that were written before can no longer be read."""

NOTES = ("replication", "people", "rows", "shapes")
"""What is told of each outcome."""

_KEY = b"demandflow.batch"
_COLUMNS = pa.schema(
    [("run", pa.string()), ("transfer", pa.string()), ("replication", pa.int64()), ("tally", pa.string()),
     ("place", pa.int64()), ("value", pa.int64())]
)  # fmt: skip

Ints = NDArray[np.int64]


class Counted(Protocol):
    """One replication of a run, as whole numbers by scenario."""

    @property
    def key(self) -> str:
        """Name of the run."""

    @property
    def replication(self) -> int:
        """Its number."""

    @property
    def tallies(self) -> Any:
        """Scenario to a tally, which gives its arrays by name."""

    @property
    def people(self) -> int:
        """How many were simulated."""

    @property
    def rows(self) -> int:
        """Rows of its trace."""


@dataclass(frozen=True)
class Read:
    """One replication as it stands in a file: ``kind`` is the name of its class, ``arrays`` go by scenario and name."""

    kind: str
    key: str
    replication: int
    arrays: dict[str, dict[str, Ints]]
    people: int
    rows: int
    beside: dict[str, Any]


def table_of(outcomes: Sequence[Counted]) -> tuple[pa.Table, bytes]:
    """The rows of a batch, and what they cannot say."""
    whose, places, amounts = [], [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    shapes: list[dict[str, dict[str, list[int]]]] = []
    notes: list[list[int]] = []
    beside: list[dict[str, Any]] = []
    for outcome in outcomes:
        shape = {}
        for scenario, tally in outcome.tallies.items():
            arrays = tally.arrays()
            shape[scenario] = {name: list(array.shape) for name, array in arrays.items()}
            for name, array in arrays.items():
                flat = array.ravel()
                places.append(flat.nonzero()[0])
                amounts.append(flat[places[-1]])
                whose.append((outcome.key, scenario, outcome.replication, name))
        if shape not in shapes:
            shapes.append(shape)
        notes.append([outcome.replication, int(outcome.people), int(outcome.rows), shapes.index(shape)])
        beside.append(_beside(outcome))
    each = np.repeat(np.arange(len(whose)), [len(place) for place in places[1:]])
    frame = pd.DataFrame(whose, columns=["run", "transfer", "replication", "tally"]).iloc[each]
    frame = frame.reset_index(drop=True).assign(place=np.concatenate(places), value=np.concatenate(amounts))
    table = pa.Table.from_pandas(frame, schema=_COLUMNS, preserve_index=False)
    first = outcomes[0]
    told = {"layout": LAYOUT, "kind": type(first).__name__, "run": first.key, "shapes": shapes}
    told |= {"outcomes": dict(zip(NOTES, zip(*notes, strict=True), strict=True))}
    if any(beside):
        told["beside"] = beside
    return table, base64.b85encode(zlib.compress(json.dumps(told).encode(), 9))


def _beside(outcome: Counted) -> dict[str, Any]:
    """What an outcome holds beside its counts: parts that are dataclasses of plain numbers."""
    parts = vars(outcome).items()
    return {name: asdict(part) for name, part in parts if is_dataclass(part) and not isinstance(part, type)}


def write_batch(path: Path, outcomes: Sequence[Counted]) -> None:
    """Write a batch. Raises OSError: the disk."""
    write_table(path, *table_of(outcomes))


def write_table(path: Path, table: pa.Table, told: bytes, key: bytes = _KEY) -> None:
    """Write the rows, and in the file's metadata, under ``key``, what they cannot say."""
    with pq.ParquetWriter(path, table.schema, write_page_checksum=True, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({key: told})


def read_batch(path: Path) -> list[Read]:
    """The replications of a file, in its order.

    Raises:
        ValueError: the file is damaged, or was written before batches could be read back. OSError: it cannot be read.
    """
    try:
        told = json.loads(zlib.decompress(base64.b85decode(pq.read_metadata(path).metadata[_KEY])))
        table = pq.read_table(path, page_checksum_verification=True)
        if told["layout"] != LAYOUT:
            raise ValueError("another layout")
        return _outcomes(table, told)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, zlib.error, KeyError, TypeError, IndexError, OSError) as error:
        raise ValueError(f"{path.name} cannot be read back") from error


def _outcomes(table: pa.Table, told: dict[str, Any]) -> list[Read]:
    spans, place, value = _spans(table), table["place"].to_numpy(), table["value"].to_numpy()
    result, seen = [], 0
    columns = [told["outcomes"][name] for name in NOTES]
    beside = told.get("beside", [{}] * len(columns[0]))
    for replication, people, rows, shape_of, held in zip(*columns, beside, strict=True):
        arrays: dict[str, dict[str, Ints]] = {}
        for scenario, shapes in told["shapes"][shape_of].items():
            arrays[scenario] = {}
            for name, shape in shapes.items():
                flat = np.zeros(int(np.prod(shape)), dtype=np.int64)
                start, stop = spans.get((scenario, replication, name), (0, 0))
                flat[place[start:stop]] = value[start:stop]
                arrays[scenario][name] = flat.reshape(shape)
                seen += stop - start
        result.append(Read(told["kind"], told["run"], replication, arrays, people, rows, held))
    if seen != table.num_rows:
        raise ValueError("rows that belong to nothing")
    return result


def _spans(table: pa.Table) -> dict[tuple[str, int, str], tuple[int, int]]:
    """From which row to which an array stands, by scenario, replication and name."""
    if not table.num_rows:
        return {}
    columns = [table[name].combine_chunks().dictionary_encode() for name in ("transfer", "replication", "tally")]
    codes = [np.asarray(column.indices) for column in columns]
    changes = np.zeros(table.num_rows, dtype=bool)
    changes[0] = True
    for code in codes:
        changes[1:] |= code[1:] != code[:-1]
    starts = np.flatnonzero(changes)
    stops = np.append(starts[1:], table.num_rows)
    names = [column.dictionary.to_pylist() for column in columns]
    return {
        (names[0][codes[0][start]], names[1][codes[1][start]], names[2][codes[2][start]]): (start, stop)
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
    }
