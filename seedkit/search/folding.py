"""Hits that repeat a better one are folded under it.

Which seeds repeat each other is known if a check has found it out since they last changed; else
only seeds of the same bytes are seen to. Nothing is compared here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

Found = tuple[str, int, float]  # path, record, score
Key = Callable[[str, int], Hashable]

_FURTHER = 200  # hits behind the last one shown that are looked at


class Folded(NamedTuple):
    """A hit, and the paths of those that were folded under it."""

    hit: Found
    repeats: list[str]


def fold(ranked: Sequence[Found], limit: int | None, key: Key | None) -> list[Folded]:
    """Return the first `limit` hits that repeat no better one, with those that do.

    Without a key, nothing repeats anything.
    """
    if key is None:
        return [Folded(found, []) for found in ranked[:limit]]
    kept: dict[Hashable, Folded] = {}
    for number, found in enumerate(ranked):
        if limit is not None and len(kept) >= limit and number >= limit + _FURTHER:
            break
        path, record, _ = found
        first = kept.setdefault(key(path, record), Folded(found, []))
        if first.hit is not found:
            first.repeats.append(path)
    return list(kept.values())[:limit]


class Repeats:
    """What repeats what, as far as a workspace knows."""

    def __init__(self, workspace: Workspace) -> None:
        groups = workspace.stored_groups()
        self._row = workspace.row
        self._digest = workspace.seed_digest
        self._known = groups is not None
        # What a seed repeats: its bytes, its words, or nearly. Each leads to the next.
        self._copied: dict[str, str] = {}
        self._same: dict[str, str] = {}
        self._near: dict[str, str] = {}
        kinds = {
            "duplicate-seed": self._copied, "same-text": self._same, "near-duplicate": self._near,
        }  # fmt: skip
        for kind, representative, members in groups or ():
            if kind in kinds:
                for path in (representative, *members):
                    kinds[kind].setdefault(path, representative)

    def key(self, path: str, record: int) -> Hashable:
        """Return what a record has in common with those that repeat it, and with no others.

        Copies repeat each other record by record. Seeds that are only alike were compared as a
        whole, which says nothing of one record among several.
        """
        if not self._known:
            digest = self._digest(path)
            return path if digest is None else digest, record
        original = self._copied.get(path, path)
        text = self._same.get(original, original)
        centre = self._near.get(text, text)
        if centre == original and original not in self._same and original not in self._near:
            return original, record
        row = self._row(original)
        whole = row is not None and abs(row.records) == 1
        return (centre, None) if whole else (original, record)
