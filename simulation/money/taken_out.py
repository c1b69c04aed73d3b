"""What of a saving can be taken out of spending: a contract is paid until it is changed, a rota by the shift.

A week of care that is not bought saves ``marginal_share`` of its price, and nothing before ``cashable_from``. The rest
is capacity freed and not cash: it is shown, never dropped. Care that costs more in a month is paid in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.errors import ConfigError, Problem
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.money.columns import Floats, Ints, Spend, by_year, running, to_whole, year_ends, year_starts
from simulation.reading import Where, at
from simulation.schema.prices import Care


@dataclass(frozen=True, eq=False)
class TakenOut:
    """What of an avoided week's price leaves spending: ``share`` of shape (care types, months, groups), 0 to 1.

    ``assumed`` names the care for which no share was given and the whole price was taken: a sentence each.
    """

    share: Floats
    assumed: tuple[str, ...]


def share_problems(prices: Loaded, values: Values) -> list[Problem]:
    """Shares of a price file that cannot be evaluated or lie outside 0 to 1."""
    found: list[Problem] = []
    for group, kinds in prices.config.care.items():
        for kind, care in kinds.items():
            if care.marginal_share is None:
                continue
            where: Where = ("care", group, kind, "marginal_share")
            try:
                share = values.at(care.marginal_share, prices, where)
            except ConfigError as error:
                found.extend(error.problems)
                continue
            if not 0 <= share <= 1:
                found.append(prices.problem(where, f"{at(where)} is {share:g}.", "Give a share from 0 to 1."))
    return found


def taken_out(
    prices: Loaded, values: Values, care_types: Sequence[str], months: Sequence[str], groups: Sequence[str]
) -> TakenOut:
    """The shares of a price file, at central values or drawn ones.

    Raises:
        ConfigError: a share that cannot be evaluated or lies outside 0 to 1.
    """
    found = share_problems(prices, values)
    if found:
        raise ConfigError(found)
    share = np.ones((len(care_types), len(months), len(groups)))
    assumed = []
    for g, group in enumerate(groups):
        for c, kind in enumerate(care_types):
            care: Care | None = prices.config.care.get(group, {}).get(kind)
            if care is None or care.weekly_cost is None:
                continue  # there is no money to be taken out
            if care.marginal_share is None:
                assumed.append(
                    f"{kind} of {group}: no marginal_share is given: an avoided week is taken to save its whole price"
                )
            else:
                share[c, :, g] = values.at(care.marginal_share, prices, ("care", group, kind, "marginal_share"))
            if care.cashable_from is not None:
                share[c, [month < care.cashable_from for month in months], g] = 0.0
    return TakenOut(share, tuple(assumed))


@dataclass(frozen=True, eq=False)
class Saving:
    """What one run spends less than another, in pence-days of shape (care types, years, groups); more is negative.

    ``released``: council money that leaves spending. ``freed``: capacity freed and still paid for, so not cash.
    ``client``: what clients pay less. released + freed is what the council's care costs less; with ``client``, gross.
    """

    released: Ints
    freed: Ints
    client: Ints

    @property
    def council(self) -> Ints:
        """Released and freed: what the care costs the council less."""
        return self.released + self.freed


def _leaving(less: Ints, share: Floats) -> Floats:
    """What leaves spending: of what costs less its share, of what costs more the whole."""
    return np.where(less > 0, less * share, less)


def _parted(gross: Ints, leaving: Floats, client: Ints) -> Saving:
    leaves = np.minimum(to_whole(leaving), gross)
    return Saving(leaves - client, gross - leaves, client)


def saving(base: Spend, model: Spend, out: TakenOut) -> tuple[Saving, Saving]:
    """What ``model`` saves against ``base``: cash in each year, and the running rate at each year's end.

    Where a kind of care costs a group less in a month, that month's share of it leaves spending; where it costs more,
    all of that is paid: a month that cost less without being cash does not make up for one that cost more. A
    contribution that is no longer paid is lost whole, even where the place is still paid for: so released can be
    negative.
    """
    less, months = base - model, base.months
    gross, client = by_year(less.gross, months), by_year(less.client, months)
    leaves: Floats = np.add.reduceat(_leaving(less.gross, out.share), year_starts(months), axis=1)
    cash = _parted(gross, leaves, client)
    rate = running(less.weekly, months)
    in_force = out.share[:, year_ends(months), :]
    return cash, _parted(rate, _leaving(rate, in_force), running(less.weekly_client, months))
