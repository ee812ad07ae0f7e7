"""Where seeds come from: a disk, or memory in front of one. The core reads nothing else.

Nothing outside the root is ever read: symbolic links are listed as refused, not followed, and a
path is opened only if no link is on its way.

Files that stand for others: pointers of Git LFS and of git-annex whose content is not here.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, permutations
from typing import NamedTuple, Protocol

from seedkit.core.errors import EnvironmentFault
from seedkit.core.files import TEMPORARY
from seedkit.core.processes import Prefetched, cpu_count, prefetch
from seedkit.sources.folders import Below, changed, may_exist, wait_for_tick
from seedkit.sources.walk import (
    NEVER_SEEDS,
    WHOLE,
    FileSignature,
    Scan,
    Share,
    Walk,
    is_leftover,
    kind_of,
    merged,
)

_LARGEST = 32_768  # bytes; git-annex reads as much, Git LFS 1,024
_LFS_LARGEST = 1_024
# As `git lfs pointer --check` reads it: the version, then the other keys, sorted.
_LFS = re.compile(
    rb"version (?:https://git-lfs\.github\.com/spec/v1|https://hawser\.github\.com/spec/v1"
    rb"|http://git-media\.io/v/2)\r?\n"
    rb"(?:ext-[0-9]-[A-Za-z0-9_-]+ sha256:[0-9a-f]{64}\r?\n)*"
    rb"oid sha256:[0-9a-f]{64}\r?\n"
    rb"size [0-9]+(?:\r?\n)?"
)
_ANNEX = re.compile(rb"/annex/objects/[A-Z0-9_]+(?:-[smSC][0-9]+)*--[^/\s]+(?:\r?\n[^\0]*)?")


def pointer_of(data: bytes) -> str | None:
    """Return what keeps the content that a file only points to, `LFS` or `annex`, if it does."""
    if data.startswith(b"version http") and len(data) < _LFS_LARGEST and _LFS.fullmatch(data):
        return "LFS"
    if data.startswith(b"/annex/objects/") and len(data) <= _LARGEST and _ANNEX.fullmatch(data):
        return "annex"
    return None


NO_LINKS = "links are not followed: put the file itself there"
MOST = 100_000_000  # bytes that are read of a seed, unless its format allows more
_ATTEMPTS = 4  # to list folders that change meanwhile
_HELPERS = 4  # other processes that list files, at most
_PARTS = 5  # of the work for each of them; one is left to this process
_BLOCK = 1 << 20  # bytes that are read at once of a file that is not kept in memory


class Refused(EnvironmentFault):
    """A file that may not be read: a link, a device, a pointer, or outside the root."""


class Pointer(Refused):
    """A file that stands for another one; `kept_in` is what `pointer_of` says."""

    def __init__(self, path: str, kept_in: str, what: str, *, help: str) -> None:
        name = "Git LFS" if kept_in == "LFS" else "git-annex"
        super().__init__(f"`{path}` is kept in {name}, {what}", help=help)
        self.kept_in = kept_in


class TooLarge(Refused):
    """A file of `size` bytes, more than may be read of it."""

    def __init__(self, path: str, size: int, limit: int) -> None:
        super().__init__(f"`{path}` has {size:,} bytes, at most {limit:,} are read")
        self.size = size


class Digest(NamedTuple):
    """What stands for the content of a file that is not kept in memory.

    `value` is SHA-256 of the bytes; of a file with more than `MOST` of them, which takes too long
    to read, its inode and time of change.
    """

    size: int
    value: bytes


class Source(Protocol):
    """Lists files with their signatures and reads them. Paths are relative to the root, with
    `/`.
    """

    root: str

    def begin(self, folders: Sequence[str]) -> None:
        """Take note that the folders are to be listed next, and soon."""
        ...

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

    def reader(self) -> Callable[[str, int | None], bytes] | None:
        """Return what reads listed files, as `read`, in another process; None if that can't be."""
        ...


