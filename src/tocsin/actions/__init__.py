"""Every way in which state may change: one verb, one transaction, the only writers.

Promises that a change, its event, its audit entry and the next moment to wake are kept or lost
together. No code yet.
"""
