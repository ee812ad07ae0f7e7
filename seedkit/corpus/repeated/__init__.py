"""The repeats of a workspace: as they were stored, brought up to date, or recomputed.

`fingerprints` has the fingerprints of all seeds, `texts` reads seeds again that repeat something,
`findings` puts into words what `seedkit.repeats` finds, and `update` compares. Here is what needs
none of that, if nothing has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedkit.core.diagnostic import Diagnostic
from seedkit.corpus.facts import unpack_findings
from seedkit.store.clusters import Cluster, StoredGroup

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_UNPACKED = "repeats"  # findings of clusters by their packed text


def repeat_findings(workspace: Workspace) -> list[Diagnostic]:
    """Return a finding for every seed and passage that repeats another, and for leaks of splits.

    Those of clusters that are as the last time are the same objects.
    """
    packed = [cluster.findings for cluster in _clusters(workspace)]
    memo = workspace.memo
    known = memo.get(_UNPACKED, {})
    assert isinstance(known, dict)
    unpacked = {text: known.get(text) or unpack_findings(text) for text in packed}
    memo[_UNPACKED] = unpacked
    found = [diagnostic for text in packed for diagnostic in unpacked[text]]
    formats = workspace.formats
    if any(spec.record is not None and spec.record.unit == "record" for spec in formats.values()):
        from seedkit.corpus.repeated.record_repeats import record_findings

        found += record_findings(workspace)
    if workspace.config.splits and workspace.seed_count:
        from seedkit.corpus.repeated.leaks import leak_findings

        found += leak_findings(workspace)
    return found


def seed_groups(workspace: Workspace) -> list[StoredGroup]:
    """Return the groups of seeds that repeat each other."""
    return [group for cluster in _clusters(workspace) for group in cluster.groups]


def _clusters(workspace: Workspace) -> list[Cluster]:
    if not workspace.seed_count:
        return []
    stored = workspace.stored_clusters()
    touched = None if stored is None else workspace.touched_since(stored.sequence)
    if stored is not None and touched is not None:
        if not touched:
            return [cluster for blob in stored.clusters.values() for cluster in blob]
        from seedkit.corpus.repeated.update import renew_clusters

        renewed = renew_clusters(workspace, stored, touched)
        if renewed is not None:
            return renewed
    from seedkit.corpus.repeated.update import find_clusters

    return find_clusters(workspace)
