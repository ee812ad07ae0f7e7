"""Words side by side: what tokens they are, and where a text has them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seedkit.search.words import is_run, pairs, strip


class Tokens(NamedTuple):
    """Tokens of `words` in a row, then one that begins with `tail`, if that is not empty.

    `sure` says whether the row alone tells that such a one follows.
    """

    row: tuple[str, ...]
    tail: str
    sure: bool

    @property
    def length(self) -> int:
        """How many tokens of a text they stand for."""
        return len(self.row) + bool(self.tail)


def tokens_of(words: Sequence[str], *, prefix: bool = False) -> Tokens:
    """Return the tokens of folded words; with `prefix`, the last one may go on.

    A run of characters may always go on: its last character is looked for as the beginning of a
    token, which the pair before, if there is one, says already.
    """
    row: list[str] = []
    for word in words[:-1]:
        row += pairs(strip(word)) if is_run(word) else [strip(word)]
    last = strip(words[-1])
    if is_run(words[-1]):
        return Tokens((*row, *pairs(last)[:-1]), last[-1], sure=len(last) > 1)
    return Tokens(tuple(row), last, False) if prefix else Tokens((*row, last), "", True)


def starts(tokens: Tokens, text: str) -> Iterator[int]:
    """Return at which tokens of a text the tokens stand.

    `text` is the text's tokens with one space before each and after the last.
    """
    wanted = " ".join(("", *tokens.row, tokens.tail))
    at, seen, number = text.find(wanted), 0, 0
    while at >= 0:
        number += text.count(" ", seen, at)
        seen = at
        yield number
        at = text.find(wanted, at + 1)


def windows(words: Sequence[str], distance: int, text: str) -> Iterator[int]:
    """Return tokens of a text where the words stand in any order, near each other.

    Between the first and the last are at most `distance` tokens of other words. A word that is
    given twice has to stand there twice. The text is as for `starts`.
    """
    wanted = [(tokens_of((word,)), count) for word, count in Counter(words).items()]
    places = [list(starts(tokens, text)) for tokens, _ in wanted]
    widest = distance + sum(tokens.length * count for tokens, count in wanted)
    for left in sorted({place for each in places for place in each}):
        chosen: list[tuple[int, int]] = []  # of each word the first tokens from here on
        for (tokens, count), each in zip(wanted, places, strict=True):
            at = bisect_left(each, left)
            if at + count > len(each):
                return
            chosen += ((place, place + tokens.length) for place in each[at : at + count])
        if max(end for _, end in chosen) - left <= widest:
            yield from (number for start, end in chosen for number in range(start, end))
