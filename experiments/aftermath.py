"""What happened next: the file that an experiment names, checked, and as tables beside its results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.errors import ConfigError, Problem, nearest, short
from simulation.library import Library, Loaded, known_documents
from simulation.reading import at

if TYPE_CHECKING:
    import pandas as pd

    from experiments.plan import Prepared

AFTERMATH = ["date", "place", "what", "means", "document", "where"]
NOT_FOUND = ["what", "why"]


def problems(loaded: Loaded) -> list[Problem]:
    """Documents that the register does not know."""
    documents = known_documents()
    return [
        loaded.problem(
            where,
            f"{at(where)}: '{short(event.source.document)}' is not a document of configs/sources.yaml.",
            f"{nearest(event.source.document, documents, 'Known')} Or add it there.",
        )
        for place, event in enumerate(loaded.config.events)
        for where in [("events", place, "source", "document")]
        if event.source.document not in documents
    ]


def aftermath_of(loaded: Loaded, library: Library) -> Loaded:
    """The file that an experiment names.

    Raises:
        ConfigError: there is none, or it names documents that the register does not know.
    """
    found = library.named("aftermath", loaded.config.aftermath, loaded, ("aftermath",))
    unknown = problems(found)
    if unknown:
        raise ConfigError(unknown)
    return found


def tables(prepared: Prepared) -> dict[str, pd.DataFrame]:
    """``aftermath`` in the order of time and ``aftermath_not_found``; nothing where an experiment names no file."""
    import pandas as pd  # a quarter of a second that only readers of tables wait for

    config = next((one.config for one in prepared.documents if one.config.kind == "aftermath"), None)
    if config is None:
        return {}
    rows = [
        (event.date.isoformat(), event.place, event.what, event.means, event.source.document, event.source.where)
        for event in sorted(config.events, key=lambda event: event.date)
    ]
    missing = [(entry.what, entry.why) for entry in config.not_found]
    return {
        "aftermath": pd.DataFrame(rows, columns=AFTERMATH),
        "aftermath_not_found": pd.DataFrame(missing, columns=NOT_FOUND),
    }
