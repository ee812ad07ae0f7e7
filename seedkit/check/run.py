"""Checks a refreshed workspace: which findings about the corpus count, and which are accepted.

Of one cause there is one message: some findings explain others. Only what is reported may explain
something. So this comes last: a finding that is ignored, allowed,
accepted, known from before or not asked for silences no other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from seedkit.check import baseline
from seedkit.check.baseline import Baseline, compare
from seedkit.check.findings import corpus_findings, no_seeds
from seedkit.check.leaked import LEAKED, leaked
from seedkit.check.selection import NO_SEEDS, Selection, apply_allowances
from seedkit.check.since import Before, new_since
from seedkit.core.diagnostic import Diagnostic, Related, sort_key
from seedkit.core.errors import UsageError
from seedkit.core.patterns import Globs
from seedkit.core.rules import (
    FORMAT_NO_FORMAT,
    INDEX_DANGLING_ENTRY,
    INDEX_RENAMED_SEED,
    INDEX_UNLISTED_SEED,
    INDEX_WRONG_SPELLING,
    NAME_PATTERN,
    RULES,
)
from seedkit.corpus.workspace import Workspace

# Rules that a misnamed seed breaks. That INDEX.md has another name of it, perhaps the right one, is
# no further fault.
_MISNAMED: Final = frozenset((NAME_PATTERN.name, FORMAT_NO_FORMAT.name))
_RENAMED: Final = frozenset((INDEX_RENAMED_SEED.name, INDEX_WRONG_SPELLING.name))
# Rules whose findings may be explained by another one at the same place.
_SUPERSEDED: Final = LEAKED ^ {rule.name for rule in RULES.values() if rule.superseded_by}


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
    hidden.update(map(id, leaked(diagnostics)))
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
        if diagnostic.rule in _SUPERSEDED:
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


# Rules for which all seeds have to be compared with each other.
_REPEATS = tuple(r.name for r in RULES.values() if r.family == "repeat" and r.looks_at == "corpus")
_ANY = "\U0010fffd"  # a name that no pattern is about


class CheckResult(NamedTuple):
    """The findings of a check, sorted, and how many more the baseline accepts.

    `explained` are findings that some of these explain: one cause, one message. `all` are the
    findings before the baseline and the narrowing to paths, explained or not. `known` counts those
    that were there before, if that was asked. `baseline` is that of the corpus without stale
    entries.
    """

    diagnostics: list[Diagnostic]
    explained: list[Diagnostic]
    baselined: int
    all: list[Diagnostic]
    known: int = 0
    checked: Mapping[str, bytes] = {}
    baseline: Baseline = Baseline(Counter())


def selection(
    workspace: Workspace, select: Sequence[str] | None = None, ignore: Sequence[str] = ()
) -> Selection:
    """Return what counts, from the configuration and the command line.

    Raises `UsageError` if that is no rule at all.
    """
    config = workspace.config
    per_file = [(Globs([glob]), rules) for glob, rules in config.per_file_ignores.items()]
    wanted = Selection(select or config.select, (*config.ignore, *ignore), per_file)
    folders = (config.index, *(f"{each}/{_ANY}" for each in config.seeds))
    if config.per_file_ignores and not any(map(wanted.wants_anything_in, folders)):
        raise UsageError(
            "no rule is left to check: `per_file_ignores` leaves none for any file",
            help="to leave files out altogether, use `exclude`",
        )
    if wanted.is_empty():
        raise UsageError(
            "no rule is left to check: every one that is selected is ignored as well",
            help="see `select` and `ignore` in `seedkit show-settings`",
        )
    return wanted


def run_check(
    workspace: Workspace,
    wanted: Selection,
    paths: Sequence[str] | None = None,
    *,
    use_baseline: bool = True,
    before: Sequence[Before] | None = None,
    anywhere: bool = False,
) -> CheckResult:
    """Return the findings about the paths (everything, for None) that count.

    With `before`, those are the ones that were in none of these states; with `anywhere` besides,
    they are added to the findings about the paths. That there are no seeds counts whatever the
    paths, the baseline and `before` are.
    """
    repeats = any(map(wanted.wants, _REPEATS))
    found = corpus_findings(workspace, repeats=repeats)
    kept = wanted.kept(found.diagnostics)
    workspace.pulse()
    if found.allowances:
        allowances = {
            path: [a for a in each if "/" not in a.rule or wanted.checks(a.rule)]
            for path, each in found.allowances.items()
        }
        kept = wanted.kept(apply_allowances(kept, allowances))
    kept.sort(key=sort_key)
    scope = _Scope(paths)
    fresh, accepted = kept, 0
    empty = no_seeds(workspace) if wanted.wants(NO_SEEDS) else None
    accepts = _baseline(workspace, strict=use_baseline)
    asks_of = (lambda _: True) if anywhere else scope.asks_of
    compared = compare(workspace, accepts, wanted, found.diagnostics, kept, asks_of)
    if use_baseline and empty is None:
        fresh, accepted = compared.fresh, compared.accepted
        stale = wanted.kept(baseline.stale(compared.stale))
        fresh = sorted([*fresh, *stale], key=sort_key) if stale else fresh
    known = len(fresh)
    new = fresh if before is None else new_since(before, fresh)
    if anywhere:
        identities = frozenset(map(id, new))
        fresh = [each for each in fresh if id(each) in identities or scope.concerns(each)]
        known = 0
    else:
        known -= len(new)
        fresh = new if paths is None else [each for each in new if scope.concerns(each)]
    shown, explained = deduplicate(fresh)
    if empty is not None:
        shown = sorted([*shown, empty], key=sort_key)
    return CheckResult(shown, explained, accepted, kept, known, found.checked, compared.current)


def _baseline(workspace: Workspace, *, strict: bool) -> Baseline:
    """The baseline of the corpus; unless `strict`, one that can't be read is as good as none."""
    try:
        return baseline.read_baseline(workspace.source)
    except UsageError:
        if strict:
            raise
        return Baseline(Counter())


class _Scope:
    """The paths a user named, and all that lies under them."""

    def __init__(self, paths: Sequence[str] | None) -> None:
        self._named = {path.strip("/") or "." for path in ((".",) if paths is None else paths)}

    def asks_of(self, path: str) -> bool:
        """Tell whether it is asked what the baseline says of the path."""
        return self.has(path) or self.has(baseline.FILE)

    def concerns(self, diagnostic: Diagnostic) -> bool:
        """Tell whether the finding is at one of the paths, or about it, or fixed there.

        The last is so that INDEX.md gets the seeds that it does not list.
        """
        if self.has(diagnostic.place.path):
            return True
        paths = [*diagnostic.involved, *(related.place.path for related in diagnostic.related)]
        if diagnostic.fix is not None:
            paths += [edit.place.path for edit in diagnostic.fix.edits]
        return any(map(self.has, paths))

    def has(self, path: str) -> bool:
        """Tell whether the path is one of them, or lies under one."""
        if "." in self._named:
            return True
        while path and path not in self._named:
            path = path.rpartition("/")[0]
        return bool(path)
