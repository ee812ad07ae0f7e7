"""Lists files with their signatures: most of a run in which nothing has changed is spent here.

Symbolic links are listed as refused, and not followed.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from seedkit.core.errors import used_up
from seedkit.core.files import TEMPORARY
from seedkit.core.skipped import UNLISTED
from seedkit.sources.folders import (
    BITS_63,
    UNSURE,
    Below,
    FolderSignature,
    file_clock,
    signature_before,
)

# What git and file managers keep in a folder; never a seed, nor is anything below.
NEVER_SEEDS = frozenset(
    (
        ".AppleDouble",
        ".DS_Store",
        ".Spotlight-V100",
        ".Trashes",
        ".directory",
        ".fseventsd",
        ".git",
        ".gitattributes",
        ".gitignore",
        ".gitkeep",
        ".keep",
        ".localized",
        "Desktop.ini",
        "Icon\r",
        "Thumbs.db",
        "desktop.ini",
        "ehthumbs.db",
        "thumbs.db",
    )
)
# What editors, patch and file systems leave next to a file: backups, swap files, locks.
LEFTOVERS = (
    r".+~", r"#.*#", r"\.#.+", r"\._.+", r"~\$.+", r"\.~lock\..*#", r"\..+\.sw[a-px]",
    r"\..+\.kate-swp", r"\.goutputstream-.+", r".+___jb_(?:tmp|old)___", r".+\.(?:orig|rej)",
    r"\.nfs[0-9a-f]{12,}", r"\.fuse_hidden[0-9a-f]+",
)  # fmt: skip
_LEFTOVER = re.compile("|".join(LEFTOVERS), re.DOTALL)
_FIRST, _LAST = "#.~", "~gj_"  # each of them begins with one of these, or ends with one of those
_PROBE = "4913"  # vim makes this file, empty, to see whether it may write in a folder
_ELSEWHERE = -1  # how many files of a directory a packed walk has that another share looks at
_KIND = stat.S_IFMT(0xFFFF)  # the bits of a mode that say what kind of file it is
_NUMBERS = struct.Struct("=4q")  # of a signature
_FOLDER = struct.Struct("=3q")  # of the signature of a folder
# Of a packed walk: when it began; bytes of its outline, of the signatures of folders, of names.
_HEAD = struct.Struct("=q3I")
_BY_HANDLE = os.scandir in os.supports_fd and hasattr(os, "O_DIRECTORY")


def is_leftover(name: str) -> bool:
    """Tell whether a file of this name is a backup, a swap file or a lock: never a seed."""
    return (name[:1] in _FIRST or name[-1:] in _LAST) and _LEFTOVER.fullmatch(name) is not None


class FileSignature(NamedTuple):
    """What tells a changed file: size in bytes, times in nanoseconds, inode.

    A size of -1 is not known before the file is read; the other numbers then tell its content.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def sized(self, size: int) -> FileSignature:
        """Return the signature with the size, if it was not known."""
        return self if self.size >= 0 else self._replace(size=size)


