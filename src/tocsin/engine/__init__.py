"""The pure heart: calendars, clocks, policies, verdicts, escalation, replay.

Takes frozen values and `now` (always a keyword argument), returns frozen values, and can say why.
No framework, no input or output, no system clock; numpy only in `tocsin.engine.bulk`.
"""
