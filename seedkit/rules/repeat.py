"""Rules about text that occurs more than once, within a seed or in several.

`RepeatedSection` looks at one seed; the others are found by `repeats` from the fingerprints of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedkit.core.document import Document, Finding, Kind, Section
from seedkit.core.letters import LETTERS, fold, word_spans
from seedkit.core.rules import REPEAT_REPEATED_SECTION
from seedkit.formats.prose import Prose
from seedkit.formats.rows import TableRows

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout

# ASCII to words in lower case, with a space for whatever separates.
_LOWER = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)
) + bytes(range(128, 256))
_SEPARATORS = bytes(code for code in range(128) if not chr(code).isalnum())


def check_repeated_section(
    document: Document, layout: Layout, passage_tokens: int
) -> list[Finding]:
    """Report sections of `passage_tokens` words or more that equal an earlier one, folded."""
    candidates = _alike(document, layout, passage_tokens)
    if not candidates:
        return []
    findings: list[Finding] = []
    first: dict[str, tuple[int, int, str]] = {}
    for section in candidates:
        value = document.value(section)
        words = _words(value)
        if len(words) < passage_tokens and len("".join(words)) < 4 * passage_tokens:
            continue
        start, end, name = first.setdefault(
            " ".join(words), (section.start, section.end, section.name)
        )
        if start == section.start:
            continue
        where = f"`{name}`" if name != section.name else "an earlier one"
        findings.append(
            REPEAT_REPEATED_SECTION.finding(
                f"section `{section.name}` repeats {where}",
                section.start,
                section.end,
                help=f'if it should, declare it: `same_as = "{name}"`, or `repeats = false`',
                related=((start, end, f"`{name}` here"),),
            )
        )
    return findings


def _words(value: str) -> list[str]:
    """The words of a text, folded."""
    if value.isascii():
        return value.encode().translate(_LOWER).decode().split()
    return [fold(value[first:last]) for first, last in word_spans(value)]


def _letters(value: str) -> bytes:
    """Return the letters of a text: the same for all texts of the same words, and fast."""
    if not value.isascii():
        value = value.translate(LETTERS)
    return value.encode("utf-8", "surrogatepass").translate(_LOWER, _SEPARATORS)


def _alike(document: Document, layout: Layout, passage_tokens: int) -> list[Section]:
    """Return sections that are long enough and have the same letters as another: few.

    Data with declared fields is no text: what repeats in it are passages.
    """
    if layout.compares_records:
        return []  # what repeats within a record is a passage
    if layout.dialect is not None and not layout.sections:
        return []  # of a table whose columns nobody has declared, values are often alike
    # So many words take as many characters, or twice as many where spaces part them.
    least = 2 * passage_tokens - 1 if document.text.isascii() else passage_tokens
    long = [each for each in document.sections_of(least) if each.name in layout.prose]
    if len(long) < 2:
        return []
    found: dict[int, list[Section]] = {}  # by a hash, for there may be millions
    for section in long:
        found.setdefault(hash(_letters(document.value(section))), []).append(section)
    return [section for same in found.values() if len(same) > 1 for section in same]


def comparable(document: Document, layout: Layout, repeated: list[Finding]) -> str:
    """Return the seed's text with all that is not compared as newlines, so that offsets stay.

    Left out are delimiters, comments, sections declared as copies or as not to be compared, and
    those that `repeated` has reported. It is empty if records are compared instead.
    """
    if layout.compares_records:
        return ""
    if isinstance(document.records, TableRows) and not repeated:
        return document.records.only(layout.compared)
    if layout.compares_all and not repeated:
        return document.text
    left_out = {finding.start for finding in repeated}
    parts = []
    prose = prose_of(layout)
    for piece in document.pieces:
        text = document.text[piece.start : piece.end]
        if prose and piece.kind is Kind.SECTION and piece.name in prose:
            kept = piece.name in layout.compared and piece.start not in left_out
            parts.append(prose[piece.name].readable(text) if kept else "\n" * len(text))
            continue
        kept = piece.kind is Kind.STRAY or (
            piece.kind is Kind.SECTION
            and piece.name in layout.compared
            and piece.start not in left_out
        )
        parts.append(text if kept else "\n" * len(text))
    return "".join(parts)


def prose_of(layout: Layout) -> dict[str, Prose]:
    """Return, for each section with declared fields, what finds the prose in it."""
    if not layout.has_fields:
        return {}
    return {section.name: Prose(section) for section in layout.sections if section.field}
