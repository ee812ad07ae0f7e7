"""Opens the corpus as git has it: each view has a cache of its own, since each has its own past."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from seedkit.cli.common import LEDGER, cache_of, open_source
from seedkit.core.errors import EnvironmentFault
from seedkit.store.location import private_folder

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace
    from seedkit.sources.source import Source


def open_view(args: Namespace, source: Source, name: str, *, like: str = "") -> Workspace:
    """Return the refreshed workspace of a source that is not the disk, under a name of its own.

    If nothing is known of it yet, it starts from what is known of the view `like`, or of the disk:
    most seeds will be the same. Raises what `open_source` raises.
    """
    cache = cache_of(args, source.root)
    folder = None
    if cache is not None:
        with contextlib.suppress(OSError, EnvironmentFault):
            folder = private_folder(cache / name)
            if not (folder / LEDGER).exists():
                _start(folder / LEDGER, cache / like / LEDGER)
    return open_source(args, source, folder)


def _start(ledger: Path, other: Path) -> None:
    """Copy another ledger, if no process is writing to it; what is wrong with a copy is noticed."""
    if not other.exists() or os.path.exists(f"{other}-wal"):
        return
    handle, temporary = tempfile.mkstemp(dir=ledger.parent)
    os.close(handle)
    try:
        shutil.copyfile(other, temporary)
        os.link(temporary, ledger)  # not over one that another process has made meanwhile
    finally:
        os.unlink(temporary)
