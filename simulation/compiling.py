"""How functions are compiled with numba: quickly, and kept on disk.

What numba does for any function, and these have no use for, is left out: a way in for C, and for the event loop, which
only reads and writes numbers, all passes that look for closures, overloads and literals. Python's garbage collector
rests meanwhile: nothing that a compiler makes is garbage before it has ended.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba import njit
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager
from numba.core.typed_passes import (
    AnnotateTypes,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
)
from numba.core.untyped_passes import FixupArgs, IRProcessing, TranslateByteCode

KEPT: dict[str, Any] = {"cache": True, "no_cfunc_wrapper": True}


@contextmanager
def no_pauses() -> Iterator[None]:
    """Without Python's search for circular garbage, for what leaves none, or none before it has ended."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def compiled(*signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function for one signature, or take it from the cache on disk; without one, when it is first called."""

    def make(function: Callable[..., Any]) -> Any:
        with no_pauses():
            return njit(*signature, **KEPT)(function)

    return make


class Straight(CompilerBase):
    """The passes that plain loops over numbers need, in numba's order; a name has one type throughout."""

    def define_pipelines(self) -> list[PassManager]:
        """The one pipeline. See ``numba.core.compiler.DefaultPassBuilder`` for all there are."""
        passes = PassManager("straight")
        for one in (
            TranslateByteCode, FixupArgs, IRProcessing, NopythonTypeInference, IRLegalization, AnnotateTypes,
            NativeLowering, NoPythonBackend,
        ):  # fmt: skip
            passes.add_pass(one, one.__doc__ or one.__name__)
        passes.finalize()
        return [passes]
