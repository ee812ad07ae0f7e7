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
from typing import Protocol, cast

from tantivy import (
    DocAddress,
    Document,
    Index,
    IndexWriter,
    Occur,
    Order,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
)
from tantivy.tantivy import __version__

from seedkit.search.model import (
    And,
    Engine,
    Field,
    Found,
    IndexBusy,
    IndexDamaged,
    IndexRecord,
    Node,
    Or,
    Phrase,
    Terms,
)

_VERSION = 1  # of the fields below; raise it when they change

# One thread in addition to the one that makes tokens: with two, indexing took no less time on two
# cores, and gave a second segment. Memory is taken as it fills up; what fits in it is one segment.
_THREADS = 1
_HEAP = 128_000_000

# Records handed over at once. One by one, a writer that is faster than analysis falls asleep and is
# woken for each: a tenth more time of the processor for 40,000 small seeds.
_BATCH = 256

# With more tokens than this, a record counts the same however many of them it has. In `words` they
# are a prefix's or a fuzzy word's, of which BM25 would rank the misspelt first, for they are rare.
# In `stems` they are one word's in every language: some 70, each of which is to count. A query over
# 50,000 tokens takes an eighth of the time of 50,000 queries.
_MANY = {"stems": 1000, "words": 64, "tags": 64}

_SPARE = 100  # hits beyond the limit, in which most ties at the limit end

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
            Index(_schema(), path=directory, reuse=False)

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


def _schema() -> Schema:
    """Return the fields. Tokens come ready made: they only have to be told apart."""
    builder = SchemaBuilder()
    for name, option in (("stems", "freq"), ("words", "position"), ("tags", "basic")):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option=option)
    # `raw` is what `remove` needs, for it finds whole tokens; `fast` is for order by path.
    builder.add_text_field(
        "path", stored=True, fast=True, tokenizer_name="raw", index_option="basic"
    )
    # Not an unsigned field: a Python integer given to one kills the writer's thread.
    builder.add_integer_field("record", fast=True)
    return builder.build()


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
                {"path": path, "record": number, "stems": stems, "words": words, "tags": tags}
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


class _Result(Protocol):
    """A `tantivy.SearchResult`, whose stub leaves out the count."""

    count: int
    hits: list[tuple[float | str, DocAddress]]


class _Reader:
    """One commit, as a searcher sees it whatever is written later."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        self._schema = schema
        self._searcher: Searcher | None = searcher

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

    def search(self, node: Node, limit: int | None) -> Found:
        """Return what the query finds: best score first, then by path and record."""
        with _errors():
            searcher = self._open()
            query = _query(self._schema, node)
            unranked = _unranked(node)
            if unranked:
                query = Query.const_score_query(query, 1.0)
            if unranked and limit is not None:
                total, hits = _best(searcher, query, limit, by_path=True)
                addresses = [address for _, address in hits]
                paths = [cast(str, path) for path, _ in hits]
                scores = [1.0] * len(hits)
            else:
                total, hits = _best(searcher, query, limit, by_path=False)
                # In the order of the store, whose blocks are then unpacked once each.
                hits.sort(key=lambda hit: (hit[1].segment_ord, hit[1].doc))
                addresses = [address for _, address in hits]
                paths = [str(searcher.doc(address).get_first("path")) for address in addresses]
                scores = [cast(float, score) for score, _ in hits]
            records = cast("list[int]", searcher.fast_field_values("record", addresses))
        found = list(zip(paths, records, scores, strict=True))
        found.sort(key=lambda hit: (-hit[2], hit[0], hit[1]))
        return Found(total, found[:limit])

    def close(self) -> None:
        """Release all files."""
        self._searcher = None

    def _open(self) -> Searcher:
        if self._searcher is None:
            raise RuntimeError("the reader has been closed")
        return self._searcher


def _best(
    searcher: Searcher, query: Query, limit: int | None, *, by_path: bool
) -> tuple[int, list[tuple[float | str, DocAddress]]]:
    """Return how many hits there are, and the first ones by path, or else by score.

    These are at least `limit`, and all that tie with the last of them.
    """
    most = max(1, searcher.num_docs)  # tantivy panics if it is asked for none
    fetch = most if limit is None else min(most, limit + _SPARE)
    while True:
        if by_path:
            found = searcher.search(query, fetch, order_by_field="path", order=Order.Asc)
        else:
            found = searcher.search(query, fetch)
        result = cast(_Result, found)
        hits = result.hits
        if not limit:
            return result.count, hits if limit is None else []
        if len(hits) == result.count or hits[-1][0] != hits[limit - 1][0]:
            return result.count, [
                h for n, h in enumerate(hits) if n < limit or h[0] == hits[limit - 1][0]
            ]
        fetch = min(most, fetch * 8)


def _unranked(node: Node) -> bool:
    """Return whether all that a node finds is worth the same."""
    match node:
        case Terms(field, tokens):
            return field == "tags" or len(tokens) > _MANY[field]
        case Phrase():
            return False
        case And(nodes):
            return all(map(_unranked, nodes))
        case Or(nodes):  # of several, each that finds a record adds to its score
            return len(nodes) < 2 and all(map(_unranked, nodes))


def _query(schema: Schema, node: Node) -> Query:
    """Return a node in tantivy's terms."""
    match node:
        case Terms(field, tokens, boost) if len(tokens) > _MANY[field]:
            return Query.boost_query(Query.term_set_query(schema, field, tokens), boost)
        case Terms("tags", tokens, boost):
            return Query.const_score_query(_any(schema, "tags", tokens, "basic"), boost)
        case Terms(field, tokens, boost):
            return Query.boost_query(_any(schema, field, tokens, "freq"), boost)
        case Phrase(tokens, boost):
            return Query.boost_query(Query.phrase_query(schema, "words", list(tokens)), boost)
        case Or(nodes):
            return Query.boolean_query([(Occur.Should, _query(schema, each)) for each in nodes])
        case And(nodes, without):
            # What must not be there takes from what must: on its own it would find nothing.
            must = [_query(schema, each) for each in nodes] or [Query.all_query()]
            return Query.boolean_query(
                [(Occur.Must, query) for query in must]
                + [(Occur.MustNot, _query(schema, each)) for each in without]
            )


def _any(schema: Schema, field: Field, tokens: tuple[str, ...], option: str) -> Query:
    """Return a query for any of a few tokens, of which each counts."""
    return Query.boolean_query(
        [(Occur.Should, Query.term_query(schema, field, token, option)) for token in tokens]
    )


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
