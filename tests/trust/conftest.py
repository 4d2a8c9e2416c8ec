"""The desk with pages is that of the tests of pages."""

from tests.web.conftest import other, pages

__all__ = ["other", "pages"]
