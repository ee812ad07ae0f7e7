"""Lines of content that nearly are a delimiter.

Formats without an escape break exactly there: a trailing space or a lower-case letter turns a
delimiter into content, and two records into one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from seedkit.core.document import Finding
from seedkit.core.rules import FORMAT_NEAR_DELIMITER
from seedkit.core.text import shorten
from seedkit.formats.layout import Layout, LineDelimiter

_EXAMPLE = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"(\d+)")
_ONE_OFF = "is one character off"
_SWAPPED = "has two characters swapped"
_MORE_BLANKS = 8  # in a label than it has
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
    return FORMAT_NEAR_DELIMITER.finding(near.message, start, end)


def near_miss(line: str, layout: Layout, *, lost: bool = False) -> NearMiss | None:
    """Return what delimiter the line nearly is; the caller knows that it is none.

    `lost` says that a delimiter is missing here: then a pattern is looked for in other case and
    one character off, too, where the format can escape its delimiters.
    """
    bare = line.strip()
    if not bare:
        blank = layout.near_blank and line
        return BLANK if blank else None
    targets = layout.near_by_length.get(len(bare), ())
    if bare[0] in layout.near_firsts and (" " in bare or "\t" in bare):
        targets = layout.near_targets  # it may be longer by blanks, or by an attribute
    for target in targets:
        difference = _difference(line, bare, target, layout)
        if difference:
            return NearMiss(target, difference, f"`{shorten(target)}`")
    for delimiter in layout.near_patterns:
        near = _near_pattern(line, bare, delimiter, lost or layout.spec.escape.style == "none")
        if near is not None:
            return near
    first = bare[0].casefold()[0]
    fuzzy = layout.spec.escape.style == "none"
    for label, begins, last, length in layout.near_labels:
        # A line that begins otherwise can only be one edit off, and then ends where the label does.
        if first == begins or (fuzzy and last in bare[length - 2 : length + 1]):
            difference = _label_difference(line, bare, label, layout)
            if difference is not None:
                return NearMiss(label, difference, f"`{shorten(label)}`")
    return None


def _label_difference(line: str, bare: str, label: str, layout: Layout) -> str | None:
    """What keeps the line from beginning with the label, if it nearly does."""
    word = label.rstrip()
    start = bare[: len(word)]
    if line.startswith(word):
        return "lacks the space after it" if label != word else None
    if start == word:
        return "has space before it"
    if start.casefold() == word.casefold():
        return "differs in case"
    last = word[-1]
    if last.isalnum():
        return None  # nothing ends it: prose begins with words that are like it
    if last in bare[: len(word) + _MORE_BLANKS]:
        head = bare[: bare.index(last) + 1] if word.count(last) == 1 else start
        if _without_blanks(head) == _without_blanks(word):
            return "differs in blanks"
    if len(word) < _FUZZY_LENGTH or layout.spec.escape.style != "none":
        return None
    if start[:-1] == word[:-1]:
        other = start[-1:]
        return None if not other or other.isalnum() or other.isspace() else _ONE_OFF
    heads = (bare[: len(word) + far] for far in (-1, 0, 1))
    return next(filter(None, (_off(head, word) for head in heads if head[-1:] == last)), None)


def _near_pattern(line: str, bare: str, delimiter: LineDelimiter, loosely: bool) -> NearMiss | None:
    """What differs from a pattern that begins with plain text: space round it, case, an edit there.

    A line that begins otherwise is not tried: that is nearly all lines.
    """
    prefix, key = delimiter.prefix, str(delimiter)
    word = prefix.rstrip()
    start = bare[: len(word)]
    if bare != line and start == word and delimiter.match(bare) is not None:
        return NearMiss(key, _space(line), f"`{shorten(bare)}`")
    if not loosely:
        return None
    rest = bare[len(word) :]
    if start != word and start.casefold() == word.casefold():
        meant = word + rest
        if delimiter.match(meant) is not None or delimiter.ignoring_case.fullmatch(bare):
            return NearMiss(key, "differs in case", f"`{shorten(meant)}`")
        return None
    if start == word:
        meant = f"{prefix}{rest.lstrip()}"
        if meant != bare and rest.strip() and delimiter.match(meant) is not None:
            return NearMiss(key, "differs in blanks", f"`{shorten(meant)}`")
        return None
    if len(word) < _FUZZY_LENGTH or bare[0] != word[0]:
        return None
    head, space, rest = bare.partition(" ")
    meant = f"{word}{space}{rest}"
    off = _off(head, word)
    if off is not None and delimiter.match(meant) is not None:
        return NearMiss(key, off, f"`{shorten(meant)}`")
    return None


def unlike_example(line: str, delimiter: LineDelimiter) -> str | None:
    """Return what the line has between its numbers that the example in the delimiter's name has
    not, if that alone keeps it from being one: "it has `.` for `,`"."""
    example = _EXAMPLE.search(delimiter.words)
    if delimiter.pattern is None or example is None:
        return None
    parts, wanted = _NUMBER.split(line), _NUMBER.split(example[1])  # numbers at odd places
    between = range(2, min(len(parts), len(wanted)) - 1, 2)
    wrong = [i for i in between if parts[i].strip() != wanted[i].strip()]
    if not wrong:
        return None
    found, right = parts[wrong[0]].strip(), wanted[wrong[0]].strip()
    for i in wrong:
        parts[i] = wanted[i]
    if delimiter.match("".join(parts)) is None:
        return None
    return f"it has `{shorten(found, 20)}` for `{right}`"


def _space(line: str) -> str:
    return "has space before it" if line[0].isspace() else "has space after it"


def _difference(line: str, bare: str, target: str, layout: Layout) -> str | None:
    far = len(bare) - len(target)
    if -2 < far < 2:
        if bare == target:
            return _space(line) if line != bare else None
        if bare.casefold() == target.casefold():
            return "differs in case"
    if bare[0] != target[0]:
        return _edit(bare, target, layout)
    if (far > 0 or " " in target) and _without_blanks(bare) == _without_blanks(target):
        return "has a blank in it" if far > 0 else "differs in blanks"
    if target[0] == "<" and far > 1 and _attribute(bare, target):
        return "has an attribute"
    return _edit(bare, target, layout)


def _edit(bare: str, target: str, layout: Layout) -> str | None:
    if len(target) < _FUZZY_LENGTH or layout.spec.escape.style != "none":
        return None
    return _off(bare, target)


def _off(line: str, target: str) -> str | None:
    """How the line differs by one edit or swap, None if by more."""
    if one_edit_apart(line, target):
        return _ONE_OFF
    return _SWAPPED if _swapped(line, target) else None


def _swapped(a: str, b: str) -> bool:
    """Tell whether two neighbouring characters have changed places."""
    if len(a) != len(b):
        return False
    wrong = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return len(wrong) == 2 and wrong[1] == (i := wrong[0]) + 1 and a[i : i + 2] == b[i + 1] + b[i]


def _without_blanks(line: str) -> str:
    return "".join(line.split()) if len(line) < 200 else line


def _attribute(line: str, tag: str) -> bool:
    """Tell whether `<DOC id="x">` stands for `<DOC>`, in whatever case."""
    head, rest = line[: len(tag) - 1], line[len(tag) - 1 :]
    return (
        tag[-1] == ">"
        and line[-1] == ">"
        and rest[:1].isspace()
        and "=" in rest
        and ">" not in rest[:-1]
        and head.casefold() == tag[:-1].casefold()
    )


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
