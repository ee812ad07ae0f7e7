"""`repeats --format concise`: one line for each seed or place that repeats another."""

from __future__ import annotations

from collections.abc import Iterator

from seedkit.report import BOLD, CYAN, Style
from seedkit.report.repeats import RepeatsReport, summary


def render(report: RepeatsReport, style: Style) -> Iterator[str]:
    """Return a line per member, place and pair that concern what was named, then a summary."""
    shown = style.paths.shown
    for group in report.groups:
        what = style.paint(CYAN, group.kind)
        for member in group.members:
            path, other = member.path, group.representative
            if not (report.concerns(path) or report.concerns(other)):
                continue
            if group.kind == "contained-seed" and member.larger:
                path, other = other, path  # the smaller one is what repeats
            where = style.paint(BOLD, shown(path))
            yield f"{where}: {what} {_share(group.share(member))} {shown(other)}\n"
    for passage in report.passages:
        what = style.paint(CYAN, passage.kind)
        first, *others = passage.occurrences
        for place in others or [first]:
            if not (report.concerns(place.path) or report.concerns(first.path)):
                continue
            where = style.paint(BOLD, style.paths.location(place))
            yield f"{where}: {what} {passage.tokens} {style.paths.location(first)}\n"
    for pair in report.pairs or ():
        yield f"{_share(pair.similarity)} {shown(pair.a)} {shown(pair.b)}\n"
    yield summary(report)


def _share(share: float) -> str:
    """Three decimals, rounded down: only what is equal is 1.000."""
    return f"{int(share * 1000 + 1e-9) / 1000:.3f}"
