"""The engine on tantivy: Rust, with a binding for Python.

tantivy's part is to store tokens and to find them: its analysers, its query language and its
snippets are not used. What it does unasked or badly, as measured with 0.27.0, is stepped round
where it would happen, with the reason.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import cast

from tantivy import Document, Index, IndexWriter, Query, Schema, Searcher
from tantivy.tantivy import __version__

from seedkit.search.engines.tantivy.queries import (
    EVERY,
    Lengths,
    Queries,
    Recount,
    best_by_score,
    constant_score,
    first_by_path,
    holders_left,
    schema,
)
from seedkit.search.model import (
    Engine,
    EngineHits,
    Field,
    IndexBusy,
    IndexDamaged,
    IndexRecord,
    Node,
)
from seedkit.search.rank import best_first

_VERSION = 2  # of the fields below; raise it when they change

# One thread in addition to the one that makes tokens: with two, indexing took no less time on two
# cores, and gave a second segment. Memory is taken as it fills up; what fits in it is one segment.
_THREADS = 1
_HEAP = 128_000_000

# Records handed over at once. One by one, a writer that is faster than analysis falls asleep and is
# woken for each: a tenth more time of the processor for 40,000 small seeds.
_BATCH = 256

_FIRST_DELAY, _LONGEST_DELAY = 0.01, 0.25  # seconds between attempts to get the lock

# What the system says, as tantivy passes it on, and what of that is no fault of the index.
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)|Os \{ code: (\d+)")
_NO_DAMAGE = frozenset(
    (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
) | {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
# EAGAIN, which tantivy passes on with a code or without one.
_NO_THREAD = re.compile(r"[Ff]ailed to spawn|Resource temporarily unavailable")


def engine() -> Engine:
    """Return the engine."""
    return Tantivy()


class Tantivy:
    """Keeps an index as tantivy does; a second writer waits `patience` seconds for the first."""

    name = "tantivy"

    def __init__(self, patience: float = 10.0) -> None:
        self.patience = patience

    def version(self) -> str:
        """Return what the files on disk depend on."""
        return f"{__version__}, fields {_VERSION}"

    def create(self, directory: str) -> None:
        """Make an empty index in a folder that exists and is empty.

        Raises `IndexDamaged` or `OSError`.
        """
        with _errors():
            Index(schema(), path=directory, reuse=False)

    def write(self, directory: str) -> _Writer:
        """Return a writer; raises `IndexDamaged`, `IndexBusy` or `OSError`.

        The index is opened each time: one that was held open would not know of the files of
        other processes, and never remove them.
        """
        end = time.monotonic() + self.patience
        delay = _FIRST_DELAY
        while True:
            with _errors():
                try:
                    index = Index.open(directory)
                    return _Writer(directory, index)
                except ValueError as error:
                    if "LockBusy" not in str(error):
                        raise
            left = end - time.monotonic()
            if left <= 0:
                raise IndexBusy("another process is writing to the search index")
            time.sleep(min(left, delay))
            delay = min(delay * 2, _LONGEST_DELAY)

    def read(self, directory: str) -> _Reader:
        """Return a reader of the last commit; raises `IndexDamaged` or `OSError`."""
        with _errors():
            index = Index.open(directory)
            return _Reader(index.schema, index.searcher())


class _Writer:
    """One batch of changes. After a failed commit a tantivy writer loses what it is given next,
    and says nothing: so each is used once, and let go.

    Never `with index.writer()`: it commits what a failed block has left behind.
    """

    def __init__(self, directory: str, index: Index) -> None:
        self._batch: list[Document] = []
        self._writer: IndexWriter | None = index.writer(_HEAP, _THREADS)
        # Only now that the lock is ours: the process that left these is dead. tantivy never removes
        # the former, and the latter only when it commits, which takes room on a full disk.
        for name in os.listdir(directory):
            if name.startswith(".tmp"):
                with suppress(OSError):
                    os.remove(os.path.join(directory, name))
        self._writer.garbage_collect_files()

    def remove(self, paths: Iterable[str]) -> None:
        """Take out every record of the seeds, whether there are any or not."""
        with _errors(self._cause):
            writer = self._flushed()
            for path in paths:
                writer.delete_documents_by_term("path", path)

    def add(self, record: IndexRecord) -> None:
        """Put a record in; one with the same path and number must have been removed."""
        # Not with the schema, against which tantivy would compare it in as much time as it takes
        # to index a small record: all fields are there, and of their types.
        path, number, stems, words, tags = record
        self._batch.append(
            Document.from_dict(
                {
                    "path": path,
                    "record": number,
                    "stems": stems,
                    "words": words,
                    "tags": tags,
                    EVERY: EVERY,
                    "length_of_stems": len(stems.split()),
                    "length_of_words": len(words.split()),
                }
            )
        )
        if len(self._batch) >= _BATCH:
            with _errors(self._cause):
                self._flushed()

    def commit(self) -> None:
        """Make all changes seen at once, and lasting; the writer is of no use afterwards.

        Waits for segments to be merged: cut short, they would become ever more.
        """
        try:
            with _errors(self._cause):
                writer = self._flushed()
                writer.commit()
                writer.wait_merging_threads()
        finally:
            self._writer = None

    def close(self) -> None:
        """Release the index; what was not committed is dropped."""
        self._batch.clear()
        self._writer = None

    def _flushed(self) -> IndexWriter:
        """Hand over what has been added so far, and return the writer."""
        if self._writer is None:
            raise RuntimeError("a writer is for one batch")
        add = self._writer.add_document
        for document in self._batch:
            add(document)
        self._batch.clear()
        return self._writer

    def _cause(self) -> None:
        """Raise the reason why the writer's thread has ended, which only a commit tells."""
        if self._writer is not None:
            self._writer.commit()


