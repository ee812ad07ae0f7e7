"""The fingerprints of a workspace's seeds: made where they are missing, and read in parts.

A few columns of all are held; their 3-grams and marks, which take a kilobyte and more for each
kilobyte of text, stay where they are stored, and only what may make a pair or a passage is held.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seedkit.corpus.batches import Batches
from seedkit.corpus.pool import Job, Task, analyse_all
from seedkit.repeats import sieve
from seedkit.repeats.arrays import Flags, Hashes, Numbers, mix, running
from seedkit.repeats.find import thresholds
from seedkit.repeats.fingerprints import (
    FingerprintBatch,
    Fingerprints,
    fingerprint_texts,
    joined,
    pack_batch,
    unpack_batch,
)
from seedkit.repeats.grams import Sets
from seedkit.repeats.parameters import Parameters
from seedkit.repeats.set_similarity import likeness, take
from seedkit.store.database import CacheDatabase
from seedkit.store.file_table import FileTable

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_SMALL = 100  # fingerprints of seeds on a batch, up to which it is scattered
_TOGETHER = 128  # such batches that are put together
_SCATTERED = 64  # and so many, and one more for each hundred seeds, before that is done
_WHOLE = 1 << 22  # values up to which a sieve costs more than it saves

_KEPT = 1 << 25  # bytes of batches up to which they are read once

_NOWHERE = CacheDatabase(None)

Pieces = Callable[[], Iterable[bytes]]  # the same each time


def contents_of(file_table: FileTable) -> Hashes:
    """Return the digest of each file's bytes, as four numbers."""
    return np.frombuffer(file_table.digests, "<u8").astype(np.uint64, copy=False).reshape(-1, 4)


def seed_fingerprints(workspace: Workspace) -> SeedFingerprints:
    """Return the fingerprint of every seed that has one; what is not stored is computed."""
    made = workspace.batches
    pending = made.pending
    found = SeedFingerprints(workspace, lambda: pending)
    if not found.complete:
        found = _stored(workspace)
        if not found.complete:
            for batches in (made.fresh(), Batches(_NOWHERE)):  # if what is stored can't be read
                if not found.complete:
                    found.close()
                    _make(workspace, found.missing.tolist(), batches)
                    found = _stored(workspace)
        elif workspace.is_kept:
            scattered = found.held() <= _SMALL
            if np.count_nonzero(scattered) > _SCATTERED + len(found.slots) // 100:
                found.close()
                _gather(workspace, scattered)
                found = _stored(workspace)
    if workspace.is_kept:
        made.pending = []  # they are stored
    return found


def _stored(workspace: Workspace) -> SeedFingerprints:
    """Return the fingerprints in the cache database, and those that are not there yet."""
    made = workspace.batches
    reader, pending = made.stored(), made.pending

    def pieces() -> Iterator[bytes]:
        return chain((piece for _, piece in reader), pending)

    return SeedFingerprints(workspace, pieces, reader.close)


def _gather(workspace: Workspace, scattered: Flags) -> None:
    """Store what holds of `scattered` batches, as they come, on fewer."""
    few = iter(scattered.tolist())
    small: dict[int, bytes] = {}
    made = workspace.batches
    reader = made.stored()
    for number, piece in reader:
        with contextlib.suppress(ValueError):
            unpack_batch(piece)
            if next(few, False):
                small[number] = piece
    reader.close()
    found = SeedFingerprints(workspace, small.values)
    batches = []
    first = 0
    for batch in map(unpack_batch, small.values()):
        own = np.flatnonzero(found.owners[first : first + len(batch.paths)] >= 0)
        first += len(batch.paths)
        batches.append(_chosen(batch, own))
    together = [batches[at : at + _TOGETHER] for at in range(0, len(batches), _TOGETHER)]
    made.replace(small, map(_one, together))


def _chosen(batch: FingerprintBatch, which: Numbers) -> FingerprintBatch:
    paths, keys = ([column[each] for each in which.tolist()] for column in batch[:2])
    return FingerprintBatch(paths, keys, batch.contents[which], batch.fingerprints.take(which))


def _one(batches: list[FingerprintBatch]) -> bytes:
    return pack_batch(
        [path for batch in batches for path in batch.paths],
        [key for batch in batches for key in batch.keys],
        [row.astype("<u8", copy=False).tobytes() for batch in batches for row in batch.contents],
        joined([batch.fingerprints for batch in batches]),
    )


def _make(workspace: Workspace, missing: list[int], batches: Batches) -> None:
    """Make the fingerprints of some seeds from their bytes, as these are now, and store them."""
    file_table, names = workspace.files, workspace.format_names
    jobs: list[Job] = [
        (file_table.paths[index], names[file_table.kinds[index] - 1], b"") for index in missing
    ]
    formats = {name: workspace.formats[name] for _, name, _ in jobs if name}
    task = Task(formats, workspace.repeat_parameters(), workspace.fingerprint_keys())
    sizes = [file_table.signature(index).size for index in missing]
    results = analyse_all(
        jobs, workspace.source, task, workspace.workers, lambda _: workspace.pulse(), sizes
    )
    for chunk in results:
        for batch in chunk.batches:
            batches.keep(batch)
    batches.store()
    made = workspace.batches
    made.pending += batches.pending


