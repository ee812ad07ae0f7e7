"""A snippet as it is shown: cut to the width, what was found painted, with marks where it was cut.

Only the first highlight is sure to show; snippets are chosen so that the others are near it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedkit.report import Style
from seedkit.report.cells import Unit, reach_left, unit_start, units
from seedkit.search.answer import Snippet

_NEAR = 16  # characters to look for the beginning of a word in
FOUND = "1;31"  # the ink of what was searched for, as with grep


def snippet_line(snippet: Snippet, style: Style, width: int | None) -> str:
    """Return the text of a snippet in at most `width` cells, its highlights painted."""
    line = snippet.text.rstrip()
    spans = [(start, min(end, len(line))) for start, end in snippet.highlights if start < len(line)]
    before, after = snippet.cut
    shown: Sequence[Unit] = list(units(line, 0))
    if width is not None:
        first, last = spans[0] if spans else (0, 0)
        left, shown, right = _fit(line, shown, (first, last), (before, after), width, style)
        before, after = before or left, after or right
    head = style.ellipsis if before else ""
    tail = style.ellipsis if after else ""
    return head + painted(shown, spans, style) + tail


def painted(shown: Sequence[Unit], spans: Sequence[tuple[int, int]], style: Style) -> str:
    """Return the units with those that lie in one of the spans, which are in order, painted."""
    if not style.color or not spans:
        return "".join(unit.shown for unit in shown)
    return "".join(_runs(shown, spans, style))


def _runs(shown: Sequence[Unit], spans: Sequence[tuple[int, int]], style: Style) -> Iterator[str]:
    run: list[str] = []
    inside, at = False, 0
    for unit in shown:
        while at < len(spans) and spans[at][1] <= unit.start:
            at += 1
        now = at < len(spans) and spans[at][0] < unit.end
        if now != inside:
            yield style.paint(FOUND, "".join(run)) if inside else "".join(run)
            run, inside = [], now
        run.append(unit.shown)
    yield style.paint(FOUND, "".join(run)) if inside else "".join(run)


def _fit(
    line: str,
    everything: Sequence[Unit],
    span: tuple[int, int],
    cut: tuple[bool, bool],
    width: int,
    style: Style,
) -> tuple[bool, Sequence[Unit], bool]:
    """Return the units that fit, and whether any were left out before and after them.

    The span shows, from its start at least; on either side there is as much context as there is
    room for, most of it behind.
    """
    edge = len(style.ellipsis)
    if sum(unit.width for unit in everything) + edge * sum(cut) <= width:
        return False, everything, False
    room = width - 2 * edge
    anchor = unit_start(line, span[0])
    behind = sum(unit.width for unit in everything if unit.start >= anchor)
    found = sum(unit.width for unit in everything if anchor <= unit.start < span[1])
    # A third of what the span leaves, or more where the line ends before the room does.
    first, _ = reach_left(line, anchor, max((room - found) // 3, room - behind, room // 8))
    if not cut[0] and sum(unit.width for unit in everything if unit.start < first) <= edge:
        first = 0  # what the ellipsis would replace may as well be shown
    elif (word := line.find(" ", max(0, first - 1), min(first + _NEAR, anchor))) >= 0:
        first = word + 1
    shown: list[Unit] = []
    used = 0
    for unit in everything:
        if unit.start < first:
            continue
        if used + unit.width > room:
            return first > 0, shown, True
        shown.append(unit)
        used += unit.width
    return first > 0, shown, False
