"""Delimiters with several spellings: `aliases` of a section, and lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from seedkit.corpus.analyse import Analyser
from seedkit.formats.parser import parse
from seedkit.formats.spec import FormatSpec
from support.pieces import layout, shown, tiles

NAMES = {"question": ("Question:", "Q:", "Frage:"), "answer": ("Answer:", "A:")}
MATCHES = st.sampled_from(("line", "line-start", "prefix"))


def named(match: str) -> Any:
    """A format of questions and answers, each with several spellings."""
    sections = [
        {"name": name, "delimiter": list(spellings), "match": match, "empty": "allow"}
        for name, spellings in NAMES.items()
    ]
    return layout(record={"mode": "start", "delimiter": ["---", "==="]}, section=sections)


@given(MATCHES, st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 1))))
def test_each_spelling_is_as_the_first(match: str, records: list[tuple[int, int, int]]) -> None:
    """A text is cut as it is with the first spellings, wherever others are written."""

    def written(which: tuple[int, int, int]) -> str:
        question, answer = NAMES["question"][which[1]], NAMES["answer"][which[2]]
        return f"{('---', '===')[which[0]]}\n{question}\nWhy?\n{answer}\nSo.\n"

    spec = named(match)
    text = "".join(map(written, records))
    one = parse(text, spec)
    other = parse("".join(written((0, 0, 0)) for _ in records), spec)
    assert tiles(one)
    assert [line for line in shown(one) if line[0] == "S"] == [
        line for line in shown(other) if line[0] == "S"
    ]
    facts = Analyser(spec).analyse("x", text.encode())
    assert [finding.message for finding in facts.diagnostics if records] == []


def test_many_long_spellings_have_a_short_name() -> None:
    spellings = [f"<|{'end' * 8}{number}|>" for number in range(8)]
    spec = layout(record={"mode": "separator", "delimiter": spellings}, section=[{"name": "text"}])
    assert len(parse(f"a\n{spellings[7]}\nb", spec).records) == 2
    (delimiter,) = spec.record_delimiters
    assert str(delimiter.name) == f"a line `{spellings[0]}` or 7 others"


def test_front_matter_that_either_line_closes() -> None:
    spec = layout(
        section=[
            {"name": "meta", "delimiter": "---", "close": ["---", "..."], "at_start": True},
            {"name": "body"},
        ]
    )
    for close in ("---", "..."):
        assert shown(parse(f"---\na: 1\n{close}\nText\n", spec)) == [
            "D:---/", "S(meta):a: 1", f"D:/{close}/", "S(body):Text", "N:/",
        ]  # fmt: skip


def test_what_is_nearly_an_alias_is_reported_by_its_name() -> None:
    spec = layout(section=[{"name": "a", "delimiter": "Alpha:", "aliases": ["Aleph:"]}])
    findings = Analyser(spec).analyse("x", b"aleph:\nText\n").diagnostics
    assert ["Aleph:" in finding.message for finding in findings] == [True]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"aliases": ["b"]}, "`aliases` takes a `delimiter` that is plain text"),
        (
            {"delimiter": ["a", "b"], "match": "lines"},
            '`aliases` takes `match = "line"`, `"line-start"` or `"prefix"`',
        ),
        ({"delimiter": ["a", "a"]}, "the delimiter of `x` overlaps that of `x`"),
        ({"delimiter": ["a", ""]}, "Input should be a valid string"),
    ],
)
def test_what_is_no_spelling(section: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace("`", ".").replace("(", ".")):
        FormatSpec.model_validate({"section": [{"name": "x", **section}]})
