"""The people in the model: persons who live their pathway, practitioners and teams who serve them.

Nothing here knows how a pathway is written or where its random numbers come from: both arrive through the
Protocols of ``agents.protocols``.
"""
