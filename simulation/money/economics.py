"""How money over time is valued, read from its file; and what is wrong with such files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulation.errors import ConfigError, DemandflowError, Problem
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.money.columns import Floats, key_of, year_named
from simulation.money.optimism import Bias
from simulation.money.present_value import Rate, discount_factors
from simulation.money.prices_over_time import factors, series
from simulation.money.taken_out import share_problems
from simulation.reading import Where, at
from simulation.schema.economics import Economics
from simulation.schema.prices import Prices


@dataclass(frozen=True, eq=False)
class Valuation:
    """Everything that values money over the financial years of a run.

    Attributes:
        price_year: of the weekly prices. care: fees of each year ÷ those of the price year. general: prices in general
            of each year ÷ those of the discount rate's base year. discount: what a real pound of each year is worth in
            the base year. All of shape (years,).
    """

    years: tuple[str, ...]
    price_year: str
    care: Floats
    general: Floats
    discount: Floats
    rate: Rate
    bias: Bias


def _economics(loaded: Loaded) -> Economics:
    economics: Economics | None = getattr(loaded.config, "economics", None)
    if economics is None:
        what = f"{loaded.ref} has no economics."
        raise ConfigError([loaded.problem((), what, "Name a file with economics:, such as prices/economics.")])
    return economics


def index_file(loaded: Loaded, key: str, values: Values) -> Loaded:
    """The file that ``care_index`` or ``general_index`` names.

    Raises:
        ConfigError: none of that name, one without an index, or one that is not under ``uses:`` and so would not be
            drawn with the rest.
    """
    name = getattr(_economics(loaded), key)
    where: Where = ("economics", key)
    found = values.inputs.library.named("prices", name, loaded, where)
    if found.config.index is None:
        mend = "Name a file with index:, such as care_wages or gdp_deflator."
        raise ConfigError([loaded.problem(where, f"{at(where)}: prices/{name} has no index.", mend)])
    if f"prices/{name}" not in loaded.config.uses:
        raise ConfigError([loaded.problem(where, f"{at(where)}: prices/{name} is not under uses:.", "Add it there.")])
    return found


def _bounded(loaded: Loaded, values: Values) -> tuple[dict[str, float], list[Problem]]:
    """The numbers of the section, and those out of bounds."""
    economics = _economics(loaded)
    later = "Give 0 or more: below 0, later money would count for more than money now."
    share = "Give a share from 0 to {:g}: 0.2 is 20% {}."
    bias = economics.optimism_bias
    bounds = {
        ("discount", "rate"): (economics.discount.rate, 1.0, f"{later} 3.5% is 0.035."),
        ("discount", "longest_years"): (economics.discount.longest_years, 1000.0, "Give years, 0 to 1,000."),
        ("optimism_bias", "cost"): (bias.cost, 10.0, share.format(10, "more")),
        ("optimism_bias", "benefit"): (bias.benefit, 1.0, share.format(1, "less")),
        ("optimism_bias", "duration"): (bias.duration, 10.0, share.format(10, "longer")),
    }
    found: list[Problem] = []
    numbers = {}
    for (section, name), (number, most, mend) in bounds.items():
        where: Where = ("economics", section, name)
        try:
            value = values.at(number, loaded, where)
        except ConfigError as error:
            found.extend(error.problems)
            continue
        if not 0 <= value <= most:
            found.append(loaded.problem(where, f"{at(where)} is {value:g}.", mend))
        numbers[name] = value
    return numbers, found


def valuation(loaded: Loaded, values: Values, years: Sequence[str]) -> Valuation:
    """The factors of some years (2016/17, …), at central values or drawn ones.

    Raises:
        ConfigError: numbers out of bounds, a series that does not reach a year, a year that the rate does not reach.
    """
    economics = _economics(loaded)
    numbers, found = _bounded(loaded, values)
    if found:
        raise ConfigError(found)
    price_year, base_year = year_named(economics.price_year), year_named(economics.discount.base_year)
    rate = Rate(numbers["rate"], base_year, economics.discount.timing, numbers["longest_years"])
    try:
        discount = discount_factors(years, rate)
    except DemandflowError as error:
        raise ConfigError([loaded.problem(("economics", "discount"), f"economics.discount: {error}")]) from None
    return Valuation(
        tuple(years),
        price_year,
        factors(index_file(loaded, "care_index", values), values, years, price_year),
        factors(index_file(loaded, "general_index", values), values, years, base_year),
        discount,
        rate,
        Bias(numbers["cost"], numbers["benefit"], numbers["duration"]),
    )


def money_problems(loaded: Loaded, values: Values) -> list[Problem]:
    """What is wrong with the shares, the index and the economics of a price file."""
    assert isinstance(loaded.config, Prices)
    found = share_problems(loaded, values)
    if loaded.config.index is not None:
        try:
            series(loaded, values)
        except ConfigError as error:
            found.extend(error.problems)
    if loaded.config.economics is None:
        return found
    found.extend(_bounded(loaded, values)[1])
    named = {
        "care_index": loaded.config.economics.price_year,
        "general_index": loaded.config.economics.discount.base_year,
    }
    for key, year in named.items():
        try:
            factors(index_file(loaded, key, values), values, [], year_named(year))
        except ConfigError as error:
            found.extend(error.problems)
    return found


def horizon_problems(loaded: Loaded, where: Where, keys: Iterable[str], years: Sequence[str]) -> list[Problem]:
    """Years of a mapping such as ``targets`` (keys fy_2017_18) that a run of some years (2017/18, …) does not reach."""
    known = {key_of(year) for year in years}
    return [
        loaded.problem(
            (*where, key),
            f"{at((*where, key))} lies outside the run, which has {years[0]} to {years[-1]}.",
            "Run longer, or remove the year: what is not simulated cannot be held against it.",
        )
        for key in keys
        if key not in known
    ]
