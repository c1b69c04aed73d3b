"""What modellers do with the world: validate, run, compare, report."""
