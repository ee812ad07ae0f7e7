"""How the lines of a text end: counts, what is wanted, and the fix that ends them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.core.document import Document, Finding, TextEdit, TextFix
from seedkit.core.rules import TEXT_STRAY_CARRIAGE_RETURN, Rule
from seedkit.formats.newlines import (
    LAYOUT_NEWLINE,
    STRAY_CR,
    Span,
    perhaps_quoted,
    replace_newlines,
    unquoted,
)
from seedkit.rules.characters import times

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout
    from seedkit.formats.spec import FileSpec

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
