"""Sweeps: an experiment at every point of a grid or a list of its own settings."""
