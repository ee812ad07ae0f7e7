"""The repeats of a workspace: stored fingerprints in, findings out.

A result is stored with a digest of all contents it was computed from. If since then only seeds have
changed that share nothing with any other, neither before nor now, it still holds, and that takes a
scan of the stored fingerprints to see.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seedkit.diagnostic import Diagnostic, Place, Position, Related, Severity, fingerprint
from seedkit.facts import pack_findings, unpack_findings
from seedkit.ledger import Print, Row
from seedkit.parameters import Parameters
from seedkit.pool import Task, analyse_all
from seedkit.repeats.find import Group, Passage, Repeats, find_repeats, thresholds
from seedkit.repeats.find import Place as Run
from seedkit.repeats.fold import Bounds, Hashes, Tokens, tokenize
from seedkit.repeats.passages import sharing
from seedkit.repeats.seedprint import SeedPrint, gram_sets_of, marks_of
from seedkit.repeats.similar import partners
from seedkit.text import LineIndex, visible

if TYPE_CHECKING:
    from seedkit.workspace import Workspace

_NOTHING = SeedPrint(0, b"", b"", b"")  # of a seed whose text can't be compared
_FEW = 100  # changed seeds; for more, everything is compared anew
_RESULT = "repeats"


class CorpusRepeats(NamedTuple):
    """The repeats of a corpus; `paths` are its seeds, which the indices in `repeats` stand for."""

    paths: list[str]
    prints: list[SeedPrint]
    repeats: Repeats
    texts: Texts


def repeat_findings(workspace: Workspace, parameters: Parameters) -> list[Diagnostic]:
    """Return a finding for every seed and passage that repeats another."""
    rows = workspace.rows
    state = _content_state(rows, parameters, workspace)
    stored = _stored(workspace)
    if stored is not None and stored.state == state:
        return stored.findings
    if stored is not None and _still_holds(workspace, stored, parameters):
        _store(workspace, state, stored.involved, stored.findings)
        return stored.findings
    found = find(workspace, parameters)
    findings = list(_findings(workspace, found, parameters))
    involved = [found.paths[index] for index in sorted(found.repeats.involved)]
    _store(workspace, state, involved, findings)
    return findings


def find(workspace: Workspace, parameters: Parameters) -> CorpusRepeats:
    """Return the repeats of the workspace as it is."""
    paths = sorted(workspace.rows)
    prints = seed_prints(workspace, parameters)
    texts = Texts(workspace, paths)
    ordered = [prints.get(path, _NOTHING) for path in paths]
    digests = [_copyable(workspace.rows[path]) for path in paths]
    repeats = find_repeats(digests, ordered, texts.hashes, parameters)
    return CorpusRepeats(paths, ordered, repeats, texts)


def _copyable(row: Row) -> bytes:
    """The digest by which a seed is a copy of another; none for one without any text."""
    return row.digest if row.stamp.size and "text/empty" not in row.rest else b""


def seed_prints(workspace: Workspace, parameters: Parameters) -> dict[str, SeedPrint]:
    """Return the fingerprint of every seed that has one; what is not stored is computed."""
    known = {**workspace.ledger.prints(), **workspace.fresh_prints}
    found: dict[str, SeedPrint] = {}
    missing: list[Row] = []
    keys = {name: workspace.print_key(name) for name in workspace.format_keys}
    for path, row in workspace.rows.items():
        each = known.get(path)
        if each is not None and each.digest == row.digest and each.key == keys[row.format]:
            found[path] = SeedPrint(*each[3:])
        elif row.format:
            missing.append(row)
    if missing:
        jobs = [(row.path, row.format, b"") for row in missing]
        formats = {row.format: workspace.settings.formats[row.format] for row in missing}
        task = Task(formats, parameters, prints=True)
        stored: list[Print] = []
        results = analyse_all(jobs, workspace.source, task, workspace.workers, lambda done: None)
        for path, facts, print_ in results:
            row = workspace.rows[path]
            found[path] = print_ or _NOTHING
            if isinstance(facts, tuple) and facts[1] == row.digest:  # else it changed meanwhile
                stored.append(Print(path, keys[row.format], row.digest, *found[path]))
        workspace.ledger.add_prints(stored)
    return found


class Texts:
    """Reads seeds again for the tokens and places of what repeats.

    Offsets in code points are the same in a seed's text as it is and as it is compared.
    """

    def __init__(self, workspace: Workspace, paths: Sequence[str]) -> None:
        self._workspace = workspace
        self._paths = paths
        self._texts: dict[int, str] = {}
        self._tokens: dict[int, Tokens] = {}

    def original(self, index: int) -> str:
        """Return the text of a seed as it is; empty if it can't be read any more."""
        return self._workspace.read_text(self._paths[index]) or ""

    def text(self, index: int) -> str:
        """Return the text of a seed as it is compared; empty if it can't be read any more."""
        found = self._texts.get(index)
        if found is None:
            found = self._compared(self._paths[index])
            self._texts[index] = found
        return found

    def hashes(self, indices: Sequence[int]) -> tuple[Hashes, Bounds]:
        """Return the token hashes of some seeds, one after the other, and their bounds."""
        tokens = tokenize([self.text(index) for index in indices], characters=True)
        return tokens.hashes, tokens.bounds

    def span(self, index: int, first: int, count: int) -> tuple[int, int]:
        """Return where `count` tokens from the first-th on stand in the seed, in code points."""
        tokens = self._tokens.get(index)
        if tokens is None:
            tokens = tokenize([self.text(index)], characters=True)
            self._tokens[index] = tokens
        return int(tokens.starts[first]), int(tokens.ends[first + count - 1])

    def _compared(self, path: str) -> str:
        row = self._workspace.rows[path]
        text = self._workspace.read_text(path)
        if text is None or not row.format:
            return ""
        layout = self._workspace.layout(row.format)
        if layout.compares_all and "repeat/repeated-section" not in row.rest:
            return text
        from seedkit.formats.parser import parse
        from seedkit.rules.repeat import RepeatedSection, comparable

        document = parse(text, layout)
        tokens = self._workspace.settings.config.passage_tokens
        return comparable(document, layout, RepeatedSection.check(document, layout, tokens))


