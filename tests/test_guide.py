"""The files shown in the guide are files that Tocsin takes."""

import re
from pathlib import Path

import pytest

from tocsin.channels.servicenow.form import Form
from tocsin.engine.version import Versions
from tocsin.kit import yaml_file
from tocsin.queries import examples, policy_file

GUIDE = Path(__file__).parent.parent / "docs" / "guide"


def shown(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (GUIDE / page).read_text(encoding="utf-8"), re.DOTALL)


FILES = shown("policy-file.md")
CONFIGURATION = shown("configuration.md")


@pytest.mark.parametrize("text", FILES, ids=lambda text: f"{len(text)} characters")
def test_a_policy_file_of_the_guide_is_taken(text: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    data = yaml_file.load(path).data
    assert Versions.from_dict(data).policies
    Form.from_dict(data.get("log", {}))


@pytest.mark.parametrize("text", CONFIGURATION, ids=lambda text: f"{len(text)} characters")
def test_a_whole_configuration_of_the_guide_holds_and_its_examples_pass(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    data = yaml_file.load(path).data
    versions = Versions.from_dict(data)
    assert list(policy_file.refusals(data, versions)) == []
    under = examples.under(data, versions)
    told = examples.run(examples.read(data, under), under)
    assert [(one.example.name, one.wrong) for one in told if one.wrong] == []
    assert len(told) == 2


def test_the_guide_shows_files() -> None:
    assert (len(FILES), len(CONFIGURATION)) == (4, 1)
