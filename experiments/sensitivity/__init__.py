"""``run.py sensitivity``: which inputs move an answer, how far, and what knowing them would be worth.

``study`` asks an experiment at points of its inputs; ``tornado`` moves one input at a time, ``screen`` (Morris) and
``shares`` (Sobol) move all of them; ``parts`` splits spread into inputs and chance; ``smooth`` and ``information`` say
what knowing an input is worth for a choice; ``words`` and ``page`` tell it, ``run`` does it all. docs/analyses.md
describes methods and tables.
"""
