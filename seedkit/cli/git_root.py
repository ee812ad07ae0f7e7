"""Finds the root of a corpus that git has and that is not on disk, as after a sparse checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from seedkit.cli.hook import target
from seedkit.sources.git import BlobMissing, BlobTooLarge, GitError
from seedkit.sources.repository import Repository, repository_at
from seedkit.sources.root import MAX_BYTES, SCHEMAS, has_settings


def root_in_git(start: str, *, named: bool) -> str | None:
    """Return the corpus in a folder, or around it, that git has; None if there is none.

    It is in the index, in HEAD or in the commit that a hook is about, or else in another branch:
    then a hook has nothing to check. If it was `named`, it is that folder, or none.
    """
    start = os.path.realpath(start)
    folder = start
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    try:
        top = repository_at(folder).git.line("rev-parse", "--show-toplevel")
        if not top:
            return None
        repository = repository_at(top)
        for entries in _states(repository):
            for at in _upwards(start, top):
                prefix = "" if at == top else f"{os.path.relpath(at, top)}/".replace(os.sep, "/")
                if _is_root(repository, entries, prefix, named=named):
                    return at
                if named:
                    break
    except GitError:
        pass
    return None


def _states(repository: Repository) -> Iterator[Mapping[str, str]]:
    """What the index, HEAD and the commit that the hook is about have together; then branches."""
    about = target()
    wanted = [repository.commit(each) for each in ("HEAD", *([about.revision] if about else []))]
    entries = repository.index()
    for commit in filter(None, wanted):
        entries |= repository.tree(commit)
    yield entries
    yield from map(repository.tree, repository.branches())


def _upwards(folder: str, top: str) -> Iterator[str]:
    """A folder and those around it in the repository, whose top is the last one."""
    while f"{folder}{os.sep}".startswith(f"{top}{os.sep}"):
        yield folder
        folder = os.path.dirname(folder)


def _is_root(
    repository: Repository, entries: Mapping[str, str], prefix: str, *, named: bool
) -> bool:
    """Tell whether there is a corpus below the prefix, as `seedkit.sources.root` does on disk."""

    def holds(folder: str) -> bool:
        return any(path.startswith(f"{prefix}{folder}/") for path in entries)

    if f"{prefix}seedkit.toml" in entries or (f"{prefix}INDEX.md" in entries and holds("seeds")):
        return True
    if named and (holds("seeds") or holds(SCHEMAS)):
        return True
    settings = entries.get(f"{prefix}pyproject.toml")
    if settings is None:
        return False
    try:
        return has_settings(repository.blobs().read(settings.partition(" ")[2], MAX_BYTES))
    except (BlobMissing, BlobTooLarge):
        return False
