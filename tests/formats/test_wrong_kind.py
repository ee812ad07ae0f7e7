"""Files that are of another kind than their format: one finding, with what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format
from support.pieces import layout

ITEMS = [{"id": 1}, {"id": 2}]
JSON_LINES = {
    "record": {"mode": "lines"},
    "section": [{"name": "r", "content": "json", "field": [{"name": "id"}]}],
}
LIST = "section `r`: the file is one JSON list, and each line is a record"
OBJECT = "section `r`: a JSON object goes over several lines, and each line is a record"


def found(text: str | bytes, of: Layout) -> list[str]:
    """Findings as `LINE:COLUMN-COLUMN: MESSAGE`."""
    data = text.encode() if isinstance(text, str) else text
    lines = []
    for each in Analyser(of).analyse("x", data).diagnostics:
        start, end = each.place.start, each.place.end
        assert start is not None
        assert end is not None
        lines.append(f"{start.line}:{start.column}-{end.column}: {each.message}")
    return lines


TEXTS: dict[str, list[str]] = {
    json.dumps(ITEMS) + "\n": [f"1:1-23: {LIST}"],
    json.dumps(ITEMS, indent=2) + "\n": [f"1:1-2: {LIST}"],
    '[\n{"id": 1},\n{"id": 2}\n]\n': [f"1:1-2: {LIST}"],
    '[{"id": 1},\n{"id": 2}]\n': [f"1:1-12: {LIST}"],
    '[\n{"id": 1},\n': [f"1:1-2: {LIST}"],
    json.dumps(ITEMS[0], indent=2) + "\n": [f"1:1-2: {OBJECT}"],
    '{"id": 1,\n "more": 2}\n': [f"1:1-10: {OBJECT}"],
    '{"id": 1}\n{"id": 2}\n': [],
    '[{"id": 1}]\n{"id": 2}\n': ["1:1-12: section `r`: record is a list, not an object"],
    '{"id": 1\n{"id": 2}\n': ["1:8-9: section `r`: JSON does not parse: expecting `,` delimiter"],
}


@pytest.mark.parametrize("text", TEXTS)
def test_json_over_lines(text: str) -> None:
    assert found(text, layout(**JSON_LINES)) == TEXTS[text]


def test_lines_without_sections_are_no_json() -> None:
    assert found("[\n1]\n", layout(record={"mode": "lines"})) == []


def test_lists_are_json() -> None:
    assert found("[1]\n", Layout("x", builtin_format("jsonl", ["*"]))) == []
    facts = Analyser(layout(**JSON_LINES)).analyse("x", b'[{"id": 1}]\n')
    assert facts.diagnostics[0].help is not None
    assert "jq -c '.[]'" in facts.diagnostics[0].help


UTF16: dict[str, Any] = {
    "jsonl": '{"id": 1}\n{"id": 2}\n',
    "csv": "id,text\n1,a\n2,b\n",
    "srt": "1\n00:00:01,000 --> 00:00:02,000\nhi\n\n2\n00:00:03,000 --> 00:00:04,000\nho\n",
    "prompts": "one\ntwo\n",
    "chat-jsonl": '{"messages": [{"role": "assistant", "content": "a"}]}\n',
}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("name", UTF16)
def test_utf_16(name: str, encoding: str) -> None:
    of = Layout(name, builtin_format(name, ["*"]))
    facts = Analyser(of).analyse("x", UTF16[name].encode(encoding))
    (only,) = facts.diagnostics
    assert only.place.start is not None
    assert only.place.start.line == 1
    assert only.help is not None
    assert only.help.startswith("the file looks like UTF-16: convert it to UTF-8")
    assert facts.records <= 0