class _Holds:
    """Tells whose the fingerprints of a batch are."""

    def __init__(self, workspace: Workspace) -> None:
        file_table = workspace.files
        keys = workspace.fingerprint_keys()
        self._at = file_table.at
        self._numbers = {key: number for number, key in enumerate(sorted(set(keys.values())))}
        kinds = [
            -1,
            *(self._numbers.get(keys.get(name, ""), -1) for name in workspace.format_names),
        ]
        self._wanted = np.array(kinds)[np.frombuffer(file_table.kinds, np.uint16)]
        self._contents = contents_of(file_table)

    def files(self, batch: FingerprintBatch) -> Numbers:
        """Return the file that each fingerprint is of, -1 if it has another content or format."""
        files = np.array([self._at.get(path, -1) for path in batch.paths], np.int64)
        made_with = np.array([self._numbers.get(key, -2) for key in batch.keys], np.int64)
        there = np.flatnonzero(files >= 0)
        own = files[there]
        holds = (self._contents[own] == batch.contents[there]).all(axis=1)
        holds &= self._wanted[own] == made_with[there]
        files[there[~holds]] = -1
        return files


class FingerprintPart(NamedTuple):
    """Some fingerprints; -1 in `files` stands for one of a content that is no more."""

    files: Numbers
    fingerprints: Fingerprints


class SeedFingerprints:
    """The fingerprints of seeds, by where they stand in the file table.

    That of file i is the one at `slots[i]` in storage, -1 for a file that has none. `tokens`,
    `digests` and `sizes` (of the sets of 3-grams) are those of `Fingerprints`; nothing comes last,
    which -1 means. They are `complete` unless a seed has changed before its own was made.
    """

    def __init__(
        self, workspace: Workspace, pieces: Pieces, close: Callable[[], None] = lambda: None
    ) -> None:
        self.close = close
        self.parameters = workspace.repeat_parameters()
        self._pieces = pieces
        self._kept: list[FingerprintBatch] | None = None  # all of them, if they are small
        self._pulse: Callable[[], None] = lambda: None
        file_table = workspace.files
        kinds = np.frombuffer(file_table.kinds, np.uint16)
        readable = contents_of(file_table).any(axis=1)
        self.slots = np.full(len(kinds), -1)
        self._read(workspace)
        self.missing: Numbers = np.flatnonzero((kinds > 0) & readable & (self.slots < 0))
        self.complete = not len(self.missing)
        self._pulse = workspace.pulse  # from now on: who reads them, closes them

    def _read(self, workspace: Workspace) -> None:
        """Find out whose each fingerprint is; of several the last."""
        holds = _Holds(workspace)
        none = fingerprint_texts([""], self.parameters)
        tokens, digests, sizes = [none.tokens[:0]], [none.digests[:0]], [none.tokens[:0]]
        first = 0
        self._counts: list[int] = []  # of each batch
        kept: list[FingerprintBatch] = []
        size = 0
        for batch in self._batches():
            size += batch.fingerprints.grams.values.nbytes + batch.fingerprints.marks.values.nbytes
            if size <= _KEPT:
                kept.append(batch)
            else:
                kept.clear()
            files = holds.files(batch)
            own = np.flatnonzero(files >= 0)
            self.slots[files[own]] = first + own
            tokens.append(batch.fingerprints.tokens)
            digests.append(batch.fingerprints.digests.copy())
            sizes.append(batch.fingerprints.grams.sizes())
            first += len(files)
            self._counts.append(len(files))
        self._kept = kept if size <= _KEPT else None
        zero = none.tokens[:1] * 0
        self.tokens: Numbers = np.concatenate([*tokens, zero])
        self.digests: Hashes = np.concatenate([*digests, none.digests])
        self.sizes: Numbers = np.concatenate([*sizes, zero])
        self.owners: Numbers = np.full(first, -1)
        with_one = np.flatnonzero(self.slots >= 0)
        self.owners[self.slots[with_one]] = with_one

    def _batches(self) -> Iterator[FingerprintBatch]:
        if self._kept is not None:
            for batch in self._kept:
                self._pulse()
                yield batch
            return
        for piece in self._pieces():
            self._pulse()
            with contextlib.suppress(ValueError):  # its seeds are missing, then
                yield unpack_batch(piece)

    def held(self) -> Numbers:
        """Return how many of the fingerprints of each batch are those of a seed."""
        holds = running((self.owners >= 0).astype(np.int64))
        edges = running(np.array(self._counts, np.int64))
        return np.diff(holds[edges])

    def of(self, files: Numbers) -> ChosenFingerprints:
        """Return those of some files."""
        return ChosenFingerprints(self, self.slots[files])

    def parts(self, values: int = 0) -> Iterator[FingerprintPart]:
        """Return all that are stored, part by part, each of at least so many values."""
        first = at = size = 0
        waiting: list[Fingerprints] = []
        for batch in self._batches():
            waiting.append(batch.fingerprints)
            at += len(batch.paths)
            size += len(batch.fingerprints.grams.values)
            if size >= values:
                yield FingerprintPart(self.owners[first:at], joined(waiting))
                waiting, first, size = [], at, 0
        if waiting:
            yield FingerprintPart(self.owners[first:at], joined(waiting))


