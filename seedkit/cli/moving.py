"""What `mv` and `rm` share: opening a corpus as it would be, and carrying a plan out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.check.fix import FixedFile
from seedkit.cli.common import refuse_half_seen
from seedkit.cli.differences import painted
from seedkit.cli.opening import cache_of, open_source
from seedkit.cli.options import Parser
from seedkit.cli.output import note, paths_here, show, style_for
from seedkit.core.text import capitalized, visible
from seedkit.corpus.workspace import Workspace
from seedkit.edit.moving import Imagine, Staging, staging
from seedkit.sources.files import Change, write_all
from seedkit.sources.git import GitError
from seedkit.sources.source import DiskSource, OverlaySource

if TYPE_CHECKING:
    from argparse import Namespace


def add_output_options(parser: Parser) -> None:
    """Let the command take --dry-run and --diff."""
    output = parser.add_argument_group("Output")
    output.add_argument("--dry-run", action="store_true", help="write nothing, say what would be")
    output.add_argument(
        "--diff", action="store_true", help="write nothing, show how other files would change"
    )


def imagining(args: Namespace, disk: DiskSource) -> Imagine:
    """Return a function that opens the corpus without some files, and with some moved."""

    def imagine(gone: Collection[str], moved: Mapping[str, str]) -> Workspace:
        source = OverlaySource(disk, {}, gone, moved)
        workspace = open_source(args, source, cache_of(args, disk.root), keep=False)
        refuse_half_seen(workspace)
        return workspace

    return imagine


def carry_out(
    changes: Sequence[Change],
    moves: Mapping[str, str],
    removed: Sequence[str],
    sentences: Callable[[str], Iterator[str]],
    args: Namespace,
    disk: DiskSource,
) -> bool:
    """Make the changes, in git's index too, or show them; return whether they were made.

    `moves` and `removed` are the seeds that they are for. `sentences` say what is done to these,
    after the word `would ` if it is not done. Raises what `write_all` raises, and `GitError`.
    """
    shown = paths_here(disk.root).shown
    others = [
        FixedFile(each.path, each.before, each.after, 0)
        for each in changes
        if isinstance(each.before, bytes) and isinstance(each.after, bytes)
    ]
    if args.diff:
        style = style_for(sys.stdout, args.color, disk.root)
        for each in others:
            show(painted(each, style), color=style.color)
        if not args.quiet:
            for line in sentences("would "):
                note(capitalized(line))
        return False
    if not args.dry_run:
        in_git = _staging(disk, changes, moves, removed)
        write_all(disk, changes, (lambda: None) if in_git is None else in_git.apply)
        for path in () if in_git is None or args.quiet else in_git.left:
            note(f"seedkit: note: {shown(path)} has other changes, too: stage it with `git add`")
    if not args.quiet:
        lines = list(sentences("would " if args.dry_run else ""))
        if others:
            listed = " and ".join(shown(each.path) for each in others)
            lines.append(f"{'would change' if args.dry_run else 'changed'} {listed}")
        show(f"{capitalized(line)}\n" for line in lines)
    return not args.dry_run


def _staging(
    disk: DiskSource, changes: Sequence[Change], moves: Mapping[str, str], removed: Sequence[str]
) -> Staging | None:
    """What becomes of git's index; nothing where git can't tell what is in it."""
    try:
        return staging(disk, changes, moves, removed)
    except GitError as error:
        note(f"seedkit: note: the index of git stays as it is: {visible(error.message)}")
        return None
