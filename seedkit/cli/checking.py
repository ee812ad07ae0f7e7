"""What `seedkit check` does: open the corpus, check it, and report, fix or accept.

The options of `seedkit check`, and which of them make no sense together.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from seedkit.check import baseline
from seedkit.check.baseline import about_what_was_read, updated
from seedkit.check.run import CheckResult, run_check, selection
from seedkit.cli.common import refuse_no_seeds, refuse_unsettled, standard_input, writing
from seedkit.cli.differences import painted
from seedkit.cli.hook import MODES
from seedkit.cli.opening import corpus_source, open_workspace
from seedkit.cli.options import Parser, number, one_of
from seedkit.cli.output import note, note_stopped, show, style_for
from seedkit.cli.paths import Scope, named_paths, refuse_nothing, scope_of, skipped_in
from seedkit.cli.reports import (
    AT_A_TERMINAL,
    FORMATS,
    output,
    refuse_bad_outputs,
    refuse_outputs_over,
    shows,
    write_reports,
)
from seedkit.core.diagnostic import Severity
from seedkit.core.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, ConfigError, UsageError
from seedkit.core.rules import known_selector, no_selector
from seedkit.core.text import plural, visible
from seedkit.corpus.workspace import Workspace
from seedkit.report.check import CheckReport
from seedkit.sources.files import write_whole
from seedkit.sources.root import BASELINE
from seedkit.sources.source import MOST, DiskSource

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.check.since import Before
    from seedkit.cli.staged import Staged
    from seedkit.core.skipped import Skipped

_MOST = 1_000_000_000

# What makes no sense together; an option that is ignored in silence would be a trap.
_AGAINST: Final = (
    (
        "--diff",
        ("--baseline-update", "--format", "--output-file", "--output", "--statistics"),
    ),
    (
        "--baseline-update",
        ("--fix", "--stdin-filename", "--format", "--output-file", "--output", "--statistics"),
    ),
    ("--stdin-filename", ("--fix", "--diff")),
    ("--staged", ("--fix", "--diff", "--baseline-update", "--stdin-filename")),
    ("--hook", ("--staged", "--fix", "--diff", "--baseline-update", "--stdin-filename")),
    ("--since", ("--fix", "--diff", "--baseline-update", "--stdin-filename")),
    ("--statistics", ("--format",)),
)  # fmt: skip


def parse(arguments: Sequence[str]) -> Namespace:
    """Return the options; raises `UsageError`, or `EnvironmentFault` for a file that can't be."""
    args = _parser().parse(arguments)
    _refuse_conflicts(args)
    args.fix = args.fix and not args.diff  # which shows what it would do
    refuse_bad_outputs(args)
    return args


def _parser() -> Parser:
    parser = Parser(
        "check",
        "[PATH …]",
        "Check that every seed matches its format and is listed in INDEX.md. A PATH\n"
        "narrows what is reported, not what is known: all seeds are compared.",
        {
            "": "check the whole corpus",
            "seeds/a.txt": "report only what concerns one seed",
            "--diff": "show what --fix would change",
            "--fix": "apply safe fixes",
            "--select index,text/bom": "check some rules and families only",
            "--baseline-update": "accept what there is now",
            "--staged": "check what will be committed",
            "--since origin/main": "report only what is new",
        },
        "Exit codes: 0 clean, 1 findings (errors or warnings), 2 usage or configuration.\n"
        "With --diff: 1 if --fix would change anything.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument(
        "paths", metavar="PATH", nargs="*", help="a seed, a folder, INDEX.md, a format"
    )
    fixing = parser.add_argument_group("Fixing")
    fixing.add_argument("--fix", action="store_true", help="apply safe fixes")
    fixing.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: change content too"
    )
    fixing.add_argument("--diff", action="store_true", help="show what --fix would change")
    choice = parser.add_argument_group("Rules")
    choice.add_argument(
        "--select", metavar="RULE,…", action="extend", type=_selectors,
        help="check only these rules or families",
    )  # fmt: skip
    choice.add_argument(
        "--ignore", metavar="RULE,…", action="extend", type=_selectors,
        help="leave these rules or families out",
    )  # fmt: skip
    choice.add_argument("--baseline-update", action="store_true", help=f"write {BASELINE}")
    reports = parser.add_argument_group("Output")
    reports.add_argument(
        "--format", metavar="NAME", type=one_of(*FORMATS),
        help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}; default: full",
    )  # fmt: skip
    reports.add_argument("--output-file", metavar="FILE", help="write the report there")
    reports.add_argument(
        "--output", metavar="FORMAT=FILE", action="append", type=output,
        help="write a report in that format too; may be repeated",
    )  # fmt: skip
    reports.add_argument("--statistics", action="store_true", help="count findings by rule")
    reports.add_argument(
        "--max-findings", metavar="N", type=number("findings", 0, _MOST),
        help=f"show at most N, 0 is all; default: {AT_A_TERMINAL} on a terminal",
    )  # fmt: skip
    reports.add_argument("--exit-zero", action="store_true", help="exit 0 whatever is found")
    files = parser.add_argument_group("Files")
    files.add_argument(
        "--staged", action="store_true", help="check git's index in place of the disk"
    )
    files.add_argument(
        "--hook", metavar="WHAT", type=one_of(*MODES),
        help="check the push or commit of a hook: corpus or changes",
    )  # fmt: skip
    files.add_argument(
        "--since", metavar="REF", help="report only what is new since HEAD parted from REF"
    )
    files.add_argument(
        "--stdin-filename", metavar="PATH", help="check standard input in place of that file"
    )
    files.add_argument(
        "--force-exclude", action="store_true", help="ignore PATHs that are not seeds"
    )
    parser.elsewhere = {
        "--output-format": "`--format` names the report",
        "--watch": "`seedkit watch` does that",
    }
    return parser


