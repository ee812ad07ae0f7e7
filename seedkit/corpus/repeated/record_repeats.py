"""Repeats among records, of formats that say so: `unit = "record"`.

Each record is a text to the stages that find the repeats of seeds, whichever seed it is in.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from seedkit.core.diagnostic import Diagnostic, Place, Related, fingerprint
from seedkit.core.rules import (
    REPEAT_BOILERPLATE,
    REPEAT_CONTAINED_SEED,
    REPEAT_NEAR_DUPLICATE,
    REPEAT_REPEATED_PASSAGE,
    REPEAT_SAME_TEXT,
)
from seedkit.core.text import visible
from seedkit.corpus.remembered import Parts, remembered
from seedkit.corpus.repeated.findings import within_others
from seedkit.corpus.repeated.records import FoundRecord, RecordReader, named, relation
from seedkit.repeats.arrays import Bounds, Hashes, Numbers, mix, running
from seedkit.repeats.find import Group, Passage, find_repeats
from seedkit.repeats.find import Place as Run
from seedkit.repeats.fingerprints import Fingerprints, fingerprint_texts, joined
from seedkit.repeats.fold import tokenize

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_RESULT = "records"
_BATCH = 4_000_000  # characters that are fingerprinted together
_RULES = {
    "same-text": REPEAT_SAME_TEXT,
    "near-duplicate": REPEAT_NEAR_DUPLICATE,
    "contained-seed": REPEAT_CONTAINED_SEED,
}


def record_findings(workspace: Workspace) -> list[Diagnostic]:
    """Return a finding for each record that repeats another, and each passage of records."""

    def find(parts: Parts) -> tuple[list[Diagnostic], bool]:
        reader = RecordReader(workspace)
        return list(_Records(workspace, parts["records"], reader).findings()), not reader.changed

    return remembered(
        workspace, _RESULT, workspace.repeat_parameters(), lambda: _parts(workspace), find
    )


def _parts(workspace: Workspace) -> dict[str, list[str]]:
    """Return the seeds whose records are compared; of copies, the first one."""
    skipped = workspace.skipped_seeds()
    paths: list[str] = []
    seen: set[bytes] = set()
    for path in sorted(workspace.seed_paths()):
        name = workspace.seed_format(path)
        if name and path not in skipped and workspace.layout(name).compares_records:
            digest = workspace.seed_digest(path) or b""
            if digest not in seen:
                paths.append(path)
            seen.add(digest)
    return {"records": paths}


class _Records:
    """The records of some seeds, numbered in order; of what is found, the texts and places."""

    def __init__(self, workspace: Workspace, paths: Sequence[str], reader: RecordReader) -> None:
        self._workspace = workspace
        self._paths = paths
        self._reader = reader
        self._seeds, self._numbers = array("q"), array("q")  # of each: its seed, its number there
        self._found: dict[int, FoundRecord] = {}
        self._edges: dict[int, tuple[Numbers, Numbers]] = {}  # where its tokens start and end

    def findings(self) -> Iterator[Diagnostic]:
        """Return the findings about records; none of those whose seed changes meanwhile."""
        parameters = self._workspace.repeat_parameters()
        fingerprints = self._fingerprints()
        none = np.zeros((len(self._seeds), 4), np.uint64)  # a record is no copy of bytes
        repeats = find_repeats(none, fingerprints, self._hashes, parameters)
        self._find(
            [n for g in repeats.groups for n in (g.representative, *(m.seed for m in g.members))]
        )
        if self._reader.changed:
            return
        for group in repeats.groups:
            yield from self._of_group(group)
        shared = within_others(repeats.passages, parameters)
        within: set[int] = set()  # records that are reported to repeat themselves
        for passage in repeats.passages:
            if passage.seeds > parameters.boilerplate_seeds:
                yield self._boilerplate(passage)
            else:
                yield from self._of_passage(passage, shared, within)

    def _fingerprints(self) -> Fingerprints:
        parts: list[Fingerprints] = []
        texts: list[str] = []
        length = 0
        parameters = self._workspace.repeat_parameters()
        for seed, path in enumerate(self._paths):
            read = self._reader.text(path)
            if read is None:
                continue
            for record in self._reader.records(path, read[0], damaged=read[1]):
                self._seeds.append(seed)
                self._numbers.append(record.number)
                texts.append("\n".join(part.text for part in record.parts))
                length += len(texts[-1]) + 1
                if length >= _BATCH:
                    parts.append(fingerprint_texts(texts, parameters))
                    texts, length = [], 0
                    self._workspace.pulse()
        return joined([*parts, fingerprint_texts(texts, parameters)])

    def _find(self, records: Sequence[int]) -> None:
        """Read some records again, if they are not known yet."""
        wanted: dict[int, dict[int, int]] = {}
        for record in records:
            if record not in self._found:
                wanted.setdefault(self._seeds[record], {})[self._numbers[record]] = record
        for (seed, number), found in self._reader.found(self._paths, wanted).items():
            self._found[wanted[seed][number]] = found

    def _hashes(self, records: Sequence[int]) -> tuple[Hashes, Bounds]:
        """Return the token hashes of some records, with one that is like no other between texts
        of a record, which no passage crosses, so."""
        self._find(records)
        found = [self._found.get(record) for record in records]
        parts = [[] if each is None else each.record.parts for each in found]
        tokens = tokenize([part.text for own in parts for part in own], characters=True)
        edges = list(pairwise(tokens.bounds.tolist()))
        hashes: list[Hashes] = []
        at = between = 0
        for record, own in zip(records, parts, strict=True):
            starts: list[Numbers] = []
            ends: list[Numbers] = []
            values: list[Hashes] = []
            for number, (part, (a, b)) in enumerate(
                zip(own, edges[at : at + len(own)], strict=True)
            ):
                if number:
                    between += 1
                    values.append(mix(np.array([between], np.uint64)))
                    starts.append(np.array([part.start], np.int64))
                    ends.append(np.array([part.start], np.int64))
                values.append(tokens.hashes[a:b])
                starts.append(tokens.starts[a:b].astype(np.int64) + part.start)
                ends.append(tokens.ends[a:b].astype(np.int64) + part.start)
            at += len(own)
            hashes.append(np.concatenate([np.zeros(0, np.uint64), *values]))
            self._edges[record] = (
                np.concatenate([np.zeros(0, np.int64), *starts]),
                np.concatenate([np.zeros(0, np.int64), *ends]),
            )
        bounds = running(np.array([len(each) for each in hashes], np.int64))
        return np.concatenate([np.zeros(0, np.uint64), *hashes]), bounds

    def _path(self, record: int) -> str:
        return self._paths[self._seeds[record]]

    def _name(self, record: int) -> str:
        return named(self._path(record), self._numbers[record])

    def _of_group(self, group: Group) -> Iterator[Diagnostic]:
        for member in group.members:
            record, other = member.seed, group.representative
            if member.larger and group.kind == "contained-seed":
                record, other = other, record  # the smaller one is what repeats
            near = group.kind == "near-duplicate"
            share = member.similarity if near else member.containment
            path, origin = self._path(record), self._path(other)
            here, there = self._found[record], self._found[other]
            rule = _RULES[group.kind]
            words = "\0".join(" ".join(each.words.casefold().split()) for each in (here, there))
            yield rule.diagnostic(
                relation(group.kind, share, self._name(record), self._name(other), larger=False),
                here.whole(path),
                help="remove one of them, or accept both",
                related=(Related(there.whole(origin), "the other"),),
                fingerprint=fingerprint(rule.name, f"{origin}\0{words}"),
            )

    def _place(self, run: Run) -> Place:
        starts, ends = self._edges[run.seed]
        start, end = int(starts[run.start]), int(ends[run.start + run.tokens - 1])
        return self._found[run.seed].place(self._path(run.seed), start, end)

    def _words(self, run: Run) -> str:
        place = self._place(run)
        assert place.start is not None and place.end is not None  # a run has a place
        starts, ends = self._edges[run.seed]
        text = self._found[run.seed].lines.text
        cut = text[int(starts[run.start]) : int(ends[run.start + run.tokens - 1])]
        return " ".join(cut.casefold().split())

    def _boilerplate(self, passage: Passage) -> Diagnostic:
        first, *others = passage.places
        return REPEAT_BOILERPLATE.diagnostic(
            f"{passage.tokens} words occur in {passage.seeds:,} records",
            self._place(first),
            related=tuple(Related(self._place(other), "also here") for other in others[:2]),
            fingerprint=fingerprint(REPEAT_BOILERPLATE.name, self._words(first)),
        )

    def _of_passage(
        self, passage: Passage, shared: set[Run], within: set[int]
    ) -> Iterator[Diagnostic]:
        """Say of each record but the first that it has the passage too; that it repeats itself is
        said once of a record."""
        first, *others = passage.places
        seen: set[int] = set()
        for place in others or [first]:
            record = place.seed
            if place in shared or record in (within if record == first.seed else seen):
                continue
            seen.add(record)
            where = f"in {self._name(first.seed)}"
            if record == first.seed:
                within.add(record)
                where = "earlier in it"
            message = f"{passage.tokens} words of {self._name(record)} also occur {where}"
            if not others:
                message = f"{passage.tokens} words of {self._name(record)} repeat themselves"
            subject = f"{visible(self._path(first.seed))}\0{self._words(first)}"
            yield REPEAT_REPEATED_PASSAGE.diagnostic(
                message,
                self._place(place),
                related=(Related(self._place(first), "first here"),) if others else (),
                fingerprint=fingerprint(REPEAT_REPEATED_PASSAGE.name, subject),
            )
