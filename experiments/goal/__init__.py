"""``run.py goal``: what would have to be true for a target to be met, or for an answer to turn round.

``target`` reads what is asked, ``lived`` lives the experiment at values of the input that is varied, ``search`` finds
where the target begins to be met, ``alone`` asks that of every input, ``tables``, ``words`` and ``page`` tell it, and
``run`` does it all. docs/analyses.md describes options and columns.
"""
