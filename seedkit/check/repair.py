"""Applies fixes to a corpus until none is left: check, fix, write, check again.

A file that somebody saves meanwhile is checked again, and then fixed; if that goes on, seedkit
gives up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from seedkit.check.fix import FixedFile, apply_fixes
from seedkit.check.run import CheckResult
from seedkit.corpus.analyse import Analyser
from seedkit.corpus.workspace import Workspace
from seedkit.sources.files import Changed, write_whole
from seedkit.sources.source import DiskSource, Source

_ROUNDS = 20  # fixes converge in two or three; this bounds what a bug could do


class Repair(NamedTuple):
    """How many findings were fixed, in how many files, and the findings that are left."""

    findings: int
    files: int
    left: CheckResult


def repair(
    workspace: Workspace, source: DiskSource, run_check: Callable[[], CheckResult], *, unsafe: bool
) -> Repair:
    """Write every applicable fix. `run_check` checks the workspace as it is at the moment.

    Raises `EnvironmentFault` if a file can't be written, `Changed` if it never stays as it was
    checked; files written before that stay fixed.
    """
    findings = 0
    files: set[str] = set()
    result = run_check()
    changed: Changed | None = None
    for _ in range(_ROUNDS):
        changed = None
        try:
            fixed = preview(workspace, source, result, unsafe=unsafe)
            if not fixed:
                break
            for change in fixed:
                write_whole(source, change.path, change.before, change.after)
                findings += change.findings
                files.add(change.path)
        except Changed as error:
            changed = error
        workspace.refresh()
        result = run_check()
    if changed is not None:
        raise changed
    return Repair(findings, len(files), result)


def rehearse(
    workspace: Workspace,
    result: CheckResult,
    imagine: Callable[[Mapping[str, bytes]], tuple[Workspace, CheckResult]],
    *,
    unsafe: bool,
) -> list[FixedFile]:
    """Return the files that `repair` would change, sorted by path, as they would be in the end.

    `imagine` returns the workspace and its check as if files held other bytes. Raises `Changed` if
    a file is no longer the one that was checked.
    """
    changes: dict[str, FixedFile] = {}
    for _ in range(_ROUNDS):
        fixed = preview(workspace, workspace.source, result, unsafe=unsafe)
        if not fixed:
            break
        for change in fixed:
            first = changes.get(change.path, change._replace(findings=0))
            count = first.findings + change.findings
            changes[change.path] = first._replace(after=change.after, findings=count)
        workspace, result = imagine({path: each.after for path, each in changes.items()})
    return [change for _, change in sorted(changes.items()) if change.before != change.after]


def preview(
    workspace: Workspace,
    source: Source,
    result: CheckResult,
    *,
    unsafe: bool,
) -> list[FixedFile]:
    """Return the files that one round would change. What fixes do together, too, makes no new
    finding in a seed, and leaves every section as it is if they are safe.

    Raises `Changed` if a file is no longer the one that was checked.
    """
    formats = workspace.formats
    encodings = {
        path: formats[row.format].file.encoding
        for path, row in workspace.rows.items()
        if row.format and formats[row.format].file.encoding != "utf-8"
    }

    def works(path: str, before: bytes, after: bytes) -> bool:
        row = workspace.rows.get(path)
        if row is None or not row.format:
            return True  # INDEX.md
        analyser = Analyser(workspace.layout(row.format), workspace.config.passage_tokens)
        return analyser.allows(path, before, after, safe=not unsafe)

    return apply_fixes(
        result.diagnostics, source, encodings, result.checked, unsafe=unsafe, works=works
    )
