"""`seedkit show-files`: list the seeds and the format of each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

from seedkit.cli.common import note_no_seeds
from seedkit.cli.opening import corpus_source, open_workspace
from seedkit.cli.options import Parser
from seedkit.cli.output import is_terminal, paths_here, show
from seedkit.core.skipped import ABSENT_SUBMODULE, NOT_CHECKED_OUT, what_it_is
from seedkit.core.text import display_width, visible
from seedkit.corpus.workspace import Workspace


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit show-files`; return the exit code."""
    parser = Parser(
        "show-files",
        "",
        "List the seeds, each with its format, and the files that are not read, and why.",
        {
            "": "list the seeds of the corpus",
            "| grep 'no format'": "list those that no format matches",
        },
    )
    args = parser.parse(arguments)
    workspace = open_workspace(args, corpus_source(args))
    rows = list(_rows(workspace, paths_here(workspace.root).shown))
    if is_terminal(sys.stdout):
        width = max((display_width(path) for path, _ in rows), default=0)
        show(f"{path}{'':{width - display_width(path)}}  {what}\n" for path, what in rows)
    else:
        show(f"{path}\t{what}\n" for path, what in rows)
    return note_no_seeds(workspace, "show-files")


def _rows(workspace: Workspace, shown: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    skipped = workspace.skipped()
    for path in sorted(workspace.rows):
        why = f" (skipped: {what_it_is(skipped[path])})" if path in skipped else ""
        yield shown(path), f"{visible(workspace.rows[path].format) or '(no format)'}{why}"
    for path, reason in sorted(workspace.refused.items()):
        yield shown(path), f"(not read: {visible(reason)})"
    for path in sorted(filter(workspace.is_left_at_top, workspace.paths)):
        if workspace.format_of(path):
            yield shown(path), "(not a seed: at the top, and no pattern names it)"
    for path, reason in sorted(skipped.items()):
        if reason == NOT_CHECKED_OUT:
            yield shown(path), "(not checked out)"
        elif reason == ABSENT_SUBMODULE:
            yield shown(path), f"({what_it_is(reason)})"
