"""A line of a seed, cut to the width of the terminal around the span that matters.

A line of prose may have a hundred thousand characters. Only the neighbourhood of the span is ever
looked at, so an excerpt costs the same whatever the length of its line.
"""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import NamedTuple

from seedkit.report.cells import Unit, is_joiner, is_plain, reach_left, unit_start, units


class Excerpt(NamedTuple):
    """What is shown of a line, and the cells of it to underline."""

    text: str
    indent: int
    marked: int


def excerpt(line: str, start: int, end: int, width: int, ellipsis: str) -> Excerpt:
    """Return the line cut to `width` cells so that the code points from `start` to `end` show.

    A span too wide to show is shown from its start. An empty span, one behind the end of the line
    and one that shows nothing mark one cell.
    """
    start = min(start, len(line))
    end = max(start, min(end, len(line)))
    if start == len(line):
        line += " "  # a cell for the mark behind the end
    reveal = range(start, end) if is_joiner(line[start:end]) else range(0)
    anchor = start if reveal else unit_start(line, start)
    first = _first(line, anchor, end, width, ellipsis, reveal)
    head = ellipsis if first else ""
    room = width - len(head)
    shown, cut = _fit_plain(line, first, start, end, room, ellipsis) or _fit(
        line, first, room, ellipsis, reveal
    )
    tail = ellipsis if cut else ""
    indent = len(head) + sum(unit.width for unit in takewhile(lambda u: u.start < anchor, shown))
    marked = 1
    if end > start:
        marked = sum(unit.width for unit in shown if unit.start < end and unit.end > start)
        marked += len(tail) if shown and shown[-1].end < end else 0
    return Excerpt(head + "".join(unit.shown for unit in shown) + tail, indent, max(1, marked))


def _first(line: str, anchor: int, end: int, width: int, ellipsis: str, reveal: range) -> int:
    """Return where to start, so that the span stands between as much context on either side."""
    span, after = _measure(line, anchor, end, width, reveal)
    start, before = reach_left(line, anchor, width)
    if start == 0 and before + span + after <= width:
        return 0
    edge = len(ellipsis)
    centred = (width - span - 2 * edge) // 2
    to_the_end = width - span - edge - after
    # A span wider than the line still gets some context, so that it is seen where it begins.
    start, _ = reach_left(line, anchor, max(centred, to_the_end, width // 8))
    # What the ellipsis would replace may as well be shown.
    return 0 if reach_left(line, start, edge)[0] == 0 else start


def _measure(line: str, anchor: int, end: int, width: int, reveal: range) -> tuple[int, int]:
    """Return the cells of the span and those after it, both together counted to `width` + 1."""
    near = line[anchor : anchor + width + 1]
    if is_plain(near):
        span = min(max(1, end - anchor), len(near))
        return span, len(near) - span
    span = after = 0
    for unit in units(line, anchor, reveal):
        if unit.start < end or unit.start == anchor:
            span += unit.width
        else:
            after += unit.width
        if span + after > width:
            break
    return span, after


def _fit_plain(
    line: str, first: int, start: int, end: int, width: int, ellipsis: str
) -> tuple[list[Unit], bool] | None:
    """Do as `_fit` does, where every character takes one cell: what stands before the span, in it
    and behind it is each as good as one unit. Elsewhere return None."""
    near = line[first : first + width + 1]
    if not is_plain(near):
        return None
    cut = len(near) > width
    stop = first + (max(0, width - len(ellipsis)) if cut else len(near))
    edges = (first, *(min(max(at, first), stop) for at in (start, end)), stop)
    return [Unit(a, b, line[a:b], b - a) for a, b in pairwise(edges) if a < b], cut


def _fit(
    line: str, first: int, width: int, ellipsis: str, reveal: range
) -> tuple[list[Unit], bool]:
    """Return the units from `first` on that fit, and whether any had to be left out."""
    shown: list[Unit] = []
    used = 0
    for unit in units(line, first, reveal):
        shown.append(unit)
        used += unit.width
        if used > width:
            while shown and used > width - len(ellipsis):
                used -= shown.pop().width
            return shown, True
    return shown, False
