"""Finds and names invisible characters; counts newlines and makes the fix that unifies them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.core.document import Document, Finding, TextEdit, TextFix
from seedkit.core.patterns import compile_pattern
from seedkit.core.rules import TEXT_STRAY_CARRIAGE_RETURN, Rule
from seedkit.core.text import BIDI_CONTROLS
from seedkit.formats.newlines import (
    LAYOUT_NEWLINE,
    STRAY_CR,
    Span,
    perhaps_quoted,
    replace_newlines,
    unquoted,
)

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout
    from seedkit.formats.spec import FileSpec


# C0 and C1 controls but for tab, LF and CR; noncharacters of the BMP.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
BIDI = re.compile(f"[{''.join(sorted(BIDI_CONTROLS))}]")
SEPARATOR = re.compile("[\u2028\u2029]")

# Default-ignorable code points, but those that are always spelling, as variation selectors are.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0001]"
    # Tags: of a flag (UTS #51, emoji tag sequence), or hidden.
    "|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f|[\U000e0020-\U000e007f]"
)
# Scripts whose letters join, or form clusters: what a joiner next to one of them changes is seen.
_JOINING = re.compile(
    "[\u0590-\u109f\u1700-\u18af\u1900-\u1cff\ua800-\ua95f\ua980-\uabff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f\U0001ee00-\U0001eeff]"
)
# Scripts that write no spaces between words, so that some texts say where a line may be broken:
# Thai, Lao, Tibetan, Burmese, Khmer, Tai Le, New Tai Lue, Tai Tham, Balinese, Javanese, Cham.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff"
    "\uaa00-\uaa7f\uaa80-\uaadf]"
)
_MONGOLIAN = re.compile("[\u1800-\u18af]")
_JAMO = re.compile("[\u1100-\u115e\u1161-\u11ff]")
# Invisible characters that `str.isprintable` takes for letters and marks.
PASSING = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")


def first_of(rule: Rule, pattern: re.Pattern[str], text: str, what: str) -> Finding | None:
    """Report the first match in the text, and how many more there are."""
    match = pattern.search(text)
    if match is None:
        return None
    count = 1 + sum(1 for _ in pattern.finditer(text, match.end()))
    return rule.finding(f"{what} {points(match[0])}{times(count)}", *match.span())


def points(text: str) -> str:
    """Return the names of the first few characters: `U+200B (ZERO WIDTH SPACE)`."""
    shown = text[:3]
    names = []
    for char in shown:
        name = _CONTROL_NAMES.get(ord(char)) or unicodedata.name(char, "")
        names.append(f"U+{ord(char):04X}" + (f" ({name})" if name and len(text) == 1 else ""))
    return " ".join(names) + (" …" if len(text) > 3 else "")


_CONTROL_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BACKSPACE", 0x0B: "VERTICAL TAB",
                  0x0C: "FORM FEED", 0x1B: "ESCAPE", 0x7F: "DELETE", 0x85: "NEXT LINE"}  # fmt: skip


def times(count: int) -> str:
    """Return the end of a message about the first of so many places."""
    return "" if count == 1 else f", and {count - 1:,} more"


def invisible(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Return the spans of invisible characters from `start` on that no script needs there."""
    for match in _INVISIBLE.finditer(text, start):
        a, b = match.span()
        before = text[a - 1] if a > start else ""
        if b - a == 1 and not _is_spelling(text[a], before, text[b : b + 1]):
            yield a, b


def utf16_remedy(text: str, encoding: str) -> str | None:
    """Return what to do with a file that looks like UTF-16, None if this one does not."""
    head = text[:400].encode(encoding, "surrogateescape")
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        zeros = head.count(0)
        odd = head[1::2].count(0)
        if zeros * 4 < len(head) or 10 * max(odd, zeros - odd) < 9 * zeros or zeros < 2:
            return None
    return (
        f"the file looks like UTF-16: convert it to {encoding.upper()}, and remove "
        "`working-tree-encoding` from .gitattributes if it is there"
    )


def looks_like(text: str, encoding: str) -> str:
    """Return what to do with an undecodable file: what it seems to be, where that is known."""
    utf16 = utf16_remedy(text, encoding)
    if utf16:
        return utf16
    if "\x00" in text:
        return "the file looks binary: remove it, or add it to `exclude`"
    return f"convert the file to {encoding}, or declare its `encoding` in the format"


