"""`seedkit check`: check seeds against their formats and INDEX.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedkit import baseline
from seedkit.check import Judgement, judge, selection
from seedkit.cli.common import Parser, corpus_source, named_paths, open_workspace
from seedkit.cli.output import style_for, write
from seedkit.diagnostic import Diagnostic, Severity
from seedkit.errors import EXIT_CLEAN, EXIT_FINDINGS, EnvironmentFault, UsageError
from seedkit.fix import unified_diff, write_whole
from seedkit.report import RENDERERS, CheckReport, Style, load_renderer
from seedkit.rules import known_selector
from seedkit.source import DiskSource
from seedkit.text import plural, shorten, visible
from seedkit.workspace import Workspace

if TYPE_CHECKING:
    from seedkit.repair import Repair

_MACHINE = frozenset(("json",))
_FORMATS = tuple(name for name in RENDERERS if name != "statistics")
_AT_A_TERMINAL = 100  # findings that the full report shows by default


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit check`; return the exit code."""
    args = _parser().parse_args(arguments)
    disk = corpus_source(args)
    paths = named_paths(args.paths, disk.root)
    overlay = _standard_input(args, disk)
    if args.stdin_filename is not None:
        paths = [*paths, *overlay]
    workspace = open_workspace(args, disk, overlay)
    _check_paths(args, workspace, paths)
    wanted = selection(workspace, args.select, args.ignore or ())

    def again() -> Judgement:
        return judge(workspace, wanted, paths, use_baseline=not args.baseline_update)

    if args.diff:
        return _diff(workspace, disk, again(), args)
    if args.baseline_update:
        return _update_baseline(disk, again(), args)
    if args.fix:
        from seedkit.repair import repair

        result = repair(workspace, disk, again, unsafe=args.unsafe_fixes)
        judgement = result.left
        if not args.quiet:
            _say_mended(result)
    else:
        judgement = again()
    _report(workspace, judgement, args)
    failed = any(d.severity is not Severity.INFO for d in judgement.diagnostics)
    return EXIT_FINDINGS if failed and not args.exit_zero else EXIT_CLEAN


def _parser() -> Parser:
    parser = Parser(
        "check",
        "Check that every seed matches its format and is listed in INDEX.md.",
        "PATH narrows what is reported, not what is known: the whole corpus is compared.\n"
        "Exit codes: 0 clean, 1 findings (errors or warnings), 2 usage or configuration.",
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", help="report only what concerns these")
    fixing = parser.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="mend what can be mended safely")
    fixing.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: also change or remove content",
    )
    fixing.add_argument("--diff", action="store_true", help="show what --fix would change")
    choice = parser.add_argument_group("rules")
    choice.add_argument(
        "--select",
        metavar="RULE,…",
        action="extend",
        type=_selectors,
        help="check only these rules or families",
    )
    choice.add_argument(
        "--ignore", metavar="RULE,…", action="extend", type=_selectors, help="leave these out"
    )
    choice.add_argument(
        "--baseline-update",
        action="store_true",
        help=f"accept what is found: write {baseline.FILE}",
    )
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=_FORMATS, default=None, help="default: full")
    output.add_argument("--output-file", metavar="FILE", help="write the report there")
    output.add_argument("--statistics", action="store_true", help="count findings by rule")
    output.add_argument("--max-findings", type=int, metavar="N", help="show at most N; 0 is all")
    output.add_argument("--exit-zero", action="store_true", help="exit 0 whatever is found")
    files = parser.add_argument_group("files")
    files.add_argument("--stdin-filename", metavar="PATH", help="check standard input as this seed")
    files.add_argument(
        "--force-exclude", action="store_true", help="say nothing of named files that are no seeds"
    )
    return parser


def _selectors(text: str) -> list[str]:
    selectors = [part.strip() for part in text.split(",") if part.strip()]
    for selector in selectors:
        if not known_selector(selector):
            raise argparse.ArgumentTypeError(f"there is no rule or family `{shorten(selector)}`")
    return selectors


