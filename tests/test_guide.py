"""The files shown in the guide are files that Tocsin takes."""

import re
from pathlib import Path

import pytest

from tocsin.channels.servicenow.form import Form
from tocsin.engine.version import Versions
from tocsin.kit import yaml_file

GUIDE = Path(__file__).parent.parent / "docs" / "guide" / "policy-file.md"
FILES = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", FILES, ids=lambda text: f"{len(text)} characters")
def test_a_policy_file_of_the_guide_is_taken(text: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    data = yaml_file.load(path).data
    assert Versions.from_dict(data).policies
    Form.from_dict(data.get("log", {}))


def test_the_guide_shows_files() -> None:
    assert len(FILES) == 3
