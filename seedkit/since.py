"""What is new since an earlier state of the corpus: the findings that were not there.

As in a baseline, a finding is its path, its rule and what it is about, and is counted: that it
stands on another line makes it no other. A finding in a seed that nobody touched is new all the
same, if it was not there: then a change elsewhere has caused it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedkit.baseline import key_of
from seedkit.diagnostic import Diagnostic

if TYPE_CHECKING:
    from seedkit.workspace import Workspace


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
        path, rule, subject = key_of(diagnostic)
        key = (before.moved.get(path, path), rule, subject)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(diagnostic)
    return new


def moved_seeds(then: Workspace, now: Workspace) -> dict[str, str]:
    """Return the former path of each seed that is there under another one, with the same bytes."""
    before, after = (frozenset(each.scan.paths) for each in (then, now))
    lost = sorted(before - after)
    appeared = sorted(after - before)
    if not lost or not appeared:
        return {}
    old, rows = then.rows, now.rows
    former = {old[path].digest: path for path in reversed(lost) if path in old}
    moved = {}
    for path in appeared:
        if path in rows and rows[path].digest in former:
            moved[path] = former.pop(rows[path].digest)
    return moved
