"""Pairs entries that name nothing with seeds that nothing lists: the same seeds, renamed.

The evidence is taken from strong to weak: the digest or id that the row gives, folders and name
below another folder, the title, the name alone in another folder, a name one edit away in the same
folder, and last that there is one of each in a folder. A pair is made only where it is the only one
that the evidence allows.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from seedkit.manifest.summary import SeedSummary
from seedkit.manifest.target import folder_of, tidy

_LONGEST_NAME = 255  # of a file, on every common system
_MOST_CHARACTERS = 200_000  # of a folder's names, compared for single edits
_MOST_ALIKE = 16  # names that share a spelling but for one character; more are a series, not a slip
_ABBREVIATED = re.compile(r"[0-9a-f]{8,64}")


class Lost(NamedTuple):
    """An entry that names nothing: its path, and what its row says of the seed."""

    path: str
    titles: frozenset[str]
    sha256: str  # in lower case, perhaps abbreviated
    id: str


def pair_renamed(
    lost: Mapping[int, Lost], unlisted: Iterable[str], seeds: Mapping[str, SeedSummary]
) -> dict[int, str]:
    """Return the new path of each entry that was renamed, by the entry's key in `lost`."""
    free = {path: seeds[path] for path in unlisted} if lost else {}
    left = dict(lost)
    found: dict[int, str] = {}
    for clue in _CLUES:
        if not left or not free:
            break
        for key, path in _unique(clue(left, free)):
            found[key] = path
            del left[key], free[path]
    return found


Left = Mapping[int, Lost]
Free = Mapping[str, SeedSummary]
Pairs = Iterator[tuple[int, str]]
T = TypeVar("T")


def _same_digest(left: Left, free: Free) -> Pairs:
    starts = _by((path, seed.sha256[:8]) for path, seed in free.items() if seed.sha256)
    for key, each in left.items():
        alike = starts.get(each.sha256[:8], ())
        if _ABBREVIATED.fullmatch(each.sha256) and len(alike) <= _MOST_ALIKE:
            yield from ((key, p) for p in alike if free[p].sha256.startswith(each.sha256))


def _same_id(left: Left, free: Free) -> Pairs:
    return _one_each(
        ((key, each.id) for key, each in left.items()),
        ((path, tidy(seed.groups.get("id") or "")) for path, seed in free.items()),
    )


def _same_title(left: Left, free: Free) -> Pairs:
    return _one_each(
        ((key, title) for key, each in left.items() for title in each.titles),
        ((path, tidy(seed.title)) for path, seed in free.items()),
    )


def _same_end(parts: int) -> Callable[[Left, Free], Pairs]:
    """The last parts of the path are the same: the seed, or a folder with it, was moved."""

    def end(path: str) -> str:
        return "/".join(path.rsplit("/", parts)[-parts:])

    def clue(left: Left, free: Free) -> Pairs:
        return _one_each(
            ((key, end(each.path)) for key, each in left.items()),
            ((path, end(path)) for path in free),
        )

    return clue


def _alone(left: Left, free: Free) -> Pairs:
    return _one_each(
        ((key, f"{folder_of(each.path)}/") for key, each in left.items()),
        ((path, f"{folder_of(path)}/") for path in free),
    )


def _one_edit(left: Left, free: Free) -> Pairs:
    """Pairs of names in one folder that differ by a character, or by two swapped ones.

    Such names have a spelling in common when each loses at most one character.
    """
    keys = _by((key, folder_of(each.path)) for key, each in left.items())
    for folder, paths in _by((path, folder_of(path)) for path in free).items():
        olds = [(key, _name(left[key].path)) for key in keys.get(folder, ())]
        olds = [(key, name) for key, name in olds if len(name) <= _LONGEST_NAME]
        news = [(path, _name(path)) for path in paths]
        characters = sum(len(name) for _, name in olds) + sum(len(name) for _, name in news)
        if not olds or characters > _MOST_CHARACTERS:
            continue
        spelled = _by((path, less) for path, name in news for less in _spellings(name))
        for key, name in olds:
            near = {
                path
                for less in _spellings(name)
                if len(spelled.get(less, ())) <= _MOST_ALIKE
                for path in spelled.get(less, ())
            }
            yield from ((key, path) for path in near if _is_one_edit(name, _name(path)))


def _spellings(name: str) -> set[str]:
    return {name, *(name[:i] + name[i + 1 :] for i in range(len(name)))}


def _is_one_edit(a: str, b: str) -> bool:
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if start is None:
        return abs(len(a) - len(b)) == 1
    a, b = a[start:], b[start:]
    swapped = a[2:] == b[2:] and a[:2] == b[1::-1]
    return swapped or a[1:] == b[1:] or a[1:] == b or a == b[1:]


_CLUES = (
    *(_same_digest, _same_id),
    *(_same_end(4), _same_end(3), _same_end(2)),
    *(_same_title, _same_end(1)),
    *(_one_edit, _alone),
)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _by(pairs: Iterable[tuple[T, str]]) -> dict[str, list[T]]:
    """Group things by their clue."""
    found: dict[str, list[T]] = defaultdict(list)
    for thing, clue in pairs:
        found[clue].append(thing)
    return found


def _one_each(old: Iterable[tuple[int, str]], new: Iterable[tuple[str, str]]) -> Pairs:
    """Pairs with the same clue, where no other has it on either side."""
    by_clue = _by(old)
    paths = _by((path, clue) for path, clue in new if clue in by_clue)
    for clue, keys in by_clue.items():
        if clue and len(keys) == len(paths.get(clue, ())) == 1:
            yield keys[0], paths[clue][0]


def _unique(pairs: Pairs) -> list[tuple[int, str]]:
    """Pairs of which neither side is in another."""
    found = set(pairs)
    keys = Counter(key for key, _ in found)
    paths = Counter(path for _, path in found)
    return sorted((k, p) for k, p in found if keys[k] == paths[p] == 1)
