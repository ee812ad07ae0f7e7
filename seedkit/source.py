"""Where seeds come from: a disk, or memory in front of one. The core reads nothing else.

Nothing outside the root is ever read: symbolic links are listed as refused, not followed, and a
path is opened only if no link is on its way.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from seedkit.errors import EnvironmentFault

# What editors, git and file managers leave in a folder; never a seed.
NEVER_SEEDS = frozenset(
    (
        ".DS_Store",
        ".git",
        ".gitattributes",
        ".gitignore",
        ".gitkeep",
        ".keep",
        "Thumbs.db",
        "desktop.ini",
    )
)
_BITS_63 = (1 << 63) - 1  # what the ledger can store; some file systems have larger inode numbers
TEMPORARY = ".seedkit-"  # how the names of files that are just being written begin


class Stamp(NamedTuple):
    """What tells a changed file: size in bytes, times in nanoseconds, inode."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Refused(EnvironmentFault):
    """A file that may not be read: a link, a device, or outside the root."""


@dataclass(slots=True)
class Scan:
    """Every regular file under some folders, and what was refused, with the reason."""

    files: dict[str, Stamp] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


class Source(Protocol):
    """Lists files with their stamps and reads them. Paths are relative to the root, with `/`."""

    root: str

    def scan(self, folders: Sequence[str]) -> Scan:
        """List every file under the folders."""
        ...

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes; raises `FileNotFoundError`, `Refused`, or `OSError`.

        A file of more than `limit` bytes is refused.
        """
        ...

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at the path."""
        ...


class DiskSource:
    """The files under a folder of the machine."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)

    def scan(self, folders: Sequence[str]) -> Scan:
        """List every regular file under the folders; links and devices are refused."""
        scan = Scan()
        for folder in folders:
            bare = folder.strip("/")
            prefix = "" if bare in ("", ".") else bare + "/"
            if self._links_on(bare):
                scan.refused[bare] = "is a symbolic link"
            else:
                self._walk(os.path.join(self.root, bare), prefix, scan)
        return scan

    def _walk(self, directory: str, prefix: str, scan: Scan) -> None:
        stack = [(directory, prefix)]
        while stack:
            directory, prefix = stack.pop()
            try:
                entries = os.scandir(directory)
            except OSError as error:
                scan.refused[prefix.rstrip("/")] = f"can't be listed: {_reason(error)}"
                continue
            with entries:
                for entry in entries:
                    if entry.name in NEVER_SEEDS or entry.name.startswith(TEMPORARY):
                        continue
                    path = prefix + entry.name
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            stack.append((entry.path, path + "/"))
                            continue
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # removed since it was listed
                    except OSError as error:
                        scan.refused[path] = f"can't be looked at: {_reason(error)}"
                        continue
                    if stat.S_ISREG(status.st_mode):
                        scan.files[path] = Stamp(
                            status.st_size,
                            status.st_mtime_ns & _BITS_63,
                            status.st_ctime_ns & _BITS_63,
                            status.st_ino & _BITS_63,
                        )
                    else:
                        scan.refused[path] = f"is {_kind(status.st_mode)}"

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes. See `Source.read`."""
        if escapes(path):
            raise Refused(f"`{path}` leaves the root")
        if self._links_on(path):
            raise Refused(f"`{path}` is a symbolic link, or behind one")
        return read_seed(self.root, path, limit)

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at the path."""
        return not escapes(path) and os.path.lexists(os.path.join(self.root, path))

    def _links_on(self, path: str) -> bool:
        at = self.root
        for part in path.split("/"):
            at = os.path.join(at, part)
            if os.path.islink(at):
                return True
        return False


class OverlaySource:
    """Another source with some files replaced by texts in memory, as an editor's buffers are."""

    def __init__(self, base: Source, files: Mapping[str, bytes]) -> None:
        self.base = base
        self.files = dict(files)
        self.root = base.root

    def scan(self, folders: Sequence[str]) -> Scan:
        """List the base's files and those in memory."""
        scan = self.base.scan(folders)
        for path, data in self.files.items():
            if _listed(path, folders):
                scan.files[path] = memory_stamp(data)
                scan.refused.pop(path, None)
        return scan

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the text in memory, or what the base has."""
        if path in self.files:
            return _within_limit(path, self.files[path], limit)
        return self.base.read(path, limit)

    def exists(self, path: str) -> bool:
        """Tell whether either has the path."""
        return any(within(each, path) for each in self.files) or self.base.exists(path)


class MemorySource:
    """A whole corpus in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.root = "/memory"

    def scan(self, folders: Sequence[str]) -> Scan:
        """List the files under the folders."""
        scan = Scan()
        for path, data in self.files.items():
            if _listed(path, folders):
                scan.files[path] = memory_stamp(data)
        return scan

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes. See `Source.read`."""
        if escapes(path):
            raise Refused(f"`{path}` leaves the root")
        if path not in self.files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return _within_limit(path, self.files[path], limit)

    def exists(self, path: str) -> bool:
        """Tell whether the file, or a folder of that name, is there."""
        return any(within(each, path) for each in self.files)


def memory_stamp(data: bytes) -> Stamp:
    """The stamp of bytes in memory: never trusted, since `inode` 0 marks it racy."""
    return Stamp(len(data), 0, 0, 0)


def _listed(path: str, folders: Sequence[str]) -> bool:
    """Tell whether a scan of the folders lists the file."""
    if any(part in NEVER_SEEDS or part.startswith(TEMPORARY) for part in path.split("/")):
        return False
    return any(within(path, folder) for folder in folders)


def _within_limit(path: str, data: bytes, limit: int | None) -> bytes:
    if limit is not None and len(data) > limit:
        raise _too_large(path, len(data), limit)
    return data


def _too_large(path: str, size: int, limit: int) -> Refused:
    return Refused(f"`{path}` has {size:,} bytes, at most {limit:,} are read")


def within(path: str, folder: str) -> bool:
    """Tell whether the path is the folder or under it."""
    bare = folder.strip("/")
    return bare in ("", ".") or path == bare or path.startswith(bare + "/")


def escapes(path: str) -> bool:
    """Tell whether a path is absolute or climbs out of where it starts."""
    if path.startswith(("/", "\\")) or (os.name == "nt" and os.path.splitdrive(path)[0]):
        return True
    depth = 0
    for part in path.split("/"):
        if part == "..":
            depth -= 1
        elif part not in ("", "."):
            depth += 1
        if depth < 0:
            return True
    return False


def read_seed(root: str, path: str, limit: int | None = None) -> bytes:
    """Read a file that a scan has listed; its folders are known to be no links."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(f"{root}/{path}", flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise Refused(f"`{path}` is a symbolic link") from None
        raise
    except ValueError:  # a NUL in the path
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"`{path}` is {_kind(status.st_mode)}")
        if limit is not None and status.st_size > limit:
            raise _too_large(path, status.st_size, limit)
        return _within_limit(path, _read_all(handle, status.st_size, limit), limit)
    finally:
        os.close(handle)


def _read_all(handle: int, size: int, limit: int | None) -> bytes:
    """Read to the end, which may have moved since the size was taken, or to past the limit."""
    data = os.read(handle, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    total = len(data)
    while (limit is None or total <= limit) and (part := os.read(handle, 1 << 20)):
        parts.append(part)
        total += len(part)
    return b"".join(parts)


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a device"


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
