"""Which finding explains which: one cause, one message.

Only what is reported may explain something. So this comes last: a finding that is ignored, allowed,
accepted, known from before or not asked for silences no other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from seedkit.core.diagnostic import Diagnostic, Related
from seedkit.core.rules import (
    FORMAT_NO_FORMAT,
    INDEX_DANGLING_ENTRY,
    INDEX_RENAMED_SEED,
    INDEX_UNLISTED_SEED,
    INDEX_WRONG_SPELLING,
    NAME_PATTERN,
    RULES,
)

# Rules that a misnamed seed breaks. That INDEX.md has another name of it, perhaps the right one, is
# no further fault.
_MISNAMED: Final = frozenset((NAME_PATTERN.name, FORMAT_NO_FORMAT.name))
_RENAMED: Final = frozenset((INDEX_RENAMED_SEED.name, INDEX_WRONG_SPELLING.name))
# Rules whose findings may be explained by another one at the same place.
_SUPERSEDED: Final = frozenset(rule.name for rule in RULES.values() if rule.superseded_by)


class Deduplicated(NamedTuple):
    """Findings of which none explains another, and those that are explained by one of them."""

    shown: list[Diagnostic]
    explained: list[Diagnostic]


def deduplicate(diagnostics: Sequence[Diagnostic]) -> Deduplicated:
    """Tell findings from those that another one explains, each in the order that they have.

    It may do so by way of a third, which it explains. A seed with a wrong name is related to the
    row that has another one.
    """
    # Of many files, only those are looked at more closely that have a finding to explain.
    by_path = {
        each.place.path: list[Diagnostic]() for each in diagnostics if each.rule in _SUPERSEDED
    }
    for each in diagnostics if by_path else ():
        if each.place.path in by_path:
            by_path[each.place.path].append(each)
    hidden = {id(each) for group in by_path.values() for each in _superseded(group)}
    rows, listed = _misnamed(diagnostics)
    hidden.update(map(id, listed))
    if not hidden:
        return Deduplicated(list(diagnostics), [])
    shown = [each for each in diagnostics if id(each) not in hidden]
    return Deduplicated(
        [_related(each, rows) for each in shown] if rows else shown,
        [each for each in diagnostics if id(each) in hidden],
    )


def _superseded(diagnostics: Sequence[Diagnostic]) -> Iterable[Diagnostic]:
    """Return the findings of one file that meet one of a rule that supersedes theirs."""
    if len(diagnostics) < 2:
        return
    causes: dict[tuple[str, ...], _Causes] = {}
    for diagnostic in diagnostics:
        rules = RULES[diagnostic.rule].superseded_by
        if rules:
            if rules not in causes:
                causes[rules] = _Causes(diagnostics, rules)
            if causes[rules].explain(diagnostic):
                yield diagnostic


class _Causes:
    """The places of findings of some rules, for the question whether one of them is met."""

    def __init__(self, diagnostics: Sequence[Diagnostic], rules: tuple[str, ...]) -> None:
        spans = sorted(
            (diagnostic.place.start.offset, diagnostic.place.end.offset)
            for diagnostic in diagnostics
            if diagnostic.place.start is not None
            and diagnostic.place.end is not None
            and diagnostic.rule in rules
        )
        self._starts = [start for start, _ in spans]
        self._reach = list(accumulate((end for _, end in spans), max))  # furthest end so far

    def explain(self, diagnostic: Diagnostic) -> bool:
        """Tell whether a cause overlaps or touches the finding."""
        start, end = diagnostic.place.start, diagnostic.place.end
        if start is None or end is None:
            return False
        before = bisect_right(self._starts, end.offset)  # those that begin before it ends
        return before > 0 and self._reach[before - 1] >= start.offset


def _misnamed(
    diagnostics: Sequence[Diagnostic],
) -> tuple[Mapping[str, tuple[Related, ...]], list[Diagnostic]]:
    """Return the rows that have another name of misnamed seeds, and the findings about that."""
    misnamed = {each.place.path for each in diagnostics if each.rule in _MISNAMED}
    if not misnamed:
        return {}, []
    likely = {
        each.involved[0]: each.place.path
        for each in diagnostics
        if each.rule == INDEX_UNLISTED_SEED.name and each.involved and each.place.path in misnamed
    }
    rows: dict[str, tuple[Related, ...]] = {}
    listed = []
    for each in diagnostics:
        path = _other_name(each, likely)
        if path in misnamed:
            listed.append(each)
            if each.place.path != path:
                rows[path] = (Related(each.place, "listed here under another name"),)
    return rows, listed


def _other_name(found: Diagnostic, likely: Mapping[str, str]) -> str:
    """The seed that INDEX.md has, or may have, under another name; empty if it says of none.

    `likely` are seeds that are not listed by the paths that they may have had.
    """
    if found.rule in _RENAMED and found.involved:
        return found.involved[-1]
    if found.rule == INDEX_DANGLING_ENTRY.name and found.involved:
        return likely.get(found.involved[0], "")
    if found.rule == INDEX_UNLISTED_SEED.name and found.involved:
        return found.place.path
    return ""


def _related(found: Diagnostic, rows: Mapping[str, tuple[Related, ...]]) -> Diagnostic:
    if found.rule not in _MISNAMED or found.place.path not in rows:
        return found
    return found._replace(related=(*found.related, *rows[found.place.path]))
