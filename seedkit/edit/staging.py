"""Lets git's index follow as seeds are moved and removed, as `git mv` and `git rm` do.

An entry is moved with the bytes that it has: what of a seed is not staged stays so. An INDEX.md or
a baseline is staged with its change only if it was staged as it was; else it is left to the user.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from seedkit.sources.files import Change
from seedkit.sources.repository import Repository, repository_at
from seedkit.sources.source import DiskSource
from seedkit.sources.tracked import blob_ids, in_repository


class Staging(NamedTuple):
    """What becomes of the index. `left` are tracked files that change and are not staged."""

    repository: Repository
    removed: Sequence[str]
    added: Mapping[str, str]  # mode and id, by path
    texts: Mapping[str, tuple[str, bytes]]  # mode and new bytes, by path
    left: Sequence[str]

    def apply(self) -> None:
        """Change the index; raises `GitError`."""
        added = dict(self.added)
        for path, (mode, data) in self.texts.items():
            added[path] = f"{mode} {self.repository.store(data)}"
        if self.removed or added:
            self.repository.restage(self.removed, added)


def staging(
    disk: DiskSource,
    changes: Sequence[Change],
    moves: Mapping[str, str],
    removed: Collection[str],
) -> Staging | None:
    """Return what becomes of the index with the changes; None if git does not know the seeds.

    Raises `GitError` if git can't be asked, or the index has conflicts.
    """
    if not in_repository(disk.root):
        return None
    repository = repository_at(disk.root)
    entries = repository.index()
    if entries.keys().isdisjoint((*moves, *moves.values(), *removed)):
        return None
    gone = [path for path in (*moves, *removed) if path in entries]
    moved = {each.source for each in changes}  # what was moved already may be staged already
    added = {
        new: entries[old]
        for old, new in moves.items()
        if old in entries and (old in moved or new not in entries)
    }
    texts: dict[str, tuple[str, bytes]] = {}
    left: list[str] = []
    for path, before, after, _ in changes:
        if not (isinstance(before, bytes) and isinstance(after, bytes) and path in entries):
            continue
        mode, _, name = entries[path].partition(" ")
        if next(blob_ids(partial(tuple, (before,)), len(name))) == name:
            texts[path] = mode, after
        else:
            left.append(path)
    return Staging(repository, gone, added, texts, left)
