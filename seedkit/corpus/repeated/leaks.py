"""Leaks between the splits of a corpus: what of a later split repeats something of an earlier one.

They are found again if a seed of a split has changed, and remembered otherwise.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from seedkit.core.diagnostic import Diagnostic, Place, Related, fingerprint
from seedkit.core.patterns import Globs
from seedkit.core.rules import CONFIG_UNUSED_SPLIT, REPEAT_LEAK
from seedkit.core.text import visible
from seedkit.corpus.remembered import Parts, remembered
from seedkit.corpus.repeated.records import (
    ComparedRecord,
    FoundRecord,
    RecordReader,
    named,
    relation,
)
from seedkit.repeats.fold import tokenize
from seedkit.repeats.leaks import Leak, LeakFinder, LeakLimits
from seedkit.repeats.shared import Groups
from seedkit.sources.root import CONFIG_FILES

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_RESULT = "leaks"
_BATCH = 4_000_000  # characters that are compared together


def leak_findings(workspace: Workspace) -> list[Diagnostic]:
    """Return a finding for each record or seed that repeats one of an earlier split, and for each
    split without a seed."""

    def find(splits: Parts) -> tuple[list[Diagnostic], bool]:
        reader = RecordReader(workspace)
        found = [*_unused(splits), *_Leaks(workspace, splits, reader).findings()]
        return found, not reader.changed

    config = workspace.config
    settings = [(name, tuple(globs)) for name, globs in config.splits.items()], _limits(workspace)
    found = remembered(workspace, _RESULT, settings, lambda: _split_paths(workspace), find)
    return [_placed(workspace, each) for each in found if not _may_be_used(workspace, each)]


def _limits(workspace: Workspace) -> LeakLimits:
    config = workspace.config
    characters = config.similarity_tokens == "characters"
    return LeakLimits(config.near_duplicate, config.contained, config.leak_tokens, characters)


def _split_paths(workspace: Workspace) -> dict[str, list[str]]:
    """Return the seeds of each split that are compared; each is in the first that names it."""
    globs = {name: Globs(each) for name, each in workspace.config.splits.items()}
    found: dict[str, list[str]] = {name: [] for name in globs}
    skipped = workspace.skipped_seeds()
    for path in workspace.seed_paths():
        if path not in skipped:
            name = next((name for name, each in globs.items() if each.match(path)), None)
            if name is not None:
                found[name].append(path)
    return {name: sorted(paths) for name, paths in found.items()}


def _unused(splits: Mapping[str, Sequence[str]]) -> Iterator[Diagnostic]:
    for name, paths in splits.items():
        if not paths:
            yield CONFIG_UNUSED_SPLIT.diagnostic(
                f"split `{visible(name)}` has no seed: nothing is compared with it",
                Place(CONFIG_FILES[0]),
                help="correct its patterns, which are relative to the root, or remove it",
                fingerprint=fingerprint(CONFIG_UNUSED_SPLIT.name, name),
            )


def _may_be_used(workspace: Workspace, found: Diagnostic) -> bool:
    """Tell whether a split that has no seed has one that can't be read or is not checked out."""
    return found.rule == CONFIG_UNUSED_SPLIT.name and any(
        Globs(globs).match(path)
        for name, globs in workspace.config.splits.items()
        if fingerprint(found.rule, name) == found.fingerprint
        for path in workspace.skipped()
    )


def _placed(workspace: Workspace, found: Diagnostic) -> Diagnostic:
    """Return the finding with its place in the configuration, which may have changed elsewhere."""
    if found.rule != CONFIG_UNUSED_SPLIT.name:
        return found
    from seedkit.settings.config import place_of

    names = {fingerprint(found.rule, name): name for name in workspace.config.splits}
    place = place_of(workspace.source, "splits", names[found.fingerprint])
    return found._replace(place=place)


