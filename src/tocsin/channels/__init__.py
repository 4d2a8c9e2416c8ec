"""The world outside, one folder each: what it sends and receives, translated to and from our words.

Promises that bad weather out there is an answer, not an exception, and that no channel knows
another.
"""
