"""Facts as text: what the cache database stores and worker processes send back.

Compact JSON, absent where there is nothing to say, so that a clean seed costs nothing to load.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from seedkit.core.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    Place,
    Position,
    Related,
    Severity,
)
from seedkit.core.rules import Rule
from seedkit.core.skipped import SkippedSeed

if TYPE_CHECKING:
    from seedkit.corpus.analyse import Facts

Packed = tuple[int, bytes, str, str, int, int, str, str]


class Allowance(NamedTuple):
    """A comment that allows a rule: in the span of its record, or (no span) in the whole seed."""

    rule: str
    comment: Place
    start: int | None = None  # UTF-8 offsets
    end: int | None = None


class KeyPlace(NamedTuple):
    """A value that must be unique in the corpus, or names such a one: `Key` in rules/references.py,
    and its place."""

    name: str
    digest: str
    place: Place
    target: str = ""
    shown: str = ""


def pack(facts: Facts) -> Packed:
    """Return size, digest, format, title, records, sections, groups and the rest, as columns."""
    groups = _dumps(facts.groups) if facts.groups else ""
    findings = ""
    if facts.diagnostics or facts.keys or facts.allowances or facts.skipped:
        findings = _dumps(
            (
                [_from_diagnostic(diagnostic) for diagnostic in facts.diagnostics],
                [_from_key(key) for key in facts.keys],
                [(a.rule, _from_place(a.comment), a.start, a.end) for a in facts.allowances],
                *(() if facts.skipped is None else [facts.skipped]),
            )
        )
    return (
        facts.size, facts.digest, facts.format, facts.title, facts.records, facts.sections,
        groups, findings,
    )  # fmt: skip


def unpack_groups(groups: str) -> dict[str, str]:
    """Return the groups of a name."""
    found: dict[str, str] = json.loads(groups) if groups else {}
    return found


class SeedFindings(NamedTuple):
    """What is stored for a seed in addition to its numbers."""

    diagnostics: list[Diagnostic]
    keys: list[KeyPlace]
    allowances: list[Allowance]


def unpack_seed_findings(
    path: str, findings: str
) -> tuple[list[Diagnostic], list[KeyPlace], list[Allowance]]:
    """Return the diagnostics, keys and allowances of the seed `path`."""
    if not findings:
        return [], [], []
    diagnostics, keys, allowances, *_ = json.loads(findings)
    return (
        [_to_diagnostic(repeat(path), values) for values in diagnostics],
        [
            KeyPlace(name, digest, _to_place(path, place), *more)
            for name, digest, place, *more in keys
        ],
        [
            Allowance(rule, _to_place(path, place), start, end)
            for rule, place, start, end in allowances
        ],
    )


def has_finding(findings: str, rule: Rule) -> bool:
    """Tell whether the packed rest has a finding of a rule."""
    # Few name the rule at all; one that does may only allow it.
    return rule.name in findings and any(
        values[0] == rule.name for values in json.loads(findings)[0]
    )


def skipped_of(findings: str) -> SkippedSeed | None:
    """Return why a seed is neither compared nor searched, None if it is, from the packed rest."""
    # It is the last value, if it is there; otherwise that is a list.
    return (
        cast(SkippedSeed, findings[findings.rindex(',"') + 2 : -2])
        if findings.endswith('"]')
        else None
    )


def pack_findings(diagnostics: Sequence[Diagnostic]) -> str:
    """Return diagnostics about any files as text."""
    packed = []
    for diagnostic in diagnostics:
        paths = [diagnostic.place.path, *(related.place.path for related in diagnostic.related)]
        if diagnostic.fix is not None:
            paths += [edit.place.path for edit in diagnostic.fix.edits]
        packed.append([paths, _from_diagnostic(diagnostic), diagnostic.involved])
    return _dumps(packed)


def unpack_findings(text: str) -> list[Diagnostic]:
    """Return the diagnostics that `pack_findings` has packed."""
    return [
        _to_diagnostic(iter(paths), values, tuple(involved))
        for paths, values, involved in json.loads(text)
    ]


def _dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _from_place(place: Place) -> Sequence[int]:
    if place.start is None or place.end is None:
        return ()
    return (*place.start, *place.end)


def _to_place(path: str, values: Sequence[int]) -> Place:
    if not values:
        return Place(path)
    return Place(path, Position(*values[:3]), Position(*values[3:]))


def _from_key(key: KeyPlace) -> tuple[object, ...]:
    more = key[3:] if any(key[3:]) else ()  # most are no references
    return key.name, key.digest, _from_place(key.place), *more


def _from_diagnostic(diagnostic: Diagnostic) -> list[Any]:
    fix = diagnostic.fix
    return [
        diagnostic.rule,
        diagnostic.severity,
        diagnostic.message,
        _from_place(diagnostic.place),
        diagnostic.help,
        [(_from_place(related.place), related.message) for related in diagnostic.related],
        fix and [fix.title, fix.applicability, [(_from_place(e.place), e.text) for e in fix.edits]],
        diagnostic.fingerprint,
    ]


def _to_diagnostic(
    paths: Iterator[str], values: list[Any], involved: tuple[str, ...] = ()
) -> Diagnostic:
    """Make a diagnostic; `paths` are those of its places, in the order of `pack_findings`."""
    rule, severity, message, place, remedy, related, fix, fingerprint = values
    return Diagnostic(
        rule,
        Severity(severity),
        message,
        _to_place(next(paths), place),
        remedy,
        tuple([Related(_to_place(next(paths), each), text) for each, text in related]),
        fix and Fix(
            fix[0],
            tuple([Edit(_to_place(next(paths), each), text) for each, text in fix[2]]),
            Applicability(fix[1]),
        ),
        fingerprint,
        involved,
    )  # fmt: skip
