"""`repeats --format json`: the wire model, indented by two, one newline at the end."""

from __future__ import annotations

from collections.abc import Iterator

from seedkit.report import Style
from seedkit.report.check.json import dump
from seedkit.report.repeats import RepeatsReport
from seedkit.report.repeats.wire import output


def render(report: RepeatsReport, style: Style) -> Iterator[str]:
    """Return one JSON object. `style` makes no difference to machines."""
    found = output(report)
    yield dump(found, exclude={"pairs"} if report.pairs is None else None) + "\n"
