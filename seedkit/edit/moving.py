"""Moves and removes seeds with all that is written of them: rows of the indexes, baseline entries.

Plans only: which files change, and how. The seeds come first, so that a run that is killed between
two files leaves an index that `check` reports; the command can be run again.

Lets git's index follow as seeds are moved and removed, as `git mv` and `git rm` do.

An entry is moved with the bytes that it has: what of a seed is not staged stays so. An INDEX.md or
a baseline is staged with its change only if it was staged as it was; else it is left to the user.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from seedkit.check import baseline
from seedkit.check.baseline import UNREAD, Baseline, Key, key_of, read_baseline
from seedkit.check.findings import INDEX_LIMIT
from seedkit.check.run import run_check, selection
from seedkit.core.diagnostic import Diagnostic, Severity, involves, seen_from
from seedkit.core.errors import EnvironmentFault, UsageError
from seedkit.core.rules import NAME_NOT_SEQUENTIAL
from seedkit.core.text import LineIndex, other_form, visible
from seedkit.corpus.workspace import Workspace
from seedkit.manifest.listing import CorpusFiles
from seedkit.manifest.load import Indexes, load_indexes
from seedkit.manifest.moves import Move, Unclear, listed, move_row, remove_rows
from seedkit.sources.files import Change, Changed
from seedkit.sources.git import GitError
from seedkit.sources.repository import SUBMODULE, Repository, repository_at
from seedkit.sources.source import Digest, DiskSource, OverlaySource, Source
from seedkit.sources.tracked import blob_ids, in_repository, tracked
from seedkit.sources.walk import reason_of


class Staging(NamedTuple):
    """What becomes of the index. `left` are tracked files that change and are not staged."""

    repository: Repository
    removed: Sequence[str]
    added: Mapping[str, str]  # mode and id, by path
    texts: Mapping[str, tuple[str, bytes]]  # mode and new bytes, by path
    left: Sequence[str]

    def apply(self) -> None:
        """Change the index; raises `GitError`."""
        added = dict(self.added)
        for path, (mode, data) in self.texts.items():
            added[path] = f"{mode} {self.repository.store(data)}"
        if self.removed or added:
            self.repository.restage(self.removed, added)


def staging(
    disk: DiskSource,
    changes: Sequence[Change],
    moves: Mapping[str, str],
    removed: Collection[str],
) -> Staging | None:
    """Return what becomes of the index with the changes; None if git does not know the seeds.

    Raises `GitError` if git can't be asked, or the index has conflicts.
    """
    if not in_repository(disk.root):
        return None
    repository = repository_at(disk.root)
    entries = repository.index()
    if entries.keys().isdisjoint((*moves, *moves.values(), *removed)):
        return None
    gone = [path for path in (*moves, *removed) if path in entries]
    moved = {each.source for each in changes}  # what was moved already may be staged already
    # An entry below a submodule's would replace that: the file is the submodule's to stage.
    modules = tuple(f"{path}/" for path, entry in entries.items() if entry.startswith(SUBMODULE))
    added = {
        new: entries[old]
        for old, new in moves.items()
        if old in entries and (old in moved or new not in entries) and not new.startswith(modules)
    }
    texts: dict[str, tuple[str, bytes]] = {}
    left: list[str] = []
    for path, before, after, _ in changes:
        if not (isinstance(before, bytes) and isinstance(after, bytes) and path in entries):
            continue
        mode, _, name = entries[path].partition(" ")
        if next(blob_ids(partial(tuple, (before,)), len(name))) == name:
            texts[path] = mode, after
        else:
            left.append(path)
    return Staging(repository, gone, added, texts, left)


# The corpus without some files, and with some under a new path: how `MovePlan`s are tried.
Imagine = Callable[[Collection[str], Mapping[str, str]], Workspace]


class MovePlan(NamedTuple):
    """What changes on the disk, in order, and new findings about a seed that is moved.

    `gaps` are numbers that will be missing: no reason to refuse, for seeds are renumbered one by
    one.
    """

    changes: list[Change]
    findings: list[Diagnostic]
    gaps: Sequence[Diagnostic] = ()


def recorded(workspace: Workspace, paths: Collection[str]) -> set[str]:
    """Return which of the paths the indexes list as seeds, there or not.

    Raises `UsageError` for an index that can't be read.
    """
    return listed(*_indexes(workspace, paths, {}), paths)


def plan_move(
    workspace: Workspace, old: str, new: str, imagine: Imagine, ignore: Sequence[str] = ()
) -> MovePlan:
    """Return what a move of a seed changes. If the file was moved already, only that is recorded.

    Findings of rules to `ignore` are left out. Raises `UsageError` for an index that can't be
    changed, or if there is nothing to move.
    """
    source = workspace.source
    refuse_absent(source, (old, new))
    there = workspace.is_there(old)
    digest = _digest(source, old if there else new)
    moved = [Change(new, None, digest, source=old)] if there else []
    after = imagine((), {new: old}) if there else imagine((old,), {})
    if not after.is_there(new):
        raise _gone(old if there else new)
    texts: dict[str, bytes] = {}
    indexes, corpus = _indexes(workspace, (old, new), texts)
    accepts = read_baseline(source)
    if not there and not (
        listed(indexes, corpus, (old,)) or any(path == old for path, *_ in accepts.entries)
    ):
        raise UsageError(f"there is no seed {visible(old)}, and nothing is recorded of one")
    if listed(indexes, corpus, (new,)):
        raise UsageError(
            f"{visible(new)} is listed already",
            help="`seedkit check` reports rows of missing seeds",
        )
    move = Move(old, new, workspace.summaries()[old] if there else None, after.summaries()[new])
    config = workspace.config
    with _explained(indexes):
        rewritten = move_row(
            indexes,
            corpus,
            move,
            by_path=config.index_order == "path",
            groups=after.group_names(),
        )
    changes = _changed(rewritten, texts)
    _let_see(after, changes)
    kept, found = _judged(workspace, accepts), _judged(after, accepts)
    changes += _baseline_change(source, accepts, _carried(accepts, kept, found, {old: new}, ()))
    wanted = selection(workspace, None, ignore)
    known = Counter(_identity(each, {old: new}) for each in kept)
    fresh = [
        seen_from(each, (new,))
        for each in found
        if each.severity is not Severity.INFO
        and not each.rule.startswith("index/")  # of a row that was so before
        and wanted.keeps(each)
        and involves(each, (new,))
        and not known[_identity(each, {})]
        and not _is_gap(each)
    ]
    gaps = [each for each in found if _is_gap(each) and wanted.keeps(each)]
    new_gaps = [each for each in gaps if not known[_identity(each, {})]]
    return MovePlan([*moved, *changes], fresh, new_gaps)


def plan_removal(workspace: Workspace, paths: Sequence[str], imagine: Imagine) -> MovePlan:
    """Return what the removal of seeds changes; of those that are gone already, only the records.

    Raises `UsageError` for a path that is no seed and of which nothing is recorded, and for an
    index that can't be changed.
    """
    source = workspace.source
    refuse_absent(source, paths)
    texts: dict[str, bytes] = {}
    indexes, corpus = _indexes(workspace, paths, texts)
    accepts = read_baseline(source)
    recorded = listed(indexes, corpus, paths) | {path for path, *_ in accepts.entries}
    removed = []
    for path in paths:
        if workspace.is_there(path):
            removed.append(Change(path, _digest(source, path), None))
        elif source.exists(path):
            raise UsageError(
                f"{visible(path)} is no seed", help="`seedkit show-files` lists the seeds"
            )
        elif path not in recorded:
            form = other_form(path, workspace.paths)
            why = form or ", and nothing is recorded of one"
            raise UsageError(f"there is no seed {visible(path)}{why}")
    with _explained(indexes):
        changes = _changed(remove_rows(indexes, corpus, paths), texts)
    if accepts.entries:
        after = imagine(paths, {})
        _let_see(after, changes)
        kept, found = _judged(workspace, accepts), _judged(after, accepts)
        changes += _baseline_change(source, accepts, _carried(accepts, kept, found, {}, paths))
    return MovePlan([*removed, *changes], [])


def refuse_absent(source: Source, paths: Iterable[str]) -> None:
    """Raise `UsageError` for a seed that git has and has not checked out: it is not gone."""
    missing = [path for path in paths if not source.exists(path)]
    try:
        known = tracked(source) if missing else None
        absent = known.absent(missing) if known is not None else []
    except GitError:
        return
    for each in absent:
        raise UsageError(
            f"{visible(each.paths[0])} is not checked out here, {each.reason}",
            help=f"`{each.command}` brings it",
        )


@contextmanager
def _explained(indexes: Indexes) -> Iterator[None]:
    """Say in a `UsageError` why a row can't be changed."""
    try:
        yield
    except Unclear as error:
        line, column, _ = LineIndex(indexes.texts[error.place.path]).position(error.place.start)
        where = f"{visible(error.place.path)}:{line}:{column}"
        raise UsageError(
            f"the row at {where} can't be changed: {error.reason}",
            help="correct it by hand, then run the command again",
        ) from None


