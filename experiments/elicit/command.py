"""Which of the three things ``run.py elicit`` is asked to do."""

from __future__ import annotations

import argparse

from experiments.elicit.options import ELICIT
from experiments.elicit.run import read_back, under_each, write_form
from simulation.errors import DemandflowError


def elicit(given: argparse.Namespace) -> list[str]:
    """Do what the options ask; what to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user, options that do not go together among them.
    """
    experiment, out = given.experiment, given.out
    if given.read is not None:
        if given.results is not None or given.form is not None:
            raise _unclear("--read takes neither --form nor --results.")
        if out is None:
            raise _unclear("--read needs --out DIR, the folder for the new configs.")
        return read_back(given.read, out, experiment, given.force)
    if given.form is None:
        raise _unclear("--form FORM.csv is missing.")
    if given.results is not None:
        if experiment is not None:
            raise _unclear("--results names the results, so no experiment is named besides.")
        return under_each(given.results, given.form, out, given.force)
    if experiment is None:
        raise _unclear("name an experiment, or the folder of its results.")
    if out is not None:
        raise _unclear("a form is written to --form, so --out has nothing to say.")
    return write_form(experiment, given.form, given.top, given.force)


def _unclear(what: str) -> DemandflowError:
    return DemandflowError(f"elicit: {what} There are {ELICIT.rstrip()}")
