"""What is in a range, and in which order values come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.search.values import fits, is_negative, order, within

NUMBERS = st.builds(
    lambda number, places: f"{number:.{places}f}",
    st.decimals(-1000, 1000, places=3),
    st.integers(0, 3),
)
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))
BOUND = st.one_of(st.none(), NUMBERS)


@given(NUMBERS, BOUND, BOUND)
def test_numbers_are_compared_by_size(value: str, low: str | None, high: str | None) -> None:
    expected = (low is None or Decimal(low) <= Decimal(value)) and (
        high is None or Decimal(value) <= Decimal(high)
    )
    assert within(value, low, high) == expected


@given(DATES, DATES, st.sampled_from(("%Y", "%Y-%m", "%Y-%m-%d")), st.sampled_from("-/_"))
def test_dates_are_compared_as_far_as_the_bound_goes(
    value: date, bound: date, given_as: str, sign: str
) -> None:
    text, other = value.strftime("%Y-%m-%d").replace("-", sign), bound.strftime(given_as)
    if len(other) == 4 and not other.isdigit():
        return
    begin = value.strftime(given_as)
    assert within(text, None, other) == (begin <= other)
    assert within(text, other, None) == (begin >= other)


@pytest.mark.parametrize(
    ("value", "low", "high", "inside"),
    [
        ("2.5", "2", "10", True),
        ("10", "2", "10", True),
        ("10.01", "2", "10", False),
        ("-3", "-5", "5", True),
        ("\u22123", "-5", "5", True),
        ("-6", "-5", "5", False),
        ("007", "7", "7.0", True),
        (".5", "0", "1", True),
        ("2023-05-01", "2023", None, True),
        ("2023-12-31", None, "2023", True),
        ("2024-01-01", None, "2023", False),
        ("2023", "2023-05", None, False),  # it begins before that
        ("2023", None, "2023-05", True),
        ("2023-05-01", "2023-04-30", "2023-05-01", True),
        ("2023-5-1", "2023-05-01", "2023-05-01", True),
        ("2023-05-01t12:30", "2023-05-01", "2023-05-01", True),
        ("2023-05-01t12:30", "2023-05-01t12:31", None, False),
        ("2023.05", "2023", "2023.1", True),  # a number
        ("2023.05.01", "2023-05", "2023-05", True),
        ("2023-13-01", "2023", None, False),  # no date
        ("1.2.3", "1", None, False),  # text, and not compared with a number
        ("tides", "7", None, False),
        ("1" + "0" * 5000, "9" * 5000, None, True),
        ("2026-03-31", "2026-01", "2026-03", True),
        ("7", "1", "b", True),
        ("tides", "t", "tide", True),
        ("7", "a", None, False),  # as text
        ("", "a", None, False),
        ("anything", None, None, True),
    ],
)
def test_within(value: str, low: str | None, high: str | None, inside: bool) -> None:
    assert within(value, low, high) == inside


def test_order() -> None:
    numbers = ["-10", "-2.5", "0", "2", "10", "10.5"]
    dates = ["2023", "2023-04", "2023-04-30", "2024-01-01"]
    expected = [*numbers, *dates, "1.2.3", "a", "b"]
    shuffled = sorted(expected)
    assert shuffled != expected and sorted(shuffled, key=order) == expected


def test_what_a_bound_can_be_compared_with() -> None:
    assert fits("7", ["a", "12"]) and not fits("7", ["a", "2023-05"])
    assert fits("2023", ["2023-05"]) and not fits("2023-05", ["7", "a"])
    assert fits("a", ["b", "7"]) and not fits("a", ["7", "2023-05"])
    assert is_negative("-5") and is_negative("\u22120.5")
    assert not is_negative("5") and not is_negative("-x") and not is_negative("-5-6")


def test_a_number_of_any_length() -> None:
    assert within("9" * 10_000, "1" * 100_000, None) is False
    assert within("9" * 100_000, "1" * 100_000, None)
