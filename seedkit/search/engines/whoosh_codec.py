"""What seedkit adds to Whoosh, by the doors that Whoosh has for it: schema, codec, storage.

An index is one that `whoosh.index.open_dir` opens and Whoosh's own queries search. Columns,
segments, commits and the lock are Whoosh's; only the inverted files are not, and that commits are
flushed to the disk.
"""

from __future__ import annotations

import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate
from typing import Any

from whoosh.codec.base import TermsReader
from whoosh.codec.whoosh3 import W3Codec, W3PerDocReader, W3Segment
from whoosh.columns import NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, ID, FieldType, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Existence, Frequency, Positions
from whoosh.index import TOC, clean_files
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from seedkit.search.engines.whoosh_inverted import (
    COUNTED,
    EXISTS,
    POSITIONED,
    Block,
    InvertedFile,
    Postings,
    pack,
    unpack,
)
from seedkit.search.engines.whoosh_segment import INDEX, INVERTED, Segment, with_segments

DETAILS = {"path": EXISTS, "stems": COUNTED, "tags": EXISTS, "words": POSITIONED}
_LOCK = f"{INDEX}_WRITELOCK"  # as Whoosh's own writers call it


class PackedPositions(Positions):  # type: ignore[misc]
    """Positions as the inverted file has them, for Whoosh's queries."""

    def decode_positions(self, value: bytes) -> list[int]:
        """Return the positions in a posting."""
        return list(unpack(value))


def _columns() -> dict[str, Any]:
    return {"path": VarBytesColumn(), "record": NumericColumn("I"), "length": NumericColumn("I")}


def _schema() -> Any:
    """The fields as Whoosh names them; `length` is how many `stems` there are."""
    columns = _columns()
    return Schema(
        path=ID(sortable=columns["path"]),
        record=COLUMN(columns["record"]),
        length=COLUMN(columns["length"]),
        stems=FieldType(format=Frequency(), analyzer=None, scorable=True),
        words=FieldType(format=PackedPositions(), analyzer=None),
        tags=FieldType(format=Existence(), analyzer=None),
    )


class Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with another inverted file."""

    def terms_reader(self, storage: Any, segment: Any) -> Any:
        """Return what Whoosh reads tokens and postings with."""
        with segment.open_file(storage, f".{INVERTED}") as file:
            return _TermsReader(InvertedFile(file.read()))

    def per_document_reader(self, storage: Any, segment: Any) -> Any:
        """Return what Whoosh reads columns with."""
        return _RecordReader(storage, segment)


class _RecordReader(W3PerDocReader):  # type: ignore[misc]
    def _value(self, name: str, number: int) -> Any:
        return self._cached_reader(name, _columns()[name])[number]

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return what is known of a record: from columns, since nothing is stored twice."""
        path = self._value("path", docnum).decode()
        return {"path": path, "record": self._value("record", docnum)}

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return how many tokens a record has."""
        return int(self._value("length", docnum)) if fieldname == "stems" else default


class _TermsReader(TermsReader):  # type: ignore[misc]
    """An inverted file as Whoosh expects one."""

    def __init__(self, inverted: InvertedFile) -> None:
        self._inverted = inverted

    def _find(self, field: str, token: bytes) -> tuple[Block, int] | None:
        return next(self._inverted.field(field).find([token.decode()]), None)

    def _entry(self, field: str, token: bytes) -> tuple[Block, int]:
        entry = self._find(field, token)
        if entry is None:
            raise TermNotFound(f"no token {field}:{token!r}")
        return entry

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._find(*term) is not None

    def indexed_field_names(self) -> list[str]:
        return self._inverted.names()

    def items_from(self, field: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], Any]]:
        names = sorted(self._inverted.names())
        for name in names[bisect_left(names, field) :]:
            start = prefix.decode() if name == field else ""
            for block, number in self._inverted.field(name).scan_from(start):
                yield (name, block.tokens[number].encode()), _term_info(block, number)

    def items(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        return self.items_from("", b"")

    def terms_from(self, field: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        return (term for term, _ in self.items_from(field, prefix))

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    def term_info(self, field: str, token: bytes) -> Any:
        return _term_info(*self._entry(field, token))

    def frequency(self, field: str, token: bytes) -> int:
        block, number = self._entry(field, token)
        return block.occurrences(number)

    def doc_frequency(self, field: str, token: bytes) -> int:
        entry = self._find(field, token)
        return entry[0].holders[entry[1]] if entry else 0

    def matcher(self, field: str, token: bytes, format_: Any, scorer: Any = None) -> Any:
        block, number = self._entry(field, token)
        postings = block.postings(number)
        return ListMatcher(
            postings.records,
            postings.counts,
            _values(postings),
            format_,
            scorer=scorer,
            term=(field, token),
            terminfo=_term_info(block, number),
        )


def _term_info(block: Block, number: int) -> Any:
    """What Whoosh's scorers ask of a token; where it isn't known, a bound that is safe."""
    held, total = block.holders[number], block.occurrences(number)
    return TermInfo(weight=total, df=held, minlength=1, maxlength=total, maxweight=total - held + 1)


def _values(postings: Postings) -> list[bytes]:
    """The posting values of Whoosh's formats: positions, or how often, in four bytes."""
    counts = postings.counts or [1] * len(postings.records)
    positions = postings.positions
    if positions is None:
        return [struct.pack("!I", count) for count in counts]
    return [
        pack(array("I", positions[end - count : end]))
        for end, count in zip(accumulate(counts), counts, strict=True)
    ]


