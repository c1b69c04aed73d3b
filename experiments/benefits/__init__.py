"""``run.py benefits``: what a plan of schemes is to save, and what has come of it.

``plan`` reads and draws, ``tables`` adds up, ``actuals`` and ``profile`` hold it against what happened by quarter,
``words`` and ``page`` tell it, ``run`` does it all. docs/benefits.md describes files and columns.
"""