class Scan:
    """Every regular file under some folders, and what was refused, with the reason.

    `started` is when the walk began, in nanoseconds. `folders` are the folders that were listed, by
    path with a slash, with their signatures from before that. `settled` says whether all was there
    at one moment. A walk of many files is kept in columns, since most often it is compared as a
    whole: `names` are the paths with a NUL between them, `signatures` four numbers a file. Asked
    for `files`, it becomes a table that can be looked up and changed.
    """

    def __init__(
        self,
        files: dict[str, FileSignature] | None = None,
        refused: dict[str, str] | None = None,
        started: int | None = None,
        folders: dict[str, FolderSignature] | None = None,
    ) -> None:
        self.refused: dict[str, str] = {} if refused is None else refused
        self.started = file_clock() if started is None else started
        self.folders: dict[str, FolderSignature] = {} if folders is None else folders
        self.settled = True
        self._files: dict[str, FileSignature] | None = {} if files is None else files
        self._paths: list[str] | None = None
        self._names: bytes | None = None
        self._signatures = array("q")

    @classmethod
    def of_columns(
        cls,
        paths: list[str] | None,
        signatures: array[int],
        refused: dict[str, str],
        started: int | None = None,
        names: bytes | None = None,
        folders: dict[str, FolderSignature] | None = None,
    ) -> Scan:
        """Return the scan with these columns, with the paths or their names, or both.

        No path may be there twice.
        """
        scan = cls(None, refused, started, folders)
        scan._files, scan._paths, scan._names, scan._signatures = None, paths, names, signatures
        return scan

    @property
    def files(self) -> dict[str, FileSignature]:
        """The signature of each file."""
        if self._files is None:
            numbers = iter(self._signatures)
            signatures = map(FileSignature, numbers, numbers, numbers, numbers)
            self._files = dict(zip(self.paths, signatures, strict=True))
        return self._files

    @property
    def paths(self) -> list[str]:
        """The path of each file."""
        if self._files is not None:
            return list(self._files)
        if self._paths is None:
            self._paths = _split(self._names or b"", len(self._signatures) // 4)
        return self._paths

    @property
    def names(self) -> bytes:
        """The paths with a NUL between them."""
        if self._names is None or self._files is not None:
            self._names = joined(self.paths)
        return self._names

    @property
    def signatures(self) -> array[int]:
        """Four numbers a file."""
        if self._files is not None:
            return array("q", chain.from_iterable(self._files.values()))
        return self._signatures

    def renewed(self, old: Below, looked: Scan) -> Scan:
        """Return the scan with what was found at the `old` paths and below them as it is now.

        If the same files are there, they stay in their order: only signatures are replaced.
        """
        refused = {path: why for path, why in self.refused.items() if not old(path)}
        listed = {path: each for path, each in self.folders.items() if not old(path[:-1])}
        refused, listed = refused | looked.refused, listed | looked.folders
        are_files = (self.folders | listed).keys().isdisjoint(f"{path}/" for path in old.tops)
        is_old = frozenset(old.tops).__contains__ if are_files else old
        was = {path: index for index, path in enumerate(self.paths) if is_old(path)}
        if was.keys() != looked.files.keys():
            files = {path: each for path, each in self.files.items() if path not in was}
            return Scan(files | looked.files, refused, looked.started, listed)
        signatures = array("q", self.signatures)
        for path, signature in looked.files.items():
            signatures[4 * was[path] : 4 * was[path] + 4] = array("q", signature)
        return Scan.of_columns(self.paths, signatures, refused, looked.started, self.names, listed)


class Share(NamedTuple):
    """The parts from `first` to before `end` of all `parts` of a walk."""

    first: int
    end: int
    parts: int

    def has(self, prefix: str) -> bool:
        """Tell whether the files of a directory are in the share."""
        return self.first <= zlib.crc32(os.fsencode(prefix)) % self.parts < self.end


WHOLE = Share(0, 1, 1)


class Walk:
    """Lists files in columns.

    Of a walk that several share, the files of a directory are looked at by one of them, while all
    go through all directories.
    """

    def __init__(self, share: Share = WHOLE) -> None:
        self.started = file_clock()
        self.refused: dict[str, str] = {}
        self.folders: dict[str, FolderSignature] = {}  # whose files were listed
        self._share = share
        self._paths: list[str] = []
        self._signatures: list[bytes] = []
        self._parts: list[tuple[str, int]] = []  # directories, and how many files were there

    def scan(self) -> Scan:
        """Return what was found."""
        return Scan.of_columns(
            self._paths,
            array("q", b"".join(self._signatures)),
            self.refused,
            self.started,
            folders=self.folders,
        )

    def down(self, directory: str, prefix: str) -> None:
        """List the directory and all below; `prefix` is its path from the root, with a slash."""
        stack = [top := (directory, prefix)]
        while stack:
            directory, prefix = stack.pop()
            count = len(self._paths)
            try:
                below = self._list(directory, prefix)
            except OSError as error:
                self.folders.pop(prefix, None)
                if isinstance(error, FileNotFoundError) and (directory, prefix) != top:
                    continue  # removed since it was listed
                if used_up(error):
                    raise
                self.refused[prefix.rstrip("/")] = f"{UNLISTED}: {reason_of(error)}"
                continue
            self._parts.append((prefix, len(self._paths) - count))
            stack += [(f"{directory}/{name}", f"{prefix}{name}/") for name in below]

    def at(self, place: str, path: str) -> None:
        """Look at whatever is at a place, a folder with all below it; `path` is from the root."""
        try:
            status = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            if used_up(error):
                raise
            self.refused[path] = f"can't be looked at: {reason_of(error)}"
            return
        if stat.S_ISDIR(status.st_mode):
            self.down(place, path + "/")
        elif _is_left(path.rpartition("/")[2], status):
            return
        elif stat.S_ISREG(status.st_mode):
            self._add(path, status)
        else:
            self.refused[path] = f"is {kind_of(status.st_mode)}"

    def _list(self, directory: str, prefix: str) -> list[str]:
        """List the files of a directory; return the names of those in it."""
        mine = self._share.has(prefix)
        look = self._look_at if mine else self._look_below
        if not _BY_HANDLE:
            if mine:
                self._remember(prefix, os.lstat(directory))
            with os.scandir(directory) as entries:
                return look(entries, prefix)
        # Looked at from an open directory, an entry is found without going down the whole path.
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if mine:
                self._remember(prefix, os.fstat(handle))
            with os.scandir(handle) as entries:
                return look(entries, prefix)
        finally:
            os.close(handle)

    def _remember(self, prefix: str, status: os.stat_result) -> None:
        """Keep the signature of a folder whose files are going to be listed."""
        signature = signature_before(status, self.started)
        self.folders.setdefault(prefix, signature)  # listed twice, it must not have changed between

    def _look_at(self, entries: Iterable[os.DirEntry[str]], prefix: str) -> list[str]:
        below = []
        add_path, add_signature, pack = self._paths.append, self._signatures.append, _NUMBERS.pack
        first, last = _FIRST + _PROBE[0], _LAST
        for entry in entries:
            name = entry.name
            if name in NEVER_SEEDS or name.startswith(TEMPORARY):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # removed since it was listed
            except OSError as error:
                if used_up(error):
                    raise
                self.refused[prefix + name] = f"can't be looked at: {reason_of(error)}"
                continue
            kind = status.st_mode & _KIND
            if (name[0] in first or name[-1] in last) and _is_left(name, status):
                continue
            if kind == stat.S_IFREG:
                try:
                    signature = pack(
                        status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
                    )
                except struct.error:
                    self._add(prefix + name, status)
                else:
                    add_signature(signature)
                    add_path(prefix + name)
            elif kind == stat.S_IFDIR:
                below.append(name)
            else:
                self.refused[prefix + name] = f"is {kind_of(status.st_mode)}"
        return below

    def _look_below(self, entries: Iterable[os.DirEntry[str]], prefix: str) -> list[str]:
        """Pass over the files of a directory that another share looks at, and tells about."""
        below = []
        for entry in entries:
            try:
                if not entry.is_dir(follow_symlinks=False):
                    continue
            except OSError:
                continue
            name = entry.name
            if name not in NEVER_SEEDS and not name.startswith(TEMPORARY):
                below.append(name)
        return below

    def _add(self, path: str, status: os.stat_result) -> None:
        numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        self._paths.append(path)
        self._signatures.append(_NUMBERS.pack(*(each & BITS_63 for each in numbers)))

    def pack(self) -> bytes:
        """Return what was found, and in which directory, as bytes for `merged`."""
        import json

        parts: list[tuple[str, int, int]] = []
        names: list[bytes] = []
        folders: list[bytes] = []
        at = 0
        for prefix, count in self._parts:
            signature = self.folders.get(prefix)
            if signature is None:
                parts.append((prefix, _ELSEWHERE, 0))
                continue
            folders.append(_FOLDER.pack(*signature))
            if count:
                names.append(joined(self._paths[at : at + count]))
                at += count
            parts.append((prefix, count, len(names[-1]) if count else 0))
        outline = json.dumps((parts, self.refused)).encode()
        stamped = _FOLDER.size * len(folders)
        head = _HEAD.pack(self.started, len(outline), stamped, sum(map(len, names)))
        return b"".join((head, outline, *folders, *names, *self._signatures))


class _Part(NamedTuple):
    """What one walk has found in a directory."""

    names: bytes
    signatures: bytes


def merged(shares: Sequence[bytes]) -> Scan:
    """Return what all shares of a walk have found, as one walk alone would have listed it.

    A folder that was not there for the share that has its files is among the `folders`, `UNSURE`.
    """
    import json

    begun: list[int] = []
    refused: dict[str, str] = {}
    found: dict[str, _Part] = {}
    folders: dict[str, FolderSignature] = {}  # in the order of the walk
    for data in shares:
        started, outline, stamped, names = _HEAD.unpack_from(data)
        begun.append(started)
        parts, reasons = json.loads(data[_HEAD.size : _HEAD.size + outline])
        refused |= reasons
        name = _HEAD.size + outline + stamped
        signature = name + names
        listed = _FOLDER.iter_unpack(data[name - stamped : name])
        for prefix, count, size in parts:
            if count == _ELSEWHERE:
                folders.setdefault(prefix, UNSURE)
                continue
            folders[prefix] = next(listed)
            if count:
                numbers = data[signature : signature + _NUMBERS.size * count]
                found[prefix] = _Part(data[name : name + size], numbers)
                name, signature = name + size, signature + len(numbers)
    in_order = [found[prefix] for prefix in folders if prefix in found]
    signatures = array("q", b"".join([part.signatures for part in in_order]))
    joined_names = b"\0".join([part.names for part in in_order])
    return Scan.of_columns(None, signatures, refused, min(begun), joined_names, folders)


def joined(paths: Iterable[str]) -> bytes:
    """Return paths with a NUL between them."""
    return "\0".join(paths).encode("utf-8", "surrogateescape")


def _split(names: bytes, count: int) -> list[str]:
    return names.decode("utf-8", "surrogateescape").split("\0") if count else []


def _is_left(name: str, status: os.stat_result) -> bool:
    """Tell whether a file, not a folder, is none of the corpus by its name."""
    if stat.S_ISDIR(status.st_mode):
        return False
    return is_leftover(name) or (name == _PROBE and status.st_size == 0)


def kind_of(mode: int) -> str:
    """Say what kind of file has a mode that is not a regular file's."""
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a device"


def reason_of(error: OSError) -> str:
    """Return what the system says of an error, as part of a sentence."""
    return (error.strerror or type(error).__name__).lower()
