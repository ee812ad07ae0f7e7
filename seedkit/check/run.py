"""Judges a refreshed workspace: which findings about the corpus count, and which are accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seedkit.check import baseline
from seedkit.check.baseline import Baseline, compare
from seedkit.check.causes import deduplicate
from seedkit.check.findings import corpus_findings, no_seeds
from seedkit.check.selection import NO_SEEDS, Selection, apply_allowances
from seedkit.check.since import Before, new_since
from seedkit.core.diagnostic import Diagnostic, sort_key
from seedkit.core.errors import UsageError
from seedkit.core.patterns import Globs
from seedkit.core.rules import RULES
from seedkit.corpus.workspace import Workspace

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
    config = workspace.settings.config
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
