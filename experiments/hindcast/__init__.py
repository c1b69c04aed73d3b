"""``run.py hindcast``: a forecast's bands against years that were not used.

``actuals`` reads what happened, ``forecast`` says which model is run over which years, ``score`` compares, ``words``
and ``page`` tell it, ``run`` does it all. The files and columns are described in docs/hindcast.md.
"""
