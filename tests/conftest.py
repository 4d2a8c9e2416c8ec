"""Set-up that all tests share: how hard hypothesis looks, and where the large real data is."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# In CI the same examples every time, so that a red run is about the change. At a desk new ones
# every time, so that we keep looking. More of them: TOCSIN_EXAMPLES=5000 make test
settings.register_profile(
    "tocsin",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=int(os.environ.get("TOCSIN_EXAMPLES", "100")),
    print_blob=True,
    # A busy machine is not a reason to fail.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tocsin")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real data beside the repository; skip where it is not laid out."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data is not here (looked for ../shared/data beside the repository)")
    return folder