def _indexes(
    workspace: Workspace, paths: Collection[str], texts: dict[str, bytes]
) -> tuple[Indexes, CorpusFiles]:
    """The indexes and what their links mean if there are such seeds; fills in their `texts`."""
    config, source = workspace.config, workspace.source

    def read(path: str) -> bytes | None:
        try:
            texts[path] = source.read(path, INDEX_LIMIT)
        except FileNotFoundError:
            return None
        return texts[path]

    seeds = {*workspace.rows, *paths}
    indexes = load_indexes(config.index, seeds, read) or Indexes()
    if not indexes.complete:
        problem = next(each for each in indexes.problems if each.place is not None)
        raise UsageError(problem.message, help=problem.help)
    name = config.index.rpartition("/")[2]
    return indexes, CorpusFiles(seeds, config.seeds, source.exists, name)


def _digest(source: Source, path: str) -> Digest:
    assert isinstance(source, DiskSource)  # nothing is moved or removed elsewhere
    with _readable(path):
        return source.digest(path)


def read_blocks(disk: DiskSource, path: str) -> Iterator[bytes]:
    """Return a seed's bytes in blocks; raises `Changed` if it is gone, or `EnvironmentFault`."""
    with _readable(path):
        yield from disk.blocks(path)


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Say in a message of ours why a file can't be read."""
    try:
        yield
    except FileNotFoundError:
        raise _gone(path) from None
    except OSError as error:
        raise EnvironmentFault(f"{visible(path)} can't be read: {reason_of(error)}") from None


