"""Rows as the index is compared with them. Apart from `facts`: most runs read no index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seedkit.corpus.facts import unpack_groups
from seedkit.manifest import SeedSummary
from seedkit.store.database import Row


class Summaries(Mapping[str, SeedSummary]):
    """The summary of each row, made when it is asked for."""

    def __init__(self, rows: Mapping[str, Row], unique: Mapping[str, Sequence[str]]) -> None:
        """`unique` are the groups, by format, that no two seeds share."""
        self._rows, self._unique = rows, unique

    def __getitem__(self, path: str) -> SeedSummary:
        row = self._rows[path]
        return SeedSummary(
            format=row.format,
            title=row.title,
            size=row.signature.size if row.digest else -1,  # it was not read: nobody knows
            records=row.records if row.records > 0 else -1,
            sha256=row.digest.hex(),
            groups=unpack_groups(row.groups),
            unique=self._unique.get(row.format, ()),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, path: object) -> bool:
        return path in self._rows
