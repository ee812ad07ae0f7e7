"""What git knows of files that are not on disk: whether they are just not checked out; their bytes.

It is asked only where INDEX.md lists what is not there. The answers hold for the moment at which
git is first asked.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Final, NamedTuple

from seedkit.core.skipped import ABSENT_SUBMODULE, NOT_CHECKED_OUT, Skipped
from seedkit.sources.git import BlobTooLarge
from seedkit.sources.git_files import may_be_missing
from seedkit.sources.git_source import GitSource
from seedkit.sources.repository import SUBMODULE, Entries, Repository, repository_at
from seedkit.sources.root import repository_top
from seedkit.sources.source import DiskSource, OverlaySource, Source, within

_FEW: Final = 3  # folders that a command names
_LARGE: Final = 1_000_000  # bytes of a file that is not looked into
_MOST_BYTES: Final = 50_000_000  # of all files that are looked into
_SKIPPED: Final = "Ss"  # letters of `git ls-files -v` for skip-worktree


class Absent(NamedTuple):
    """Files that git knows and has not checked out: why, and the command that brings them."""

    reason: str
    command: str
    paths: Sequence[str]


class Former(NamedTuple):
    """A file that is gone: its blob and bytes as git had it last, and what it may be called now."""

    blob: str
    data: bytes
    candidates: Collection[str]


class Tracked:
    """What git knows of a corpus that is seen on disk; or in git, with the entries seen there.

    `before` is the commit that these are compared with to see what was renamed. Every method
    raises `GitError`.
    """

    def __init__(
        self,
        repository: Repository,
        entries: Entries | None = None,
        before: str | None = "HEAD",
    ) -> None:
        self._repository, self._given, self._before = repository, entries, before
        self._nested = False  # whether submodules that are checked out were asked, too

    def absent(self, paths: Collection[str]) -> list[Absent]:
        """Return which of the paths are not checked out; the others are gone, or never were."""
        skipped: list[str] = []
        modules: dict[str, list[str]] = {}
        for path in paths:
            module = next((m for m in self.submodules if f"{path}/".startswith(f"{m}/")), None)
            if path in self._skipped or path.casefold() in self._skipped:
                skipped.append(path)
            elif module is not None:
                modules.setdefault(module, []).append(path)
        found = [self._absent_files(skipped)] if skipped else []
        missing = [module for module in modules if self._repository.submodule(module) is None]
        if missing:
            inside = [path for module in missing for path in modules[module]]
            named = [_quoted(module) for module in missing] if len(missing) <= _FEW else []
            command = " ".join(["git submodule update --init", *named])
            found.append(Absent("in a submodule that is not checked out", command, inside))
        for module in modules:
            inner = self._repository.submodule(module)
            if inner is not None and self._given is None:
                self._nested = True
                found += _inside(module, Tracked(inner).absent(_relative(module, modules[module])))
        return found

    def not_checked_out(
        self, there: Container[str], folders: Sequence[str] = (".",)
    ) -> dict[str, Skipped]:
        """Return the files and submodules under the folders that git knows and has not checked out,
        those of submodules that are checked out among them. `there` are the files on disk.
        """
        missing = [
            path
            for path in self._entries
            if path not in there and any(within(path, folder) for folder in folders)
        ]
        modules = frozenset(self.submodules)
        found: dict[str, Skipped] = {
            path: ABSENT_SUBMODULE if path in modules else NOT_CHECKED_OUT
            for each in self.absent(missing)
            for path in each.paths
        }
        for module in modules:
            below = _folders_in(module, folders)
            inner = self._repository.submodule(module) if below and self._given is None else None
            if inner is not None and may_be_missing(inner.git.folder):
                inside = Tracked(inner).not_checked_out(_Below(there, f"{module}/"), below)
                found |= {f"{module}/{path}": why for path, why in inside.items()}
        return found

    def former(self, gone: Collection[str], new: Collection[str]) -> dict[str, Former]:
        """Return what files that are gone held, by path, if git had them in the last commit, or
        staged. What was there next to such a file already can't be the same under another name.
        """
        commit = self._before and self._repository.commit(self._before)
        tree = self._repository.tree(commit) if commit else {}
        staged = {} if self._given is not None else self._entries
        since = frozenset(path for path in new if path not in tree)
        unstaged = frozenset(path for path in new if path not in staged)
        found: dict[str, Former] = {}
        room = _MOST_BYTES
        reader = self._repository.blobs()
        for path in gone:
            entry = staged.get(path) or tree.get(path, "")
            if not entry.startswith("100") or room <= 0:
                continue
            try:
                data = reader.read(entry[7:], min(_LARGE, room))
            except BlobTooLarge:
                continue
            room -= len(data)
            if data:
                found[path] = Former(entry[7:], data, since if path in tree else unstaged)
        reader.close()
        return found

    def blob(self, path: str) -> str:
        """Return the id of a file's blob in the index, empty if it has none."""
        return self._entries.get(path, "")[7:]

    def uncommitted(
        self, paths: Iterable[str], read: Callable[[str], Iterator[bytes]]
    ) -> list[str]:
        """Return which files the last commit does not have as they are, but for line ends, or has
        otherwise than the index. `read` returns their bytes in blocks.
        """
        commit = self._before and self._repository.commit(self._before)
        tree = self._repository.tree(commit) if commit else {}
        found: list[str] = []
        kept: list[str] = []
        for path in paths:
            entry = tree.get(path, "")
            blob = entry[7:]
            same = entry.startswith("100") and self._entries.get(path, entry) == entry
            if same and blob in blob_ids(partial(read, path), len(blob)):
                kept.append(blob)
            else:
                found.append(path)
        self._repository.require(kept)
        return found

    def mark(self) -> str:
        """Return a name for all that the answers depend on; empty if there is none."""
        if self._nested:
            return ""
        head = self._repository.commit("HEAD") or ""
        missing = [each for each in self.submodules if self._repository.submodule(each) is None]
        listed = [" ".join(each) for each in self._listed]
        return hashlib.sha256(os.fsencode("\0".join([head, *missing, "", *listed]))).hexdigest()

    @cached_property
    def _listed(self) -> list[tuple[str, str, str]]:
        """Of each entry of the index a letter, the mode and id, and the path."""
        if self._given is not None:
            return [("H", entry, path) for path, entry in self._given.items()]
        fields = self._repository.git.fields("ls-files", "-v", "--stage", "-z")
        split = (field.partition("\t") for field in fields)
        return [(head[0], head[2:-2], path) for head, _, path in split]

    @cached_property
    def _entries(self) -> Entries:
        return {path: entry for _, entry, path in self._listed}

    @cached_property
    def _skipped(self) -> frozenset[str]:
        """Files that are not checked out, with their folders, as they are and with case folded."""
        files: Iterable[str] = (path for letter, _, path in self._listed if letter in _SKIPPED)
        if self._is_bare:
            files = self._repository.tree("HEAD")
        found: set[str] = set()
        for path in files:
            while path and path not in found:
                found.add(path)
                path = path.rpartition("/")[0]
        return frozenset(found | set(map(str.casefold, found)))

    @cached_property
    def _is_bare(self) -> bool:
        """Whether nothing was ever checked out, as after `git clone --no-checkout`."""
        index = self._repository.git.line("rev-parse", "--git-path", "index")
        there = index and os.path.exists(os.path.join(self._repository.git.folder, index))
        return self._given is None and not there and self._repository.commit("HEAD") is not None

    @cached_property
    def submodules(self) -> list[str]:
        """The submodules, the innermost first."""
        found = [path for _, entry, path in self._listed if entry.startswith(SUBMODULE)]
        return sorted(found, reverse=True)

    def _absent_files(self, paths: list[str]) -> Absent:
        git = self._repository.git
        if self._is_bare:
            return Absent("in a clone without a checkout", "git checkout HEAD -- .", paths)
        if git.line("config", "--bool", "core.sparseCheckout") != "true":
            path = _quoted(paths[0])
            command = f"git update-index --no-skip-worktree {path} && git checkout -- {path}"
            return Absent("marked skip-worktree", command, paths)
        folders = sorted({path.rpartition("/")[0] for path in paths})
        prefix = git.line("rev-parse", "--show-prefix") or ""
        if len(folders) > _FEW:
            folders = [os.path.commonpath(folders)]
        folders = [f"{prefix}{folder}".rstrip("/") for folder in folders]
        up = f" -C {'/'.join(['..'] * prefix.count('/'))}" if prefix else ""
        if "" in folders:
            command = f"git{up} sparse-checkout disable"
        else:
            command = " ".join([f"git{up} sparse-checkout add", *map(_quoted, folders)])
        return Absent("left out by a sparse checkout", command, paths)


