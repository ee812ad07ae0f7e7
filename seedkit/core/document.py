"""A seed file once it is cut up: records, their sections, and pieces that tile the text.

Every code point belongs to exactly one `Piece`, in order, so joining the pieces gives the text
back. Problems met on the way are `Finding`s, values like everything else; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, overload

from seedkit.core.diagnostic import Severity

WHOLE_FILE = -1  # the start of a finding that is about the file and not about a place in it


class TextEdit(NamedTuple):
    """Replace the code points from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


class TextFix(NamedTuple):
    """What fixes a finding inside one text. `safe` edits leave every section's value as it is."""

    title: str
    edits: tuple[TextEdit, ...]
    safe: bool = True


class Finding(NamedTuple):
    """What a rule says about one text. Spans are in code points; `related` are places in it."""

    rule: str
    message: str
    start: int
    end: int
    help: str | None = None
    fix: TextFix | None = None
    related: tuple[tuple[int, int, str], ...] = ()
    severity: Severity | None = None  # None: the rule's own


class Kind(StrEnum):
    """What a piece of a seed's text is."""

    BOM = "bom"
    DELIMITER = "delimiter"
    SECTION = "section"
    SPACE = "space"  # blank lines that the format treats as layout
    STRAY = "stray"  # text where the format allows none
    COMMENT = "comment"
    FINAL_NEWLINE = "final-newline"


class Piece(NamedTuple):
    """A stretch of the text and what it is; `name` is the section's or the delimiter's."""

    kind: Kind
    start: int
    end: int
    name: str = ""


class Section(NamedTuple):
    """A section of a record. `number` says which of the format's sections it is."""

    name: str
    start: int
    end: int
    number: int


class Record(NamedTuple):
    """One record: its span, the named groups of its delimiters, its sections in text order.

    `broken` records had a structural error; rules about their sections stay silent.
    """

    start: int
    end: int
    fields: Mapping[str, str]
    sections: tuple[Section, ...]
    broken: bool = False


class Pieces(Sequence[Piece]):
    """Pieces that are made when they are looked at: a text may have millions, and need none."""

    def __init__(self, make: Callable[[], Iterator[Piece]]) -> None:
        self._make = make
        self._made: tuple[Piece, ...] | None = None

    @property
    def _all(self) -> tuple[Piece, ...]:
        if self._made is None:
            self._made = tuple(self._make())
        return self._made

    def __iter__(self) -> Iterator[Piece]:
        return self._make() if self._made is None else iter(self._made)

    def __len__(self) -> int:
        return len(self._all)

    @overload
    def __getitem__(self, number: int) -> Piece: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Piece]: ...
    def __getitem__(self, number: int | slice) -> Piece | Sequence[Piece]:
        return self._all[number]


class MadeRecords(Sequence[Record]):
    """Records that are made when they are looked at, and can tell some things without that."""

    def count_sections(self) -> int:
        """Return how many sections they have together."""
        raise NotImplementedError

    def at_least(self, length: int) -> Iterator[Record]:
        """Return those that have so many characters or more."""
        raise NotImplementedError

    def has_stray(self) -> bool:
        """Tell whether there may be text in or between them that is in no section."""
        raise NotImplementedError


class Document(NamedTuple):
    """A parsed text."""

    text: str
    pieces: Sequence[Piece]
    records: Sequence[Record]
    findings: tuple[Finding, ...]

    def value(self, section: Section) -> str:
        """Return the section's text."""
        return self.text[section.start : section.end]

    def count_sections(self) -> int:
        """Return how many sections the records have together."""
        if isinstance(self.records, MadeRecords):
            return self.records.count_sections()
        return sum(len(record.sections) for record in self.records)

    def sections_of(self, length: int) -> Iterator[Section]:
        """Return the sections that have so many characters or more, in text order."""
        records = self.records
        for record in records.at_least(length) if isinstance(records, MadeRecords) else records:
            for section in record.sections:
                if section.end - section.start >= length:
                    yield section

    def sections(self) -> Iterator[Section]:
        """Return every section of every record, in text order."""
        for record in self.records:
            yield from record.sections


def render(document: Document) -> str:
    """Join the pieces: the text that was parsed, for every text."""
    return "".join(document.text[piece.start : piece.end] for piece in document.pieces)
