"""Bytes and a format in, facts out: for any bytes, and independent of everything else."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import Place, fingerprint
from seedkit.corpus.analyse import Analyser, Facts, no_format
from seedkit.corpus.facts import Allowance
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format, builtin_names
from seedkit.formats.spec import FormatSpec

NEWS: dict[str, Any] = {
    "file": {"name": r"(?P<number>\d+)_(?P<id>[a-z]+)(?P<ext>\..*)?"},
    "sections": {"delimiter": "\n"},
    "section": [
        {"name": "body"},
        {"name": "title", "unique": "corpus"},
        {"name": "again", "same_as": "body"},
    ],
}


def analyse(spec: dict[str, Any], data: bytes, path: str = "seeds/7_x") -> Facts:
    return Analyser(Layout("f", FormatSpec.model_validate(spec))).analyse(path, data)


def test_facts_of_a_seed() -> None:
    data = "Body text.\n A  “title” \nBody text.".encode()
    facts = analyse(NEWS, data)
    assert facts.size == len(data)
    assert facts.digest == hashlib.sha256(data).digest()
    assert (facts.format, facts.records, facts.sections) == ("f", 1, 3)
    assert facts.title == "A “title”"
    assert facts.groups == {"number": "7", "id": "x", "ext": ""}
    (unique,) = facts.keys
    assert (unique.name, unique.place.start, unique.place.end) == ("title", (2, 1, 11), (2, 13, 27))
    assert facts.allowances == ()
    assert [each.rule for each in facts.diagnostics] == ["text/trailing-whitespace"]


def test_facts_of_what_is_not_parsed() -> None:
    for facts in (analyse(NEWS, b"\xff"), analyse({"file": {"max_bytes": 1}}, b"xx", "seeds/no")):
        assert facts.title == ""
        assert not any(key.digest for key in facts.keys)  # nothing is compared
        assert facts.records <= 0  # how many is not known
        assert len(facts.diagnostics) == 1
    assert analyse(NEWS, b"a\nb\na", "seeds/other name").groups == {}


def test_one_cause_for_what_does_not_decode() -> None:
    spec = {**NEWS, "file": {"name": "(?P<id>.*)", "hash": {"group": "id", "of": "text"}}}
    assert [each.rule for each in analyse(spec, b"\xff").diagnostics] == ["text/invalid-utf8"]


def test_very_many_findings_of_a_rule_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedkit.corpus.analyse._MOST", 2)
    spec = {"section": [{"name": "data", "content": "yaml"}]}
    found = analyse(spec, b"a: 1\na: 2\na: 3\na: 4\na: 5\n").diagnostics
    assert {each.rule for each in found} == {"section/duplicate-key"}
    assert [(each.place.start.line, each.message) for each in found if each.place.start] == [
        (2, "section `data`: key `a` occurs twice in a mapping"),
        (3, "section `data`: key `a` occurs twice in a mapping"),
        (4, "2 more of this rule in this seed, from here on"),
    ]


def test_no_format() -> None:
    facts = no_format("seeds/a", b"abc")
    assert (facts.size, facts.format, facts.digest) == (3, "", hashlib.sha256(b"abc").digest())
    (diagnostic,) = facts.diagnostics
    assert (diagnostic.rule, diagnostic.message) == (
        "format/no-format",
        "no format matches this file",
    )
    assert diagnostic.help == "add it to `files` of a format in schemas/, or to `exclude`"
    assert diagnostic.place == Place("seeds/a")


def test_a_fingerprint_is_of_the_rule_and_what_it_is_about() -> None:
    def fingerprints(data: bytes) -> list[str]:
        return [
            each.fingerprint for each in analyse({"section": [{"name": "t"}]}, data).diagnostics
        ]

    assert fingerprints(b"a\x00b") == fingerprints(b"many\nlines\nbefore\n\x00")
    assert fingerprints(b"a\x00b") != fingerprints(b"a\x01b")
    assert fingerprint("text/bom", "x") != fingerprint("text/empty", "x")
    assert fingerprint("text/bom", "x\udcff") == fingerprint("text/bom", "x\udcff")


COMMENTS: dict[str, Any] = {
    "record": {"mode": "separator", "delimiter": "%"},
    "section": [{"name": "joke", "max_chars": 5}],
    "comments": {"prefix": "#"},
}


def test_allowances_of_the_file_and_of_a_record() -> None:
    text = (
        "# seedkit: allow text/bom it came so\n"
        "# no allowance\n"
        "one\n%\n"
        "# seedkit: allow section/too-long\n"
        "too long é\n%\nthree\n"
    )
    facts = analyse(COMMENTS, text.encode())
    whole, record = facts.allowances
    assert whole.rule == "text/bom"
    assert (whole.start, whole.end) == (None, None)
    assert (whole.comment.start, whole.comment.end) == ((1, 1, 0), (1, 37, 36))
    assert record.rule == "section/too-long"
    assert record.start is not None
    assert record.end is not None
    (finding,) = facts.diagnostics
    assert finding.place.start is not None
    assert record.start <= finding.place.start.offset <= record.end
    assert text.encode()[record.start : record.end].endswith("too long é".encode())


@pytest.mark.parametrize(
    "line",
    [
        "# seedkit: allow",
        "# seedkit: allow  ",
        "# Seedkit: allow text/bom",
        "# seedkit allow text/bom",
        "#",
    ],
)
def test_what_is_no_allowance(line: str) -> None:
    assert analyse(COMMENTS, f"{line}\none\n".encode()).allowances == ()


def test_without_comments_in_the_format_nothing_is_an_allowance() -> None:
    spec = {key: value for key, value in COMMENTS.items() if key != "comments"}
    assert analyse(spec, b"# seedkit: allow text/bom\none\n").allowances == ()


def test_an_allowance_in_the_only_record_is_one_of_the_file() -> None:
    assert analyse(COMMENTS, b"# seedkit: allow text/bom\none\n").allowances == (
        Allowance(
            "text/bom", analyse(COMMENTS, b"# seedkit: allow text/bom\none\n").allowances[0].comment
        ),
    )


@cache
def analyser(name: str) -> Analyser:
    return Analyser(Layout(name, builtin_format(name, ["*"])))


LINES = [
    "%",
    "---",
    "# t",
    "> q",
    "- e",
    "`c`",
    "text",
    "--TEST--",
    "--FILE--",
    ".I 1",
    ".T",
    ".W",
    "<DOC>",
    "</DOC>",
    "From a@b",
    "1\t_\t_",
    "1",
    "00:00:01,000 --> 00:00:02,000",
    "-- a --",
    "Q: x",
    "A: y",
    "Key: v",
    "<|startoftext|>",
    "<|endoftext|>",
    "",
    " ",
    "\ufeff",
    "\x00",
    "é",
    "{",
    "# seedkit: allow text",
]


@given(
    st.sampled_from(builtin_names()),
    st.lists(
        st.tuples(st.sampled_from(LINES), st.sampled_from(["\n", "\r\n", ""])), max_size=10
    ).map(lambda lines: "".join(a + b for a, b in lines).encode())
    | st.binary(max_size=30),
)
def test_any_bytes_give_facts_in_every_format(name: str, data: bytes) -> None:
    facts = analyser(name).analyse("seeds/000_f58ef1cb9b988d29.txt", data)
    assert facts == analyser(name).analyse("seeds/000_f58ef1cb9b988d29.txt", data)
    places = [each.place for each in facts.diagnostics]
    places += [related.place for each in facts.diagnostics for related in each.related]
    places += [each.place for each in facts.keys] + [each.comment for each in facts.allowances]
    places += [edit.place for each in facts.diagnostics if each.fix for edit in each.fix.edits]
    for place in places:
        if place.start is not None and place.end is not None:
            assert 0 <= place.start.offset <= place.end.offset <= len(data)
    assert "\n" not in facts.title
