"""Seeds as git has them: in its index, or in a commit. The working tree is not looked at.

A blob's id is a digest of its bytes, so it makes a signature that never lies: whatever the time,
the machine or the branch, equal signatures are equal contents.
"""

from __future__ import annotations

import errno
import os
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from posixpath import normpath
from sys import byteorder
from typing import Final

from seedkit.core.files import TEMPORARY
from seedkit.core.skipped import UNLISTED
from seedkit.sources.git import Blobs, BlobTooLarge, GitError
from seedkit.sources.repository import SUBMODULE, SYMLINK, Entries, Repository
from seedkit.sources.source import NO_LINKS, Pointer, Refused, TooLarge, escapes, pointer_of
from seedkit.sources.walk import NEVER_SEEDS, Scan, is_leftover

# One of these is in a path between two NULs if a part of it is never of a corpus.
_SIGNS: Final = (
    "/.", "\0.", "~", "#", "___jb_", ".orig\0", ".rej\0",
    *sorted({name[-8:] for name in NEVER_SEEDS if not name.startswith(".")}),
)  # fmt: skip
_LINKS: Final = 40  # symbolic links on the way to a file, as many as Linux follows


class GitSource:
    """The files under a folder of a repository. `root` is the folder; submodules belong to it.

    `before` is the commit that tells what was renamed in the entries, None if none does.
    """

    def __init__(
        self, root: str, repository: Repository, entries: Entries, before: str | None = None
    ) -> None:
        self.root = root
        self.before = before
        self.repository = repository
        self.entries = dict(entries)
        self._submodules: dict[str, Blobs] = {}  # by their paths with `/` at the end
        self.absent_submodules: list[str] = []
        self._blobs = repository.blobs()
        self._add_submodules(repository, entries, "")

    @classmethod
    def staged(cls, root: str, repository: Repository) -> GitSource:
        """Return what a commit of the index would hold; raises `GitError`."""
        return cls(root, repository, repository.index(), "HEAD")

    @classmethod
    def at(
        cls, root: str, repository: Repository, commit: str, before: str | None = None
    ) -> GitSource:
        """Return what a commit holds; raises `GitError`."""
        return cls(root, repository, repository.tree(commit), before)

    def begin(self, folders: Sequence[str]) -> None:
        """All is known already."""

    def scan(self, folders: Sequence[str]) -> Scan:
        """List every file under the folders; the size in a signature is -1, it is not known yet."""
        files: Entries = {}
        refused: dict[str, str] = {}
        for folder in folders:
            bare = folder.strip("/")
            reason = self._unlistable(bare)
            if reason:
                refused[bare] = reason
                continue
            prefix = "" if bare in ("", ".") else bare + "/"
            for path in self._under(prefix):
                entry = self.entries[path]
                if entry.startswith("100"):
                    files[path] = entry
                elif entry.startswith(SYMLINK):
                    refused[path] = "is a symbolic link"
        return Scan.of_columns(list(files), _signatures(files.values()), refused)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes. See `Source.read`."""
        if escapes(path):
            raise Refused(f"`{path}` leaves the root")
        if self._link_on(path):
            raise Refused(f"`{path}` is a symbolic link, or behind one", help=NO_LINKS)
        entry = self.entries.get(path)
        if entry is None or entry.startswith(SUBMODULE):
            if self._is_folder(path):
                raise Refused(f"`{path}` is a folder")
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        try:
            data = self._reader(path).read(entry[7:], limit)
        except BlobTooLarge as large:
            raise TooLarge(path, large.size, limit or 0) from None
        kept_in = pointer_of(data)
        if kept_in is not None:
            remedy = "`seedkit check` without `--staged` reads the files on disk"
            raise Pointer(path, kept_in, "git has only a pointer to it", help=remedy)
        return data

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at the path; links on the way to it are followed."""
        return self._exists(path, _LINKS)

    def reader(self) -> Callable[[str, int | None], bytes]:
        """Return what reads listed files in another process, with processes of git of its own."""
        return GitSource(self.root, self.repository, self.entries).read

    def _exists(self, path: str, links: int) -> bool:
        if escapes(path) or links == 0:
            return False
        path = normpath(path)
        link = self._link_on(path.rpartition("/")[0])
        if not link:
            return path in self.entries or self._is_folder(path)
        target = os.fsdecode(self._reader(link).read(self.entries[link][7:]))
        further = os.path.join(os.path.dirname(link), target) + path[len(link) :]
        return self._exists(normpath(further), links - 1)

    def _link_on(self, path: str) -> str:
        """The first part of the path that is a symbolic link, empty if none is."""
        if not self._links:
            return ""
        parts = path.split("/")
        ways = ("/".join(parts[:length]) for length in range(1, len(parts) + 1))
        return next((way for way in ways if way in self._links), "")

    def _unlistable(self, folder: str) -> str:
        """Why a folder can't be listed, in the words that a disk would have; empty if it can."""
        if self._link_on(folder):
            return "is a symbolic link"
        if self._is_folder(folder):
            return ""
        code = errno.ENOTDIR if folder in self.entries else errno.ENOENT
        return f"{UNLISTED}: {os.strerror(code).lower()}"

    @cached_property
    def _links(self) -> frozenset[str]:
        return frozenset(p for p, entry in self.entries.items() if entry.startswith(SYMLINK))

    @cached_property
    def _paths(self) -> list[str]:
        """All paths, sorted: what lies in a folder stands together. They come almost so."""
        return sorted(self.entries)

    def _is_folder(self, path: str) -> bool:
        """Tell whether the path is a folder; that of a submodule is one, checked out or not."""
        if path in ("", ".") or self.entries.get(path, "").startswith(SUBMODULE):
            return True
        at = bisect_left(self._paths, f"{path}/")
        return at < len(self._paths) and self._paths[at].startswith(f"{path}/")

    def _under(self, prefix: str) -> list[str]:
        """The paths below a folder, without those that are never of a corpus."""
        first = bisect_left(self._paths, prefix)
        last = bisect_left(self._paths, f"{prefix[:-1]}0") if prefix else None  # `0` follows `/`
        paths = self._paths[first:last]
        never = {path for path in _doubtful(paths) if _never(path, prefix)}
        return [path for path in paths if path not in never] if never else paths

    def _reader(self, path: str) -> Blobs:
        """Who has the blob of the path: the repository, or the innermost submodule around it."""
        around = [folder for folder in self._submodules if path.startswith(folder)]
        return self._submodules[max(around, key=len)] if around else self._blobs

    def _add_submodules(self, repository: Repository, entries: Entries, prefix: str) -> None:
        """Add what the commits hold that submodules are pinned to, where they are checked out."""
        for path, entry in entries.items():
            if not entry.startswith(SUBMODULE):
                continue
            inner = repository.submodule(path)
            if inner is None:
                self.absent_submodules.append(f"{prefix}{path}")
                continue
            try:
                files = inner.tree(entry[7:])
            except GitError as error:
                raise GitError(
                    f"submodule `{prefix}{path}`: {error.message}",
                    help=error.help or "bring it up to date: `git submodule update --init`",
                ) from None
            folder = f"{prefix}{path}/"
            self._submodules[folder] = inner.blobs()
            self.entries |= {folder + name: each for name, each in files.items()}
            self._add_submodules(inner, files, folder)


