"""From problems with INDEX.md, which `seedkit.manifest.compare` finds, to diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from seedkit.core.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    Place,
    Position,
    Related,
    fingerprint,
    sort_key,
)
from seedkit.core.rules import INDEX_MISSING_INDEX
from seedkit.core.text import LineIndex
from seedkit.manifest import SeedSummary
from seedkit.manifest.compare import compare
from seedkit.manifest.inserts import new_index
from seedkit.manifest.listing import CorpusFiles
from seedkit.manifest.load import Indexes, load_indexes
from seedkit.manifest.model import IndexProblem, IndexSpan, Table
from seedkit.manifest.renames import Git
from seedkit.manifest.target import shown
from seedkit.manifest.unlinked import includable, listed, load_unlinked, report_unlinked


class IndexReport(NamedTuple):
    """What is wrong with the index, and the names of all columns of its tables, folded."""

    diagnostics: list[Diagnostic]
    columns: frozenset[str] = frozenset()


def check_index(
    index_path: str,
    seeds: Mapping[str, SeedSummary],
    folders: Sequence[str],
    read: Callable[[str], bytes | None],
    exists: Callable[[str], bool],
    *,
    order: Literal["any", "path"] = "any",
    groups: Collection[str] | None = None,
    pulse: Callable[[], None] = lambda: None,
    git: Git | None = None,
    others: Collection[str] = (),
) -> IndexReport:
    """Compare the index, and those it includes, with the seeds. Paths are relative to the root.

    `read` returns a file's bytes, None if there is none, and may raise `SeedkitError` or `OSError`,
    which become findings. `groups` are the names of all name groups, if the caller knows them: then
    no seed is asked for its groups in vain. `pulse` is called again and again. `git` is asked where
    entries name nothing. `others` are files that have the name of an index: they should be
    included. Never raises but what these two raise.
    """
    indexes = load_indexes(index_path, seeds, read)
    pulse()
    corpus = CorpusFiles(seeds, folders, exists, index_path.rpartition("/")[2])

    def compared(indexes: Indexes) -> list[IndexProblem]:
        return compare(
            indexes,
            corpus,
            seeds,
            by_path=order == "path",
            groups=groups,
            pulse=pulse,
            git=git,
        )

    linked = indexes or Indexes()
    # Where one can't be read, nobody knows what it includes.
    candidates = others if linked.complete else ()
    more, unlinked = load_unlinked(linked, index_path, candidates, seeds, read)
    if indexes is None and not unlinked:
        return IndexReport([_missing(index_path, seeds, git=git)])
    everything = linked.joined(more)
    found = compared(everything)
    included = includable(unlinked, everything, found, corpus)
    files = {file.path: file for each in included.values() for file in each}
    if indexes is None:
        left = [each for each in unlinked if each not in included]
        problems = report_unlinked(left, (), linked, ())
        known = set(listed(files.values(), corpus))
        rest = {path: seed for path, seed in seeds.items() if path not in known}
        missing = _missing(index_path, rest, [each.path for each in included], git=git)
        return IndexReport([missing, *(_diagnostic(each, _IndexPlaces({})) for each in problems)])
    if len(included) < len(unlinked):
        found = compared(linked.joined(Indexes(list(files.values()))))
    problems = [
        *found,
        *report_unlinked(unlinked, included, linked, found),
    ]
    places = _IndexPlaces(everything.texts)
    diagnostics = []
    for problem in problems:
        pulse()
        diagnostics.append(_diagnostic(problem, places))
    tables = (block for file in everything.files for block in file.manifest.blocks)
    columns = frozenset(
        name.casefold() for block in tables if isinstance(block, Table) for name in block.columns
    )
    return IndexReport(sorted(diagnostics, key=sort_key), columns)


def _missing(
    index_path: str,
    seeds: Mapping[str, SeedSummary],
    others: Sequence[str] = (),
    *,
    git: Git | None,
) -> Diagnostic:
    place = Place(index_path)
    for absent in (git.absent([index_path]) or ()) if git is not None else ():
        message = f"the index {shown(index_path)} is not checked out here, {absent.reason}"
        remedy = f"check it out with `{absent.command}`"
        return INDEX_MISSING_INDEX.diagnostic(message, place, remedy)
    text = new_index(index_path, seeds, others)
    message = f"the corpus has no index, {shown(index_path)} does not exist"
    remedy = "list every seed there"
    fix = Fix("list every seed in a new index", (Edit(place, text),))
    return INDEX_MISSING_INDEX.diagnostic(message, place, remedy, fix=fix)


class _IndexPlaces:
    """Gives spans of the indexes their lines and columns; many seeds are inserted at one point."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._lines: dict[str, LineIndex] = {}
        self._known: dict[tuple[str, int], Position] = {}

    def of(self, span: IndexSpan) -> Place:
        path, start, end = span
        return Place(path, self._position(path, start), self._position(path, end))

    def _position(self, path: str, offset: int) -> Position:
        known = self._known.get((path, offset))
        if known is None:
            if path not in self._lines:
                self._lines[path] = LineIndex(self._texts[path])
            known = Position(*self._lines[path].position(offset))
            self._known[path, offset] = known
        return known


def _diagnostic(problem: IndexProblem, places: _IndexPlaces) -> Diagnostic:
    fix = None
    if problem.change is not None:
        title, path, edits, safe = problem.change
        fix = Fix(
            title,
            tuple(Edit(places.of(IndexSpan(path, start, end)), text) for start, end, text in edits),
            Applicability.SAFE if safe else Applicability.UNSAFE,
        )
    related: tuple[Related, ...] = ()
    if problem.first is not None:
        related = (Related(places.of(problem.first), "first listed here"),)
    place = Place(problem.place) if isinstance(problem.place, str) else places.of(problem.place)
    rule, subject = problem.rule, problem.subject
    known_by = fingerprint(rule.name, subject) if subject else ""
    return rule.diagnostic(
        problem.message, place, problem.help, related, fix, known_by, problem.involved
    )
