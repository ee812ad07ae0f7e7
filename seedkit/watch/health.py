"""Can what is heard be relied on? Compares what is watched with what there is."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

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
