"""What `seedkit check` does: open the corpus, check it, and report, fix or accept."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.check import baseline
from seedkit.check.accepted import updated
from seedkit.check.run import Judgement, judge, selection
from seedkit.cli.check_options import parse
from seedkit.cli.common import (
    corpus_source,
    open_workspace,
    refuse_unsettled,
    standard_input,
    writing,
)
from seedkit.cli.differences import painted
from seedkit.cli.empty import refuse_no_seeds
from seedkit.cli.output import note, note_stopped, show, style_for
from seedkit.cli.paths import Scope, named_paths, refuse_nothing, scope_of, skipped_in
from seedkit.cli.reports import refuse_outputs_over, shows, write_reports
from seedkit.core.diagnostic import Severity
from seedkit.core.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, ConfigError, UsageError
from seedkit.core.text import plural, visible
from seedkit.corpus.workspace import Workspace
from seedkit.report import CheckReport
from seedkit.sources.files import write_whole
from seedkit.sources.source import MOST, DiskSource

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.check.since import Before
    from seedkit.cli.staged import Staged
    from seedkit.core.skipped import Skipped


def run(arguments: Sequence[str], staged: Staged | None = None) -> int:
    """Check the corpus on disk, or what is staged, if that was looked at; return the exit code."""
    args = parse(arguments)
    disk = corpus_source(args)
    try:
        if not (args.fix or args.baseline_update):
            return _run(args, disk, staged)
        with writing(args, disk.root, "check --fix" if args.fix else "check --baseline-update"):
            return _run(args, disk, staged)
    except ConfigError as error:
        return _stopped(error, args, disk.root)


def _run(args: Namespace, disk: DiskSource, staged: Staged | None) -> int:
    paths = named_paths(args.paths, disk.root, outside=args.force_exclude)
    overlay = _standard_input(args, disk)
    if not (args.staged or args.hook):
        workspace = open_workspace(args, disk, overlay)
        narrowed: Sequence[str] | None
        narrowed, anywhere, gone = [*paths, *overlay] or None, False, []
    else:
        from seedkit.cli.staged import focus, look, look_for_hook, no_corpus, open_staged

        if staged is None:
            hook = args.hook
            staged = look_for_hook(disk.root, paths, hook) if hook else look(disk.root, paths)
        without = no_corpus(staged)
        if without:  # in a format that `nothing_to_check` does not write
            if args.format != "concise" or args.output or args.output_file:
                write_reports(CheckReport(disk.root, [], 0, lambda _: None), args, "check")
                note(f"seedkit check: note: {without[0].lower()}{without[1:-2]}")
            elif not args.quiet:
                show([without])
            return EXIT_CLEAN
        workspace = open_staged(args, staged)
        (narrowed, anywhere), gone = focus(staged), staged.deleted
    refuse_outputs_over(args, workspace)
    scope = scope_of(workspace, args.paths, paths, overlay, gone)
    if not args.force_exclude:
        refuse_nothing(scope, workspace, "; --force-exclude ignores PATHs that are none")
        for path in scope.strangers:
            note(f"seedkit check: note: {visible(path)} is no seed of this corpus")
    wanted = selection(workspace, args.select, args.ignore or ())
    anywhere = anywhere and args.since is None
    before = _before(args, workspace, staged, anywhere=anywhere)

    def check(workspace: Workspace) -> Judgement:
        update = args.baseline_update
        return judge(
            workspace, wanted, narrowed,
            use_baseline=not update, before=before, anywhere=anywhere,
        )  # fmt: skip

    def again() -> Judgement:
        if args.fix or args.baseline_update:
            refuse_unsettled(workspace)
        return check(workspace)

    if args.diff or args.baseline_update:
        refuse_no_seeds(workspace)
    if args.baseline_update:  # what can't be read is not replaced: it may accept more
        baseline.read_baseline(workspace.source)
    if args.diff:
        return _diff(workspace, disk, check, args)
    if args.baseline_update:
        return _update_baseline(workspace, disk, again(), args)
    judgement = _fix(workspace, disk, again, args) if args.fix else again()
    skipped = skipped_in(workspace, [*paths, *overlay])
    _report(workspace, judgement, scope, skipped, args)
    failed = any(d.severity is not Severity.INFO for d in judgement.diagnostics)
    return EXIT_FINDINGS if failed and not args.exit_zero else EXIT_CLEAN


def _stopped(error: ConfigError, args: Namespace, root: str) -> int:
    """Write the errors of the configuration in every format that is asked for.

    Raises the error again for people, who find it on stderr.
    """
    report = CheckReport(root, error.diagnostics, 0, error.read, stopped=True)
    write_reports(report, args, "check")
    if not shows(args):
        raise error
    note_stopped("check", error)
    return EXIT_ERROR


def _before(
    args: Namespace, workspace: Workspace, staged: Staged | None, *, anywhere: bool
) -> list[Before] | None:
    if args.since is None and not anywhere:
        return None
    from seedkit.cli.since import findings_before

    return findings_before(args, workspace, staged)


def _standard_input(args: Namespace, disk: DiskSource) -> dict[str, bytes]:
    given = args.stdin_filename
    if given is None:
        return {}
    (path,) = named_paths([given], disk.root)
    if os.path.isdir(os.path.join(disk.root, path)):
        raise UsageError(f"--stdin-filename: `{given}` is a folder")
    remedy = f"check the file itself: `seedkit check {visible(given)}`"
    return {path: standard_input(MOST, "--stdin-filename: ", help=remedy)}


def _fix(
    workspace: Workspace, disk: DiskSource, again: Callable[[], Judgement], args: Namespace
) -> Judgement:
    from seedkit.check.repair import repair

    result = repair(workspace, disk, again, unsafe=args.unsafe_fixes)
    if result.findings and not args.quiet:
        note(f"Fixed {plural(result.findings, 'finding')} in {plural(result.files, 'file')}.")
    return result.left


def _report(
    workspace: Workspace,
    judgement: Judgement,
    scope: Scope,
    skipped: Mapping[Skipped, int],
    args: Namespace,
) -> None:
    found = judgement.diagnostics
    report = CheckReport(
        root=workspace.source.root,
        diagnostics=found,
        seeds=scope.seeds,
        others=len(scope.others),
        read=workspace.read_text,
        baselined=judgement.baselined,
        known=judgement.known,
        everything=found,
        skipped=skipped,
    )
    write_reports(report, args, "check")


def _diff(
    workspace: Workspace,
    disk: DiskSource,
    check: Callable[[Workspace], Judgement],
    args: Namespace,
) -> int:
    from seedkit.check.repair import rehearse

    def imagine(files: Mapping[str, bytes]) -> tuple[Workspace, Judgement]:
        imagined = open_workspace(args, disk, dict(files))
        return imagined, check(imagined)

    changes = rehearse(workspace, check(workspace), imagine, unsafe=args.unsafe_fixes)
    style = style_for(sys.stdout, args.color, disk.root)
    show((line for change in changes for line in painted(change, style)), color=style.color)
    if not args.quiet:
        count = sum(change.findings for change in changes)
        what = f"{plural(count, 'finding')} in {plural(len(changes), 'file')}"
        note(f"--fix would fix {what if changes else 'nothing'}")
    return EXIT_FINDINGS if changes and not args.exit_zero else EXIT_CLEAN


def _update_baseline(
    workspace: Workspace, disk: DiskSource, judgement: Judgement, args: Namespace
) -> int:
    found = (*judgement.diagnostics, *judgement.explained)
    accepted = [d for d in found if baseline.acceptable(d)]
    new = updated(workspace, judgement.baseline, accepted)
    before = disk.read(baseline.FILE) if disk.exists(baseline.FILE) else None
    write_whole(disk, baseline.FILE, before, new.text().encode())
    if not args.quiet:
        count = new.entries.total()
        kept = count - len(accepted)
        besides = f", {kept:,} of them kept: nobody looked for them" if kept else ""
        note(f"{baseline.FILE} now accepts {plural(count, 'finding')}{besides}.")
    return EXIT_CLEAN
