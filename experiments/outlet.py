"""Where a command's words go while somebody reads them."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable
from typing import Any, TextIO


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
