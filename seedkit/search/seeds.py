"""Seeds read again for what a search shows of them, and to judge those that the index can't."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from seedkit.core.errors import SeedkitError
from seedkit.search.index.making import Makers

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace
    from seedkit.search.analysis import Analyser
    from seedkit.search.records import RecordMaker, RecordText


class Changed(Exception):
    """A seed is not any more what was indexed; the message is its path."""


class Seeds:
    """The seeds of a workspace, cut into records.

    With `sure`, one that is not what the workspace knows raises `Changed`; else it is taken as it
    is now.
    """

    def __init__(self, workspace: Workspace, analyser: Analyser, *, sure: bool) -> None:
        self._workspace = workspace
        self._sure = sure
        language = workspace.settings.config.language
        self._makers = Makers(workspace.layout, analyser, language)
        self._last: tuple[str, list[RecordText]] | None = None

    def record(self, path: str, number: int) -> RecordText | None:
        """Return a record, None if there is no such one; raises `Changed`."""
        records = self.records(path)
        return records[number] if number < len(records) else None

    def records(self, path: str) -> list[RecordText]:
        """Return all records of a seed, none for one that can't be read; raises `Changed`."""
        if self._last is None or self._last[0] != path:  # hits of a seed come one after the other
            self._last = path, self._read(path)
        return self._last[1]

    def stems(self, path: str) -> list[str]:
        """Return the stemmed tokens of each record of a seed; raises `Changed`."""
        found = self._load(path)
        return [] if found is None else [record.stems for record in found[0].index(path, found[1])]

    def _read(self, path: str) -> list[RecordText]:
        found = self._load(path)
        return [] if found is None else found[0].records(path, found[1])

    def _load(self, path: str) -> tuple[RecordMaker, bytes] | None:
        """What makes records of a seed, and its bytes."""
        try:
            data = self._workspace.source.read(path)
        except (OSError, SeedkitError):
            if self._sure:
                raise Changed(path) from None
            return None
        if self._sure:
            format_name = self._workspace.seed_format(path)
            digest = self._workspace.seed_digest(path)
            if format_name is None or digest != hashlib.sha256(data).digest():
                raise Changed(path)
        else:
            format_name = self._workspace.format_of(path)
        return self._makers.of(format_name), data
