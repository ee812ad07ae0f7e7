"""Where seeds come from: a disk, or memory in front of one. The core reads nothing else.

Nothing outside the root is ever read: symbolic links are listed as refused, not followed, and a
path is opened only if no link is on its way.
"""

from __future__ import annotations

import errno
import os
import stat
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, permutations
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
_KIND = stat.S_IFMT(0xFFFF)  # the bits of a mode that say what kind of file it is
TEMPORARY = ".seedkit-"  # how the names of files that are just being written begin


class Stamp(NamedTuple):
    """What tells a changed file: size in bytes, times in nanoseconds, inode.

    A size of -1 is not known before the file is read; the other numbers then tell its content.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def sized(self, size: int) -> Stamp:
        """Return the stamp with the size, if it was not known."""
        return self if self.size >= 0 else self._replace(size=size)


class Refused(EnvironmentFault):
    """A file that may not be read: a link, a device, or outside the root."""


class Scan:
    """Every regular file under some folders, and what was refused, with the reason.

    A walk of many files is kept in columns, since most often it is compared as a whole; asked for
    `files`, it becomes a table that can be looked up and changed.
    """

    def __init__(
        self, files: dict[str, Stamp] | None = None, refused: dict[str, str] | None = None
    ) -> None:
        self.refused: dict[str, str] = {} if refused is None else refused
        self._files: dict[str, Stamp] | None = {} if files is None else files
        self._paths: list[str] = []
        self._stamps = array("q")

    @classmethod
    def of_columns(cls, paths: list[str], stamps: array[int], refused: dict[str, str]) -> Scan:
        """Return the scan with these columns; no path may be there twice."""
        scan = cls(refused=refused)
        scan._files, scan._paths, scan._stamps = None, paths, stamps
        return scan

    @property
    def files(self) -> dict[str, Stamp]:
        """The stamp of each file."""
        if self._files is None:
            numbers = iter(self._stamps)
            stamps = map(Stamp, numbers, numbers, numbers, numbers)
            self._files = dict(zip(self._paths, stamps, strict=True))
        return self._files

    def columns(self) -> tuple[list[str], array[int]]:
        """Return the paths, and the four numbers of each stamp, one after the other."""
        if self._files is None:
            return self._paths, self._stamps
        return list(self._files), array("q", chain.from_iterable(self._files.values()))


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

    def reader(self) -> Callable[[str], bytes] | None:
        """Return what reads listed files in another process; None if that can't be."""
        ...


class DiskSource:
    """The files under a folder of the machine."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)

    def scan(self, folders: Sequence[str]) -> Scan:
        """List every regular file under the folders; links and devices are refused."""
        walk = _Walk()
        for folder in folders:
            bare = folder.strip("/")
            prefix = "" if bare in ("", ".") else bare + "/"
            if self._links_on(bare):
                walk.refused[bare] = "is a symbolic link"
            else:
                walk.down(os.path.join(self.root, bare), prefix)
        scan = Scan.of_columns(walk.paths, walk.stamps, walk.refused)
        nested = any(within(a, b) for a, b in permutations(folders, 2))
        return Scan(scan.files, scan.refused) if nested else scan

    def rescan(self, before: Scan, folders: Sequence[str], paths: Iterable[str]) -> Scan:
        """Return what `scan` would, if nothing has changed but at the paths and below them."""
        paths = list(paths)
        if any(within(folder, path) for folder in folders for path in paths):
            return self.scan(folders)
        files, refused = dict(before.files), dict(before.refused)
        walk = _Walk()
        for path in paths:
            if files.pop(path, None) is None:
                for below in [each for each in files if each.startswith(path + "/")]:
                    del files[below]
            for below in [each for each in refused if within(each, path)]:
                del refused[below]
            if _listed(path, folders) and not self._links_on(path.rpartition("/")[0]):
                walk.at(os.path.join(self.root, path), path)
        looked = Scan.of_columns(walk.paths, walk.stamps, walk.refused)
        return Scan(files | looked.files, refused | looked.refused)

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

    def reader(self) -> Callable[[str], bytes]:
        """Return what reads listed files in another process."""
        return partial(read_seed, self.root)

    def _links_on(self, path: str) -> bool:
        at = self.root
        for part in path.split("/"):
            at = os.path.join(at, part)
            if os.path.islink(at):
                return True
        return False


_BY_HANDLE = os.scandir in os.supports_fd and hasattr(os, "O_DIRECTORY")


class _Walk:
    """Lists files in columns. Most of a run in which nothing has changed is spent here."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.stamps = array("q")
        self.refused: dict[str, str] = {}

    def down(self, directory: str, prefix: str) -> None:
        """List the directory and all below; `prefix` is its path from the root, with a slash."""
        stack = [top := (directory, prefix)]
        while stack:
            directory, prefix = stack.pop()
            try:
                below = self._list(directory, prefix)
            except OSError as error:
                if isinstance(error, FileNotFoundError) and (directory, prefix) != top:
                    continue  # removed since it was listed
                self.refused[prefix.rstrip("/")] = f"can't be listed: {_reason(error)}"
                continue
            stack += [(f"{directory}/{name}", f"{prefix}{name}/") for name in below]

    def at(self, place: str, path: str) -> None:
        """Look at whatever is at a place, a folder with all below it; `path` is from the root."""
        try:
            status = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self.refused[path] = f"can't be looked at: {_reason(error)}"
            return
        if stat.S_ISDIR(status.st_mode):
            self.down(place, path + "/")
        elif stat.S_ISREG(status.st_mode):
            numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
            self.paths.append(path)
            self.stamps.extend(each & _BITS_63 for each in numbers)
        else:
            self.refused[path] = f"is {_kind(status.st_mode)}"

    def _list(self, directory: str, prefix: str) -> list[str]:
        """List the files of a directory; return the names of those in it."""
        if not _BY_HANDLE:
            with os.scandir(directory) as entries:
                return self._look_at(entries, prefix)
        # Looked at from an open directory, an entry is found without going down the whole path.
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            with os.scandir(handle) as entries:
                return self._look_at(entries, prefix)
        finally:
            os.close(handle)

    def _look_at(self, entries: Iterable[os.DirEntry[str]], prefix: str) -> list[str]:
        below = []
        add_path, add_stamp = self.paths.append, self.stamps.extend
        for entry in entries:
            name = entry.name
            if name in NEVER_SEEDS or name.startswith(TEMPORARY):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # removed since it was listed
            except OSError as error:
                self.refused[prefix + name] = f"can't be looked at: {_reason(error)}"
                continue
            kind = status.st_mode & _KIND
            if kind == stat.S_IFREG:
                stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
                try:
                    add_stamp(stamp)
                except OverflowError:
                    del self.stamps[4 * len(self.paths) :]
                    add_stamp(tuple(each & _BITS_63 for each in stamp))
                add_path(prefix + name)
            elif kind == stat.S_IFDIR:
                below.append(name)
            else:
                self.refused[prefix + name] = f"is {_kind(status.st_mode)}"
        return below


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

    def reader(self) -> None:
        """Return None: memory is not shared between processes."""


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

    def reader(self) -> None:
        """Return None: memory is not shared between processes."""


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
