"""Faults on purpose: processes killed and frozen while deadlines fall due; nothing may be lost."""
