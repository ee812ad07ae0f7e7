"""What `seedkit init` declares of JSON, YAML and TOML: the fields, and what their values are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.infer.choose import builtin
from seedkit.infer.data import declared_data
from seedkit.infer.draft import spec_of
from support.corpora import more

LINES = {"extends": "builtin:jsonl"}
FIRST = "The ferry left at six with a crate of bees."


def declared(name: str, texts: Sequence[str]) -> dict[str, Any]:
    """The values of a built-in format with what is declared of the data in some texts."""
    choice = builtin(name, texts)
    data = declared_data(choice.layout, texts)
    return {**choice.values, **(data.values if data is not None else {})}


def fields(name: str, *texts: str) -> dict[str, dict[str, Any]]:
    """The fields that are declared, by their paths."""
    (section,) = declared(name, texts).get("section", [{"field": []}])
    return {field.pop("name"): field for field in section["field"]}


def of_records(records: Sequence[Any]) -> dict[str, dict[str, Any]]:
    return fields("jsonl", *("".join(f"{json.dumps(record)}\n" for record in records),))


def found(values: dict[str, Any], text: str) -> list[str]:
    """The rules and messages of what is found in a text with a format."""
    facts = Analyser(Layout("x", spec_of(values))).analyse("x.txt", text.encode())
    return [f"{each.rule} {each.message}" for each in facts.diagnostics]


RECORDS = [
    {
        "id": number,
        "text": f"{FIRST} Number {number}.",
        "label": ["good", "bad"][number % 2],
        "hidden": number % 3 == 0,
        "score": number / 4,
        "made": f"2024-01-{number + 1:02}",
        "source": f"https://example.org/{number}",
        "parts": [{"role": ["user", "assistant"][i], "content": f"{i}"} for i in range(2)],
        **({"note": None if number % 2 else "x"} if number < 9 else {}),
    }
    for number in range(24)
]


def test_fields_of_records() -> None:
    assert of_records(RECORDS) == {
        "id": {"type": "integer", "unique": "file"},
        "text": {"type": "string", "text": True},
        "label": {"type": "string", "enum": ["bad", "good"]},
        "hidden": {"type": "boolean"},
        "score": {"type": "number"},
        "made": {"type": "date"},
        "source": {"type": "url"},
        "parts": {"type": "list"},
        "parts[]": {"type": "object"},
        "parts[].role": {"type": "string", "enum": ["assistant", "user"]},
        "parts[].content": {"type": "string", "enum": ["0", "1"]},
        "note": {"type": "string", "required": False, "null": True},
    }


DAMAGE = {
    '"label": "good"': ('"label": "goood"', "section/not-allowed"),
    '"id": 7': ('"id": 8', "section/not-unique"),
    '"score": 0.25': ('"score": "0.25"', "section/wrong-type"),
    '"made": "2024-01-09"': ('"made": "2024-01-32"', "section/wrong-type"),
    '"text": ': ('"txt": ', "section/unknown-key"),
    '"hidden": true, ': ("", "section/missing-key"),
    '"role": "user"': ('"role": "human"', "section/not-allowed"),
    '"note": "x"': ('"nota": "x"', "section/unknown-key"),
    "https://example.org/3": ("example.org/3", "section/wrong-type"),
}


@pytest.mark.parametrize("sound", DAMAGE)
def test_damage_made_later_is_found(sound: str) -> None:
    text = "".join(f"{json.dumps(record)}\n" for record in RECORDS)
    values = declared("jsonl", [text])
    assert found(values, text) == []
    spoilt, rule = DAMAGE[sound]
    assert [each.split()[0] for each in found(values, text.replace(sound, spoilt, 1))] == [rule]


def test_keys_that_few_records_have_are_not_named_and_allowed() -> None:
    records = [{"a": n, **({f"k{n}": 1} if n > 98 else {})} for n in range(100)]
    assert declared("jsonl", ["".join(f"{json.dumps(each)}\n" for each in records)])["section"] == [
        {"name": "record", "unknown": "allow", "field": [{"name": "a", "type": "integer"}]}
    ]


def test_a_misspelt_key_is_an_exception() -> None:
    records: list[dict[str, Any]] = [{"title": f"x{n}"} for n in range(250)]
    records[7] = {"titel": "x7"}
    text = "".join(f"{json.dumps(each)}\n" for each in records)
    values = declared("jsonl", [text])
    assert "unknown" not in values["section"][0]
    assert [each.split()[0] for each in found(values, text)] == ["section/unknown-key"]


def test_objects_whose_keys_are_names_of_things_are_left_open() -> None:
    records = [{"counts": {f"w{n}": 1, f"w{n + 1}": 2}} for n in range(99)]
    assert of_records(records) == {"counts": {"type": "object", "unknown": "allow"}}


def test_an_object_that_is_open_in_closed_ones_and_the_reverse() -> None:
    records: list[dict[str, Any]] = [
        {"meta": {"a": n, **({f"k{n}": 1} if n > 30 else {})}} for n in range(32)
    ]
    assert of_records(records)["meta"] == {"type": "object", "unknown": "allow"}
    records = [{"meta": {"a": n}, **({f"k{n}": 1} if n > 30 else {})} for n in range(32)]
    assert of_records(records)["meta"] == {"type": "object", "unknown": "error"}


def test_values_of_several_types_have_none() -> None:
    assert of_records([{"v": each} for each in (1, "x", 2, "y")]) == {"v": {}}
    assert of_records([{"v": each} for each in (1, 2.5, 3)]) == {"v": {"type": "number"}}
    assert of_records([{"v": each} for each in (None, None, None)]) == {"v": {"null": True}}


@pytest.mark.parametrize("records", [[1, 2], [[1], [2]], [{"a": 1}, [2]], ["x"], [None]])
def test_of_records_that_are_no_objects_nothing_is_declared(records: list[Any]) -> None:
    assert of_records(records) == {}


def test_keys_that_no_path_can_name_are_allowed() -> None:
    (section,) = declared("jsonl", ['{"a.b": 1, "c": 1}\n' * 9])["section"]
    assert section["unknown"] == "allow"
    assert [field["name"] for field in section["field"]] == ["c"]


def test_front_matter() -> None:
    pages = [
        f"---\ntitle: Page number {n}\ndate: 2024-03-{n + 1:02}\ntags: [a, b]\n---\n{FIRST}\n"
        for n in range(24)
    ]
    assert fields("front-matter", *pages) == {
        "title": {"type": "string", "text": True},
        "date": {"type": "date"},
        "tags": {"type": "list"},
        "tags[]": {"type": "string", "enum": ["a", "b"]},
    }
    values = declared("front-matter", pages)
    assert [found(values, page) for page in pages] == [[]] * len(pages)
    (finding,) = found(values, pages[3].replace("2024-03-04", "2024-03-44"))
    assert finding.startswith("section/wrong-type section `meta`: `date` is")


def test_toml_in_front_matter() -> None:
    pages = [f'+++\ntitle = "Page {n}"\nweight = {n}\n+++\n{FIRST}\n' for n in range(24)]
    assert fields("front-matter", *pages) == {
        "title": {"type": "string", "text": True},
        "weight": {"type": "integer"},
    }


def test_what_a_format_declares_is_left_as_it_is() -> None:
    chat = [
        f'{{"id": {n}, "messages": [{{"role": "assistant", "content": "x"}}]}}\n' for n in range(24)
    ]
    assert declared("chat-jsonl", ["".join(chat)])["section"] == [
        {
            "name": "conversation",
            "unknown": "error",
            "field": [{"name": "id", "type": "integer", "unique": "file"}],
        }
    ]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "x", "yes", "2024-01-01", "2024-01-01T10:00", "https://a.b/c", "1", "é "]),
)
KEYS = st.sampled_from(["id", "a", "title", "a.b", "", "x[]", "Ab"])
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(DATA | st.dictionaries(KEYS, DATA, max_size=4), min_size=1, max_size=12))
@more(1)
def test_nothing_is_found_in_what_the_fields_are_from(records: list[Any]) -> None:
    """Fewer than fifty records have no exceptions."""
    text = "".join(f"{json.dumps(record)}\n" for record in records)
    values = declared("jsonl", [text])
    assert [each for each in found(values, text) if each.startswith("section/")] == []
