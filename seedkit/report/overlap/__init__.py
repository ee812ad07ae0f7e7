"""What `overlap` shows: which words in a row occur elsewhere, and how much of the texts that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from seedkit.core.text import plural, shorten, visible
from seedkit.infer.overlap import Overlap, Spot

_EXCERPT = 60  # characters of a run that are shown


class OverlapReport(NamedTuple):
    """What was found, the names of A (`reference`) and B (`target`) as given, the least number of
    words in a row, and files that were not compared, with the reason."""

    found: Overlap
    reference: str
    target: str
    least: int
    skipped: Mapping[str, str]
    quiet: bool = False


def render(report: OverlapReport) -> Iterator[str]:
    """Return a line for each run, and a summary."""
    found = report.found
    for run in found.runs:
        excerpt = visible(shorten(" ".join(run.text.split()), _EXCERPT))
        what = "same text as" if run.whole else f"{run.tokens:,} words also occur at"
        yield f"{_location(run.at)}: {what} {_location(run.elsewhere)}: {excerpt}\n"
    if report.quiet:
        return
    a, b = f"`{visible(report.reference)}`", f"`{visible(report.target)}`"
    if not found.runs:
        yield f"No {report.least} words in a row of {b} occur in {a}.\n"
        return
    of = f"{found.shared:,} of {plural(found.tokens, 'word')}"
    within = f"{found.touched:,} of {plural(found.items, 'text')}"
    yield f"\n{found.share:.1%} of {b} also occurs in {a}: {of}, in {within}.\n"


def _location(spot: Spot) -> str:
    column = f":{spot.column}" if spot.column else ""
    return f"{visible(spot.path)}:{spot.line}{column}"
