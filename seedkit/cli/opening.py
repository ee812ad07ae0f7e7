"""Opens a corpus for a command: its root, settings and cache, and the seeds as they are now.

Opens the corpus as git has it, too: each view has a cache of its own, since each has its own past.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from seedkit.cli.common import UNSETTLED
from seedkit.cli.output import Progress, note
from seedkit.cli.paths import corpus_root
from seedkit.core.errors import (
    ConfigError,
    EnvironmentFault,
    SeedkitError,
)
from seedkit.core.processes import cpu_count
from seedkit.core.text import plural, visible
from seedkit.settings.cache import recall, remember, settings_key
from seedkit.settings.load import Settings, load_settings
from seedkit.sources.root import MAX_BYTES
from seedkit.sources.source import DiskSource, OverlaySource, Source
from seedkit.store.location import DATABASE, cache_folder, private_folder, remove_older

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace


def corpus_source(args: Namespace) -> DiskSource:
    """Return the corpus that the options name, or the one around the working directory."""
    return DiskSource(corpus_root(args))


def load(args: Namespace, source: Source, *, folders: bool = True) -> Settings:
    """Return the settings of the corpus; raises `ConfigError`, able to show the lines in question.

    A missing folder of seeds is a fault only if `folders` are asked for.
    """

    def read(path: str) -> str | None:
        try:
            return source.read(path, MAX_BYTES).decode("utf-8", "surrogateescape")
        except (OSError, SeedkitError):
            return None

    try:
        return load_settings(
            source, isolated=args.isolated, overrides=tuple(args.config), folders=folders
        )
    except ConfigError as error:
        error.read, error.root = read, source.root
        raise


def open_workspace(
    args: Namespace,
    disk: DiskSource,
    overlay: dict[str, bytes] | None = None,
    *,
    keep: bool = True,
    refresh: bool = True,
) -> Workspace:
    """Return the refreshed workspace of the corpus; `overlay` holds files that are in memory.

    Without `keep`, nothing that is found out is kept for the next run. Without `refresh`, nothing
    is known of the seeds.
    Raises `ConfigError`, `UsageError` or `EnvironmentFault`.
    """
    source = OverlaySource(disk, overlay) if overlay else disk
    # Standard input is not what the corpus is.
    folder = cache_of(args, disk.root)
    return open_source(args, source, folder, keep=keep and not overlay, refresh=refresh)


def open_source(
    args: Namespace, source: Source, folder: Path | None, *, keep: bool = True, refresh: bool = True
) -> Workspace:
    """Return the refreshed workspace of a source, whose cache is in the folder, or nowhere.

    See `open_workspace`.
    """
    opening = Opening(args, source, folder, keep=keep, look=refresh)
    if refresh:
        opening.workspace.warn = partial(_note_unsettled, args)
        opening.settle()
    return opening.workspace


def _note_unsettled(args: Namespace) -> None:
    if not getattr(args, "unsettled", False):
        note(f"seedkit: note: {UNSETTLED}: this answer may be out of date")
    args.unsettled = True  # said once


class Opening:
    """A corpus that is being opened: its settings are read, and its seeds are being looked at.

    That takes a while, which the caller has for other things. If `watched`, a running watch
    is asked first: what it vouches for need not be looked at again. Without `look`, nobody looks.
    Raises what `open_workspace` raises.
    """

    def __init__(
        self,
        args: Namespace,
        source: Source,
        folder: Path | None,
        *,
        keep: bool = True,
        look: bool = True,
        watched: bool = False,
    ) -> None:
        self._args = args
        self.folder = folder
        self._keep = keep
        self._source = source
        self._settings = _settings(args, source, folder)
        self._question = None
        if watched and folder is not None and (folder / "watch" / "live").exists():
            from seedkit.watch.handshake import pose

            self._question = pose(folder)
        if look and self._question is None:
            source.begin(self._settings.config.seeds)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace, of which nothing is known yet."""
        from seedkit.corpus.workspace import Workspace
        from seedkit.store.database import CacheDatabase

        path = None
        if self.folder is not None:
            remove_older(self.folder)
            path = str(self.folder / DATABASE)
        database = CacheDatabase(path, writable=self._keep)
        return Workspace(self._source, self._settings, database, self._args.jobs or cpu_count())

    def settle(self) -> bool:
        """Make the workspace know the seeds as they are; return whether it has done so before."""
        workspace = self.workspace
        before = workspace.position()
        question, self._question = self._question, None
        state = None if question is None else question.answer()
        if state is None or not workspace.resume(state):
            self._refresh(workspace)
        same = workspace.position() == before and before.identity != ""
        return same and not workspace.unsettled

    def _refresh(self, workspace: Workspace) -> None:
        args = self._args
        progress = Progress(quiet=args.quiet)
        try:
            changes = workspace.refresh(progress)
        finally:
            progress.clear()
            workspace.close()
        if args.verbose:
            note(
                f"seedkit: {visible(self._source.root)}: {plural(workspace.seed_count, 'seed')}, "
                f"{len(changes.changed):,} changed, {len(changes.removed):,} removed; "
                f"cache: {visible(str(self.folder or 'none'))}"
            )


def _settings(args: Namespace, source: Source, folder: Path | None) -> Settings:
    """The settings, as remembered if nothing they come from has changed."""
    if folder is None:
        return load(args, source)
    key = settings_key(source, args.isolated, tuple(args.config))
    remembered = recall(folder, key) if key else None
    if remembered is not None and all(map(source.exists, remembered.config.seeds)):
        return remembered
    settings = load(args, source)
    if key:
        remember(folder, key, settings)
    return settings


def cache_of(args: Namespace, root: str) -> Path | None:
    """Return the cache folder, None if it can't be used, after a note on why: all works without."""
    try:
        return cache_folder(root, args.cache_dir)
    except EnvironmentFault as fault:
        if not getattr(args, "without_cache", False):
            note(f"seedkit: note: no cache: {visible(fault.message)}")
            note(f"  help: {visible(fault.help or '')}")
        args.without_cache = True  # a command may need several caches, but says so once
        return None


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
            if not (folder / DATABASE).exists():
                _start(folder / DATABASE, cache / like / DATABASE)
    return open_source(args, source, folder)


def _start(database: Path, other: Path) -> None:
    """Copy another cache database, if no process is writing to it; what is wrong with a copy is
    noticed.
    """
    if not other.exists() or os.path.exists(f"{other}-wal"):
        return
    import tempfile  # which no search needs

    handle, temporary = tempfile.mkstemp(dir=database.parent)
    os.close(handle)
    try:
        shutil.copyfile(other, temporary)
        os.link(temporary, database)  # not over one that another process has made meanwhile
    finally:
        os.unlink(temporary)
