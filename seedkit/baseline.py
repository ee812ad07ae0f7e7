"""The baseline: findings that were there when a corpus adopted seedkit, and are accepted.

An entry is a rule, a path, a fingerprint of what the finding is about and a count, so that a
finding that moves stays accepted, and one more of the same is new.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from seedkit.diagnostic import Diagnostic, Place, fingerprint
from seedkit.errors import UsageError
from seedkit.root import BASELINE
from seedkit.rules import rule
from seedkit.source import Refused, Source
from seedkit.text import plural, shorten

FILE = BASELINE
_LIMIT = 200_000_000  # bytes

Key = tuple[str, str, str]  # path, rule, fingerprint


def read_baseline(source: Source) -> Counter[Key]:
    """Return the accepted findings and how often each may occur; raises `UsageError`."""
    try:
        data = source.read(FILE, _LIMIT)
    except FileNotFoundError:
        return Counter()
    except (OSError, Refused) as error:
        raise UsageError(f"{FILE} can't be read: {error}") from None
    try:
        content = json.loads(data)
        if content["version"] != 1:
            raise ValueError
        entries = Counter[Key]()
        for entry in content["findings"]:
            count = entry.get("count", 1)
            if not isinstance(count, int) or count < 1:
                raise ValueError
            entries[_text(entry["path"]), _text(entry["rule"]), _text(entry["fingerprint"])] += (
                count
            )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            f"{FILE} is not a baseline", help="write it anew with `seedkit check --baseline-update`"
        ) from None
    return entries


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def split(
    diagnostics: Sequence[Diagnostic], accepted: Counter[Key]
) -> tuple[list[Diagnostic], int, list[Diagnostic]]:
    """Return the findings that are new, how many were accepted, and findings of stale entries."""
    if not accepted:
        return list(diagnostics), 0, []
    left = Counter(accepted)
    fresh: list[Diagnostic] = []
    for diagnostic in diagnostics:
        key = key_of(diagnostic)
        if left[key] > 0:
            left[key] -= 1
        else:
            fresh.append(diagnostic)
    stale = [_stale(key, count) for key, count in sorted(left.items()) if count > 0]
    return fresh, len(diagnostics) - len(fresh), stale


def write_baseline(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the text of a baseline that accepts the findings."""
    counts = Counter(map(key_of, diagnostics))
    findings = [
        {"path": path, "rule": rule_name, "fingerprint": fingerprint, "count": count}
        for (path, rule_name, fingerprint), count in sorted(counts.items())
    ]
    lines = ",\n".join(f"    {json.dumps(finding)}" for finding in findings)
    body = f"[\n{lines}\n  ]" if findings else "[]"
    return f'{{\n  "version": 1,\n  "findings": {body}\n}}\n'


def acceptable(diagnostic: Diagnostic) -> bool:
    """Tell whether a baseline may hold the finding: configuration faults can't be accepted."""
    return not diagnostic.rule.startswith("config/")


def key_of(diagnostic: Diagnostic) -> Key:
    """Return what a finding is known by, whatever line it stands on."""
    subject = diagnostic.fingerprint or fingerprint(diagnostic.rule, diagnostic.message)
    return diagnostic.place.path, diagnostic.rule, subject


def _stale(key: Key, count: int) -> Diagnostic:
    path, rule_name, _ = key
    times = "" if count == 1 else f" ({plural(count, 'finding')})"
    message = f"baseline accepts `{shorten(rule_name)}` in `{shorten(path)}`{times}, which is gone"
    severity = rule("config/stale-baseline").severity
    remedy = "run `seedkit check --baseline-update`"
    return Diagnostic("config/stale-baseline", severity, message, Place(FILE), help=remedy)
