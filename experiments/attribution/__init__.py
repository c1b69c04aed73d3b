"""``run.py attribution``: which change brings how much of the difference between two models.

``parts`` says which changes there are, ``lived`` lives the model with any of them made, ``game`` splits the difference,
``tables``, ``words`` and ``page`` tell it, and ``run`` does it all. docs/analyses.md describes files and columns.
"""
