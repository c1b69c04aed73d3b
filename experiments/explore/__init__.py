"""``run.py explore``: a page on which a comparison is asked again while people watch.

``world`` holds an experiment with its caches, ``state`` what a visitor chose, ``live`` lives it in pairs, ``view`` puts
it as the report does, ``saved`` writes it down as an experiment, ``server`` and ``guard`` hand it out. docs/explore.md.
"""
