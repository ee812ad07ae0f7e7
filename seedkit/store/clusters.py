"""What is stored of repeats: clusters of seeds that have something in common, each by itself.

Seeds of different clusters have nothing to do with each other. So after a change only the clusters
it touches are recomputed, and the others are taken as they were stored.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from seedkit.core.files import checksum
from seedkit.store.changelog import Cursor
from seedkit.store.database import CacheDatabase

_KIND = "cluster"
_TOGETHER = 64  # clusters in a blob


class StoredGroup(NamedTuple):
    """Seeds that repeat their representative; it is not among the members."""

    kind: str
    representative: str
    members: tuple[str, ...]


class Cluster(NamedTuple):
    """Seeds that have something in common, by way of each other; the groups among them; and the
    findings about them, as `facts` packs them."""

    seeds: list[str]
    groups: list[StoredGroup]
    findings: str


class Stored(NamedTuple):
    """All clusters by the number of the blob that they are stored in, and when in the log that
    was so.

    `load` is that of `repeats.find`, `changes` how many seeds have changed since everything was
    compared with everything; `sums` are the blobs' checksums.
    """

    sequence: int
    load: float
    changes: int
    clusters: dict[int, list[Cluster]]
    sums: dict[int, int]


def read_clusters(database: CacheDatabase, cursor: Cursor, tag: str) -> Stored | None:
    """Return the clusters that were stored last; None if there are none, or they are damaged, or
    were found with other settings than `tag` names."""
    text = database.result(_KIND)
    if text is None:
        return None
    try:
        identity, found, sequence, load, changes, count, total = json.loads(text)
        if (identity, found) != (cursor.identity, tag):
            return None
        blobs = database.blobs(_KIND)
        sums = {number: checksum(blob) for number, blob in blobs.items()}
        if len(sums) != count or sum(sums.values()) != total:
            return None
        clusters = {number: list(_unpack(blob)) for number, blob in blobs.items()}
        return Stored(int(sequence), float(load), int(changes), clusters, sums)
    except (ValueError, TypeError, LookupError):
        return None


def write_clusters(
    database: CacheDatabase,
    cursor: Cursor,
    tag: str,
    kept: Stored,
    added: Sequence[Cluster],
    dropped: Collection[int] | None = None,
) -> None:
    """Store clusters in place of the `dropped` blobs, or of all, if the log stands at `cursor`.

    `kept` are the blobs that stay, and how it was with them.
    """
    new = [_pack(added[at : at + _TOGETHER]) for at in range(0, len(added), _TOGETHER)]
    sums = [*kept.sums.values(), *map(checksum, new)]
    header = [cursor.identity, tag, cursor.sequence, kept.load, kept.changes, len(sums), sum(sums)]
    database.store_result(cursor, _KIND, json.dumps(header), dropped, new)


def _pack(clusters: Sequence[Cluster]) -> bytes:
    header = json.dumps([[each.seeds, each.groups] for each in clusters], separators=(",", ":"))
    return "\n".join([header, *(each.findings for each in clusters)]).encode()


def _unpack(blob: bytes) -> Iterator[Cluster]:
    header, *findings = blob.decode().split("\n")
    for (seeds, groups), text in zip(json.loads(header), findings, strict=True):
        members = [StoredGroup(kind, first, tuple(rest)) for kind, first, rest in groups]
        yield Cluster(seeds, members, text)
