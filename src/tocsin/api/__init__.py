"""The way in for programs: the JSON interface and what is built on it.

Parses, calls one action or some queries, renders; never touches records itself. No code yet.
"""
