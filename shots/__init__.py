"""The pictures of the README, taken of a running demo: `make shots`, or `python -m shots`."""
