"""A contract in which an overspend is a loan and an underspend is carried forward, year by year in whole pounds.

It is about the budget for staffing and support in scope alone. When people need more care than was budgeted for, the
council pays, whatever the vehicle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import whole
from simulation.printed import Reader, Row
from simulation.reading import Where
from simulation.schema.contract import Contract

if TYPE_CHECKING:
    import pandas as pd

MOST_YEARS = 20
COLUMNS = (
    "budget", "spend", "recouped", "from_carried", "covered", "vehicle_bears", "kept", "returned", "council_pays",
    "council_bears", "loan", "carried",
)  # fmt: skip

Ints = Sequence[int] | NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """Shares from 0 to 1, and the number of years over which a loan is taken back."""

    underspend_kept: float
    overspend_covered: float
    recouped_over_years: int


def _checked(amounts: Ints, what: str) -> list[int]:
    made = [int(amount) for amount in amounts]
    if any(pounds < 0 or pounds != amount for pounds, amount in zip(made, amounts, strict=True)):
        raise ValueError(f"a {what} is no whole number of pounds from nought")
    return made


def settle(terms: Terms, budget: Ints, spend: Ints) -> pd.DataFrame:
    """What becomes of under- and overspends, year by year.

    A loan is taken back from the budget in even parts, from the year after. What is left of the budget then meets the
    spend; a surplus is carried forward, as far as agreed, and the rest goes back to the council. An overspend takes
    the surplus carried forward first; of what remains the council covers its part as a loan, and the vehicle bears the
    rest.

    Returns:
        A row a year and whole pounds in ``COLUMNS``. ``council_pays`` is cash out of the council; ``council_bears`` is
        that cash without loans made and taken back; ``loan`` and ``carried`` are balances at the end of the year. In
        every year spend = council_bears + vehicle_bears + rise of the loan − rise of what is carried forward.

    Raises:
        ValueError: amounts that are no whole pounds from nought, or not as many budgets as spends.
    """
    budgets, spends = _checked(budget, "budget"), _checked(spend, "spend")
    if len(budgets) != len(spends):
        raise ValueError("give one budget and one spend for each year")
    years, over = len(budgets), terms.recouped_over_years
    due = [0] * (years + over + 1)
    loan = carried = arrears = 0
    rows = []
    for year in range(years):
        owed = arrears + due[year]
        recouped = min(owed, budgets[year])
        arrears = owed - recouped
        left = budgets[year] - recouped - spends[year]
        kept = whole(terms.underspend_kept * max(left, 0))
        from_carried = min(carried, max(-left, 0))
        short = max(-left, 0) - from_carried
        covered = whole(terms.overspend_covered * short)
        for part in range(over):
            due[year + 1 + part] += covered * (part + 1) // over - covered * part // over
        returned = max(left, 0) - kept
        loan += covered - recouped
        carried += kept - from_carried
        pays = budgets[year] - recouped - returned + covered
        rows.append((
            budgets[year], spends[year], recouped, from_carried, covered, short - covered, kept, returned, pays,
            pays - covered + recouped, loan, carried,
        ))  # fmt: skip
    import pandas as pd  # a quarter of a second that only readers of tables wait for

    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="int64")


def care_risk(care_budget: Ints, care_spend: Ints) -> pd.DataFrame:
    """Who bears it when care costs more or less than budgeted: the council, under every vehicle.

    Returns:
        ``council_bears`` (spend less budget, below nought where less is spent) and ``vehicle_bears``, pounds a year.
    """
    budgets, spends = _checked(care_budget, "care budget"), _checked(care_spend, "care spend")
    over = [spent - given for given, spent in zip(budgets, spends, strict=True)]
    import pandas as pd  # a quarter of a second that only readers of tables wait for

    return pd.DataFrame({"council_bears": over, "vehicle_bears": [0] * len(over)}, dtype="int64")


def _terms(reader: Reader, contract: Contract) -> Terms:
    root: Where = ("contract",)
    bounds = {"underspend_kept": (0.0, 1.0), "overspend_covered": (0.0, 1.0), "recouped_over_years": (1.0, MOST_YEARS)}
    found = {}
    for name, (low, high) in bounds.items():
        number, where = getattr(contract, name), (*root, name)
        reader.ends(number, where, low, high)
        found[name] = reader.number(number, where, low, high)
    years = max(1, whole(found["recouped_over_years"]))
    return Terms(found["underspend_kept"], found["overspend_covered"], years)


def terms_of(loaded: Loaded, values: Values) -> Terms:
    """The terms of a contract file, by central or drawn values; years to the nearest whole one.

    Raises:
        ConfigError: figures that cannot be evaluated or are out of bounds.
    """
    reader = Reader(loaded, values)
    terms = _terms(reader, loaded.config.contract)
    reader.stop_if_any()
    return terms


def _illustrated(reader: Reader, contract: Contract) -> pd.DataFrame:
    terms = _terms(reader, contract)
    root: Where = ("contract", "illustration")
    reader.stated(contract.length_years, ("contract", "length_years"), low=1, high=MOST_YEARS)
    budget = whole(reader.number(contract.illustration.budget, (*root, "budget")))
    spends = [
        whole(budget * (1 + reader.number(share, (*root, "over_budget", index), low=-1, high=10)))
        for index, share in enumerate(contract.illustration.over_budget)
    ]
    return settle(terms, [budget] * len(spends), spends)


def illustration(loaded: Loaded, values: Values) -> pd.DataFrame:
    """The made-up years of a contract file, settled: a row a year, as ``settle`` gives it.

    Raises:
        ConfigError: figures that cannot be evaluated or are out of bounds.
    """
    reader = Reader(loaded, values)
    made = _illustrated(reader, loaded.config.contract)
    reader.stop_if_any()
    return made


def contract_rows(reader: Reader, contract: Contract) -> list[Row]:
    """The illustration of a contract over all its years; faults are kept in the reader."""
    made = _illustrated(reader, contract)
    root: Where = ("contract", "illustration")
    sums = {"spend": "spent", "council_bears": "borne by the council", "vehicle_bears": "borne by the vehicle"}
    ends = {"loan": "loan still owed at the end", "carried": "carried forward at the end"}
    return [
        *(Row(f"Illustration, all years: {title}", int(made[name].sum()), root) for name, title in sums.items()),
        *(Row(f"Illustration: {title}", int(made[name].iloc[-1]), root) for name, title in ends.items()),
    ]
