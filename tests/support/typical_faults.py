"""Kinds of data, each with a sound file and the faults that people make in one.

A fault is what to write for what, and where it is then to be found, as `LINE:COLUMN`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple


class KindOfData(NamedTuple):
    """A format as the values of its file, a sound text, and faults by name."""

    format: dict[str, Any]
    text: str
    faults: dict[str, tuple[str, str, str]]


FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer", "unique": "file"},
    {"name": "kind", "enum": ["note", "verse"]},
    {"name": "text", "type": "string", "min_chars": 1},
    {"name": "date", "type": "date"},
    {"name": "score", "type": "number", "min": 0, "max": 1},
]
ONE_FILE = [{k: v for k, v in each.items() if k != "unique"} for each in FIELDS]
COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer", "unique": "file"},
    {"name": "kind", "enum": ["note", "verse"]},
    {"name": "text", "max_chars": 40},
    {"name": "date", "type": "date"},
    {"name": "score", "type": "number", "min": 0, "max": 1},
]
ROWS = """id,kind,text,date,score
1,note,The ferry is late.,2024-01-31,0.5
2,verse,"Far, far away",2024-02-29,1
3,note,No more tea.,2024-03-01,0
"""
YAML = "id: 1\nkind: note\ntext: The ferry\ndate: 2024-01-31\nscore: 0.5\n"
TOML = 'id = 1\nkind = "note"\ntext = "The ferry"\ndate = 2024-01-31\nscore = 0.5\n'
IN_YAML: dict[str, tuple[str, str, str]] = {
    "typo in a key": ("kind:", "knid:", "2:1"),
    "key in another case": ("kind:", "Kind:", "2:1"),
    "missing key": ("kind: note\n", "", "end"),
    "extra key": ("kind:", "more: 1\nkind:", "2:1"),
    "key twice": ("kind:", "id: 2\nkind:", "2:1"),
    "wrong type": ("id: 1", "id: one", "1:5"),
    "not a number": ("score: 0.5", "score: .nan", "5:8"),
    "no such date": ("01-31", "01-32", "4:7"),
    "unknown label": ("note", "nite", "2:7"),
    "out of range": ("0.5", "1.5", "5:8"),
    "quote that is not closed": ("The ferry", '"The ferry', "3:7"),
    "tab as indentation": ("kind: note", "kind:\n\tnote", "3:1"),
}
IN_TOML: dict[str, tuple[str, str, str]] = {
    "typo in a key": ("kind", "knid", "2:1"),
    "key in another case": ("kind", "Kind", "2:1"),
    "missing key": ('kind = "note"\n', "", "end"),
    "extra key": ("kind", "more = 1\nkind", "2:1"),
    "wrong type": ("id = 1", 'id = "1"', "1:6"),
    "not a number": ("score = 0.5", "score = nan", "5:9"),
    "no such date": ("2024-01-31", '"2024-01-32"', "4:8"),
    "unknown label": ("note", "nite", "2:8"),
    "out of range": ("0.5", "1.5", "5:9"),
    "quote that is not closed": ('ferry"', "ferry", "3:18"),
    "text without quotes": ('"note"', "note", "2:8"),
}


def _within(faults: dict[str, tuple[str, str, str]], end: str) -> dict[str, tuple[str, str, str]]:
    """The faults one line further down, as below the line that begins front matter."""
    moved = {}
    for name, (old, new, at) in faults.items():
        line, _, column = at.partition(":")
        moved[name] = (old, new, end if at == "end" else f"{int(line) + 1}:{column}")
    return moved


def _at_end(faults: dict[str, tuple[str, str, str]], end: str) -> dict[str, tuple[str, str, str]]:
    return {k: (a, b, end if at == "end" else at) for k, (a, b, at) in faults.items()}


def _tsv(faults: dict[str, tuple[str, str, str]]) -> dict[str, tuple[str, str, str]]:
    def tabs(text: str) -> str:
        return text.replace('"Far, far away"', "Far").replace(",", "\t")

    return {name: (tabs(old), tabs(new), at) for name, (old, new, at) in faults.items()}


IN_ROWS: dict[str, tuple[str, str, str]] = {
    "typo in the header": ("kind", "knid", "1:4"),
    "header in another case": ("id,kind", "ID,Kind", "1:1"),
    "swapped columns": (ROWS, re.sub("(?m)^([^,]*),([^,]*)", r"\2,\1", ROWS), "1:6"),
    "missing column": (ROWS, re.sub(r"(?m),[^,\n]*$", "", ROWS), "1:18"),
    "column twice": (ROWS, re.sub(r"(?m)^([^,\n]+)(.*)$", r"\1\2,\1", ROWS), "1:25"),
    "missing cell": (",0\n", "\n", "4:31"),
    "extra cell": (",0\n", ",0,9\n", "4:34"),
    "id twice": ("3,note", "1,note", "4:1"),
    "missing id": ("3,note", ",note", "4:1"),
    "wrong type": ("3,note", "3x,note", "4:1"),
    "not a number": ("0.5", "NaN", "2:38"),
    "no such date": ("03-01", "02-30", "4:21"),
    "unknown label": ("3,note", "3,nite", "4:3"),
    "blank before a value": ("3,note", "3, note", "4:3"),
    "out of range": ("0.5", "1.5", "2:38"),
}
CHAT = (
    '{"messages": [{"role": "user", "content": "When?"}, '
    '{"role": "assistant", "content": "At six."}]}\n'
)
CUE = "{0}\n00:00:0{0},000 --> 00:00:0{0},900\nLine {0}\n"

KINDS: dict[str, KindOfData] = {
    "jsonl": KindOfData(
        {
            "record": {"mode": "lines"},
            "section": [{"name": "r", "content": "json", "field": FIELDS}],
        },
        '{"id": 1, "kind": "note", "text": "One", "date": "2024-01-31", "score": 0.5}\n'
        '{"id": 2, "kind": "verse", "text": "Two", "date": "2024-02-29", "score": 1}\n',
        {
            "typo in a key": ('"kind": "v', '"knid": "v', "2:11"),
            "missing key": ('"kind": "verse", ', "", "2:58"),
            "extra key": ('"kind": "v', '"more": 1, "kind": "v', "2:11"),
            "key twice": ('"kind": "v', '"id": 2, "kind": "v', "2:11"),
            "id twice": ('"id": 2', '"id": 1', "2:8"),
            "wrong type": ('"id": 2', '"id": "2"', "2:8"),
            "not a number": (": 1}", ": NaN}", "2:74"),
            "no such date": ("02-29", "02-30", "2:51"),
            "unknown label": ("verse", "vers", "2:19"),
            "out of range": (": 1}", ": 11}", "2:74"),
            "null": ('"Two"', "null", "2:36"),
            "cut-off line": (' 1}\n', "", "2:72"),
            "empty line": ('\n{"id": 2', '\n\n{"id": 2', "2:1"),
            "comma between lines": ("}\n{", "},\n{", "1:77"),
        },
    ),
    "chat jsonl": KindOfData(
        {"extends": "chat-jsonl"},
        CHAT * 2,
        {
            "typo in a key": ("messages", "mesages", "1:2"),
            "typo in a role": ('"assistant"', '"asistant"', "1:62"),
            "typo in an inner key": ('"content": "W', '"contnet": "W', "1:32"),
            "last turn is the user's": ('"assistant"', '"user"', "1:62"),
            "missing role": ('"role": "user", ', "", "1:34"),
            "missing content": (', "content": "When?"', "", "1:30"),
            "number for a text": ('"When?"', "5", "1:43"),
            "null for a text": ('"When?"', "null", "1:43"),
            "no messages": (CHAT, '{"messages": []}\n', "1:14"),
            "messages that are no list": (CHAT, '{"messages": "hi"}\n', "1:14"),
            "not a number": ('"When?"', "NaN", "1:43"),
            "cut-off line": ('six."}]}', "six", "1:86"),
        },
    ),
    "instruction jsonl": KindOfData(
        {"extends": "instruction-jsonl"},
        '{"instruction": "Add.", "input": "1 2", "output": "3"}\n'
        '{"instruction": "Greet.", "output": "Hello."}\n',
        {
            "typo in a key": ('"instruction": "A', '"instrution": "A', "1:2"),
            "key in another case": ('"output": "3"', '"Output": "3"', "1:41"),
            "missing key": (', "output": "3"', "", "1:39"),
            "number for a text": ('"3"', "3", "1:51"),
            "null for a text": ('"3"', "null", "1:51"),
            "list for a text": ('"1 2"', "[1, 2]", "1:34"),
            "empty text": ('"3"', '""', "1:51"),
            "not a number": ('"3"', "NaN", "1:51"),
            "key twice": ('"input"', '"output": "4", "input"', "1:56"),
            "cut-off line": ('"Hello."}\n', '"Hel', "2:37"),
            "empty line": ("}\n{", "}\n\n{", "2:1"),
            "comma between lines": ("}\n{", "},\n{", "1:55"),
        },
    ),
    "csv": KindOfData({"record": {"mode": "csv"}, "section": COLUMNS}, ROWS, IN_ROWS | {
        "quote that is not closed": ('away"', "away", "3:9"),
        "cell with a comma without quotes": ("No more tea.", "No, thanks", "4:30"),
        "another delimiter": (
            ROWS, ROWS.replace('"Far, far away"', "Far").replace(",", ";"), "1:1",
        ),
        "line sep=": ("id,kind", "sep=,\nid,kind", "1:1"),
        "comment before the header": ("id,kind", "# Notes\nid,kind", "1:1"),
        "no header": ("id,kind,text,date,score\n", "", "1:1"),
    }),
    "tsv": KindOfData(
        {"extends": "tsv", "section": COLUMNS},
        ROWS.replace('"Far, far away"', "Far").replace(",", "\t"),
        _tsv(IN_ROWS) | {
            "another delimiter": (
                ROWS.replace('"Far, far away"', "Far").replace(",", "\t"),
                ROWS.replace('"Far, far away"', "Far").replace(",", ";"), "1:1",
            ),
        },
    ),
    "front matter in yaml": KindOfData(
        {"section": [
            {"name": "meta", "delimiter": "---", "close": "---", "content": "yaml",
             "field": ONE_FILE},
            {"name": "body", "rest": True},
        ]},
        f"---\n{YAML}---\nBody.\n",
        _within(IN_YAML, "5:11"),
    ),
    "front matter in toml": KindOfData(
        {"section": [
            {"name": "meta", "delimiter": "+++", "close": "+++", "content": "toml",
             "field": ONE_FILE},
            {"name": "body", "rest": True},
        ]},
        f"+++\n{TOML}+++\nBody.\n",
        _within(IN_TOML, "5:12"),
    ),
    "yaml": KindOfData(
        {"section": [{"name": "r", "content": "yaml", "field": ONE_FILE}]}, YAML,
        _at_end(IN_YAML, "4:11"),
    ),
    "toml": KindOfData(
        {"section": [{"name": "r", "content": "toml", "field": ONE_FILE}]}, TOML,
        _at_end(IN_TOML, "4:12"),
    ),
    "srt": KindOfData(
        {"extends": "srt"},
        "\n".join(CUE.format(number) for number in (1, 2, 3)),
        {
            "number skipped": ("\n3\n", "\n4\n", "9:1"),
            "number twice": ("\n2\n", "\n1\n", "5:1"),
            "no number": ("\n2\n00", "\n00", "5:1"),
            "word for a number": ("\n2\n", "\ntwo\n", "5:1"),
            "times out of order": ("00:00:03,000", "00:00:01,000", "10:1"),
            "end before start": ("00:00:02,900", "00:00:01,900", "6:18"),
            "point for a comma": ("00:00:02,000", "00:00:02.000", "6:1"),
            "short arrow": ("00:00:02,000 -->", "00:00:02,000 ->", "6:1"),
            "minute 61": ("00:00:02,000", "00:61:02,000", "6:1"),
            "missing time": ("00:00:02,000 --> 00:00:02,900\n", "", "6:7"),
        },
    ),
    "prompts": KindOfData(
        {"extends": "prompts", "section": [
            {"name": "prompt", "pattern": r"[A-Z].*[.?]\s*", "max_chars": 40,
             "unique": "file", "script": "Latin"},
        ]},
        "Write a song.\nDraw a ferry.\nWrite a note.\n",
        {
            "number before": ("Draw a", "2 Draw a", "2:1"),
            "other case": ("Draw a", "draw a", "2:1"),
            "no full stop": ("ferry.", "ferry", "2:1"),
            "blank before": ("Draw", " Draw", "2:1"),
            "blank after": ("ferry.", "ferry. ", "2:14"),
            "prompt twice": ("Draw a ferry.", "Write a song.", "2:1"),
            "too long": ("ferry.", "ferry and a pier and the sea behind it.", "2:41"),
            "letter of another script": ("Draw", "Dr\u0430w", "2:3"),
            "zero-width space": ("ferry", "fer\u200bry", "2:11"),
            "control character": ("ferry", "fer\x07ry", "2:11"),
        },
    ),
    "transcript": KindOfData(
        {"extends": "transcript", "section": [
            {"name": "speaker", "enum": ["Ann", "Bob"]}, {"name": "text", "max_chars": 30},
        ]},
        "Ann: When does it leave?\nBob: At six.\nAnn: Thanks.\n",
        {
            "typo in a label": ("Bob:", "Bbo:", "2:1"),
            "label in another case": ("Bob:", "bob:", "2:1"),
            "unknown label": ("Bob:", "Eve:", "2:1"),
            "blank before a label": ("Bob:", " Bob:", "2:1"),
            "blank before the colon": ("Bob:", "Bob :", "2:1"),
            "no blank after the colon": ("Bob: ", "Bob:", "2:12"),
            "no colon": ("Bob: ", "Bob ", "2:12"),
            "no label": ("Bob: ", "", "2:8"),
            "no text": ("Bob: At six.", "Bob: ", "2:6"),
            "too long": ("At six.", "At six, or perhaps at half past.", "2:36"),
        },
    ),
}  # fmt: skip
