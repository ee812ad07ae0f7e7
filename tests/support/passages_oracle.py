"""All passages of a corpus, by looking at every substring."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

Corpus = list[list[int]]


class Passage(NamedTuple):
    """A passage as plain values; places are pairs of text and first token."""

    length: int
    occurrences: int
    period: int
    places: tuple[tuple[int, int], ...]


def brute(corpus: Corpus, t: int) -> list[Passage]:
    """Look at every substring of every text."""
    where: dict[tuple[int, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, text in enumerate(corpus):
        for start in range(len(text)):
            for stop in range(start + t, len(text) + 1):
                where[tuple(text[start:stop])].append((number, start))
    repeated = {
        (number, start, start + len(string))
        for string, places in where.items()
        if len(places) > 1
        for number, start in places
    }
    strings = {
        tuple(corpus[number][start:stop])
        for number, start, stop in repeated
        if not {(number, start - 1, stop), (number, start, stop + 1)} & repeated
    }
    found = []
    for string in strings:
        places = where[string]
        period, chosen = 0, [places[0]]
        for before, place in pairwise(places):
            if before[0] == place[0] and place[1] - before[1] < len(string):
                gap = place[1] - before[1]
                period = min(period or gap, gap)
            if chosen[-1][0] != place[0] or place[1] - chosen[-1][1] >= len(string):
                chosen.append(place)
        found.append(Passage(len(string), len(places), period, tuple(chosen)))
    return sorted(found, key=lambda each: (each.places[0], each.length))
