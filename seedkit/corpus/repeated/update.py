"""The repeats of a workspace: recomputed, or those that were stored, brought up to date.

What is stored are clusters of seeds that have something in common. A seed that changed may leave
the cluster it was in, and join those of the seeds that it shares something with now, which takes a
look through the stored fingerprints. These clusters are recomputed, all others stay as they are.

The fingerprints of a workspace's seeds: read from the cache database, made where they are missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seedkit.core.diagnostic import Diagnostic
from seedkit.corpus.facts import pack_findings
from seedkit.corpus.pool import Job, Task, analyse_all
from seedkit.corpus.repeated.findings import CorpusRepeats, Texts, findings
from seedkit.repeats.arrays import Flags, Hashes, Numbers
from seedkit.repeats.find import find_repeats, thresholds
from seedkit.repeats.fingerprints import (
    FingerprintBatch,
    Fingerprints,
    fingerprint_texts,
    joined,
    pack_batch,
    unpack_batch,
)
from seedkit.repeats.overlap import likeness
from seedkit.repeats.passages import sharing
from seedkit.repeats.similar import partners
from seedkit.store.clusters import Cluster, Stored, StoredGroup
from seedkit.store.file_table import EMPTY, FileTable

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_BATCH = 500  # seeds on a batch that is rewritten
_SCATTERED = 64  # batches, and one more for each hundred seeds, before that is done


class SeedFingerprints(NamedTuple):
    """The fingerprints of seeds, by where they stand in the file table.

    That of file i is number `slots[i]` of `fingerprints`; the last one, which -1 means, is that of
    a text without tokens. `owners` says whose each is, -1 for one of a content that is no more.
    They are `complete` unless a seed has changed before its own was made.
    """

    fingerprints: Fingerprints
    slots: Numbers
    owners: Numbers
    complete: bool

    def of(self, files: Numbers) -> Fingerprints:
        """Return the fingerprints of some files."""
        return self.fingerprints.take(self.slots[files] % len(self.fingerprints.tokens))


def contents_of(file_table: FileTable) -> Hashes:
    """Return the digest of each file's bytes, as four numbers."""
    return np.frombuffer(file_table.digests, "<u8").astype(np.uint64, copy=False).reshape(-1, 4)


def copyable(file_table: FileTable) -> Flags:
    """Tell which files can be copies of another: seeds with any text."""
    kinds = np.frombuffer(file_table.kinds, np.uint16)
    flags = np.frombuffer(file_table.flags, np.uint8)
    found: Flags = (kinds > 0) & (flags & EMPTY == 0)
    return found


def seed_fingerprints(workspace: Workspace) -> SeedFingerprints:
    """Return the fingerprint of every seed that has one; what is not stored is computed."""
    kinds = np.frombuffer(workspace.files.kinds, np.uint16)
    wanted = (kinds > 0) & contents_of(workspace.files).any(axis=1)  # seeds that could be read
    batches = list(_unpacked(enumerate(workspace.batches.pending)).values())
    slots = _slots(workspace, batches)
    if (wanted & (slots < 0)).any():
        stored = _unpacked(workspace.database.pieces("fingerprints").items())
        batches = [*stored.values(), *batches]
        slots = _slots(workspace, batches)
        missing = np.flatnonzero(wanted & (slots < 0))
        if len(missing):
            made = list(_made(workspace, missing.tolist()))
            workspace.database.replace_pieces("fingerprints", (), made)
            workspace.batches.pending += made
            batches += map(unpack_batch, made)
            slots = _slots(workspace, batches)
        elif len(stored) > _SCATTERED + len(slots) // 100 and workspace.cursor is not None:
            _gather(workspace, stored)
    if workspace.cursor is not None:
        workspace.batches.pending.clear()  # they are stored
    nothing = fingerprint_texts([""], workspace.repeat_parameters())
    fingerprints = joined([*(batch.fingerprints for batch in batches), nothing])
    owners = np.full(len(fingerprints.tokens), -1)
    held = np.flatnonzero(slots >= 0)
    owners[slots[held]] = held
    return SeedFingerprints(fingerprints, slots, owners, bool((slots[wanted] >= 0).all()))


def _unpacked(pieces: Iterable[tuple[int, bytes]]) -> dict[int, FingerprintBatch]:
    batches: dict[int, FingerprintBatch] = {}
    for number, piece in pieces:
        with contextlib.suppress(ValueError):  # its seeds are missing, then
            batches[number] = unpack_batch(piece)
    return batches