def tracked(source: Source) -> Tracked | None:
    """Return what git knows of a source, None if it is in no repository."""
    if isinstance(source, OverlaySource):
        return tracked(source.base)
    if isinstance(source, GitSource):
        return Tracked(source.repository, source.entries, source.before)
    if not isinstance(source, DiskSource) or not in_repository(source.root):
        return None
    return Tracked(repository_at(source.root))


def submodule_command(source: Source, module: str) -> str:
    """Return the command that checks out a submodule that is not. Raises `GitError`."""
    known = tracked(source)
    absent = known.absent([module]) if known is not None else []
    return absent[0].command if absent else "git submodule update --init --recursive"


def in_repository(folder: str) -> bool:
    """Tell whether the folder is in a git repository."""
    return "GIT_DIR" in os.environ or repository_top(folder) is not None


def blob_ids(read: Callable[[], Iterable[bytes]], digits: int) -> Iterator[str]:
    """Return the ids that git gives to bytes, read in blocks: as they are, and without CRs before
    LFs. As many digits are of SHA-1 or of SHA-256.
    """
    for blocks in (read, lambda: _without_crs(read())):
        digest = hashlib.new("sha1" if digits == 40 else "sha256", usedforsecurity=False)
        digest.update(b"blob %d\0" % sum(map(len, blocks())))
        for block in blocks():
            digest.update(block)
        yield digest.hexdigest()


