"""Numbers that count up and times that ascend, from record to record and within one."""

from __future__ import annotations

import pytest

from seedkit.formats.consistency import PlacedError
from seedkit.formats.layout import Layout
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
