"""Finds links and cells inside a row, in time linear in its length whatever is in it.

After CommonMark 0.31 (https://spec.commonmark.org/0.31.2/#links): code spans, autolinks, HTML tags
and comments bind tighter than brackets; images are no links; no link holds another.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from seedkit.manifest.target import decode_target, is_elsewhere

MAX_PARENTHESES = 8  # nested in a target; a limit keeps it linear, and no name nests deeper

# A line with one link and nothing that could make it mean something else. Group 1 is the text;
# the target is group 2, or group 3 if it needs decoding or may be a URL.
ONE_LINK = re.compile(
    r"[^\[`<\\]*+(?<!!)\[([^\[\]`<\\|]*+)\]"
    r"\((?!//)(?:([^\[\]()`<>\\%#&:|\x00-\x20\x7f]++)|([^\[\]()`<>\\|\x00-\x20\x7f]++))\)"
    r"[^\[]*+\Z"
)
_TOKEN = re.compile(r"\\[!-/:-@\[-`{-~]|`++|<|!?\[|\]")
_TICKS = re.compile(r"`++")
_TAG = re.compile(
    r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+>"
    r"|</[A-Za-z][A-Za-z0-9-]*+\s*+>"
    r"|<[A-Za-z][A-Za-z0-9-]*+"
    r"(?:\s++[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++))?+)*+\s*+/?+>"
)
_BLANK = re.compile(r"[ \t\r\n]*+")
_ANGLED = re.compile(r"<((?:[^<>\\\r\n]++|\\[^\r\n])*+)>")


def _balanced(depth: int) -> str:
    inner = rf"|\({_balanced(depth - 1)}\)" if depth else ""
    return rf"(?:[^()\\\x00-\x20\x7f]++|\\[!-/:-@\[-`{{-~]?+{inner})*+"


_BARE = re.compile(_balanced(MAX_PARENTHESES))
_REST = re.compile(
    r"(?:[ \t\r\n]++(?:\"(?:[^\"\\]++|\\.)*+\"|'(?:[^'\\]++|\\.)*+'|\((?:[^()\\]++|\\.)*+\)))?+"
    r"[ \t\r\n]*+\)",
    re.DOTALL,
)
_PIPE = re.compile(r"(?<!\\)\|")

Found = tuple[int, int, int, int, str]  # target's span, text's span, decoded target


def links_in(text: str, start: int, end: int, *, cell: bool = False) -> Iterator[Found]:
    """Return the links between `start` and `end` that may name a file, in order.

    `cell`: the span is a table's cell, in which `\\|` stands for `|`.
    """
    spans = _Opaque(text, start, end)
    openers: list[tuple[int, bool]] = []  # where bracketed text starts, and whether of an image
    at = start
    while token := _TOKEN.search(text, at, end):
        at = token.end()
        char = text[token.start()]
        if char == "`":
            at = spans.after_code(at, at - token.start())
        elif char == "<":
            at = spans.after_tag(token.start())
        elif char in "![":
            openers.append((at, char == "!"))
        elif char == "]" and openers:
            text_start, image = openers.pop()
            target = _target(text, at, end) if text.startswith("(", at, end) else None
            if target is None:
                continue
            text_end = token.start()
            first, last, at = target
            if image:
                continue
            openers.clear()
            raw = text[first:last]
            if not is_elsewhere(raw):
                yield first, last, text_start, text_end, decode_target(raw, cell=cell)


class _Opaque:
    """Skips what brackets have no meaning in. Remembers what it did not find, to stay linear."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text, self._start, self._end = text, start, end
        self._runs: dict[int, list[int]] | None = None  # starts of runs of backticks, by length
        self._open_comment = False

    def after_code(self, at: int, size: int) -> int:
        """Return the end of the code span that `size` backticks before `at` open, or `at`."""
        if self._runs is None:
            self._runs = {}
            for run in _TICKS.finditer(self._text, self._start, self._end):
                self._runs.setdefault(run.end() - run.start(), []).append(run.start())
        starts = self._runs.get(size, [])
        found = bisect_left(starts, at)
        return starts[found] + size if found < len(starts) else at

    def after_tag(self, at: int) -> int:
        """Return the end of the tag, autolink or comment that starts at `at`, or `at + 1`."""
        if self._text.startswith("<!--", at, self._end):
            if self._open_comment:
                return at + 1
            closing = self._text.find("-->", at + 2, self._end)
            self._open_comment = closing < 0
            return closing + 3 if closing >= 0 else at + 1
        tag = _TAG.match(self._text, at, self._end)
        return tag.end() if tag else at + 1


def _target(text: str, at: int, end: int) -> tuple[int, int, int] | None:
    """The span of the target after `](` at `at`, and the end of the link; None if there is none."""
    blank = _BLANK.match(text, at + 1, end)
    first = blank.end() if blank else at + 1
    if text.startswith("<", first, end):
        angled = _ANGLED.match(text, first, end)
        if angled is None:
            return None
        (first, last), after = angled.span(1), angled.end()
    else:
        bare = _BARE.match(text, first, end)
        after = last = bare.end() if bare else first
    rest = _REST.match(text, after, end)
    return (first, last, rest.end()) if rest else None


def cell_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the cells of a row start and end: what stands between its unescaped pipes.

    Pipes within code spans part cells too, as GFM has it.
    """
    while start < end and text[start] in " \t":
        start += 1
    while start < end and text[end - 1] in " \t":
        end -= 1
    if text.startswith("|", start, end):
        start += 1
        if start == end:
            return []  # a lone pipe parts nothing
    if start < end and text[end - 1] == "|" and text[end - 2 : end - 1] != "\\":
        end -= 1
    cells: list[tuple[int, int]] = []
    for pipe in _PIPE.finditer(text, start, end):
        cells.append((start, pipe.start()))
        start = pipe.end()
    cells.append((start, end))
    return cells
