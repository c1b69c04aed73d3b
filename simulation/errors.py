"""Problems a user can mend: each says where, what is wrong and how to put it right."""

from __future__ import annotations

import difflib
import errno
import os
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in one place.

    ``line`` is 1-based; 0 means the whole file or no file at all. ``by`` says how another file comes to it.
    """

    file: str
    line: int
    what: str
    mend: str
    by: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else (f"{self.file}: " if self.file else "")
        return " ".join(part for part in (f"{place}{self.what}", self.mend, f"({self.by})" if self.by else "") if part)


class DemandflowError(Exception):
    """Anything a user can mend. The command line prints it and leaves with exit code 2."""


class ConfigError(DemandflowError):
    """One or more problems found in configuration files; all of them, not the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems: Sequence[Problem] = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[Sequence[Problem]]]:
        return ConfigError, (self.problems,)  # so that it comes back whole from a worker process


def problem(file: Path | str, line: int, what: str, mend: str = "") -> ConfigError:
    """A ``ConfigError`` that holds a single problem."""
    return ConfigError([Problem(shown(file), line, what, mend)])


def shown(path: Path | str) -> str:
    """A path as the user would type it: relative to the working folder where it lies below it."""
    try:
        return str(Path(os.path.abspath(path)).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def typed(path: Path | str) -> str:
    """The same where it is part of a command to copy: in quotes if it holds spaces."""
    return shlex.quote(shown(path))


def short(text: str, most: int = 60) -> str:
    """A text as it is quoted in a message: on one line and not too long."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[:most]}…"


def nearest(name: object, known: Iterable[str], use: str = "Use") -> str:
    """The mend for a name that is not known: the one it is close to, or all there are."""
    names = list(known)
    close = difflib.get_close_matches(str(name), names, 1, 0.7)
    if close:
        return f"Did you mean '{close[0]}'?"
    shown_names = max((n for n in range(21) if len(", ".join(names[:n])) <= 300), default=0)
    more = f" and {len(names) - shown_names} more" if len(names) > shown_names else ""
    return f"{use}: {', '.join(names[:shown_names])}{more}." if names else "There are none."


def sentence_for_os_error(error: OSError, go_on: str = "") -> str:
    """What went wrong with a file or a disk, and the mend, in words.

    Args:
        go_on: the command that goes on with what was stopped, such as 'run.py resume DIR'; empty where there is none.
    """
    name = shown(str(error.filename)) if error.filename else "the output"
    then = f", then go on with: {go_on}" if go_on else ""
    elsewhere = "" if go_on else " or choose another place with --out"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        kept = then or ", then run the command again; what was already written is kept."
        return (
            f"{name}: there is no room left to write (disk full, over quota, or over the file-size limit). "
            f"{'What was finished is kept. ' if go_on else ''}Free some room{elsewhere}{kept}"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{name}: may not be written or read here. Change its permissions{elsewhere}{then or '.'}"
    if error.errno == errno.ENOENT:
        return f"{name}: there is no such file or folder. Check the path{then or '.'}"
    if error.errno == errno.ENOTDIR:
        return f"{name}: part of this path is a file, not a folder. Choose another path."
    if error.errno == errno.EISDIR:
        return f"{name}: is a folder, not a file. Name a file."
    again = then or ", then run the command again."
    return f"{name}: {error.strerror or error}. Check the path and the disk{again}"
