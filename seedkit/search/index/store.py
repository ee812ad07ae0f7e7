"""Where an index is kept: generations in the cache folder, one of them current.

    search/CURRENT           names the generation that counts
    search/lock              held by the one process that writes
    search/tantivy-3/meta.json   what the generation was made with, from which state, its files
    search/tantivy-3/data/   the engine's own, a flat folder

A generation counts once its meta.json is whole, and as long as the engine's files are those that
it lists; whatever a killed process leaves behind has none, or an older one, and is made again.

Are the files of an index those that were written? Compares their signatures, or else checksums.

Engines don't notice all damage: with one byte of a segment changed, both have given wrong answers
without an error. Nor should an engine see a file at all that somebody has put in a place of its.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from seedkit.core.errors import EnvironmentFault
from seedkit.core.files import (
    TEMPORARY,
    LockHeld,
    checksum,
    exclusive,
    keyed_checksum,
    replacing,
)
from seedkit.sources.source import Refused, read_file
from seedkit.store.location import private_folder

_CHUNK = 1 << 20  # bytes


class Sealed(NamedTuple):
    """A file as it was written: its signature, and the CRC-32 of its bytes."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    checksum: int


Files = Mapping[str, Sealed]  # by name


def seal(directory: str, before: Files) -> dict[str, Sealed]:
    """Return what the files of a folder are, now that they are on the disk; raises `OSError`.

    Those that are as `before` are neither flushed nor read again. Names that begin with a dot are
    left out: locks, and an engine's notes for itself, which change before a commit does.
    """
    sealed: dict[str, Sealed] = {}
    for name in sorted(os.listdir(directory)):
        if name.startswith("."):
            continue
        with open(os.path.join(directory, name), "rb+") as file:
            signature = _stamp(os.fstat(file.fileno()))
            known = before.get(name)
            if known is None or known[:-1] != signature:
                os.fsync(file.fileno())
                known = Sealed(*signature, _checksum_of_file(file.fileno()))
        sealed[name] = known
    return sealed


def damaged(directory: str, files: Files, *, thorough: bool = False) -> list[str]:
    """Return the names of files that are not as they were sealed, sorted.

    The bytes of a file are compared if its signature is another one; if `thorough`, always: what a
    failing disk does to them shows in no signature. Files that were not sealed do not count.
    """
    return sorted(
        name
        for name, sealed in files.items()
        if not _intact(os.path.join(directory, name), sealed, thorough=thorough)
    )


def _intact(path: str, sealed: Sealed, *, thorough: bool) -> bool:
    try:
        status = os.lstat(path)
        if _stamp(status) == sealed[:-1] and not thorough:
            return True
        if not stat.S_ISREG(status.st_mode) or status.st_size != sealed.size:
            return False
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return _checksum_of_file(handle) == sealed.checksum
        finally:
            os.close(handle)
    except OSError:
        return False


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _checksum_of_file(handle: int) -> int:
    total = 0
    while chunk := os.read(handle, _CHUNK):
        total = checksum(chunk, total)
    return total


FOLDER = "search"
_META = "meta.json"
_CURRENT = "CURRENT"
_NAME = re.compile(r"[a-z]+-([0-9]{1,9})")
_PATIENCE = 10.0  # seconds for another process that writes
_LIMIT = 1_000_000  # bytes of a small file


class Meta(NamedTuple):
    """What a generation was made with, and the state of the cache database that it is equal to.

    `engine` and `analysis` are versions. `seeds` and `records` are how many it holds, `languages`
    the codes of what its tokens are stemmed in, with spaces between.
    """

    engine: str
    analysis: str
    identity: str
    sequence: int
    seeds: int
    records: int
    languages: str


class Generation(NamedTuple):
    """An index on disk: its folder, and what is known of it, None while it is being made.

    `files` are the engine's as they were when that was written.
    """

    folder: Path
    meta: Meta | None = None
    files: Files = MappingProxyType({})

    @property
    def data(self) -> str:
        """The engine's own folder."""
        return str(self.folder / "data")

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages that its tokens are stemmed in."""
        return frozenset(self.meta.languages.split()) if self.meta is not None else frozenset()

    def damaged(self, *, thorough: bool = False) -> list[str]:
        """Return the names of the engine's files that are not as written. See `integrity`."""
        return damaged(self.data, self.files, thorough=thorough)

    def size(self) -> int:
        """Return the bytes that it takes on disk."""
        total = 0
        for directory, _, names in os.walk(self.folder):
            for name in names:
                with contextlib.suppress(OSError):
                    total += os.lstat(os.path.join(directory, name)).st_size
        return total


