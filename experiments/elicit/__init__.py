"""``run.py elicit``: what experts think of the assumptions that matter most, asked on a form and read back.

``asked`` is the headline of an experiment as a function of its inputs; ``form`` writes the form and ``reading`` reads
it; ``laws`` fits a law to three quantiles and pools laws; ``pooled`` does so for a form and measures disagreement;
``overlay`` writes configs that extend the ones asked about; ``under`` is the headline under each expert; ``words``
tells it, ``run`` does it all and ``command`` takes it from the command line. docs/elicit-and-challenge.md describes
files and columns.
"""
