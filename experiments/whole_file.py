"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlive a power cut."""
    if path.is_dir() and os.name != "posix":  # pragma: no cover - Windows cannot open a folder
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(target: Path, fill: Callable[[Path], None]) -> None:
    """Have a file filled under another name beside its place, bring it to the disk, and give it its own name.

    Raises:
        OSError: it cannot be written; the error names the target. Nothing is left of the other file.
    """
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".part")
    os.close(handle)
    part = Path(temporary)
    try:
        fill(part)
        os.chmod(part, 0o644)
        to_disk(part)
        os.replace(part, target)
        to_disk(target.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror or str(error), str(target)) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_text_whole(target: Path, text: str, encoding: str = "utf-8") -> None:
    """The same for a text."""

    def fill(path: Path) -> None:
        path.write_text(text, encoding=encoding)

    write_whole(target, fill)