# -- findings


def _findings(
    workspace: Workspace, found: CorpusRepeats, parameters: Parameters
) -> Iterator[Diagnostic]:
    for group in found.repeats.groups:
        yield from _of_group(workspace.rows, found.paths, group)
    places = PlacesOf(found)
    told = _within_others(found.repeats.passages, parameters)
    for passage in found.repeats.passages:
        yield from _of_passage(places, passage, told, parameters)


_SAME = {
    "duplicate-seed": ("seed has the same bytes as `{0}`", Severity.ERROR),
    "same-text": ("seed has the same words as `{0}`", Severity.ERROR),
    "near-duplicate": ("seed is {1} the same as `{0}`", Severity.WARNING),
    "contained-seed": ("{2} of the seed stands in `{0}`", Severity.WARNING),
}


def _of_group(rows: Mapping[str, Row], paths: Sequence[str], group: Group) -> Iterator[Diagnostic]:
    message, severity = _SAME[group.kind]
    centre = group.representative
    for member in group.members:
        seed, other = member.seed, centre
        if group.kind == "contained-seed" and member.larger:
            seed, other = centre, seed  # the smaller one is what repeats
        path, original = paths[seed], paths[other]
        text = message.format(
            visible(original), percent(member.similarity), percent(member.containment)
        )
        subject = f"{rows[path].digest.hex()} {rows[original].digest.hex()} {original}"
        yield Diagnostic(
            f"repeat/{group.kind}",
            severity,
            text,
            Place(path),
            help=f"compare them with `seedkit repeats {visible(path)}`; remove one, or accept both",
            related=(Related(Place(original), "the other"),),
            fingerprint=fingerprint(f"repeat/{group.kind}", subject),
        )


def percent(share: float) -> str:
    """Return a share as a whole percentage, rounded down: only what is equal is 100 %."""
    return f"{int(share * 100 + 1e-9)} %"


class PlacesOf:
    """Where occurrences of passages are, with lines and columns."""

    def __init__(self, found: CorpusRepeats) -> None:
        self._found = found
        self._indexes: dict[int, LineIndex] = {}

    def place(self, seed: int, first: int, count: int) -> Place:
        """Return the place of `count` tokens from the first-th of a seed on."""
        start, end = self._found.texts.span(seed, first, count)
        index = self._index(seed)
        path = self._found.paths[seed]
        return Place(path, Position(*index.position(start)), Position(*index.position(end)))

    def text(self, seed: int, first: int, count: int) -> str:
        """Return the text there, with whatever stands between those tokens."""
        start, end = self._found.texts.span(seed, first, count)
        return self._index(seed).text[start:end]

    def words(self, seed: int, first: int, count: int) -> str:
        """Return the text that is compared there, without regard to case and white space."""
        start, end = self._found.texts.span(seed, first, count)
        return " ".join(self._found.texts.text(seed)[start:end].casefold().split())

    def _index(self, seed: int) -> LineIndex:
        index = self._indexes.get(seed)
        if index is None:
            index = LineIndex(self._found.texts.original(seed))
            self._indexes[seed] = index
        return index


def _within_others(passages: Sequence[Passage], parameters: Parameters) -> set[Run]:
    """Return the places of passages that lie within a place reported for a longer one.

    It is enough to say of the longer one that it stands elsewhere too.
    """
    reported = sorted(
        (
            place
            for passage in passages
            if passage.seeds <= parameters.boilerplate_seeds
            for place in passage.places[1:]
        ),
        key=lambda place: (place.seed, place.start, -place.tokens),
    )
    found = set()
    seed, reach = -1, 0
    for place in reported:
        if place.seed != seed:
            seed, reach = place.seed, 0
        if place.start + place.tokens <= reach:
            found.add(place)
        reach = max(reach, place.start + place.tokens)
    return found


