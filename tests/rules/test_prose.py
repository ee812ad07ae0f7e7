"""What of data is compared and searched: prose, with the escapes of JSON read, and values."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seedkit.corpus.analyse import Analyser
from seedkit.formats.fields import nodes_at
from seedkit.formats.json_tree import json_tree
from seedkit.formats.prose import Prose
from seedkit.formats.spec import SectionSpec
from seedkit.repeats.fold import Folder
from seedkit.search.analysis import Tokeniser as Words
from seedkit.search.records import RecordMaker, fields_of
from support.pieces import layout

FIELDS: list[dict[str, Any]] = [
    {"name": "id"},
    {"name": "turns[].say", "text": True},
    {"name": "title", "text": True, "required": False},
]
SECTION = {"name": "r", "content": "json", "field": FIELDS, "unknown": "allow"}
LINES = layout(record={"mode": "lines"}, section=[SECTION])


def compared(text: str) -> str:
    facts = Analyser(LINES).analyse("a.jsonl", text.encode())
    assert facts.compared is not None and len(facts.compared) == len(text)
    return " ".join(facts.compared.replace("\u2060", "").split())


def test_only_prose_is_compared() -> None:
    text = (
        '{"id": "x", "turns": [{"say": "One \\"two\\"\\nthree", "who": "say"}]}\n{"title": "T"}\n'
    )
    assert compared(text).replace('"', " ").split() == ["One", "two", "three", "T"]


def test_escapes_are_read_in_their_place() -> None:
    text = '{"id": 1, "turns": [{"say": "caf\\u00e9s \\ud83d\\ude00 \\u4e2d\\u6587"}]}'
    facts = Analyser(LINES).analyse("a.jsonl", text.encode())
    assert facts.compared is not None
    assert Folder().fold(facts.compared).replace("\u2060", "").split() == ["cafés", "😀", "中文"]
    assert facts.compared.index("s", 10) == text.index("s \\")


def test_malformed_data_is_not_compared() -> None:
    assert compared('{"id": 1, "turns": [{"say": "One') == ""


def test_parts_and_values_of_a_record() -> None:
    text = '{"id": 7, "turns": [{"say": "caf\\u00e9s"}, {"say": "Open"}], "title": "At sea"}'
    maker = RecordMaker(LINES, Words())
    (record,) = maker.records("a.jsonl", text.encode())
    named = [(part.name, text[part.start : part.end]) for part in record.parts if part.name]
    assert named == [
        ("turns_say", "caf\\u00e9s"), ("turns_say", "Open"), ("title", "At sea"),
    ]  # fmt: skip
    assert ("id", "7") in record.values
    readable = [record.readable[part.start : part.end] for part in record.parts if part.name]
    assert [each.replace("\u2060", "") for each in readable] == ["cafés", "Open", "At sea"]
    fields = fields_of([LINES])
    assert {"turns_say", "title"} <= fields.sections and "id" in fields.values
    (stored,) = maker.index("a.jsonl", text.encode())
    assert stored.words == "id 7 turns say | cafes | say | open | title | at sea"


texts = st.sampled_from(["say", '"say": "x"', "a\\b", "é\n", "", "title"])
turns = st.lists(
    st.fixed_dictionaries({"say": texts | st.none() | st.integers()}, optional={"title": texts}),
    max_size=3,
)
records = st.fixed_dictionaries(
    {"id": texts}, optional={"turns": turns, "title": texts | turns, "say": texts}
)


@given(value=records, indent=st.sampled_from([None, 1]))
def test_prose_by_key_is_that_of_the_tree(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    prose = Prose(SectionSpec.model_validate(SECTION))
    tree = json_tree(text)
    expected = sorted(
        (node.start + 1, node.end - 1, name)
        for name, parts in (("turns_say", ["turns", "[]", "say"]), ("title", ["title"]))
        for node in nodes_at(tree, parts)
        if isinstance(node.value, str)
    )
    assert [(a, b, name) for name, a, b in prose.passages(text)] == expected
    assert len(prose.readable(text)) == len(text)
