"""The engine on Whoosh: pure Python, works everywhere.

It uses what whoosh 2.7.4, whoosh-reloaded 2.7.5 and whoosh3 3.54 share of their public interface:
a schema, `create_in`, `open_dir`, one writer at a time, and the dictionaries, postings and columns
of a reader. What is broken in one of them is not asked for: queries and collectors (of `AndNot` the
first hit may be wrong), writers with several processes or threads, unsigned numbers, time limits.
All hits have to be counted anyway, so postings are read whole, and combined as sets.

Whoosh unpickles what it opens: the store compares the files with their checksums before, and
`_index` refuses a table of contents next to the one that was compared.
"""

from __future__ import annotations

import heapq
import math
import os
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from itertools import islice
from typing import Any

from whoosh import __version__
from whoosh.codec.whoosh3 import W3Codec
from whoosh.columns import CompressedBytesColumn, NumericColumn
from whoosh.fields import COLUMN, ID, FieldType, Schema
from whoosh.formats import Existence, Format
from whoosh.index import LockError, create_in, open_dir
from whoosh.reading import TermNotFound

from seedkit.core.errors import SeedkitError
from seedkit.search.engines import combined
from seedkit.search.model import (
    Engine,
    EngineHits,
    Field,
    IndexBusy,
    IndexDamaged,
    IndexRecord,
    Node,
    Terms,
    TokenPhrase,
)
from seedkit.search.rank import best_first, damping, same, saturation

_VERSION = 3  # of the schema; raise it when it changes
_MEMORY = 128  # MB of postings, as Whoosh counts, that are sorted at once


def engine() -> Engine:
    """Return the engine."""
    return Whoosh()


class Whoosh:
    """Keeps an index as Whoosh does; a second writer waits `patience` seconds for the first."""

    name = "whoosh"

    def __init__(self, patience: float = 10.0) -> None:
        self.patience = patience

    def version(self) -> str:
        """Return what the files on disk depend on."""
        return f"{'.'.join(map(str, __version__))}, fields {_VERSION}"

    def create(self, directory: str) -> None:
        """Make an empty index in a folder that exists and is empty.

        Raises `IndexDamaged` or `OSError`.
        """
        with _errors():
            create_in(directory, _schema())

    def write(self, directory: str) -> _WhooshWriter:
        """Return a writer; raises `IndexDamaged`, `IndexBusy` or `OSError`."""
        # The shortest and longest record of every block, which only Whoosh's own collectors ask
        # for, take a third of the time; compression takes a fifth, and saves a fifth of the size.
        codec = W3Codec(compression=0)
        codec.length_stats = False
        with _errors():
            writer = _index(directory).writer(timeout=self.patience, limitmb=_MEMORY, codec=codec)
        for name in os.listdir(directory):
            if ".toc." in name:  # of a commit that was killed; Whoosh removes all else itself
                with suppress(OSError):
                    os.remove(os.path.join(directory, name))
        return _WhooshWriter(writer)

    def read(self, directory: str) -> _WhooshReader:
        """Return a reader of the last commit; raises `IndexDamaged` or `OSError`."""
        with _errors():
            return _WhooshReader(_index(directory).reader())


def _index(directory: str) -> Any:
    """Open an index; raises `IndexDamaged` if it isn't sure which commit is the last.

    Whoosh would take the highest number. But a commit removes the table of contents of the one
    before, so what is there with it was never finished, or never Whoosh's.
    """
    contents = [name for name in os.listdir(directory) if name.endswith(".toc")]
    if len(contents) > 1:
        raise _damaged(f"it has {len(contents)} tables of contents")
    return open_dir(directory)


# -- what is stored


class _Counted(FieldType):  # type: ignore[misc]
    """Tokens with white space between them, and how often each occurs."""

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, int, bytes]]:
        """Return each token once: its bytes, frequency, weight, and nothing more."""
        for token, count in Counter(value.split()).items():
            yield token.encode(), count, count, b""


class _Placed(FieldType):  # type: ignore[misc]
    """Tokens with white space between them, and where each occurs."""

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, int, bytes]]:
        """Return each token once: its bytes, frequency, weight, and positions."""
        places: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for place, token in enumerate(value.split()):
            places[token].append(place)
        for token, each in places.items():
            yield token.encode(), len(each), len(each), each.tobytes()


# Tags without this say where a token occurs; they are half of all tokens of an index, and are asked
# for with the token itself, which few records have. In those they are looked up: `marks` is not
# indexed, which would take Whoosh as long as all else together.
_VALUE = "="


