"""How much of some texts occurs in others: a test set in training data, new texts in a corpus."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from seedkit.core.text import LineIndex
from seedkit.infer.texts import Collection, Item
from seedkit.repeats.shared import Groups, Run, SharedRuns

_BATCH = 4_000_000  # characters that are looked at together


class Spot(NamedTuple):
    """Where something begins: a path from the working directory, a line from 1, and a column from
    1, or 0 in a record, whose strings were decoded."""

    path: str
    line: int
    column: int


class SharedRun(NamedTuple):
    """Tokens in a row that also occur elsewhere: where they begin, how many they are, where the
    first of them occur first elsewhere, and their text. `whole` is set if they are all those of a
    file or record, and one elsewhere has the same and no others."""

    at: Spot
    tokens: int
    elsewhere: Spot
    text: str
    whole: bool = False


class Overlap(NamedTuple):
    """What texts share with others: the runs, in order, and what they are of.

    `tokens` are all tokens of the texts, `shared` those in runs; `items` are the files or records,
    `touched` those with a run.
    """

    runs: list[SharedRun]
    tokens: int
    shared: int
    items: int
    touched: int

    @property
    def share(self) -> float:
        """The share of the tokens that are in runs, from 0 to 1."""
        return self.shared / self.tokens if self.tokens else 0.0


Progress = Callable[[int, int], None]


def overlap(
    known: Collection, asked: Collection, least: int, progress: Callable[[str], Progress]
) -> Overlap:
    """Return which runs of at least so many tokens of `asked` occur in `known`, and which files or
    records of it are the same as one there, however short.

    Memory grows with `asked`, by 16 bytes a token, and not with `known`, but for 16 bytes a text.
    `progress` is asked for a progress for each of three passes, by what is done.
    """
    shared = SharedRuns(least)
    for items in _batches(asked.items(progress("Reading"))):
        shared.want(_groups(items))
    paths: list[str] = []
    path_of, line_of = array("q"), array("q")  # of each text of `known`
    for items in _batches(known.items(progress("Comparing"))):
        for item in items:
            if not paths or paths[-1] != item.path:
                paths.append(item.path)
            path_of.extend([len(paths) - 1] * len(item.texts))
            line_of.extend([item.line] * len(item.texts))
        shared.see(_groups(items))
    found: list[tuple[Item, Run, str]] = []
    count = touched = 0
    for items in _batches(asked.items(progress("Finding"))):
        groups = _groups(items)
        runs = shared.find(groups)
        for run in runs:
            item, text = items[run.group], groups.texts[run.text][run.start : run.end]
            found.append((item, run, "\n".join(item.texts) if run.whole else text))
        touched += len({run.group for run in runs})
        count += len(items)
    here = _spots(asked, [(item.path, item.line, run.start) for item, run, _ in found])
    there = []
    for _, run, _ in found:
        number, offset = run.elsewhere
        there.append((paths[path_of[number]], line_of[number], offset))
    merged = [
        SharedRun(at, run.tokens, elsewhere, text, run.whole)
        for (_, run, text), at, elsewhere in zip(found, here, _spots(known, there), strict=True)
    ]
    return Overlap(merged, shared.tokens, sum(run.tokens for run in merged), count, touched)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += sum(map(len, item.texts)) + 1
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _groups(items: Sequence[Item]) -> Groups:
    texts = [text for item in items for text in item.texts]
    return Groups(texts, [len(item.texts) for item in items])


def _spots(collection: Collection, places: Sequence[tuple[str, int, int]]) -> list[Spot]:
    """Return paths, lines of records and code points as spots; each file is read at most once."""
    spots = [Spot(path, max(line, 1), 0) for path, line, _ in places]
    whole: defaultdict[str, list[int]] = defaultdict(list)
    for number, (path, line, _) in enumerate(places):
        if not line:
            whole[path].append(number)
    for path, numbers in whole.items():
        index = LineIndex(collection.text(path))
        for number in numbers:
            spots[number] = Spot(path, *index.position(places[number][2])[:2])
    return spots