def _without_crs(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes, with line ends CRLF as LF."""
    rest = b""
    for block in blocks:
        block = rest + block
        rest = block[-1:] if block.endswith(b"\r") else b""
        yield block[: len(block) - len(rest)].replace(b"\r\n", b"\n")
    yield rest


class _Below(Container[str]):
    """The paths of a container that begin so, without that beginning."""

    def __init__(self, paths: Container[str], prefix: str) -> None:
        self._paths, self._prefix = paths, prefix

    def __contains__(self, path: object) -> bool:
        return f"{self._prefix}{path}" in self._paths


def _folders_in(module: str, folders: Iterable[str]) -> list[str]:
    """Return the folders as seen from a submodule, those that hold nothing of it left out."""
    if any(within(module, folder) for folder in folders):
        return ["."]
    return _relative(module, (folder for folder in folders if within(folder, module)))


def _relative(module: str, paths: Iterable[str]) -> list[str]:
    return [path[len(module) + 1 :] for path in paths if path != module]


def _inside(module: str, found: Iterable[Absent]) -> list[Absent]:
    """What is absent in a submodule, as seen from around it."""
    at = f"git -C {_quoted(module)}"
    return [
        Absent(
            each.reason,
            each.command.replace("git ", f"{at} "),
            [f"{module}/{path}" for path in each.paths],
        )
        for each in found
    ]


def _quoted(path: str) -> str:
    """The path as a shell takes it."""
    plain = all(char.isalnum() or char in "/._-+@," for char in path) and path[:1] != "-"
    return path if plain else "'" + path.replace("'", "'\\''") + "'"
