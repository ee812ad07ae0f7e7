"""What is new since an earlier state of the corpus: the findings that were not there.

As in a baseline, a finding is its path, its rule and what it is about, and is counted: that it
stands on another line makes it no other, nor that its seed has another name. A finding in a seed
that nobody touched is new all the same, if it was not there: then a change elsewhere has caused it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seedkit.check.baseline import key_of
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.text import visible


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
    for path in {found.place.path, *found.about, *(each.place.path for each in found.related)}:
        if path in moved:
            message = message.replace(f"`{visible(path)}`", f"`{visible(moved[path])}`")
    place = found.place._replace(path=moved.get(found.place.path, found.place.path))
    return found._replace(message=message, place=place)
