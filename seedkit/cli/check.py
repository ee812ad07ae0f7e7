"""`seedkit check`: check seeds against their formats and INDEX.md."""

from __future__ import annotations

from collections.abc import Sequence

from seedkit.errors import EXIT_CLEAN


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit check`; return the exit code."""
    if "--staged" in arguments:
        from seedkit.cli.staged import nothing_to_check

        if nothing_to_check(arguments):
            return EXIT_CLEAN
    from seedkit.cli.checking import run

    return run(arguments)
