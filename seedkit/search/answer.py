"""What a search gives back: hits with their places and snippets. Values only."""

from __future__ import annotations

from typing import NamedTuple


class Snippet(NamedTuple):
    """A line of a seed, or the part of a long one round what was found.

    `line` and `column` are where `text` begins, from 1 in characters. `highlights` are spans of
    `text`. `cut` tells whether the line goes on before it, and after it.
    """

    section: str
    line: int
    column: int
    text: str
    highlights: tuple[tuple[int, int], ...] = ()
    cut: tuple[bool, bool] = (False, False)

    @property
    def place(self) -> tuple[int, int]:
        """Line and column of the first highlight, or of the text if there is none."""
        return self.line, self.column + (self.highlights[0][0] if self.highlights else 0)


class Part(NamedTuple):
    """What one word, phrase or other part of a query adds to the score of a hit."""

    what: str
    score: float


class Hit(NamedTuple):
    """One record of a seed.

    `record` counts from 0. `line` and `column` are those of what the first snippet shows.
    `sections` are those that something was found in. `repeats` are seeds that repeat this one and
    are hits too. `parts` are there if they were asked for.
    """

    path: str
    record: int
    line: int
    column: int
    score: float
    title: str
    sections: tuple[str, ...]
    snippets: tuple[Snippet, ...]
    repeats: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


class Suggestion(NamedTuple):
    """A query like the one that found nothing, and how many hits it has."""

    query: str
    hits: int


class Answer(NamedTuple):
    """What a query found.

    `total` counts records, those folded under others too; `hits` are the first of them, `rest` how
    many come after those. `fresh` is False if the seeds may have changed since they were indexed.
    `notes` say how the query was understood. `missing` are the parts of it that no record has, if
    there are no hits. `understood` is the query as it was read. `facets` count hits by value, for
    each field.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    rest: int
    engine: str
    fresh: bool = True
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    suggestion: Suggestion | None = None
    understood: str = ""
    facets: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
