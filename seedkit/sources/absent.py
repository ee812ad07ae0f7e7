"""Which files does git know that are not checked out? It is asked only where there may be some."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Sequence

from seedkit.core.skipped import ABSENT_SUBMODULE, NOT_CHECKED_OUT, Skipped
from seedkit.sources.git_files import git_folder, start_of
from seedkit.sources.root import repository_top
from seedkit.sources.source import DiskSource, OverlaySource, Source, within

# How git's index begins in the version in which no entry can be marked skip-worktree
# (gitformat-index); git writes another one only if it has to, or is configured to.
_PLAIN = b"DIRC\0\0\0\2"


def not_checked_out(
    source: Source, folders: Sequence[str], there: Callable[[], Container[str]]
) -> dict[str, Skipped]:
    """Return the files and submodules under the folders that git knows and has not checked out.

    `there` returns those on disk. Nothing is returned if git can't tell.
    """
    if isinstance(source, OverlaySource):
        return not_checked_out(source.base, folders, there)
    if not isinstance(source, DiskSource):
        from seedkit.sources.git_source import GitSource

        absent = source.absent_submodules if isinstance(source, GitSource) else ()
        under = (path for path in absent if any(within(path, folder) for folder in folders))
        return dict.fromkeys(under, ABSENT_SUBMODULE)
    if not _may_be(source.root):
        return {}
    from seedkit.sources.git import GitError
    from seedkit.sources.tracked import tracked

    try:
        known = tracked(source)
        if known is None:
            return {}
        found = dict.fromkeys(sorted(known.not_checked_out(there(), folders)), NOT_CHECKED_OUT)
        modules = found.keys() & known.submodules
        return found | dict.fromkeys(modules, ABSENT_SUBMODULE)
    except GitError:
        return {}


def _may_be(folder: str) -> bool:
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
