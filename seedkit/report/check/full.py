"""`--format full`: findings for people, with the place in the text and the way out.

    error[section/too-long]: section `title` has 214 characters, at most 200 are allowed
     --> seeds/000_f58ef1cb9b988d29.txt:2:201
      |
    2 | …the end of a line that is far too long for a headline
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: shorten it, or raise `max_chars` in schemas/news.toml

The layout is rustc's, since its readers are many: carets under the place, dashes under places that
are related, and `=` before what else to know and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from seedkit.core.diagnostic import Applicability, Diagnostic, Place
from seedkit.core.text import plural, visible
from seedkit.report import BOLD, CYAN, DIM, SEVERITY_INK, CheckReport, Style
from seedkit.report.cells import wrap
from seedkit.report.check.summary import summary
from seedkit.report.excerpt import excerpt
from seedkit.report.sources import Row, Sources

MAX_EXCERPTS = 3  # of related places; a seed copied a thousand times is understood from three
MAX_RELATED = 6
_WIDTH = 100  # where there is no terminal
_MIN_TEXT = 20  # cells of a line to show, however narrow the terminal

_HOW = {
    Applicability.SAFE: "--fix",
    Applicability.UNSAFE: "--fix --unsafe-fixes",
    Applicability.DISPLAY_ONLY: "by hand",
}


def render(report: CheckReport, style: Style) -> Iterator[str]:
    """Return each finding with a blank line after it, then the summary."""
    yield from findings(report, style)
    yield summary(report, style)


def findings(report: CheckReport, style: Style) -> Iterator[str]:
    """Return each finding with a blank line after it."""
    sources = Sources(report.read, (p for d in report.diagnostics for p in _excerpted(d)))
    for diagnostic in report.diagnostics:
        rows = {place: sources.rows(place) for place in _excerpted(diagnostic)}
        yield "\n".join(_Page(diagnostic, rows, style).lines()) + "\n\n"


def _excerpted(diagnostic: Diagnostic) -> list[Place]:
    """Return the places to show an excerpt of, the finding's own first, no line twice."""
    places: dict[tuple[str, int], Place] = {}
    for place in (diagnostic.place, *(r.place for r in diagnostic.related[:MAX_EXCERPTS])):
        if place.start is not None:
            places.setdefault((place.path, place.start.line), place)
    return list(places.values())


class _Page:
    """One finding, laid out along one gutter."""

    def __init__(self, diagnostic: Diagnostic, rows: dict[Place, list[Row]], style: Style) -> None:
        self._diagnostic = diagnostic
        self._rows = rows
        self._style = style
        self._ink = SEVERITY_INK[diagnostic.severity]
        numbers = [row.number for shown in rows.values() for row in shown]
        self._shown = bool(numbers)
        self._gutter = len(str(max(numbers, default=1)))
        self._width = max(_MIN_TEXT, (style.width or _WIDTH) - self._gutter - len(" | "))

    def lines(self) -> Iterator[str]:
        """Return the lines of the finding."""
        place = self._diagnostic.place
        yield from self._headline()
        yield self._arrow("-->", self._style.paths.location(place))
        yield from self._excerpt(self._rows.pop(place, []), "^", self._ink)
        notes = []
        for related in self._diagnostic.related[:MAX_RELATED]:
            there = f"{self._style.paths.location(related.place)}: {visible(related.message)}"
            rows = self._rows.pop(related.place, [])
            if rows:
                yield self._edge()
                yield self._arrow(":::", there)
                yield from self._excerpt(rows, "-", CYAN)
            else:
                notes.append(("note", there))
        notes.extend(self._remedies())
        if notes and self._shown:
            yield self._edge()
        for label, text in notes:
            yield from self._note(label, text)

    def _headline(self) -> Iterator[str]:
        label = f"{self._diagnostic.severity}[{self._diagnostic.rule}]"
        message = visible(self._diagnostic.message)
        first, *more = wrap(message, self._style.width, lead=f"{label}: ", indent=4)
        paint = self._style.paint
        yield paint(self._ink, label) + paint(BOLD, first[len(label) :])
        yield from (paint(BOLD, line) for line in more)

    def _remedies(self) -> Iterator[tuple[str, str]]:
        more = len(self._diagnostic.related) - MAX_RELATED
        if more > 0:
            yield "note", f"{plural(more, 'more place')} (--format json lists all)"
        if self._diagnostic.help is not None:
            yield "help", visible(self._diagnostic.help)
        fix = self._diagnostic.fix
        if fix is not None:
            yield "fix", f"{visible(fix.title)} ({_HOW[fix.applicability]})"

    def _note(self, label: str, text: str) -> Iterator[str]:
        lead = f"{'':{self._gutter}} = "
        head = f"{lead}{label}: "
        first, *more = wrap(text, self._style.width, head, indent=len(head))
        paint = self._style.paint
        yield paint(DIM, lead) + paint(BOLD, f"{label}:") + first[len(head) - 1 :]
        yield from more

    def _arrow(self, arrow: str, text: str) -> str:
        return f"{'':{self._gutter}}{self._style.paint(DIM, arrow)} {text}"

    def _edge(self, label: str = "", text: str = "") -> str:
        gutter = self._style.paint(DIM, f"{label:>{self._gutter}} |")
        return f"{gutter} {text}" if text else gutter

    def _excerpt(self, rows: list[Row], mark: str, ink: str) -> Iterator[str]:
        ellipsis = self._style.ellipsis
        if rows:
            yield self._edge()
        for place, row in enumerate(rows):
            if place and row.number > rows[place - 1].number + 1:
                yield self._style.paint(DIM, f"{ellipsis:>{self._gutter}}")
            cut = excerpt(row.line, row.start, row.end, self._width, ellipsis)
            yield self._edge(str(row.number), cut.text.rstrip(" "))
            yield self._edge("", " " * cut.indent + self._style.paint(ink, mark * cut.marked))
