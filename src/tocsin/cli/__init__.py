"""The way in for operators: the `tocsin` command, one module to a group of commands.

Parses, calls what stands below, prints; never touches records itself.
"""
