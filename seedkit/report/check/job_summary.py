"""The summary of a job on GitHub: what was found, as Markdown, at the top of the run's page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seedkit.core.diagnostic import Diagnostic
from seedkit.core.text import plural, shorten, visible
from seedkit.report import CheckReport, Style
from seedkit.report.check.summary import summary
from seedkit.report.machine import location, worst_first

_MOST: Final = 50  # findings that are listed; GitHub takes a megabyte
_LONGEST: Final = 300  # characters of a message
# Whatever could be Markdown or HTML, `@` and `#` for people and issues among it.
_MARKUP: Final = re.compile(r"[!-/:-@\[-`{-~]")


def render(report: CheckReport) -> Iterator[str]:
    """Return a heading, a sentence, and a table of the worst findings."""
    yield "### seedkit\n\n"
    if report.stopped:
        count = plural(len(report.diagnostics), "error")
        yield f"Nothing was checked: {count} in the configuration.\n\n"
    else:
        yield _literal(summary(report._replace(quiet=False), Style())).replace("\n", "  \n") + "\n"
    if not report.diagnostics:
        return
    yield "| place | finding |\n|---|---|\n"
    for number in worst_first(report.diagnostics)[:_MOST]:
        yield _row(report, report.diagnostics[number])
    more = len(report.diagnostics) - _MOST
    if more > 0:
        yield f"\n{plural(more, 'more finding')}: the log lists them.\n"
    yield "\n"


def _row(report: CheckReport, found: Diagnostic) -> str:
    place = location(report, found.place)
    said = shorten(found.message, _LONGEST)
    return (
        f"| {_literal(place)} | **{found.severity}** {_literal(found.rule)}: {_literal(said)} |\n"
    )


def _literal(text: str) -> str:
    """The text so that Markdown shows it as it is, on one line of a table."""
    shown = "\n".join(map(visible, text.split("\n")))
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", shown)
