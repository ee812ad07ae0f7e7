"""Compares the findings of a corpus with its baseline: which are accepted, which entries are stale.

An entry is stale if it was looked for and not found: its rule counts for its path, and its seed
could be read, and is not just left out of the checkout. Entries of a seed that was renamed hold for
the new path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from seedkit.check.baseline import Baseline, Key, key_of, short_digest, split
from seedkit.check.selection import Selection
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.rules import (
    NAME_NOT_A_FILE,
    TEXT_INVALID_ENCODING,
    TEXT_INVALID_UTF8,
    TEXT_TOO_LARGE,
    TEXT_UNREADABLE,
)
from seedkit.corpus.workspace import Workspace

# A seed with a finding of one of these has not been read, so nothing else is known of it.
UNREAD = frozenset((
    TEXT_UNREADABLE.name, TEXT_INVALID_UTF8.name, TEXT_INVALID_ENCODING.name, TEXT_TOO_LARGE.name,
    NAME_NOT_A_FILE.name,
))  # fmt: skip
_TELLING = 16  # bytes of a text by which a finding is known wherever its seed was moved


class Comparison(NamedTuple):
    """New findings, how many are accepted, and the entries of the baseline that are stale.

    `current` is the baseline without stale entries, each at the path that its seed has now.
    """

    fresh: list[Diagnostic]
    accepted: int
    stale: Counter[Key]
    current: Baseline


def compare(
    workspace: Workspace,
    baseline: Baseline,
    wanted: Selection,
    found: Sequence[Diagnostic],
    kept: Sequence[Diagnostic],
    in_scope: Callable[[str], bool],
) -> Comparison:
    """Return what the baseline means for the findings of a corpus.

    `found` are all findings, `kept` those that count. Entries of paths out of scope are not stale.
    """
    if not baseline.entries:
        return Comparison(list(kept), 0, Counter(), baseline)
    gone, absent = _gone(workspace, {path for path, *_ in baseline.entries})
    moves = _moves(workspace, baseline, kept, gone)
    current = baseline.renamed(moves)
    fresh, accepted, left = split(kept, current)
    if not left:
        return Comparison(fresh, accepted, Counter(), current)
    # Found, but not reported: a comment allows it.
    left -= Counter(map(key_of, found)) - Counter(map(key_of, kept))
    unread = absent | {each.place.path for each in found if each.rule in UNREAD}
    missed = Counter[Key]()
    for key, count in left.items():
        path, rule, _ = key
        if wanted.wants_in(path, rule) and path not in unread and in_scope(path):
            missed[key] = count
    former = {new: old for old, new in moves.items()}
    stale = Counter({(former.get(p, p), rule, name): n for (p, rule, name), n in missed.items()})
    return Comparison(fresh, accepted, stale, Baseline(current.entries - missed, current.digests))


def updated(workspace: Workspace, current: Baseline, accepted: Iterable[Diagnostic]) -> Baseline:
    """Return the baseline that accepts the findings, and what the current one holds besides."""
    entries = Counter(map(key_of, accepted)) | current.entries
    digests = dict(current.digests)
    for path in {path for path, *_ in entries}:
        digest = workspace.seed_digest(path)
        if digest:
            digests[path] = short_digest(digest)
    return Baseline(entries, digests)


def _gone(workspace: Workspace, paths: Collection[str]) -> tuple[set[str], set[str]]:
    """Return which paths are gone, and which git has but has not checked out here.

    Where git can't tell, none is gone.
    """
    missing = {
        path for path in paths if not workspace.is_there(path) and not workspace.source.exists(path)
    }
    if not missing:
        return set(), set()
    from seedkit.sources.git import GitError
    from seedkit.sources.tracked import tracked

    try:
        known = tracked(workspace.source)
        found = known.absent(missing) if known is not None else []
    except GitError:
        return set(), missing
    absent = {path for each in found for path in each.paths}
    return missing - absent, absent


def _moves(
    workspace: Workspace, baseline: Baseline, kept: Sequence[Diagnostic], gone: Collection[str]
) -> dict[str, str]:
    """The new path of each seed of the baseline that was renamed.

    It has the same bytes, or a finding about the same text, if that is long enough to be no chance.
    """
    if not gone:
        return {}
    paths = {path for path, *_ in baseline.entries}
    by_digest: dict[str, str] = {}
    by_text: dict[tuple[str, str], str] = {}
    for each in reversed(kept):
        path, rule, subject = key_of(each)
        if path in paths:
            continue
        by_digest[short_digest(workspace.seed_digest(path) or b"")] = path
        if _size(each) >= _TELLING:
            by_text[rule, subject] = path
    moves: dict[str, str] = {}
    for path, rule, subject in sorted(baseline.entries):
        if path in gone and path not in moves:
            new = by_digest.get(baseline.digests.get(path) or "-") or by_text.get((rule, subject))
            if new is not None and new not in moves.values():
                moves[path] = new
    return moves


def _size(diagnostic: Diagnostic) -> int:
    start, end = diagnostic.place.start, diagnostic.place.end
    return 0 if start is None or end is None else end.offset - start.offset
