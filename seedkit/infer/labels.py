"""Finds lines, or beginnings of lines, that might be the labels of sections.

Labels come in families that are written alike: `--TEST--` and `--FILE--`; `.T` and `.W`; `Q: ` and
`A: `; `# `, `> ` and `- `. A family counts if nearly every record has one of it.

What might be marked within lines: pairs like `<TEXT>` … `</TEXT>`, tokens like `<|user|>`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from seedkit.infer.draft import Values
from seedkit.infer.lines import RecurringLines
from seedkit.infer.shapes import escape

_TOKEN = re.compile(
    r"<\|[\w.:-]{1,40}\|>|</?[A-Za-z][\w.:-]{0,40}>|\[/?[A-Za-z_]{1,30}\]|</?[a-z]{1,10}_\w{1,30}>"
)
_MOST = 0.95


class Tags:
    """The tokens of some texts, in order."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.found = [_TOKEN.findall(text) for text in texts]
        self.spread = Counter(token for tokens in self.found for token in set(tokens))
        self.total = Counter(token for tokens in self.found for token in tokens)

    def records(self) -> Iterator[Values]:
        """Return `[record]` tables with tokens that stand anywhere in a line."""
        count = len(self.texts)
        first = _usual((tokens[0] for tokens in self.found if tokens), count)
        last = _usual((tokens[-1] for tokens in self.found if tokens), count)
        if first and last and first != last and self._alternate(first, last):
            yield {"mode": "block", "open": first, "close": last, "match": "inline"}
        for token in (first, last):
            if token and self.total[token] > count and "/" not in token:
                ends = sum(text.rstrip().endswith(token) for text in self.texts)
                mode = "terminator" if ends >= _MOST * count else "separator"
                yield {"mode": mode, "delimiter": token, "match": "inline"}

    def _alternate(self, first: str, last: str) -> bool:
        """Tell whether the two come in turn, in nearly all texts."""
        fits = 0
        for tokens in self.found:
            both = [token for token in tokens if token in (first, last)]
            fits += both == [first, last] * (len(both) // 2) and bool(both)
        return fits >= _MOST * len(self.texts)

    def pairs(self) -> list[Values]:
        """Return sections for pairs of tokens that open and close, the outermost only."""
        pairs = {
            token: closer
            for token in self.total
            if (closer := _closer(token))
            and self.total[closer] * 20 >= self.total[token] * 19
            and self.spread[token] >= (2 if len(self.texts) > 3 else 1)
        }
        inner: Counter[str] = Counter()
        for tokens in self.found:
            stack: list[str] = []
            for token in tokens:
                if stack and token == pairs[stack[-1]]:
                    stack.pop()
                elif token in pairs:
                    inner[token] += bool(stack)
                    stack.append(token)
        return [
            {"delimiter": token, "close": closer, "match": "inline"}
            for token, closer in pairs.items()
            if inner[token] * 2 < self.total[token]
        ]

    def openers(self) -> list[Values]:
        """Return sections for tokens that only open, as in a dialogue; none if some look closed."""
        tokens = [
            token
            for token in self.total
            if token.startswith("<|") and self.spread[token] >= min(2, len(self.texts))
        ]
        return [{"delimiter": token, "match": "inline"} for token in tokens[:30]]


def _closer(token: str) -> str | None:
    if token[1:2] in ("/", "|"):
        return None
    return f"{token[0]}/{token[1:]}"


def _usual(tokens: Iterator[str], count: int) -> str | None:
    """The token that nearly all of so many texts have at some place."""
    ranked = Counter(tokens).most_common(1)
    return ranked[0][0] if ranked and ranked[0][1] >= _MOST * count else None


_LONGEST = 48  # characters of a label
_HEADING = 4  # words of a line that is a label by its words alone
_MOST_LABELS = 60
_COVERED = 0.8  # share of the records that must have a label of the family
_FEW = 5  # records, of which one may be the only one with some label
_WHOLE = re.compile(r"([^\w\s\"'(]{0,4}[ ]?)([A-Za-z][\w /-]*?)([ ]?[^\w\s]{0,4})")
_MARKS = re.compile(r"([^\w\s\"'“”‘’(\[{<*_]{1,3}|[*])([ ]?)(?=\w|[^\w\s])")
_WORDS = re.compile(
    r"([^\w\s]{0,3})([A-Za-z][\w-]*(?: [\w-]+){0,2})(\s?[:=>|\])]+[*]{0,2})(?:([ ])|$)"
)
_PUNCTUATION = frozenset(".,;!?-\"')")  # what prose ends lines with
_CASES = (
    ("[A-Z]", re.compile("[A-Z]")),
    ("[A-Z_]+", re.compile("[A-Z_]+")),
    ("[a-z_-]+", re.compile("[a-z_-]+")),
    ("[A-Z][a-z]+", re.compile("[A-Z][a-z]+")),
)
Key = tuple[str, ...]  # what the labels of a family have in common


class Family(NamedTuple):
    """Labels that are written alike: the sections they begin, and a pattern for such lines.

    `covered` is the share of records that have one.
    """

    key: Key
    sections: list[Values]
    pattern: str | None
    covered: float


def label_families(lines: RecurringLines) -> dict[Key, Family]:
    """Return the families of labels that nearly every record has, the likeliest first."""
    found = [*_whole_lines(lines), *_words(lines), *_marks(lines), *_open(lines)]
    usual = [family for family in found if family.covered >= _COVERED]
    usual.sort(key=lambda family: (-family.covered, family.key))
    return {family.key: family for family in usual}


def label_sets(lines: RecurringLines) -> list[tuple[Key, ...]]:
    """Return which families to try, alone and those that begin lines in pairs."""
    families = list(label_families(lines).values())[:6]
    alone = [(family.key,) for family in families]
    # Whole lines that already begin most records need no others.
    joined = [
        family.key
        for family in families
        if family.key[0] in ("words", "marks")
        or (family.key[0] == "line" and not _leads(family, lines))
    ]
    return [*alone, *combinations(joined, 2)]


def _leads(family: Family, lines: RecurringLines) -> bool:
    labels = {str(section["delimiter"]) for section in family.sections}
    return sum(line in labels for line in lines.first) * 2 > len(lines)


def labels_of(lines: RecurringLines, keys: Sequence[Key]) -> tuple[list[Values], str | None]:
    """Return the sections of these families, and the pattern of such lines if there is one."""
    families = label_families(lines)
    sections: dict[str, Values] = {}
    patterns = []
    for key in keys:
        if key in families:
            patterns.append(families[key].pattern)
            for section in families[key].sections:
                sections.setdefault(str(section["delimiter"]), section)
    return list(sections.values()), patterns[0] if len(patterns) == 1 else None


def _whole_lines(lines: RecurringLines) -> Iterator[Family]:
    spread, total = lines.counted
    groups: dict[Key, list[str]] = defaultdict(list)
    for line in spread:
        match = _WHOLE.fullmatch(line) if len(line) <= _LONGEST else None
        if match is None:
            continue
        framed = bool(match[1]) or not _PUNCTUATION.issuperset(match[3].strip())
        if framed:
            groups["line", match[1], _case(match[2]), match[3]].append(line)
        elif _is_heading(line, spread[line], len(lines)):
            groups["line", "", "", ""].append(line)
    for key, members in groups.items():
        often = [line for line in members if _is_usual(line, spread, total, lines)]
        if often and len(often) <= _MOST_LABELS:
            _, before, case, after = key
            pattern = f"{escape(before)}{case}{escape(after)}" if before or after else None
            covered = sum(not set(often).isdisjoint(each) for each in lines.texts) / len(lines)
            yield Family(key, [{"delimiter": line} for line in often], pattern, covered)


def _is_heading(line: str, texts: int, total: int) -> bool:
    """Tell whether a line of just words may be a label: in capitals, or in most texts."""
    if any(map(str.isdigit, line)) or len(line.split()) > _HEADING:
        return False
    return line.isupper() or (line[0].isupper() and texts * 2 >= total > 2)


def _is_usual(label: str, spread: Counter[str], total: Counter[str], lines: RecurringLines) -> bool:
    return spread[label] > 1 or (len(lines) < _FEW and total[label] >= 1)


def _case(word: str) -> str:
    return next((name for name, case in _CASES if case.fullmatch(word)), r"[\w /-]+")


def _words(lines: RecurringLines) -> Iterator[Family]:
    """Words and a mark that begin a line: `Q: `, `Answer: `, `[name] `."""
    groups: dict[Key, Counter[str]] = defaultdict(Counter)
    total = Counter[str]()
    bare = set[str]()
    for each in lines.texts:
        here = set[tuple[Key, str]]()
        for line in each:
            match = _WORDS.match(line[:_LONGEST])
            if match is not None:
                here.add((("words", match[1], match[3]), match[0]))
                total[match[0]] += 1
                if len(match[0].rstrip(" ")) == len(line):
                    bare.add(line)
        for key, label in here:
            groups[key][label] += 1
    for key, spread in groups.items():
        often = {label for label in spread if _is_usual(label, spread, total, lines)}
        # `Note:` alone on its line, and `Note: ` before text, are one label.
        often = {label.rstrip(" ") if label.rstrip(" ") in bare else label for label in often}
        if often and len(often) <= _MOST_LABELS:
            yield _begins(key, sorted(often), lines)


def _begins(key: Key, labels: list[str], lines: RecurringLines) -> Family:
    covered = sum(any(line.startswith(tuple(labels)) for line in each) for each in lines.texts)
    sections: list[Values] = [{"delimiter": each, "match": "prefix"} for each in labels]
    return Family(key, sections, None, covered / len(lines))


def _marks(lines: RecurringLines) -> Iterator[Family]:
    """Marks that begin lines: all that most records have, as one family."""
    spread = Counter[str]()
    spaced: dict[str, set[str]] = defaultdict(set)
    for each in lines.texts:
        here = set()
        for line in each:
            match = _MARKS.match(line)
            if match is not None and any(map(str.isalnum, line)):
                here.add(match[1])
                spaced[match[1]].add(match[2])
        spread.update(here)
    usual = sorted(mark for mark, count in spread.items() if count >= _COVERED * len(lines))
    if usual:
        labels = [mark + (" " if spaced[mark] == {" "} else "") for mark in usual]
        yield _begins(("marks",), labels, lines)


def _open(lines: RecurringLines) -> Iterator[Family]:
    """Lines with something left open: `-- name --`, `00:01 --> 00:02`."""
    for shape in (*lines.frames[:2], *lines.rules[:1], *lines.shapes[:4]):
        section: Values = {"delimiter": {"pattern": shape.pattern}}
        yield Family(("open", shape.pattern), [section], None, shape.texts / len(lines))