def _doubtful(paths: list[str]) -> Iterator[str]:
    """Return the paths that have one of `_SIGNS`; one by one, most lists would take longer."""
    text = "\0".join(("", *paths, ""))
    for sign in _SIGNS:
        at = text.find(sign)
        while at >= 0:
            end = text.index("\0", at + 1)
            yield text[text.rfind("\0", 0, at + 1) + 1 : end]
            at = text.find(sign, end)


def _never(path: str, prefix: str) -> bool:
    """Tell whether a file below a folder is none of the corpus, as `DiskSource.scan` has it."""
    parts = path[len(prefix) :].split("/")
    return is_leftover(parts[-1]) or any(
        part in NEVER_SEEDS or part.startswith(TEMPORARY) for part in parts
    )


def _signatures(entries: Collection[str]) -> array[int]:
    """The four numbers of each entry's signature: -1, and the id in three of seven bytes each.

    They hold all of a SHA-1 and 168 bits of a SHA-256, and are less than what any clock shows. They
    are put together byte by byte of all ids at once, several times as fast as one by one.
    """
    count = len(entries)
    ids = bytes.fromhex("".join([entry[7:49].ljust(42, "0") for entry in entries]))
    numbers = bytearray(32 * count)
    for at in range(8):
        numbers[at::32] = b"\xff" * count
    for at in range(21):
        number, byte = divmod(at, 7)
        numbers[8 + 8 * number + byte :: 32] = ids[at::21]
    signatures = array("q", bytes(numbers))
    if byteorder == "big":
        signatures.byteswap()
    return signatures
