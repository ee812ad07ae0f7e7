"""`search --format json`: the wire model, indented by two, one newline at the end."""

from __future__ import annotations

from collections.abc import Iterator

from seedkit.report import Style
from seedkit.report.check.json import dump
from seedkit.report.search import SearchReport
from seedkit.report.search.wire import output


def render(report: SearchReport, style: Style) -> Iterator[str]:
    """Return one JSON object. `style` makes no difference to machines."""
    yield dump(output(report)) + "\n"
