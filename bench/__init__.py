"""Benchmarks: figures to print, never to assert. `make bench`, or `python -m bench [NAME ...]`."""
