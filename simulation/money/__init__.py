"""Money as pure functions of columns: what care costs, what a change saves, to whom, when, and what of it is cash.

Amounts are whole pence-days until the end: pence a week × days, so that 700 of them are a pound.
"""
