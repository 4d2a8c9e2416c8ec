"""YAML files: what they say, on which line each field stands, and mistakes by line."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tocsin.kit import yaml_file
from tocsin.kit.invalid import Invalid
from tocsin.kit.yaml_file import YamlFile, line_of

TEXT = """\
# A file of many forms.
name: a file

targets:
  1 - Critical: 8h
  a.b: 1h
  a: {b: 2h}
  a b.c d[0]: 3h
  "": 4h
policies:
  - key: gold
    when:
      all:
        - {priority: high}
        - priority: low
          plan: gold
  - key: silver
    rows: [1, 2,
      3]
    matrix:
      - [1, 2]
      - - 3
        - 4
7: a number
"""


@pytest.fixture
def file(tmp_path: Path) -> YamlFile:
    return load(tmp_path, TEXT)


def load(folder: Path, data: str | bytes) -> YamlFile:
    path = folder / "some.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return yaml_file.load(path)


def refusal(folder: Path, data: str | bytes) -> str:
    with pytest.raises(Invalid) as refused:
        load(folder, data)
    return str(refused.value).removeprefix(f"{folder}/")


# ------------------------------------------------------------------------------------------ lines


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("name", 2),
        ("targets", 4),
        ("targets.1 - Critical", 5),
        ("targets.a.b", 6),  # the key `a.b`, not `b` under `a`: the longest that fits is meant
        ("targets.a", 7),
        ("targets.a b.c d[0]", 8),
        ("policies", 10),
        ("policies[0]", 11),
        ("policies[0].key", 11),
        ("policies[0].when", 12),
        ("policies[0].when.all", 13),
        ("policies[0].when.all[0]", 14),
        ("policies[0].when.all[0].priority", 14),
        ("policies[0].when.all[1]", 15),
        ("policies[0].when.all[1].plan", 16),
        ("policies[1].key", 17),
        ("policies[1].rows", 18),
        ("policies[1].rows[2]", 19),
        ("policies[1].matrix[0][1]", 21),
        ("policies[1].matrix[1][0]", 22),
        ("policies[1].matrix[1][1]", 23),
        ("7", 24),
    ],
)
def test_a_field_is_found_on_its_line(file: YamlFile, path: str, line: int) -> None:
    assert line_of(file.data, path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("", 2),
        ("nothing", 2),
        ("nothing.at.all", 2),
        ("policies[0].calendar", 11),
        ("policies[2]", 10),
        ("policies[x]", 10),
        ("policies[-1]", 10),
        ("policies[0", 11),
        ("policies.key", 10),
        ("name.more", 2),
        ("names", 2),
        ("targets.1 - Criticality", 4),
        ("policies[1].matrix[1][7]", 22),
    ],
)
def test_of_a_field_that_is_not_there_the_nearest_parent_is_named(
    file: YamlFile, path: str, line: int
) -> None:
    assert line_of(file.data, path) == line


def test_a_field_that_was_merged_in_is_named_by_where_it_was_merged(tmp_path: Path) -> None:
    data = load(tmp_path, "base: &b\n  zone: UTC\noffice:\n  <<: *b\n  week: {}\n").data
    assert data["office"]["zone"] == "UTC"
    assert line_of(data, "office.zone") == 3
    assert line_of(data, "office.week") == 5


@pytest.mark.parametrize("data", [{}, {"a": 1}, "words", None, ["a"]])
def test_data_that_came_from_no_file_has_no_lines(data: Any) -> None:
    assert line_of(data, "a") is None
    assert line_of(data, "[0]") is None


keys = st.text(st.sampled_from("ab .[]-1"), min_size=1, max_size=5).map(str.strip).filter(bool)


@given(st.lists(keys, min_size=1, max_size=8, unique=True))
def test_any_key_is_found_when_it_is_written_out(names: list[str]) -> None:
    text = "".join(f'"{name}": 1\n' for name in names)
    data = YAML(typ="rt", pure=True).load(text)
    for k, name in enumerate(names, 1):
        assert line_of(data, name) == k


def test_a_refusal_gets_the_file_and_the_line_in_front(file: YamlFile) -> None:
    found = file.located(Invalid("targets.1 - Critical", "must be longer than zero"))
    assert str(found) == f"{file.name}, line 5: targets.1 - Critical: must be longer than zero"
    assert str(file.located(Invalid("", "is odd"))) == f"{file.name}, line 2: is odd"
    tagged = YAML(typ="rt", pure=True).load("!thing words")
    assert line_of(tagged, "a") is None
    bare = YamlFile("some.yaml", "words")
    assert str(bare.located(Invalid("a", "is odd"))) == "some.yaml: a: is odd"


# ------------------------------------------------------------------------------------------- data


def test_instants_and_dates_stay_text_with_their_offset(tmp_path: Path) -> None:
    text = "a: 2026-03-01T00:00:00+01:00\nb: 2026-03-01\n2026-12-24: c\nd: 2026-03-01 10:00:00\n"
    data = load(tmp_path, text).data
    assert dict(data) == {
        "a": "2026-03-01T00:00:00+01:00",
        "b": "2026-03-01",
        "2026-12-24": "c",
        "d": "2026-03-01 10:00:00",
    }
    assert all(type(value) is str for value in (*data, *data.values()))


def test_scalars_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    data = load(tmp_path, "a: on\nb: 08:30\nc: 010\nd: true\ne: 'x'\nf: ~\ng: Å\n").data
    assert dict(data) == {
        "a": "on",
        "b": "08:30",
        "c": 10,
        "d": True,
        "e": "x",
        "f": None,
        "g": "Å",
    }


def test_a_byte_order_mark_and_any_ends_of_lines_are_taken(tmp_path: Path) -> None:
    plain = load(tmp_path, TEXT)
    for data in (b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode()):
        found = load(tmp_path, data)
        assert found.data == plain.data
        assert line_of(found.data, "policies[1].key") == 17


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("", "some.yaml: is empty"),
        ("# nothing\n", "some.yaml: is empty"),
        (b"a: b\nc: \xff\n", "some.yaml: is not UTF-8 text (byte 8)"),
        ("a: 1\nb: 2\na: 3\n", 'some.yaml, line 3: is not valid YAML: found duplicate key "a"'),
        ("a:\n\tb: 1\n", "some.yaml, line 2: is not valid YAML: found character '\\t'"),
        ("a: [1\nb: 2\n", "some.yaml, line 2: is not valid YAML: "),
        ("a: b: c\n", "some.yaml, line 1: is not valid YAML: mapping values are not allowed here"),
        ("a: 'b\nc: d\n", "some.yaml, line 3: is not valid YAML: found unexpected end of stream"),
        ("a: *b\n", "some.yaml, line 1: is not valid YAML: found undefined alias 'b'"),
        ("a: 1\n---\nb: 2\n", "some.yaml, line 2: is not valid YAML: "),
        ("a: \x01\n", "some.yaml: is not valid YAML: unacceptable character #x0001"),
        ("[" * 500, "some.yaml: is not valid YAML: maximum recursion depth exceeded"),
        # Tags that do not fit their value fail in many ways inside the reader.
        ('a: !!int ""', "some.yaml: is not valid YAML: "),
        ("a: !!bool 3", "some.yaml: is not valid YAML: "),
        ("a: !!omap 3", "some.yaml: is not valid YAML: "),
        ("a: !!float x", "some.yaml: is not valid YAML: "),
    ],
)
def test_what_is_no_yaml_is_refused_in_one_sentence(
    tmp_path: Path, data: str | bytes, sentence: str
) -> None:
    found = refusal(tmp_path, data)
    assert found.startswith(sentence)
    assert "\n" not in found


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        yaml_file.load(tmp_path / "no.yaml")
    assert str(refused.value) == f"{tmp_path}/no.yaml: cannot be read: No such file or directory"
    with pytest.raises(Invalid, match="cannot be read: Is a directory"):
        yaml_file.load(tmp_path)