def _schema() -> Any:
    """The fields of an `IndexRecord`, of its tags only those with a value; and other tags."""
    return Schema(
        path=ID(sortable=True),
        record=COLUMN(NumericColumn("i")),
        # How many tokens there are: Whoosh itself rounds that, and in its own way.
        length_of_stems=COLUMN(NumericColumn("i")),
        length_of_words=COLUMN(NumericColumn("i")),
        stems=_Counted(Existence(), None),
        words=_Placed(Format(), None),
        tags=_Counted(Existence(), None),
        marks=COLUMN(CompressedBytesColumn(level=1)),
    )


class _WhooshWriter:
    """One batch of changes."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def remove(self, paths: Iterable[str]) -> None:
        """Take out every record of the seeds that earlier batches have put in."""
        with _errors(), closing(self._writer.reader()) as reader:
            for path in paths:
                for base, matcher in _postings(reader, "path", path):
                    for number in list(matcher.all_ids()):
                        self._writer.delete_document(base + number)

    def add(self, record: IndexRecord) -> None:
        """Put a record in; one with the same path and number must have been removed."""
        path, number, stems, words, tags = record
        each = tags.split()
        with _errors():
            self._writer.add_document(
                path=path,
                record=number,
                length_of_stems=len(stems.split()),
                length_of_words=len(words.split()),
                stems=stems,
                words=words,
                tags=" ".join([tag for tag in each if _VALUE in tag]),
                marks=" ".join([tag for tag in each if _VALUE not in tag]).encode(),
            )

    def commit(self) -> None:
        """Make all changes seen at once; the writer is of no use afterwards."""
        with _errors():
            try:
                with closing(self._writer.reader()) as reader:
                    stale = 2 * reader.doc_count() < reader.doc_count_all()
                self._writer.commit(optimize=stale)
            finally:
                self.close()

    def close(self) -> None:
        """Release the index; what was not committed is dropped."""
        with suppress(Exception):  # it has been committed, or cancelling fails as committing did
            self._writer.cancel()
        with suppress(Exception):  # which then leaves the lock, and so do failed commits
            self._writer.writelock.release()


# -- queries


class _WhooshReader:
    """One commit, whatever is written later. Records are numbered as Whoosh numbers them."""

    def __init__(self, reader: Any) -> None:
        self._open: Any = reader

    @property
    def _reader(self) -> Any:
        if self._open is None:
            raise RuntimeError("the reader has been closed")
        return self._open

    def count(self) -> int:
        """Return how many records there are."""
        return int(self._reader.doc_count())

    def terms(self, field: Field, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return the tokens that begin with `prefix`, by code point, and in how many records.

        Records that have been removed count until their segment is merged.
        """
        found: Counter[str] = Counter()
        with _errors():
            for leaf, _ in self._reader.leaf_readers():
                for token, info in islice(leaf.iter_prefix(field, prefix), limit):
                    found[token.decode()] += info.doc_frequency()
            if field == "tags" and _VALUE not in prefix and self.count():
                start = prefix.encode()
                for number in self._reader.all_doc_ids():
                    marks = set(self._marks[number].split())
                    found.update(mark.decode() for mark in marks if mark.startswith(start))
        return sorted(found.items())[:limit]

    def holders(self, field: Field, tokens: Iterable[str]) -> int:
        """Return in how many records each of the tokens is, added up."""
        with _errors():
            return sum(self._holders_of(field, token) for token in tokens)

    def _holders_of(self, field: Field, token: str) -> int:
        if not self._reader.has_deletions():
            return int(self._reader.doc_frequency(field, token))
        return len(self._holders(field, (token,)))

    def search(self, node: Node, limit: int | None) -> EngineHits:
        """Return what the query finds: best score first, then by path and record."""
        if not self.count():
            return EngineHits(0, [])
        with _errors():
            scores = combined(node, self._leaf, self._reader.all_doc_ids)
            numbers = list(scores)
            if limit is not None and limit < len(scores):
                least = heapq.nlargest(limit, scores.values())[-1] if limit > 0 else math.inf
                numbers = [number for number in numbers if same(least, scores[number])]
            hits = [
                (self._paths[number], int(self._records[number]), scores[number])
                for number in numbers
            ]
        return EngineHits(len(scores), best_first(hits)[:limit])

    def close(self) -> None:
        """Release all files."""
        reader, self._open = self._open, None
        for name in ("_paths", "_records", "_marks", "_stems", "_words"):
            self.__dict__.pop(name, None)
        if reader is not None:
            reader.close()

    @cached_property
    def _paths(self) -> Any:
        return self._reader.column_reader("path")

    @cached_property
    def _records(self) -> Any:
        return self._reader.column_reader("record")

    @cached_property
    def _marks(self) -> Any:
        return self._reader.column_reader("marks")

    def _leaf(self, leaf: Terms | TokenPhrase, within: Set[int] | None) -> dict[int, float]:
        """Return the records that a leaf finds, each with its score."""
        match leaf:
            case Terms("tags", tokens, weight):
                return dict.fromkeys(self._tagged(tokens, within), weight)
            case Terms(field, tokens, weight, flat):
                if flat:
                    return dict.fromkeys(self._holders(field, tokens), weight)
                return self._counted(field, tokens, weight)
            case TokenPhrase(tokens, weight):
                return self._phrase(tokens, weight)

    def _tagged(self, tags: Iterable[str], within: Set[int] | None) -> set[int]:
        """Return the records that have any of the tags."""
        found = self._holders("tags", tags)
        wanted = {tag.encode() for tag in tags if _VALUE not in tag}
        if wanted:
            numbers = self._reader.all_doc_ids() if within is None else within
            found.update(n for n in numbers if not wanted.isdisjoint(self._marks[n].split()))
        return found

    def _holders(self, field: Field, tokens: Iterable[str]) -> set[int]:
        """Return the records that have any of the tokens."""
        found: set[int] = set()
        for token in tokens:
            for base, matcher in _postings(self._reader, field, token):
                found.update(base + number for number in matcher.all_ids())
        return found

    def _counted(self, field: Field, tokens: Iterable[str], weight: float) -> dict[int, float]:
        """Return the records that have any of the tokens, with the score of the most frequent."""
        counts: dict[int, float] = {}
        for token in tokens:
            for base, matcher in _each_posting(self._reader, field, token):
                number = base + matcher.id()
                counts[number] = max(counts.get(number, 0.0), matcher.weight())
        lengths = self._lengths(field)
        return {n: weight * saturation(count, lengths[n]) for n, count in counts.items()}

    def _phrase(self, tokens: tuple[str, ...], weight: float) -> dict[int, float]:
        """Return the records in which the tokens stand side by side, with the score in each."""
        places = {
            token: {
                base + matcher.id(): matcher.value()
                for base, matcher in _each_posting(self._reader, "words", token)
            }
            for token in tokens
        }
        lengths = self._lengths("words")
        scores = {}
        for number in set.intersection(*map(set, places.values())):
            starts = set(array("I", places[tokens[0]][number]))
            for offset, token in enumerate(tokens):
                starts.intersection_update(p - offset for p in array("I", places[token][number]))
            if starts:
                scores[number] = weight * saturation(len(starts), lengths[number])
        return scores

    def _lengths(self, field: Field) -> _Damping:
        return self._stems if field == "stems" else self._words

    @cached_property
    def _stems(self) -> _Damping:
        return _Damping(self._reader, "length_of_stems")

    @cached_property
    def _words(self) -> _Damping:
        return _Damping(self._reader, "length_of_words")