class Storage(FileStorage):  # type: ignore[misc]
    """A folder of an index: what is written is on the disk when it is closed."""

    def __init__(self, directory: str) -> None:
        super().__init__(directory)
        self.segments: list[Segment] = []  # to be listed in the next table of contents
        self._unfinished: list[Any] = []

    def create_file(self, name: str, **_: Any) -> Any:
        """Return a file for writing."""
        file = super().create_file(name, mode="w+b", onclose=self._finish)
        self._unfinished.append(file)
        return file

    def _finish(self, file: Any) -> None:
        if ".toc" in str(file):
            file.seek(0)
            contents = with_segments(file.read(), self.segments)
            file.seek(0)
            file.write(contents)
        file.flush()
        os.fsync(file.fileno())
        self._unfinished.remove(file)

    def drop(self) -> None:
        """Close what an error has left open: Whoosh does not see to that."""
        while self._unfinished:
            with suppress(OSError):  # what is buffered can't be written, on a full disk
                self._unfinished.pop().raw_file().close()

    def write_lock(self) -> Any:
        """Return the lock that each writer must hold."""
        return self.lock(_LOCK)


def create(storage: Storage) -> None:
    """Make an empty index in an empty folder."""
    try:
        TOC.create(storage, _schema(), INDEX)
    finally:
        storage.drop()


def write_columns(storage: Storage, segment: Segment, values: dict[str, Any]) -> None:
    """Write the columns of a new segment, and note their checksums in it."""
    for name, column in _columns().items():
        with storage.create_file(segment.file(f"{name}.col")) as file:
            writer = column.writer(file)
            for number, value in enumerate(values[name]):
                writer.add(number, value)
            writer.finish(segment.size)
            file.seek(0)
            segment.checksums.append(zlib.crc32(file.read()))


def commit(storage: Storage, number: int, segments: list[Segment]) -> None:
    """Make these the segments of the index, and remove the files of all others."""
    storage.segments = segments
    TOC(_schema(), [_whooshs(segment) for segment in segments], number).write(storage, INDEX)
    if os.name == "posix":
        folder = os.open(storage.folder, os.O_RDONLY)
        with suppress(OSError):  # not every file system can
            os.fsync(folder)
        os.close(folder)
    clean(storage, number, segments)


def _whooshs(segment: Segment) -> Any:
    """A segment as Whoosh wants it in the table of contents."""
    whooshs = W3Segment(Codec(), INDEX, segment.size, segment.name, segment.deleted or None)
    whooshs._fieldlengths = {}
    return whooshs


def clean(storage: Storage, number: int, segments: list[Segment]) -> None:
    """Remove all files that are not of this commit; what can't be removed stays."""
    storage.drop()
    for name in storage.list():
        if name.startswith(f"_{INDEX}_") and not name.endswith(".toc"):
            with suppress(OSError):  # a table of contents that was never finished
                storage.delete_file(name)
    clean_files(storage, INDEX, number, [_whooshs(segment) for segment in segments])
