"""Whatever an index has too much, too little or elsewhere is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.search.engines.scan import ScanReader
from seedkit.search.index.verify import differences
from seedkit.search.model import IndexRecord

A = IndexRecord("seeds/a", 0, "en:mill en:river", "the mills | by the river", "format=tale")
B = IndexRecord("seeds/b", 0, "en:mill", "mill", "format=tale")
C = IndexRecord("seeds/b", 1, "", "", "format=tale")
RIGHT = [A, B, C]


def told(held: list[IndexRecord]) -> list[str]:
    return list(differences(ScanReader(held), RIGHT))


def test_nothing_differs() -> None:
    assert told(RIGHT) == []
    assert told(RIGHT[::-1]) == []
    assert list(differences(ScanReader([]), [])) == []


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([A, B], ["1 record missing from the index, such as record 1 of seeds/b"]),
        ([C], ["2 records missing from the index, such as seeds/a"]),
        (
            [*RIGHT, A._replace(path="seeds/c"), A._replace(path="seeds/d")],
            ["2 records in the index, and in no seed, such as seeds/c"],
        ),
        (
            [A, B._replace(stems="en:mill en:new"), C],
            ["`en:new` in `stems` is not found in the records that it stands in"],
        ),
        (
            [A, B._replace(tags=""), C],
            ["`format=tale` in `tags` is not found in the records that it stands in"],
        ),
        (
            [A, B._replace(words="lamp"), C],
            [
                "`lamp` in `words` is not found in the records that it stands in",
                "`mill` in `words` is not found in the records that it stands in",
            ],
        ),
        (
            [A._replace(words="mills the | by river the"), B, C],
            ["the words of seeds/a are not found in their order"],
        ),
    ],
)
def test_what_differs(held: list[IndexRecord], expected: list[str]) -> None:
    assert told(held) == expected


def test_progress() -> None:
    seen: list[tuple[int, int]] = []
    list(differences(ScanReader(RIGHT), RIGHT, lambda *numbers: seen.append(numbers)))
    assert [done for done, _ in seen] == [*range(1, len(seen) + 1)]
    assert {total for _, total in seen} == {len(seen)}


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(" ".join)
RECORDS = st.lists(
    st.builds(IndexRecord, st.sampled_from(["x", "y"]), st.integers(0, 1), WORDS, WORDS, WORDS),
    unique_by=lambda record: record[:2],
)


@given(RECORDS, RECORDS)
def test_only_what_has_the_same_tokens_is_equal(
    held: list[IndexRecord], right: list[IndexRecord]
) -> None:
    def tokens(records: list[IndexRecord]) -> object:
        split: Callable[[str], frozenset[str]] = lambda text: frozenset(text.split())  # noqa: E731
        return {record[:2]: tuple(map(split, record[2:])) for record in records}

    if not list(differences(ScanReader(held), right)):
        assert tokens(held) == tokens(right)
    if held == right:
        assert list(differences(ScanReader(held), right)) == []
