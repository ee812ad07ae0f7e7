"""INDEX.md, the manifest: reading it, comparing it with the seeds, writing rows into it.

Pure: whatever has to be read is read by a function that the caller gives. From the text up:
`target` and `inline` (links), `plain` (what a text says), `html` and `blocks` (CommonMark's block
structure), `parse` (tables and lists, as in `model`), `load` (with what is included), `listing`
(which links list what), `values`, `renames` and `compare` (against the seeds), `cells`, `rows` and
`inserts` (new content in the manner of the old), `edits` (of a row that is there).

What an index may say of a seed. A module of its own: who makes summaries reads no index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class SeedSummary(NamedTuple):
    """What the index may say of a seed, taken from the seed. Empty texts are not compared."""

    format: str
    title: str
    size: int
    records: int
    sha256: str
    groups: Mapping[str, str]
    unique: Sequence[str] = ()  # groups that no two seeds have in common


__all__ = ["SeedSummary"]
