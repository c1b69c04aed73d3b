"""Programs in C++, compiled when they are first wanted, and run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parent / "cpp"
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "benchmarks"
FLAGS = ("-O3", "-march=native", "-std=c++20")
MISSING = "There is no g++ here, so nothing is compared with C++. Install g++ and measure again."


def compiler() -> str | None:
    """Where g++ is, or None."""
    return shutil.which("g++")


@cache
def compiled(source: Path, folder: Path = CACHE) -> Path:
    """The program made of a source file, at once where the same was compiled on this processor before.

    Raises:
        RuntimeError: there is no g++, or it refuses the source.
    """
    gcc = compiler()
    if gcc is None:
        raise RuntimeError(MISSING)
    native = subprocess.run([gcc, *FLAGS, "-Q", "--help=target"], capture_output=True, check=True).stdout
    known = hashlib.sha256(native)
    for file in sorted(source.parent.glob("*.[ch]pp")):
        known.update(file.read_bytes())
    program = folder / f"{source.stem}-{known.hexdigest()[:16]}"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        making = program.with_suffix(f".{os.getpid()}")
        done = subprocess.run([gcc, *FLAGS, "-o", str(making), str(source)], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"g++ refuses {source.name}:\n{done.stderr}")
        making.replace(program)
    return program


def told(program: Path, words: Sequence[object]) -> dict[str, Any]:
    """What a program prints, which is JSON."""
    done = subprocess.run([str(program), *map(str, words)], capture_output=True, check=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@dataclass(frozen=True)
class Reference:
    """The reference pathway in C++, with one heap or two; the rest as for ``by_hand.reference``."""

    two_heaps: bool
    contacts_until: float
    end: float
    scale: int = 1
    packages: bool = True

    def told(self, seed: int, runs: int) -> dict[str, Any]:
        """Of each run its CPU seconds and measures, and the program's peak memory."""
        heaps = "two" if self.two_heaps else "one"
        words = (heaps, seed, runs, self.contacts_until, self.end, self.scale, int(self.packages))
        return told(compiled(SOURCES / "reference.cpp"), words)

    def seconds(self, seed: int, runs: int = 1) -> float:
        """Mean CPU seconds of some runs, measured inside the program."""
        return float(sum(run["seconds"] for run in self.told(seed, runs)["runs"]) / runs)

    def measures(self, seed: int) -> dict[str, float]:
        """What one run counted, named as in ``agreeing``."""
        found: dict[str, float] = self.told(seed, 1)["runs"][0]["measures"]
        return found
