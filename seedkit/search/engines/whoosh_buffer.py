"""Records that are not yet in a segment."""

from __future__ import annotations

import secrets
from array import array

import numpy as np

from seedkit.search.engines.whoosh_codec import DETAILS, Storage, write_columns
from seedkit.search.engines.whoosh_inverter import InvertedWriter, Occurrences
from seedkit.search.engines.whoosh_segment import INVERTED, OpenSegment, Segment, path_token
from seedkit.search.model import IndexRecord

_RECORD = 300  # bytes of memory, as measured with CPython 3.11


class Buffer:
    """Records to be written as one segment."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._known: set[str] = set()
        self._records = array("I")
        self._lengths = array("I")
        self._deleted: set[int] = set()
        self._fields = {name: Occurrences(detail) for name, detail in DETAILS.items()}

    def __len__(self) -> int:
        return len(self._paths)

    def memory(self) -> int:
        """Return about how many bytes are taken at most until all is written."""
        fields = [field.memory() for field in self._fields.values()]
        taken = sum(field for field, _ in fields) + len(self._paths) * _RECORD
        return taken + max(more for _, more in fields)

    def add(self, record: IndexRecord) -> None:
        """Take a record in."""
        self._paths.append(record.path)
        self._known.add(record.path)
        self._records.append(record.record)
        stems, words, tags = map(str.split, record[2:])
        self._lengths.append(len(stems))
        self._fields["path"].add([path_token(record.path)])
        self._fields["stems"].add(stems)
        self._fields["words"].add(words)
        self._fields["tags"].add(tags)

    def remove(self, paths: set[str]) -> None:
        """Drop the records of some seeds."""
        if not self._known.isdisjoint(paths):
            self._deleted.update(n for n, path in enumerate(self._paths) if path in paths)

    def merge(self, segment: OpenSegment) -> None:
        """Take in what is left of a segment."""
        live = [number for number in range(segment.size) if number not in segment.deleted]
        moved = np.full(segment.size, -1, np.int64)
        moved[live] = np.arange(len(self), len(self) + len(live))
        for name, field in self._fields.items():
            field.merge(segment.inverted.field(name), moved)
        self._paths.extend(map(segment.path, live))
        self._records.extend(map(segment.records.__getitem__, live))
        self._lengths.extend(map(segment.lengths.__getitem__, live))

    def write(self, storage: Storage) -> Segment:
        """Write all records as a new segment, and return it; nothing may be added any more."""
        segment = Segment(secrets.token_hex(8), len(self), self._deleted, [])
        columns = {
            "path": (path.encode() for path in self._paths),
            "record": self._records,
            "length": self._lengths,
        }
        write_columns(storage, segment, columns)
        with storage.create_file(segment.file(INVERTED)) as file:
            inverted = InvertedWriter(file.write)
            for name, field in self._fields.items():
                inverted.field(name, field.detail, field.turn())
            inverted.close()
        return segment
