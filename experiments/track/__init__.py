"""``run.py track``: the bands of a finished experiment against quarterly actual figures.

``series`` is a forecast by quarter; ``months``, ``compared`` and ``service`` make them from what a results folder
holds, and ``forecast`` finds the right ones; ``actuals`` reads what happened, ``table`` compares, ``words`` and
``page`` tell it, ``run`` does it all. docs/benefits.md describes files and columns.
"""
