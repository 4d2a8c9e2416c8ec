"""The heart beat: finds what is due and has it done exactly once, on any number of machines.

Loops only: what is to be done is decided in the engine and written by actions. No code yet.
"""
