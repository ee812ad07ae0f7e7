"""`repeats --format full`: for people, with what differs marked, one text above the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from seedkit.report import BOLD, CYAN, DIM, Style
from seedkit.report.concise import location
from seedkit.report.differences import differences
from seedkit.report.excerpt import excerpt
from seedkit.report.repeats import Group, Passage, RepeatsReport, summary
from seedkit.text import LineIndex, plural, shorten, visible

_COMPARED = 2  # members of a group that are compared with the representative
_DIFFERENCES = 3  # shown of each
_PLACES = 6  # of a passage that are listed
_WIDTH = 100  # where there is no terminal
_WHAT = {
    "duplicate-seed": "the same bytes",
    "same-text": "the same words",
    "near-duplicate": "at least {0} the same",
    "contained-seed": "at least {0} of each stand in the first",
    "repeated-passage": "{0} words in {1}",
    "repeated-section": "a section of {0} words, twice in one seed",
    "boilerplate": "{0} words in {1}",
}


def render(report: RepeatsReport, style: Style) -> Iterator[str]:
    """Return the groups, the passages, the pairs if they were asked for, and a summary."""
    for group in report.groups:
        yield "\n".join(_group(group, report, style)) + "\n\n"
    for passage in report.passages:
        yield "\n".join(_passage(passage, style)) + "\n\n"
    for pair in report.pairs or ():
        yield f"{percent(pair.similarity):>5}  {visible(pair.a)}  {visible(pair.b)}\n"
    if report.pairs:
        yield "\n"
    yield summary(report)


def percent(share: float) -> str:
    """Return a share as a whole percentage, rounded down: only what is equal is 100 %."""
    return f"{int(share * 100 + 1e-9)} %"


def _group(group: Group, report: RepeatsReport, style: Style) -> Iterator[str]:
    what = _WHAT[group.kind].format(percent(group.similarity))
    seeds = plural(len(group.members) + 1, "seed")
    yield f"{style.paint(BOLD, group.kind)}: {seeds}, {what}"
    yield f"         {visible(group.representative)}"
    alike = group.kind in ("near-duplicate", "contained-seed")
    for number, member in enumerate(group.members):
        share = member.containment if group.kind == "contained-seed" else member.similarity
        yield f"  {percent(share) if alike else '':>5}  {visible(member.path)}"
        if group.kind == "near-duplicate" and number < _COMPARED:
            yield from _compared(group.representative, member.path, report, style)


def _compared(first: str, second: str, report: RepeatsReport, style: Style) -> Iterator[str]:
    a, b = report.read(first), report.read(second)
    if a is None or b is None:
        return
    width = max(20, (style.width or _WIDTH) - 9)
    found = list(islice(differences(a, b), _DIFFERENCES + 1))
    indexes = LineIndex(a), LineIndex(b)
    for difference in found[:_DIFFERENCES]:
        yield ""
        for index, span, path in zip(indexes, difference, (first, second), strict=True):
            line, column, _ = index.position(span[0])
            text = index.line_text(line)
            length = min(span[1] - span[0], len(text) - column + 1)
            cut = excerpt(text, column - 1, column - 1 + length, width, style.ellipsis)
            yield f"         {style.paint(DIM, f'{visible(path)}:{line}:{column}')}"
            yield f"         {cut.text.rstrip()}"
            yield f"         {' ' * cut.indent}{style.paint(CYAN, '^' * cut.marked)}"
    if len(found) > _DIFFERENCES:
        yield f"         {style.ellipsis}"


def _passage(passage: Passage, style: Style) -> Iterator[str]:
    where = plural(passage.seeds, "seed")
    what = _WHAT[passage.kind].format(f"{passage.tokens:,}", where)
    yield f"{style.paint(BOLD, passage.kind)}: {what}"
    yield f"  {style.paint(CYAN, shorten(passage.text, max(20, (style.width or _WIDTH) - 2)))}"
    for place in passage.occurrences[:_PLACES]:
        yield f"    {location(place)}"
    if len(passage.occurrences) > _PLACES:
        yield f"    and {plural(len(passage.occurrences) - _PLACES, 'more place')}"