def _gone(path: str) -> Changed:
    return Changed(f"{visible(path)} is gone since it was read")


def _changed(rewritten: Mapping[str, str], texts: Mapping[str, bytes]) -> list[Change]:
    return [
        Change(path, texts[path], text.encode("utf-8", "surrogateescape"))
        for path, text in rewritten.items()
    ]


def _let_see(after: Workspace, changes: Sequence[Change]) -> None:
    """Put changed indexes, which are no seeds, into a corpus that is imagined."""
    assert isinstance(after.source, OverlaySource)
    texts = {each.path: each.after for each in changes if isinstance(each.after, bytes)}
    after.source.files |= texts


def _is_gap(found: Diagnostic) -> bool:
    """Tell whether a number is missing."""
    others = (related.place.path for related in found.related)
    named = any(f"`{visible(path)}`" in found.message for path in others)
    return found.rule == NAME_NOT_SEQUENTIAL.name and not named


def _judged(workspace: Workspace, accepts: Baseline) -> list[Diagnostic]:
    """All findings; those about repeats, which take long, only if any is accepted."""
    repeats = any(rule.startswith("repeat/") for _, rule, _ in accepts.entries)
    wanted = selection(workspace, None, () if repeats else ("repeat",))
    return run_check(workspace, wanted, use_baseline=False).all


def _carried(
    accepts: Baseline,
    before: Sequence[Diagnostic],
    after: Sequence[Diagnostic],
    moves: Mapping[str, str],
    gone: Collection[str],
) -> Baseline:
    """The baseline after a move or a removal: it accepts what it did, as far as that is there."""
    keys: dict[tuple[str, str, str], Key] = {}
    for each in after:
        keys.setdefault(_identity(each, {}), key_of(each))
    half_seen = any(each.rule in UNREAD for each in (*before, *after))
    changed: dict[Key, Key] = {}
    vanished: list[Diagnostic] = []
    for each in before:
        key = key_of(each)
        new = keys.get(_identity(each, moves))
        if new is not None:
            changed[key] = new
        elif key in accepts.entries and key[0] not in gone and not half_seen:
            vanished.append(each)
    kept = accepts.without(gone, vanished)
    entries = Counter[Key]()
    for key, count in kept.entries.items():
        path, rule, subject = key
        entries[changed.get(key, (moves.get(path, path), rule, subject))] += count
    paths = {path for path, *_ in entries}
    digests = {p: d for p, d in kept.renamed(moves).digests.items() if p in paths}
    return Baseline(entries, digests)


def _identity(found: Diagnostic, moves: Mapping[str, str]) -> tuple[str, str, str]:
    """What a finding has in common with the same one after a move."""
    message = found.message
    for old, new in moves.items():
        message = message.replace(f"`{visible(old)}`", f"`{visible(new)}`")
    return found.rule, moves.get(found.place.path, found.place.path), message


def _baseline_change(source: Source, before: Baseline, after: Baseline) -> list[Change]:
    if after.entries == before.entries:
        return []
    with _readable(baseline.FILE):
        kept = source.read(baseline.FILE)
    return [Change(baseline.FILE, kept, after.text().encode())]
