"""Proposes how texts are cut into records, and into sections that are distinguished by place.

Records: separators, terminators, start lines, blocks. Sections: by lines, by empty lines, by a line
between them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from seedkit.core.patterns import MAX_PATTERN, compile_pattern
from seedkit.infer.draft import Values, tolerance
from seedkit.infer.lines import RecurringLines

_MOST_SECTIONS = 12
_TITLE = 120  # characters of a line that may be a title
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)[ \t]*:(?:[ \t]|$)")
_MOST_KEYS = 12  # of records that are fields; fewer are sections of their own


def fixed(lines: RecurringLines, delimiter: str) -> list[Values]:
    """Return a format of as many sections in every text, joined by the delimiter."""
    counts = Counter("\n".join(each).rstrip("\n").count(delimiter) + 1 for each in lines.texts)
    usual, often = counts.most_common(1)[0]
    if not 2 <= usual <= _MOST_SECTIONS:
        return []
    if len(lines) - often <= tolerance(len(lines)):
        return [_joined(delimiter, [{} for _ in range(usual)])]
    if delimiter == "\n\n":
        return []  # paragraphs, which seldom differ by their number
    return list(_optional(delimiter, counts, len(lines)))


def delimiters_between(lines: RecurringLines) -> list[str]:
    """Return what might join sections: a newline, an empty line, a line of marks."""
    spread, _ = lines.counted
    marks = [
        line
        for line, texts in spread.items()
        if texts * 10 >= 9 * len(lines) and line.strip() and not any(map(str.isalnum, line))
    ]
    marks.sort(key=lambda line: (-spread[line], line))
    return ["\n", "\n\n", *(f"\n{line}\n" for line in marks[:3])]


def _optional(delimiter: str, counts: Counter[int], total: int) -> Iterator[Values]:
    """The last sections may be absent."""
    common = sorted(n for n, count in counts.items() if count * 20 >= total)
    covered = sum(counts[n] for n in common)
    if not common or total - covered > tolerance(total):
        return
    low, high = common[0], common[-1]
    if low < 2 or high > low + 2 or high > _MOST_SECTIONS:
        return
    optional: list[Values] = [{"required": False} for _ in range(high - low)]
    yield _joined(delimiter, [*({} for _ in range(low)), *optional])


def _joined(delimiter: str, sections: Sequence[Values]) -> Values:
    return {"sections": {"delimiter": delimiter}, "section": [dict(each) for each in sections]}


def front_matter(lines: RecurringLines) -> list[Values]:
    """Return formats with a block between two equal lines, then free text."""
    count = len(lines)
    opener, _ = Counter(each[0] for each in lines.texts).most_common(1)[0]
    opened = [each for each in lines.texts if each[0] == opener]
    closed = [each for each in opened if opener in each[1:]]
    if not opener.strip() or opener.isalnum() or count - len(closed) > tolerance(count):
        return []
    block: Values = {"delimiter": opener, "close": opener}
    content = {"---": "yaml", "+++": "toml", ";;;": "json"}.get(opener)
    if content:
        block["content"] = content
    bodies = ["\n".join(each[each.index(opener, 1) + 1 :]).strip() for each in closed]
    empty = sum(not each for each in bodies)
    sections: list[Values] = [block]
    if empty < len(bodies):
        rest: Values = {"rest": True}
        if empty > tolerance(count):
            rest["required"] = False
        sections.append(rest)
    return [{"section": sections}]


def headers_body(lines: RecurringLines) -> list[Values]:
    """Return formats of `Key: value` lines, then perhaps an empty line and free text."""
    texts = ["\n".join(each) for each in lines.texts]
    heads = [text.lstrip("\n").partition("\n\n") for text in texts]
    fields = [head for head, _, _ in heads if _all_fields(head)]
    if len(texts) - len(fields) > max(len(texts) // 20, tolerance(len(texts))):
        return []
    bodies = sum(bool(body.strip()) for _, _, body in heads)
    headers: Values = {"content": "fields"}
    if bodies == 0:
        keys = {
            match[1]
            for head in fields
            for line in head.split("\n")
            if (match := _FIELD.match(line))
        }
        return [{"section": [headers]}] if len(keys) > _MOST_KEYS else []
    rest: Values = {"rest": True}
    if len(texts) - bodies > tolerance(len(texts)):
        rest["required"] = False
        rest["empty"] = "allow"
    return [_joined("\n\n", [headers, rest])]


def _all_fields(head: str) -> bool:
    first, *lines = head.split("\n")
    return bool(_FIELD.match(first)) and all(
        _FIELD.match(line) or line[:1] in (" ", "\t") for line in lines
    )


def titled(lines: RecurringLines) -> list[Values]:
    """Return the format of a title in a line of its own, an empty line, and the rest."""
    texts = ["\n".join(each).strip("\n") for each in lines.texts]
    parts = [text.partition("\n\n") for text in texts]
    titled = [
        (head, body)
        for head, _, body in parts
        if body.strip() and "\n" not in head and len(head) <= _TITLE and head[-1:] not in ".,;"
    ]
    if len(texts) < 5 or len(texts) - len(titled) > tolerance(len(texts)):
        return []
    longest = median(max(map(len, body.split("\n"))) for _, body in titled)
    several = sum("\n" in body for _, body in titled)
    if several * 2 > len(titled) and longest < 1.5 * median(len(head) for head, _ in titled):
        return []
    return [_joined("\n\n", [{"content": "line"}, {"rest": True}])]


_MOST = 0.95  # of the texts must begin, or end, with a delimiter for it to be one of that kind
_WORDS = 4  # of a line that is no prose
_CANDIDATES = 4  # of each kind that are looked at


def record_candidates(texts: Sequence[str], lines: RecurringLines) -> Iterator[Values]:
    """Return `[record]` tables that may fit, the likeliest of each kind first."""
    marks = _marks(lines)
    yield from _patterns(marks, lines)
    yield from _literals(marks, lines)
    yield from _blank(texts, lines)
    if all(line[:1] == "{" and line[-1:] == "}" for each in lines.texts for line in each if line):
        yield {"mode": "separator", "delimiter": "\n", "match": "inline"}


def _marks(lines: RecurringLines) -> list[str]:
    """Lines that look like delimiters and recur, the most widespread first."""
    spread, total = lines.counted
    marks = [
        line
        for line, texts in spread.items()
        if line.strip() and total[line] >= 2 and texts * 2 >= len(lines) and _is_mark(line)
    ]
    return sorted(marks, key=lambda line: (-spread[line], -total[line], line))


def _is_mark(line: str) -> bool:
    """Tell whether a line looks like a delimiter: marks, or a few words in marks or capitals."""
    bare = line.strip()
    if not any(map(str.isalnum, bare)):
        return True
    if len(bare.split()) > _WORDS or bare[-1] in ".,;!?":
        return False
    return bare.isupper() or (not bare[0].isalnum() and bare[0] not in "\"'(“‘¿¡")


def _literals(marks: Sequence[str], lines: RecurringLines) -> Iterator[Values]:
    spread, total = lines.counted
    for first in marks:
        for last in _closers(marks, lines) if _is_usual(first, lines.first, lines) else ():
            if first != last:
                yield {"mode": "block", "open": first, "close": last}
    for line in marks[:_CANDIDATES]:
        again = total[line] > spread[line]  # it delimits more than the text as a whole
        if _is_usual(line, lines.first, lines):
            if again:
                yield {"mode": "start", "delimiter": line}
        elif _is_usual(line, lines.last, lines):
            if again:
                yield {"mode": "terminator", "delimiter": line}
        else:
            values: Values = {"mode": "separator", "delimiter": line}
            if line not in lines.last and len(lines) > 1:
                values["trailing"] = "forbid"
            yield values


def _is_usual(line: str, places: Sequence[str], lines: RecurringLines) -> bool:
    return places.count(line) >= _MOST * len(lines)


def _closers(marks: Sequence[str], lines: RecurringLines) -> list[str]:
    return [line for line in marks if _is_usual(line, lines.last, lines)]


def _blank(texts: Sequence[str], lines: RecurringLines) -> Iterator[Values]:
    blank = sum("" in each for each in lines.texts)
    if blank * 2 < len(lines):
        return
    ended = sum(text.endswith("\n\n") for text in texts)
    mode = "terminator" if ended >= _MOST * len(texts) else "separator"
    values: Values = {"mode": mode, "delimiter": ""}
    if mode == "terminator" and not any("\n\n\n" in text for text in texts):
        values["empty_lines"] = "each"  # one too many would be a fault
    yield values


def _patterns(marks: Sequence[str], lines: RecurringLines) -> Iterator[Values]:
    patterns = [shape.pattern for shape in (*lines.shapes[:40], *lines.frames[:10])]
    given = 0
    for pattern in (*patterns, lines.worded):
        if pattern is None or len(pattern) > MAX_PATTERN:
            continue
        if given and pattern == lines.worded:
            continue  # a line with numbers left open is the better pattern
        compiled = compile_pattern(pattern)
        first = sum(map(compiled.fullmatch, lines.first))
        if first < _MOST * len(lines):
            continue
        if not any(sum(map(compiled.fullmatch, each)) > 1 for each in lines.texts):
            continue
        delimiter = {"pattern": pattern}
        for closer in _closers(marks, lines):
            yield {"mode": "block", "open": delimiter, "close": closer}
        unique = "number" in compiled.names and _is_distinct(pattern, lines)
        yield {
            "mode": "start",
            "delimiter": delimiter,
            **({"unique": ["number"]} if unique else {}),
        }
        given += 1
        if given == _CANDIDATES:
            return
    for shape in lines.rules[:1]:
        yield {"mode": "separator", "delimiter": {"pattern": shape.pattern}}


def _is_distinct(pattern: str, lines: RecurringLines) -> bool:
    compiled = compile_pattern(pattern)
    for each in lines.texts:
        found = [groups["number"] for line in each if (groups := compiled.groups(line))]
        if len(set(found)) < len(found):
            return False
    return True
