"""Settings, routes and the server entry points: the only place that knows everything.

Nothing imports it. No code yet.
"""
