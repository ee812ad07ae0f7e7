"""`seedkit check`: check seeds against their formats and INDEX.md."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from seedkit import baseline
from seedkit.check import Judgement, judge, selection
from seedkit.cli.common import corpus_source, open_workspace
from seedkit.cli.options import Parser, number, one_of
from seedkit.cli.output import note, show, style_for
from seedkit.cli.paths import named_paths, strangers
from seedkit.cli.reports import AT_A_TERMINAL, FORMATS, output, refuse_bad_outputs, write_reports
from seedkit.diagnostic import Severity
from seedkit.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from seedkit.fix import Mended, unified_diff, write_whole
from seedkit.report import BOLD, CYAN, CheckReport, Style
from seedkit.rules import known_selector
from seedkit.source import DiskSource
from seedkit.text import plural, shorten, visible
from seedkit.workspace import Workspace

if TYPE_CHECKING:
    from argparse import Namespace

_MOST = 1_000_000_000
_INKS: Final = {"@": CYAN, "-": "31", "+": "32"}  # of the lines of a diff

# What makes no sense together; an option that is ignored in silence would be a trap.
_AGAINST: Final = (
    (
        "--diff",
        ("--fix", "--baseline-update", "--format", "--output-file", "--output", "--statistics"),
    ),
    (
        "--baseline-update",
        ("PATH", "--select", "--ignore", "--fix", "--stdin-filename", "--format", "--output-file",
         "--output", "--statistics"),
    ),
    ("--stdin-filename", ("--fix", "--diff")),
    ("--statistics", ("--format",)),
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit check`; return the exit code."""
    args = _parser().parse(arguments)
    _refuse_conflicts(args)
    refuse_bad_outputs(args)
    disk = corpus_source(args)
    paths = named_paths(args.paths, disk.root)
    overlay = _standard_input(args, disk)
    workspace = open_workspace(args, disk, overlay)
    for path in strangers(workspace, args.paths, paths, overlay):
        if not args.force_exclude:
            note(f"seedkit check: note: {visible(path)} is no seed of this corpus")
    paths += overlay
    wanted = selection(workspace, args.select, args.ignore or ())

    def again() -> Judgement:
        return judge(workspace, wanted, paths, use_baseline=not args.baseline_update)

    if args.diff:
        return _diff(workspace, disk, again(), args)
    if args.baseline_update:
        return _update_baseline(disk, again(), args)
    judgement = _fix(workspace, disk, again, args) if args.fix else again()
    _report(workspace, judgement, args)
    failed = any(d.severity is not Severity.INFO for d in judgement.diagnostics)
    return EXIT_FINDINGS if failed and not args.exit_zero else EXIT_CLEAN


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
            "--fix": "mend what can be mended safely",
            "--select index,text/bom": "check some rules and families only",
            "--baseline-update": "accept what there is now",
        },
        "Exit codes: 0 clean, 1 findings (errors or warnings), 2 usage or configuration.\n"
        "With --diff: 1 if --fix would change anything.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument(
        "paths", metavar="PATH", nargs="*", help="a seed, a folder, INDEX.md, a format"
    )
    fixing = parser.add_argument_group("Fixing")
    fixing.add_argument("--fix", action="store_true", help="mend what can be mended safely")
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
    choice.add_argument("--baseline-update", action="store_true", help=f"write {baseline.FILE}")
    reports = parser.add_argument_group("Output")
    reports.add_argument(
        "--format", metavar="NAME", type=one_of(*FORMATS),
        help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}; default: full",
    )  # fmt: skip
    reports.add_argument("--output-file", metavar="FILE", help="write the report there")
    reports.add_argument(
        "--output", metavar="NAME=FILE", action="append", type=output,
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
        "--stdin-filename", metavar="PATH", help="check standard input in place of that file"
    )
    files.add_argument(
        "--force-exclude", action="store_true", help="say nothing of a PATH that is no seed"
    )
    return parser


def _selectors(text: str) -> list[str]:
    from argparse import ArgumentTypeError

    selectors = [part.strip() for part in text.split(",") if part.strip()]
    if not selectors:
        raise ArgumentTypeError("no rule or family is named")
    for selector in selectors:
        if not known_selector(selector):
            raise ArgumentTypeError(f"there is no rule or family `{shorten(selector)}`")
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


def _standard_input(args: Namespace, disk: DiskSource) -> dict[str, bytes]:
    given = args.stdin_filename
    if given is None:
        return {}
    (path,) = named_paths([given], disk.root)
    if os.path.isdir(os.path.join(disk.root, path)):
        raise UsageError(f"--stdin-filename: `{given}` is a folder")
    if sys.stdin is None:
        raise UsageError("--stdin-filename: standard input is closed")
    return {path: sys.stdin.buffer.read()}


def _fix(
    workspace: Workspace, disk: DiskSource, again: Callable[[], Judgement], args: Namespace
) -> Judgement:
    from seedkit.repair import repair

    result = repair(workspace, disk, again, unsafe=args.unsafe_fixes)
    if result.findings and not args.quiet:
        note(f"Mended {plural(result.findings, 'finding')} in {plural(result.files, 'file')}.")
    return result.left


def _report(workspace: Workspace, judgement: Judgement, args: Namespace) -> None:
    found = judgement.diagnostics
    report = CheckReport(
        root=workspace.source.root,
        diagnostics=found,
        seeds=workspace.seed_count,
        read=workspace.read_text,
        baselined=judgement.baselined,
        everything=found,
    )
    write_reports(report, args, "check")


def _diff(workspace: Workspace, disk: DiskSource, judgement: Judgement, args: Namespace) -> int:
    from seedkit.repair import preview

    changes = preview(workspace, disk, judgement.diagnostics, unsafe=args.unsafe_fixes)
    style = style_for(sys.stdout, args.color)
    show(line for change in changes for line in _painted(change, style))
    if not args.quiet:
        count = sum(change.findings for change in changes)
        what = f"{plural(count, 'finding')} in {plural(len(changes), 'file')}"
        note(f"--fix would mend {what if changes else 'nothing'}")
    return EXIT_FINDINGS if changes and not args.exit_zero else EXIT_CLEAN


def _painted(change: Mended, style: Style) -> Iterator[str]:
    for at, line in enumerate(unified_diff(change)):
        ink = BOLD if at < 2 else _INKS.get(line[0])
        yield line if ink is None else style.paint(ink, line.removesuffix("\n")) + "\n"


def _update_baseline(disk: DiskSource, judgement: Judgement, args: Namespace) -> int:
    accepted = [d for d in judgement.all if baseline.acceptable(d)]
    before = disk.read(baseline.FILE) if disk.exists(baseline.FILE) else b""
    write_whole(disk, baseline.FILE, before, baseline.write_baseline(accepted).encode())
    if not args.quiet:
        note(f"{baseline.FILE} now accepts {plural(len(accepted), 'finding')}.")
    return EXIT_CLEAN