def _slots(workspace: Workspace, batches: Iterable[FingerprintBatch]) -> Numbers:
    """Which of the batches' fingerprints is that of each file; of several the last."""
    file_table, assignment = workspace.files, workspace.assignment
    keys = assignment.fingerprint_keys()
    numbers = {key: number for number, key in enumerate(sorted(set(keys.values())))}
    by_kind = np.array([-1, *(numbers.get(keys.get(name, ""), -1) for name in assignment.names)])
    wanted = by_kind[np.frombuffer(file_table.kinds, np.uint16)]
    contents = contents_of(file_table)
    slots = np.full(len(wanted), -1)
    first = 0
    for batch in batches:
        files = np.array([file_table.at.get(path, -1) for path in batch.paths], np.int64)
        made_with = np.array([numbers.get(key, -2) for key in batch.keys], np.int64)
        held = np.flatnonzero(files >= 0)
        files = files[held]
        holds = (contents[files] == batch.contents[held]).all(axis=1)
        holds &= wanted[files] == made_with[held]
        slots[files[holds]] = first + held[holds]
        first += len(batch.paths)
    return slots


def _made(workspace: Workspace, missing: list[int]) -> Iterator[bytes]:
    """Make the fingerprints of some seeds from their bytes, as these are now."""
    file_table, assignment = workspace.files, workspace.assignment
    names = assignment.names
    jobs: list[Job] = [
        (file_table.paths[index], names[file_table.kinds[index] - 1], b"") for index in missing
    ]
    formats = {name: workspace.settings.formats[name] for _, name, _ in jobs if name}
    task = Task(formats, workspace.repeat_parameters(), assignment.fingerprint_keys())
    results = analyse_all(jobs, workspace.source, task, workspace.workers, lambda done: None)
    return (chunk.batch for chunk in results if chunk.batch)


def _gather(workspace: Workspace, stored: dict[int, FingerprintBatch]) -> None:
    """Store what holds of many small batches on fewer."""
    slots = _slots(workspace, stored.values())
    paths = [path for batch in stored.values() for path in batch.paths]
    keys = [key for batch in stored.values() for key in batch.keys]
    contents = [row for batch in stored.values() for row in batch.contents]
    fingerprints = joined([batch.fingerprints for batch in stored.values()])
    held = slots[slots >= 0]
    batches = []
    for at in range(0, len(held), _BATCH):
        some = held[at : at + _BATCH]
        chosen = some.tolist()
        batches.append(
            pack_batch(
                [paths[each] for each in chosen],
                [keys[each] for each in chosen],
                [contents[each].astype("<u8", copy=False).tobytes() for each in chosen],
                fingerprints.take(some),
            )
        )
    workspace.database.replace_pieces("fingerprints", stored, batches)


_FEW = 100  # changed seeds; for more, everything is compared again
_LOAD = 0.25  # of `find_repeats`; from here on, what is found in one cluster may depend on others


def find(workspace: Workspace) -> CorpusRepeats:
    """Return the repeats of the workspace as it is."""
    return _find_among(workspace, seed_fingerprints(workspace), _seeds(workspace))


def _seeds(workspace: Workspace) -> Numbers:
    return np.flatnonzero(np.frombuffer(workspace.files.kinds, np.uint16))


def _find_among(
    workspace: Workspace, fingerprints: SeedFingerprints, files: Numbers
) -> CorpusRepeats:
    """Return the repeats among some seeds, numbered in the order of their paths."""
    file_table = workspace.files
    files = np.array(sorted(files.tolist(), key=file_table.paths.__getitem__), np.int64)
    paths = [file_table.paths[file] for file in files.tolist()]
    digests = [file_table.digest(file) for file in files.tolist()]
    contents = np.where(copyable(file_table)[files][:, None], contents_of(file_table)[files], 0)
    own = fingerprints.of(files)
    texts = Texts(workspace, paths)
    repeats = find_repeats(contents, own, texts.hashes, workspace.repeat_parameters())
    return CorpusRepeats(paths, digests, own, repeats, texts)


def find_clusters(workspace: Workspace) -> list[Cluster]:
    """Recompute the clusters of all seeds, and store them."""
    fingerprints = seed_fingerprints(workspace)
    found = _find_among(workspace, fingerprints, _seeds(workspace))
    clusters = list(_of(workspace, found))
    if fingerprints.complete and not found.texts.changed:
        none = Stored(0, found.repeats.load, 0, {}, {})
        workspace.store_clusters(none, clusters, None)
    return clusters


