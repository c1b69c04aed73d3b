"""``run.py challenge``: a councillor's or a union's own values beside the officers', and what would make them agree.

``assumptions`` reads the challenger's file, ``shares`` splits the difference by input, ``agree`` looks for the one
input that would make both sides agree, ``tables``, ``words`` and ``page`` tell it, and ``run`` does it all.
docs/elicit-and-challenge.md describes files and columns.
"""
