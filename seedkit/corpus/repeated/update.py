"""The repeats of a workspace: recomputed, or those that were stored, brought up to date.

What is stored are clusters of seeds that have something in common. A seed that changed may leave
the cluster it was in, and join those of the seeds that it shares something with now, which takes a
look through the stored fingerprints. These clusters are recomputed, all others stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from seedkit.core.diagnostic import Diagnostic
from seedkit.corpus.facts import pack_findings
from seedkit.corpus.repeated.findings import CorpusRepeats, Texts, findings
from seedkit.corpus.repeated.fingerprints import (
    SeedFingerprints,
    contents_of,
    seed_fingerprints,
)
from seedkit.repeats.arrays import Flags, Numbers
from seedkit.repeats.find import find_repeats, thresholds
from seedkit.repeats.passages import sharing
from seedkit.repeats.set_similarity import likeness
from seedkit.repeats.similar import partners
from seedkit.store.clusters import Cluster, Stored, StoredGroup
from seedkit.store.file_table import EMPTY, FileTable

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_FEW = 100  # changed seeds; for more, everything is compared again
_LOAD = 0.25  # of `find_repeats`; from here on, what is found in one cluster may depend on others
_PART = 1 << 21  # values of fingerprints that are scanned at once


def copyable(file_table: FileTable) -> Flags:
    """Tell which files can be copies of another: seeds with any text."""
    kinds = np.frombuffer(file_table.kinds, np.uint16)
    flags = np.frombuffer(file_table.flags, np.uint8)
    found: Flags = (kinds > 0) & (flags & EMPTY == 0)
    return found


def find(workspace: Workspace) -> CorpusRepeats:
    """Return the repeats of the workspace as it is."""
    return _find_among(workspace, seed_fingerprints(workspace), _seeds(workspace))


def _seeds(workspace: Workspace) -> Numbers:
    file_table = workspace.files
    return np.flatnonzero(np.frombuffer(file_table.kinds, np.uint16))


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
    parameters, pulse = workspace.repeat_parameters(), workspace.pulse
    repeats = find_repeats(contents, own, texts.hashes, parameters, pulse)
    return CorpusRepeats(paths, digests, own, repeats, texts)


def find_clusters(workspace: Workspace) -> list[Cluster]:
    """Recompute the clusters of all seeds, and store them."""
    with closing(seed_fingerprints(workspace)) as fingerprints:
        workspace.pulse()
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
        workspace.pulse()
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
    with ExitStack() as opened:
        near = set(touched)
        fingerprints = None
        if len(fresh):
            fingerprints = opened.enter_context(closing(seed_fingerprints(workspace)))
            workspace.pulse()
            near.update(
                file_table.paths[file] for file in _neighbours(workspace, fingerprints, fresh)
            )
        # A piece with a cluster that is touched is stored again, with its clusters that are not.
        whole = {
            n: p for n, p in stored.clusters.items() if all(near.isdisjoint(c.seeds) for c in p)
        }
        broken = [cluster for n, p in stored.clusters.items() if n not in whole for cluster in p]
        apart = [cluster for cluster in broken if near.isdisjoint(cluster.seeds)]
        near.update(
            seed for each in broken if not near.isdisjoint(each.seeds) for seed in each.seeds
        )
        files = np.array(
            [file_table.at[path] for path in near if workspace.is_there(path)], np.int64
        )
        load, sure = stored.load, True
        if len(files):
            if fingerprints is None:
                fingerprints = opened.enter_context(closing(seed_fingerprints(workspace)))
            found = _find_among(workspace, fingerprints, files)
            load += found.repeats.load
            apart += _of(workspace, found)
            sure = fingerprints.complete and not found.texts.changed
    if load > _LOAD:
        return None
    if sure:
        sums = {number: stored.sums[number] for number in whole}
        now = Stored(0, load, changes, whole, sums)
        workspace.store_clusters(now, apart, stored.clusters.keys() - whole.keys())
    return [*chain.from_iterable(whole.values()), *apart]


def _neighbours(workspace: Workspace, fingerprints: SeedFingerprints, fresh: Numbers) -> list[int]:
    """Return the files that have anything in common with one of a few, these among them."""
    parameters = workspace.repeat_parameters()
    contents = contents_of(workspace.files)
    able = copyable(workspace.files)
    copies = able & np.isin(contents[:, 0], contents[fresh][able[fresh], 0])
    own = fingerprints.of(fresh).read()
    digests = own.digests[own.tokens > 0, 0]
    near, contained = thresholds(parameters)
    found: list[Numbers] = [np.flatnonzero(copies)]
    for owners, others in fingerprints.parts(_PART):
        same = (others.tokens > 0) & np.isin(others.digests[:, 0], digests)
        workspace.pulse()
        pairs = partners(own.grams, others.grams, near, contained)
        a, b = own.grams.sizes()[pairs.a], others.grams.sizes()[pairs.b]
        alike = likeness(near, contained, jaccard_only=True).holds(pairs.shared, a, b)
        # Of which the smaller one is too short, one is not contained in the other.
        tokens = np.where(a < b, own.tokens[pairs.a], others.tokens[pairs.b])
        long = tokens >= parameters.passage_tokens
        long |= (a == b) & (own.tokens[pairs.a] >= parameters.passage_tokens)
        same[pairs.b[alike | long]] = True
        same |= sharing(own.marks.values, others.marks)
        found.append(owners[same & (owners >= 0)])
    near_ones: list[int] = np.unique(np.concatenate(found)).tolist()
    return near_ones
