"""Kinds of data, each with a sound file and the faults that people make in one.

A fault is what to write for what, and where it is then: at the mark `‸` in the text around it. What
is wrong is at its own place; what is missing, at the end of what lacks it: the brace of an object,
the last value of a mapping, the row, the header, the record.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple


class KindOfData(NamedTuple):
    """A format as the values of its file, a sound text, and faults by name."""

    format: dict[str, Any]
    text: str
    faults: dict[str, tuple[str, str, str]]

    def faulty(self, fault: str) -> tuple[str, str]:
        """Return the text with a fault, and the place of that as `LINE:COLUMN`."""
        old, new, around = self.faults[fault]
        assert old in self.text
        text = self.text.replace(old, new, 1)
        before, after = around.split("‸")
        assert text.count(before + after) == 1
        lines = text[: text.index(before + after) + len(before)].split("\n")
        return text, f"{len(lines)}:{len(lines[-1]) + 1}"


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
    "typo in a key": ("kind:", "knid:", "\n‸knid:"),
    "key in another case": ("kind:", "Kind:", "\n‸Kind:"),
    "missing key": ("kind: note\n", "", ": 0.5‸\n"),
    "extra key": ("kind:", "more: 1\nkind:", "\n‸more:"),
    "key twice": ("kind:", "id: 2\nkind:", "\n‸id: 2"),
    "wrong type": ("id: 1", "id: one", " ‸one\nk"),
    "not a number": ("score: 0.5", "score: .nan", " ‸.nan\n"),
    "no such date": ("01-31", "01-32", " ‸2024-"),
    "unknown label": ("note", "nite", " ‸nite\n"),
    "out of range": ("0.5", "1.5", ": ‸1.5\n"),
    "quote that is not closed": ("The ferry", '"The ferry', ' ‸"The '),
    "tab as indentation": ("kind: note", "kind:\n\tnote", "\n‸\tnote"),
}
IN_TOML: dict[str, tuple[str, str, str]] = {
    "typo in a key": ("kind", "knid", "\n‸knid "),
    "key in another case": ("kind", "Kind", "\n‸Kind "),
    "missing key": ('kind = "note"\n', "", "= 0.5‸\n"),
    "extra key": ("kind", "more = 1\nkind", "\n‸more "),
    "wrong type": ("id = 1", 'id = "1"', ' ‸"1"\nk'),
    "not a number": ("score = 0.5", "score = nan", "= ‸nan\n"),
    "no such date": ("2024-01-31", '"2024-01-32"', ' ‸"2024'),
    "unknown label": ("note", "nite", ' ‸"nite'),
    "out of range": ("0.5", "1.5", "= ‸1.5\n"),
    "quote that is not closed": ('ferry"', "ferry", "y‸\ndate"),
    "key twice": ("kind", "id = 2\nkind", "\n‸id = 2"),
    "text without quotes": ('"note"', "note", " ‸note\n"),
}


def _tsv(faults: dict[str, tuple[str, str, str]]) -> dict[str, tuple[str, str, str]]:
    def tabs(text: str) -> str:
        return text.replace('"Far, far away"', "Far").replace(",", "\t")

    return {name: (tabs(old), tabs(new), tabs(at)) for name, (old, new, at) in faults.items()}


IN_ROWS: dict[str, tuple[str, str, str]] = {
    "typo in the header": ("kind", "knid", "‸knid,t"),
    "header in another case": ("id,kind", "ID,Kind", "‸ID,Kin"),
    "swapped columns": (ROWS, re.sub("(?m)^([^,]*),([^,]*)", r"\2,\1", ROWS), ",‸id,te"),
    "missing column": (ROWS, re.sub(r"(?m),[^,\n]*$", "", ROWS), "e‸\n1,no"),
    "column twice": (ROWS, re.sub(r"(?m)^([^,\n]+)(.*)$", r"\1\2,\1", ROWS), ",‸id\n1,"),
    "missing cell": (",0\n", "\n", "03-01‸\n"),
    "extra cell": (",0\n", ",0,9\n", "1,0,‸9\n"),
    "id twice": ("3,note", "1,note", "1\n‸1,no"),
    "missing id": ("3,note", ",note", "\n‸,note"),
    "wrong type": ("3,note", "3x,note", "\n‸3x,no"),
    "not a number": ("0.5", "NaN", ",‸NaN\n2"),
    "no such date": ("03-01", "02-30", "a.,‸202"),
    "unknown label": ("3,note", "3,nite", ",‸nite,"),
    "blank before a value": ("3,note", "3, note", ",‸ note"),
    "out of range": ("0.5", "1.5", ",‸1.5\n2"),
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
            "typo in a key": ('"kind": "v', '"knid": "v', ' ‸"knid'),
            "missing key": ('"kind": "verse", ', "", '": 1‸}\n'),
            "extra key": ('"kind": "v', '"more": 1, "kind": "v', ' ‸"more'),
            "key twice": ('"kind": "v', '"id": 2, "kind": "v', ' ‸"id":'),
            "id twice": ('"id": 2', '"id": 1', '\n{"id": ‸1,'),
            "wrong type": ('"id": 2', '"id": "2"', ' ‸"2", '),
            "not a number": (": 1}", ": NaN}", " ‸NaN}\n"),
            "no such date": ("02-29", "02-30", ': ‸"2024-02'),
            "unknown label": ("verse", "vers", ' ‸"vers'),
            "out of range": (": 1}", ": 11}", ": ‸11}\n"),
            "null": ('"Two"', "null", " ‸null,"),
            "cut-off line": (' 1}\n', "", '9", "score"‸'),
            "empty line": ('\n{"id": 2', '\n\n{"id": 2', '\n‸\n{"id'),
            "comma between lines": ("}\n{", "},\n{", '}‸,\n{"i'),
        },
    ),
    "chat jsonl": KindOfData(
        {"extends": "chat-jsonl"},
        CHAT * 2,
        {
            "typo in a key": ("messages", "mesages", '‸"mesag'),
            "typo in a role": ('"assistant"', '"asistant"', ' ‸"asis'),
            "typo in an inner key": ('"content": "W', '"contnet": "W', ', ‸"contn'),
            "last turn is the user's": ('"assistant"', '"user"', ' {"role": ‸"us'),
            "missing role": ('"role": "user", ', "", '{"content": "When?"‸}, {"r'),
            "missing content": (', "content": "When?"', "", 'r"‸}, {'),
            "number for a text": ('"When?"', "5", " ‸5}, {"),
            "null for a text": ('"When?"', "null", " ‸null}"),
            "no messages": (CHAT, '{"messages": []}\n', " ‸[]}\n{"),
            "messages that are no list": (CHAT, '{"messages": "hi"}\n', ' ‸"hi"}'),
            "not a number": ('"When?"', "NaN", " ‸NaN},"),
            "cut-off line": ('six."}]}', "six", ': ‸"At six\n'),
        },
    ),
    "instruction jsonl": KindOfData(
        {"extends": "instruction-jsonl"},
        '{"instruction": "Add.", "input": "1 2", "output": "3"}\n'
        '{"instruction": "Greet.", "output": "Hello."}\n',
        {
            "typo in a key": ('"instruction": "A', '"instrution": "A', '‸"instrut'),
            "key in another case": ('"output": "3"', '"Output": "3"', ' ‸"Outp'),
            "missing key": (', "output": "3"', "", '"‸}\n{"i'),
            "number for a text": ('"3"', "3", ' ‸3}\n{"'),
            "null for a text": ('"3"', "null", " ‸null}"),
            "list for a text": ('"1 2"', "[1, 2]", " ‸[1, 2"),
            "empty text": ('"3"', '""', ' ‸""}\n{'),
            "not a number": ('"3"', "NaN", " ‸NaN}\n"),
            "key twice": ('"input"', '"output": "4", "input"', '2", ‸"o'),
            "cut-off line": ('"Hello."}\n', '"Hel', ': ‸"Hel'),
            "empty line": ("}\n{", "}\n\n{", '\n‸\n{"in'),
            "comma between lines": ("}\n{", "},\n{", '}‸,\n{"i'),
        },
    ),
    "csv": KindOfData({"record": {"mode": "csv"}, "section": COLUMNS}, ROWS, IN_ROWS | {
        "quote that is not closed": ('away"', "away", ',‸"Far,'),
        "cell with a comma without quotes": ("No more tea.", "No, thanks", "-01,‸0\n"),
        "another delimiter": (
            ROWS, ROWS.replace('"Far, far away"', "Far").replace(",", ";"), "‸id;kin",
        ),
        "line sep=": ("id,kind", "sep=,\nid,kind", "‸sep=,\n"),
        "comment before the header": ("id,kind", "# Notes\nid,kind", "‸# Note"),
        "no header": ("id,kind,text,date,score\n", "", "‸1,note"),
    }),
    "tsv": KindOfData(
        {"extends": "tsv", "section": COLUMNS},
        ROWS.replace('"Far, far away"', "Far").replace(",", "\t"),
        _tsv(IN_ROWS) | {
            "another delimiter": (
                ROWS.replace('"Far, far away"', "Far").replace(",", "\t"),
                ROWS.replace('"Far, far away"', "Far").replace(",", ";"), "‸id;kin",
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
        IN_YAML,
    ),
    "front matter in toml": KindOfData(
        {"section": [
            {"name": "meta", "delimiter": "+++", "close": "+++", "content": "toml",
             "field": ONE_FILE},
            {"name": "body", "rest": True},
        ]},
        f"+++\n{TOML}+++\nBody.\n",
        IN_TOML,
    ),
    "yaml": KindOfData(
        {"section": [{"name": "r", "content": "yaml", "field": ONE_FILE}]}, YAML,
        IN_YAML,
    ),
    "toml": KindOfData(
        {"section": [{"name": "r", "content": "toml", "field": ONE_FILE}]}, TOML,
        IN_TOML,
    ),
    "srt": KindOfData(
        {"extends": "srt"},
        "\n".join(CUE.format(number) for number in (1, 2, 3)),
        {
            "number skipped": ("\n3\n", "\n4\n", "\n‸4\n00:"),
            "number twice": ("\n2\n", "\n1\n", "\n‸1\n00:"),
            "no number": ("\n2\n00", "\n00", "\n\n‸00:0"),
            "word for a number": ("\n2\n", "\ntwo\n", "\n‸two\n0"),
            "times out of order": ("00:00:03,000", "00:00:01,000", "3\n‸00:0"),
            "end before start": ("00:00:02,900", "00:00:01,900", "2,000 --> ‸00:"),
            "point for a comma": ("00:00:02,000", "00:00:02.000", "2\n‸00:0"),
            "short arrow": ("00:00:02,000 -->", "00:00:02,000 ->", "2\n‸00:0"),
            "minute 61": ("00:00:02,000", "00:61:02,000", "\n‸00:61"),
            "no blank line between": ("Line 1\n\n", "Line 1\n", "1\n‸2\n0"),
            "blank line after the number": ("\n2\n0", "\n2\n\n0", "2‸\n\n00:00:02"),
            "blank line after the time": ("900\nLine 2", "900\n\nLine 2", "Line 2‸\n"),
            "missing time": ("00:00:02,000 --> 00:00:02,900\n", "", "2‸\n\n3\n0"),
        },
    ),
    "prompts": KindOfData(
        {"extends": "prompts", "section": [
            {"name": "prompt", "pattern": r"[A-Z].*[.?]\s*", "max_chars": 40,
             "unique": "file", "script": "Latin"},
        ]},
        "Write a song.\nDraw a ferry.\nWrite a note.\n",
        {
            "number before": ("Draw a", "2 Draw a", "\n‸2 Dra"),
            "other case": ("Draw a", "draw a", "\n‸draw "),
            "no full stop": ("ferry.", "ferry", "\n‸Draw "),
            "blank before": ("Draw", " Draw", "\n‸ Draw"),
            "blank after": ("ferry.", "ferry. ", ".‸ \nWri"),
            "prompt twice": ("Draw a ferry.", "Write a song.", "g.\n‸Write a s"),
            "too long": ("ferry.", "ferry and a pier and the sea behind it.", "i‸nd it"),
            "letter of another script": ("Draw", "Dr\u0430w", "r‸\u0430w a "),
            "zero-width space": ("ferry", "fer\u200bry", "r‸\u200bry.\n"),
            "control character": ("ferry", "fer\x07ry", "r‸\x07ry.\n"),
        },
    ),
    "transcript": KindOfData(
        {"extends": "transcript", "section": [
            {"name": "speaker", "enum": ["Ann", "Bob"]}, {"name": "text", "max_chars": 30},
        ]},
        "Ann: When does it leave?\nBob: At six.\nAnn: Thanks.\n",
        {
            "typo in a label": ("Bob:", "Bbo:", "\n‸Bbo: "),
            "label in another case": ("Bob:", "bob:", "\n‸bob: "),
            "unknown label": ("Bob:", "Eve:", "\n‸Eve: "),
            "blank before a label": ("Bob:", " Bob:", "\n‸ Bob:"),
            "blank before the colon": ("Bob:", "Bob :", "\n‸Bob :"),
            "no blank after the colon": ("Bob: ", "Bob:", ".‸\nAnn:"),
            "no colon": ("Bob: ", "Bob ", ".‸\nAnn:"),
            "no label": ("Bob: ", "", ".‸\nAnn:"),
            "no text": ("Bob: At six.", "Bob: ", " ‸\nAnn:"),
            "too long": ("At six.", "At six, or perhaps at half past.", "s‸t.\nAn"),
        },
    ),
}  # fmt: skip
