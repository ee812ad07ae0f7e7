"""How much text a corpus has, by format and split: words, characters, languages, lengths."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from seedkit.core.languages import detect
from seedkit.core.letters import word_spans
from seedkit.core.patterns import Globs
from seedkit.corpus.repeated.records import RecordReader
from seedkit.repeats.fold import tokenize

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(slots=True)
class TextTotals:
    """Sums over the texts of some seeds.

    `lengths` counts records by the power of two that is their number of words or the next below;
    those without a word by 0. `languages` counts seeds.
    """

    records: int = 0
    words: int = 0
    characters: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)


def text_totals(workspace: Workspace) -> dict[tuple[str, str], TextTotals]:
    """Return the totals by format and split, either empty for none. All seeds are read.

    What counts is what is compared for repeats, in the words that repeats have: sections, and of
    data the fields that are prose. A seed that has changed meanwhile, or is skipped, is left out.
    """
    globs = [(name, Globs(each)) for name, each in workspace.config.splits.items()]
    reader = RecordReader(workspace)
    skipped = workspace.skipped_seeds()
    found: dict[tuple[str, str], TextTotals] = {}
    files = workspace.files
    for path, kind in zip(files.paths, files.kinds, strict=True):
        if not kind or path in skipped:
            continue
        read = reader.text(path)
        if read is None:
            continue
        split = next((name for name, each in globs if each.match(path)), "")
        key = (workspace.seed_format(path) or "", split)
        _add(
            found.setdefault(key, TextTotals()),
            [
                [part.text for part in r.parts]
                for r in reader.records(path, read[0], damaged=read[1])
            ],
        )
        workspace.pulse()
    return dict(sorted(found.items()))


def _add(totals: TextTotals, records: list[list[str]]) -> None:
    texts = [text for record in records for text in record]
    if not texts:
        return
    firsts = np.cumsum([0, *map(len, records)])
    counts = np.diff(tokenize(texts, characters=True).bounds[firsts]).tolist()
    totals.records += len(counts)
    totals.words += sum(counts)
    totals.characters += sum(map(len, texts))
    totals.lengths.update(1 << count.bit_length() >> 1 for count in counts)
    chunks = [text[a:b].translate(_ASCII_LOWER) for text in texts for a, b in word_spans(text)]
    totals.languages[detect(chunks)] += 1
