"""The parser against expected pieces, obvious oracles, and random formats over random texts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedkit.core.document import Document, Kind
from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse
from seedkit.formats.spec import FormatSpec
from support.corpora import more
from support.pieces import layout, shown, tiles

NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


def record(mode: str, delimiter: str = "%", **values: Any) -> dict[str, Any]:
    return {"mode": mode, "delimiter": delimiter, **values}


def found(document: Document) -> list[str]:
    return [f"{f.rule.partition('/')[2]}: {f.message}" for f in document.findings]


T = [{"name": "t"}]
AB = [{"name": "a", "delimiter": "A:"}, {"name": "b", "delimiter": "B:"}]
PAIRS = [
    {"name": "a", "delimiter": "A: ", "match": "prefix", "repeat": True},
    {"name": "b", "delimiter": "B: ", "match": "prefix", "repeat": True},
]
BRACES = [
    {"name": "a", "delimiter": "{", "close": "}", "match": "brackets"},
    {"name": "b", "rest": True, "required": False},
]
BLOCK = {"mode": "block", "open": "<", "close": ">", "match": "inline"}
Case = tuple[dict[str, Any], str, list[str], list[str]]

# Format; text, with / for a newline; pieces; findings.
CASES: dict[str, Case] = {
    "whole": ({"section": T}, "a/b/", ["S(t):a/b", "N:/"], []),
    "no-sections": ({}, "a", ["S(text):a"], []),
    "empty": ({"section": T}, "", [], []),
    "blank": ({"section": T}, " /", ["_: ", "N:/"], []),
    "bom": ({"section": T}, "\ufeffa", ["B:\ufeff", "S(t):a"], []),
    "all-final-newlines": (
        {"section": T, "file": {"final_newline": "forbid"}}, "a///", ["S(t):a", "N:///"], [],
    ),
    "separator": (
        {"record": record("separator"), "section": T},
        "a/%/b/", ["S(t):a", "D:/%/", "S(t):b", "N:/"], [],
    ),
    "separator-trailing": (
        {"record": record("separator"), "section": T},
        "a/%/", ["S(t):a", "D:/%", "N:/"], [],
    ),
    "separator-trailing-forbidden": (
        {"record": record("separator", trailing="forbid"), "section": T},
        "a/%/", ["S(t):a", "D:/%", "N:/"],
        ["trailing-separator: `%` stands after the last record"],
    ),
    "separator-trailing-required": (
        {"record": record("separator", trailing="require"), "section": T},
        "a/%/b", ["S(t):a", "D:/%/", "S(t):b"],
        ["unterminated-record: last record does not end with `%`"],
    ),
    "separator-doubled": (
        {"record": record("separator"), "section": T},
        "a/%/%/b", ["S(t):a", "D:/%/", "D:%/", "S(t):b"],
        ["empty-record: record is empty"],
    ),
    "separator-doubled-skipped": (
        {"record": record("separator", empty="skip"), "section": T},
        "%/%/a/%/%/b/%/%/",
        ["D:%/", "D:%/", "S(t):a", "D:/%/", "D:%/", "S(t):b", "D:/%/", "D:%", "N:/"],
        [],
    ),
    "separator-blank-record-not-skipped": (
        {"record": record("separator", empty="skip"), "section": T},
        "a/%//%/b", ["S(t):a", "D:/%/", "D:/%/", "S(t):b"],
        ["empty-record: record is empty"],
    ),
    "separators-alone": (
        {"record": record("separator", empty="skip", min=1), "section": T},
        "%/%/", ["D:%/", "D:%", "N:/"],
        ["too-few-records: file has 0 records, at least 1 are required"],
    ),
    "terminator-is-a-newline": (
        {"record": record("terminator", "\n", match="inline"), "section": T},
        "a/b/", ["S(t):a", "D:/", "S(t):b", "N:/"], [],
    ),
    "terminator-is-a-newline-that-is-missing": (
        {"record": record("terminator", "\n", match="inline"), "section": T},
        "a/b", ["S(t):a", "D:/", "S(t):b"],
        [r"unterminated-record: last record does not end with `\n`"],
    ),
    "separator-is-a-newline-required": (
        {"record": record("separator", "\n", match="inline", trailing="require"), "section": T},
        "a/b/", ["S(t):a", "D:/", "S(t):b", "N:/"], [],
    ),
    "start-is-a-newline": (
        {"record": record("start", "\n\n", match="inline"), "section": T},
        "a/b/", ["!:a/b", "N:/"], [r"no-records: no record: nothing in the file is `\n\n`"],
    ),
    "terminator-doubled-skipped": (
        {"record": record("terminator", empty="skip"), "section": T},
        "a/%/%/b/%/", ["S(t):a", "D:/%/", "D:%/", "S(t):b", "D:/%", "N:/"], [],
    ),
    "separator-inline": (
        {"record": record("separator", match="inline"), "section": T},
        "a%b/%c", ["S(t):a", "D:%", "S(t):b/", "D:%", "S(t):c"], [],
    ),
    "separator-blank": (
        {"record": record("separator", ""), "section": T},
        "/a///b", ["_:/", "S(t):a", "D:///", "S(t):b"], [],
    ),
    "separator-near": (
        {"record": record("separator"), "section": T},
        "a/% /b", ["S(t):a/% /b"],
        ["near-delimiter: line is nearly the delimiter `%`, but has space after it"],
    ),
    "separator-near-blank": (
        {"record": record("separator", ""), "section": T},
        "a/ /b", ["S(t):a/ /b"],
        ["near-delimiter: line of white space is nearly the delimiter, an empty line"],
    ),
    "separator-near-edit": (
        {"record": record("separator", "=end="), "section": T},
        "a/=emd=/b", ["S(t):a/=emd=/b"],
        ["near-delimiter: line is nearly the delimiter `=end=`, but is one character off"],
    ),
    "terminator": (
        {"record": record("terminator"), "section": T},
        "a/%/b/%/", ["S(t):a", "D:/%/", "S(t):b", "D:/%", "N:/"], [],
    ),
    "terminator-missing": (
        {"record": record("terminator"), "section": T},
        "a/%/b/", ["S(t):a", "D:/%/", "S(t):b", "N:/"],
        ["unterminated-record: last record does not end with `%`"],
    ),
    "start": (
        {"record": record("start"), "section": T},
        "%/a/%/b", ["D:%/", "S(t):a", "D:/%/", "S(t):b"], [],
    ),
    "start-text-before": (
        {"record": record("start"), "section": T},
        "x/y/%/a", ["!:x/y", "D:/%/", "S(t):a"],
        ["stray-text: text outside any record: `x`"],
    ),
    "start-none": (
        {"record": record("start"), "section": T}, "x", ["!:x"],
        ["no-records: no record: nothing in the file is `%`"],
    ),
    "start-none-allowed": (
        {"record": record("start"), "section": T, "sections": {"unknown": "allow"}},
        "x", ["!:x"], [],
    ),
    "start-id-twice": (
        {"record": record("start", {"pattern": r"%(?P<id>\d)"}, unique=["id"]), "section": T},  # type: ignore[arg-type]
        "%1/a/%1/b", ["D:%1/", "S(t):a", "D:/%1/", "S(t):b"],
        ["duplicate-id: id `1` is used by two records"],
    ),
    "start-pattern-near": (
        {"record": record("start", {"pattern": r"%(?P<id>\d)"}), "section": T},  # type: ignore[arg-type]
        "%1/a/ %2/b", ["D:%1/", "S(t):a/ %2/b"],
        ["near-delimiter: line is nearly the delimiter `%2`, but has space before it"],
    ),
    "too-few": (
        {"record": record("separator", min=2), "section": T}, "a", ["S(t):a"],
        ["too-few-records: file has 1 record, at least 2 are required"],
    ),
    "too-many": (
        {"record": record("separator", max=1), "section": T},
        "a/%/b", ["S(t):a", "D:/%/", "S(t):b"],
        ["too-many-records: file has 2 records, at most 1 are allowed"],
    ),
    "block": (
        {"record": BLOCK, "section": T},
        "<a> <b>/", ["D:<", "S(t):a", "D:>", "_: ", "D:<", "S(t):b", "D:>", "N:/"], [],
    ),
    "block-lines": (
        {"record": {**BLOCK, "match": "line"}, "section": T},
        "</a/>/", ["D:</", "S(t):a", "D:/>", "N:/"], [],
    ),
    "block-unclosed": (
        {"record": BLOCK, "section": T},
        "<a<b>", ["D:<", "S(t):a", "D:<", "S(t):b", "D:>"],
        ["unterminated-record: record is not closed by `>`"],
    ),
    "block-unopened": (
        {"record": BLOCK, "section": T},
        "<a>b>", ["D:<", "S(t):a", "D:>", "!:b", "!:>"],
        ["stray-text: `>` closes a record that is not open"],
    ),
    "block-near": (
        {"record": {"mode": "block", "open": "[[[[", "close": "]]]]"}, "section": T},
        "[[[/a/]]]]/[[[[/b/]]]]", ["!:[[[/a", "!:/]]]]/", "D:[[[[/", "S(t):b", "D:/]]]]"],
        ["near-delimiter: line is nearly the delimiter `[[[[`, but is one character off"],
    ),
    "block-between": (
        {"record": BLOCK, "section": T},
        "<a>x", ["D:<", "S(t):a", "D:>", "!:x"],
        ["stray-text: text outside any record: `x`"],
    ),
    "positional": (
        {"sections": {"delimiter": "/"}, "section": [{"name": "a"}, {"name": "b"}]},
        "x/y", ["S(a):x", "D:/", "S(b):y"], [],
    ),
    "positional-missing": (
        {"sections": {"delimiter": "/"}, "section": [{"name": "a"}, {"name": "b"}]},
        "x", ["S(a):x"], ["missing-section: section `b` is missing"],
    ),
    "positional-optional": (
        {
            "sections": {"delimiter": "/"},
            "section": [{"name": "a"}, {"name": "b", "required": False}],
        },
        "x", ["S(a):x"], [],
    ),
    "positional-extra": (
        {"sections": {"delimiter": "/"}, "section": [{"name": "a"}, {"name": "b"}]},
        "x/y/z", ["S(a):x", "D:/", "S(b):y", "D:/", "!:z"],
        ["extra-section: 2 sections joined by a newline expected, more found"],
    ),
    "positional-rest": (
        {
            "sections": {"delimiter": "/"},
            "section": [{"name": "a"}, {"name": "b", "rest": True}],
        },
        "x/y/z", ["S(a):x", "D:/", "S(b):y/z"], [],
    ),
    "positional-repeat": (
        {
            "sections": {"delimiter": ","},
            "section": [{"name": "a"}, {"name": "b", "repeat": True}],
        },
        "x,y,z", ["S(a):x", "D:,", "S(b):y", "D:,", "S(b):z"], [],
    ),
    "positional-headers": (
        {
            "sections": {"delimiter": "//"},
            "section": [{"name": "a"}, {"name": "b", "rest": True}],
        },
        "x/y//z//w", ["S(a):x/y", "D://", "S(b):z//w"], [],
    ),
    "positional-blank-line": (
        {"sections": {"delimiter": "//"}, "section": [{"name": "a"}, {"name": "b"}]},
        "x/ /y", ["S(a):x/ /y"],
        ["near-delimiter: line of white space is nearly the delimiter, an empty line"],
    ),
    "labelled": (
        {"section": AB}, "A:/x/B:/y/", ["D:A:/", "S(a):x", "D:/B:/", "S(b):y", "N:/"], [],
    ),
    "labelled-empty": (
        {"section": AB}, "A:/B:/y", ["D:A:/", "S(a):", "D:B:/", "S(b):y"], [],
    ),
    "labelled-missing": (
        {"section": AB}, "A:/x", ["D:A:/", "S(a):x"], ["missing-section: section `b` is missing"],
    ),
    "labelled-twice": (
        {"section": AB}, "A:/x/B:/y/A:/z/B:/w",
        ["D:A:/", "S(a):x", "D:/B:/", "S(b):y", "D:/A:/", "S(a):z", "D:/B:/", "S(b):w"],
        ["duplicate-section: section `a` occurs twice"],
    ),
    "labelled-swapped": (
        {"section": AB}, "B:/x/A:/y", ["D:B:/", "S(b):x", "D:/A:/", "S(a):y"],
        ["section-order: section `a` comes after `b`, not before it"],
    ),
    "labelled-any-order": (
        {"section": AB, "sections": {"order": "any"}},
        "B:/x/A:/y", ["D:B:/", "S(b):x", "D:/A:/", "S(a):y"], [],
    ),
    "labelled-first": (
        {
            "section": [*AB, {"name": "c", "delimiter": "C:"}],
            "sections": {"order": "first"},
        },
        "A:/x/C:/y/B:/z", ["D:A:/", "S(a):x", "D:/C:/", "S(c):y", "D:/B:/", "S(b):z"], [],
    ),
    "labelled-not-first": (
        {"section": AB, "sections": {"order": "first"}},
        "B:/x/A:/y", ["D:B:/", "S(b):x", "D:/A:/", "S(a):y"],
        ["section-order: section `a` comes after `b`, it must be the first"],
    ),
    "labelled-stray": (
        {"section": AB}, "x/y/A:/x/B:/y",
        ["!:x/y", "D:/A:/", "S(a):x", "D:/B:/", "S(b):y"],
        ["stray-text: text outside any section: `x`"],
    ),
    "labelled-stray-allowed": (
        {"section": AB, "sections": {"unknown": "allow"}}, "x/A:/x/B:/y",
        ["!:x", "D:/A:/", "S(a):x", "D:/B:/", "S(b):y"], [],
    ),
    "label-unknown": (
        {"section": AB, "sections": {"label": "[A-Z]:"}}, "A:/x/B:/y/C:/z",
        ["D:A:/", "S(a):x", "D:/B:/", "S(b):y", "!:/C:/z"],
        ["unknown-section: `C:` is not a section of this format"],
    ),
    "label-in-place-of": (
        {"section": AB, "sections": {"label": "[A-Z]:"}}, "A:/x/C:/z",
        ["D:A:/", "S(a):x", "!:/C:/z"],
        ["unknown-section: `C:` is not a section of this format"],
    ),
    "labelled-near": (
        {"section": AB}, "A:/x/b:/y", ["D:A:/", "S(a):x/b:/y"],
        ["near-delimiter: line is nearly the delimiter `B:`, but differs in case"],
    ),
    "inside-records": (
        {"record": record("separator"), "section": AB}, "A:/x/B:/y/%/A:/z",
        ["D:A:/", "S(a):x", "D:/B:/", "S(b):y", "D:/%/", "D:A:/", "S(a):z"],
        ["missing-section: section `b` is missing"],
    ),
    "record-delimiter-near": (
        {"record": record("separator", "----"), "section": AB}, "A:/x/B:/y/---/A:/z/B:/w",
        ["D:A:/", "S(a):x", "D:/B:/", "S(b):y/---", "D:/A:/", "S(a):z", "D:/B:/", "S(b):w"],
        ["near-delimiter: line is nearly the delimiter `----`, but is one character off"],
    ),
    "close": (
        {"section": [{"name": "m", "delimiter": "-", "close": "-"}, {"name": "t", "rest": True}]},
        "-/x/-/-/y", ["D:-/", "S(m):x", "D:/-/", "S(t):-/y"], [],
    ),
    "close-missing": (
        {"section": [{"name": "m", "delimiter": "-", "close": "="}]}, "-/x", ["D:-/", "S(m):x"],
        ["unclosed-section: section `m` is not closed by `=`"],
    ),
    "inline-close": (
        {"section": [{"name": "m", "delimiter": "<", "close": ">", "match": "inline"}]},
        "<x>", ["D:<", "S(m):x", "D:>"], [],
    ),
    "inline-unclosed": (
        {
            "section": [
                {"name": "m", "delimiter": "<", "close": ">", "match": "inline", "repeat": True}
            ]
        },
        "<x<y", ["D:<", "S(m):x", "D:<", "S(m):y"],
        ["unclosed-section: section `m` is not closed by `>`"] * 2,
    ),
    "inline-stray": (
        {"section": [{"name": "m", "delimiter": "<", "close": ">", "match": "inline"}]},
        "<x>y", ["D:<", "S(m):x", "D:>", "!:y"],
        ["stray-text: text outside any section: `y`"],
    ),
    "inline-free": (
        {"section": [{"name": "m", "delimiter": "~", "match": "inline"}]},
        "~x y", ["D:~", "S(m):x y"], [],
    ),
    "prefix-pairs": (
        {"section": PAIRS}, "A: x/B: y/A: z/B: w",
        ["D:A: ", "S(a):x", "D:/B: ", "S(b):y", "D:/A: ", "S(a):z", "D:/B: ", "S(b):w"], [],
    ),
    "prefix-pair-half": (
        {"section": PAIRS}, "A: x/A: z/B: w",
        ["D:A: ", "S(a):x", "D:/A: ", "S(a):z", "D:/B: ", "S(b):w"],
        ["missing-section: section `b` is missing next to this `a`"],
    ),
    "prefix-pair-swapped": (
        {"section": PAIRS}, "B: x/A: y", ["D:B: ", "S(b):x", "D:/A: ", "S(a):y"],
        ["section-order: section `a` comes after `b`, not before it"],
    ),
    "prefix-near": (
        {"section": PAIRS}, "A: x/B:y", ["D:A: ", "S(a):x/B:y"],
        ["near-delimiter: line is nearly the delimiter `B:`, but lacks the space after it"],
    ),
    "lines": (
        {"section": [{"name": "q", "delimiter": ">", "match": "lines"}, {"name": "t"}]},
        ">x/>y/z", ["S(q):>x/>y", "_:/", "S(t):z"], [],
    ),
    "trim": (
        {"record": record("separator"), "section": T, "sections": {"trim": True}},
        "//a//b//%/c", ["_://", "S(t):a//b", "_:/", "D:/%/", "S(t):c"], [],
    ),
    "trim-blank": (
        {"section": PAIRS, "sections": {"trim": True}}, "A: //B: y",
        ["D:A: ", "S(a):", "_:/", "D:/B: ", "S(b):y"], [],
    ),
    "rest": (
        {"section": [AB[0], {**AB[1], "rest": True}]}, "A:/x/B:/A:/B:",
        ["D:A:/", "S(a):x", "D:/B:/", "S(b):A:/B:"], [],
    ),
    "comments": (
        {"record": record("separator"), "section": T, "comments": {"prefix": "#"}},
        "# c/a/# d/%/#e/b", ["#:# c/", "S(t):a/# d", "D:/%/", "#:#e/", "S(t):b"], [],
    ),
    "escape-prefix": (
        {"record": record("separator"), "section": T, "escape": {"style": "prefix"}},
        "a/>%/b", ["S(t):a/>%/b"], [],
    ),
    "escape-suffix": (
        {"section": AB, "escape": {"style": "suffix"}}, "A:+/x/B:/y/B:+/z",
        ["D:A:+/", "S(a):x/B:/y", "D:/B:+/", "S(b):z"],
        [],
    ),
    "escape-longest": (
        {"record": record("separator", "---"), "section": T, "escape": {"style": "longest"}},
        "a/---/b/-----/c", ["S(t):a/---/b", "D:/-----/", "S(t):c"], [],
    ),
    "brackets": (
        {"section": BRACES}, "{/{/}/}/{/b", ["S(a):{/{/}/}", "D:/", "S(b):{/b"], [],
    ),
    "brackets-in-strings": (
        {"section": BRACES}, '{"}" "\\"}" "}/} b', ['S(a):{"}" "\\"}" "}/}', "S(b): b"], [],
    ),
    "brackets-on-one-line": ({"section": BRACES}, "{{}}b/c", ["S(a):{{}}", "S(b):b/c"], []),
    "brackets-at-the-end": ({"section": BRACES}, "{}/", ["S(a):{}", "N:/"], []),
    "brackets-not-closed": (
        {"section": BRACES}, "{{}/b", ["S(a):{{}/b"],
        ["unclosed-section: section `a` is not closed by `}`"],
    ),
    "brackets-after-text": (
        {"section": [{"name": "t"}, BRACES[0]], "sections": {"order": "any"}},
        "t/{/}/", ["S(t):t", "D:/", "S(a):{/}", "N:/"], [],
    ),
    "blank-before": (
        {"section": [{"name": "a", "delimiter": "A:", "at_start": True}]},
        " //A:/x", ["_: /", "D:/A:/", "S(a):x"],
        ["stray-text: the file does not begin with section `a`: blank lines stand before it"],
    ),
    "exactly-one": (
        {
            "section": [{**each, "required": False} for each in AB],
            "rule": [{"exactly_one_of": ["a", "b"]}],
        },
        "A:/x/B:/y", ["D:A:/", "S(a):x", "D:/B:/", "S(b):y"],
        ["conflicting-sections: sections `a`, `b` exclude each other"],
    ),
    "requires": (
        {"section": [{**e, "required": False} for e in AB], "rule": [{"requires": ["a", "b"]}]},
        "A:/x", ["D:A:/", "S(a):x"], ["missing-companion: section `a` requires `b`"],
    ),
    "forbids": (
        {"section": AB, "rule": [{"forbids": ["a", "b"]}]},
        "A:/x/B:/y", ["D:A:/", "S(a):x", "D:/B:/", "S(b):y"],
        ["conflicting-sections: section `a` forbids `b`"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("name", CASES)
def test_cases(name: str, newline: str) -> None:
    values, text, pieces, findings = CASES[name]
    spec = {**values}
    if "/" in str(spec.get("sections", {}).get("delimiter", "")):
        delimiter = spec["sections"]["delimiter"].replace("/", "\n")
        spec["sections"] = {**spec["sections"], "delimiter": delimiter}
    document = parse(text.replace("/", NEWLINES[newline]), layout(**spec))
    assert shown(document) == pieces
    assert found(document) == findings
    assert tiles(document)


# -- oracles: what `str.split` and a loop over lines would do

NOISE = st.lists(st.sampled_from(["a", "b c", "", " ", "%", "%%", " %", "% ", "é"]), max_size=12)


@settings(deadline=None)
@given(NOISE, st.sampled_from(sorted(NEWLINES.values())))
def test_separator_is_split(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    document = parse(text + newline, layout(record=record("separator"), section=T))
    records: list[list[str]] = [[]]
    for line in lines:
        if line == "%":
            records.append([])
        else:
            records[-1].append(line)
    wanted = [newline.join(each) for each in records if "".join(each).strip()]
    assert [document.value(section) for section in document.sections()] == (
        wanted if text.strip() else []
    )


@settings(deadline=None)
@given(NOISE)
def test_inline_separator_is_split(words: list[str]) -> None:
    text = "x".join(words)
    spec = layout(record=record("separator", "%", match="inline"), section=T)
    values = [document_value for document_value in text.split("%") if document_value.strip()]
    document = parse(text, spec)
    assert [document.value(section) for section in document.sections()] == values


@settings(deadline=None)
@given(NOISE)
def test_start_is_a_loop(lines: list[str]) -> None:
    text = "\n".join(["%", *lines])
    document = parse(text + "\n", layout(record=record("start"), section=T))
    parts = re.split(r"(?m)^%$", text)[1:]
    wanted = [part.removeprefix("\n").removesuffix("\n") for part in parts if part.strip()]
    assert [document.value(section).strip("\n") for section in document.sections()] == [
        each.strip("\n") for each in wanted
    ]


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.sampled_from(["\n", ", "]))
def test_positional_is_split(values: list[str], delimiter: str) -> None:
    sections = [{"name": f"s{i}"} for i in range(len(values))]
    document = parse(
        delimiter.join(values), layout(sections={"delimiter": delimiter}, section=sections)
    )
    assert [document.value(section) for section in document.sections()] == values
    assert not document.findings


# -- random formats over random texts

WORDS = ["%", "==", "---", "A:", "B:", "C: ", "> ", "<t>", "</t>", "#", "`"]


@st.composite
def record_specs(draw: st.DrawFn) -> dict[str, Any] | None:
    mode = draw(st.sampled_from(["none", "separator", "terminator", "start", "block"]))
    if mode == "none":
        return None
    inline = draw(st.booleans())
    spec: dict[str, Any] = {"mode": mode, "match": "inline" if inline else "line"}
    if mode == "block":
        spec["open"], spec["close"] = draw(st.sampled_from([("[[", "]]"), ("<r>", "</r>")]))
    else:
        pattern = {"pattern": r"\*(?P<id>\w*)"}
        choices: list[Any] = ["%", "=====", pattern] if inline else ["%", "=====", "", pattern]
        spec["delimiter"] = draw(st.sampled_from(choices))
        if spec["delimiter"] == pattern and not inline:
            spec["unique"] = ["id"]
    if mode in ("separator", "terminator"):
        spec["empty"] = draw(st.sampled_from(["forbid", "skip"]))
    spec["trailing"] = draw(st.sampled_from(["allow", "require", "forbid"]))
    spec["min"] = draw(st.integers(0, 2))
    spec["max"] = draw(st.none() | st.integers(2, 3))
    return spec


@st.composite
def section_specs(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    style = draw(st.sampled_from(["none", "whole", "positional", "lines", "inline"]))
    common: dict[str, Any] = {
        "trim": draw(st.booleans()),
        "unknown": draw(st.sampled_from(["error", "allow"])),
        "order": draw(st.sampled_from(["strict", "first", "any"])),
    }
    if style == "none":
        return [], common
    if style == "whole":
        return [{"name": "text"}], common
    count = draw(st.integers(1, 4))
    sections: list[dict[str, Any]] = [{"name": f"s{i}"} for i in range(count)]
    if style == "positional":
        common["delimiter"] = draw(st.sampled_from(["\n", "\n\n", ",", "\t"]))
        sections[-1][draw(st.sampled_from(["rest", "repeat", "empty"]))] = True
        if sections[-1].pop("empty", None):
            sections[-1]["empty"] = "allow"
        if draw(st.booleans()) and count > 1:
            sections[-1]["same_as"] = "s0"
        return sections, common
    words = draw(st.permutations(["A:", "==", "---", "C: ", "> "]))
    for section, word in zip(sections, words, strict=False):
        section["delimiter"] = word
        section["required"] = draw(st.booleans())
        section["repeat"] = draw(st.booleans())
        section["rest"] = draw(st.sampled_from([False, False, True]))
        if style == "inline":
            section["match"] = "inline"
            section["close"] = draw(st.sampled_from([None, "</t>", "`"]))
        else:
            section["match"] = draw(st.sampled_from(["line", "prefix", "lines", "brackets"]))
            if section["match"] == "brackets":
                section["delimiter"], section["close"] = word[0], draw(st.sampled_from("x,"))
            if section["match"] == "line" and draw(st.booleans()):
                section["close"] = draw(st.sampled_from(["`", word]))
    if draw(st.booleans()):
        sections.insert(0, {"name": "head", "required": draw(st.booleans())})
    if style == "lines" and draw(st.booleans()):
        common["label"] = "[A-Z]:"
    return sections, common


@st.composite
def formats(draw: st.DrawFn) -> FormatSpec:
    sections, common = draw(section_specs())
    style = draw(st.sampled_from(["none", "prefix", "suffix", "longest"]))
    return FormatSpec.model_validate(
        {
            "file": {"final_newline": draw(st.sampled_from(["require", "forbid", "any"]))},
            "record": draw(record_specs()),
            "sections": common,
            "section": sections,
            "escape": {"style": style},
            "comments": draw(st.sampled_from([None, {"prefix": "#"}])),
        }
    )


DELIMITERS = ["[[", "]]", "<r>", "</r>", "=====", "====", "*", "*x", ",", "\t", "%", *WORDS]
TEXTS = st.lists(
    st.sampled_from(["\n", "\n", "\r\n", "\r", " ", "x", "é", "\udc80", "\ufeff", *DELIMITERS])
    | st.text(max_size=3),
    max_size=30,
).map("".join)


@more(20)
@given(formats(), TEXTS)
def test_any_format_any_text(spec: FormatSpec, text: str) -> None:
    compiled = Layout("x", spec)
    document = parse(text, compiled)
    assert tiles(document)
    pieces = [(p.start, p.end, p.name) for p in document.pieces if p.kind is Kind.SECTION]
    assert [(s.start, s.end, s.name) for s in document.sections()] == pieces
    ends = 0
    for each in document.records:
        assert ends <= each.start <= each.end <= len(text)
        ends = each.end
        assert all(each.start <= s.start <= s.end <= each.end for s in each.sections)
    assert all(f.start <= f.end <= len(text) for f in document.findings)
    assert document == parse(text, compiled)
    Analyser(compiled).analyse("seeds/x.txt", text.encode("utf-8", "surrogateescape"))
