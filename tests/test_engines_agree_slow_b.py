"""The same as in ``test_engines_agree.py``, at length; two files, so that two workers share it."""

from __future__ import annotations

import pytest
from agreeing import at_length


@pytest.mark.slow
@pytest.mark.parametrize("luck", range(7, 13))
def test_many_random_pathways_give_the_same_trace_on_both_engines(luck):
    at_length(luck)
