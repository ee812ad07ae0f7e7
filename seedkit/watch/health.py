"""Tests whether events arrive and folders can be watched; returns free memory to the system.

The self-test makes a file next to the cookies, of which an event must come. When full rescans are
due is decided in `loop`. Memory is returned since a watch lasts, and works for a moment only: see
mallopt(3), malloc_trim(3). Other C libraries than glibc, and Windows, have neither: there,
nothing is done.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

_TRIM_THRESHOLD = -1  # glibc's number of the parameter
_KEPT = 128 * 1024  # bytes at the end of a heap: what glibc begins with


def keep_little() -> None:
    """Let the allocator keep little of what is freed, for as long as the process runs.

    glibc begins so. But whenever a large block is freed, it raises the size above which blocks are
    mapped alone, and given back alone, up to 32 MB; later blocks lie in heaps, between others, and
    stay there. Setting any of the limits keeps all of them as they are.
    """
    mallopt = _allocator("mallopt")
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT)


def give_back() -> None:
    """Let the allocator give back what it keeps for later.

    Each update is made by threads of its own, and glibc keeps heaps for them, as large as they once
    had to be: hundreds of megabytes for a large corpus.
    """
    trim = _allocator("malloc_trim")
    if trim is not None:
        trim(0)


def _allocator(name: str) -> Callable[..., object] | None:
    """Return a function of the C library; None where there is none of that name."""
    try:
        function: Callable[..., object] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError, TypeError):
        return None
    return function


EVERY = 30.0  # seconds between tests
ANSWER = 10.0  # seconds that one may take
_PREFIX = "self-test-"


class SelfTest:
    """At most one test at a time; times are those of the loop's clock, in seconds."""

    def __init__(self) -> None:
        self.due = 0.0  # when the next one is to begin
        self.failed = 0  # in a row
        self._path: str | None = None  # the file of the one under way
        self._end = 0.0

    @property
    def ends(self) -> list[float]:
        """When there is something to do next."""
        return [self.due] if self._path is None else [self.due, self._end]

    def postpone(self, now: float) -> None:
        """Begin the next test a while after `now`."""
        self.due = now + EVERY

    def drop(self) -> None:
        """Forget the test under way: it was of a listener that is none any more."""
        self._path = None

    def unanswered(self, now: float) -> bool:
        """Tell whether a test is under way whose time is up."""
        return self._path is not None and now >= self._end

    def begin(self, folder: Path, now: float) -> None:
        """Begin a test if one is due; raises `OSError` if the folder can't be written."""
        if self._path is not None or now < self.due:
            return
        self.postpone(now)
        path = folder / f"{_PREFIX}{int(now * 1000)}"
        path.touch(0o600)
        self._path, self._end = str(path), now + ANSWER

    def take(self, cookies: Iterable[str]) -> tuple[list[str], bool]:
        """Return the cookies of others, and whether the test under way has succeeded."""
        others, passed = [], False
        for cookie in dict.fromkeys(cookies):
            if not os.path.basename(cookie).startswith(_PREFIX):
                others.append(cookie)
                continue
            if os.path.exists(cookie):
                os.unlink(cookie)
            if cookie == self._path:
                self._path, self.failed, passed = None, 0, True
        return others, passed


_NETWORK = frozenset(
    ("9p", "afs", "ceph", "cifs", "drvfs", "fuse.sshfs", "glusterfs", "ncpfs", "nfs", "nfs4",
     "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs")
)  # fmt: skip

MOUNTS = "/proc/self/mountinfo"
_ESCAPED = re.compile(r"\\([0-7]{3})")  # blanks, newlines and backslashes in paths

Identity = tuple[int, int] | None  # of a folder: its device and inode; None if there is none


def identity(folder: str) -> Identity:
    """Return what distinguishes a folder from another at the same path; None if there is none."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def unwatched(folders: Iterable[str]) -> int | None:
    """Return how many of the folders, and of all under them, this process does not watch.

    None where the system doesn't tell (Linux does, in /proc/self/fdinfo, by inode and device).
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        watched = set(_inotify_inodes())
    except OSError:
        return None
    missing = 0
    for folder in folders:
        for path in _folders(folder):
            try:
                inode = os.stat(path, follow_symlinks=False).st_ino
            except OSError:
                continue
            missing += inode not in watched
    return missing


def unreadable(folders: Iterable[str]) -> int:
    """Return how many of the folders, and of all under them, may not be read by this process."""
    found = chain.from_iterable(map(_folders, folders))
    return sum(os.path.exists(path) and not os.access(path, os.R_OK) for path in found)


def network_mount(folder: str, mounts: str = MOUNTS) -> str | None:
    """Return the type of the file system a folder is on if others can write to it unheard.

    None for local ones, and where the system doesn't tell.
    """
    best, kind = "", None
    for mount in _mounted(mounts):
        inside = folder == mount.point or folder.startswith(mount.point.rstrip("/") + "/")
        if inside and len(mount.point) >= len(best):
            best, kind = mount.point, mount.kind
    return kind if kind in _NETWORK else None


def mounted_below(folder: str, mounts: str = MOUNTS) -> list[str]:
    """Return what distinguishes the file systems mounted at folders below one from others.

    No event comes of it when they are mounted and unmounted.
    """
    prefix = folder.rstrip("/") + "/"
    return [mount.identity for mount in _mounted(mounts) if mount.point.startswith(prefix)]


class _Mount(NamedTuple):
    identity: str
    point: str
    kind: str


def _mounted(mounts: str) -> Iterator[_Mount]:
    """What is mounted, as Linux lists it: see proc_pid_mountinfo(5)."""
    try:
        lines = Path(mounts).read_bytes().decode("utf-8", "surrogateescape").split("\n")
    except OSError:
        return
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) >= 5 and right:
            point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
            yield _Mount(" ".join(fields[:5]), point, right.split()[0])


def watch_limit() -> int | None:
    """Return how many folders a user may watch on Linux; None elsewhere."""
    try:
        return int(Path("/proc/sys/fs/inotify/max_user_watches").read_text())
    except (OSError, ValueError):
        return None


def _inotify_inodes() -> Iterator[int]:
    for entry in os.scandir("/proc/self/fdinfo"):
        try:
            text = Path(entry.path).read_text()
        except OSError:
            continue  # closed since it was listed
        for line in text.split("\n"):
            if line.startswith("inotify "):
                for part in line.split():
                    if part.startswith("ino:"):
                        yield int(part[4:], 16)


def _folders(top: str) -> Iterator[str]:
    stack = [top]
    while stack:
        folder = stack.pop()
        yield folder
        try:
            with os.scandir(folder) as entries:
                stack += [each.path for each in entries if each.is_dir(follow_symlinks=False)]
        except OSError:
            continue
