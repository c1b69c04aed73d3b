"""Commands, and exit codes: 0 done, 1 not reproduced or out of reach, 2 something the user can mend, 130 Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from typing import TextIO, cast

from experiments.attribution.options import add_attribution_options
from experiments.benefits.options import add_benefits_options
from experiments.calibrate.options import add_calibrate_options
from experiments.challenge.options import add_challenge_options
from experiments.compare_runs.options import add_compare_runs_options
from experiments.elicit.options import add_elicit_options
from experiments.experiment_options import add_experiment_options
from experiments.explore.options import add_explore_options
from experiments.goal.options import add_goal_options
from experiments.hindcast.options import add_hindcast_options
from experiments.model_options import add_model_options
from experiments.outlet import Outlet
from experiments.pack.options import add_pack_options
from experiments.people_options import add_people_options
from experiments.sensitivity.options import add_sensitivity_options
from experiments.signals import ignore_ctrl_c, terminated_like_ctrl_c, undisturbed
from experiments.staffing.options import add_staffing_options
from experiments.sweep.options import add_sweep_options
from experiments.track.options import add_track_options
from simulation.errors import ConfigError, DemandflowError, sentence_for_os_error

FAMILIES = (
    add_model_options,
    add_experiment_options,
    add_explore_options,
    add_pack_options,
    add_goal_options,
    add_staffing_options,
    add_sensitivity_options,
    add_attribution_options,
    add_hindcast_options,
    add_benefits_options,
    add_track_options,
    add_calibrate_options,
    add_compare_runs_options,
    add_elicit_options,
    add_challenge_options,
    add_sweep_options,
    add_people_options,
)
"""What adds each family of commands, in the order of the help; ``experiments.command_line`` says how one is made."""


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    top = argparse.ArgumentParser(
        prog="run.py",
        description="Demandflow: how many fewer Council-funded packages would start, when and for whom, "
        "if a council changed how it answers people who ask for help.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in FAMILIES:
        add(commands)
    return top


def main(words: Sequence[str], ends_process: bool = False) -> int:
    """Run a command; every fault a user can mend becomes a sentence and exit code 2.

    With ``ends_process`` the caller leaves at once, and a second Ctrl-C must not disturb that.
    """
    before = sys.stdout, sys.stderr
    out, err = Outlet(sys.stdout), Outlet(sys.stderr)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)
    try:
        return _run(words, out, ends_process)
    finally:
        sys.stdout, sys.stderr = before


def _run(words: Sequence[str], out: Outlet, ends_process: bool) -> int:
    kept = ""
    try:
        with terminated_like_ctrl_c():
            arguments = parser().parse_args(words)
            if arguments.command == "experiment":
                kept = " What was finished is kept; run the command again with --force to start over."
            elif arguments.command == "resume":
                kept = " What was finished is kept; run the command again to go on."
            code: int = arguments.do(arguments)
            out.flush()
        return code
    except KeyboardInterrupt:
        if ends_process:
            ignore_ctrl_c()
        with undisturbed():
            _say(f"\nStopped.{kept}")
        return 130
    except ConfigError as error:
        count = len(error.problems)
        _say(f"{error}\n{count} problem{'s' if count > 1 else ''} found.")
    except DemandflowError as error:
        _say(str(error))
    except OSError as error:
        _say(sentence_for_os_error(error))
        try:
            out.flush()
        except OSError:  # it was the output itself that failed
            out.drop()
    except MemoryError:
        _say("There is not enough memory. Run with fewer --workers or fewer years.")
    return 2


def _say(text: str) -> None:
    """A sentence on stderr, if it can be written."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
