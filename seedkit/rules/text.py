"""Rules about the text as a whole: encoding, newlines, characters that can't be seen.

Each reports at most once a file, at the first place, with the number of places: a file saved by
the wrong editor is one cause, not ten thousand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from seedkit.core.diagnostic import Severity
from seedkit.core.document import WHOLE_FILE, Document, Finding, Kind, TextEdit, TextFix
from seedkit.core.rules import (
    TEXT_BIDI_CONTROL,
    TEXT_BOM,
    TEXT_CONFLICT_MARKER,
    TEXT_CONTROL_CHARACTER,
    TEXT_EMPTY,
    TEXT_INVALID_ENCODING,
    TEXT_INVALID_UTF8,
    TEXT_INVISIBLE_CHARACTER,
    TEXT_LINE_SEPARATOR,
    TEXT_MISSING_FINAL_NEWLINE,
    TEXT_MIXED_NEWLINES,
    TEXT_NOT_NFC,
    TEXT_REPLACEMENT_CHARACTER,
    TEXT_TOO_LARGE,
    TEXT_TRAILING_WHITESPACE,
    TEXT_UNWANTED_FINAL_NEWLINE,
    TEXT_WRONG_NEWLINE,
)
from seedkit.core.text import find_conflicts, line_spans, line_start, plural
from seedkit.formats.newlines import STRAY_CR, quoted_cells
from seedkit.rules.blanks import has_trailing, near_lines, trailing_blanks, without_last_lines
from seedkit.rules.characters import (
    BIDI,
    CONTROL,
    NEWLINE_NAMES,
    PASSING,
    SEPARATOR,
    count_newlines,
    first_of,
    invisible,
    looks_like,
    newline_finding,
    points,
    stray_carriage_returns,
    times,
    usual_newline,
    utf16_remedy,
    wanted_newline,
    without_controls,
)

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout
    from seedkit.formats.newlines import Span
    from seedkit.formats.spec import FileSpec


class TextSeed:
    """What a text check is given: a decoded seed, parsed, and what its format wants of it."""

    def __init__(self, path: str, document: Document, layout: Layout) -> None:
        self.path = path
        self.document = document
        self.layout = layout
        self.text = document.text
        self.spec = layout.spec.file
        # Whether every character but the line feeds is one that `str.isprintable` takes.
        self.is_printable = self.text.replace("\n", "").isprintable()

    @cached_property
    def quoted(self) -> Sequence[Span]:
        """The quoted cells: newlines in them are content."""
        return quoted_cells(self.document, self.layout)


# Most texts need few checks: each tells fast that it has nothing to report.
TextCheck = Callable[[TextSeed], Finding | None]


def check_size(size: int, spec: FileSpec, *, compressed: bool = False) -> Finding | None:
    """Report a file of more than `max_bytes` bytes; a `compressed` one holds `size` at least."""
    if size <= spec.max_bytes:
        return None
    most, has = spec.max_bytes, f"has {size:,} bytes"
    if compressed:
        has = f"holds more than {most:,} bytes"
    message = f"file {has}, at most {most:,} are allowed; it was not parsed"
    return TEXT_TOO_LARGE.finding(message, WHOLE_FILE, WHOLE_FILE)


def check_encoding(text: str, encoding: str, *, binary: bool = False) -> Finding:
    """Report undecodable bytes, which `text` has as `surrogateescape` keeps them."""
    rule, name = TEXT_INVALID_ENCODING, encoding
    if encoding == "utf-8":
        rule, name = TEXT_INVALID_UTF8, "UTF-8"
    first = _UNDECODABLE.search(text)
    assert first is not None  # strict decoding failed
    count = sum(len(run[0]) for run in _UNDECODABLE.finditer(text))
    shown = " ".join(f"{ord(char) - 0xDC00:02x}" for char in first[0][:4])
    more = "" if count == len(first[0]) else f", and {plural(count - len(first[0]), 'more byte')}"
    what = "byte" if len(first[0]) == 1 else "bytes"
    dots = " …" if len(first[0]) > 4 else ""
    message = f"{what} `{shown}{dots}` can't be {name}{more}"
    message += "; the file was not checked any further" if binary else ""
    return rule.finding(message, *first.span(), help=looks_like(text, name))


_UNDECODABLE = re.compile("[\udc80-\udcff]+")


def check_conflict_marker(seed: TextSeed) -> Finding | None:
    """Report the first conflict, with its separator and its end."""
    conflicts = list(find_conflicts(seed.text))
    if not conflicts:
        return None
    first = conflicts[0]
    related = (
        (*first.separator, "the other version begins here"),
        (first.last_start, first.end, "the conflict ends here"),
    )
    message = f"merge conflict that git left{times(len(conflicts))}"
    remedy = "keep one version, or both, and remove the lines with the markers"
    span = first.start, first.first_end
    return TEXT_CONFLICT_MARKER.finding(message, *span, remedy, related=related)


def check_empty(seed: TextSeed) -> Finding | None:
    """Report a file without any character that is not white space."""
    body = seed.text.lstrip("\ufeff")
    if body and not body.isspace():
        return None
    what = "file has only white space" if body else "file is empty"
    return TEXT_EMPTY.finding(what, WHOLE_FILE, WHOLE_FILE)


def check_missing_final_newline(seed: TextSeed) -> Finding | None:
    """Report a text that does not end with a newline."""
    if seed.spec.final_newline != "require" or seed.text.endswith(("\n", "\r")) or not seed.text:
        return None
    end = len(seed.text)
    wanted, has = wanted_newline(seed.spec), count_newlines(seed.text, ())
    newline = wanted or ("\r" if not has and "\r" in seed.text else usual_newline(has))
    fix = TextFix("add a newline", (TextEdit(end, end, newline),))
    message = "no newline at the end of the file"
    return TEXT_MISSING_FINAL_NEWLINE.finding(message, end, end, fix=fix)


def check_unwanted_final_newline(seed: TextSeed) -> Finding | None:
    """Report the newlines that end the text."""
    if seed.spec.final_newline != "forbid" or not seed.text.endswith(("\n", "\r")):
        return None
    start = len(seed.text.rstrip("\r\n"))
    safe = STRAY_CR.search(seed.text, start) is None  # a CR may be content
    fix = TextFix("remove the newline", (TextEdit(start, len(seed.text), ""),), safe)
    message = "newline at the end of the file"
    return TEXT_UNWANTED_FINAL_NEWLINE.finding(message, start, len(seed.text), fix=fix)


def check_trailing_whitespace(seed: TextSeed) -> Finding | None:
    """Report the first line that ends with a space or tab."""
    if not has_trailing(seed.text) or seed.spec.trailing_whitespace == "allow":
        return None
    spans = trailing_blanks(seed.path, seed.document, seed.layout)
    if not spans:
        return None
    edits = [TextEdit(start, end, "") for start, end in spans]
    more = "" if len(edits) == 1 else f", and on {plural(len(edits) - 1, 'more line')}"
    start, end, _ = edits[0]
    if seed.spec.final_newline == "forbid":
        edits = without_last_lines(seed.text, edits)
    fix = TextFix("remove trailing white space", tuple(edits), safe=False)
    return TEXT_TRAILING_WHITESPACE.finding(f"trailing white space{more}", start, end, fix=fix)


def check_mixed_newlines(seed: TextSeed) -> Finding | None:
    """Report the first line end that is not like most, or not as declared."""
    if "\r" not in seed.text:
        return None
    counts = count_newlines(seed.text, seed.quoted)
    if len(counts) < 2:
        return None
    wanted = wanted_newline(seed.spec) or usual_newline(counts)
    listed = " and ".join(f"{counts[n]:,} {NEWLINE_NAMES[n]}" for n in sorted(counts))
    message = f"newlines are mixed: {listed}"
    return newline_finding(
        TEXT_MIXED_NEWLINES, message, seed.document, seed.layout, seed.quoted, wanted
    )


def check_wrong_newline(seed: TextSeed) -> Finding | None:
    """Report a file whose newlines are all of one kind, and not the declared one."""
    text, wanted = seed.text, wanted_newline(seed.spec)
    if wanted is None or (wanted == "\n" and "\r" not in text):
        return None
    if "\r" in text and "\n" not in text:
        message = f"lines end with CR, {NEWLINE_NAMES[wanted]} is required"
        start, last = text.index("\r"), text.rindex("\r") + 1
        edits = (TextEdit(start, last, text[start:last].replace("\r", wanted)),)
        fix = TextFix(f"end lines with {NEWLINE_NAMES[wanted]}", edits, safe=False)
        return TEXT_WRONG_NEWLINE.finding(message, start, start + 1, fix=fix)
    counts = count_newlines(text, seed.quoted)
    if len(counts) != 1 or wanted in counts:
        return None
    found = NEWLINE_NAMES[next(iter(counts))]
    message = f"lines end with {found}, {NEWLINE_NAMES[wanted]} is required"
    return newline_finding(
        TEXT_WRONG_NEWLINE, message, seed.document, seed.layout, seed.quoted, wanted
    )


def check_stray_carriage_return(seed: TextSeed) -> Finding | None:
    """Report the first CR that is not one of CRLF, unless no line ends otherwise."""
    return stray_carriage_returns(seed.text, seed.spec) if "\r" in seed.text else None


def check_bom(seed: TextSeed) -> Finding | None:
    """Report U+FEFF as the first character; a tool that adds one may have run twice."""
    count = len(seed.text) - len(seed.text.lstrip("\ufeff"))
    if count <= (seed.spec.bom == "allow"):
        return None
    one = count == 1
    title = "remove the byte order mark" if one else "remove the byte order marks"
    what = "a byte order mark" if one else f"{count:,} byte order marks"
    fix = TextFix(title, (TextEdit(0, count, ""),))
    return TEXT_BOM.finding(f"file starts with {what}", 0, count, fix=fix)


def check_control_character(seed: TextSeed) -> Finding | None:
    """Report C0 and C1 controls other than tab and newlines, and noncharacters."""
    if seed.is_printable:
        return None
    text = without_controls(seed.text, seed.spec.controls)
    found = first_of(TEXT_CONTROL_CHARACTER, CONTROL, text, "control character")
    return found and found._replace(help=utf16_remedy(seed.text, seed.spec.encoding))


def check_bidi_control(seed: TextSeed) -> Finding | None:
    """Report the first; as an error where any stands in a delimiter."""
    if seed.is_printable or seed.text.isascii():
        return None
    found = first_of(TEXT_BIDI_CONTROL, BIDI, seed.text, "bidirectional control")
    at = None if found is None else _in_delimiter(seed, BIDI)
    if found is None or at is None:
        return found
    what = f"bidirectional control {points(seed.text[at])}"
    message = f"{what}, in a delimiter{times(len(BIDI.findall(seed.text)))}"
    return found._replace(start=at, end=at + 1, message=message, severity=Severity.ERROR)


def check_line_separator(seed: TextSeed) -> Finding | None:
    """Report the first U+2028 or U+2029."""
    if seed.is_printable:
        return None
    return first_of(TEXT_LINE_SEPARATOR, SEPARATOR, seed.text, "separator")


def check_invisible_character(seed: TextSeed) -> Finding | None:
    """Report invisible characters, but those that the script around them spells with."""
    text = seed.text
    if text.isascii() or (seed.is_printable and not PASSING.search(text)):
        return None
    start = len(text) - len(text.lstrip("\ufeff"))
    near = near_lines(seed.document)
    found = [
        span for span in invisible(text, start) if not near or line_start(text, span[0]) not in near
    ]
    if not found:
        return None
    a, b = found[0]
    message = f"invisible character {points(text[a])}{times(len(found))}"
    return TEXT_INVISIBLE_CHARACTER.finding(message, a, b)


def check_replacement_character(seed: TextSeed) -> Finding | None:
    """Report the first U+FFFD."""
    at = seed.text.find("\ufffd")
    if at < 0:
        return None
    count = times(seed.text.count("\ufffd"))
    message = f"replacement character U+FFFD: text was lost in a conversion{count}"
    return TEXT_REPLACEMENT_CHARACTER.finding(message, at, at + 1)


def check_not_nfc(seed: TextSeed) -> Finding | None:
    """Report the first sequence that NFC writes differently."""
    text = seed.text
    if seed.spec.normalization != "nfc" or unicodedata.is_normalized("NFC", text):
        return None
    lines = _unnormalized_lines(text)
    if not lines:
        return None
    a, b = _unnormalized(text, *lines[0])
    more = "" if len(lines) == 1 else f", and on {plural(len(lines) - 1, 'more line')}"
    found, wanted = points(text[a:b]), points(unicodedata.normalize("NFC", text[a:b]))
    edits = [TextEdit(*at, unicodedata.normalize("NFC", text[slice(*at)])) for at in lines]
    fix = TextFix("normalize to NFC", tuple(edits), safe=False)
    message = f"text is not in NFC: {found} should be {wanted}{more}"
    return TEXT_NOT_NFC.finding(message, a, b, fix=fix)


CHECKS: Final[Sequence[TextCheck]] = (
    check_missing_final_newline,
    check_unwanted_final_newline,
    check_trailing_whitespace,
    check_mixed_newlines,
    check_wrong_newline,
    check_stray_carriage_return,
    check_bom,
    check_control_character,
    check_bidi_control,
    check_line_separator,
    check_invisible_character,
    check_replacement_character,
    check_not_nfc,
)


def check_text(seed: TextSeed) -> Iterator[Finding]:
    """Report what is wrong with a text as a whole, conflicts aside: they come before."""
    empty = check_empty(seed)
    if empty is not None:  # then nothing more can be said of it
        yield empty
        return
    for check in CHECKS:
        found = check(seed)
        if found is not None:
            yield found


def _in_delimiter(seed: TextSeed, pattern: re.Pattern[str]) -> int | None:
    for piece in seed.document.pieces:
        if piece.kind is Kind.DELIMITER:
            match = pattern.search(seed.text, piece.start, piece.end)
            if match:
                return match.start()
    return None


def _unnormalized_lines(text: str) -> list[tuple[int, int]]:
    """Return the spans of the lines that are not in NFC, without byte order marks."""
    starts, ends = line_spans(text)
    starts[0] = min(len(text) - len(text.lstrip("\ufeff")), ends[0])
    return [
        (a, b)
        for a, b in zip(starts, ends, strict=True)
        if not unicodedata.is_normalized("NFC", text[a:b])
    ]


def _unnormalized(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the smallest stretch, between two base characters, whose NFC is that of the line.

    Widening goes on while one more base would still change what came before it: Hangul jamo.
    """
    bases = [i for i in range(start, end) if not unicodedata.combining(text[i])]
    bases = sorted({start, *bases})
    bases.append(end)
    for at, last in enumerate(bases):
        for first in reversed(bases[max(0, at - 3) : at]):
            if not unicodedata.is_normalized("NFC", text[first:last]):
                return first, _settled(text, first, bases, at)
    return start, end


def _settled(text: str, first: int, bases: list[int], at: int) -> int:
    """Where the stretch that begins at `first` composes no further."""
    while at + 1 < len(bases):
        now = unicodedata.normalize("NFC", text[first : bases[at]])
        wider = unicodedata.normalize("NFC", text[first : bases[at + 1]])
        if wider.startswith(now):
            break
        at += 1
    return bases[at]
