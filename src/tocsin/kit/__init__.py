"""Small tools that know no domain word: refusing bad input, reading plain data, pinned zone data.

Ten modules at most, each usable in another project as it is. The only layer that may read the
clock, and whatever the engine takes from here must be as pure as the engine.
"""
