"""Where two texts differ and what they share, word by word: what a person looks for in repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice, pairwise
from typing import NamedTuple

from seedkit.core.letters import fold, word_spans

_WINDOW = 600  # tokens of each text that are compared at once: the matcher's time is their square
_MOST_TOKENS = 20_000  # of each text, in which the longest shared passage is looked for
_RUN = 3  # tokens, as in the 3-grams that make seeds alike

Span = tuple[int, int]


class Difference(NamedTuple):
    """A stretch of each text that the other does not have, in code points; one may be empty."""

    a: Span
    b: Span


class _Words(NamedTuple):
    """The words of a text, without regard to case, and where they stand."""

    words: Sequence[str]
    spans: Sequence[Span]

    def span(self, start: int, stop: int) -> Span:
        """Return where the words from `start` to `stop` stand; of none, the end of the one before,
        or the start of the text's first."""
        if start < stop:
            return self.spans[start][0], self.spans[stop - 1][1]
        at = self.spans[start - 1][1] if start else (self.spans[0][0] if self.spans else 0)
        return at, at


def differences(a: str, b: str) -> Iterator[Difference]:
    """Return where the texts differ, in order, as they are asked for.

    Texts are compared window by window, so that the first differences of texts of any length are
    there at once.
    """
    first, second = _words(a), _words(b)
    i = j = 0
    size = _WINDOW
    while i < len(first.words) or j < len(second.words):
        if first.words[i : i + 1] == second.words[j : j + 1]:
            i, j = i + 1, j + 1
            continue
        left, right = first.words[i : i + size], second.words[j : j + size]
        matcher = SequenceMatcher(None, left, right, autojunk=False)
        blocks = [block for block in matcher.get_matching_blocks() if block.size]
        whole = i + len(left) == len(first.words) and j + len(right) == len(second.words)
        if not whole and not blocks and size < 8 * _WINDOW:
            size *= 2  # a long insertion, perhaps
            continue
        stop = len(left), len(right)
        if not whole and blocks:
            stop = blocks[-1].a, blocks[-1].b  # what is behind may yet match better
        edges = [(0, 0, 0), *blocks, (*stop, 0)]
        for (p, q, length), (r, s, _) in pairwise(edges):
            if p + length < r or q + length < s:
                yield Difference(
                    first.span(i + p + length, i + r), second.span(j + q + length, j + s)
                )
        i, j, size = i + stop[0], j + stop[1], _WINDOW


def longest_shared(a: str, b: str) -> tuple[int, Span, Span] | None:
    """Return the longest run of words that both texts have: how many, and where in each.

    None if there is none of three words, or a text is too long to look.
    """
    first, second = _words(a), _words(b)
    if max(len(first.words), len(second.words)) > _MOST_TOKENS:
        return None
    runs = [
        list(zip(*(islice(text.words, at, None) for at in range(_RUN)), strict=False))
        for text in (first, second)
    ]
    i, j, size = SequenceMatcher(None, runs[0], runs[1]).find_longest_match()
    if not size:
        return None
    size += _RUN - 1
    return size, first.span(i, i + size), second.span(j, j + size)


def _words(text: str) -> _Words:
    spans = word_spans(text, characters=True)
    return _Words([fold(text[start:end]) for start, end in spans], spans)