class DiskSource:
    """The files under a folder of the machine."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._begun: tuple[tuple[str, ...], list[Prefetched | None]] = (), []

    def begin(self, folders: Sequence[str]) -> None:
        """List the folders in other processes already, where that can be done.

        A small part is left to this process: it will be ready for that before the others are.
        """
        helpers = range(min(cpu_count() - 1, _HELPERS))
        works = [partial(self._share, folders, _share_of(each, len(helpers))) for each in helpers]
        self._begun = tuple(folders), [prefetch(work) for work in works]

    def scan(self, folders: Sequence[str]) -> Scan:
        """List every regular file under the folders; links and devices are refused."""
        return self._settled(self._scan(folders), folders)

    def _scan(self, folders: Sequence[str]) -> Scan:
        (begun, ahead), self._begun = self._begun, ((), [])
        shares: list[bytes | None] = [None]
        if ahead and None not in ahead and begun == tuple(folders):
            shares = [self._share(folders, _share_of(len(ahead), len(ahead)))]
        shares += [None if each is None else each.result() for each in ahead]
        sent = [share for share in shares if share is not None]
        scan = merged(sent) if len(sent) == len(shares) else self._walk(folders).scan()
        nested = any(within(a, b) for a, b in permutations(folders, 2))
        return Scan(scan.files, scan.refused, scan.started, scan.folders) if nested else scan

    def _settled(self, scan: Scan, folders: Sequence[str]) -> Scan:
        """Return the scan with those folders listed again that have changed meanwhile.

        A file that is moved from a folder that is not listed yet to one that was is in neither
        list. If no folder has changed since before it was listed, all lists were right at the
        moment when the last was made.
        """
        for _ in range(_ATTEMPTS):
            again = self.changed(scan)
            scan.settled = not again
            if scan.settled:
                return scan
            wait_for_tick()
            scan = self._scan_again(scan, folders, again)
        scan.settled = not self.changed(scan)
        return scan

    def changed(self, scan: Scan) -> list[str]:
        """Return the folders that are not as they were before a scan listed them."""
        return changed(self.root, scan.folders)

    def _share(self, folders: Sequence[str], share: Share) -> bytes:
        return self._walk(folders, share).pack()

    def _walk(self, folders: Sequence[str], share: Share = WHOLE) -> Walk:
        walk = Walk(share)
        for folder in folders:
            bare = folder.strip("/")
            prefix = "" if bare in ("", ".") else bare + "/"
            if self._links_on(bare):
                walk.refused[bare] = "is a symbolic link"
            else:
                walk.down(os.path.join(self.root, bare), prefix)
        return walk

    def rescan(self, before: Scan, folders: Sequence[str], paths: Iterable[str]) -> Scan:
        """Return what `scan` would, if nothing has changed but at the paths and below them, or what
        a folder's signature shows."""
        return self._settled(self._scan_again(before, folders, list(paths)), folders)

    def _scan_again(self, before: Scan, folders: Sequence[str], paths: Sequence[str]) -> Scan:
        if not paths:
            return before
        if any(within(folder, path) for folder in folders for path in paths):
            return self._scan(folders)
        old = Below(paths)
        walk = Walk()
        for path in old.tops:
            if _listed(path, folders) and not self._links_on(path.rpartition("/")[0]):
                walk.at(os.path.join(self.root, path), path)
        return before.renewed(old, walk.scan())

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes. See `Source.read`."""
        self._refuse_outside(path)
        return read_seed(self.root, path, limit)

    def blocks(self, path: str) -> Iterator[bytes]:
        """Return a file's bytes in blocks; raises what `read` raises."""
        self._refuse_outside(path)
        with _opened(f"{self.root}/{path}", path) as (handle, _):
            yield from _blocks(handle)

    def digest(self, path: str) -> Digest:
        """Return what stands for a file's content; raises what `read` raises."""
        import hashlib  # which a hook with nothing to do never needs

        self._refuse_outside(path)
        with _opened(f"{self.root}/{path}", path) as (handle, status):
            size = status.st_size
            if size > MOST:
                return Digest(size, b"%d %d" % (status.st_ino, status.st_mtime_ns))
            blocks = _blocks(handle)
            first = _readable(path, next(blocks, b""), None)
            digest = hashlib.sha256()
            for block in chain((first,), blocks):
                digest.update(block)
            return Digest(size, digest.digest())

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at the path, or may be: what can't be looked at."""
        return not escapes(path) and may_exist(os.path.join(self.root, path))

    def reader(self) -> Callable[[str, int | None], bytes]:
        """Return what reads listed files in another process."""
        return partial(read_seed, self.root)

    def _refuse_outside(self, path: str) -> None:
        """Raise `Refused` for a path that leads out of the root."""
        if escapes(path):
            raise Refused(f"`{path}` leaves the root")
        if self._links_on(path):
            raise Refused(f"`{path}` is a symbolic link, or behind one", help=NO_LINKS)

    def _links_on(self, path: str) -> bool:
        at = self.root
        for part in path.split("/"):
            at = os.path.join(at, part)
            if os.path.islink(at):
                return True
        return False


