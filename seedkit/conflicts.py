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
    """A conflict, in code points: its first line without the newline, and the end of its last."""

    start: int
    first_end: int
    end: int


def find_conflicts(text: str) -> Iterator[Conflict]:
    """Return the conflicts in the text, in order.

    A marker alone is content: `=======` underlines headings, and `>>>>>>> ` is a quote.
    """
    if "<<<<<<< " not in text or ">>>>>>> " not in text:
        return
    opening: re.Match[str] | None = None
    separated = False
    for marker in _MARKER.finditer(text):
        if marker[1]:
            opening, separated = marker, False
        elif opening is None or len(marker[2] or marker[3]) != len(opening[1]):
            continue  # of another conflict, or content
        elif marker[2]:
            separated = True
        elif separated:
            yield Conflict(*opening.span(), marker.end())
            opening = None
