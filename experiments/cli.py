"""Commands, their options, and exit codes: 0 done, 1 not reproduced, 2 something the user can mend, 130 Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO, cast

from experiments.elicit.options import ELICIT, add_elicit_options
from experiments.run_options import add_engine_option, add_run_options, day, identity, options_of, positive
from experiments.signals import ignore_ctrl_c, terminated_like_ctrl_c, undisturbed
from simulation.errors import ConfigError, DemandflowError, sentence_for_os_error


def _workers(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 256:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of workers. Give a whole number from 1 to 256.")
    return number


def _validate(arguments: argparse.Namespace) -> int:
    from experiments.validate import validate

    return validate([Path(path) for path in arguments.paths])


def _schema(arguments: argparse.Namespace) -> int:
    from experiments.schema_file import schema_text

    if arguments.out is None:
        print(schema_text(), end="")
    else:
        Path(arguments.out).write_text(schema_text(), encoding="utf-8")
    return 0


def _diagram(arguments: argparse.Namespace) -> int:
    from experiments.diagram import draw

    for line in draw(Path(arguments.model), None if arguments.out is None else Path(arguments.out)):
        print(line)
    return 0


def _models(arguments: argparse.Namespace) -> int:
    from experiments.catalogue import listed

    for line in listed(None if arguments.folder is None else Path(arguments.folder)):
        print(line)
    return 0


def _options(arguments: argparse.Namespace) -> int:
    from experiments.catalogue import shipped_tables, tabled

    for line in tabled([Path(path) for path in arguments.paths] or shipped_tables()):
        print(line)
    return 0


def _experiment(arguments: argparse.Namespace) -> int:
    from experiments.experiment import run_experiment

    folder = run_experiment(
        arguments.config,
        None if arguments.out is None else Path(arguments.out),
        arguments.workers,
        arguments.force,
        arguments.quiet,
        arguments.engine,
        arguments.cluster,
    )
    return _summed_up(folder)


def _resume(arguments: argparse.Namespace) -> int:
    from experiments.resume import resume

    return _summed_up(resume(Path(arguments.folder), arguments.workers, arguments.quiet, arguments.cluster))


def _summed_up(folder: Path) -> int:
    from experiments.summary import summary

    for line in summary(folder):
        print(line)
    return 0


def _hindcast(arguments: argparse.Namespace) -> int:
    from experiments.hindcast import run_hindcast

    out = None if arguments.out is None else Path(arguments.out)
    config, actuals = Path(arguments.config), Path(arguments.actuals)
    _, lines = run_hindcast(config, actuals, out, arguments.workers, arguments.force, arguments.quiet, arguments.engine)
    for line in lines:
        print(line)
    return 0


def _benefits(arguments: argparse.Namespace) -> int:
    from experiments.benefits import run_benefits

    out, actuals = (None if path is None else Path(path) for path in (arguments.out, arguments.actuals))
    for line in run_benefits(Path(arguments.option), out, actuals, arguments.force):
        print(line)
    return 0


def _elicit(arguments: argparse.Namespace) -> int:
    from experiments.elicit.command import elicit

    for line in elicit(arguments):
        print(line)
    return 0


def _challenge(arguments: argparse.Namespace) -> int:
    from experiments.challenge import run_challenge

    out = None if arguments.out is None else Path(arguments.out)
    for line in run_challenge(Path(arguments.results), Path(arguments.assumptions), out, arguments.force):
        print(line)
    return 0


def _track(arguments: argparse.Namespace) -> int:
    from experiments.track import run_track

    out = None if arguments.out is None else Path(arguments.out)
    for line in run_track(Path(arguments.results), Path(arguments.actuals), out, arguments.force):
        print(line)
    return 0


def _calibrate(arguments: argparse.Namespace) -> int:
    from experiments.calibrate import calibrate, write_form

    out = None if arguments.out is None else Path(arguments.out)
    if arguments.template == (arguments.data is not None):
        raise DemandflowError("Give a file DATA.csv, or --template for a form to fill in, and not both.")
    if arguments.template:
        lines = write_form(arguments.model, out, arguments.force)
    else:
        period = arguments.first, arguments.last
        lines = calibrate(arguments.model, Path(arguments.data), out, arguments.name, period, arguments.force)
    for line in lines:
        print(line)
    return 0


def _validation(arguments: argparse.Namespace) -> int:
    from experiments.validation import validation_page

    page = validation_page([Path(folder) for folder in arguments.folders])
    if arguments.out is None:
        print(page, end="")
    else:
        Path(arguments.out).write_text(page, encoding="utf-8")
    return 0


def _query(arguments: argparse.Namespace) -> int:
    from experiments.store_query import query

    for line in query(Path(arguments.results), arguments.sql, arguments.form):
        print(line)
    return 0


def _reproduce(arguments: argparse.Namespace) -> int:
    from experiments.reproduce import reproduce

    out = None if arguments.out is None else Path(arguments.out)
    code, lines = reproduce(
        Path(arguments.results), arguments.workers, out, arguments.with_changed_files, arguments.quiet
    )
    for line in lines:
        print(line)
    return code


def _compare_runs(arguments: argparse.Namespace) -> int:
    from experiments.compare_runs import compare_runs

    out = None if arguments.out is None else Path(arguments.out)
    for line in compare_runs(Path(arguments.first), Path(arguments.second), out, arguments.force):
        print(line)
    return 0


ACTUALS = """columns of ACTUALS.csv, one row a figure (docs/hindcast.md tells more):
  year                a financial year, such as 2015/16
  measure             as in the table comparison: contact, funded_package/source/community, care_cost, ...
  actual              what happened: a number, without commas
  model               which model of the experiment; may be left out: the baseline of its comparison
  low, high           the range that rounding or definitions leave the figure
  source              where the figure comes from
  used_to_set_inputs  yes or no; rows with yes are shown and not scored
