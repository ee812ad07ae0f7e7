"""The baseline: findings that were there when a corpus adopted seedkit, and are accepted.

An entry is a rule, a path, a fingerprint of what the finding is about and a count, so that a
finding that moves stays accepted, and one more of the same is new. A digest of the seed is kept
too: it tells where a seed that was renamed is now.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from seedkit.core.conflicts import find_conflicts
from seedkit.core.diagnostic import Diagnostic, Place, fingerprint
from seedkit.core.errors import UsageError
from seedkit.core.rules import CONFIG_STALE_BASELINE, INDEX_NOT_CHECKED_OUT
from seedkit.core.text import plural, shorten
from seedkit.sources.root import BASELINE
from seedkit.sources.source import Refused, Source

FILE = BASELINE
_LIMIT = 50_000_000  # bytes
_MOST = 1_000_000_000  # findings that one entry accepts
_DIGITS = 16  # of a digest that are kept

Key = tuple[str, str, str]  # path, rule, fingerprint


class Baseline(NamedTuple):
    """Accepted findings and how often each may occur; digests of the seeds that have them.

    A digest is the start of the SHA-256 of the seed's bytes, in hexadecimal. It is missing in
    files that older versions wrote.
    """

    entries: Counter[Key]
    digests: Mapping[str, str] = MappingProxyType({})

    def renamed(self, moves: Mapping[str, str]) -> Baseline:
        """Return the baseline after files were renamed; `moves` has the new path of each."""
        entries = Counter[Key]()
        for (path, rule_name, subject), count in self.entries.items():
            entries[moves.get(path, path), rule_name, subject] += count
        digests = {moves.get(path, path): digest for path, digest in self.digests.items()}
        return Baseline(entries, digests)

    def without(self, paths: Collection[str], findings: Iterable[Diagnostic] = ()) -> Baseline:
        """Return the baseline without the entries of some files, and of some findings."""
        entries = Counter(
            {key: count for key, count in self.entries.items() if key[0] not in paths}
        )
        return Baseline(entries - Counter(map(key_of, findings)), self.digests)

    def text(self) -> str:
        """Return the text of the file."""
        lines = ",\n".join(f"    {self._line(key)}" for key in sorted(self.entries))
        body = f"[\n{lines}\n  ]" if lines else "[]"
        return f'{{\n  "version": 1,\n  "findings": {body}\n}}\n'

    def _line(self, key: Key) -> str:
        path, rule_name, subject = key
        values: dict[str, object] = {"path": path, "rule": rule_name, "fingerprint": subject}
        values["count"] = self.entries[key]
        if path in self.digests:
            values["sha256"] = self.digests[path]
        return json.dumps(values)


def read_baseline(source: Source) -> Baseline:
    """Return the baseline of a corpus, an empty one if there is none; raises `UsageError`."""
    try:
        data = source.read(FILE, _LIMIT)
    except FileNotFoundError:
        return Baseline(Counter())
    except (OSError, Refused) as error:
        raise UsageError(
            f"{FILE} can't be read: {error}", help=getattr(error, "help", None)
        ) from None
    try:
        return _parsed(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _no_baseline(data, error) from None


def _no_baseline(data: bytes, error: Exception) -> UsageError:
    """What is wrong with a file that is no baseline, and how what it accepted is kept."""
    for each in find_conflicts(data.decode("utf-8", "surrogateescape")):
        line = data.count(b"\n", 0, each.start) + 1
        return UsageError(
            f"{FILE} has a merge conflict in line {line:,}",
            help="keep the entries of both sides, and remove the lines of `<<<<<<<`, `=======`, "
            "`>>>>>>>`",
        )
    where = ""
    if isinstance(error, json.JSONDecodeError):
        what = f"{error.msg[:1].lower()}{error.msg[1:]}"
        where = f": {what} in line {error.lineno:,}, column {error.colno:,}"
    return UsageError(
        f"{FILE} is not a baseline{where}",
        help=f"restore it, as with `git checkout -- {FILE}`; without the file, `seedkit check "
        "--baseline-update` accepts what is found today",
    )


def _parsed(data: bytes) -> Baseline:
    content = json.loads(data)
    if content["version"] != 1:
        raise ValueError
    entries = Counter[Key]()
    digests = {}
    for entry in content["findings"]:
        count = entry.get("count", 1)
        if not isinstance(count, int) or not 1 <= count <= _MOST:
            raise ValueError
        path = _text(entry["path"])
        entries[path, _text(entry["rule"]), _text(entry["fingerprint"])] += count
        if "sha256" in entry:
            digests[path] = _text(entry["sha256"])
    return Baseline(entries, digests)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


class Split(NamedTuple):
    """Findings that are new, how many were accepted, and the entries that nothing was found for."""

    fresh: list[Diagnostic]
    accepted: int
    left: Counter[Key]


def split(diagnostics: Sequence[Diagnostic], baseline: Baseline) -> Split:
    """Tell the findings that the baseline accepts from those that are new."""
    if not baseline.entries:
        return Split(list(diagnostics), 0, Counter())
    left = Counter(baseline.entries)
    fresh = []
    for diagnostic in diagnostics:
        key = key_of(diagnostic)
        if left[key] > 0:
            left[key] -= 1
        else:
            fresh.append(diagnostic)
    return Split(fresh, len(diagnostics) - len(fresh), +left)


def of(diagnostics: Iterable[Diagnostic]) -> Baseline:
    """Return a baseline that accepts the findings and knows no digests."""
    return Baseline(Counter(map(key_of, diagnostics)))


def short_digest(digest: bytes) -> str:
    """Return as much of the digest of a seed's bytes as a baseline keeps, in hexadecimal."""
    return digest.hex()[:_DIGITS]


def acceptable(diagnostic: Diagnostic) -> bool:
    """Tell whether a baseline may hold the finding: no configuration fault, and nothing that is
    so in one checkout only.
    """
    return not diagnostic.rule.startswith(("config/", INDEX_NOT_CHECKED_OUT.name))


def key_of(diagnostic: Diagnostic) -> Key:
    """Return what a finding is known by, whatever line it stands on."""
    subject = diagnostic.fingerprint or fingerprint(diagnostic.rule, diagnostic.message)
    return diagnostic.place.path, diagnostic.rule, subject


def stale(entries: Counter[Key]) -> list[Diagnostic]:
    """Return findings that say of entries that nothing is found for them."""
    return [_stale(key, count) for key, count in sorted(entries.items())]


def _stale(key: Key, count: int) -> Diagnostic:
    path, rule_name, _ = key
    times = "" if count == 1 else f" ({plural(count, 'finding')})"
    message = f"baseline accepts `{shorten(rule_name)}` in `{shorten(path)}`{times}, which is gone"
    remedy = "run `seedkit check --baseline-update`"
    return CONFIG_STALE_BASELINE.diagnostic(message, Place(FILE), remedy, about=(path,))
