"""Values that are made anew at every fact: the fold spends most of its time on copying them.

Python's own `dataclasses.replace` calls the constructor, which sets each field by name: 6 µs for a
clock. Values without slots are copied at once: 1 µs.
"""

from typing import Any, TypeVar

_T = TypeVar("_T")


def replace(value: _T, **changes: Any) -> _T:
    """Return a copy of a frozen dataclass without slots, with some of its fields changed."""
    made = object.__new__(type(value))
    fields = made.__dict__
    fields.update(value.__dict__)
    count = len(fields)
    fields.update(changes)
    if len(fields) != count:
        raise TypeError(f"{type(value).__name__} has no such field: {', '.join(changes)}")
    return made