"""


def _eventlog(arguments: argparse.Namespace) -> int:
    from experiments.eventlog import write_eventlog

    for line in write_eventlog(arguments.model, options_of(arguments), Path(arguments.out), arguments.force):
        print(line)
    return 0


def _person(arguments: argparse.Namespace) -> int:
    from experiments.person_story import tell

    for line in tell(arguments.model, arguments.id, arguments.under, options_of(arguments)):
        print(line)
    return 0


def _people(arguments: argparse.Namespace) -> int:
    from experiments.people_query import find_people

    for line in find_people(arguments.model, arguments.who, arguments.limit, options_of(arguments)):
        print(line)
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    top = argparse.ArgumentParser(
        prog="run.py",
        description="Demandflow: how many fewer Council-funded packages would start, when and for whom, "
        "if a council changed how it answers people who ask for help.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser("validate", help="check config files and list every problem")
    check.add_argument("paths", nargs="+", metavar="PATH", help="YAML files, or folders of them")
    check.set_defaults(do=_validate)
    schema = commands.add_parser("schema", help="write the JSON Schema of config files")
    schema.add_argument("--out", metavar="FILE", help="write to a file instead of the screen")
    schema.set_defaults(do=_schema)
    diagram = commands.add_parser("diagram", help="draw a delivery model: Mermaid text and a picture")
    diagram.add_argument("model", metavar="MODEL", help="a model file, or the name of a shipped one")
    diagram.add_argument("--out", metavar="FILE", help="write the picture here as HTML (default: MODEL.html)")
    diagram.set_defaults(do=_diagram)
    models = commands.add_parser("models", help="list the systems that ship and what each reproduces")
    models.add_argument("folder", nargs="?", metavar="FOLDER", help="a folder of them (default: the shipped ones)")
    models.set_defaults(do=_models)
    options = commands.add_parser("options", help="show the tables of delivery vehicles and other options")
    options.add_argument("paths", nargs="*", metavar="PATH", help="option or price files (default: the shipped ones)")
    options.set_defaults(do=_options)
    run = commands.add_parser("experiment", help="run an experiment and write its results folder")
    run.add_argument("config", metavar="CONFIG", help="an experiment file")
    run.add_argument("--out", metavar="DIR", help="results folder (default: results/NAME)")
    _add_hands(run)
    run.add_argument("--force", action="store_true", help="replace an existing results folder")
    run.add_argument("--quiet", action="store_true", help="no progress")
    add_engine_option(run)
    run.set_defaults(do=_experiment)
    again = commands.add_parser("resume", help="go on with an experiment that was stopped")
    again.add_argument("folder", metavar="DIR", help="its results folder")
    _add_hands(again)
    again.add_argument("--quiet", action="store_true", help="no progress")
    again.set_defaults(do=_resume)
    validation = commands.add_parser("validation", help="write what was held against published figures, as Markdown")
    validation.add_argument("folders", nargs="+", metavar="RESULTS_DIR", help="folders of finished results")
    validation.add_argument("--out", metavar="FILE", help="write to a file instead of the screen")
    validation.set_defaults(do=_validation)
    hindcast = commands.add_parser(
        "hindcast",
        help="hold a forecast's bands against years that were not used",
        epilog=ACTUALS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    hindcast.add_argument("config", metavar="CONFIG", help="an experiment file")
    hindcast.add_argument("actuals", metavar="ACTUALS.csv", help="what happened, one row a figure")
    hindcast.add_argument("--out", metavar="DIR", help="results folder (default: results/NAME_hindcast)")
    hindcast.add_argument("--workers", metavar="N", type=_workers, help="processes (default: all cores)")
    hindcast.add_argument("--force", action="store_true", help="replace an existing results folder")
    hindcast.add_argument("--quiet", action="store_true", help="no progress")
    add_engine_option(hindcast)
    hindcast.set_defaults(do=_hindcast)
    benefits = commands.add_parser("benefits", help="what a plan of schemes saves, with ranges, and what came of it")
    benefits.add_argument("option", metavar="OPTION", help="an option file with schemes:")
    benefits.add_argument("--out", metavar="DIR", help="write tables and a page here")
    benefits.add_argument("--actuals", metavar="FILE.csv", help="what was realised, by quarter (docs/benefits.md)")
    benefits.add_argument("--force", action="store_true", help="replace an existing results folder")
    benefits.set_defaults(do=_benefits)
    track = commands.add_parser("track", help="hold an experiment's bands against quarterly actual figures")
    track.add_argument("results", metavar="DIR", help="results folder of a finished experiment")
    track.add_argument("actuals", metavar="ACTUALS.csv", help="what happened, one row a quarter (docs/benefits.md)")
    track.add_argument("--out", metavar="DIR2", help="folder for page and tables (default: DIR_track)")
    track.add_argument("--force", action="store_true", help="replace an existing results folder")
    track.set_defaults(do=_track)
    query = commands.add_parser("query", help="ask a results folder's tables in SQL, or list them (docs/results.md)")
    query.add_argument("results", metavar="DIR", help="a results folder")
    query.add_argument("sql", nargs="?", metavar="SQL", help="a query in quotes, such as 'select * from comparison'")
    form = query.add_mutually_exclusive_group()
    form.add_argument("--csv", dest="form", action="store_const", const="csv", default="table", help="answer as CSV")
    form.add_argument("--json", dest="form", action="store_const", const="json", help="answer as JSON")
    query.set_defaults(do=_query)
    again = commands.add_parser("reproduce", help="run a results folder's experiment again: is it the same?")
    again.add_argument("results", metavar="DIR", help="results folder of a finished experiment")
    again.add_argument("--workers", metavar="N", type=_workers, help="processes (default: all cores)")
    again.add_argument("--out", metavar="DIR2", help="keep the new results here (default: they are not kept)")
    again.add_argument(
        "--with-changed-files", action="store_true", help="also where config files have changed since the run"
    )
    again.add_argument("--quiet", action="store_true", help="no progress")
    again.set_defaults(do=_reproduce)
    own = commands.add_parser("calibrate", help="put your own council's figures into a shipped model")
    own.add_argument("model", metavar="TEMPLATE", help="a model file, or the name of a shipped one")
    own.add_argument("data", nargs="?", metavar="DATA.csv", help="a filled-in form, or events of people, one a row")
    own.add_argument("--template", action="store_true", help="write the form to fill in (to --out, or to the screen)")
    own.add_argument("--out", metavar="DIR", help="folder for the new files (default: results/NAME_calibrated)")
    own.add_argument("--name", metavar="NAME", help="name of the new model (default: that of DATA.csv)")
    own.add_argument("--from", dest="first", metavar="DATE", type=day, help="first day counted, of events of people")
    own.add_argument("--to", dest="last", metavar="DATE", type=day, help="last day counted, of events of people")
    own.add_argument("--force", action="store_true", help="replace files that are there")
    own.set_defaults(do=_calibrate)
    differ = commands.add_parser("compare-runs", help="what differs between two results folders: more than chance?")
    differ.add_argument("first", metavar="DIR1", help="results folder of a finished experiment")
    differ.add_argument("second", metavar="DIR2", help="another")
    differ.add_argument("--out", metavar="DIR", help="write all differences as tables here")
    differ.add_argument("--force", action="store_true", help="replace an existing results folder")
    differ.set_defaults(do=_compare_runs)
    ask = commands.add_parser(
        "elicit", help="ask experts about the assumptions that matter most, on a form", epilog=ELICIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add_elicit_options(ask)
    ask.set_defaults(do=_elicit)
    other = commands.add_parser("challenge", help="a councillor's or a union's own values beside the officers'")
    other.add_argument("results", metavar="DIR", help="results folder of a finished experiment")
    other.add_argument("assumptions", metavar="ASSUMPTIONS.yaml", help="their values (docs/elicit-and-challenge.md)")
    other.add_argument("--out", metavar="DIR2", help="folder for page and tables (default: DIR_challenge)")
    other.add_argument("--force", action="store_true", help="replace an existing results folder")
    other.set_defaults(do=_challenge)
    people = commands.add_parser("people", help="find simulated people, for checking a model")
    add_run_options(people)
    people.add_argument("--who", metavar="CONDITION", help="such as 'client_group=older_people funded wait>14'")
    people.add_argument("--limit", metavar="N", type=positive, default=20, help="people shown at most (default: 20)")
    people.set_defaults(do=_people)
    person = commands.add_parser("person", help="tell one simulated person's life, for checking a model")
    add_run_options(person)
    person.add_argument("--id", metavar="ID", type=identity, required=True, help="as printed by people")
    person.add_argument(
        "--under", metavar="MODEL", action="append", default=[], help="also under this model; may be given again"
    )
    person.set_defaults(do=_person)
    log = commands.add_parser("eventlog", help="write what happened to every simulated person, as CSV and XES")
    add_run_options(log)
    log.add_argument("--out", metavar="DIR", required=True, help="folder for the files")
    log.add_argument("--force", action="store_true", help="replace an event log that is there")
    log.set_defaults(do=_eventlog)
    return top


def _add_hands(command: argparse.ArgumentParser) -> None:
    who = command.add_mutually_exclusive_group()
    who.add_argument("--workers", metavar="N", type=_workers, help="processes (default: all cores)")
    who.add_argument("--cluster", metavar="ADDRESS", help="let a Dask cluster do the work (docs/running.md)")


class Outlet:
    """A stream to which it does not matter that nobody reads on, as after ``| head -1``: the work goes on."""

    def __init__(self, stream: TextIO):
        self.stream = stream
        self.read = True
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a screen that cannot show £ or → is no reason to fail

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write, while somebody reads."""
        self._while_read(lambda: self.stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, while somebody reads."""
        self._while_read(self.stream.flush)

    def _while_read(self, step: Callable[[], object]) -> None:
        if not self.read:
            return
        try:
            step()
        except BrokenPipeError:
            self.drop()

    def drop(self) -> None:
        """Let the rest go nowhere, so that Python's own last flush does not complain."""
        self.read = False
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())


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
