"""A seed file once it is cut up: records, their sections, and pieces that tile the text.

Every code point belongs to exactly one `Piece`, in order, so joining the pieces gives the text
back. Problems met on the way are `Finding`s, values like everything else; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

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


class Document(NamedTuple):
    """A parsed text."""

    text: str
    pieces: tuple[Piece, ...]
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]

    def value(self, section: Section) -> str:
        """Return the section's text."""
        return self.text[section.start : section.end]

    def sections(self) -> Iterator[Section]:
        """Return every section of every record, in text order."""
        for record in self.records:
            yield from record.sections


def render(document: Document) -> str:
    """Join the pieces: the text that was parsed, for every text."""
    return "".join(document.text[piece.start : piece.end] for piece in document.pieces)
