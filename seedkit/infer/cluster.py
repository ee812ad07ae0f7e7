"""Splits a collection of texts by format: finds several formats, and which explains which texts.

Sequential covering: the format that saves the most bits takes the texts that it explains, and the
rest is looked at again. A format that only some texts have is found among texts that have something
in common: where they lie, what they are called, how they begin.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import chain, islice
from math import lgamma, log
from typing import NamedTuple

from seedkit.core.document import Kind
from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse
from seedkit.infer.choose import PLAIN, Choice, best_format, evenly, explains, is_plain
from seedkit.infer.cost import cost_of
from seedkit.infer.draft import layout_of

_EXPLAINED = 0.95  # share of a collection that a format must explain to be that of the whole
_LEAST = 3  # texts that a format found among others must explain
_LEAST_SHARE = 0.03
_TRIES = 10  # groups of texts that are looked at before the rest counts as without structure
_ONE_BY_ONE = 12  # texts among which one alone may have a format of its own
_PARTS = 6  # groups in which a format is looked for that explains a part better
_GROUP = 40  # texts of a group that are looked at
_MANY_RECORDS = 20
_SHORT = 6  # lines of a text in which one is looked for that comes twice …
_COPIED = 20  # … and has more characters than this
_USUAL = 0.8  # share of a collection with which a format is its own, with exceptions
_SAVED = 100  # bits that a format must save on the texts that it explains
_BEGINNING = re.compile(r"[^\w\s]{1,4}|[A-Za-z]+[:.)\]] |\d+|[A-Z]+$")


class Text(NamedTuple):
    """A text and the path of its file. Lines end with LF."""

    path: str
    text: str


class ExplainedTexts(NamedTuple):
    """A format and which of the texts it explains."""

    choice: Choice
    members: list[int]


def cover(
    texts: Sequence[Text], *, builtins: bool = True
) -> tuple[list[ExplainedTexts], list[int]]:
    """Return the formats found, the most important first, and the texts that none explains."""
    collection = _Collection(texts, builtins=builtins)
    pool = list(range(len(texts)))
    whole = collection.try_group(pool, pool)
    if whole is not None and len(whole.members) >= _EXPLAINED * len(pool):
        rest = [index for index in pool if index not in set(whole.members)]
        loose = whole.choice.layout.spec.sections
        if loose.order == "strict" and loose.unknown == "error":
            return [whole], rest
        parts = collection.parts_of(whole)  # any order: perhaps these are several formats
        return parts, rest
    found: list[ExplainedTexts] = []
    while len(pool) >= max(1, _LEAST_SHARE * len(texts)):
        best = collection.best_of(pool)
        if best is None:
            break
        parts = collection.parts_of(best)
        found += parts
        taken = {index for part in parts for index in part.members}
        pool = [index for index in pool if index not in taken]
    found.sort(key=lambda each: -len(each.members))
    return found, pool


class _Collection:
    """Texts of perhaps several formats."""

    def __init__(self, texts: Sequence[Text], *, builtins: bool) -> None:
        self.texts = texts
        self.builtins = builtins

    def try_group(self, group: Sequence[int], pool: Sequence[int]) -> ExplainedTexts | None:
        """Return the format of a group and which of the pool it explains; None if it has none."""
        chosen = evenly(group, _GROUP if len(group) < len(self.texts) else len(group))
        choice = best_format([self.texts[i].text for i in chosen], builtins=self.builtins)
        if is_plain(choice) or (len(group) == 1 < len(self.texts) and not _speaks(choice)):
            return None
        members = [i for i in pool if explains(choice.layout, self.texts[i].text)]
        if len(members) < min(_LEAST, len(group)) or len(members) * 2 < len(group):
            return None
        return ExplainedTexts(choice, members)

    def best_of(self, pool: Sequence[int]) -> ExplainedTexts | None:
        """Return the format that saves the most on the pool, None if none saves anything."""
        best: ExplainedTexts | None = None
        most = 0.0
        for group in islice(chain([list(pool)], _groups(self.texts, pool)), _TRIES):
            found = self.try_group(group, pool)
            if found is None:
                continue
            saved = self._saved(found, found.members) - _choosing(len(found.members), len(pool))
            usual = len(found.members) >= _USUAL * len(pool)
            if saved > max(most, 0 if usual else _SAVED):
                best, most = found, saved
            if best is not None and len(best.members) >= _EXPLAINED * len(pool):
                break
        return best

    def parts_of(self, found: ExplainedTexts) -> list[ExplainedTexts]:
        """Return the formats that explain parts of a format's texts better than it, and it.

        A format that fits two kinds of texts, for each knows less than that kind's own.
        """
        parts: list[ExplainedTexts] = []
        left = list(found.members)
        for group in islice(_groups(self.texts, left), _PARTS):
            if len(left) < 2 * _LEAST:
                break
            part = self.try_group([i for i in group if i in set(left)] or group, left)
            if part is None or len(part.members) > _EXPLAINED * len(left):
                continue
            least = _SAVED + _choosing(len(part.members), len(left))
            if self._saved(part, part.members) > self._saved(found, part.members) + least:
                parts.append(part)
                left = [i for i in left if i not in set(part.members)]
        if parts and left:
            rest = self.try_group(left, left)
            return [*parts, *([rest] if rest is not None else [])]
        return [*parts, *([ExplainedTexts(found.choice, left)] if left else [])]

    def _saved(self, found: ExplainedTexts, members: Sequence[int]) -> float:
        """How many bits the format saves on these texts."""
        plain = layout_of(PLAIN)
        assert plain is not None  # it is as simple as can be
        chosen = [self.texts[i].text for i in evenly(members, _GROUP)]
        choice = found.choice
        saved = cost_of(PLAIN, plain, chosen).bits
        saved -= cost_of(choice.values, choice.layout, chosen).bits
        return saved * len(members) / len(chosen)


def _speaks(choice: Choice) -> bool:
    """Tell whether one text alone may have this format: a known one, or one of many records."""
    return "extends" in choice.values or choice.cost.explained >= _MANY_RECORDS


def _choosing(members: int, total: int) -> float:
    """The bits that say which of the texts have a format: without them, any would be found."""
    return _log_factorial(total) - _log_factorial(members) - _log_factorial(total - members)


def _log_factorial(number: int) -> float:
    """Return the binary logarithm of the factorial."""
    return lgamma(number + 1) / log(2)


def delimited(layout: Layout, text: str) -> int:
    """Return how many characters of a text, white space aside, a format takes for delimiters."""
    pieces = (p for p in parse(text, layout).pieces if p.kind is Kind.DELIMITER)
    return sum(len("".join(text[piece.start : piece.end].split())) for piece in pieces)


def _groups(texts: Sequence[Text], pool: Sequence[int]) -> Iterator[list[int]]:
    """Texts that have something in common, the largest groups first, each group once."""
    by_feature: dict[Hashable, list[int]] = defaultdict(list)
    for index in pool:
        for feature in _features(texts[index]):
            by_feature[feature].append(index)
    least = 1 if len(pool) <= _ONE_BY_ONE else max(2, _LEAST_SHARE * len(pool))
    groups = {
        tuple(members): repr(feature)
        for feature, members in sorted(by_feature.items(), key=lambda item: repr(item[0]))
        if least <= len(members) < len(pool)
    }
    for members in sorted(groups, key=lambda members: (-len(members), groups[members])):
        yield list(members)


def shape_of(path: str) -> str:
    """Return a path with its numbers and digests left open."""
    return re.sub(r"[0-9a-f]{8,}|\d+", "0", path)


def _features(text: Text) -> set[Hashable]:
    """What a text may have in common with others of its format."""
    folder, _, name = text.path.rpartition("/")
    lines = text.text.rstrip("\n").split("\n")
    features: set[Hashable] = {
        ("folder", folder),
        ("name", shape_of(text.path)),
        ("name", re.sub(r"[^\W\d_]+", "a", shape_of(name))),
    }
    for place, line in (("first", lines[0]), ("last", lines[-1])):
        if not any(map(str.isalnum, line)):
            features.add((place, line))
        elif begun := _BEGINNING.match(line):
            features.add((place, re.sub(r"\d+", "0", begun[0])))
    if len(lines) <= _SHORT:
        copied = [(i, lines.index(line)) for i, line in enumerate(lines) if len(line) > _COPIED]
        features.add(("copies", tuple(pair for pair in copied if pair[0] != pair[1])))
    marks = {line for line in lines if 0 < len(line) <= 20 and not any(map(str.isalnum, line))}
    features.update(("mark", line) for line in marks)
    return features