def _of(workspace: Workspace, found: CorpusRepeats) -> Iterator[Cluster]:
    """Return the clusters of what was found."""
    labels = found.repeats.clusters
    diagnostics: dict[int, list[Diagnostic]] = {}
    for label, diagnostic in findings(found, workspace.repeat_parameters()):
        diagnostics.setdefault(label, []).append(diagnostic)
    groups: dict[int, list[StoredGroup]] = {}
    for group in found.repeats.groups:
        members = tuple(found.paths[member.seed] for member in group.members)
        each = StoredGroup(group.kind, found.paths[group.representative], members)
        groups.setdefault(int(labels[group.representative]), []).append(each)
    seeds: dict[int, list[str]] = {}
    for seed in np.flatnonzero(labels >= 0).tolist():
        seeds.setdefault(int(labels[seed]), []).append(found.paths[seed])
    for label, paths in seeds.items():
        yield Cluster(paths, groups.get(label, []), pack_findings(diagnostics.get(label, [])))


def renew_clusters(workspace: Workspace, stored: Stored, touched: set[str]) -> list[Cluster] | None:
    """Return the stored clusters brought up to date, and store them; None if all is better found
    again. Since they were stored, the `touched` seeds have changed."""
    file_table = workspace.files
    changes = stored.changes + len(touched)
    if len(touched) > _FEW or changes > _FEW + file_table.seed_count // 10:
        return None
    fresh = np.array(
        [file_table.at[path] for path in touched if workspace.is_there(path)], np.int64
    )
    near = set(touched)
    fingerprints = None
    if len(fresh):
        fingerprints = seed_fingerprints(workspace)
        near.update(file_table.paths[file] for file in _neighbours(workspace, fingerprints, fresh))
    # A piece with a cluster that is touched is stored again, with its clusters that are not.
    whole = {n: p for n, p in stored.pieces.items() if all(near.isdisjoint(c.seeds) for c in p)}
    broken = [cluster for n, p in stored.pieces.items() if n not in whole for cluster in p]
    apart = [cluster for cluster in broken if near.isdisjoint(cluster.seeds)]
    near.update(seed for each in broken if not near.isdisjoint(each.seeds) for seed in each.seeds)
    files = np.array([file_table.at[path] for path in near if workspace.is_there(path)], np.int64)
    load, sure = stored.load, True
    if len(files):
        fingerprints = fingerprints or seed_fingerprints(workspace)
        found = _find_among(workspace, fingerprints, files)
        load += found.repeats.load
        apart += _of(workspace, found)
        sure = fingerprints.complete and not found.texts.changed
    if load > _LOAD:
        return None
    if sure:
        sums = {number: stored.sums[number] for number in whole}
        now = Stored(0, load, changes, whole, sums)
        workspace.store_clusters(now, apart, stored.pieces.keys() - whole.keys())
    return [*chain.from_iterable(whole.values()), *apart]


def _neighbours(workspace: Workspace, fingerprints: SeedFingerprints, fresh: Numbers) -> list[int]:
    """Return the files that have anything in common with one of a few, these among them."""
    parameters = workspace.repeat_parameters()
    contents = contents_of(workspace.files)
    able = copyable(workspace.files)
    copies = able & np.isin(contents[:, 0], contents[fresh][able[fresh], 0])
    own, all_ = fingerprints.of(fresh), fingerprints.fingerprints
    digests = own.digests[own.tokens > 0, 0]
    same = (all_.tokens > 0) & np.isin(all_.digests[:, 0], digests)
    near, contained = thresholds(parameters)
    pairs = partners(own.grams, all_.grams, near, contained)
    a, b = own.grams.sizes()[pairs.a], all_.grams.sizes()[pairs.b]
    alike = likeness(near, contained, jaccard_only=True).holds(pairs.shared, a, b)
    # Of which the smaller one is too short, one is not contained in the other.
    long = np.where(a < b, own.tokens[pairs.a], all_.tokens[pairs.b]) >= parameters.passage_tokens
    long |= (a == b) & (own.tokens[pairs.a] >= parameters.passage_tokens)
    same[pairs.b[alike | long]] = True
    same |= sharing(own.marks.values, all_.marks)
    owners = fingerprints.owners[same]
    found: list[int] = np.unique(
        np.concatenate((np.flatnonzero(copies), owners[owners >= 0]))
    ).tolist()
    return found