class OverlaySource:
    """Another source with some files replaced by texts in memory, as an editor's buffers are.

    It lacks those that are `gone`, and has others under a new path: `moved` names the old ones.
    """

    def __init__(
        self,
        base: Source,
        files: Mapping[str, bytes],
        gone: Collection[str] = (),
        moved: Mapping[str, str] | None = None,
    ) -> None:
        self.base = base
        self.files = dict(files)
        self.moved = dict(moved or {})
        self.gone = frozenset((*gone, *self.moved.values()))
        self.root = base.root

    def begin(self, folders: Sequence[str]) -> None:
        """Let the base begin."""
        self.base.begin(folders)

    def scan(self, folders: Sequence[str]) -> Scan:
        """List the base's files and those in memory."""
        scan = self.base.scan(folders)
        there = {new: scan.files[old] for new, old in self.moved.items() if old in scan.files}
        for path in self.gone:
            scan.files.pop(path, None)
            scan.refused.pop(path, None)
        for path, signature in there.items():
            if lists(path, folders):
                scan.files[path] = FileSignature(signature.size, 0, 0, 0)
        for path, data in self.files.items():
            if lists(path, folders):
                scan.files[path] = memory_signature(data)
                scan.refused.pop(path, None)
        return scan

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the text in memory, or what the base has."""
        if path in self.files:
            return _readable(path, self.files[path], limit)
        if path in self.moved:
            return self.base.read(self.moved[path], limit)
        if path in self.gone:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self.base.read(path, limit)

    def exists(self, path: str) -> bool:
        """Tell whether either has the path."""
        if any(within(each, path) for each in (*self.files, *self.moved)):
            return True
        return path not in self.gone and self.base.exists(path)

    def reader(self) -> None:
        """Return None: memory is not shared between processes."""


class MemorySource:
    """A whole corpus in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.root = "/memory"

    def begin(self, folders: Sequence[str]) -> None:
        """There is nothing to wait for."""

    def scan(self, folders: Sequence[str]) -> Scan:
        """List the files under the folders."""
        scan = Scan()
        for path, data in self.files.items():
            if lists(path, folders):
                scan.files[path] = memory_signature(data)
        return scan

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes. See `Source.read`."""
        if escapes(path):
            raise Refused(f"`{path}` leaves the root")
        if path not in self.files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return _readable(path, self.files[path], limit)

    def exists(self, path: str) -> bool:
        """Tell whether the file, or a folder of that name, is there."""
        return any(within(each, path) for each in self.files)

    def reader(self) -> None:
        """Return None: memory is not shared between processes."""


def _share_of(number: int, helpers: int) -> Share:
    """What one of the helpers lists of a walk, or this process after the last of them."""
    parts = helpers * _PARTS + 1
    return Share(number * _PARTS, min((number + 1) * _PARTS, parts), parts)


def memory_signature(data: bytes) -> FileSignature:
    """The signature of bytes in memory: never trusted, since `inode` 0 marks it racy."""
    return FileSignature(len(data), 0, 0, 0)


def lists(path: str, folders: Sequence[str]) -> bool:
    """Tell whether a scan of the folders would list a file at the path."""
    return _listed(path, folders) and not is_leftover(path.rpartition("/")[2])


def _listed(path: str, folders: Sequence[str]) -> bool:
    """Tell whether a scan of the folders lists the file."""
    if any(part in NEVER_SEEDS or part.startswith(TEMPORARY) for part in path.split("/")):
        return False
    return any(within(path, folder) for folder in folders)


def _readable(path: str, data: bytes, limit: int | None) -> bytes:
    """Return the bytes, unless they are too many, or only point to those that are meant."""
    if limit is not None and len(data) > limit:
        raise TooLarge(path, len(data), limit)
    kept_in = pointer_of(data)
    if kept_in is not None:
        command = "git lfs pull" if kept_in == "LFS" else "git annex get"
        what = "this is only a pointer to it"
        raise Pointer(path, kept_in, what, help=f"`{command}` fetches it")
    return data


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
    return read_file(f"{root}/{path}", limit, name=path)


def read_file(full: str, limit: int | None = None, *, name: str | None = None) -> bytes:
    """Read a regular file; `name` is what messages call it, if not by its whole path.

    Raises `Refused` for a link, a pipe, a device, a folder, or more than `limit` bytes, without
    waiting for any of them; `FileNotFoundError` or another `OSError`.
    """
    path = full if name is None else name
    with _opened(full, path) as (handle, status):
        if limit is not None and status.st_size > limit:
            raise TooLarge(path, status.st_size, limit)
        return _readable(path, _read_all(handle, status.st_size, limit), limit)


@contextmanager
def _opened(full: str, path: str) -> Iterator[tuple[int, os.stat_result]]:
    """Open a regular file within the block: its handle and status. See `read_file`."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(full, flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise Refused(f"`{path}` is a symbolic link", help=NO_LINKS) from None
        raise
    except ValueError:  # a NUL in the path
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"`{path}` is {kind_of(status.st_mode)}", help="a file is needed there")
        yield handle, status
    finally:
        os.close(handle)


def _blocks(handle: int) -> Iterator[bytes]:
    while block := os.read(handle, _BLOCK):
        yield block


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
