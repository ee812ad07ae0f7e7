"""`seedkit check`: check seeds against their formats and INDEX.md.

Apart from `checking`, which has the options and the rest: a hook that has nothing to check ends
here, before any of that is imported.
"""

from __future__ import annotations

from collections.abc import Sequence

from seedkit.core.errors import EXIT_CLEAN


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit check`; return the exit code."""
    staged = None
    if any(each.startswith(("--staged", "--hook")) for each in arguments):
        from seedkit.cli.staged import glance, nothing_to_check

        args, staged = glance(arguments)
        if staged is not None and nothing_to_check(args, staged):
            return EXIT_CLEAN
    from seedkit.cli.checking import run

    return run(arguments, staged)