def _is_spelling(char: str, before: str, after: str) -> bool:
    """Tell whether the character is part of how its neighbours are written."""
    if char in "\u200c\u200d":
        if _JOINING.match(before) or _JOINING.match(after):
            return True
        return not (before or "a").isascii() and not (after or "a").isascii()  # emoji
    if char in "\u200b\u2060":
        return bool(_UNSPACED.match(before) or _UNSPACED.match(after))
    if char == "\u034f":
        return any(each and unicodedata.combining(each) for each in (before, after))
    if char == "\u180e":
        return bool(_MONGOLIAN.match(before) or _MONGOLIAN.match(after))
    if char in "\u115f\u1160":
        return bool(_JAMO.match(before) or _JAMO.match(after))
    return False


def without_controls(text: str, meant: str | None) -> str:
    """Return the text with spaces for the control characters that the pattern `meant` allows."""
    if meant is None:
        return text
    pattern = compile_pattern(meant)
    found = {char for char in CONTROL.findall(text) if pattern.fullmatch(char)}
    return text.translate(dict.fromkeys(map(ord, found), " "))


NEWLINE_NAMES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


def count_newlines(text: str, quoted: Sequence[Span]) -> dict[str, int]:
    """Return how many LF and CRLF there are as layout, outside of the quoted spans."""
    if quoted or STRAY_CR.search(text):
        return Counter(
            match[0]
            for start, end in unquoted(text, quoted)
            for match in LAYOUT_NEWLINE.finditer(text, start, end)
        )
    crlf = text.count("\r\n")
    counts = {"\n": text.count("\n") - crlf, "\r\n": crlf}
    return {newline: count for newline, count in counts.items() if count}


def usual_newline(counts: Mapping[str, int], default: str = "\n") -> str:
    """Return the newline that most lines have."""
    return max(counts, key=lambda newline: (counts[newline], newline), default=default)


def wanted_newline(spec: FileSpec) -> str | None:
    """Return the newline that the format declares, if it does."""
    return {"lf": "\n", "crlf": "\r\n", "any": None}[spec.newline]


def newline_finding(
    rule: Rule,
    message: str,
    document: Document,
    layout: Layout,
    quoted: Sequence[Span],
    wanted: str,
) -> Finding:
    """Return the finding of newlines that are not as wanted; there is at least one.

    Its fix has one edit, from the first wrong newline to the last: a text may have millions.
    """
    text = document.text
    wrong = [
        match.span()
        for a, b in unquoted(text, quoted)
        for match in LAYOUT_NEWLINE.finditer(text, a, b)
        if match[0] != wanted
    ]
    start, end = wrong[0][0], wrong[-1][1]
    fixed = replace_newlines(text, quoted, wanted, start, end)
    safe = not any(a < at < b for a, b in perhaps_quoted(document, layout) for at, _ in wrong)
    fix = TextFix(f"end lines with {NEWLINE_NAMES[wanted]}", (TextEdit(start, end, fixed),), safe)
    return rule.finding(message, *wrong[0], fix=fix)


def stray_carriage_returns(text: str, spec: FileSpec) -> Finding | None:
    """Report the first CR that is not one of CRLF, in a text some of whose lines end with LF.

    A doubled CR before LF has a fix; a CR that no LF follows has none.
    """
    if "\n" not in text:
        return None
    stray = list(STRAY_CR.finditer(text))
    if not stray:
        return None
    first = stray[0]
    if first[0] == "\r":
        message = f"carriage return that no line feed follows{times(len(stray))}"
    else:
        number = "two" if len(first[0]) == 3 else f"{len(first[0]) - 1:,}"
        more = "" if len(stray) == 1 else f", and {len(stray) - 1:,} more"
        message = f"line ends with {number} carriage returns and a line feed{more}"
    fix = None
    if all(len(match[0]) > 1 for match in stray):
        wanted = wanted_newline(spec) or usual_newline(count_newlines(text, ()), "\r\n")
        edits = tuple(TextEdit(*match.span(), wanted) for match in stray)
        fix = TextFix(f"end the lines with {NEWLINE_NAMES[wanted]}", edits, safe=False)
    return TEXT_STRAY_CARRIAGE_RETURN.finding(message, *first.span(), fix=fix)
