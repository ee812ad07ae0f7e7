"""Reads the text of an INDEX.md: its tables, its lists, and the links in their rows.

As much of CommonMark's and GFM's block structure as decides what is a row: containers, fenced and
indented code, comments, headings, quotes, lazy lines (https://github.github.com/gfm/). Linear in
the text and total: every text parses. Paragraphs outside of lists, and quotes, list nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from seedkit.manifest.inline import ONE_LINK, cell_spans, links_in
from seedkit.manifest.model import Block, Items, Link, Manifest, Table
from seedkit.manifest.target import decode_target, is_elsewhere, plain_text
from seedkit.text import line_spans

MAX_NESTING = 64  # lists in lists; deeper marks are text
MAX_COLUMNS = 100  # of a table; one with more is text, or it would take their product with its rows

_INDENT = re.compile(r"[ \t]*+")
_FENCE = re.compile(r"(`{3,}+)[^`]*+\Z|(~{3,}+)")
_RAW_HTML = re.compile(r"<(?:!--|(pre|script|style|textarea)(?=[\s>]|\Z))", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6}+(?:[ \t]|\Z)")
_QUOTED_TEXT = re.compile(r">[> \t]*+(?!`{3}|~{3}|#{1,6}[ \t]|<|[-*_][-*_ \t]++\Z)[^> \t]")
_UNDERLINE = re.compile(r"(?:=++|-++)[ \t]*+\Z")
_DELIMITERS = re.compile(r"\|?+[ \t]*+:?+-++:?+[ \t]*+(?:\|[ \t]*+:?+-++:?+[ \t]*+)*+\|?+\s*+\Z")
_MARK = re.compile(r"(?:([-+*])|([0-9]{1,9})([.)]))([ \t]++|\Z)")
_NUMBER = re.compile(r"([ \t]*+)[0-9]{1,9}([.)]) {1,4}+(?=\[)")
_STARTS = frozenset("`~<#>=|:-_*+0123456789")  # what a line that is no plain text may start with


def parse_manifest(text: str) -> Manifest:
    """Return the tables, the lists and the links of the text. Never raises."""
    return _Parser(text).run()


class _Raw(NamedTuple):
    """A fenced block or raw HTML that is open: what closes it, and where it started."""

    closing: str  # the fence's character, or what ends the HTML
    fence: int  # the fence's length, 0 for HTML
    depth: int
    line: int


class _Parser:
    """One pass over the lines. Containers are the open list items, outermost first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts, self.ends = line_spans(text)
        self.starts[0] = len(text) - len(text.lstrip("\ufeff"))
        self.blocks: list[Block] = []
        self.indents: list[int] = []  # of each container's content
        self.rows: list[int] = []  # the line of each container's mark
        self.lists: list[Items] = []  # each container's list, and perhaps one more that is open
        self.last = -1  # the last line that is not blank
        self.table: Table | None = None
        self.raw: _Raw | None = None
        self.prefix = ""  # what stands before the content of the item just opened
        # The open paragraph: where its text starts, where its last line does, and which that is.
        self.paragraph = self.head = -1
        self.head_line = -1
        self.quoted = False  # whether it is that of a quote, which lists nothing
        self.refused = False  # whether a line looked like a table's delimiters, but did not fit
        self.empty = False  # whether the item just opened has nothing in its line

    def run(self) -> Manifest:
        line, count = 0, len(self.starts)
        while line < count:
            if self.table is not None and not self.indents:
                line = self._rows(line, self.table)
            elif self.prefix:
                line = self._siblings(line)
            if line < count:
                self._line(line)
                line += 1
        unclosed = None
        if self.raw is not None and self.raw.depth == 0:
            unclosed = self.starts[self.raw.line]
        self._leave(0, lists=True)
        self.blocks.sort(key=lambda block: block.first)
        return Manifest(self.text, self.starts, self.ends, self.blocks, unclosed)

    # The two common cases, whole runs of lines at a time.

    def _rows(self, line: int, table: Table) -> int:
        """Take the rows of a table that start with a pipe; return the first line that is none."""
        text, starts, ends, match = self.text, self.starts, self.ends, ONE_LINK.match
        append, new = table.links.append, tuple.__new__
        first, count, width = line, len(starts), len(table.columns)
        while line < count and text.startswith("|", starts[line]):
            found = match(text, starts[line], ends[line])
            if not found:
                self._cells(line, starts[line], table)
            elif text.count("|", starts[line], found.start(1)) > width:
                pass  # in a cell that no column has
            elif found[2]:
                text_start, text_end = found.span(1)
                start, end = found.span(2)
                append(new(Link, (line, start, end, text_start, text_end, found[2])))
            else:
                _coded(found, line, table)
            line += 1
        if line > first:
            table.last = self.last = line - 1
        return line

    def _siblings(self, line: int) -> int:
        """Take the items that start like the one before and hold one link, at once."""
        text, starts, ends, match = self.text, self.starts, self.ends, ONE_LINK.match
        items, prefix = self.lists[len(self.indents) - 1], self.prefix
        append, new = items.links.append, tuple.__new__
        first, count, size = line, len(starts), len(prefix)
        indent = prefix[: len(prefix) - len(prefix.lstrip())]
        self.prefix = ""
        while line < count:
            if items.mark in ".)":
                number = _NUMBER.match(text, starts[line], ends[line])
                if not number or number[1] != indent or number[2] != items.mark:
                    break
                size = number.end() - starts[line]
            elif not text.startswith(prefix, starts[line]):
                break
            at = starts[line] + size
            found = match(text, at, ends[line]) if text.startswith("[", at) else None
            if not found:
                break
            if line == first:
                self._close_paragraph()
            if found[2]:
                text_start, text_end = found.span(1)
                start, end = found.span(2)
                append(new(Link, (line, start, end, text_start, text_end, found[2])))
            else:
                _coded(found, line, items)
            line += 1
        if line > first:
            items.last = self.last = self.rows[-1] = self.head_line = line - 1
            self.paragraph = self.head = ends[line - 1]  # what may follow goes on with it
            self.indents[-1] = _width(prefix[:size], 0)
        return line

    # Any line.

    def _line(self, line: int) -> None:
        self.prefix = ""
        text, start, end = self.text, self.starts[line], self.ends[line]
        indented = _INDENT.match(text, start, end)
        at = indented.end() if indented else start
        if self.raw is not None and self.raw.depth == 0:
            return self._in_raw(line, at, self.raw)
        if at == end:
            return self._blank()
        self.empty = False
        column = _width(text[start:at], 0)
        depth = bisect_right(self.indents, column)
        if self.raw is not None:
            if depth >= self.raw.depth:
                return self._in_raw(line, at, self.raw)
            self.raw = None
        if column - (self.indents[depth - 1] if depth else 0) >= 4:
            if self.paragraph < 0:
                self._leave(depth, lists=True)  # indented code
        elif not (text[at] in _STARTS and self._starts_block(line, at, column, depth)):
            left = depth < len(self.indents)
            if self.paragraph < 0 and self.table is not None and not left:
                self._cells(line, at, self.table)
                self.table.last = line
            elif self.paragraph < 0:
                self._leave(depth, lists=True)
                self._open_paragraph(line, at)
        if self.paragraph >= 0:
            self.head, self.head_line = at if line != self.head_line else self.head, line
        self.last = line
        return None

    def _blank(self) -> None:
        self._close_paragraph()
        self.table = None
        if self.empty:  # an item does not begin with two blank lines
            self._leave(len(self.indents) - 1)
            self.empty = False

    def _in_raw(self, line: int, at: int, raw: _Raw) -> None:
        end = self.ends[line]
        rest = self.text[at:end].rstrip(" \t")
        if raw.fence:
            base = self.indents[raw.depth - 1] if raw.depth else 0
            near = _width(self.text[self.starts[line] : at], 0) - base < 4
            closed = near and len(rest) >= raw.fence and not rest.strip(raw.closing)
        else:
            closed = raw.closing in rest.lower()
        if closed:
            self.raw = None
        if at < end:
            self.last = line

    def _starts_block(self, line: int, at: int, column: int, depth: int) -> bool:
        """Open what starts at `at` in the container `depth`; tell whether anything does."""
        text, end = self.text, self.ends[line]
        char = text[at]
        # Whether the line may go on with a paragraph of this very container.
        inside = self.paragraph >= 0 and depth == len(self.indents) and not self.quoted
        if char in "`~" and (fence := _FENCE.match(text, at, end)):
            self._leave(depth, lists=True)
            self.raw = _Raw(char, fence.end(fence.lastindex or 0) - at, depth, line)
        elif char == "<" and (html := _RAW_HTML.match(text, at, end)):
            self._leave(depth, lists=True)
            closing = f"</{html[1].lower()}" if html[1] else "-->"
            if closing not in text[at + 2 : end].lower():
                self.raw = _Raw(closing, 0, depth, line)
        elif char == "#" and _HEADING.match(text, at, end):
            self._leave(depth, lists=True)
            self._open_paragraph(line, at)
            self._close_paragraph()
        elif char == ">":
            self._leave(depth, lists=True)
            if _QUOTED_TEXT.match(text, at, end):
                self._open_paragraph(line, at)
                self.quoted = True
        elif inside and char in "=-" and _UNDERLINE.match(text, at, end):
            self._close_paragraph()
        elif _is_break(text, at, end):
            self._leave(depth, lists=True)
        elif mark := _MARK.match(text, at, end):
            return self._item(line, mark, column, depth, inside)
        else:
            return inside and char in "|:-" and self._opens_table(line, at)
        return True

    def _opens_table(self, line: int, at: int) -> bool:
        """Make a table of the paragraph's last line and this one, if it is a delimiter row."""
        end = self.ends[line]
        delimiters = _DELIMITERS.match(self.text, at, end)
        if self.head_line != line - 1 or self.refused or not delimiters:
            return False
        header = cell_spans(self.text, self.head, self.ends[line - 1])
        if not 0 < len(cell_spans(self.text, at, end)) == len(header) <= MAX_COLUMNS:
            self.refused = True
            return False
        start = self.paragraph
        self.paragraph = -1
        if self.indents and start < self.starts[line - 1]:
            self._links(self.rows[-1], start, self.ends[line - 2])
        columns = tuple(plain_text(self.text[a:b], cell=True).strip("*_`") for a, b in header)
        self.table = Table(line - 1, line, columns)
        self.blocks.append(self.table)
        self._end_lists(len(self.indents))
        if self.indents:
            self.lists[-1].nests.add(self.rows[-1])
        return True

    def _item(self, line: int, mark: re.Match[str], column: int, depth: int, inside: bool) -> bool:
        """Open the item that starts at `mark`; tell whether it is one."""
        text, end = self.text, self.ends[line]
        empty = mark.end() == end
        interrupts = not empty and mark[2] in (None, "1")
        if (inside and not interrupts) or depth >= MAX_NESTING:
            return False
        at = mark.end()
        after = column + mark.start(4) - mark.start()
        content = _width(mark[4], after)
        code = content - after > 4
        if empty or code:
            content = after + 1
        loose = self.last < line - 1
        self._leave(depth)
        kind = mark[1] or mark[3]
        if len(self.lists) == depth or self.lists[depth].mark != kind:
            self._end_lists(depth)
            self.lists.append(Items(line, line, kind))
        elif loose:
            self.lists[depth].loose = True
        items = self.lists[depth]
        items.last = line
        if depth:
            self.lists[depth - 1].nests.add(self.rows[-1])
        nested = text[self.starts[line] : mark.start()].strip(" \t") != ""
        if nested:
            items.nests.add(line)
        self.indents.append(content)
        self.rows.append(line)
        self.empty = empty
        if empty or code:
            return True
        if text[at] in _STARTS and self._starts_block(line, at, content, depth + 1):
            return True
        self._open_paragraph(line, at)
        self.prefix = "" if nested else text[self.starts[line] : at]
        return True

    # Paragraphs and containers.

    def _open_paragraph(self, line: int, at: int) -> None:
        self.paragraph = self.head = at
        self.head_line = line
        self.quoted = self.refused = False

    def _close_paragraph(self) -> None:
        start, self.paragraph = self.paragraph, -1
        if start >= 0 and self.indents and not self.quoted:
            self._links(self.rows[-1], start, self.ends[self.head_line])

    def _links(self, row: int, start: int, end: int) -> None:
        """Keep the links of a row of the innermost list."""
        items = self.lists[len(self.indents) - 1]
        if self.text.find("[", start, end) >= 0:
            for first, last, text_start, text_end, target in links_in(self.text, start, end):
                items.links.append(Link(row, first, last, text_start, text_end, target))

    def _cells(self, line: int, at: int, table: Table) -> None:
        """Keep the links of a table's row."""
        end = self.ends[line]
        if self.text.find("[", at, end) < 0:
            return
        for left, right in cell_spans(self.text, at, end)[: len(table.columns)]:
            for first, last, text_start, text_end, target in links_in(
                self.text, left, right, cell=True
            ):
                table.links.append(Link(line, first, last, text_start, text_end, target))

    def _leave(self, depth: int, *, lists: bool = False) -> None:
        """Close what is open in containers deeper than `depth`; with `lists`, its list as well."""
        self._close_paragraph()
        self.table = None
        while len(self.indents) > depth:
            self.indents.pop()
            row, items = self.rows.pop(), self.lists[len(self.indents)]
            if self.last > row:
                items.ends[row] = items.last = self.last
        self._end_lists(depth if lists else depth + 1)

    def _end_lists(self, depth: int) -> None:
        self.blocks += (items for items in self.lists[depth:] if items.links)
        del self.lists[depth:]


def _coded(found: re.Match[str], line: int, block: Block) -> None:
    """Keep a link that needs decoding; there is no other in its row."""
    if not is_elsewhere(found[3]):
        link = Link(line, *found.span(3), *found.span(1), decode_target(found[3]))
        block.links.append(link)


def _width(blank: str, column: int) -> int:
    """Return the column after white space that starts at `column`; tabs stop at every fourth."""
    if "\t" not in blank:
        return column + len(blank)
    for char in blank:
        column += 4 - column % 4 if char == "\t" else 1
    return column


def _is_break(text: str, at: int, end: int) -> bool:
    """Tell whether a thematic break stands there: three or more of `-`, `*` or `_`, and no more."""
    char = text[at]
    if char not in "-*_" or text[end - 1] not in (char, " ", "\t"):
        return False
    rest = text[at:end]
    return rest.count(char) >= 3 and not rest.strip(f"{char} \t")
