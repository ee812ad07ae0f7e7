"""Lets one command write at a time, reads stdin, and refuses a corpus without or with unread seeds.

Whatever was found in a corpus without seeds means nothing; nobody writes where some are unknown.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from seedkit.cli.output import is_terminal, note
from seedkit.core.errors import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EnvironmentFault,
    UsageError,
)
from seedkit.core.files import LockHeld, exclusive
from seedkit.core.text import visible
from seedkit.store.location import cache_folder

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace

_PATIENCE = 60.0  # seconds that a command waits for another one that writes in the corpus
UNSETTLED = "seeds are moved while they are listed"
_NOTED = 1.0  # seconds, after which somebody at a terminal wants to know why nothing happens


@contextmanager
def writing(args: Namespace, root: str, command: str) -> Iterator[None]:
    """Be the only seedkit command that writes in the corpus, within the block.

    Without a usable cache folder there is no lock: files are then only compared before they are
    replaced.
    Raises `EnvironmentFault` if another command has not ended in time.
    """
    try:
        lock = str(cache_folder(root, args.cache_dir) / "writing")
    except EnvironmentFault:
        yield
        return
    waiting = _Waiting(quiet=args.quiet or not is_terminal(sys.stderr))
    name = f"`seedkit {command}`, process {os.getpid()}"
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive(lock, _PATIENCE, name=name, waiting=waiting))
        except LockHeld as held:
            who = f": {held.holder}" if held.holder else ""
            raise EnvironmentFault(
                f"another seedkit command is writing in this corpus{who}",
                help="try again when it is done",
            ) from None
        except OSError:  # a file system without locks
            pass
        yield


def standard_input(limit: int, option: str = "", help: str | None = None) -> bytes:
    """Return all of standard input, which the option asks for.

    Raises `UsageError` if it has more than `limit` bytes; `help` is what to do then.
    """
    if sys.stdin is None:
        raise UsageError(f"{option}standard input is closed")
    data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        raise UsageError(f"{option}standard input has more than {limit:,} bytes", help=help)
    return data


def refuse_unsettled(workspace: Workspace) -> None:
    """Raise `EnvironmentFault` if seeds are moved again and again: one that is there may be missed,
    and its row in the index taken away."""
    if workspace.unsettled:
        raise EnvironmentFault(UNSETTLED, help="nothing is written; try again when that is done")


def refuse_half_seen(workspace: Workspace) -> None:
    """Raise `EnvironmentFault` if a folder of seeds can't be listed, or seeds move: then nobody
    knows what is taken, and what the index should list."""
    refuse_unsettled(workspace)
    for path, reason in workspace.refused.items():
        if reason.startswith("can't be ") and workspace.is_seed(path):
            raise EnvironmentFault(
                f"{visible(path)} {reason}",
                help="nothing is written before it is known what is there; or add it to `exclude`",
            )


class _Waiting:
    """Says once that a command waits for another one."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._began = time.monotonic()

    def __call__(self) -> None:
        if not self._quiet and time.monotonic() - self._began > _NOTED:
            self._quiet = True
            note("seedkit: waiting for another seedkit command that writes in this corpus")


def why_no_seeds(workspace: Workspace) -> tuple[str, str | None]:
    """Return what to say of a corpus that has no seeds, and the remedy."""
    from seedkit.check.findings import no_seeds

    finding = no_seeds(workspace)
    assert finding is not None  # asked only of a corpus without seeds
    return finding.message, finding.help


def refuse_no_seeds(workspace: Workspace) -> None:
    """Raise `EnvironmentFault` if no file of the corpus is a seed."""
    if not workspace.seed_count:
        message, remedy = why_no_seeds(workspace)
        raise EnvironmentFault(message, help=remedy)


def note_no_seeds(workspace: Workspace, command: str) -> int:
    """Say that no file of the corpus is a seed, if so; return the exit code for what was shown."""
    if workspace.seed_count:
        return EXIT_CLEAN
    message, remedy = why_no_seeds(workspace)
    note(f"seedkit {command}: error: {visible(message)}")
    note(f"  help: {visible(remedy or '')}")
    return EXIT_FINDINGS
