"""Every number of an experiment by name: its value, its evidence, and values drawn from its range.

A drawn set belongs to a replication and to nothing else: the same for every model and every worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from simulation.errors import ConfigError, DemandflowError, Problem, nearest, short
from simulation.formulas import evaluate, names_in
from simulation.identity import draw_id
from simulation.library import Library, Loaded, known_documents
from simulation.philox import pair
from simulation.reading import Where as Where
from simulation.reading import at
from simulation.schema import Evidence

MOST_STEPS = 50
"""Parameters that may follow from each other in a row."""


@dataclass(frozen=True)
class Input:
    """One number of a config, with its evidence.

    ``key`` is ``folder/file.name`` for a named parameter and ``folder/file:path`` for a number written where it is
    used.
    """

    key: str
    number: float | str | Evidence
    loaded: Loaded
    where: Where

    @property
    def evidence(self) -> Evidence | None:
        """The evidence, if any is given."""
        return self.number if isinstance(self.number, Evidence) else None

    @property
    def formula(self) -> str | None:
        """The formula, if the value is one."""
        value = self.number.value if isinstance(self.number, Evidence) else self.number
        return value if isinstance(value, str) else None

    @property
    def status(self) -> str:
        """``published``, ``derived``, …; ``unlabelled`` for a bare number, ``derived`` for a bare formula."""
        if isinstance(self.number, Evidence):
            return self.number.status
        return "derived" if isinstance(self.number, str) else "unlabelled"


def pert(low: float, mode: float, high: float, u: float) -> float:
    """Quantile of the PERT law (a beta on [low, high] with the given mode, weight 4)."""
    from scipy.special import betaincinv

    if high == low:
        return low
    alpha = 1 + 4 * (mode - low) / (high - low)
    beta = 1 + 4 * (high - mode) / (high - low)
    return low + (high - low) * float(betaincinv(alpha, beta, u))


def triangular(low: float, mode: float, high: float, u: float) -> float:
    """Quantile of the triangular law."""
    if high == low:
        return low
    split = (mode - low) / (high - low)
    if u < split:
        return float(low + (u * (high - low) * (mode - low)) ** 0.5)
    return float(high - ((1 - u) * (high - low) * (high - mode)) ** 0.5)


_SETTINGS = {
    "seed",
    "follow_up_days",
    "replications",
    "years",
    "steps",
    "input_draws",
    "start",
    "end",
    "relative_half_width",
    "first_look",
    "batch",
    "most",
    "share",
    "value",
}
"""Keys whose numbers set up a run or quote a document, rather than describe the world."""


class Inputs:
    """All numbers of some configs, and the files each may name parameters from.

    Args:
        supposed: values by key that an experiment supposes in place of what its files give. Such an input is an
            assumption of the experiment: it has no range any more, so nothing draws or varies it.
    """

    def __init__(self, library: Library, supposed: Mapping[str, float] | None = None):
        self.library = library
        self.supposed = dict(supposed or {})
        self._found: dict[str, Input] = {}  # what the files give in place of the supposed
        self.inputs: dict[str, Input] = {}
        self._by_identity: dict[int, str] = {}
        self._files: dict[str, Loaded] = {}
        self._visible: dict[str, list[str]] = {}
        self._unread: dict[str, ConfigError] = {}  # files that name others which cannot be read

    def add(self, loaded: Loaded) -> None:
        """Take in a config and the files whose parameters its formulas may name.

        Raises:
            ConfigError: two files of one name, or files named under ``uses:`` that cannot be read.
        """
        name = loaded.ref
        known = self._files.get(name)
        if known is not None:
            if known is not loaded:
                other_file, _ = known.document.place(())
                what = f"two files have the name '{name}': this one and {other_file}."
                raise ConfigError([loaded.problem(("name",), what, "Give one of them another name.")])
            return
        self._files[name] = loaded
        self._visible[name] = [name]
        for where, number in numbers_in(loaded.config):
            is_parameter = len(where) == 2 and where[0] == "parameters"
            key = f"{name}.{where[1]}" if is_parameter else f"{name}:{'.'.join(map(str, where))}"
            self.inputs[key] = Input(key, number, loaded, where)
            if isinstance(number, Evidence):
                self._by_identity[id(number)] = key
            if key in self.supposed:
                self._suppose(self.inputs[key])
        found: list[Problem] = []
        for index, reference in enumerate(getattr(loaded.config, "uses", [])):
            try:
                other = self.library.referred(reference, loaded, ("uses", index))
                self.add(other)
            except ConfigError as error:
                found.extend(error.problems)
            else:
                self._visible[name].append(other.ref)
        if found:
            self._unread[name] = ConfigError(found)
            raise self._unread[name]

    def _suppose(self, item: Input) -> None:
        """Put the experiment's own value in the place of a file's; ``not_supposable`` says where that cannot be."""
        self._found[item.key] = item
        if item.evidence is None:
            return
        why = f"supposed by this experiment, in place of {item.evidence.value}"
        given: dict[str, Any] = {"value": self.supposed[item.key], "status": "assumption", "why": why}
        new = item.evidence.model_copy(update=given | {"source": None, "range": None})
        self.inputs[item.key] = Input(item.key, new, item.loaded, item.where)
        self._by_identity[id(new)] = item.key

    def not_supposable(self, experiment: Loaded) -> list[Problem]:
        """What is wrong with the values that an experiment supposes, once all its files are known."""
        found: list[Problem] = []
        ranged = [i.key for i in (self.ranged() + list(self._found.values())) if i.evidence and i.evidence.range]
        for key, value in self.supposed.items():
            place: Where = ("suppose", key)
            item = self._found.get(key)
            if item is None or item.evidence is None or item.evidence.range is None:
                what = f"suppose: there is no input '{short(key)}' with a range."
                found.append(experiment.problem(place, what, nearest(key, ranged, "Those with a range are")))
            elif not item.evidence.range.low <= value <= item.evidence.range.high:
                low, high = item.evidence.range.low, item.evidence.range.high
                what = f"suppose: {short(key)} is {value:g}, outside its range ({low:g} to {high:g})."
                found.append(experiment.problem(place, what, "Give a value inside it, or mend the range in its file."))
        return found

    def key_of(self, evidence: Evidence) -> str:
        """The key of a number with evidence."""
        return self._by_identity[id(evidence)]

    def resolve(self, file: str, name: str) -> Input:
        """The parameter that ``name`` means in ``file``.

        Raises:
            DemandflowError: if no visible file has it; a ConfigError where a file that might have it is unreadable.
        """
        for candidate in self._visible[file]:
            found = self.inputs.get(f"{candidate}.{name}")
            if found is not None:
                return found
        if file in self._unread:
            raise self._unread[file]
        known = sorted(
            key.partition(".")[2]
            for key in self.inputs
            if "." in key and ":" not in key and key.partition(".")[0] in self._visible[file]
        )
        raise DemandflowError(f"there is no parameter '{name}'. {nearest(name, known, 'Known here')}")

    def ranged(self) -> list[Input]:
        """Inputs that have a range, by key."""
        return [i for _, i in sorted(self.inputs.items()) if i.evidence is not None and i.evidence.range is not None]

    def drawn(self, seed: int, draw: int) -> dict[str, float]:
        """One value from each range: the ``draw``-th set, the same whatever else is asked."""
        return {item.key: quantile(item, _luck(item.key, seed, draw)) for item in self.ranged()}

    def rests_on(self, key: str, seen: frozenset[str] = frozenset()) -> set[str]:
        """Keys of the inputs without a formula that a number finally rests on; itself if it has none."""
        item = self.inputs[key]
        if item.formula is None or key in seen:
            return {key}
        result: set[str] = set()
        for name in names_in(item.formula):
            result |= self.rests_on(self.resolve(item.loaded.ref, name).key, seen | {key})
        return result or {key}

    def problems(self) -> list[Problem]:
        """Numbers that cannot be evaluated, and sources that the register does not know."""
        found: list[Problem] = []
        documents = known_documents()
        values = Values(self)
        for item in self.inputs.values():
            try:
                values.at(item.number, item.loaded, item.where)
            except ConfigError as error:
                found.extend(error.problems)
            source = item.evidence.source if item.evidence else None
            if source is not None and source.document not in documents:
                found.append(
                    item.loaded.problem(
                        (*item.where, "source", "document"),
                        f"{at(item.where)}: '{short(source.document)}' is not a document of configs/sources.yaml.",
                        f"{nearest(source.document, documents, 'Known')} Or add it there.",
                    )
                )
        return found


def _luck(key: str, seed: int, draw: int) -> float:
    return float(pair(0, draw_id(key, "input"), 0, 0, seed, draw)[0])


def quantile(item: Input, u: float) -> float:
    """The value of a ranged input that the law of its range exceeds with probability 1 - u."""
    evidence = item.evidence
    assert evidence is not None and evidence.range is not None and not isinstance(evidence.value, str)
    low, high = evidence.range.low, evidence.range.high
    if evidence.range.shape == "uniform":
        return low + (high - low) * u
    law = pert if evidence.range.shape == "pert" else triangular
    return law(low, evidence.value, high, u)


@dataclass
class Values:
    """Numbers evaluated: central values, or a drawn set laid over them."""

    inputs: Inputs
    over: Mapping[str, float] = field(default_factory=dict)
    _known: dict[str, float] = field(default_factory=dict)
    _formulas: dict[tuple[str, str], float] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.over = {**self.inputs.supposed, **self.over}

    def of(self, number: float | str | Evidence, file: str) -> float:
        """The value of a number written in ``file``.

        Raises:
            DemandflowError: an unknown name, a division by nought; a ConfigError where the fault lies in an input.
        """
        if isinstance(number, Evidence):
            key = self.inputs.key_of(number)
            if key in self.over:
                return self.over[key]
            if key not in self._known:
                item = self.inputs.inputs[key]
                self._known[key] = self.at(number.value, item.loaded, item.where)
            return self._known[key]
        if isinstance(number, str):
            if (file, number) not in self._formulas:
                self._formulas[file, number] = evaluate(number, lambda name: self.named(file, name))
            return self._formulas[file, number]
        return float(number)

    def at(self, number: float | str | Evidence, loaded: Loaded, where: Where) -> float:
        """The value of a number that stands at a place of a file.

        Raises:
            ConfigError: at that place, or where the input stands that cannot be evaluated.
        """
        try:
            return self.of(number, loaded.ref)
        except ConfigError:
            raise
        except DemandflowError as error:
            raise ConfigError([loaded.problem(where, f"{at(where)}: {error}")]) from None

    def named(self, file: str, name: str) -> float:
        """The value of the parameter that ``name`` means in ``file``."""
        item = self.inputs.resolve(file, name)
        if item.key in self.over:
            return self.over[item.key]
        if item.key not in self._known:
            if item.key in self._open:
                raise self._circle(self._open[self._open.index(item.key) :])
            if len(self._open) >= MOST_STEPS:
                raise DemandflowError(
                    f"parameters follow from each other in more than {MOST_STEPS} steps. Give values."
                )
            self._open.append(item.key)
            try:
                self._known[item.key] = self.at(item.number, item.loaded, item.where)
            finally:
                self._open.pop()
        return self._known[item.key]

    def _circle(self, keys: list[str]) -> ConfigError:
        """The same sentence wherever the circle was entered."""
        first = keys.index(min(keys))
        around = [*keys[first:], *keys[: first + 1]]
        item = self.inputs.inputs[around[0]]
        names = " → ".join(key.partition(".")[2] for key in around)
        what = f"{at(item.where)}: parameters go round in a circle: {names}."
        return ConfigError([item.loaded.problem(item.where, what, "Give one of them a value.")])


def numbers_in(config: BaseModel) -> Iterator[tuple[Where, float | str | Evidence]]:
    """Every number of a config with its place: evidence, formulas in number fields, and bare floats."""
    yield from _walk(config, (), False)


def _walk(value: Any, where: Where, numeric: bool) -> Iterator[tuple[Where, float | str | Evidence]]:
    if isinstance(value, Evidence):
        yield where, value
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            inside = getattr(value, name)
            if name in _SETTINGS and not isinstance(inside, Evidence):
                continue
            yield from _walk(inside, (*where, name), "Evidence" in str(info.annotation))
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from _walk(inside, (*where, key), numeric)
    elif isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield from _walk(inside, (*where, index), numeric)
    elif numeric and (isinstance(value, float | int) and not isinstance(value, bool)):
        yield where, float(value)
    elif numeric and isinstance(value, str) and value not in ("rest", "unlimited"):
        yield where, value
