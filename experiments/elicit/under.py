"""The headline under each expert: at the expert's medians, and over the expert's ranges."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from experiments.crew import Crew
from experiments.elicit.asked import Asked, Headline, first_fault
from experiments.elicit.laws import Pert
from experiments.elicit.pooled import Pooled
from experiments.elicit.reading import TAKEN
from simulation.errors import DemandflowError
from simulation.identity import draw_id
from simulation.philox import pair

POOL, AS_IT_STANDS = TAKEN


def under_table(asked: Asked, experts: Sequence[str], found: Mapping[str, Pooled], crew: Crew) -> pd.DataFrame:
    """The headline as the configs stand, under each expert and under the pool.

    Where an expert left an input blank it stays as it is. Draws are paired: the n-th draw takes the same luck for each
    input under everybody, so rows differ by what experts think and not by chance.

    Columns: who, answered (inputs answered), packages (expected change a year at the central values: an expert's
    medians; the pool's most likely values, as written into configs), packages_low, packages_median, packages_high
    (2.5%, 50% and 97.5% over draws of all ranged inputs), saving, saving_low, saving_median, saving_high (pounds in
    the financial year), financial_year, draws, contradictory_draws (left out), most_sceptical.

    Raises:
        DemandflowError: an expert's medians contradict each other.
    """
    who: list[tuple[str, dict[str, float], dict[str, Pert]]] = [(AS_IT_STANDS, {}, {})]
    for expert in experts:
        mine = {key: one for key, one in found.items() if expert in one.laws}
        centre = {key: o.quantiles[1] for key, one in mine.items() for o in one.opinions if o.expert == expert}
        who.append((expert, centre, {key: one.laws[expert] for key, one in mine.items()}))
    pool = {key: one.law for key, one in found.items()}
    who.append((POOL, {key: law.mode for key, law in pool.items()}, pool))
    seed = asked.prepared.experiment.seed
    base = [asked.prepared.inputs.drawn(seed, draw) for draw in range(asked.draws)]
    sets = [_laid(one, laws, seed, draw) for _, _, laws in who for draw, one in enumerate(base)]
    drawn = asked.headlines(sets, crew) if sets else []
    rows = []
    for at, (name, centre, laws) in enumerate(who):
        central = _central(asked, name, centre)
        mine_drawn = drawn[at * len(base) : (at + 1) * len(base)]
        good = [headline for headline in mine_drawn if headline is not None]
        rows.append(
            {
                "who": name,
                "answered": len(laws),
                **_spread("packages", central.packages, [h.packages for h in good]),
                **_spread("saving", central.saving, [h.saving for h in good]),
                "financial_year": asked.year,
                "draws": len(good),
                "contradictory_draws": len(mine_drawn) - len(good),
            }
        )
    table = pd.DataFrame(rows)
    asked_rows = table[~table["who"].isin([AS_IT_STANDS, POOL])]
    least = asked_rows["saving"].min()
    table["most_sceptical"] = table.index.isin(asked_rows.index[asked_rows["saving"] == least])
    return table


def _central(asked: Asked, name: str, centre: Mapping[str, float]) -> Headline:
    try:
        return asked.headline(centre)
    except DemandflowError as error:
        raise DemandflowError(
            f"the values of {name} contradict each other when taken together: {first_fault(error)} "
            "Each alone holds. Ask again about those this sentence names."
        ) from None


def _laid(base: Mapping[str, float], laws: Mapping[str, Pert], seed: int, draw: int) -> dict[str, float]:
    """A drawn set with an expert's laws in it: the same luck as without them."""
    return {**base, **{key: law.quantile(_luck(key, seed, draw)) for key, law in laws.items()}}


def _luck(key: str, seed: int, draw: int) -> float:
    """The luck of an input in a draw, as ``simulation.inputs`` takes it."""
    return float(pair(0, draw_id(key, "input"), 0, 0, seed, draw)[0])


def _spread(name: str, central: float, values: Sequence[float]) -> dict[str, float]:
    low, median, high = np.quantile(values, [0.025, 0.5, 0.975]) if values else (math.nan,) * 3
    return {
        name: central,
        f"{name}_low": float(low),
        f"{name}_median": float(median),
        f"{name}_high": float(high),
    }


def crew_for(asked: Asked, sets: int) -> Crew:
    """Workers for so many sets of inputs: one where starting more would take longer than it saves."""
    return Crew([], (os.cpu_count() or 1) if sets * 0.04 > 20 else 1)
