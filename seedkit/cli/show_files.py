"""`seedkit show-files`: list the seeds and the format of each."""

from __future__ import annotations

from collections.abc import Sequence

from seedkit.cli.common import Parser, corpus_source, open_workspace
from seedkit.cli.output import write
from seedkit.errors import EXIT_CLEAN
from seedkit.text import visible


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit show-files`; return the exit code."""
    parser = Parser("show-files", "List the seeds and the format of each.")
    args = parser.parse_args(arguments)
    workspace = open_workspace(args, corpus_source(args))
    for path in sorted(workspace.rows):
        name = workspace.rows[path].format or "(no format)"
        write(f"{visible(path)}\t{name}\n")
    for path, reason in sorted(workspace.scan.refused.items()):
        write(f"{visible(path)}\t(not read: {reason})\n")
    return EXIT_CLEAN
