"""The way in for people: pages and their live updates.

Parses, calls one action or some queries, renders; never touches records itself. No code yet.
"""
