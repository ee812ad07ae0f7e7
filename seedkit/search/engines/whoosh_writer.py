"""One batch of changes to an index: what is removed is marked, what is added is a new segment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable

from seedkit.search.engines import whoosh_codec
from seedkit.search.engines.whoosh_buffer import Buffer
from seedkit.search.engines.whoosh_codec import Storage
from seedkit.search.engines.whoosh_errors import translated
from seedkit.search.engines.whoosh_segment import OpenSegment, close_all, open_commit
from seedkit.search.model import IndexBusy, IndexRecord

_LOOK = 1_000_000  # characters of tokens, between looks at how much memory they take
_FIRST_DELAY, _LONGEST_DELAY = 0.01, 0.25  # seconds between attempts to get the lock

# A segment is rewritten with what is being added if it has at most so many times the records.
# So there are never many, and few records are written often (O'Neil et al. 1996, "The
# log-structured merge-tree").
_RATIO = 1

_UNPACKED = 25  # bytes of memory, to merge one byte of an inverted file


def create(directory: str) -> None:
    """Make an empty index in an empty folder; raises `IndexDamaged` or `OSError`."""
    with translated():
        whoosh_codec.create(Storage(directory))


class Writer:
    """Holds the index's lock from the beginning to `commit` or `close`.

    Raises `IndexBusy` if it can't be had in `patience` seconds, `IndexDamaged` or `OSError`. When
    records take more than `memory` bytes they become a segment, which counts with the others.
    """

    def __init__(self, directory: str, patience: float, memory: int) -> None:
        self._storage = Storage(directory)
        self._memory = memory
        self._buffer = Buffer()
        self._changed = False
        self._added = 0
        with translated():
            self._lock = self._storage.write_lock()
            self._wait(patience)
            try:
                self._commit, self._segments = open_commit(directory)
            except BaseException:
                self._lock.release()
                raise
        self._committed = [segment.segment for segment in self._segments]

    def _wait(self, patience: float) -> None:
        end = time.monotonic() + patience
        delay = _FIRST_DELAY
        while not self._lock.acquire():
            left = end - time.monotonic()
            if left <= 0:
                raise IndexBusy("another process is writing to the search index")
            time.sleep(min(left, delay * random.uniform(0.5, 1.0)))  # two that wait must part ways
            delay = min(delay * 2, _LONGEST_DELAY)

    def remove(self, paths: Iterable[str]) -> None:
        """Take out every record of the seeds, whether there are any or not."""
        gone = set(paths)
        self._buffer.remove(gone)
        with translated():
            for segment in self._segments:
                found = segment.of_paths(gone) - segment.deleted
                segment.deleted |= found
                self._changed |= bool(found)

    def add(self, record: IndexRecord) -> None:
        """Put a record in; one with the same path and number must have been removed."""
        self._changed = True
        self._buffer.add(record)
        self._added += len(record.stems) + len(record.words) + len(record.tags)
        if self._added > _LOOK:
            self._added = 0
            if self._buffer.memory() > self._memory:
                with translated():
                    self._flush()

    def _flush(self) -> None:
        segment = self._buffer.write(self._storage)
        self._buffer = Buffer()
        self._segments.append(OpenSegment(self._storage.folder, segment))

    def commit(self) -> None:
        """Make all changes seen at once, and lasting; the writer is of no use afterwards."""
        try:
            with translated():
                if self._changed:
                    self._write()
        finally:
            self.close()

    def _write(self) -> None:
        for segment in self._to_merge():
            self._buffer.merge(segment)
            self._segments.remove(segment)
            segment.close()
        if len(self._buffer):
            self._flush()
        segments = [each.segment for each in self._segments if each.live]
        close_all(self._segments)  # Windows removes no file that is open
        whoosh_codec.commit(self._storage, self._commit + 1, segments)
        self._changed = False

    def _to_merge(self) -> list[OpenSegment]:
        chosen = []
        size = len(self._buffer)
        room = self._memory - self._buffer.memory()
        old = self._segments[: len(self._committed)]  # not those for which memory was short
        for segment in sorted(old, key=lambda each: each.live):
            small = segment.live <= _RATIO * size or 2 * segment.live < segment.size
            takes = segment.bytes * _UNPACKED * segment.live // segment.size
            if segment.live and small and takes <= room:
                chosen.append(segment)
                size += segment.live
                room -= takes
        return chosen

    def close(self) -> None:
        """Release the index; what was not committed is dropped."""
        close_all(self._segments)
        if self._lock.fd is not None:
            if self._changed:
                whoosh_codec.clean(self._storage, self._commit, self._committed)
            self._lock.release()
