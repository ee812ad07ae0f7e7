"""Which findings are new, and which have gone, since the last time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seedkit.core.diagnostic import Diagnostic, Severity


class Turn(NamedTuple):
    """What changed at one path: its findings now, which of them are new, and which have gone."""

    path: str
    now: tuple[Diagnostic, ...]
    new: tuple[Diagnostic, ...]
    cleared: tuple[Diagnostic, ...]


class Findings:
    """The findings as they were told last."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[Diagnostic, ...]] = {}

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each severity."""
        count = Counter(each.severity for of_path in self.told.values() for each in of_path)
        return {
            "errors": count[Severity.ERROR],
            "warnings": count[Severity.WARNING],
            "infos": count[Severity.INFO],
        }

    def update(self, diagnostics: Sequence[Diagnostic]) -> Iterator[Turn]:
        """Take the findings of now, sorted; yield for each path what has changed, by path.

        A finding that only moved within its file is neither new nor gone.
        """
        now: dict[str, list[Diagnostic]] = {}
        for each in diagnostics:
            now.setdefault(each.place.path, []).append(each)
        before, self.told = self.told, {path: tuple(each) for path, each in now.items()}
        for path in sorted(before.keys() | now.keys()):
            was, is_ = before.get(path, ()), self.told.get(path, ())
            if was != is_:
                yield Turn(path, is_, _without(is_, was), _without(was, is_))


def _without(some: Sequence[Diagnostic], others: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those of `some` that have no match among `others`: same rule, words and subject."""
    left = Counter(map(_what, others))
    kept = []
    for each in some:
        what = _what(each)
        if left[what]:
            left[what] -= 1
        else:
            kept.append(each)
    return tuple(kept)


def _what(diagnostic: Diagnostic) -> tuple[str, str, str]:
    return diagnostic.rule, diagnostic.message, diagnostic.fingerprint
