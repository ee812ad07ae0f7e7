"""A corpus as the loop needs it: one workspace, its index, and its findings, kept for long."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol

from seedkit.check.run import run_check, selection
from seedkit.core import diagnostic
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import ConfigError, EnvironmentFault
from seedkit.corpus.workspace import Workspace
from seedkit.search.index.update import NotKept, SearchIndex
from seedkit.settings.load import missing_folders
from seedkit.sources.root import CONFIG_FILES, SCHEMAS
from seedkit.sources.source import DiskSource, within
from seedkit.sources.walk import Scan
from seedkit.store.changelog import ChangeSet
from seedkit.watch.events import WatchedFolder
from seedkit.watch.model import CorpusChange, described

_FEW = 200  # paths that are quicker looked at one by one than by a walk


class RememberedDisk(DiskSource):
    """A disk that is walked once, and then only where something may have changed."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._scans: dict[tuple[str, ...], Scan] = {}
        self._paths: list[str] | None = None

    def look_at(self, paths: Sequence[str] | None) -> None:
        """Say where the next scans have to look: at some paths, or everywhere."""
        self._paths = None if paths is None else list(paths)

    def moved(self, folders: Sequence[str]) -> bool:
        """Tell whether any folder is not as the last scan of these folders has listed it."""
        before = self._scans.get(tuple(folders))
        return before is None or bool(self.changed(before))

    def scan(self, folders: Sequence[str]) -> Scan:
        """List every file under the folders. See `DiskSource.scan`."""
        before = self._scans.get(tuple(folders))
        if before is None or self._paths is None:
            scan = super().scan(folders)
        else:
            concerned = [
                path
                for path in self._paths
                if any(within(path, folder) or within(folder, path) for folder in folders)
            ]
            scan = self.rescan(before, folders, concerned)
        self._scans[tuple(folders)] = scan
        return scan


class Opener(Protocol):
    """Opens the workspace of a source, not yet refreshed, with the settings that hold now.

    Returns None if they are those of the last time. Raises `SeedkitError`.
    """

    def __call__(self, source: DiskSource) -> Workspace | None: ...


class WatchedCorpus:
    """Brings a workspace and its index up to date, again and again.

    `open_index` makes the index of a workspace; it may raise `NotKept`.
    """

    def __init__(
        self, root: str, open_workspace: Opener, open_index: Callable[[Workspace], SearchIndex]
    ) -> None:
        self._disk = RememberedDisk(root)
        self.root = self._disk.root
        self._open_workspace, self._open_index = open_workspace, open_index
        self._workspace: Workspace | None = None
        self._unread = True  # settings that hold now, since they could not be read
        self._index: SearchIndex | None = None
        # What changed while it was indexed, and no look has returned: changed, removed.
        self._unreported = ChangeSet(frozenset(), frozenset())
        self._indexed = ""  # the state that the index was last brought up to

    @property
    def workspace(self) -> Workspace:
        """The workspace as it is now; there is one after the first look."""
        assert self._workspace is not None
        return self._workspace

    def places(self) -> list[WatchedFolder]:
        """Return the folders in which something may change: the root, the seeds, the formats.

        Of a folder that is not there, the nearest one above it that is: it may come. Raises
        `SeedkitError` if the settings, which name the folders, were never readable.
        """
        if self._workspace is None:
            self._reopen()
        names = [*self._seeds_folders(), SCHEMAS]
        if "." in names:
            return [WatchedFolder(self.root, recursive=True)]
        places = {WatchedFolder(self.root, recursive=False): None}
        for name in names:
            if _is_folder(f"{self.root}/{name}"):
                places[WatchedFolder(f"{self.root}/{name}", recursive=True)] = None
                continue
            while (name := name.rpartition("/")[0]) and not _is_folder(f"{self.root}/{name}"):
                pass
            if name:
                places[WatchedFolder(f"{self.root}/{name}", recursive=False)] = None
        return list(places)

    def missing(self) -> str:
        """Return what is wrong if a folder of seeds is not there; an empty text if all are."""
        settings = self.workspace.settings
        place = diagnostic.Place(settings.config_path or CONFIG_FILES[0])
        gone = missing_folders(self._disk, settings.config.seeds, place)
        return described(ConfigError(gone)) if gone else ""

    def _seeds_folders(self) -> list[str]:
        seeds = self.workspace.config.seeds
        return list(dict.fromkeys(each.strip("/") or "." for each in seeds))

    def look(self, paths: frozenset[str] | None) -> CorpusChange:
        """Bring the workspace up to date with the disk. Raises `SeedkitError`."""
        known = None if paths is None or len(paths) > _FEW else self._relative(paths)
        if self._unread or known is None or any(map(_is_setting, known)):
            self._unread = True
            if self._reopen():
                known = None
            self._unread = False
        self._disk.look_at(known)
        found = self._unreported.then(self.workspace.refresh())
        self._unreported = ChangeSet(frozenset(), frozenset())
        return CorpusChange(sorted(found.changed), sorted(found.removed))

    def _look_again(self, paths: Sequence[str]) -> None:
        """Look at paths that have changed since the last look."""
        self._disk.look_at(paths)
        self._unreported = self._unreported.then(self.workspace.refresh())

    def index(self) -> int:
        """Bring the index up to date; return how many seeds that took."""
        state = self.workspace.state
        if state and state == self._indexed:
            return 0
        try:
            if self._index is None:
                self._index = self._open_index(self.workspace)
                self._index.look_again = self._look_again
            opened = self._index.open()
        except NotKept as reason:
            self._index = None  # its folder may have been removed: open it again
            raise EnvironmentFault(str(reason), help=reason.help) from None
        opened.reader.close()
        self._indexed = self.workspace.state
        return opened.changed + opened.removed

    def findings(self, pulse: Callable[[], None]) -> list[Diagnostic]:
        """Return what a check finds, sorted; `pulse` is called meanwhile, and may raise."""
        self.workspace.pulse = pulse
        return run_check(self.workspace, selection(self.workspace)).diagnostics

    def moved(self) -> bool:
        """Tell whether files have come or gone since the last look. See `Corpus.moved`."""
        return self._disk.moved(self.workspace.config.seeds)

    def seeds(self) -> int:
        """Return how many seeds there are."""
        return self.workspace.seed_count

    def state(self) -> str:
        """Return what names the state of the seeds, if the index is of that state, too."""
        state = self.workspace.state
        return state if state == self._indexed else ""

    def _relative(self, paths: frozenset[str]) -> list[str]:
        prefix = self.root + "/"
        return sorted(path.removeprefix(prefix) for path in paths if path.startswith(prefix))

    def _reopen(self) -> bool:
        """Take the settings that hold now; return whether they are others than before."""
        opened = self._open_workspace(self._disk)
        if opened is not None:
            self._workspace, self._index = opened, None
        return opened is not None


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _is_setting(path: str) -> bool:
    return path in CONFIG_FILES or within(path, SCHEMAS)
