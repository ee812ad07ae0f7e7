"""`repeats --format concise`: one line for each seed or place that repeats another."""

from __future__ import annotations

from collections.abc import Iterator

from seedkit.report import BOLD, CYAN, Style
from seedkit.report.concise import location
from seedkit.report.repeats import RepeatsReport, summary
from seedkit.text import visible


def render(report: RepeatsReport, style: Style) -> Iterator[str]:
    """Return a line per member, place and pair, then a summary."""
    for group in report.groups:
        what = style.paint(CYAN, group.kind)
        for member in group.members:
            contained = group.kind == "contained-seed"
            share = member.containment if contained else member.similarity
            path = style.paint(BOLD, visible(member.path))
            yield f"{path}: {what} {share:.3f} {visible(group.representative)}\n"
    for passage in report.passages:
        what = style.paint(CYAN, passage.kind)
        first, *others = passage.occurrences
        for place in others:
            where = style.paint(BOLD, location(place))
            yield f"{where}: {what} {passage.tokens} {location(first)}\n"
    for pair in report.pairs or ():
        yield f"{pair.similarity:.3f} {visible(pair.a)} {visible(pair.b)}\n"
    yield summary(report)
