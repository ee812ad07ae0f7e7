"""The files that git opens: a pipe or a device among them, for which it would wait without end."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from typing import Final

from seedkit.sources.root import repository_top

_LINK: Final = 4096  # bytes of a file `.git` or `commondir`
_CONFIG: Final = 1_000_000  # bytes of a configuration of git that is looked into
# Folders of a repository whose files are opened. Loose objects and packs of other repositories,
# of which there may be any number, are left to the time that git has for an answer.
_FLAT: Final = ("", "info", "objects/info", "objects/pack")
_DEEP: Final = "refs"
# A key `path` of a configuration, of whatever table: only those of [include] are opened.
_PATH: Final = re.compile(r"(?im)(?:^|\])[ \t]*path[ \t]*=[ \t]*(.*)$")
_VALUE: Final = re.compile(r'\\(.)|("(?:[^"\\\n]|\\.)*")|([#;].*)')
# How git's index begins in the version in which no entry can be marked skip-worktree
# (gitformat-index); git writes another one only if it has to, or is configured to.
_PLAIN: Final = b"DIRC\0\0\0\2"


def git_folder(top: str) -> str:
    """Return where the repository of a working tree is: `.git`, or the folder that it names."""
    own = os.path.join(top, ".git")
    link = start_of(own, _LINK)  # of a worktree or a submodule
    if link.startswith(b"gitdir: "):
        own = os.path.join(top, os.fsdecode(link.removeprefix(b"gitdir: ").rstrip(b"\n")))
    return own


def start_of(path: str, size: int) -> bytes:
    """Return the first bytes of a file; none of what is no file."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return b""
    try:
        return os.read(handle, size) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(handle)


def may_be_missing(folder: str) -> bool:
    """Tell whether anything may be missing of the repository around a folder.

    That takes a submodule, an index with more flags than most, or none at all.
    """
    if "GIT_DIR" in os.environ:
        return True
    top = repository_top(folder)
    if top is None:
        return False
    if os.path.lexists(os.path.join(top, ".gitmodules")):
        return True
    return start_of(os.path.join(git_folder(top), "index"), len(_PLAIN)) != _PLAIN


def endless_file(folder: str) -> tuple[str, int] | None:
    """Return the path and mode of what git would wait for in the repository around a folder."""
    top = repository_top(os.path.realpath(folder))
    places = [] if top is None else [git_folder(top)]
    if "GIT_DIR" in os.environ:
        places.append(os.environ["GIT_DIR"])
    for place in map(os.path.normpath, places):
        common = os.fsdecode(start_of(os.path.join(place, "commondir"), _LINK)).rstrip("\n")
        for each in {place, os.path.normpath(os.path.join(place, common))}:
            found = next(filter(None, map(_endless, _opened(each))), None)
            if found is not None:
                return found
    return None


def endless_attributes(top: str, paths: Collection[str]) -> tuple[str, int] | None:
    """Return the path and mode of a `.gitattributes` next to tracked files, or above, that git
    would wait for.
    """
    folders = {""}
    for path in paths:
        while (path := path.rpartition("/")[0]) not in folders:
            folders.add(path)
    files = (os.path.join(top, folder, ".gitattributes") for folder in sorted(folders))
    return next(filter(None, map(_endless, files)), None)


def _opened(place: str) -> Iterator[str]:
    """What git opens of a repository, but for objects; files whose kind is known are left out."""
    yield place
    for folder in _FLAT:
        yield from _special(os.path.join(place, folder), deep=False)
    yield from _special(os.path.join(place, _DEEP), deep=True)
    yield from _included([os.path.join(place, name) for name in ("config", "config.worktree")])


def _special(folder: str, *, deep: bool) -> Iterator[str]:
    """What is neither a file nor a folder."""
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError:
        return
    for entry in listed:
        if entry.is_dir(follow_symlinks=False):
            if deep:
                yield from _special(entry.path, deep=True)
        elif not entry.is_file(follow_symlinks=False):
            yield entry.path


def _included(configs: list[str]) -> Iterator[str]:
    """The files that configurations include, and those that these do."""
    for config in configs:  # which grows
        text = os.fsdecode(start_of(config, _CONFIG)).replace("\\\n", "")
        for match in _PATH.finditer(text):
            value = _VALUE.sub(_unquoted, match[1]).strip()
            full = os.path.join(os.path.dirname(config), os.path.expanduser(value))
            path = os.path.realpath(full)  # by which no file is looked into twice
            if path not in configs:
                configs.append(path)
                yield path


def _unquoted(part: re.Match[str]) -> str:
    """A part of a value as git reads it; a comment is empty."""
    escaped, quoted, _ = part.groups()
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted[1:-1])
    return escaped or ""


def _endless(path: str) -> tuple[str, int] | None:
    """The path and its mode, if it is neither a file nor a folder; `/dev/null` is an empty file."""
    try:
        status = os.stat(path)
        kind = stat.S_IFMT(status.st_mode)
        if kind in (stat.S_IFREG, stat.S_IFDIR):
            return None
        if kind == stat.S_IFCHR and status.st_rdev == os.stat(os.devnull).st_rdev:
            return None
    except (OSError, ValueError):
        return None
    return path, status.st_mode
