"""`seedkit mv`: moves a seed, with its row in the index and what the baseline accepts of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seedkit.cli.common import refuse_half_seen, writing
from seedkit.cli.moving import add_output_options, carry_out, imagining
from seedkit.cli.opening import corpus_source, open_workspace
from seedkit.cli.options import Parser, selectors
from seedkit.cli.output import note, paths_here, show, style_for
from seedkit.cli.paths import named_paths
from seedkit.core.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from seedkit.core.text import other_form, plural, visible
from seedkit.edit.destination import refuse_no_seed
from seedkit.edit.moving import MovePlan, plan_move, refuse_absent
from seedkit.report.check import CheckReport
from seedkit.report.check.full import findings
from seedkit.sources.files import until_unchanged
from seedkit.sources.source import DiskSource

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit mv`; return the exit code."""
    args = _parser().parse(arguments)
    if len(args.paths) != 2:
        raise UsageError(
            f"OLD and NEW are needed, {plural(len(args.paths), 'path')} given",
            help="see `seedkit mv --help`",
        )
    disk = corpus_source(args)
    with writing(args, disk.root, "mv"):
        return until_unchanged(lambda: _move(args, disk))


def _parser() -> Parser:
    parser = Parser(
        "mv",
        "OLD NEW",
        "Move or rename a seed (a text file of the corpus), with its row in INDEX.md and\n"
        "what the baseline accepts of it: all of it, or nothing. If NEW is a folder, the\n"
        "seed keeps its name. In a git repository, the move is staged, as by `git mv`. A\n"
        "file that was moved already is only recorded.",
        {
            "seeds/a.txt seeds/b.txt": "rename a seed",
            "seeds/a.txt seeds/old/": "move it to another folder",
            "seeds/a.txt seeds/b.txt --diff": "show how INDEX.md would change",
        },
        "Exit codes: 0 moved, 1 refused with findings, 2 usage or configuration.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("paths", metavar="OLD NEW", nargs="*", help="the seed, and its new path")
    moving = parser.add_argument_group("Moving")
    moving.add_argument(
        "--ignore", metavar="RULE,…", action="extend", type=selectors, default=[],
        help="move it in spite of these rules or families",
    )  # fmt: skip
    add_output_options(parser)
    return parser


def _move(args: Namespace, disk: DiskSource) -> int:
    workspace = open_workspace(args, disk)
    refuse_half_seen(workspace)
    old, new = _paths(args, workspace)
    plan = plan_move(workspace, old, new, imagining(args, disk), args.ignore)
    if plan.findings:
        _refuse(plan, old, workspace, args)
        return EXIT_FINDINGS
    moved = any(each.source is not None for each in plan.changes)

    before, after = workspace.format_of(old), workspace.format_of(new)
    change = "" if before == after else f", and its format to {_format(after)}"

    shown = paths_here(disk.root).shown

    def sentences(lead: str) -> Iterator[str]:
        if moved:
            verb = "move" if lead else "moved"
            yield f"{lead}{verb} {shown(old)} to {shown(new)}{change}"
        else:
            verb = "record" if lead else "recorded"
            yield f"{lead}{verb} that {shown(old)} is now {shown(new)}"

    carry_out(plan.changes, {old: new}, (), sentences, args, disk)
    for gap in () if args.quiet else plan.gaps:
        note(f"seedkit mv: note: {gap.message}: {gap.help}")
    return EXIT_CLEAN


def _format(name: str) -> str:
    return f"`{visible(name)}`" if name else "none"


def _paths(args: Namespace, workspace: Workspace) -> tuple[str, str]:
    """The old and the new path, relative to the root."""
    root = workspace.root
    old, new = named_paths(args.paths, root)
    given_old, given_new = map(visible, args.paths)
    full = os.path.join(root, new)
    if os.path.isdir(full) or args.paths[1].endswith("/"):
        new = f"{new}/{old.rpartition('/')[2]}" if new != "." else old.rpartition("/")[2]
        full = os.path.join(root, new)
    here = os.path.join(root, old)
    if os.path.isdir(here):
        raise UsageError(f"`{given_old}` is a folder", help="name a seed")
    if old == new:
        raise UsageError(f"`{given_old}` and `{given_new}` are the same file")
    there = workspace.is_there(old)
    if not there and os.path.lexists(here):
        raise UsageError(
            f"`{given_old}` is no seed of this corpus", help="`seedkit show-files` lists the seeds"
        )
    if not there and not os.path.lexists(full):
        refuse_absent(workspace.source, (old,))
        form = other_form(old, workspace.paths)
        raise UsageError(f"there is no file `{given_old}`{form}")
    refuse_no_seed(new, workspace)
    if there and os.path.lexists(full) and not _same_file(here, full):
        raise UsageError(f"{paths_here(root).shown(new)} exists")
    return old, new


def _same_file(old: str, new: str) -> bool:
    """Tell whether two names, which differ in case, are one file where cases are alike."""
    return old.casefold() == new.casefold() and os.path.samefile(old, new)


def _refuse(plan: MovePlan, old: str, workspace: Workspace, args: Namespace) -> None:
    """Show the findings at the path that there is."""
    found = [each._replace(place=each.place._replace(path=old)) for each in plan.findings]
    report = CheckReport(workspace.root, found, 0, workspace.read_text)
    style = style_for(sys.stdout, args.color, report.root)
    show(findings(report, style), color=style.color)
    if not args.quiet:
        rules = ",".join(sorted({each.rule for each in found}))
        count = plural(len(found), "finding")
        note(f"seedkit mv: nothing was moved, because of {count} under the new name")
        note(f"  help: --ignore {rules} moves it all the same")
