"""``run.py compare-runs``: what differs between two results folders, in inputs and in results, and by more than chance?

``inputs`` files, numbers, settings and versions; ``figures`` rows of tables matched by their keys; ``by_replication``
the values that pairs of replications give; ``chance`` tests and their correction; ``words`` the lines for the screen;
``run`` reads both folders and writes the tables.
"""