def _standard_input(args: argparse.Namespace, disk: DiskSource) -> dict[str, bytes]:
    if args.stdin_filename is None:
        return {}
    if args.fix or args.diff:
        raise UsageError("--stdin-filename can't be combined with --fix or --diff")
    (path,) = named_paths([args.stdin_filename], disk.root)
    return {path: sys.stdin.buffer.read()}


def _check_paths(args: argparse.Namespace, workspace: Workspace, paths: Sequence[str]) -> None:
    """Say so if a named path is no part of the corpus; a silent "clean" would be a lie."""
    config = workspace.settings.config
    others = {config.index, "schemas", *workspace.settings.format_places}
    for given, path in zip(args.paths, paths, strict=False):
        folder = path.rstrip("/") + "/"
        known = (
            path in workspace.rows
            or path in workspace.scan.refused
            or path == "."
            or any(row.startswith(folder) for row in workspace.rows)
        )
        if known or path in others or path.startswith("schemas/"):
            continue
        if not os.path.lexists(given):
            raise UsageError(f"there is no file {visible(given)}")
        if not args.force_exclude:
            sys.stderr.write(f"seedkit check: note: {visible(given)} is no seed of this corpus\n")


def _report(workspace: Workspace, judgement: Judgement, args: argparse.Namespace) -> None:
    name = args.format or "full"
    limit = args.max_findings
    if limit is None:
        limit = _AT_A_TERMINAL if name == "full" and sys.stdout.isatty() else 0
    shown: Sequence[Diagnostic] = judgement.diagnostics
    hidden = 0
    if args.statistics:
        name, limit = "statistics", 0
    if limit > 0 and len(shown) > limit:
        shown, hidden = shown[:limit], len(shown) - limit
    report = CheckReport(
        root=workspace.source.root,
        diagnostics=shown,
        seeds=workspace.seed_count,
        read=workspace.read_text,
        hidden=hidden,
        baselined=judgement.baselined,
        everything=judgement.diagnostics,
    )
    style = (
        Style(color=args.color == "always")
        if args.output_file
        else style_for(sys.stdout, args.color)
    )
    chunks = load_renderer(name)(report, style)
    if args.output_file is not None:
        _save(args.output_file, "".join(chunks))
        return
    for chunk in chunks:
        write(chunk, raw=name in _MACHINE)


def _save(path: str, text: str) -> None:
    try:
        with open(path, "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EnvironmentFault(f"--output-file {path} can't be written: {reason}") from None


def _diff(
    workspace: Workspace, disk: DiskSource, judgement: Judgement, args: argparse.Namespace
) -> int:
    from seedkit.repair import preview

    changes = preview(workspace, disk, judgement.diagnostics, unsafe=args.unsafe_fixes)
    for change in changes:
        for line in unified_diff(change):
            write(line)
    if not args.quiet:
        count = sum(change.findings for change in changes)
        what = (
            f"{plural(count, 'finding')} in {plural(len(changes), 'file')}"
            if changes
            else "nothing"
        )
        sys.stderr.write(f"--fix would mend {what}\n")
    return EXIT_FINDINGS if changes and not args.exit_zero else EXIT_CLEAN


def _update_baseline(disk: DiskSource, judgement: Judgement, args: argparse.Namespace) -> int:
    accepted = [d for d in judgement.all if baseline.acceptable(d)]
    before = disk.read(baseline.FILE) if disk.exists(baseline.FILE) else b""
    write_whole(disk, baseline.FILE, before, baseline.write_baseline(accepted).encode())
    if not args.quiet:
        write(f"{baseline.FILE} now accepts {plural(len(accepted), 'finding')}.\n")
    return EXIT_CLEAN


def _say_mended(result: Repair) -> None:
    if result.findings:
        write(f"Mended {plural(result.findings, 'finding')} in {plural(result.files, 'file')}.\n")
