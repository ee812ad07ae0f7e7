"""The baseline: findings that were there when a corpus adopted seedkit, and are accepted.

An entry is a rule, a path, a fingerprint of what the finding is about and a count, so that a
finding that moves stays accepted, and one more of the same is new. A digest of the seed is kept
too: it tells where a seed that was renamed is now.

Compares the findings of a corpus with its baseline: which are accepted, which entries are stale.

An entry is stale if it was looked for and not found: its rule counts for its path, and its seed
could be read, and is not just left out of the checkout. Entries of a seed that was renamed hold for
the new path.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from seedkit.check.selection import Selection
from seedkit.core.diagnostic import Diagnostic, Place, fingerprint
from seedkit.core.errors import UsageError
from seedkit.core.rules import (
    CONFIG_STALE_BASELINE,
    INDEX_NOT_CHECKED_OUT,
    NAME_NOT_A_FILE,
    TEXT_INVALID_ENCODING,
    TEXT_INVALID_UTF8,
    TEXT_TOO_LARGE,
    TEXT_UNREADABLE,
)
from seedkit.core.text import find_conflicts, plural, shorten
from seedkit.corpus.workspace import Workspace
from seedkit.sources.folders import Below
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
    return CONFIG_STALE_BASELINE.diagnostic(message, Place(FILE), remedy, involved=(path,))


# A seed with a finding of one of these has not been read, so nothing else is known of it, or of
# what is below it if it is a folder.
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
    unread = Below([*absent, *(each.place.path for each in found if each.rule in UNREAD)])
    missed = Counter[Key]()
    for key, count in left.items():
        path, rule, _ = key
        if wanted.wants_in(path, rule) and not unread(path) and in_scope(path):
            missed[key] = count
    former = {new: old for old, new in moves.items()}
    stale = Counter({(former.get(p, p), rule, name): n for (p, rule, name), n in missed.items()})
    return Comparison(fresh, accepted, stale, Baseline(current.entries - missed, current.digests))


def about_what_was_read(workspace: Workspace, found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings but for those that say that something can't be read: nobody knows what
    else is wrong there, so a baseline does not accept them.
    """
    unread = {path for path, reason in workspace.skipped().items() if reason == "unreadable"}
    return [each for each in found if each.rule not in UNREAD or each.place.path not in unread]


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
        path for path in paths if not workspace.is_there(path) and not workspace.exists(path)
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
