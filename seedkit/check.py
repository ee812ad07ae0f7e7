"""Judges a refreshed workspace: which findings about the corpus count, and which are accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from seedkit import baseline
from seedkit.corpus import MISNAMED, corpus_findings
from seedkit.diagnostic import Diagnostic, sort_key
from seedkit.globs import Globs
from seedkit.selection import Selection, apply_allowances, independent
from seedkit.source import within
from seedkit.workspace import Workspace


class Judgement(NamedTuple):
    """The findings of a check, sorted, and how many more the baseline accepts.

    `all` are the findings before the baseline and the narrowing to paths.
    """

    diagnostics: list[Diagnostic]
    baselined: int
    all: list[Diagnostic]


def selection(
    workspace: Workspace, select: Sequence[str] | None = None, ignore: Sequence[str] = ()
) -> Selection:
    """Return what counts, from the configuration and the command line."""
    config = workspace.settings.config
    per_file = [(Globs([glob]), rules) for glob, rules in config.per_file_ignores.items()]
    return Selection(select or config.select, (*config.ignore, *ignore), per_file)


def judge(
    workspace: Workspace,
    wanted: Selection,
    paths: Sequence[str] = (),
    *,
    use_baseline: bool = True,
) -> Judgement:
    """Return the findings about the paths (everything, if there are none) that count."""
    found = corpus_findings(workspace, frozenset(filter(wanted.wants, MISNAMED)))
    kept = _one_a_cause([each for each in found.diagnostics if wanted.keeps(each)])
    if found.allowances:
        allowances = {
            path: [a for a in each if "/" not in a.rule or wanted.checks(a.rule)]
            for path, each in found.allowances.items()
        }
        kept = [d for d in apply_allowances(kept, allowances) if wanted.keeps(d)]
    kept.sort(key=sort_key)
    fresh, accepted = kept, 0
    stale: list[Diagnostic] = []
    if use_baseline:
        entries = baseline.read_baseline(workspace.source)
        if entries:
            fresh, accepted, stale = baseline.split(kept, entries)
            stale = [diagnostic for diagnostic in stale if wanted.keeps(diagnostic)]
    fresh = sorted([*fresh, *stale], key=sort_key) if stale else fresh
    if paths:
        fresh = [diagnostic for diagnostic in fresh if _concerns(diagnostic, paths)]
    return Judgement(fresh, accepted, kept)


def _one_a_cause(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    by_path: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        by_path.setdefault(diagnostic.place.path, []).append(diagnostic)
    return [diagnostic for group in by_path.values() for diagnostic in independent(group)]


def _concerns(diagnostic: Diagnostic, paths: Sequence[str]) -> bool:
    places = [diagnostic.place.path, *(related.place.path for related in diagnostic.related)]
    return any(within(place, path) for place in places for path in paths)
