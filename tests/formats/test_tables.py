"""Records that are lines, and rows of tables: against Python's `csv`, and what their faults are."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedkit.corpus.analyse import Analyser
from seedkit.formats.parser import parse
from seedkit.formats.rows import TableRows
from seedkit.formats.spec import SectionSpec
from seedkit.formats.values import fault_of_text, text_tester
from support.pieces import layout, shown, tiles

CSV = {"mode": "csv"}
TWO = [{"name": "id"}, {"name": "text", "empty": "allow"}]
CHARS = 'ab,;"\n\r\t '


def told(text: str, **values: Any) -> list[str]:
    """Findings as `LINE:COLUMN-COLUMN: RULE MESSAGE`, the columns from 1."""
    facts = Analyser(layout(**values)).analyse("x.csv", text.encode())
    lines = []
    for each in facts.diagnostics:
        start, end = each.place.start, each.place.end
        at = f"{start.line}:{start.column}-{end.column}: " if start and end else ""
        lines.append(f"{at}{each.rule} {each.message}")
    return lines


# -- lines


def test_each_line_is_a_record() -> None:
    document = parse('{"a":1}\n{"a":2}\n', layout(record={"mode": "lines"}))
    assert shown(document) == ['S(text):{"a":1}', "D:/", 'S(text):{"a":2}', "N:/"]
    assert [document.text[r.start : r.end] for r in document.records] == ['{"a":1}', '{"a":2}']


@pytest.mark.parametrize("text", ["a\nb", "a\nb\n", "a\r\nb\r\n", "a\rb\r"])
def test_a_last_newline_begins_no_record(text: str) -> None:
    assert len(parse(text, layout(record={"mode": "lines"})).records) == 2
    assert told(text, record={"mode": "lines"}) == []


def test_terminator_newline_is_the_same() -> None:
    values = {"mode": "terminator", "delimiter": "\n", "match": "inline"}
    assert told("a\nb\n", record=values) == []
    assert len(parse("a\nb\n", layout(record=values)).records) == 2


def test_empty_lines_are_reported_or_skipped() -> None:
    assert told("a\n\nb\n\n", record={"mode": "lines"}) == [
        "2:1-1: format/empty-record line is empty, and each line is a record",
        "4:1-1: format/empty-record line is empty, and each line is a record",
    ]
    skip = {"mode": "lines", "empty": "skip"}
    assert told("a\n\nb\n\n", record=skip) == []
    assert len(parse("a\n\nb\n\n", layout(record=skip)).records) == 2


def test_lines_have_sections() -> None:
    values = {"record": {"mode": "lines"}, "sections": {"delimiter": "\t"}, "section": TWO}
    assert shown(parse("1\tone\n2\ttwo\n", layout(**values))) == [
        "S(id):1", "D:\t", "S(text):one", "D:/", "S(id):2", "D:\t", "S(text):two", "N:/",
    ]  # fmt: skip
    assert told("1\tone\n2\n", **values) == [
        "2:2-2: format/missing-section section `text` is missing"
    ]


# -- tables


def test_columns_are_sections() -> None:
    text = 'id,text\n1,plain\n2,"a ""b"",\nc"\n'
    document = parse(text, layout(record=CSV, section=TWO))
    assert shown(document) == [
        "D:id,text/", "S(id):1", "D:,", "S(text):plain", "D:/", "S(id):2", 'D:,"',
        'S(text):a ""b"",/c', 'D:"', "N:/",
    ]  # fmt: skip
    assert isinstance(document.records, TableRows)
    assert list(document.records.many_values([1, 0])) == [["2", 'a "b",\nc'], ["1", "plain"]]
    assert document.records.values(1) == ["2", 'a "b",\nc']


FAULTS = {
    "1\n": "2:2-2: format/missing-section row has 1 cell, the header has 2: `text` is missing",
    "1,a,b\n": "2:5-6: format/extra-section row has 3 cells, the header has 2",
    '1,"a\n2,b\n': "2:3-4: format/unclosed-section section `text` is not closed by `\"`",
    '1,"a\n2,"b"\n': "2:3-4: format/unclosed-section section `text` is not closed by `\"`",
    '1,"a"b\n': "2:6-7: format/stray-quote text after the quote that closes a cell: `b`",
    '1,a"b\n': '2:4-5: format/stray-quote `"` in a cell that does not begin with one',
    '1,"\n"\n2,"x\ny",z"\n':
        '5:5-6: format/stray-quote `"` in a cell that does not begin with one',
    " \n1,a\n": "2:1-2: format/empty-record line is empty, and each line is a record",
    ",a\n": "2:1-1: section/empty section `id` is empty",
}  # fmt: skip


@pytest.mark.parametrize("rows", FAULTS)
def test_fault_in_a_row(rows: str) -> None:
    found = [
        each
        for each in told(f"id,text\n{rows}9,last\n", record=CSV, section=TWO)
        if "trailing-whitespace" not in each
    ]
    assert found == [FAULTS[rows]]


HEADERS = {
    "id,txt": "1:4-7: format/unknown-section column `txt` is not a section of this format: did you "
        "mean `text`?",
    "ID,text": "1:1-3: format/unknown-section column `ID` is not a section of this format: did you "
        "mean `id`?",
    "ID,Text": "1:1-8: format/unknown-section columns `ID`, `Text` are not sections of this "
        "format: did you mean `id`, `text`?",
    "id, text": "1:4-9: format/unknown-section column ` text` is not a section of this format: did "
        "you mean `text`?",
    "id,body": "1:4-8: format/unknown-section column `body` is not a section of this format: "
        "`text` is expected there",
    "text,id": "1:6-8: format/section-order column `id` comes after `text`, not before it",
    "id": "1:3-3: format/missing-section column `text` is missing in the header",
    "id,text,more": "1:9-13: format/unknown-section column `more` is not a section of this format",
    "id,text,id": "1:9-11: format/duplicate-section column `id` stands in the header twice",
    "7,seven": "1:1-8: format/missing-section "
        "first row is no header: it names none of the columns `id`, `text`",
    'id,"text': '1:4-5: format/unclosed-section cell is not closed by `"`',
}  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_fault_in_a_header(header: str) -> None:
    row = ",".join(["1"] * (header.count(",") + 1))
    assert told(f"{header}\n{row}\n", record=CSV, section=TWO) == [HEADERS[header]]


STARTS = {
    "# a comment\nid,text\n1,a\n":
        "1:1-12: format/stray-text `# a comment` stands before the header",
    "# two\n#, lines\nid,text\n1,a\n":
        "1:1-9: format/stray-text `# two` stands before the header",
    "sep=,\nid,text\n1,a\n": "1:1-6: format/stray-text `sep=,` stands in place of the header",
    "sep=;\nid;text\n1;a\n": "1:1-6: format/stray-text `sep=;` stands in place of the header, and "
        "cells are parted by `;`, not by `,`",
    "id;text\n1,a\n2,b\n": "1:1-8: format/missing-section cells of the header are parted by `;`, "
        "those of the rows by `,`",
    "id,text\n1;a\n2;b\n": "2:1-4: format/missing-section cells of the header are parted by `,`, "
        "those of the rows by `;`",
    "id;text\n1;a\n2;b\n": "1:1-8: format/missing-section cells are parted by `;`, not by `,`",
    "7,a\n8,b\n": "1:1-4: format/missing-section first row is no header: it names none of the "
        "columns `id`, `text`",
    "x,a\n8,b\n": "1:1-4: format/missing-section first row is no header: it names none of the "
        "columns `id`, `text`",
    "#id,text\n1,a\n": "1:1-4: format/unknown-section column `#id` is not a section of this "
        "format: did you mean `id`?",
}  # fmt: skip


@pytest.mark.parametrize("text", STARTS)
def test_what_stands_in_place_of_a_header(text: str) -> None:
    section = [{"name": "id", "type": "integer"}, {"name": "text"}]
    assert told(text, record=CSV, section=section) == [STARTS[text]]


UNNAMED = {
    "id|text\n1,a\n2,b\n": "1:1-8: format/missing-section cells of the header are parted by `|`, "
        "those of the rows by `,`",
    "id;text\n1;a\n": "1:1-8: format/missing-section cells are parted by `;`, not by `,`",
    "a\tb\n1,5\t2\n": "1:1-4: format/missing-section cells are parted by tabs, not by `,`",
    "sep=;\na;b\n1;2\n": "1:1-6: format/stray-text `sep=;` stands in place of the header, and "
        "cells are parted by `;`, not by `,`",
    "# comment\na,b\n1,2\n": "1:1-10: format/stray-text `# comment` stands before the header",
    "#a,b\n1,2\n": "",
    "text\nhello; world\n": "",
    "a;b\nc\n": "",
    "a|b,c\n1|2,3\n": "",
}  # fmt: skip


@pytest.mark.parametrize("text", UNNAMED)
def test_other_delimiters_without_known_columns(text: str) -> None:
    assert told(text, record=CSV) == ([UNNAMED[text]] if UNNAMED[text] else [])


@pytest.mark.parametrize(("text", "remedy"), {
    "id;text\n1;a\n": 'let `[record]` have `delimiter = ";"`',
    "id\ttext\n1\ta\n": 'let `[record]` have `delimiter = "\\t"`',
    "sep=;\nid;text\n": 'remove it, and let `[record]` have `delimiter = ";"`',
    "sep=,\nid,text\n": "it is for spreadsheets only: remove it",
    "# x\nid,text\n": "a table has no comments: remove it",
}.items())  # fmt: skip
def test_remedy_for_what_stands_in_place_of_a_header(text: str, remedy: str) -> None:
    facts = Analyser(layout(record=CSV, section=TWO)).analyse("x.csv", text.encode())
    assert [each.help for each in facts.diagnostics] == [remedy]


@settings(max_examples=300, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(["#", "sep=", ";", ",", "\t", "|", "id", "text", "\n", '"', " ", "7", "é"]),
        max_size=20,
    ),
    known=st.booleans(),
)
def test_any_start_of_a_table_tiles(parts: list[str], known: bool) -> None:
    text = "".join(parts)
    document = parse(text, layout(record=CSV, **({"section": TWO} if known else {})))
    assert tiles(document)
    assert all(0 <= each.start <= each.end <= len(text) for each in document.findings)


def test_columns_in_any_order_and_of_no_section() -> None:
    values = {"record": CSV, "section": TWO, "sections": {"order": "any", "unknown": "allow"}}
    assert told("text,extra,id\na,b,1\n", **values) == []
    document = parse("text,extra,id\na,b,1\n", layout(**values))
    assert shown(document)[1:] == ["S(text):a", "D:,", "!:b", "D:,", "S(id):1", "N:/"]


LINKED = [{"name": "id"}, {"name": "source_url", "column": "Source URL"}]


def test_a_header_may_say_what_is_no_name() -> None:
    document = parse("id,Source URL\n1,x\n", layout(record=CSV, section=LINKED))
    assert shown(document)[1:] == ["S(id):1", "D:,", "S(source_url):x", "N:/"]


@pytest.mark.parametrize(("header", "finding"), {
    "id,Source URL": "",
    "id,Source URl": "1:4-14: format/unknown-section column `Source URl` is not a section of this "
        "format: did you mean `Source URL`?",
    "id,source_url": "1:4-14: format/unknown-section column `source_url` is not a section of this "
        "format: did you mean `Source URL`?",
    "Source URL,id": "1:12-14: format/section-order column `id` comes after `Source URL`, not "
        "before it",
    "Source URL,Source URL": "1:12-22: format/duplicate-section column `Source URL` stands in the "
        "header twice",
    "id": "1:3-3: format/missing-section column `Source URL` is missing in the header",
    "7,8": "1:1-4: format/missing-section first row is no header: it names none of the columns "
        "`id`, `Source URL`",
    "id,Source URL\n1": "2:2-2: format/missing-section row has 1 cell, the header has 2: "
        "`Source URL` is missing",
}.items())  # fmt: skip
def test_a_column_is_called_as_the_header_has_it(header: str, finding: str) -> None:
    found = told(f"{header}\n", record=CSV, section=LINKED)
    assert found[:1] == ([finding] if finding else [])


def test_an_optional_column_may_be_missing() -> None:
    section = [{"name": "id"}, {"name": "text", "required": False}]
    assert told("id\n1\n", record=CSV, section=section) == []


def test_without_header_and_quotes() -> None:
    record = {"mode": "csv", "delimiter": ";;;", "header": False, "quote": ""}
    assert told('1;;;"a\n2;;;b"\n', record=record, section=TWO) == []
    assert told("1;;;a;;;b\n", record=record, section=TWO) == [
        "1:9-10: format/extra-section row has 3 cells, the format has 2"
    ]


def test_a_line_end_in_quotes_is_content() -> None:
    assert told('id,text\r\n1,"a\nb \nc"\r\n', record=CSV, section=TWO) == []
    found = told('id,text\r\n1,"a\nb"\n', record=CSV, section=TWO)
    assert found == ["3:3-1: text/mixed-newlines newlines are mixed: 1 LF and 1 CRLF"]


def test_constraints_are_of_values_and_point_into_cells() -> None:
    section = [{"name": "id", "unique": "file"}, {"name": "text", "max_chars": 3}]
    assert told('id,text\n1,"a""b"\n1,"a""b""c"\n', record=CSV, section=section) == [
        "3:1-2: section/not-unique section `id` has the same text as an earlier one",
        "3:8-11: section/too-long section `text` has 5 characters, at most 3 allowed",
    ]


def test_columns_have_types() -> None:
    section = [
        {"name": "n", "type": "number", "max": 1, "empty": "allow"},
        {"name": "d", "type": "date"},
    ]
    text = 'n,d\n0.5,2024-02-29\n,2024-02-30\nNaN,2024-01-01\n2,2024-01-01\n2024-01-01,"0.5"\n'
    assert sorted(told(text, record=CSV, section=section)) == [
        "3:2-12: section/wrong-type section `d` is `2024-02-30`, not a date as `2024-12-31`",
        "4:1-4: section/wrong-type section `n` is `NaN`, not a number",
        "5:1-2: section/out-of-range section `n` is `2`, more than 1",
        "6:1-11: section/wrong-type section `n` is `2024-01-01`, not a number",
        "6:13-16: section/wrong-type section `d` is `0.5`, not a date as `2024-12-31`",
    ]


@given(
    value=st.sampled_from(["1", "-2", "1.5", ".5", "1e400", "nan", "1_0", "٣", "", " 1", "01"])
    | st.floats().map(str)
    | st.integers().map(str),
    kind=st.sampled_from(["integer", "number", "date"]),
    least=st.sampled_from([None, 0, 1.5]),
)
def test_fast_and_exact_agree_about_a_value(value: str, kind: str, least: float | None) -> None:
    bounds = {} if kind == "date" or least is None else {"min": least}
    spec = SectionSpec.model_validate({"name": "a", "type": kind, **bounds})
    assert bool(text_tester(spec)(value)) == (fault_of_text(value, spec, "") is None)


# -- against the csv module


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(CHARS + "é😀", max_size=6), min_size=2, max_size=2), min_size=1, max_size=6
    ),
    delimiter=st.sampled_from(",;\t"),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_reads_what_csv_writes(rows: list[list[str]], delimiter: str, newline: str) -> None:
    file = io.StringIO()
    quoting: Any = csv.QUOTE_ALL if "\\r" in repr(rows) else csv.QUOTE_MINIMAL
    writer = csv.writer(file, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(["id", "text"])
    writer.writerows(rows)
    text = file.getvalue()
    document = parse(text, layout(record={**CSV, "delimiter": delimiter}, section=TWO))
    assert tiles(document)
    assert document.findings == ()
    table = document.records
    assert isinstance(table, TableRows)
    assert [table.values(number) for number in range(len(table))] == rows


@settings(max_examples=500, deadline=None)
@given(text=st.text(CHARS, max_size=40), quote=st.sampled_from(['"', ""]))
def test_any_text_tiles_and_sound_rows_are_those_of_csv(text: str, quote: str) -> None:
    spec = {**CSV, "quote": quote, "header": False, "empty": "skip"}
    document = parse(text, layout(record=spec))
    assert tiles(document)
    sections = [piece for piece in document.pieces if piece.name == "text"]
    assert [(s.start, s.end) for s in document.sections()] == [(p.start, p.end) for p in sections]
    assert document.count_sections() == len(sections)
    if document.findings or not text.strip():
        return
    table = document.records
    assert isinstance(table, TableRows)
    quoting: Any = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    lines = io.StringIO(text, newline="")
    read = list(csv.reader(lines, strict=True, quoting=quoting))
    ours = [table.values(number) for number in range(len(table))]
    sound = [number for number in range(len(table)) if number not in table.broken]
    assert list(table.many_values(sound)) == [ours[number] for number in sound]
    assert [row for row in ours if "".join(row).strip()] == [
        row for row in read if "".join(row).strip()
    ]


@settings(max_examples=300, deadline=None)
@given(text=st.text(CHARS, max_size=40), mode=st.sampled_from(["lines", "csv"]))
def test_any_text_is_analysed(text: str, mode: str) -> None:
    section = [{"name": "a", "unique": "file"}, {"name": "b", "pattern": ".*", "repeats": False}]
    section = section[: 1 if mode == "lines" else 2]
    facts = Analyser(layout(record={"mode": mode}, section=section)).analyse("x", text.encode())
    assert facts.compared is None or len(facts.compared) == len(text)
