"""What stands for the parts of each route's address, and what its form sends, area by area.

A module of this package may have EXAMPLES (part of an address: value), EXAMPLES_OF (route: parts),
FORMS (route of a POST: what is sent), PUBLIC (routes that need no right), QUERIES (route: query)
and a function `prepare(made)` that makes what the examples stand for.
"""

import importlib
import pkgutil
from types import ModuleType


def modules() -> list[ModuleType]:
    return [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
