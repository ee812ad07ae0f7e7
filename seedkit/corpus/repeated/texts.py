"""The texts of seeds that repeat something, read again for its tokens and places."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from seedkit.core.diagnostic import Place, Position
from seedkit.core.errors import SeedkitError
from seedkit.core.rules import REPEAT_REPEATED_SECTION
from seedkit.core.text import LineIndex
from seedkit.corpus.facts import has_finding, skipped_of
from seedkit.repeats.arrays import Bounds, Hashes, Offsets
from seedkit.repeats.fold import tokenize

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace
    from seedkit.store.database import Row


class Texts:
    """The texts of some seeds, by their numbers.

    Seeds are read as their `hashes` are asked for; all else is asked of such seeds only. Offsets in
    code points are the same in a seed's text as it is and as it is compared. `changed` is set once
    a seed was read that is not what its row says.
    """

    def __init__(self, workspace: Workspace, paths: Sequence[str]) -> None:
        self.changed = False
        self._workspace = workspace
        self._paths = paths
        self._originals: dict[int, str] = {}
        self._texts: dict[int, str] = {}
        self._edges: dict[int, tuple[Offsets, Offsets]] = {}  # where tokens start and end
        self._indexes: dict[int, LineIndex] = {}

    def hashes(self, numbers: Sequence[int]) -> tuple[Hashes, Bounds]:
        """Return the token hashes of some seeds, one after the other, and their bounds."""
        self._read([number for number in numbers if number not in self._texts])
        tokens = tokenize([self._texts[number] for number in numbers], characters=True)
        for number, (first, last) in zip(numbers, pairwise(tokens.bounds.tolist()), strict=True):
            self._edges[number] = tokens.starts[first:last], tokens.ends[first:last]
        return tokens.hashes, tokens.bounds

    def span(self, number: int, first: int, count: int) -> tuple[int, int]:
        """Return where `count` tokens from the first-th on stand in the seed, in code points."""
        starts, ends = self._edges[number]
        return int(starts[first]), int(ends[first + count - 1])

    def place(self, number: int, first: int, count: int) -> Place:
        """Return the place of those tokens, with lines and columns."""
        start, end = self.span(number, first, count)
        index = self._indexes.get(number)
        if index is None:
            index = self._indexes[number] = LineIndex(self._originals[number])
        path = self._paths[number]
        return Place(path, Position(*index.position(start)), Position(*index.position(end)))

    def cut(self, number: int, first: int, count: int) -> str:
        """Return the text there, with whatever stands between those tokens."""
        start, end = self.span(number, first, count)
        return self._originals[number][start:end]

    def words(self, number: int, first: int, count: int) -> str:
        """Return the text that is compared there, without regard to case and white space."""
        start, end = self.span(number, first, count)
        return " ".join(self._texts[number][start:end].casefold().split())

    def _read(self, numbers: Sequence[int]) -> None:
        rows = self._workspace.rows_of([self._paths[number] for number in numbers])
        for number in numbers:
            row = rows[self._paths[number]]
            self._originals[number] = text = self._original(row)
            self._texts[number] = self._compared(row, text)

    def _original(self, row: Row) -> str:
        try:
            data = self._workspace.source.read(row.path)
        except (OSError, SeedkitError):
            self.changed = True
            return ""
        if hashlib.sha256(data).digest() != row.digest:
            self.changed = True
        return data.decode(self._workspace.encoding_of(row.path), "surrogateescape")

    def _compared(self, row: Row, text: str) -> str:
        if skipped_of(row.rest) is not None:
            return ""
        if not row.format:
            return text
        layout = self._workspace.layout(row.format)
        has_repeated = has_finding(row.rest, REPEAT_REPEATED_SECTION)
        if layout.compares_all and not has_repeated:
            return text
        from seedkit.formats.parser import parse_damaged
        from seedkit.rules.repeat import check_repeated_section, comparable

        document = parse_damaged(text, layout)
        tokens = self._workspace.settings.config.passage_tokens
        repeated = check_repeated_section(document, layout, tokens) if has_repeated else []
        return comparable(document, layout, repeated)
