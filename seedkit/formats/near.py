"""Lines of content that nearly are a delimiter.

Formats without an escape break exactly there: a trailing space or a lower-case letter turns a
delimiter into content, and two records into one.
"""

from __future__ import annotations

from typing import NamedTuple

from seedkit.document import Finding
from seedkit.formats.layout import Layout
from seedkit.text import shorten

_FUZZY_LENGTH = 4  # shorter delimiters are one character off from too much


class NearMiss(NamedTuple):
    """A line that nearly is `delimiter`, and how it differs, as a phrase after "but".

    `shown` is the delimiter in the user's words: for a pattern, what the line should be.
    """

    delimiter: str
    difference: str
    shown: str

    @property
    def message(self) -> str:
        """What the finding says."""
        if not self.delimiter:
            return "line of white space is nearly the delimiter, an empty line"
        return f"line is nearly the delimiter {self.shown}, but {self.difference}"


BLANK = NearMiss("", "has white space", "an empty line")


def near_finding(near: NearMiss, start: int, end: int) -> Finding:
    """The finding for a line that nearly is a delimiter."""
    return Finding("format/near-delimiter", near.message, start, end)


def near_miss(line: str, layout: Layout) -> NearMiss | None:
    """Return what delimiter the line nearly is; the caller knows that it is none."""
    bare = line.strip()
    if not bare:
        blank = layout.near_blank and line
        return BLANK if blank else None
    for target in layout.near_targets:
        if -2 < len(bare) - len(target) < 2:
            difference = _difference(line, bare, target, layout)
            if difference:
                return NearMiss(target, difference, f"`{shorten(target)}`")
    if bare != line:
        for delimiter in layout.near_patterns:
            if delimiter.match(bare) is not None and delimiter.match(line) is None:
                return NearMiss(str(delimiter), _space(line), f"`{shorten(bare)}`")
    for label in layout.near_labels:
        word = label.rstrip()
        start = bare[: len(word)]
        difference = None
        if line.startswith(word):
            difference = "lacks the space after it" if label != word else None
        elif start == word:
            difference = "has space before it"
        elif start.casefold() == word.casefold():
            difference = "differs in case"
        if difference is not None:
            return NearMiss(label, difference, f"`{shorten(label)}`")
    return None


def _space(line: str) -> str:
    return "has space before it" if line[0].isspace() else "has space after it"


def _difference(line: str, bare: str, target: str, layout: Layout) -> str | None:
    if bare == target:
        return _space(line)
    if bare.casefold() == target.casefold():
        return "differs in case"
    if len(target) < _FUZZY_LENGTH or layout.spec.escape.style != "none":
        return None
    return "is one character off" if one_edit_apart(bare, target) else None


def one_edit_apart(a: str, b: str) -> bool:
    """Tell whether one insertion, deletion or substitution turns `a` into `b`."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    if len(a) == len(b):
        return a[start + 1 :] == b[start + 1 :]
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[start + 1 :] == shorter[start:]
