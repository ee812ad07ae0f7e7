"""The engine on Whoosh: pure Python, there wherever seedkit is.

An index is one of Whoosh's, with a codec of seedkit's for what Whoosh's own writes slowly and large
(`whoosh_inverted`). Of Whoosh's API this is relied on, which whoosh 2.7.4, whoosh-reloaded 2.7.5
and whoosh3 3.54 share:

- `index`: `TOC.create`, `TOC.write`, `clean_files`; the form of a table of contents, version -111
- `filedb`: `FileStorage` (`create_file`, `list`, `delete_file`, `lock`), `StructFile`
- `columns`: `NumericColumn` and `VarBytesColumn`, how they are written and their form
- `codec`: `W3Codec`, `W3PerDocReader`, `W3Segment` with its `_doccount`, `_deleted`, `segid`
- `codec.base.TermsReader`, `fields`, `formats`, `matching.ListMatcher`, `reading.TermInfo`: so that
  Whoosh's own queries work, with which tests compare

Nothing is asked of what is broken in one of the three: writers with several processes or threads,
merging, unsigned numeric fields, time limits, boosts of prefixes. To search, no part of Whoosh is
imported at all.
"""

from __future__ import annotations

from contextlib import suppress

from whoosh import __version__

from seedkit.search.engines.whoosh_errors import translated
from seedkit.search.engines.whoosh_search import Searcher
from seedkit.search.engines.whoosh_segment import OpenSegment, close_all, open_commit
from seedkit.search.model import Engine, Field, Found, Node, Reader, Writer

_VERSION = 1  # of the schema and the inverted files; raise it when they change
_MEMORY = 192_000_000
_ATTEMPTS = 10  # to open a commit: while it is being opened the next one may take its place


def engine() -> Engine:
    """Return the engine."""
    return Whoosh()


class Whoosh:
    """Keeps an index as Whoosh does.

    A second writer waits `patience` seconds for the first; a writer takes about `memory` bytes.
    """

    name = "whoosh"

    def __init__(self, patience: float = 10.0, memory: int = _MEMORY) -> None:
        self.patience = patience
        self.memory = memory

    def version(self) -> str:
        """Return what the files on disk depend on."""
        return f"{'.'.join(map(str, __version__))}, fields {_VERSION}"

    def create(self, directory: str) -> None:
        """Make an empty index in a folder that exists and is empty.

        Raises `IndexDamaged` or `OSError`.
        """
        from seedkit.search.engines import whoosh_writer

        whoosh_writer.create(directory)

    def write(self, directory: str) -> Writer:
        """Return a writer; raises `IndexDamaged`, `IndexBusy` or `OSError`."""
        from seedkit.search.engines import whoosh_writer

        return whoosh_writer.Writer(directory, self.patience, self.memory)

    def read(self, directory: str) -> Reader:
        """Return a reader of the last commit; raises `IndexDamaged` or `OSError`."""
        with translated():
            for _ in range(_ATTEMPTS - 1):
                with suppress(FileNotFoundError):
                    return _Reader(open_commit(directory)[1])
            return _Reader(open_commit(directory)[1])


class _Reader:
    """One commit, whatever is written later."""

    def __init__(self, segments: list[OpenSegment]) -> None:
        self._segments = segments
        self._searcher: Searcher | None = Searcher(segments)

    def _open(self) -> Searcher:
        if self._searcher is None:
            raise RuntimeError("the reader has been closed")
        return self._searcher

    def count(self) -> int:
        """Return how many records there are."""
        return self._open().count()

    def terms(self, field: Field, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return the tokens that begin with `prefix`, by code point, and in how many records.

        Records that have been removed count until their segment is merged.
        """
        searcher = self._open()
        with translated():
            return searcher.terms(field, prefix, limit)

    def search(self, node: Node, limit: int | None) -> Found:
        """Return what the query finds: best score first, then by path and record."""
        searcher = self._open()
        with translated():
            return searcher.search(node, limit)

    def close(self) -> None:
        """Release all files."""
        close_all(self._segments)
        self._searcher = None
