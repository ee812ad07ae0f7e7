"""Rules about what sections hold: messages, and the smallest span that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.spec import FormatSpec
from support.corpora import Files, check_corpus, line

Corpus = Callable[[Files], Path]


def found(text: str, *sections: dict[str, Any], **tables: Any) -> list[str]:
    """What is found, as `‹wrong text› rule: message`; sections are joined by newlines."""
    tables.setdefault("sections", {"delimiter": "\n---\n"})
    spec = FormatSpec.model_validate({"section": list(sections), **tables})
    data = text.encode()
    shown = []
    for each in Analyser(Layout("test", spec)).analyse("seeds/a", data).diagnostics:
        start, end = each.place.start, each.place.end
        if each.rule.startswith("text/"):
            continue
        assert start is not None
        assert end is not None
        shown.append(f"‹{data[start.offset : end.offset].decode()}› {each.rule}: {each.message}")
    return shown


def section(name: str = "body", **keys: Any) -> dict[str, Any]:
    return {"name": name, **keys}


def test_empty() -> None:
    two = (section("title"), section("body"))
    assert found("\n---\nb", *two) == ["‹› section/empty: section `title` is empty"]
    assert found("a\n---\n \t", *two) == ["‹ \t› section/empty: section `body` is empty"]
    assert found("a\n---\n\n", section("title"), section("body", empty="allow")) == []


def test_an_empty_section_has_no_other_fault() -> None:
    strict = section(min_chars=5, pattern="x", enum=["x"], content="json", script="Latin")
    assert found("a\n---\n ", section("title"), strict) == [
        "‹ › section/empty: section `body` is empty"
    ]
    assert found("a\n---\n\n", section("title"), {**strict, "empty": "allow"}) == []


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        (
            "abc",
            {"min_chars": 4},
            "‹abc› section/too-short: section `body` has 3 characters, at least 4 required",
        ),
        (
            "日",
            {"min_chars": 2},
            "‹日› section/too-short: section `body` has 1 character, at least 2 required",
        ),
        (
            "one two",
            {"min_words": 3},
            "‹one two› section/too-short: section `body` has 2 words, at least 3 required",
        ),
        (
            "a\nb",
            {"min_lines": 1000},
            "‹a\nb› section/too-short: section `body` has 2 lines, at least 1,000 required",
        ),
        (
            "abcdef",
            {"max_chars": 4},
            "‹ef› section/too-long: section `body` has 6 characters, at most 4 allowed",
        ),
        (
            "one  two three four ",
            {"max_words": 2},
            "‹three four › section/too-long: section `body` has 4 words, at most 2 allowed",
        ),
        (
            "a\r\nb\r\nc",
            {"max_lines": 2},
            "‹c› section/too-long: section `body` has 3 lines, at most 2 allowed",
        ),
        (
            "ABC",
            {"pattern": "[a-z]*"},
            "‹ABC› section/pattern-mismatch: section `body` does not match `[a-z]*`",
        ),
        (
            "abc\n\n",
            {"pattern": "[a-z]*"},
            "‹\n› section/pattern-mismatch: section `body` ends with a blank line, "
            "which its pattern does not match",
        ),
        (
            " abc\n\n \n\n",
            {"pattern": " ?[a-z]*"},
            "‹\n\n \n› section/pattern-mismatch: section `body` ends with 3 blank lines, "
            "which its pattern does not match",
        ),
        (
            "  abc\n",
            {"pattern": "[a-z]*"},
            "‹  › section/pattern-mismatch: section `body` begins with white space, "
            "which its pattern does not match",
        ),
        (
            "maybe",
            {"enum": ["yes", "no"]},
            "‹maybe› section/not-allowed: section `body` is `maybe`, not one of `yes`, `no`",
        ),
        (
            "z",
            {"enum": list("abcdefghi")},
            "‹z› section/not-allowed: section `body` is `z`, not one of `a`, `b`, `c`, `d`, "
            "`e`, `f`, `g`, `h`, …",
        ),
        (
            "one\ntwo\nthree",
            {"content": "line"},
            "‹\n› section/multiline: section `body` has 3 lines, it must be a single line",
        ),
        (
            "one\r\ntwo",
            {"content": "line"},
            "‹\r\n› section/multiline: section `body` has 2 lines, it must be a single line",
        ),
        (
            "word слово дом",
            {"script": "Latin"},
            "‹слово› section/wrong-script: section `body` has letters that are not Latin: "
            "`слово` (U+0441 CYRILLIC SMALL LETTER ES)",
        ),
        (
            "हिन्दी, 12 abc",
            {"script": "Devanagari"},
            "‹abc› section/wrong-script: section `body` has letters that are not Devanagari: "
            "`abc` (U+0061 LATIN SMALL LETTER A)",
        ),
        (
            "Key: v\nno field",
            {"content": "fields"},
            "‹no field› section/malformed: section `body`: line is no `Key: value` field: `no "
            "field`",
        ),
        (
            "Key: v",
            {"content": "fields", "required_keys": ["key", "Date"]},
            "‹› section/missing-key: section `body`: key `Date` is missing",
        ),
        (
            "a\tb\na\tb\tc",
            {"content": "rows", "columns": 2},
            "‹a\tb\tc› section/wrong-columns: section `body`: row has 3 columns, 2 are required",
        ),
        (
            "a|b",
            {"content": "rows", "columns": 1, "separator": "|"},
            "‹a|b› section/wrong-columns: section `body`: row has 2 columns, 1 are required",
        ),
        (
            "{\n 1: 2}",
            {"content": "json"},
            "‹1: 2}› section/malformed: section `body`: JSON does not parse: "
            "expecting property name enclosed in double quotes",
        ),
        (
            "a = 1\nb = ]",
            {"content": "toml"},
            "‹]› section/malformed: section `body`: TOML does not parse: a value is missing",
        ),
        (
            "[1]",
            {"content": "json", "required_keys": ["a"]},
            "‹[1]› section/malformed: section `body`: JSON is no mapping of keys to values",
        ),
        (
            "a: 1",
            {"content": "yaml", "required_keys": ["a", "b", "c"]},
            "‹› section/missing-key: section `body`: keys `b`, `c` are missing",
        ),
    ],
)
def test_one_section(text: str, keys: dict[str, Any], expected: str) -> None:
    assert found(text, section(**keys)) == [expected]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("abcd", {"min_chars": 4, "max_chars": 4}),
        (" one two ", {"min_words": 2, "max_words": 2}),
        ("a\nb", {"min_lines": 2, "max_lines": 2}),
        ("a\x0cb\u2028c", {"max_lines": 1, "content": "line"}),
        ("abc", {"pattern": "[a-z]+", "enum": ["abc"]}),
        ("Café, 12 — ok", {"script": "Latin"}),
        ("e\u0301", {"script": "Latin"}),
        ("12 …", {"script": "Devanagari"}),
        ("Key: v\n folded\nOther-Key : w\n\nX:", {"content": "fields", "required_keys": ["KEY"]}),
        ("a\tb\n\nc\td", {"content": "rows", "columns": 2}),
        ("a: [1, 2]", {"content": "yaml", "required_keys": ["a"]}),
        ("!!omap [a: 1]\n", {"content": "yaml"}),
    ],
)
def test_sections_as_they_should_be(text: str, keys: dict[str, Any]) -> None:
    assert found(text, section(**keys)) == []


def test_a_format_may_ask_for_several_things() -> None:
    assert found("abc def", section(max_chars=5, max_words=1, pattern="x")) == [
        "‹ef› section/too-long: section `body` has 7 characters, at most 5 allowed",
        "‹abc def› section/pattern-mismatch: section `body` does not match `x`",
    ]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("same text", "same text", None),
        ("same text", "same test", "s"),
        ("same text", "same big text", "big "),
        ("same big text", "same text", ""),
        ("abc", "abcabc", "abc"),
        ("aaaa", "aa", ""),
        ("x", "y", "y"),
    ],
)
def test_differs(a: str, b: str, expected: str | None) -> None:
    findings = found(f"{a}\n---\n{b}", section("body"), section("again", same_as="body"))
    message = "section/differs: section `again` differs from `body`"
    assert findings == ([] if expected is None else [f"‹{expected}› {message}"])


@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_differs_is_the_smallest_stretch(a: str, b: str) -> None:
    """Against trying every stretch: what is left of both texts without it must be equal."""
    a, b = f"x{a}", f"x{b}"
    findings = found(f"{a}\n---\n{b}", section("body"), section("again", same_as="body"))
    if a == b:
        assert findings == []
        return
    least = min(
        end - start
        for start in range(len(b) + 1)
        for end in range(start, len(b) + 1)
        if a.startswith(b[:start]) and a.endswith(b[end:]) and start + len(b) - end <= len(a)
    )
    assert len(findings[0].partition("›")[0]) - 1 == least


def test_differs_shows_the_other_place() -> None:
    spec = FormatSpec.model_validate(
        {
            "sections": {"delimiter": "\n"},
            "section": [section("body"), section("again", same_as="body")],
        }
    )
    (finding,) = Analyser(Layout("t", spec)).analyse("a", b"one two\none too").diagnostics
    (related,) = finding.related
    assert related.message == "`body` here"
    assert related.place.start is not None
    assert related.place.start[:2] == (1, 6)


def test_not_unique_in_the_file() -> None:
    tables = {"record": {"mode": "separator", "delimiter": "%"}, "sections": {}}
    one = section("joke", unique="file")
    assert found("one\n%\ntwo\n%\none\n%\none\n", one, **tables) == [
        "‹one› section/not-unique: section `joke` has the same text as an earlier one",
        "‹one› section/not-unique: section `joke` has the same text as an earlier one",
    ]
    assert found("one\n%\nOne\n", one, **tables) == []


def test_not_unique_in_the_corpus(corpus: Corpus) -> None:
    schema = (
        'files = ["seeds/{0}*"]\n[sections]\ndelimiter = "\\n"\n[[section]]\nname = "id"\n'
        'unique = "corpus"\n'
    )
    root = corpus(
        {
            "seedkit.toml": 'select = ["section"]\n',
            "schemas/a.toml": schema.format("a") + '[[section]]\nname = "rest"\n',
            "schemas/b.toml": schema.format("b"),
            "seeds/a1": "7\nx",
            "seeds/a2": "8\nx",
            "seeds/a3": "7\ny",
            "seeds/b1": "7",
        }
    )
    findings = check_corpus(root)
    assert list(map(line, findings)) == [
        "seeds/a3:1:1: section/not-unique: section `id` has the same text as that of `seeds/a1`"
    ]
    assert [(each.place.path, each.message) for each in findings[0].related] == [
        ("seeds/a1", "first here")
    ]


def test_broken_records_are_passed_over() -> None:
    sections = (section("a", min_chars=5), section("b", min_chars=5))
    assert found("x", *sections) == ["‹› format/missing-section: section `b` is missing"]
