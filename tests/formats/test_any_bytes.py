"""Whatever bytes a file has: each mode cuts them without loss; findings point at what they name.

HYPOTHESIS_PROFILE=thorough looks longer.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.text import as_written
from seedkit.corpus.analyse import Analyser
from seedkit.formats.parser import parse_damaged
from support.corpora import more
from support.pieces import layout, tiles

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer", "min": 1},
    {"name": "kind", "enum": ["a", "b"], "required": False},
    {"name": "when", "type": "date", "required": False},
    {"name": "tags[]", "type": "string", "required": False},
    {"name": "meta.url", "type": "url", "required": False},
]
SECTION = {"name": "r", "field": FIELDS}
COLUMNS = [
    {"name": "id", "type": "integer"},
    {"name": "kind", "enum": ["a", "b"]},
    {"name": "when", "type": "date"},
]
MODES: dict[str, dict[str, Any]] = {
    "lines": {"record": {"mode": "lines"}},
    "lines of json": {"record": {"mode": "lines"}, "section": [{**SECTION, "content": "json"}]},
    "csv": {"record": {"mode": "csv"}},
    "csv with columns": {"record": {"mode": "csv"}, "section": COLUMNS},
    "yaml": {"section": [{**SECTION, "content": "yaml"}]},
    "toml": {"section": [{**SECTION, "content": "toml"}]},
    "fields": {"section": [{**SECTION, "content": "fields"}]},
}
LAYOUTS = {name: layout(**values) for name, values in MODES.items()}
PARTS = [
    *'{}[]:,"=-#;|\t\n\r \\', "\r\n", "id", "kind", "when", "tags", "meta", "url", "Kind", " id",
    "1", "0", "1.50", "a", "c", "2024-02-30", "http://[::1", "null", "true", "NaN", "\\u00e9", "é",
    '"id": ', '"kind": "c"', '{"id": 1}', '{"id": "x", "more": 1}', "id: 1\n", "id = 1\n", "\x00",
    "id,kind,when\n", "1,c,2024-02-30\n", "x, a,\n",
]  # fmt: skip
texts = st.lists(st.sampled_from(PARTS), max_size=30).map("".join).map(str.encode)
data = st.binary(max_size=60) | texts | st.tuples(texts, st.binary(max_size=4), texts).map(b"".join)
# What a message says of a value or a key as the file has it.
NAMED = re.compile(
    r"^section `r`: `[^`]+` is `(?P<value>[^`]+)`, (?:not|less|more)"
    r"|^section `\w+` is `(?P<cell>[^`]+)`, not"
    r"|key `(?:[^`]*\.)?(?P<key>[^`.]+)` is not of this format"
    r"|^column `(?P<column>[^`]+)` is not a section"
)


@pytest.mark.parametrize("mode", MODES)
@more(10)
@given(data=data)
def test_any_bytes_are_cut_without_loss(mode: str, data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    document = parse_damaged(text, LAYOUTS[mode])
    assert tiles(document)
    assert all(-1 <= each.start <= each.end <= len(text) for each in document.findings)


@pytest.mark.parametrize("mode", MODES)
@more(10)
@given(data=data)
def test_findings_point_at_what_they_name(mode: str, data: bytes) -> None:
    for each in Analyser(LAYOUTS[mode]).analyse("x", data).diagnostics:
        named = NAMED.search(each.message)
        if named is None or each.place.start is None or each.place.end is None:
            continue
        span = slice(each.place.start.offset, each.place.end.offset)  # of bytes
        there = data[span].decode("utf-8", "surrogateescape")
        if "\\" in there or (named["key"] and "." in there):
            continue  # the message has the key that is meant, and only the last one of a path
        said = next(filter(None, named.groups()))
        limit = 60 if named["key"] or named["column"] else 30
        meant = {there, there[1:-1]} if named["key"] else {there.replace('""', '"'), there}
        assert said in {as_written(each, limit) for each in meant}
