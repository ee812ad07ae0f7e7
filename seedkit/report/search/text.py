"""`search --format text`: for people, under headings at a terminal; one line a match in a pipe.

seeds/news/003.txt  The mill at the bend
  1:27  …nobody had seen the lamp go out at the mill…
  4:1   Mills are quiet at night
  +3 repeats

A snippet as it is shown: cut to the width, what was found painted, with marks where it was cut.

Only the first highlight is sure to show; snippets are chosen so that the others are near it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedkit.core.text import plural, shorten, visible
from seedkit.report import BOLD, DIM, Style
from seedkit.report.cells import ShownUnit, reach_left, unit_start, units
from seedkit.report.search import SearchReport, summary
from seedkit.search.model import Hit, Snippet

_NEAR = 16  # characters to look for the beginning of a word in
FOUND = "1;31"  # the ink of what was searched for, as with grep


def snippet_line(snippet: Snippet, style: Style, width: int | None) -> str:
    """Return the text of a snippet in at most `width` cells, its highlights painted."""
    line = snippet.text.rstrip()
    spans = [(start, min(end, len(line))) for start, end in snippet.highlights if start < len(line)]
    before, after = snippet.cut
    shown: Sequence[ShownUnit] = list(units(line, 0))
    if width is not None:
        first, last = spans[0] if spans else (0, 0)
        left, shown, right = _fit(line, shown, (first, last), (before, after), width, style)
        before, after = before or left, after or right
    head = style.ellipsis if before else ""
    tail = style.ellipsis if after else ""
    return head + painted(shown, spans, style) + tail


def painted(shown: Sequence[ShownUnit], spans: Sequence[tuple[int, int]], style: Style) -> str:
    """Return the units with those that lie in one of the spans, which are in order, painted."""
    if not style.color or not spans:
        return "".join(unit.shown for unit in shown)
    return "".join(_runs(shown, spans, style))


def _runs(
    shown: Sequence[ShownUnit], spans: Sequence[tuple[int, int]], style: Style
) -> Iterator[str]:
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
    everything: Sequence[ShownUnit],
    span: tuple[int, int],
    cut: tuple[bool, bool],
    width: int,
    style: Style,
) -> tuple[bool, Sequence[ShownUnit], bool]:
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
    shown: list[ShownUnit] = []
    used = 0
    for unit in everything:
        if unit.start < first:
            continue
        if used + unit.width > room:
            return first > 0, shown, True
        shown.append(unit)
        used += unit.width
    return first > 0, shown, False


_LEAST = 20  # cells for a snippet, however narrow the terminal
_TITLE = 200  # characters


def render(report: SearchReport, style: Style) -> Iterator[str]:
    """Return the hits, or the facets if they were asked for."""
    if report.explain and report.answer.understood:
        yield f"{style.paint(DIM, 'query:')} {visible(report.answer.understood)}\n"
    if report.answer.facets:
        yield from _facets(report, style)
    elif style.width is None:
        yield from _lines(report, style)
    else:
        yield from _headings(report, style, style.width)


def _lines(report: SearchReport, style: Style) -> Iterator[str]:
    """A line for each snippet, which editors can jump to."""
    for hit in report.answer.hits:
        path = style.paths.shown(hit.path)
        # At the end of the first line, where it is in no one's way.
        repeats = f"  (+{plural(len(hit.repeats), 'repeat')})" if hit.repeats else ""
        for number, snippet in enumerate(hit.snippets):
            line, column = snippet.place
            where = style.paint(BOLD, f"{path}:{line}:{column}")
            last = "" if number else repeats
            yield f"{where}: {snippet_line(snippet, style, None)}{last}\n"
        if not hit.snippets:
            yield f"{style.paint(BOLD, f'{path}:{hit.line}:{hit.column}')}:{repeats}\n"
        if report.explain:
            yield f"{_score(hit)}\n"


def _headings(report: SearchReport, style: Style, width: int) -> Iterator[str]:
    hits = report.answer.hits
    places = [snippet.place for hit in hits for snippet in hit.snippets]
    lines = max((len(str(line)) for line, _ in places), default=1)
    columns = max((len(str(column)) for _, column in places), default=1)
    room = max(_LEAST, width - lines - columns - 5)
    for number, (path, ranked) in enumerate(_by_path(hits).items()):
        if number:
            yield "\n"
        yield _heading(path, ranked, style, width)
        for hit in ranked:
            for snippet in hit.snippets:
                line, column = snippet.place
                where = style.paint(DIM, f"{line:>{lines}}:{column:<{columns}}")
                yield f"  {where}  {snippet_line(snippet, style, room)}\n"
            if report.explain:
                yield f"  {style.paint(DIM, _score(hit))}\n"
            if hit.repeats:
                repeats = plural(len(hit.repeats), "repeat")
                yield f"  {style.paint(DIM, f'+{repeats}')}\n"
    last = summary(report)
    if last:
        yield f"\n{style.paint(DIM, last)}\n"


def _by_path(hits: Sequence[Hit]) -> dict[str, list[Hit]]:
    """The hits of each seed together, where the best of them stands."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.path, []).append(hit)
    return found


def _heading(path: str, ranked: Sequence[Hit], style: Style, width: int) -> str:
    """The path, and the title if the hits have one that is not shown below, and there is room."""
    name = style.paths.shown(path)
    heading = style.paint(BOLD, name)
    room = width - len(name) - 2
    titles = {hit.title for hit in ranked if hit.title}
    if len(titles) != 1 or room < _LEAST or any(map(_shows_title, ranked)):
        return f"{heading}\n"
    title = Snippet("title", 1, 1, shorten(titles.pop(), _TITLE))
    return f"{heading}  {snippet_line(title, style, room)}\n"


def _shows_title(hit: Hit) -> bool:
    """Tell whether a snippet is the title, or a part of it."""
    if not hit.title:
        return False
    for snippet in hit.snippets:
        line = " ".join(snippet.text.split())
        if hit.title in line or (any(snippet.cut) and line in hit.title):
            return True
    return False


def _score(hit: Hit) -> str:
    """How the score came about."""
    parts = " + ".join(f"{part.score:.3f} {visible(part.what)}" for part in hit.parts)
    return f"score {hit.score:.3f}" + (f" = {parts}" if parts else "")


def _facets(report: SearchReport, style: Style) -> Iterator[str]:
    """A table for each field: how many hits have each value, the most frequent first."""
    for number, (field, values) in enumerate(report.answer.facets):
        if number:
            yield "\n"
        yield f"{style.paint(BOLD, visible(field))}\n"
        shown = values[: report.limit]
        digits = max((len(f"{count:,}") for _, count in shown), default=1)
        for value, count in shown:
            yield f"  {count:>{digits},}  {visible(value) or '(none)'}\n"
        if len(shown) < len(values) and not report.quiet:
            left = plural(len(values) - len(shown), "more value")
            yield style.paint(DIM, f"  and {left}") + "\n"
