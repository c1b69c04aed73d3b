"""Your own council: a shipped model with your own figures in it, read from your file on your machine."""

from experiments.calibrate.run import calibrate, write_form

__all__ = ["calibrate", "write_form"]