class Store:
    """The generations of one corpus, in its cache folder.

    Raises `EnvironmentFault` if the folder can't be trusted, `OSError` if it can't be made.
    """

    def __init__(self, cache: Path) -> None:
        self.folder = private_folder(cache / FOLDER)

    def current(self, engine: str, version: str, analysis: str) -> Generation | None:
        """Return the generation to use for an engine, None if there is none of these versions.

        It is the one that CURRENT names, if that is of this engine; else the latest that is.
        """
        named = self._named()
        numbered = self._generations()
        names = sorted(numbered, key=lambda name: (name == named, numbered[name]), reverse=True)
        for name in names:
            if name.rpartition("-")[0] == engine:
                generation = self._read(name)
                meta = generation.meta
                if meta is not None and (meta.engine, meta.analysis) == (version, analysis):
                    return generation
        return None

    @contextlib.contextmanager
    def writing(self, patience: float = _PATIENCE) -> Iterator[None]:
        """Be the only process that writes, within the block.

        Raises `EnvironmentFault` if another one has not ended in time, `OSError` if locks are not
        possible here.
        """
        try:
            with exclusive(str(self.folder / "lock"), patience):
                yield
        except LockHeld:
            raise EnvironmentFault(
                "another seedkit process is writing to the search index of this corpus",
                help="try again when it is done, or search without the index: --engine scan",
            ) from None

    def begin(self, engine: str) -> Generation:
        """Return a new generation to be filled, with an empty folder for the engine.

        Those that were never filled, since the process that filled it was killed, are removed. The
        caller is `writing`. Raises `OSError`.
        """
        number = max(self._generations().values(), default=0) + 1
        for name in self._generations():
            generation = self._read(name)
            if generation.meta is None:
                self.discard(generation)
        generation = Generation(self.folder / f"{engine}-{number}")
        os.mkdir(generation.folder, 0o700)
        os.mkdir(generation.data, 0o700)
        return generation

    def seal(self, generation: Generation, meta: Meta) -> Generation:
        """Write down what a generation is, now that its engine has committed; return it.

        The caller is `writing`. Raises `OSError`.
        """
        files = seal(generation.data, generation.files)
        total = _checksum(generation.folder, meta, files)
        values = {"checksum": total, **meta._asdict(), "files": files}
        _replace(generation.folder / _META, json.dumps(values) + "\n")
        return generation._replace(meta=meta, files=files)

    def switch(self, generation: Generation) -> None:
        """Make a sealed generation the current one, and remove those that nobody reads any more.

        The one that was current may be read still: it stays until the next one is. So do those of
        other engines. What was never sealed goes. The caller is `writing`. Raises `OSError`.
        """
        name, before = generation.folder.name, self._named()
        if name != before:
            _replace(self.folder / _CURRENT, f"{name}\n")
        for other in self._generations().keys() - {name, before}:
            folder = self.folder / other
            if name != before or not (folder / _META).exists():
                self.discard(Generation(folder))
        for left in self.folder.glob(f"{TEMPORARY}*"):  # by a process that was killed
            left.unlink(missing_ok=True)

    def discard(self, generation: Generation) -> None:
        """Remove a generation; what can't be removed, an open file on Windows, stays.

        The caller is `writing`.
        """
        with contextlib.suppress(OSError):
            os.unlink(generation.folder / _META)  # first: half a generation must not count
        shutil.rmtree(generation.folder, ignore_errors=True)

    def _named(self) -> str:
        try:
            return _small_text(self.folder / _CURRENT).strip()
        except (OSError, ValueError):
            return ""

    def _generations(self) -> dict[str, int]:
        """The number of every generation, by name of its folder."""
        try:
            names = os.listdir(self.folder)
        except OSError:
            return {}
        found = {name: _NAME.fullmatch(name) for name in names}
        return {name: int(match[1]) for name, match in found.items() if match is not None}

    def _read(self, name: str) -> Generation:
        """The generation of that name, with its meta if that is whole, and made where it is."""
        generation = Generation(self.folder / name)
        try:
            values = json.loads(_small_text(generation.folder / _META))
            total = values.pop("checksum")
            files = {name: Sealed(*each) for name, each in values.pop("files").items()}
            meta = Meta(**values)
            if total == _checksum(generation.folder, meta, files):
                return generation._replace(meta=meta, files=files)
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            pass
        return generation


def _checksum(folder: Path, meta: Meta, files: Files) -> str:
    """Sum up what meta.json says.

    The folder's inode is part of it: an index that was copied to this place, or that came with a
    repository, is none of ours, and Whoosh runs what it unpickles.
    """
    key = str(os.lstat(folder).st_ino)
    text = repr((*meta, *((name, *files[name]) for name in sorted(files))))
    return keyed_checksum(text.encode(), key)


def _small_text(path: Path) -> str:
    """The text of a file; raises `OSError`, or `ValueError` for one that is no small text."""
    try:
        return read_file(str(path), _LIMIT).decode("ascii")
    except Refused as error:
        raise ValueError(error.message) from None


def _replace(path: Path, text: str) -> None:
    with replacing(path, durable=True) as file:
        file.write(text.encode("ascii"))
