"""`search --format text`: for people, under headings at a terminal; one line a match in a pipe.

seeds/news/003.txt  The mill at the bend
  1:27  …nobody had seen the lamp go out at the mill…
  4:1   Mills are quiet at night
  +3 repeats
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedkit.core.text import plural, shorten, visible
from seedkit.report import BOLD, DIM, Style
from seedkit.report.search import SearchReport, summary
from seedkit.report.search.lines import snippet_line
from seedkit.search.answer import Hit, Snippet

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
        for snippet in hit.snippets:
            line, column = snippet.place
            where = style.paint(BOLD, f"{path}:{line}:{column}")
            yield f"{where}: {snippet_line(snippet, style, None)}\n"
        if not hit.snippets:
            yield f"{style.paint(BOLD, f'{path}:{hit.line}:{hit.column}')}:\n"
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
        yield _heading(path, ranked[0], style, width)
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


def _heading(path: str, hit: Hit, style: Style, width: int) -> str:
    """The path, and the title if it is not among the snippets and there is room for it."""
    name = style.paths.shown(path)
    heading = style.paint(BOLD, name)
    room = width - len(name) - 2
    told = any(snippet.section == "title" for snippet in hit.snippets)
    if not hit.title or told or room < _LEAST:
        return f"{heading}\n"
    title = Snippet("title", 1, 1, shorten(hit.title, _TITLE))
    return f"{heading}  {snippet_line(title, style, room)}\n"


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
