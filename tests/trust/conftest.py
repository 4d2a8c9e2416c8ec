"""All here is for `make trust`: attacks, guards taken out, what a standard asks for.

The desk with pages is that of the tests of pages.
"""

from pathlib import Path

import pytest
from tests.web.conftest import other, pages

__all__ = ["other", "pages"]

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test of this folder as long, before the long ones are left out."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.long("a promise is proven"))
