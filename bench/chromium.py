"""The Chromium of this machine: browser tests, pictures and benchmarks look through it.

Nothing is downloaded. TOCSIN_CHROMIUM=required makes a missing one a failure (`.ci/run` sets it).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    f"there is no Chromium on this machine (looked on PATH for {', '.join(NAMES)}); "
    "install it, on Debian and Ubuntu: apt install chromium"
)
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def path() -> str | None:
    """Return where it is, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def is_required() -> bool:
    """Say whether a missing one is a failure rather than a reason to skip."""
    return os.environ.get("TOCSIN_CHROMIUM") == "required"


@contextmanager
def browser() -> Iterator[Browser]:
    """Give it, with an empty profile and without a window."""
    found = path()
    if found is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        try:
            yield made
        finally:
            made.close()