def _of_passage(
    places: PlacesOf, passage: Passage, told: set[Run], parameters: Parameters
) -> Iterator[Diagnostic]:
    first, *others = passage.places
    origin = places.place(*first)
    words = places.words(*first)
    if passage.seeds > parameters.boilerplate_seeds:
        related = tuple(Related(places.place(*other), "also here") for other in others[:2])
        yield Diagnostic(
            "repeat/boilerplate",
            Severity.INFO,
            f"{passage.tokens} words stand in {passage.seeds:,} seeds",
            origin,
            related=related,
            fingerprint=fingerprint("repeat/boilerplate", words),
        )
        return
    for other in others or [first]:
        if other in told:
            continue
        same = other[0] == first[0]
        where = "earlier in this seed" if same else f"in `{visible(origin.path)}`"
        repeated = f"{passage.tokens} words stand {where} too"
        if not others:
            repeated = f"{passage.tokens} words repeat themselves here"
        yield Diagnostic(
            "repeat/repeated-passage",
            Severity.WARNING,
            repeated,
            places.place(*other),
            related=(Related(origin, "first here"),) if others else (),
            fingerprint=fingerprint("repeat/repeated-passage", f"{origin.path}\0{words}"),
        )


# -- what is stored


class _Stored(NamedTuple):
    state: str
    involved: frozenset[str]
    findings: list[Diagnostic]


def _stored(workspace: Workspace) -> _Stored | None:
    text = workspace.ledger.result(_RESULT)
    if text is None:
        return None
    try:
        state, involved, packed = json.loads(text)
        return _Stored(state, frozenset(involved), unpack_findings(packed))
    except (ValueError, TypeError, KeyError, IndexError):
        return None


def _store(
    workspace: Workspace,
    state: str,
    involved: Sequence[str] | frozenset[str],
    findings: list[Diagnostic],
) -> None:
    text = json.dumps([state, sorted(involved), pack_findings(findings)])
    workspace.ledger.store_result(_RESULT, text)


def _content_state(rows: Mapping[str, Row], parameters: Parameters, workspace: Workspace) -> str:
    """A digest of every seed's path, content and format, and of what is made of them."""
    keys = sorted(map(workspace.print_key, workspace.format_keys))
    digest = hashlib.blake2b(repr((parameters, keys)).encode(), digest_size=16)
    names = sorted(rows)
    digest.update("\0".join(names).encode("utf-8", "surrogateescape"))
    digest.update(b"".join([rows[name].digest for name in names]))
    formats = "\0".join([rows[name].format for name in names])
    digest.update(formats.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _still_holds(workspace: Workspace, stored: _Stored, parameters: Parameters) -> bool:
    """Tell whether what was stored is true of the corpus as it is now."""
    before, rows = workspace.before, workspace.rows
    if before is None or stored.state != _content_state(before, parameters, workspace):
        return False
    changed = [path for path, row in rows.items() if _differs(row, before.get(path))]
    gone = [path for path in before if path not in rows]
    if len(changed) > _FEW or any(path in stored.involved for path in (*changed, *gone)):
        return False
    if not changed:
        return True
    prints = seed_prints(workspace, parameters)
    paths = list(rows)
    return not _shares(
        [prints.get(p, _NOTHING) for p in changed], changed, paths, rows, prints, parameters
    )


def _differs(row: Row, before: Row | None) -> bool:
    """Tell whether what is compared of a seed may be another than before."""
    return before is None or (row.digest, row.format) != (before.digest, before.format)


def _shares(
    fresh: Sequence[SeedPrint],
    changed: Sequence[str],
    paths: Sequence[str],
    rows: Mapping[str, Row],
    prints: Mapping[str, SeedPrint],
    parameters: Parameters,
) -> bool:
    """Tell whether a changed seed has anything in common with another one."""
    digests = {rows[path].digest for path in changed}
    texts = {each.digest for each in fresh if each.digest}
    for path in paths:
        print_ = prints.get(path, _NOTHING)
        if path not in changed and (rows[path].digest in digests or print_.digest in texts):
            return True
    if len(digests) < len(changed) or len(texts) < sum(1 for each in fresh if each.digest):
        return True
    all_prints = [prints.get(path, _NOTHING) for path in paths]
    numbers = {path: number for number, path in enumerate(paths)}
    own = np.array([numbers[path] for path in changed])
    pairs = partners(gram_sets_of(fresh), gram_sets_of(all_prints), *thresholds(parameters))
    if (own[pairs.a] != pairs.b).any():
        return True
    # A passage within one seed is shared with itself: it keeps the fingerprint twice.
    marks = marks_of(fresh)
    if len(np.unique(marks.hashes)) < len(marks.hashes):
        return True
    sharers = np.flatnonzero(sharing(marks.hashes, marks_of(all_prints)))
    return bool(np.isin(sharers, own, invert=True).any())
