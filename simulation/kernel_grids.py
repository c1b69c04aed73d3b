"""Arrays as the compiled engine's loop holds them: where they begin and how wide they are, and nothing else.

Numba's own arrays carry a dozen numbers each, and look at every index whether it counts from the end. Handed to
helpers by the score, that takes longer to compile and to run than what the helpers do. A grid is read and written like
an array in one piece; fewer indices than dimensions give a part of it. Nothing is checked, and an array has to outlive
its grid: both hold within one call of the loop.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc"

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.errors import TypingError
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model
from numba.np.arrayobj import make_array

from simulation.kernel_layout import WIDTHS


class Grid(types.Type):
    """Numba's name for a grid of ``ndim`` dimensions."""

    def __init__(self, dtype: Any, ndim: int) -> None:
        self.dtype, self.ndim = dtype, ndim
        super().__init__(name=f"Grid({dtype}, {ndim})")


@register_model(Grid)
class _GridModel(models.StructModel):
    def __init__(self, manager, grid) -> None:
        sizes = [(f"size{i}", types.intp) for i in range(grid.ndim)]
        super().__init__(manager, grid, [("data", types.CPointer(grid.dtype)), *sizes])


def _grids(typingctx, arrays):
    """The grids of a named tuple of C-contiguous arrays; a width that is always the same (``WIDTHS``) is a constant."""
    for name, array in zip(arrays.fields, arrays.types, strict=True):
        if array.layout != "C":
            raise TypingError(f"{name} does not lie in one piece.")
    kinds = [Grid(array.dtype, array.ndim) for array in arrays.types]
    result = types.BaseTuple.from_types(kinds, arrays.instance_class)

    def build(context, builder, sig, args):
        parts = []
        for place, (name, array) in enumerate(zip(arrays.fields, arrays.types, strict=True)):
            held = make_array(array)(context, builder, builder.extract_value(args[0], place))
            sizes = [builder.extract_value(held.shape, i) for i in range(array.ndim)]
            if name in WIDTHS:
                sizes[-1] = context.get_constant(types.intp, WIDTHS[name])
            parts.append(_packed(context, builder, kinds[place], held.data, sizes))
        return context.make_tuple(builder, result, parts)

    return result(arrays), build


def _width(typingctx, grid):
    """The last dimension of a grid."""

    def build(context, builder, sig, args):
        return builder.extract_value(args[0], grid.ndim)

    return types.intp(grid), build


def _soon(typingctx, grid, at):
    def build(context, builder, sig, args):
        there = builder.bitcast(place_of(builder, grid, args[0], [args[1]]), ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [there.type, word, word, word])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [there.type], kind)
        builder.call(fetch, [there, word(1), word(3), word(1)])  # to be written, keep near, data
        return context.get_dummy_value()

    return types.none(grid, types.intp), build


width: Any = intrinsic(_width)
soon: Any = intrinsic(_soon)
"""``soon(grid, place)``: that line of memory will be wanted; nothing waits for it, and nothing changes."""
grids: Any = intrinsic(_grids)


def _packed(context, builder, kind, data, sizes):
    value = context.get_value_type(kind)(ir.Undefined)
    for place, part in enumerate([data, *sizes]):
        value = builder.insert_value(value, part, place)
    return value


def place_of(builder, kind, value, indices):
    """Where the part named by some indices begins."""
    offset = None
    for i in range(kind.ndim):
        if offset is not None:
            offset = builder.mul(offset, builder.extract_value(value, i + 1), flags=("nsw",))
        if i < len(indices):
            offset = indices[i] if offset is None else builder.add(offset, indices[i], flags=("nsw",))
    return builder.gep(builder.extract_value(value, 0), [offset])


def _indices(builder, kind, value):
    return [value] if isinstance(kind, types.Integer) else [builder.extract_value(value, i) for i in range(len(kind))]


def _index_type(index):
    if isinstance(index, types.Integer):
        return types.intp, 1
    if isinstance(index, types.BaseTuple):
        return types.UniTuple(types.intp, len(index)), len(index)
    return None, 0


_FIRST = {"target": "cpu"}
"""Numba asks what is made for this processor before what is made for any; else each index of a grid would first be held
against everything else that has indices, which takes a seventh of all compiling."""


@infer_global(operator.getitem)
class _Read(AbstractTemplate):
    metadata = _FIRST

    def generic(self, args, kws):
        kind, index = args
        if not isinstance(kind, Grid):
            return None
        at, many = _index_type(index)
        if at is None or many > kind.ndim:
            return None
        found = kind.dtype if many == kind.ndim else Grid(kind.dtype, kind.ndim - many)
        return signature(found, kind, at)


@infer_global(operator.setitem)
class _Write(AbstractTemplate):
    metadata = _FIRST

    def generic(self, args, kws):
        kind, index, _ = args
        if not isinstance(kind, Grid):
            return None
        at, many = _index_type(index)
        return signature(types.none, kind, at, kind.dtype) if at is not None and many == kind.ndim else None


@infer_global(len)
class _Length(AbstractTemplate):
    metadata = _FIRST

    def generic(self, args, kws):
        return signature(types.intp, args[0]) if isinstance(args[0], Grid) else None


@lower_builtin(operator.getitem, Grid, types.Any)
def _read(context, builder, sig, args):
    kind = sig.args[0]
    indices = _indices(builder, sig.args[1], args[1])
    place = place_of(builder, kind, args[0], indices)
    if sig.return_type is kind.dtype or not isinstance(sig.return_type, Grid):
        return builder.load(place)
    sizes = [builder.extract_value(args[0], i + 1) for i in range(len(indices), kind.ndim)]
    return _packed(context, builder, sig.return_type, place, sizes)


@lower_builtin(operator.setitem, Grid, types.Any, types.Any)
def _write(context, builder, sig, args):
    place = place_of(builder, sig.args[0], args[0], _indices(builder, sig.args[1], args[1]))
    builder.store(args[2], place)
    return context.get_dummy_value()


@lower_builtin(len, Grid)
def _length(context, builder, sig, args):
    return builder.extract_value(args[0], 1)
