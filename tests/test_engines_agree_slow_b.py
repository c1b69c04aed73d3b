"""The same as in ``test_engines_agree.py``, at length; two files, so that two workers share it."""

from __future__ import annotations

import pytest
from agreeing import lived

NUMBER = 1_000
"""Pathways in each part; the twelve parts of both files are 12,000."""


@pytest.mark.slow
@pytest.mark.parametrize("luck", range(7, 13))
def test_many_random_pathways_give_the_same_trace_on_both_engines(luck):
    came = lived(NUMBER, 1000 + luck)
    assert came.worlds == NUMBER
    assert came.rows > 100 * NUMBER
    assert came.refused < NUMBER // 20
    assert came.rare(5, 2) == [], "too few worlds to prove anything of these"