class _Reader:
    """One commit, as a searcher sees it whatever is written later."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        self._schema = schema
        self._searcher: Searcher | None = searcher
        self._lengths = Lengths(schema, searcher)
        self._made: Queries | None = None

    def count(self) -> int:
        """Return how many records there are."""
        return self._open().num_docs

    def terms(self, field: Field, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return the tokens that begin with `prefix`, by code point, and in how many records.

        Records that have been removed count until their segment is merged.
        """
        with _errors():
            # Without a limit of tantivy's, which would take the tokens in most records.
            return sorted(self._open().terms_with_prefix(field, prefix))[:limit]

    def holders(self, field: Field, tokens: Iterable[str]) -> int:
        """Return in how many records each of the tokens is, added up."""
        with _errors():
            searcher, queries = self._open(), self._queries()
            if self._all() == searcher.num_docs:
                return sum(queries.frequency(field, token) for token in tokens)
            return sum(holders_left(queries, field, token) for token in tokens)

    def _queries(self) -> Queries:
        if self._made is None:
            self._made = Queries(self._schema, self._open(), self._all())
        return self._made

    def _all(self) -> int:
        """How many records there are, with those that were removed."""
        return self._open().doc_freq(EVERY, EVERY)

    def search(self, node: Node, limit: int | None) -> EngineHits:
        """Return what the query finds, in the order of `score.best_first`."""
        with _errors():
            total, found = self._search(node, limit)
        return EngineHits(total, best_first(found)[:limit])

    def _search(self, node: Node, limit: int | None) -> tuple[int, list[tuple[str, int, float]]]:
        """How many hits there are; and the best of them, with those that may be as good."""
        searcher = self._open()
        queries = self._queries()
        constant = constant_score(node)
        query = queries.query(node)
        if constant is not None:
            query = Query.const_score_query(query, 1.0)  # nothing is to be counted
        if constant is not None and limit is not None:
            total, by_path = first_by_path(searcher, query, limit)
            addresses = [address for _, address in by_path]
            scores = [constant] * len(addresses)
            paths = [path for path, _ in by_path]
        else:
            drift = 1.0 if constant is not None else self._lengths.drift(queries, node)
            total, by_score = best_by_score(searcher, query, limit, drift)
            # In the order of the store, whose blocks are then unpacked once each.
            by_score.sort(key=lambda hit: (hit[1].segment_ord, hit[1].doc))
            addresses = [address for _, address in by_score]
            scores = [constant if constant is not None else score for score, _ in by_score]
            paths = [str(searcher.doc(address).get_first("path")) for address in addresses]
            if drift > 1:
                scores = Recount(queries, self._lengths, paths, addresses).scores(node)
        records = cast("list[int]", searcher.fast_field_values("record", addresses))
        return total, list(zip(paths, records, scores, strict=True))

    def close(self) -> None:
        """Release all files."""
        self._searcher = self._made = None

    def _open(self) -> Searcher:
        if self._searcher is None:
            raise RuntimeError("the reader has been closed")
        return self._searcher


@contextmanager
def _errors(cause: Callable[[], None] | None = None) -> Iterator[None]:
    """Turn what tantivy raises into what an engine may: `IndexDamaged`, or `OSError`.

    `cause` is called, to raise the reason, if all that is known is that a thread has ended.
    """
    try:
        try:
            yield
        except ValueError as error:
            if cause is not None and "index writer was killed" in str(error):
                cause()
            raise
    except BaseException as error:
        # The exception of a panic can't be imported.
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
        raise _translated(str(error)) from error


def _translated(message: str) -> OSError | IndexDamaged:
    """What has failed, in tantivy's words, as an engine has to raise it."""
    found = _SYSTEM_ERROR.search(message)
    number = int(found[1] or found[2]) if found else 0
    if number == errno.EAGAIN or _NO_THREAD.search(message):
        return OSError(errno.EAGAIN, "no thread can be started, for want of memory or processes")
    return OSError(number, os.strerror(number)) if number in _NO_DAMAGE else _damaged(message)


def _damaged(message: str) -> IndexDamaged:
    first, _, _ = message.partition("\n")
    return IndexDamaged(f"the search index is damaged: {first}")
