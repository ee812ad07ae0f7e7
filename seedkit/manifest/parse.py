"""Reads the text of an INDEX.md: its tables, its lists, and the links in their rows.

Linear in the text and total: every text parses. Whole runs of simple rows are taken at once, what
is left in the way of CommonMark (`blocks`, `inline`).
"""

from __future__ import annotations

import re

from seedkit.manifest.blocks import Blocks
from seedkit.manifest.inline import ONE_LINK, links_in
from seedkit.manifest.model import Block, Link, Manifest, Table
from seedkit.manifest.target import decode_target

_NUMBER = re.compile(r"([ \t]*+)[0-9]{1,9}([.)]) {1,4}+(?=\[)")


def parse_manifest(text: str) -> Manifest:
    """Return the tables, the lists and the links of the text. Never raises."""
    return _Parser(text).run()


class _Parser(Blocks):
    """One pass over the lines, then one over the texts of rows that are not simple."""

    def run(self) -> Manifest:
        line, count = 0, len(self.starts)
        while line < count:
            if self.table is not None and not self.containers:
                line = self._rows(line, self.table)
            elif self.prefix:
                line = self._siblings(line)
            if line < count:
                self.prefix = ""
                self.read(line)
                line += 1
        unclosed = None
        if self.raw is not None and self.raw.depth == 0 and self.raw.closings:
            unclosed = self.starts[self.raw.line]
        self.leave(0)
        self._read_pending()
        blocks = [
            block
            for block in self.blocks
            if isinstance(block, Table) or block.links or block.broken
        ]
        blocks.sort(key=lambda block: block.first)
        return Manifest(
            self.text, self.starts, self.ends, blocks, unclosed, self.definitions, self.prose
        )

    def _read_pending(self) -> None:
        text, definitions = self.text, self.definitions
        for block, row, start, end in self.pending:
            if one := ONE_LINK.match(text, start, end):
                _keep(one, row, block)
                continue
            cell = isinstance(block, Table)
            for found in links_in(text, start, end, definitions, cell=cell):
                link = Link(row, *found[:6])
                (block.broken if found.broken else block.links).append(link)
        for block in {id(each.block): each.block for each in self.pending}.values():
            block.links.sort(key=lambda link: link.text_start)

    # The two common cases, whole runs of lines at a time.

    def _rows(self, line: int, table: Table) -> int:
        """Take the rows of a table that start with a pipe; return the first line that is none."""
        text, starts, ends, match = self.text, self.starts, self.ends, ONE_LINK.match
        append, new = table.links.append, tuple.__new__
        first, count, width = line, len(starts), len(table.columns)
        while line < count and text.startswith("|", starts[line]):
            found = match(text, starts[line], ends[line])
            if not found:
                self.keep_cells(line, starts[line], table)
            elif text.count("|", starts[line], found.start(1)) > width:
                pass  # in a cell that no column has
            elif found[2]:
                text_start, text_end = found.span(1)
                start, end = found.span(2)
                append(new(Link, (line, start, end, text_start, text_end, found[2], None)))
            else:
                _keep(found, line, table)
            line += 1
        if line > first:
            table.last = self.last = line - 1
        return line

    def _siblings(self, line: int) -> int:
        """Take the items that start like the one before and hold one link, at once.

        The last of them is left: the lines below it may be a part of it.
        """
        text, starts, ends, match = self.text, self.starts, self.ends, ONE_LINK.match
        items, prefix = self.lists[len(self.containers) - 1], self.prefix
        append, new = items.links.append, tuple.__new__
        first, count, size = line, len(starts), len(prefix)
        indent = prefix[: len(prefix) - len(prefix.lstrip())]
        ready: re.Match[str] | None = None  # the line above
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
            if ready is None:
                pass
            elif ready[2]:
                text_start, text_end = ready.span(1)
                start, end = ready.span(2)
                append(new(Link, (line - 1, start, end, text_start, text_end, ready[2], None)))
            else:
                _keep(ready, line - 1, items)
            ready = found
            if not found:
                break
            line += 1
        if ready is not None:
            line -= 1
        if line > first:
            self.close_paragraph()
            items.last = self.last = self.containers[-1].line = line - 1
        return line


def _keep(found: re.Match[str], line: int, block: Block) -> None:
    """Keep the link that `ONE_LINK` found, if it may name a file."""
    target = found[2] or decode_target(found[3])
    if target is not None:
        span = found.span(2) if found[2] else found.span(3)
        block.links.append(Link(line, *span, *found.span(1), target))
