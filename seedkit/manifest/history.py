"""Finds renamed seeds by what git had under their old names: the same bytes, or an edited text.

Texts are compared as git does for renames (diffcore-delta.c): by the bytes of the lines that both
have, lines cut at 64 bytes. But a line counts only if no third text has it: what many seeds have in
common, such as a header, says nothing of which one a text is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from seedkit.manifest.renames import Free, Left, Pairs

if TYPE_CHECKING:
    from seedkit.sources.tracked import Absent, Former

_CHUNK = 64  # bytes of a line
_LEAST = 0.6  # of the lines that only one or both of two texts have, by bytes; of a rename
_ENOUGH = 64  # bytes in common, or it may be chance
_NEIGHBOURS = 4  # listed seeds on either side that show what is usual there
_MOST_TEXTS = 200  # old and new ones; among more, only the same bytes are found
_MOST_BYTES = 50_000_000  # of seeds that are read; likewise

_Owner = tuple[str, str]  # a side, and a path


class Git(Protocol):
    """What git knows of a corpus, and the texts of its seeds."""

    def absent(self, paths: Collection[str]) -> Sequence[Absent] | None:
        """Return which files are only not checked out, None if git can't tell."""
        ...

    def former(self, gone: Collection[str], new: Collection[str]) -> Mapping[str, Former]:
        """Return what files that are gone held, by path; nothing if git can't tell."""
        ...

    def blob(self, path: str) -> str:
        """Return the id of a file's blob in the index, empty if it has none."""
        ...

    def text(self, path: str) -> bytes:
        """Return the bytes of a seed, none if it is large or can't be read."""
        ...


class Texts:
    """Compares the seeds with what git had. `listed` are the paths of seeds that have their row."""

    def __init__(self, git: Git, listed: Sequence[str]) -> None:
        self._git, self._listed = git, listed
        self._former: Mapping[str, Former] | None = None

    def same(self, left: Left, free: Free) -> Pairs:
        """Pair what has the same bytes."""
        by_key: dict[str, list[str]] = {}
        former = self._asked(left, free)
        for path in free if former else ():
            for key in {free[path].sha256, self._git.blob(path)} - {""}:
                by_key.setdefault(key, []).append(path)
        for number, each in left.items():
            was = former.get(each.path)
            if was is not None:
                keys = was.blob, sha256(was.data).hexdigest()
                found = {path for key in keys for path in by_key.get(key, ())}
                yield from ((number, path) for path in found if path in was.candidates)

    def edited(self, left: Left, free: Free) -> Pairs:
        """Pair what has most of its lines in common, and with nothing else."""
        former = self._asked(left, free)
        olds = {each.path: number for number, each in left.items() if each.path in former}
        if not olds or len(olds) + len(free) > _MOST_TEXTS:
            return
        texts = {("old", path): chunks(former[path].data) for path in olds}
        room = _MOST_BYTES
        for side, path in self._now(olds, free):
            data = self._git.text(path)
            room -= len(data)
            if room < 0:
                return
            texts[side, path] = chunks(data)
        for old, new in _edited(texts):
            if new in former[old].candidates:
                yield olds[old], new

    def _asked(self, left: Left, free: Free) -> Mapping[str, Former]:
        if self._former is None:
            self._former = self._git.former([each.path for each in left.values()], list(free))
        return self._former

    def _now(self, olds: Iterable[str], free: Iterable[str]) -> list[_Owner]:
        """What there is to compare with: the unlisted seeds, and neighbours of them and the old."""
        near: set[str] = set()
        for path in (*olds, *free):
            at = bisect_left(self._listed, path)
            near.update(self._listed[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS])
        return [*(("new", path) for path in free), *(("", path) for path in sorted(near))]


def chunks(data: bytes) -> Counter[bytes]:
    """Return the lines of a text, whatever its newlines, in pieces of at most 64 bytes."""
    found: Counter[bytes] = Counter()
    for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        for at in range(0, len(line), _CHUNK):
            found[line[at : at + _CHUNK]] += 1
    return found


def _edited(texts: Mapping[_Owner, Counter[bytes]]) -> list[tuple[str, str]]:
    """Return the pairs of an old and a new text of which one is the other, edited."""
    owners: dict[bytes, list[_Owner]] = {}
    for owner, pieces in texts.items():
        for piece in pieces:
            owners.setdefault(piece, []).append(owner)
    alone: Counter[_Owner] = Counter()  # bytes that no other text has
    shared: dict[tuple[_Owner, _Owner], int] = {}
    more: dict[tuple[_Owner, _Owner], int] = {}  # of what both have, what one has more of
    for piece, having in owners.items():
        if len(having) == 1:
            alone[having[0]] += len(piece) * texts[having[0]][piece]
        elif len(having) == 2 and (having[0][0], having[1][0]) == ("old", "new"):
            pair = having[0], having[1]
            least, most = sorted(texts[owner][piece] for owner in pair)
            shared[pair] = shared.get(pair, 0) + len(piece) * least
            more[pair] = more.get(pair, 0) + len(piece) * (most - least)
    return [
        (old[1], new[1])
        for (old, new), common in sorted(shared.items())
        if common >= _ENOUGH
        and common >= _LEAST * (common + more[old, new] + max(alone[old], alone[new]))
    ]
