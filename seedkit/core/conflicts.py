"""Finds merge conflicts that git left in a text: its markers, in order, each at a line's start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# As git writes them (xdiff/xmerge.c): seven characters, or what the attribute conflict-marker-size
# says, and a label but for the separator. `|||||||`, which diff3 adds, decides nothing.
_MARKER = re.compile(
    r"(?:(?<![^\r\n])|(?<=\A\ufeff))"
    r"(?:(<{7,}+) [^\r\n]++|(={7,}+)(?![^\r\n])|(>{7,}+) [^\r\n]++)"
)


class Conflict(NamedTuple):
    """A conflict, in code points.

    Its first line without the newline, the end of its last, the span of its separator, and where
    its last line begins.
    """

    start: int
    first_end: int
    end: int
    separator: tuple[int, int]
    last_start: int


def find_conflicts(text: str) -> Iterator[Conflict]:
    """Return the conflicts in the text, in order.

    A marker alone is content: `=======` underlines headings, and `>>>>>>> ` is a quote.
    """
    if "<<<<<<< " not in text or ">>>>>>> " not in text:
        return
    opening: re.Match[str] | None = None
    separator: re.Match[str] | None = None
    for marker in _MARKER.finditer(text):
        if marker[1]:
            opening, separator = marker, None
        elif opening is None or len(marker[2] or marker[3]) != len(opening[1]):
            continue  # of another conflict, or content
        elif marker[2]:
            separator = separator or marker  # a later one is a heading's underline
        elif separator:
            yield Conflict(*opening.span(), marker.end(), separator.span(), marker.start())
            opening = None