def _selectors(text: str) -> list[str]:
    from argparse import ArgumentTypeError

    selectors = [part.strip() for part in text.split(",") if part.strip()]
    if not selectors:
        raise ArgumentTypeError("no rule or family is named")
    for selector in selectors:
        if not known_selector(selector):
            raise ArgumentTypeError(no_selector(selector))
    return selectors


def _refuse_conflicts(args: Namespace) -> None:
    def given(option: str) -> bool:
        name = "paths" if option == "PATH" else option.removeprefix("--").replace("-", "_")
        value = getattr(args, name)
        return value is not None and value is not False and value != []

    for option, others in _AGAINST:
        for other in filter(given, others):
            if given(option):
                raise UsageError(f"{option} can't be combined with {other}")
    if args.unsafe_fixes and not (args.fix or args.diff):
        raise UsageError("--unsafe-fixes goes with --fix or --diff")


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
        anywhere = anywhere or bool(staged.mode and _may_be_named(workspace, narrowed or ()))
    refuse_outputs_over(args, workspace)
    scope = scope_of(workspace, args.paths, paths, overlay, gone)
    if not args.force_exclude:
        refuse_nothing(scope, workspace, "; --force-exclude ignores PATHs that are none")
        for path in scope.strangers:
            note(f"seedkit check: note: {visible(path)} is no seed of this corpus")
    wanted = selection(workspace, args.select, args.ignore or ())
    anywhere = anywhere and args.since is None
    before = _before(args, workspace, staged, anywhere=anywhere)

    def check(workspace: Workspace) -> CheckResult:
        update = args.baseline_update
        return run_check(
            workspace, wanted, narrowed,
            use_baseline=not update, before=before, anywhere=anywhere,
        )  # fmt: skip

    def again() -> CheckResult:
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
    result = _fix(workspace, disk, again, args) if args.fix else again()
    skipped = skipped_in(workspace, [*paths, *overlay])
    _report(workspace, result, scope, skipped, args)
    if workspace.fault:
        note(f"seedkit: note: no cache: it can't be written: {visible(workspace.fault)}")
    failed = any(d.severity is not Severity.INFO for d in result.diagnostics)
    return EXIT_FINDINGS if failed and not args.exit_zero else EXIT_CLEAN


def _may_be_named(workspace: Workspace, paths: Sequence[str]) -> bool:
    """Tell whether a seed among the paths has values that those of other seeds name."""
    layouts = map(workspace.layout, workspace.formats)
    targets = (each.target for layout in layouts for each in layout.references)
    named = {target.partition(":")[0] for target in targets}
    return bool(named) and any(workspace.format_of(path) in named for path in paths)


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
    workspace: Workspace, disk: DiskSource, again: Callable[[], CheckResult], args: Namespace
) -> CheckResult:
    from seedkit.check.repair import repair

    result = repair(workspace, disk, again, unsafe=args.unsafe_fixes)
    if result.findings and not args.quiet:
        note(f"Fixed {plural(result.findings, 'finding')} in {plural(result.files, 'file')}.")
    return result.left


def _report(
    workspace: Workspace,
    result: CheckResult,
    scope: Scope,
    skipped: Mapping[Skipped, int],
    args: Namespace,
) -> None:
    found = result.diagnostics
    report = CheckReport(
        root=workspace.root,
        diagnostics=found,
        seeds=scope.seeds,
        others=len(scope.others),
        read=workspace.read_text,
        baselined=result.baselined,
        known=result.known,
        everything=found,
        skipped=skipped,
    )
    write_reports(report, args, "check")


def _diff(
    workspace: Workspace,
    disk: DiskSource,
    check: Callable[[Workspace], CheckResult],
    args: Namespace,
) -> int:
    from seedkit.check.repair import rehearse

    def imagine(files: Mapping[str, bytes]) -> tuple[Workspace, CheckResult]:
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
    workspace: Workspace, disk: DiskSource, result: CheckResult, args: Namespace
) -> int:
    found = (*result.diagnostics, *result.explained)
    acceptable = list(filter(baseline.acceptable, found))
    accepted = about_what_was_read(workspace, acceptable)
    new = updated(workspace, result.baseline, accepted)
    before = disk.read(baseline.FILE) if disk.exists(baseline.FILE) else None
    write_whole(disk, baseline.FILE, before, new.text().encode())
    if not args.quiet:
        count = new.entries.total()
        kept = count - len(accepted)
        besides = f", {kept:,} of them kept: nobody looked for them" if kept else ""
        note(f"{baseline.FILE} now accepts {plural(count, 'finding')}{besides}.")
        unread = len(acceptable) - len(accepted)
        if unread:
            note(f"{plural(unread, 'finding')} not accepted: nobody knows what can't be read.")
    return EXIT_CLEAN
