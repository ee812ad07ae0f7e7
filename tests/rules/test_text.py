"""Rules about the text as a whole: messages, smallest spans, one finding a file, fixes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.fix import apply
from seedkit.core.diagnostic import Applicability, Diagnostic
from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.spec import FormatSpec


def analyse(
    data: str | bytes, sections: list[dict[str, Any]] | None = None, **file: Any
) -> list[Diagnostic]:
    """Return what is found in a text, in a format of one section that may be anything."""
    spec = FormatSpec.model_validate(
        {"file": file, "section": sections or [{"name": "text", "empty": "allow"}]}
    )
    content = data if isinstance(data, bytes) else data.encode()
    return list(Analyser(Layout("test", spec)).analyse("seeds/a.txt", content).diagnostics)


def found(data: str | bytes, **file: Any) -> list[str]:
    """The findings as `line:column-line:column rule: message`."""
    return [shown(each) for each in analyse(data, **file)]


def shown(diagnostic: Diagnostic) -> str:
    start, end = diagnostic.place.start, diagnostic.place.end
    where = (
        ""
        if start is None or end is None
        else f"{start.line}:{start.column}-{end.line}:{end.column} "
    )
    return f"{where}{diagnostic.rule}: {diagnostic.message}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            b"ok \xe9 no",
            "1:4-1:5 text/invalid-utf8: byte `e9` can't be UTF-8",
        ),
        (
            b"\xc3\xa9\n\xff\xfe",
            "2:1-2:3 text/invalid-utf8: bytes `ff fe` can't be UTF-8",
        ),
        (
            b"\xff a \xfe \xfd",
            "1:1-1:2 text/invalid-utf8: byte `ff` can't be UTF-8, and 2 more bytes",
        ),
        (
            b"\xff a \xfe",
            "1:1-1:2 text/invalid-utf8: byte `ff` can't be UTF-8, and 1 more byte",
        ),
        (
            b"\xf8\xf9\xfa\xfb\xfc",
            "1:1-1:6 text/invalid-utf8: bytes `f8 f9 fa fb …` can't be UTF-8; the file was "
            "not checked any further",
        ),
        (
            b"\xed\xa0\x80",
            "1:1-1:4 text/invalid-utf8: bytes `ed a0 80` can't be UTF-8; the file was "
            "not checked any further",
        ),
        (
            b"\xc0\xaf",
            "1:1-1:3 text/invalid-utf8: bytes `c0 af` can't be UTF-8; the file was "
            "not checked any further",
        ),
    ],
)
def test_invalid_utf8(data: bytes, expected: str) -> None:
    assert found(data) == [expected]


def test_invalid_encoding() -> None:
    assert found(b"caf\xe9", encoding="ascii") == [
        "1:4-1:5 text/invalid-encoding: byte `e9` can't be ascii"
    ]
    assert found(b"caf\xe9", encoding="latin-1") == []
    assert found("日本".encode("euc-jp"), encoding="euc-jp") == []
    assert found(b"\xc6\xfc\xff", encoding="euc-jp") == [
        "1:2-1:3 text/invalid-encoding: byte `ff` can't be euc-jp"
    ]


def test_too_large() -> None:
    assert found("x" * 1001, max_bytes=1000) == [
        "text/too-large: file has 1,001 bytes, at most 1,000 are allowed; it was not parsed"
    ]
    assert found("x" * 1000, max_bytes=1000) == []
    assert found(b"\xff" * 11, max_bytes=10) == [
        "text/too-large: file has 11 bytes, at most 10 are allowed; it was not parsed"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["text/empty: file is empty"]),
        ("\n \n", ["text/empty: file has only white space"]),  # and nothing else: that is the cause
        ("\x0c\u3000", ["text/empty: file has only white space"]),
        ("\ufeff", ["text/empty: file is empty"]),
        ("a", []),
    ],
)
def test_empty(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_bom() -> None:
    assert found("\ufefftext") == ["1:1-1:2 text/bom: file starts with a byte order mark"]
    assert found("te\ufeffxt") == [
        "1:3-1:4 text/invisible-character: invisible character U+FEFF (ZERO WIDTH NO-BREAK SPACE)"
    ]
    assert found("\ufeff\ufeffx") == ["1:1-1:3 text/bom: file starts with 2 byte order marks"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b", ["1:2-1:3 text/control-character: control character U+0000 (NUL)"]),
        (
            "a\n\x1b[31m \x07",
            ["2:1-2:2 text/control-character: control character U+001B (ESCAPE), and 1 more"],
        ),
        ("a\x85", ["1:2-1:3 text/control-character: control character U+0085 (NEXT LINE)"]),
        ("a\x0c", ["1:2-1:3 text/control-character: control character U+000C (FORM FEED)"]),
        ("x\x7f", ["1:2-1:3 text/control-character: control character U+007F (DELETE)"]),
        ("\ufffe", ["1:1-1:2 text/control-character: control character U+FFFE"]),
        (
            "\x01" * 1500,
            ["1:1-1:2 text/control-character: control character U+0001, and 1,499 more"],
        ),
        ("a\tb\nc\r\nd\re".replace("\r\n", "\n").replace("\r", "\n"), []),
    ],
)
def test_control_character(text: str, expected: list[str]) -> None:
    assert [each for each in found(text) if "/empty" not in each] == expected


def test_bidi_control() -> None:
    assert found("a\u202eb\u2066c") == [
        "1:2-1:3 text/bidi-control: bidirectional control U+202E (RIGHT-TO-LEFT OVERRIDE), and "
        "1 more"
    ]
    assert analyse("a\u202eb")[0].severity == "warning"
    assert found("עברית") == []


def test_a_bidi_control_in_a_delimiter_is_an_error() -> None:
    spec = FormatSpec.model_validate(
        {
            "record": {"mode": "separator", "delimiter": {"pattern": "%.?"}},
            "section": [{"name": "text"}],
        }
    )
    text = "a\u200eb\n%\u202e\nc\n"
    (finding,) = Analyser(Layout("test", spec)).analyse("seeds/a.txt", text.encode()).diagnostics
    assert finding.severity == "error"
    assert shown(finding) == (
        "2:2-2:3 text/bidi-control: bidirectional control U+202E (RIGHT-TO-LEFT OVERRIDE), "
        "in a delimiter, and 1 more"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a\u200bb\u00adc",
            [
                "1:2-1:3 text/invisible-character: invisible character U+200B (ZERO WIDTH "
                "SPACE), and 1 more"
            ],
        ),
        (
            "\u3164",
            ["1:1-1:2 text/invisible-character: invisible character U+3164 (HANGUL FILLER)"],
        ),
        (
            "\U000e0001",
            ["1:1-1:2 text/invisible-character: invisible character U+E0001 (LANGUAGE TAG)"],
        ),
        # joiners join something, or are noise
        ("می\u200cخواهم", []),
        ("👩\u200d🚀", []),
        (
            "ab\u200dcd",
            ["1:3-1:4 text/invisible-character: invisible character U+200D (ZERO WIDTH JOINER)"],
        ),
        (
            "é\u200c",
            [
                "1:2-1:3 text/invisible-character: invisible character U+200C (ZERO WIDTH "
                "NON-JOINER)"
            ],
        ),
        (
            "\u200cé",
            [
                "1:1-1:2 text/invisible-character: invisible character U+200C (ZERO WIDTH "
                "NON-JOINER)"
            ],
        ),
    ],
)
def test_invisible_character(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_replacement_character() -> None:
    message = (
        "text/replacement-character: replacement character U+FFFD: text was lost in a conversion"
    )
    assert found("caf\ufffd") == [f"1:4-1:5 {message}"]
    assert found("\ufffd\n\ufffd\ufffd") == [f"1:1-1:2 {message}, and 2 more"]


@pytest.mark.parametrize(
    ("text", "file", "expected", "fixed"),
    [
        (
            "a\nb\nc\r\nd",
            {},
            "3:2-4:1 text/mixed-newlines: newlines are mixed: 2 LF and 1 CRLF",
            "a\nb\nc\nd",
        ),
        (
            "a\r\nb\r\nc\nd",
            {},
            "3:2-4:1 text/mixed-newlines: newlines are mixed: 1 LF and 2 CRLF",
            "a\r\nb\r\nc\r\nd",
        ),
        (
            "a\r\nb\r\nc\n",
            {"newline": "lf"},
            "1:2-2:1 text/mixed-newlines: newlines are mixed: 1 LF and 2 CRLF",
            "a\nb\nc\n",
        ),
        (
            "a\r\nb\r\n",
            {"newline": "lf"},
            "1:2-2:1 text/wrong-newline: lines end with CRLF, LF is required",
            "a\nb\n",
        ),
        (
            "a\rb",
            {"newline": "lf"},
            "1:2-2:1 text/wrong-newline: lines end with CR, LF is required",
            "a\nb",
        ),
        (
            "a\nb\n",
            {"newline": "crlf"},
            "1:2-2:1 text/wrong-newline: lines end with LF, CRLF is required",
            "a\r\nb\r\n",
        ),
    ],
)
def test_newlines(text: str, file: dict[str, Any], expected: str, fixed: str) -> None:
    (finding,) = analyse(text, **file)
    assert shown(finding) == expected
    assert finding.fix is not None
    assert apply(text.encode(), [finding.fix.edits])[0] == fixed.encode()


@pytest.mark.parametrize(
    ("text", "newline"),
    [
        ("a\nb", "any"),
        ("a\r\nb", "any"),
        ("a\rb", "any"),
        ("a\r\nb", "crlf"),
        ("a", "crlf"),
        ("a", "lf"),
    ],
)
def test_newlines_that_are_right(text: str, newline: str) -> None:
    assert found(text, newline=newline) == []


def test_final_newline() -> None:
    (finding,) = analyse("a\r\nb", final_newline="require")
    assert shown(finding) == "2:2-2:2 text/missing-final-newline: no newline at the end of the file"
    assert finding.fix is not None
    assert finding.fix.edits[0].text == "\r\n"
    (finding,) = analyse("a\nb\n\n", final_newline="forbid")
    assert shown(finding) == "2:2-4:1 text/unwanted-final-newline: newline at the end of the file"
    assert finding.fix is not None
    assert apply(b"a\nb\n\n", [finding.fix.edits])[0] == b"a\nb"
    for text in ("a", "a\n"):
        assert found(text, final_newline="any") == []
    assert found("a\n", final_newline="require") == found("a", final_newline="forbid") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "cafe\u0301 x",
            [
                "1:4-1:6 text/not-nfc: text is not in NFC: U+0065 U+0301 should be U+00E9 "
                "(LATIN SMALL LETTER E WITH ACUTE)"
            ],
        ),
        (
            "ok\ne\u0301\no\u0308\nu\u0308",
            [
                "2:1-2:3 text/not-nfc: text is not in NFC: U+0065 U+0301 should be U+00E9 "
                "(LATIN SMALL LETTER E WITH ACUTE), and on 2 more lines"
            ],
        ),
        (
            "a \u212b",
            [
                "1:3-1:4 text/not-nfc: text is not in NFC: U+212B (ANGSTROM SIGN) should be U+00C5 "
                "(LATIN CAPITAL LETTER A WITH RING ABOVE)"
            ],
        ),
        (
            "\u1100\u1161",
            [
                "1:1-1:3 text/not-nfc: text is not in NFC: U+1100 U+1161 should be U+AC00 "
                "(HANGUL SYLLABLE GA)"
            ],
        ),
        (
            "a\u0315\u0300",
            [
                "1:1-1:4 text/not-nfc: text is not in NFC: U+0061 U+0315 U+0300 should be "
                "U+00E0 U+0315"
            ],
        ),
        (
            "a\u0323",
            [
                "1:1-1:3 text/not-nfc: text is not in NFC: U+0061 U+0323 should be U+1EA1 "
                "(LATIN SMALL LETTER A WITH DOT BELOW)"
            ],
        ),
        (
            "한 \u1112\u1161\u11ab x",
            [
                "1:3-1:6 text/not-nfc: text is not in NFC: U+1112 U+1161 U+11AB should be "
                "U+D55C (HANGUL SYLLABLE HAN)"
            ],
        ),
        ("café", []),
    ],
)
def test_not_nfc(text: str, expected: list[str]) -> None:
    assert found(text, normalization="nfc") == expected
    assert found(text, normalization="any") == []


def test_trailing_whitespace() -> None:
    (finding,) = analyse("a \t\nb\n c\t\nd ")
    assert (
        shown(finding)
        == "1:2-1:4 text/trailing-whitespace: trailing white space, and on 2 more lines"
    )
    assert finding.severity == "warning"
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert apply(b"a \t\nb\n c\t\nd ", [finding.fix.edits])[0] == b"a\nb\n c\nd"
    assert found("a \r\nb \r\n")[0] == (
        "1:2-1:3 text/trailing-whitespace: trailing white space, and on 1 more line"
    )
    assert found("a\u00a0\n b\u3000") == []


def test_fixes_are_unsafe_where_the_name_carries_a_digest() -> None:
    spec: dict[str, Any] = {"name": "(?P<id>.*)", "hash": {"group": "id"}}
    fixes = {each.rule: each.fix for each in analyse("\ufeffa", **spec)}
    assert fixes["text/bom"] is not None
    assert fixes["text/bom"].applicability is Applicability.UNSAFE


PIECES = [
    "a",
    "b ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "e\u0301",
    "é",
    "\ufeff",
    "\x00",
    "\x1b",
    "\u202e",
    "\u200b",
    "\u200d",
    "日",
    "\ufffd",
    "\x85",
    "\u2028",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=10).map(lambda pieces: "".join(pieces).encode())
    | st.binary(max_size=12),
    st.fixed_dictionaries(
        {
            "newline": st.sampled_from(["lf", "crlf", "any"]),
            "final_newline": st.sampled_from(["require", "forbid", "any"]),
            "normalization": st.sampled_from(["nfc", "any"]),
            "encoding": st.sampled_from(["utf-8", "latin-1", "ascii", "shift_jis"]),
        }
    ),
)
def test_each_rule_is_found_at_most_once_and_inside_the_file(
    data: bytes, file: dict[str, Any]
) -> None:
    findings = analyse(data, **file)
    rules = [each.rule for each in findings]
    assert len(rules) == len(set(rules))
    size = len(data.decode(file["encoding"], "surrogateescape").encode("utf-8", "surrogateescape"))
    for each in findings:
        start, end = each.place.start, each.place.end
        if start is not None and end is not None:
            assert 0 <= start.offset <= end.offset <= size
        assert each.message.isprintable()
        assert each.message[0].islower() or each.message.startswith("U+")
        assert not each.message.endswith(".")