class _Damping(dict[int, float]):
    """What makes occurrences count less, for each record that was asked for."""

    def __init__(self, reader: Any, column: str) -> None:
        self._lengths = reader.column_reader(column)
        total = sum(self._lengths[number] for number in reader.all_doc_ids())
        self._mean = total / max(1, reader.doc_count())
        self._known: dict[int, float] = {}

    def __missing__(self, number: int) -> float:
        length = self._lengths[number]
        if length not in self._known:
            self._known[length] = damping(length, self._mean)
        self[number] = found = self._known[length]
        return found


def _postings(reader: Any, field: str, token: str) -> Iterator[tuple[int, Any]]:
    """Return the postings of a token in each segment, and what its numbers have to be added to."""
    for leaf, base in reader.leaf_readers():
        with suppress(TermNotFound):
            yield base, leaf.postings(field, token)


def _each_posting(reader: Any, field: str, token: str) -> Iterator[tuple[int, Any]]:
    """Return a matcher once for each record that has the token, standing there."""
    for base, matcher in _postings(reader, field, token):
        while matcher.is_active():
            yield base, matcher
            matcher.next()


@contextmanager
def _errors() -> Iterator[None]:
    """Turn what Whoosh raises into what an engine may: `IndexBusy`, `IndexDamaged` or `OSError`.

    Damaged files make it raise exceptions of every kind.
    """
    try:
        yield
    except (SeedkitError, MemoryError):
        raise
    except LockError as error:
        raise IndexBusy("another process is writing to the search index") from error
    except FileNotFoundError as error:
        raise _damaged(f"{error.filename} is missing") from error
    except OSError:
        raise
    except Exception as error:
        raise _damaged(str(error)) from error


def _damaged(message: str) -> IndexDamaged:
    return IndexDamaged(f"the search index is damaged: {message.partition(chr(10))[0]}")
