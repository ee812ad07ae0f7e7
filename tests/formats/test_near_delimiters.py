"""Which line nearly is a delimiter, and how it differs, in words that need no pattern."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.document import Finding
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format
from seedkit.formats.near import _label_difference, near_miss
from seedkit.formats.parser import parse
from seedkit.formats.spec import FormatSpec
from support.corpora import more


def found(text: str, layout: Layout) -> list[str]:
    def at(finding: Finding) -> int:
        return text.count("\n", 0, max(finding.start, 0)) + 1

    return [f"{at(each)}: {each.message}" for each in parse(text, layout).findings]


def starting_with(delimiter: object, **more: object) -> Layout:
    record = {"mode": "start", "delimiter": delimiter, **more}
    return Layout("x", FormatSpec.model_validate({"files": ["*"], "record": record}))


def builtin(name: str) -> Layout:
    return Layout(name, builtin_format(name, ["*"]))


@pytest.mark.parametrize(
    ("line", "difference"),
    [
        ("<doc>", "differs in case"),
        ("<DOC> ", "has space after it"),
        (" <DOC>", "has space before it"),
        ("< DOC>", "has a blank in it"),
        ('<DOC id="x">', "has an attribute"),
        ('<doc id="x" n=2>', "has an attribute"),
        ("<DOCS>", "is one character off"),
        ("<DCO>", "has two characters swapped"),
    ],
)
def test_a_literal(line: str, difference: str) -> None:
    text = f"{line}\nThe moon pulls the sea.\n"
    assert found(text, starting_with("<DOC>")) == [
        f"1: line is nearly the delimiter `<DOC>`, but {difference}"
    ]


@pytest.mark.parametrize(
    ("line", "meant", "difference"),
    [
        ("entry 12", "Entry 12", "differs in case"),
        ("Entry 12 ", "Entry 12", "has space after it"),
        ("Entry12", "Entry 12", "differs in blanks"),
        ("Entry   12", "Entry 12", "differs in blanks"),
        ("Enty 12", "Entry 12", "is one character off"),
        ("Etnry 12", "Entry 12", "has two characters swapped"),
    ],
)
def test_a_pattern(line: str, meant: str, difference: str) -> None:
    text = f"{line}\nThe moon pulls the sea.\n"
    layout = starting_with({"pattern": r"Entry (?P<id>\d+)"})
    assert found(text, layout) == [f"1: line is nearly the delimiter `{meant}`, but {difference}"]


@pytest.mark.parametrize("line", ["Entry", "Entries 12", "entry twelve", "Gentry 12", "12"])
def test_other_lines_are_none(line: str) -> None:
    text = f"{line}\nThe moon pulls the sea.\n"
    (message,) = found(text, starting_with({"pattern": r"Entry (?P<id>\d+)"}))
    assert message.startswith("1: no record: nothing in the file is ")


def test_many_are_one_finding() -> None:
    assert found("<doc>\na\n<doc>\nb\n<doc>\nc\n", starting_with("<DOC>")) == [
        "1: line is nearly the delimiter `<DOC>`, but differs in case; so are 2 more lines"
    ]


def test_each_blank_at_a_line_end_is_a_finding() -> None:
    assert found("<DOC> \na\n<doc>\nb\n<DOC> \nc\n<doc>\nd\n", starting_with("<DOC>")) == [
        "1: line is nearly the delimiter `<DOC>`, but has space after it",
        "3: line is nearly the delimiter `<DOC>`, but differs in case; so is 1 more line",
        "5: line is nearly the delimiter `<DOC>`, but has space after it",
    ]


def test_before_the_first_record() -> None:
    text = ".i 1\n.W\nThe moon .\n.I 2\n.W\nThe sea .\n"
    assert found(text, builtin("smart")) == [
        "1: line is nearly the delimiter `.I 1`, but differs in case"
    ]


@pytest.mark.parametrize(
    ("delimiter", "words"),
    [
        ("<DOC>", "`<DOC>`"),
        ({"pattern": r"\.I (?P<id>\d+)"}, "a line that begins `.I`, as the format's pattern says"),
        ({"pattern": r"\d+\."}, "a line that is as the format's pattern says"),
        ({"pattern": r"\d+\.", "name": "a line `NUMBER.`"}, "a line `NUMBER.`"),
    ],
)
def test_no_record_says_in_words_what_was_looked_for(delimiter: object, words: str) -> None:
    assert found("The moon.\n", starting_with(delimiter)) == [
        f"1: no record: nothing in the file is {words}"
    ]


def test_prose_that_begins_as_an_escaped_delimiter_does() -> None:
    text = "From a@tides.example\nSubject: tides\n\nfrom moss; Mon, 14 Feb 2011 12:00:48 +0100\n"
    assert found(text, builtin("mbox")) == []


PARAGRAPHS = {"record": {"mode": "separator", "delimiter": ""}}
LABELS = {**PARAGRAPHS, "section": [{"name": "a", "delimiter": "A:", "match": "prefix"}]}


@pytest.mark.parametrize(
    ("text", "paragraphs", "labels"),
    [
        ("A: a\n \nA: b\n", [2], [2]),
        ("A: a\n \n\t\nA: b\n", [2, 3], [2, 3]),
        ("A: a\n \nb\n", [2], []),  # no record without an `A:`
        ("A: a\n \n\nA: b\n", [], []),  # an empty line parts them
        ("A: a\n\n \nA: b\n", [], []),
        (" \nA: a\n", [], []),
        ("A: a\n \n", [], []),
        ("A: a\n\nA: b\n \nA: c\n \n\nA: d\n", [4], [4]),
    ],
)
def test_a_line_of_white_space_that_would_part_a_record(
    text: str, paragraphs: list[int], labels: list[int]
) -> None:
    message = "line of white space is nearly the delimiter, an empty line"
    for values, lines in ((PARAGRAPHS, paragraphs), (LABELS, labels)):
        layout = Layout("x", FormatSpec.model_validate({"files": ["*"], **values}))
        assert found(text, layout) == [f"{line}: {message}" for line in lines]


@pytest.mark.parametrize(
    ("line", "difference"),
    [
        ("00:00:01.000 --> 00:00:02.000", ": it has `.` for `,`"),
        ("00:00:01:000 --> 00:00:02:000 X1:2", ": it has `:` for `,`"),
        ("00:00:01,000 -> 00:00:02,000", ": it has `->` for `-->`"),
        ("00:00:01,000 → 00:00:02,000", ": it has `→` for `-->`"),
        ("00:61:01,000 --> 00:61:02,000", ""),
        ("00:01 --> 00:02", ""),
        ("00:00:0l,000 --> 00:00:02,000", ""),
    ],
)
def test_a_time_line_that_is_none(line: str, difference: str) -> None:
    assert found(f"1\n{line}\nhi\n", builtin("srt")) == [
        f"2: `{line}` is not a line `00:00:00,000 --> 00:00:00,000`{difference}"
    ]


def test_white_space_does_not_hide_a_time_line_that_is_none() -> None:
    """Where an empty line would make it one of a record of its own, or the one after it."""
    time, blank = "00:00:01,000 --> 00:00:02,000", "line of white space is nearly the delimiter"
    wrong = f"{time}é` is not a line `00:00:00,000 --> 00:00:00,000`"
    text = f"1\n{time}\nhi\n \n2\n{time}é\nho\n"
    assert found(text, builtin("srt")) == [f"4: {blank}, an empty line", f"6: `{wrong}"]
    text = f"1\n{time}é\nhi\n \n2\n{time}\nho\n"
    assert found(text, builtin("srt")) == [f"2: `{wrong}", f"4: {blank}, an empty line"]


@pytest.mark.parametrize("line", ["A --> B", "x -> 2", "10:30", "12 → 13", "1 --> 2", "-->"])
def test_arrows_in_subtitles_are_text(line: str) -> None:
    assert found(f"1\n00:00:01,000 --> 00:00:02,000\n{line}\n", builtin("srt")) == []


SPEAKERS = [
    {"name": name, "delimiter": label, "match": "prefix", "repeat": True, "required": False}
    for name, label in (("ann", "SPEAKER ANN:"), ("bob", "SPEAKER BOB:"), ("note", "N: "))
]
DIALOGUE = {"files": ["*"], "sections": {"order": "any"}, "section": SPEAKERS}


@pytest.mark.parametrize(
    ("line", "label", "difference"),
    [
        ("SPEKER BOB: hi", "SPEAKER BOB:", "is one character off"),
        ("PEAKER BOB: hi", "SPEAKER BOB:", "is one character off"),
        ("SPEAKERR BOB: hi", "SPEAKER BOB:", "is one character off"),
        ("SPEAKER BOB; hi", "SPEAKER BOB:", "is one character off"),
        ("SPEAKER ROB: hi", "SPEAKER BOB:", "is one character off"),
        ("SPEKAER BOB: hi", "SPEAKER BOB:", "has two characters swapped"),
        ("PSEAKER BOB: hi", "SPEAKER BOB:", "has two characters swapped"),
        ("SPEAKER  BOB: hi", "SPEAKER BOB:", "differs in blanks"),
        ("SPEAKERBOB: hi", "SPEAKER BOB:", "differs in blanks"),
        ("SPEAKER BOB : hi", "SPEAKER BOB:", "differs in blanks"),
        ("  SPEAKER   BOB:", "SPEAKER BOB:", "differs in blanks"),
        ("N : hi", "N: ", "differs in blanks"),
        (" SPEAKER BOB: hi", "SPEAKER BOB:", "has space before it"),
        ("Speaker Bob: hi", "SPEAKER BOB:", "differs in case"),
    ],
)
def test_a_label(line: str, label: str, difference: str) -> None:
    layout = Layout("x", FormatSpec.model_validate(DIALOGUE))
    assert found(f"SPEAKER ANN: a\n{line}\n", layout) == [
        f"2: line is nearly the delimiter `{label.rstrip()}`, but {difference}"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "SPEAKER BOB said: hi",
        "SPEAKER BOBBY: hi",
        "SPEAKER BOB",
        "SPEAKERS: two",
        "M: hi",
        "N;",
        ":",
    ],
)
def test_prose_is_no_label(line: str) -> None:
    layout = Layout("x", FormatSpec.model_validate(DIALOGUE))
    assert found(f"SPEAKER ANN: a\n{line}\n", layout) == []


BEGINNINGS = ("Q:", "Head:", "  Body =", "ß: ", "SS: ", "İd>", "a b: ", "= x =", "Aa: ")
ENDS = ("Q", "q", "Hea", "d:", "Body", "=", " ", "ß", "ss", ":", "İ", "i\u0307", "a", "b", "x", ">")


@more(10)
@given(
    st.lists(st.sampled_from(BEGINNINGS), min_size=1, unique=True),
    st.lists(st.sampled_from(ENDS), max_size=7).map("".join)
    | st.tuples(st.sampled_from(BEGINNINGS), st.integers(0, 9), st.sampled_from(["", *ENDS])).map(
        lambda drawn: f"{drawn[0][: drawn[1]]}{drawn[2]}{drawn[0][drawn[1] + 1 :]} text"
    ),
)
def test_labels_that_are_looked_at_are_all_that_a_line_may_nearly_be(
    labels: list[str], line: str
) -> None:
    sections = [
        {"name": f"s{n}", "delimiter": label, "match": "prefix"} for n, label in enumerate(labels)
    ]
    layout = Layout("x", FormatSpec.model_validate({"files": ["*"], "section": sections}))
    for each in layout.near_labels:
        layout.near_labels = (each,)
        expected = line.strip() and _label_difference(line, line.strip(), each.text, layout)
        near = near_miss(line, layout)
        assert (None if near is None else near.difference) == (expected or None)
