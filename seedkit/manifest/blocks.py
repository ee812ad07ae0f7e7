"""The block structure of CommonMark 0.31 and of GFM's tables, as far as it decides what is a row.

https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy, https://github.github.com/gfm/
Paragraphs outside of lists, and quotes, list nothing; link reference definitions count wherever
they are.

Recognises the start of an HTML block, of the seven types that CommonMark has.

https://spec.commonmark.org/0.31.2/#html-blocks
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from seedkit.core.text import line_spans
from seedkit.manifest.inline import Definition, cell_spans, definition_at
from seedkit.manifest.model import Block, Items, Table
from seedkit.manifest.plain import plain_text
from seedkit.manifest.target import decode_target

_ATTRIBUTE = (
    r"(?:[ \t]++[A-Za-z_:][\w.:-]*+(?:[ \t]*+=[ \t]*+"
    r"(?:\"[^\"]*+\"|'[^']*+'|[^ \t\"'=<>`]++))?+)"
)
_NAMES = (
    "address article aside base basefont blockquote body caption center col colgroup dd details "
    "dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 "
    "head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option "
    "p param search section summary table tbody td tfoot th thead title tr track ul"
)
_START = re.compile(
    r"<(?:(?P<text>pre|script|style|textarea)(?=[ \t>]|\Z)"
    r"|(?P<comment>!--)|(?P<instruction>\?)|(?P<cdata>!\[CDATA\[)|(?P<declaration>![A-Za-z])"
    rf"|(?P<block>/?(?:{'|'.join(_NAMES.split())})(?=[ \t]|/?>|\Z)))",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"<(?:[A-Za-z][A-Za-z0-9-]*+{_ATTRIBUTE}*+[ \t]*+/?+|/[A-Za-z][A-Za-z0-9-]*+[ \t]*+)>"
    r"[ \t]*+\Z",
    re.ASCII,
)
_CLOSINGS = {
    "text": ("</pre>", "</script>", "</style>", "</textarea>"),
    "comment": ("-->",),
    "instruction": ("?>",),
    "cdata": ("]]>",),
    "declaration": (">",),
}


def html_block(text: str, at: int, end: int, *, interrupts: bool) -> tuple[str, ...] | None:
    """Return what ends the block that starts at `at`, in lower case: a line that has one of these.

    Empty if a blank line does, None if no block starts there. `interrupts`: it would interrupt a
    paragraph, which a single tag of any name does not.
    """
    start = _START.match(text, at, end)
    if start is not None:
        return _CLOSINGS.get(start.lastgroup or "", ())
    return () if not interrupts and _ALONE.match(text, at, end) else None


MAX_NESTING = 64  # of lists and quotes; deeper marks are text
MAX_COLUMNS = 100  # of a table; one with more is text, or it would take their product with its rows

_FENCE = re.compile(r"(`{3,}+)[^`]*+\Z|(~{3,}+)")
_HEADING = re.compile(r"#{1,6}+(?:[ \t]|\Z)")
_UNDERLINE = re.compile(r"(?:=++|-++)[ \t]*+\Z")
_DELIMITERS = re.compile(r"\|?+[ \t]*+:?+-++:?+[ \t]*+(?:\|[ \t]*+:?+-++:?+[ \t]*+)*+\|?+\s*+\Z")
_MARK = re.compile(r"(?:([-+*])|([0-9]{1,9})([.)]))(?=[ \t]|\Z)")
_STARTS = frozenset("`~<#>=|:-_*+0123456789")  # what a line that is no plain text may start with


class Container:
    """An open list item, or a quote."""

    __slots__ = ("bare", "line", "width")

    def __init__(self, line: int, width: int) -> None:
        self.line = line  # of its mark
        self.width = width  # columns before its content, from where it may start; 0 for a quote
        self.bare = True  # whether nothing is in it yet


class _Raw(NamedTuple):
    """A fenced block or raw HTML that is open: what closes it, and where it started."""

    closings: tuple[str, ...]  # the fence's character, or texts; none: a blank line
    fence: int  # the fence's length, 0 for HTML
    depth: int
    line: int


class Pending(NamedTuple):
    """Text whose links belong to a row; it is read when all definitions are known."""

    block: Block
    row: int
    start: int
    end: int


class Blocks:
    """What is open, as the lines are read one by one, and what was found.

    After CommonMark's appendix, A parsing strategy."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts, self.ends = line_spans(text)
        self.starts[0] = len(text) - len(text.lstrip("\ufeff"))
        self.blocks: list[Block] = []
        self.containers: list[Container] = []  # outermost first
        self.quotes = 0  # of them
        self.lists: list[Items] = []  # each container's list, and perhaps one more that is open
        self.last = -1  # the last line that is not blank
        self.table: Table | None = None
        self.raw: _Raw | None = None
        self.paragraph: list[tuple[int, int]] = []  # the spans of the lines of the one that is open
        self.indented: set[int] = set()  # starts of lines that lazily go on with one, indented
        self.refused = False  # whether a line of it looked like a table's delimiters, but isn't
        self.prefix = ""  # what stands before the content of the item just opened
        self.pending: list[Pending] = []
        self.definitions: dict[str, Definition] = {}
        self.prose: list[tuple[int, int]] = []  # the spans of paragraphs that list nothing

    def read(self, line: int) -> None:
        """Take a line."""
        text, end, containers = self.text, self.ends[line], self.containers
        at, column, depth = self.starts[line], 0, 0
        first, indent = _blanks(text, at, end, column)
        for container in containers:
            if not container.width:
                if indent >= 4 or first == end or text[first] != ">":
                    break
                at, column = _advance(text, first + 1, end, column + indent + 1, 1)
            elif first == end:
                if container.bare:
                    break  # an item does not begin with two blank lines
            elif indent >= container.width:
                at, column = _advance(text, at, end, column, container.width)
            else:
                break
            first, indent = _blanks(text, at, end, column)
            depth += 1
        whole = depth == len(containers)
        if whole and self.raw is not None and self._in_raw(line, first, indent, self.raw):
            pass
        elif first == end:
            self.leave(depth)
        else:
            self._content(line, first, column, indent, depth, whole)
        if first < end or text[self.starts[line] : end].strip(" \t"):
            self.last = line

    def _in_raw(self, line: int, at: int, indent: int, raw: _Raw) -> bool:
        """Take a line of a fenced block or raw HTML; tell whether it is one."""
        rest = self.text[at : self.ends[line]].rstrip(" \t")
        if raw.fence:
            closed = indent < 4 and len(rest) >= raw.fence and not rest.strip(raw.closings[0])
        elif raw.closings:
            closed = _has_one(rest, raw.closings)
        elif not rest:
            self.raw = None
            return False
        else:
            closed = False
        if closed:
            self.raw = None
        return True

    def _content(
        self, line: int, at: int, column: int, indent: int, depth: int, whole: bool
    ) -> None:
        """Take what stands at `at`, `indent` columns after `column`, in the container `depth`.

        `whole`: all containers that were open go on.
        """
        text, end = self.text, self.ends[line]
        lazy = bool(self.paragraph)  # the line may go on with the paragraph that is open
        prefix = ""
        while at < end and (indent < 4 or not lazy):
            if indent >= 4:
                return self._enter(depth)  # indented code
            if text[at] not in _STARTS:
                break
            if text[at] == ">" and depth < MAX_NESTING:
                self._enter(depth)
                self._open_quote(line)
                prefix = ""
                at, column = _advance(text, at + 1, end, column + indent + 1, 1)
            else:
                if self._starts_block(line, at, depth, lazy, whole):
                    return None
                mark = _MARK.match(text, at, end)
                if mark is None or depth >= MAX_NESTING:
                    break
                after, column_after = mark.end(), column + indent + mark.end() - at
                content, blank = _blanks(text, after, end, column_after)
                empty, code = content == end, blank >= 5
                if lazy and whole and (empty or int(mark[2] or 1) != 1):
                    break
                space = 1 if empty or code else blank
                self._item(line, mark, depth, column_after + space - column)
                at, column = _advance(text, after, end, column_after, space)
                alone = not text[self.starts[line] : mark.start()].strip(" \t")
                prefix = text[self.starts[line] : at] if alone and not code else ""
            depth, lazy = depth + 1, False
            at, indent = _blanks(text, at, end, column)
        if at == end:
            return None
        if lazy:
            if whole and indent < 4 and text[at] in "|:-" and self._opens_table(line, at):
                return None
            if indent and not whole:  # cmark and comrak, so GitHub, read no definition there
                self.indented.add(at)
            self.paragraph.append((at, end))
        elif self.table is not None and whole:
            self.keep_cells(line, at, self.table)
            self.table.last = line
        else:
            self._enter(depth)
            self.paragraph = [(at, end)]
            self.refused = False
            self.prefix = "" if self.quotes else prefix
        return None

    def _starts_block(self, line: int, at: int, depth: int, lazy: bool, whole: bool) -> bool:
        """Take what starts at `at` and holds no blocks; tell whether anything does."""
        text, end = self.text, self.ends[line]
        char = text[at]
        if char in "`~" and (fence := _FENCE.match(text, at, end)):
            self._enter(depth)
            self.raw = _Raw((char,), fence.end(fence.lastindex or 0) - at, depth, line)
        elif char == "<":
            closings = html_block(text, at, end, interrupts=lazy and whole)
            if closings is None:
                return False
            self._enter(depth)
            if not _has_one(text[at:end], closings):
                self.raw = _Raw(closings, 0, depth, line)
        elif char == "#" and _HEADING.match(text, at, end):
            self._enter(depth)
            self._keep(at, end)
        elif (
            (lazy and whole and char in "=-" and _UNDERLINE.match(text, at, end))
            and self._without_definitions() is not None  # else it underlines nothing
        ):
            self.close_paragraph()
        elif _is_break(text, at, end):
            self._enter(depth)
        else:
            return False
        return True

    def _opens_table(self, line: int, at: int) -> bool:
        """Make a table of the paragraph's last line and this one, if it is a delimiter row."""
        text, end = self.text, self.ends[line]
        delimiters = _DELIMITERS.match(text, at, end)
        if self.refused or not delimiters or _UNDERLINE.match(text, at, end):
            return False
        header = cell_spans(text, *self.paragraph[-1])
        if not 0 < len(cell_spans(text, at, end)) == len(header) <= MAX_COLUMNS:
            self.refused = True
            return False
        self.paragraph.pop()
        depth = len(self.containers)
        self._enter(depth)
        columns = tuple(plain_text(text[a:b], cell=True) for a, b in header)
        self.table = Table(line - 1, line, columns)
        if not self.quotes:
            self.blocks.append(self.table)
            if depth:
                self.lists[-1].nests.add(self.containers[-1].line)
        return True

    def _item(self, line: int, mark: re.Match[str], depth: int, width: int) -> None:
        """Open the item that starts at `mark`, whose content is `width` columns in."""
        loose = self.last < line - 1
        self.leave(depth)
        if depth:
            self.containers[-1].bare = False
        kind = mark[1] or mark[3]
        if len(self.lists) == depth or self.lists[depth].mark != kind:
            del self.lists[depth:]
            self.lists.append(Items(line, line, kind))
            if not self.quotes:
                self.blocks.append(self.lists[-1])
        elif loose:
            self.lists[depth].loose = True
        items = self.lists[depth]
        items.last = line
        if depth and self.containers[-1].width:
            self.lists[depth - 1].nests.add(self.containers[-1].line)
        if self.text[self.starts[line] : mark.start()].strip(" \t"):
            items.nests.add(line)
        self.containers.append(Container(line, width))

    def _open_quote(self, line: int) -> None:
        self.containers.append(Container(line, 0))
        self.lists.append(Items(line, line, ">"))
        self.quotes += 1

    # What is open.

    def _enter(self, depth: int) -> None:
        """Make room for a block in the container `depth`: close what is open there or below."""
        self.leave(depth)
        del self.lists[depth:]
        if depth:
            self.containers[-1].bare = False

    def leave(self, depth: int) -> None:
        """Close the blocks that are open, and containers deeper than `depth`, not their list."""
        self.close_paragraph()
        self.table = self.raw = None
        while len(self.containers) > depth:
            container = self.containers.pop()
            items = self.lists[len(self.containers)]
            if not container.width:
                self.quotes -= 1
            elif self.last > container.line:
                items.ends[container.line] = items.last = self.last
        del self.lists[depth + 1 :]

    def close_paragraph(self) -> None:
        if self.paragraph:
            start, end = self._without_definitions(), self.paragraph[-1][1]
            self.paragraph = []
            if start is not None:
                self._keep(start, end)
                if not self.containers:
                    self.prose.append((start, end))

    def _without_definitions(self) -> int | None:
        """Keep the definitions that the paragraph starts with; return where what follows starts.

        None if nothing does.
        """
        spans = self.paragraph
        if self.text[spans[0][0]] != "[" or self.text.find("]:", spans[0][0], spans[-1][1]) < 0:
            return spans[0][0]
        text = "\n".join(self.text[start:end] for start, end in spans)
        offsets = [0, *accumulate(end - start + 1 for start, end in spans)]
        at = first = 0
        while at < len(text) and spans[first][0] not in self.indented:
            found = definition_at(text, at)
            if found is None:
                break
            label, (start, end), at = found
            line = bisect_right(offsets, start) - 1
            shift = spans[line][0] - offsets[line]
            target = decode_target(text[start:end])
            self.definitions.setdefault(label, Definition(start + shift, end + shift, target))
            first = bisect_right(offsets, at) - 1
        return None if at >= len(text) else spans[first][0]

    def _keep(self, start: int, end: int) -> None:
        """Keep the text between as a part of the row of the innermost item."""
        if self.containers and not self.quotes and self.text.find("[", start, end) >= 0:
            items = self.lists[len(self.containers) - 1]
            self.pending.append(Pending(items, self.containers[-1].line, start, end))

    def keep_cells(self, line: int, at: int, table: Table) -> None:
        """Keep the cells of a table's row."""
        end = self.ends[line]
        if not self.quotes and self.text.find("[", at, end) >= 0:
            for left, right in cell_spans(self.text, at, end)[: len(table.columns)]:
                self.pending.append(Pending(table, line, left, right))


