"""``run.py staffing``: the fewest practitioners that keep a standard of waiting with a given probability.

``case`` reads what is staffed, ``kept`` lives it with given rosters and says whether the standards were kept,
``search`` looks for the fewest, ``told`` puts it in tables and words, and ``run`` does it all. docs/analyses.md
describes it.
"""
