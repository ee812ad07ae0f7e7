"""Keeps findings that an earlier state did not have; pairs its seeds with renamed or edited ones.

As in a baseline, a finding is its path, its rule and what it is about, and is counted: that it
stands on another line makes it no other, nor that its seed has another name. A finding in a seed
that nobody touched is new all the same, if it was not there: then a change elsewhere has caused it.

To pair a seed with one of the earlier state under another name takes evidence: the same bytes; a
name that differs only in the digest that it carries; or a text of which at least half is the same.
Names that carry digests change with every edit.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from seedkit.check.baseline import key_of
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.text import visible
from seedkit.corpus.facts import unpack_groups

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace
    from seedkit.store.database import Row


class Before(NamedTuple):
    """The findings of the earlier state; and of seeds that have moved since, where they were."""

    findings: Sequence[Diagnostic]
    moved: Mapping[str, str] = {}


def new_since(befores: Sequence[Before], found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the findings that were in none of the earlier states."""
    new = list(found)
    for before in befores:
        unknown = frozenset(map(id, _new_since(before, found)))
        new = [each for each in new if id(each) in unknown]
    return new


def _new_since(before: Before, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    left = Counter(map(key_of, before.findings))
    new = []
    for diagnostic in found:
        key = key_of(_as_then(diagnostic, before.moved) if before.moved else diagnostic)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(diagnostic)
    return new


def _as_then(found: Diagnostic, moved: Mapping[str, str]) -> Diagnostic:
    """Return a finding with the paths that seeds had before."""
    message = found.message
    for path in {found.place.path, *found.involved, *(each.place.path for each in found.related)}:
        if path in moved:
            message = message.replace(f"`{visible(path)}`", f"`{visible(moved[path])}`")
    place = found.place._replace(path=moved.get(found.place.path, found.place.path))
    return found._replace(message=message, place=place)


_HALF: Final = 0.5  # of the longer text's word pairs that both have
_LONGEST: Final = 100_000  # characters of a text that are compared
_COMMON: Final = 20  # texts that a pair of words may be in; if it is in more it tells nothing
_FEW: Final = 3  # candidates that are compared in full
_WORDS: Final = re.compile(r"\w{1,8}|[^\w\s]")  # short ones, since not all scripts have spaces

Pairs = Iterator[tuple[str, str]]  # a former path and the one of now, the likeliest first


def moved_seeds(then: Workspace, now: Workspace) -> dict[str, str]:
    """Return the former path of each seed that is there under another one."""
    before, after = (frozenset(each.paths) for each in (then, now))
    old, new = then.rows_of(sorted(before - after)), now.rows_of(sorted(after - before))
    moved: dict[str, str] = {}
    for clue in (_same_bytes, _same_name, _same_half):
        if not old or not new:
            break
        for former, path in clue(then, old, now, new):
            if former in old and path in new:
                moved[path] = former
                del old[former], new[path]
    return moved


def _same_bytes(
    then: Workspace, old: Mapping[str, Row], now: Workspace, new: Mapping[str, Row]
) -> Pairs:
    return _equal(
        {path: row.digest for path, row in old.items() if row.digest},
        {path: row.digest for path, row in new.items()},
    )


def _same_name(
    then: Workspace, old: Mapping[str, Row], now: Workspace, new: Mapping[str, Row]
) -> Pairs:
    """Pairs of names that differ only in a digest; of several that do, none."""
    former, current = (
        {path: name for path, row in rows.items() if (name := _name(workspace, path, row))}
        for workspace, rows in ((then, old), (now, new))
    )
    often = Counter(former.values()) + Counter(current.values())
    return _equal({path: name for path, name in former.items() if often[name] == 2}, current)


def _name(workspace: Workspace, path: str, row: Row) -> Hashable:
    """The folder of a seed, and its name's groups without the digest; None if none are left."""
    spec = workspace.formats.get(row.format)
    digest = None if spec is None else spec.file.hash
    groups = unpack_groups(row.groups)
    if digest is None or not groups.pop(digest.group, None) or not any(groups.values()):
        return None
    return path.rpartition("/")[0], *groups.items()


def _same_half(
    then: Workspace, old: Mapping[str, Row], now: Workspace, new: Mapping[str, Row]
) -> Pairs:
    """Pairs of texts of which at least half is the same, the most alike first.

    Those that have most word pairs in common are compared, so that many texts take no longer than
    to read them.
    """
    former = {path: _word_pairs(then, path) for path in old}
    owners = defaultdict[tuple[str, str], list[str]](list)
    for path, pairs in former.items():
        for pair in pairs:
            owners[pair].append(path)
    found = []
    for path in new:
        pairs = _word_pairs(now, path)
        votes = Counter[str]()
        for pair in pairs:
            if len(owners.get(pair, ())) <= _COMMON:
                votes.update(owners.get(pair, ()))
        for other, _ in votes.most_common(_FEW):
            longer = max(pairs.total(), former[other].total())
            share = (pairs & former[other]).total() / longer
            if share >= _HALF:
                found.append((-share, other, path))
    return ((other, path) for _, other, path in sorted(found))


def _word_pairs(workspace: Workspace, path: str) -> Counter[tuple[str, str]]:
    text = workspace.read_text(path) or ""
    return Counter(pairwise(("", *_WORDS.findall(text[:_LONGEST]), "")))


def _equal(former: Mapping[str, Hashable], current: Mapping[str, Hashable]) -> Pairs:
    """Pairs with the same clue, in the order of their paths."""
    by_clue = defaultdict[Hashable, list[str]](list)
    for path in sorted(former):
        by_clue[former[path]].append(path)
    for path in sorted(current):
        yield from ((other, path) for other in by_clue.get(current[path], ())[:1])
        if by_clue.get(current[path]):
            del by_clue[current[path]][0]
