"""Draws of the compiled engine, four at once: what a stage needs, and what the stages that may follow will need.

A draw belongs to a person and a decision, so it can be made before it is asked for, and nobody can tell. Made one by
one, ten rounds that each wait for the one before are a sixth of the loop's time, and what follows a branch cannot begin
until they end; in four lanes of a wide register four draws take less time than one. So a stage's draw is made together
with those of the decisions and packages that a person may meet next (``K.LANES``), which wait in a line of memory
beside the person's row. Numba, no objects.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from simulation import kernel_layout as K
from simulation.kernel_grids import place_of
from simulation.kernel_layout import inline, plain
from simulation.philox import KEY_STEPS, MULTIPLIERS, ROUNDS

_WORD, _LANES = ir.IntType(64), ir.VectorType(ir.IntType(64), K.LANES)
_UNITS = ir.VectorType(ir.DoubleType(), K.LANES)
_EPISODE_BITS = 32


def _four(typingctx, out, at, draws, person, episode, attempt, seed, replication):
    """See ``four``. Philox on words of 32 bits in lanes of 64; the processor multiplies the lower halves at once."""

    def build(context, builder, sig, args):
        def every(number):
            return ir.Constant(_LANES, [number] * K.LANES)

        def spread(word):
            one = builder.insert_element(ir.Constant(_LANES, ir.Undefined), word, ir.IntType(32)(0))
            return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), K.LANES), [0] * K.LANES))

        low, half = every(0xFFFFFFFF), every(32)
        _, _, _, who, meeting, again, key0, key1 = args
        who, meeting = spread(who), spread(builder.shl(meeting, _WORD(16)))
        named = builder.bitcast(place_of(builder, draws, args[2], [_WORD(0)]), _LANES.as_pointer())
        named = builder.load(named, align=8)
        words = [
            builder.lshr(who, half),
            builder.and_(who, low),
            builder.and_(named, low),
            # Only the first lane is a draw for somebody who may have been here before.
            builder.or_(meeting, builder.insert_element(every(0), again, ir.IntType(32)(0))),
        ]
        keys = [spread(key0), spread(key1)]
        for _ in range(ROUNDS):
            products = [builder.mul(words[2 * i], every(MULTIPLIERS[i])) for i in range(2)]
            words = [
                builder.xor(builder.xor(builder.lshr(products[1], half), words[1]), keys[0]),
                builder.and_(products[1], low),
                builder.xor(builder.xor(builder.lshr(products[0], half), words[3]), keys[1]),
                builder.and_(products[0], low),
            ]
            keys = [builder.and_(builder.add(keys[i], every(KEY_STEPS[i])), low) for i in range(2)]
        for i in range(2):
            # 52 bits below the point of a number from 2^52 on are that many whole units.
            bits = builder.or_(builder.shl(words[2 * i], every(20)), builder.lshr(words[2 * i + 1], every(12)))
            number = builder.bitcast(builder.or_(bits, every(0x433 << 52)), _UNITS)
            number = builder.fsub(number, ir.Constant(_UNITS, [2.0**52] * K.LANES))
            number = builder.fadd(number, ir.Constant(_UNITS, [0.5] * K.LANES))
            number = builder.fmul(number, ir.Constant(_UNITS, [2.0**-52] * K.LANES))
            there = place_of(builder, out, args[0], [builder.add(args[1], _WORD(i * K.LANES))])
            builder.store(number, builder.bitcast(there, _UNITS.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.none(out, types.intp, draws, *[types.int64] * 5), build


four: Any = intrinsic(_four)
"""``four(out, at, draws, person, episode, attempt, seed, replication)``: ``philox.pair`` for each of four draws.

The first is that of an attempt, the others those of attempt 0. The first uniforms stand in ``out`` from ``at`` on, the
second ones K.LANES places after them.
"""


@inline
def _line(w):
    """Where a life's own line of ``drawn`` begins."""
    return (w >> K.LIFE_BITS) * 2 * K.LANES


@plain
def _draw(numbers, draws, drawn, lives, w, stage, person, episode, attempt):
    four(drawn, _line(w), draws[stage], person, episode, attempt, numbers[K.F_SEED], numbers[K.F_REPLICATION])
    lives[w + K.P_DRAWN] = (episode << _EPISODE_BITS) | stage


@inline
def uniform_now(numbers, draws, drawn, lives, w, stage, person, episode, attempt):
    """The first uniform of a stage's own draw, and ahead of their time those of the stages that may follow."""
    _draw(numbers, draws, drawn, lives, w, stage, person, episode, attempt)
    return drawn[_line(w)]


@inline
def uniforms_ahead(numbers, draws, drawn, lives, w, stage, person, episode, attempt):
    """Where in ``drawn`` the first uniform of a stage's own draw stands: made now, unless it was made ahead."""
    lane = 0
    before = lives[w + K.P_DRAWN]
    if attempt == 0 and before >> _EPISODE_BITS == episode:
        mine, its = draws[stage, 0], draws[before & 0xFFFFFFFF]
        if its[1] == mine:  # for each lane but the first; a loop over them is slower
            lane = 1
        elif its[2] == mine:
            lane = 2
        elif its[3] == mine:
            lane = 3
    if lane == 0:
        _draw(numbers, draws, drawn, lives, w, stage, person, episode, attempt)
    return _line(w) + lane
