"""Numbers that count up and times that ascend, from record to record and within one."""

from __future__ import annotations

import pytest

from seedkit.formats.consistency import PlacedError
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format
from seedkit.formats.parser import parse
from seedkit.formats.spec import FormatSpec

VALUES = {
    "files": ["*"],
    "record": {
        "mode": "start",
        "delimiter": {"pattern": r"#(?P<id>\d+) (?P<from>\d+:\d+)-(?P<to>\d+:\d+)"},
        "counts": ["id"],
        "ascends": ["from"],
    },
    "rule": [{"ascends": ["from", "to"]}],
}


def found(*lines: str) -> list[str]:
    text = "".join(f"{line}\nx\n" for line in lines)
    findings = parse(text, Layout("x", FormatSpec.model_validate(VALUES))).findings
    return [f"{text[each.start : each.end]}: {each.message}" for each in findings]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ("1 2 3", []),
        ("7 8 9", []),
        ("1 3 4", ["3: id `3` should be `2`, one more than before"]),
        ("1 1 2", ["1: id `1` should be `2`, one more than before"]),
        ("1 9 3 4", ["9: id `9` should be `2`, one more than before"]),
        ("1 3 2 4", ["3: id `3` should be `2`, one more than before"]),
    ],
)
def test_numbers(ids: str, expected: list[str]) -> None:
    assert found(*(f"#{number} 1:00-1:00" for number in ids.split())) == expected


def test_times_go_back() -> None:
    assert found("#1 9:00-9:30", "#2 10:00-10:30", "#3 9:59-11:00") == [
        "9:59: from `9:59` is less than `10:00` of the record before"
    ]


def test_end_before_start() -> None:
    assert found("#1 9:00-8:59") == ["8:59: to `8:59` is less than from `9:00`"]


def test_records_that_changed_places_are_one_finding() -> None:
    assert found("#1 1:00-1:10", "#3 3:00-3:10", "#2 2:00-2:10", "#4 4:00-4:10") == [
        "3: id `3` should be `2`, one more than before"
    ]


def test_unknown_names_are_reported_at_the_key() -> None:
    record = {"mode": "separator", "delimiter": "%", "counts": ["number"]}
    with pytest.raises(ValueError, match="there is no section `number`") as caught:
        FormatSpec.model_validate({"record": record})
    error = caught.value.errors()[0]["ctx"]["error"]  # type: ignore[attr-defined]
    assert isinstance(error, PlacedError)
    assert error.path == ("record", "counts", 0)


def cues(*blocks: str) -> list[str]:
    """What is said of the order of subtitles; each block is a number, a time and a text."""
    text = "\n\n".join(blocks) + "\n"
    found = parse(text, Layout("srt", builtin_format("srt", ["*"]))).findings
    return [each.message for each in found if each.rule == "format/out-of-order"]


def cue(number: int | str, text: str = "hi") -> str:
    return f"{number}\n00:00:{str(number)[:1]:0>2},000 --> 00:00:09,000\n{text}"


TWICE = "\n00:00:02,000 --> 00:00:09,000\nho"
FAULTS = {
    "nearly a delimiter": f"{cue(2)}\n \n{cue(2)}",
    "no number": "00:00:02,000 --> 00:00:09,000\nhi",
    "no number that can be read": cue("2x"),
    "no time": "2\nhi",
    "prose, with another number in it": "I have 7 of them",
    "twice": cue(2) + "\n2\n00:00:02,000 --> 00:00:09,000\nho",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_record_with_a_fault_is_followed_by_the_next_number(fault: str) -> None:
    assert cues(cue(1), FAULTS[fault], cue(3), cue(4)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_order_is_checked_on_after_a_fault(fault: str) -> None:
    assert cues(cue(1), FAULTS[fault], cue(3), cue(5)) == [
        "number `5` should be `4`, one more than before"
    ]


def test_a_readable_number_of_a_record_with_a_fault_is_checked() -> None:
    assert cues(cue(1), cue(3) + TWICE, cue(4)) == [
        "number `3` should be `2`, one more than before"
    ]


def test_where_a_number_may_be_lost_the_next_is_more() -> None:
    two_in_one = cue(1) + "\n2\n00:00:02,000 --> 00:00:09,000\nho"
    assert cues(two_in_one, cue(3)) == []
    assert cues(cue(4), "hi", cue(4)) == [
        "number `4` should be `5` or more",
    ]


def test_a_time_of_a_record_with_a_fault_is_compared() -> None:
    early = "3\n00:00:02,500 --> 00:00:09,000\nhi"
    assert cues(cue(1), cue(2) + TWICE, early) == []
    early = "3\n00:00:01,500 --> 00:00:09,000\nhi"
    assert cues(cue(1), cue(2) + TWICE, early) == [
        "start `00:00:01,500` is less than `00:00:02,000` of the record before"
    ]


HEADED = {
    "record": {"mode": "separator", "delimiter": "", "first": "head", "ascends": ["at"]},
    "section": [
        {"name": "head", "delimiter": "HEAD", "required": False, "empty": "allow"},
        {
            "name": "cue",
            "delimiter": {"pattern": r"(?P<at>(?:\d\d:)?\d\d:\d\d\.\d{3})"},
            "required": False,
        },
    ],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HEAD\n\n00:01.000\nx\n", []),
        ("00:01.000\nx\n", ["00:01.000: file does not begin with section `head`"]),
        (
            "HEAD\n\n00:01.000\nx\n\nHEAD\n",
            ["HEAD: section `head` begins a file, and is in a later record"],
        ),
        ("HEAD\n\n59:59.000\nx\n\n01:00:00.000\nx\n", []),
        (
            "HEAD\n\n01:00:00.000\nx\n\n59:59.000\nx\n",
            ["59:59.000: at `59:59.000` is less than `01:00:00.000` of the record before"],
        ),
        ("", []),
    ],
)
def test_a_section_begins_the_file_and_hours_may_be_left_out(
    text: str, expected: list[str]
) -> None:
    findings = parse(text, Layout("x", FormatSpec.model_validate(HEADED))).findings
    assert [f"{text[each.start : each.end]}: {each.message}" for each in findings] == expected
