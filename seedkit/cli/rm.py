"""`seedkit rm`: removes seeds, their rows in the index and what the baseline accepts of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from seedkit.cli.common import refuse_half_seen, writing
from seedkit.cli.moving import add_output_options, carry_out, imagining
from seedkit.cli.opening import corpus_source, open_workspace
from seedkit.cli.options import Parser
from seedkit.cli.output import paths_here
from seedkit.cli.paths import named_paths
from seedkit.core.errors import EXIT_CLEAN, UsageError
from seedkit.core.text import visible
from seedkit.edit.moving import plan_removal, read_blocks
from seedkit.sources.files import Change, until_unchanged
from seedkit.sources.source import DiskSource, within
from seedkit.sources.tracked import tracked

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit rm`; return the exit code."""
    args = _parser().parse(arguments)
    if not args.paths:
        raise UsageError("no SEED is named", help="see `seedkit rm --help`")
    disk = corpus_source(args)
    with writing(args, disk.root, "rm"):
        return until_unchanged(lambda: _remove(args, disk))


def _parser() -> Parser:
    parser = Parser(
        "rm",
        "SEED …",
        "Remove seeds (text files of the corpus), with their rows in INDEX.md and what\n"
        "the baseline accepts of them: all of it, or nothing. Of a seed that is gone\n"
        "already, only the records are removed. In a git repository, the removal is\n"
        "staged, as by `git rm`, and a seed is refused that differs from the last commit:\n"
        "git could not bring it back.",
        {
            "seeds/a.txt": "remove a seed",
            "seeds/a.txt seeds/b.txt --diff": "show how INDEX.md would change",
            "seeds/draft.txt --force": "remove one that was never committed",
        },
        "Exit codes: 0 removed, 2 usage or configuration.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("paths", metavar="SEED", nargs="*", help="a seed")
    removing = parser.add_argument_group("Removing")
    removing.add_argument(
        "-f", "--force", action="store_true", help="remove also what git could not bring back"
    )
    add_output_options(parser)
    return parser


def _remove(args: Namespace, disk: DiskSource) -> int:
    workspace = open_workspace(args, disk)
    refuse_half_seen(workspace)
    paths = named_paths(args.paths, disk.root)
    for given, path in zip(args.paths, paths, strict=True):
        if os.path.isdir(os.path.join(disk.root, path)):
            raise UsageError(f"`{visible(given)}` is a folder", help="name the seeds in it")
    paths = list(dict.fromkeys(paths))
    plan = plan_removal(workspace, paths, imagining(args, disk))
    seeds = [each for each in plan.changes if each.after is None]
    if not args.force:
        _refuse_unsaved(seeds, disk)
    there = {each.path for each in seeds}
    shown = paths_here(disk.root).shown

    def sentences(lead: str) -> Iterator[str]:
        for path in paths:
            what = shown(path) if path in there else f"what is recorded of {shown(path)}"
            yield f"{lead}{'remove' if lead else 'removed'} {what}"

    if carry_out(plan.changes, {}, paths, sentences, args, disk):
        _remove_empty_folders(workspace, there)
    return EXIT_CLEAN


def _refuse_unsaved(seeds: Sequence[Change], disk: DiskSource) -> None:
    """Raise `UsageError` if the seeds are in a repository, and one is not as it was committed."""
    known = tracked(disk)
    if known is None:
        return
    unsaved = known.uncommitted([each.path for each in seeds], partial(read_blocks, disk))
    if unsaved:
        more = f" and {len(unsaved) - 1:,} more" if len(unsaved) > 1 else ""
        verb = "differ" if more else "differs"
        first = paths_here(disk.root).shown(unsaved[0])
        raise UsageError(
            f"{first}{more} {verb} from the last commit: git could not bring "
            f"{'them' if more else 'it'} back",
            help="commit first, or use --force",
        )


def _remove_empty_folders(workspace: Workspace, paths: set[str]) -> None:
    """Remove folders that hold nothing any more, as `git rm` does; not those that are settings."""
    settled = workspace.config.seeds
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and not any(within(each, folder) for each in settled):
            with contextlib.suppress(OSError):
                os.rmdir(os.path.join(workspace.root, folder))
            folder = folder.rpartition("/")[0]