def is_delimiter_row(text: str) -> bool:
    """Tell whether a line without blanks around it may be the one below a table's header."""
    return "|" in text and _DELIMITERS.match(text) is not None


def _has_one(text: str, closings: tuple[str, ...]) -> bool:
    text = text.lower()
    return any(closing in text for closing in closings)


def _blanks(text: str, at: int, end: int, column: int) -> tuple[int, int]:
    """Return where the blanks at `at` end, and how many columns they are, tabs up to every fourth.

    `column` is that of `at`, or one within the tab that stands there.
    """
    first = column
    while at < end:
        char = text[at]
        if char == " ":
            column += 1
        elif char == "\t":
            column += 4 - column % 4
        else:
            break
        at += 1
    return at, column - first


def _advance(text: str, at: int, end: int, column: int, width: int) -> tuple[int, int]:
    """Return what is `width` columns further on: an offset and a column. Stops after blanks."""
    while width and at < end and text[at] in " \t":
        step = 4 - column % 4 if text[at] == "\t" else 1
        if step > width:
            return at, column + width
        at, column, width = at + 1, column + step, width - step
    return at, column


def _is_break(text: str, at: int, end: int) -> bool:
    """Tell whether a thematic break stands there: three or more of `-`, `*` or `_`, and no more."""
    char = text[at]
    if char not in "-*_" or text[end - 1] not in (char, " ", "\t"):
        return False
    rest = text[at:end]
    return rest.count(char) >= 3 and not rest.strip(f"{char} \t")