class ChosenFingerprints:
    """The fingerprints of some files, in an order.

    `tokens`, `digests` and `sizes` (of the sets of 3-grams) are at hand; the rest is read.
    """

    def __init__(self, stored: SeedFingerprints, slots: Numbers) -> None:
        self.tokens: Numbers = stored.tokens[slots]
        self.digests: Hashes = stored.digests[slots]
        self.sizes: Numbers = stored.sizes[slots]
        self._stored = stored
        self._slots = slots

    def take(self, which: Numbers) -> Fingerprints:
        """Return those of some of the files, as far as these have anything in common.

        Where there are many, sets that are in no pair and marks that occur once are left out.
        """
        values = int(self.sizes[which].sum())
        parts = self._parts(which)
        if values > _WHOLE:
            parts = _sieved(lambda: self._parts(which), values, self._stored.parameters)
        return self._assembled(which, list(parts))

    def read(self) -> Fingerprints:
        """Return all of them whole."""
        which = np.arange(len(self.tokens))
        return self._assembled(which, list(self._parts(which)))

    def _parts(self, which: Numbers) -> Iterator[FingerprintPart]:
        """Return those of some files part by part, with the numbers of these in `which`."""
        place = np.full(len(self._stored.sizes), -1)
        place[self._slots[which]] = np.arange(len(which))
        place = place[:-1]  # nothing is what one without a fingerprint has
        first = 0
        for part in self._stored.parts():
            count = len(part.files)
            own = np.flatnonzero(place[first : first + count] >= 0)
            yield FingerprintPart(place[first + own], part.fingerprints.take(own))
            first += count

    def _assembled(self, which: Numbers, parts: list[FingerprintPart]) -> Fingerprints:
        """Return the parts in the order of the files; those that are left out are empty."""
        numbers = np.concatenate([np.zeros(0, np.int64), *(part.files for part in parts)])
        order = np.argsort(numbers, kind="stable")
        found = joined([part.fingerprints for part in parts]).take(order)
        sets = []
        for own in (found.grams, found.marks):
            sizes = np.zeros(len(which), np.int64)
            sizes[numbers[order]] = own.sizes()
            sets.append(Sets(own.values, running(sizes)))
        return Fingerprints(self.tokens[which], self.digests[which], *sets)


def _sieved(
    parts: Callable[[], Iterator[FingerprintPart]], values: int, parameters: Parameters
) -> Iterator[FingerprintPart]:
    """Return of each part what may be in a pair of sets, or share a mark."""
    like = likeness(*thresholds(parameters))
    bits = max(values.bit_length(), 10)
    grams, marks = sieve.cells(min(bits, 30)), sieve.cells(min(bits - 2, 28))
    for _, own in parts():
        sieve.see(grams, own.grams)
        sieve.see(marks, _mixed(own.marks))
    stays: list[Flags] = []
    rarest: list[Hashes] = []
    again: list[Sets] = []
    for _, own in parts():
        stay = sieve.survive(grams, own.grams, like)
        stays.append(stay)
        rarest.append(sieve.rarest(grams, take(own.grams, np.flatnonzero(stay)), like))
        twice = sieve.seen_again(marks, _mixed(own.marks))
        again.append(_only(own.marks, twice))
    named = sieve.name(rarest, min(bits, 27))
    del grams, marks
    for (files, own), stay, kept in zip(parts(), stays, again, strict=True):
        left = stay | sieve.meet(named, own.grams)
        some = np.flatnonzero(left | (kept.sizes() > 0))
        sets = _only(own.grams, np.repeat(left, own.grams.sizes()))
        few = Fingerprints(own.tokens, own.digests.copy(), sets, kept)  # lets the piece go
        yield FingerprintPart(files[some], few.take(some))


def _mixed(marks: Sets) -> Sets:
    return Sets(mix(marks.values), marks.bounds)  # winnowing has kept low ones


def _only(sets: Sets, wanted: Flags) -> Sets:
    """Return the sets with only some of their values."""
    return Sets(sets.values[wanted], running(wanted.astype(np.int64))[sets.bounds])
