"""What an index may say of a seed. A module of its own: who makes summaries reads no index."""

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