class _Leaks:
    """The leaks between splits, each with the paths of its seeds."""

    def __init__(
        self, workspace: Workspace, splits: Mapping[str, Sequence[str]], reader: RecordReader
    ) -> None:
        self._workspace = workspace
        self._names = list(splits)
        self._paths = [path for paths in splits.values() for path in paths]
        self._bounds = [0, *accumulate(map(len, splits.values()))]
        self._split_of = {path: name for name, paths in splits.items() for path in paths}
        self._reader = reader
        self._seeds, self._numbers = array("q"), array("q")  # of each item: its seed, its number

    def findings(self) -> Iterator[Diagnostic]:
        """Return the findings about leaks."""
        finder = LeakFinder(_limits(self._workspace))
        splits = range(len(self._names))
        for split in splits[1:]:
            for groups, _ in self._batches(split):
                finder.want(groups)
        for split in splits:
            for groups, items in self._batches(split):
                finder.add(split, groups)
                self._seeds.extend(seed for seed, _ in items)
                self._numbers.extend(number for _, number in items)
        leaks = finder.leaks()
        placed = self._placed(leaks)
        for leak in leaks:
            ends = self._of(leak.item), self._of(leak.other)
            if placed.keys() >= set(ends):  # or a seed has changed
                yield self._finding(leak, *ends, placed)

    def _of(self, item: int) -> tuple[int, int]:
        return self._seeds[item], self._numbers[item]

    def _batches(self, split: int) -> Iterator[tuple[Groups, list[tuple[int, int]]]]:
        """Return the records of a split, and for each which seed it is of, and its number there."""
        texts: list[str] = []
        sizes: list[int] = []
        items: list[tuple[int, int]] = []
        length = 0
        for seed in range(self._bounds[split], self._bounds[split + 1]):
            for record in self._records(seed):
                items.append((seed, record.number))
                sizes.append(len(record.parts))
                texts += [part.text for part in record.parts]
                length += record.end - record.start + 1
                if length >= _BATCH:
                    yield Groups(texts, sizes), items
                    texts, sizes, items, length = [], [], [], 0
            self._workspace.pulse()
        if items:
            yield Groups(texts, sizes), items

    def _records(self, seed: int) -> Iterator[ComparedRecord]:
        path = self._paths[seed]
        read = self._reader.text(path)
        if read is not None:
            yield from self._reader.records(path, read[0], damaged=read[1])

    def _placed(self, leaks: Sequence[Leak]) -> dict[tuple[int, int], FoundRecord]:
        """Return the records of leaks, by seed and number; each seed is read once."""
        wanted: dict[int, set[int]] = {}
        for leak in leaks:
            for seed, number in (self._of(leak.item), self._of(leak.other)):
                wanted.setdefault(seed, set()).add(number)
        return self._reader.found(self._paths, wanted)

    def _finding(
        self,
        leak: Leak,
        item: tuple[int, int],
        other: tuple[int, int],
        placed: Mapping[tuple[int, int], FoundRecord],
    ) -> Diagnostic:
        path, origin = self._paths[item[0]], self._paths[other[0]]
        split, earlier = self._split_of[path], self._split_of[origin]
        name, known = named(path, item[1]), named(origin, other[1])
        here, there = placed[item], placed[other]
        place, place_there = here.whole(path), there.whole(origin)
        words = here.words
        if leak.run is None:
            message = relation(leak.kind, leak.share, name, known, larger=leak.larger)
        else:
            run = leak.run
            message = f"{run.tokens:,} words of {name} also occur in {known}"
            own, others = here.record.parts[run.text], there.record.parts[run.other_text]
            words = own.text[run.start : run.end]
            place = here.place(path, own.start + run.start, own.start + run.end)
            # Of the run, those tokens that are surely there in a row.
            rest = tokenize([others.text[run.other_start :]], characters=True)
            least = self._workspace.config.leak_tokens
            first = others.start + run.other_start
            place_there = there.place(origin, first, first + int(rest.ends[least - 1]))
        subject = f"{origin}\0{leak.kind}\0{' '.join(words.casefold().split())}"
        return REPEAT_LEAK.diagnostic(
            f"{message}, in split `{visible(earlier)}`",
            place,
            help=f"remove it from split `{visible(split)}` or the other from "
            f"`{visible(earlier)}`, or accept both",
            related=(Related(place_there, f"in split `{visible(earlier)}`"),),
            fingerprint=fingerprint(REPEAT_LEAK.name, subject),
        )
