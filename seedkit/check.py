"""Judges a refreshed workspace: what the ledger has of each seed, and the rules over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from seedkit import baseline
from seedkit.analyse import Allowance
from seedkit.diagnostic import Diagnostic, Place, Related, Severity, sort_key
from seedkit.facts import unpack_groups
from seedkit.globs import Globs
from seedkit.rules.index import IndexReport, check_index
from seedkit.rules.name import Member, check_names
from seedkit.rules.section import check_unique
from seedkit.selection import Selection, apply_allowances, independent
from seedkit.source import within
from seedkit.workspace import SeedFindings, Workspace

_MISNAMED = ("name/pattern", "format/no-format")


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
    stored = {path: workspace.findings_of(row) for path, row in workspace.rows.items() if row.rest}
    found = list(_seed_findings(workspace, stored, wanted))
    kept = [diagnostic for diagnostic in found if wanted.keeps(diagnostic)]
    kept = _one_a_cause(kept)
    allowances = {path: each.allowances for path, each in stored.items() if each.allowances}
    if allowances:
        kept = apply_allowances(kept, _wanted_only(allowances, wanted))
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


def _seed_findings(
    workspace: Workspace, stored: dict[str, SeedFindings], wanted: Selection
) -> Iterable[Diagnostic]:
    own = [diagnostic for each in stored.values() for diagnostic in each.diagnostics]
    misnamed = frozenset(d.place.path for d in own if d.rule in _MISNAMED and wanted.wants(d.rule))
    index = _index_findings(workspace, misnamed)
    for diagnostic in own:
        listed = index.renamed.get(diagnostic.place.path) if diagnostic.rule in _MISNAMED else None
        if listed is not None:
            related = (*diagnostic.related, Related(listed, "listed here under another name"))
            diagnostic = replace(diagnostic, related=related)
        yield diagnostic
    yield from index.diagnostics
    yield from _refused(workspace)
    yield from _names(workspace)
    yield from check_unique(
        {
            path: (workspace.rows[path].format, each.uniques)
            for path, each in stored.items()
            if each.uniques
        }
    )
    yield from _formats(workspace)


def _index_findings(workspace: Workspace, misnamed: frozenset[str]) -> IndexReport:
    config = workspace.settings.config
    source = workspace.source

    def read(path: str) -> bytes | None:
        try:
            return source.read(path, 500_000_000)
        except FileNotFoundError:
            return None

    return check_index(
        config.index,
        workspace.summaries(),
        config.seeds,
        read,
        source.exists,
        order=config.index_order,
        misnamed=misnamed,
    )


def _refused(workspace: Workspace) -> Iterable[Diagnostic]:
    for path, reason in workspace.scan.refused.items():
        if workspace.is_seed(path):
            message = f"{reason[:1].lower()}{reason[1:]}: it is not read"
            remedy = "replace it by a file, or add it to `exclude`"
            yield Diagnostic(
                "name/not-a-file", Severity.WARNING, f"seed {message}", Place(path), help=remedy
            )


def _names(workspace: Workspace) -> Iterable[Diagnostic]:
    rows = workspace.rows

    def members(format_name: str) -> list[Member]:
        return [
            (path, unpack_groups(rows[path].groups))
            for path in sorted(rows)
            if rows[path].format == format_name
        ]

    return check_names(rows, workspace.settings.formats, members)


def _formats(workspace: Workspace) -> Iterable[Diagnostic]:
    settings = workspace.settings
    if not settings.declared:
        yield Diagnostic(
            "config/no-formats",
            Severity.WARNING,
            "no format is declared, so no seed can be checked against one",
            Place("schemas"),
            help='declare one: schemas/NAME.toml with `extends = "builtin:plain"` and '
            '`files = ["seeds/**"]` is enough',
        )
        return
    used = {row.format for row in workspace.rows.values()}
    for name, place in settings.format_places.items():
        if name not in used:
            message = f"format `{name}` claims no file"
            remedy = "correct its `files`, or an earlier format that claims them, or remove it"
            yield Diagnostic("config/unused-format", Severity.WARNING, message, place, help=remedy)


def _one_a_cause(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    by_path: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        by_path.setdefault(diagnostic.place.path, []).append(diagnostic)
    return [diagnostic for group in by_path.values() for diagnostic in independent(group)]


def _wanted_only(
    allowances: dict[str, list[Allowance]], wanted: Selection
) -> dict[str, list[Allowance]]:
    """An allowance of a rule that is not checked is not unused."""
    return {
        path: [a for a in each if "/" not in a.rule or wanted.wants(a.rule)]
        for path, each in allowances.items()
        if wanted.wants("config/unused-allowance")
    } or allowances


def _concerns(diagnostic: Diagnostic, paths: Sequence[str]) -> bool:
    places = [diagnostic.place.path, *(related.place.path for related in diagnostic.related)]
    return any(within(place, path) for place in places for path in paths)
