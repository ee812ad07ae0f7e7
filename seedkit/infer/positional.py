"""Sections that are told apart by their place: by lines, by empty lines, by a line between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from seedkit.infer.draft import Values, tolerance
from seedkit.infer.lines import Lines

_MOST_SECTIONS = 12
_TITLE = 120  # characters of a line that may be a title
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)[ \t]*:(?:[ \t]|$)")
_MOST_KEYS = 12  # of records that are fields; fewer are sections of their own


def fixed(lines: Lines, delimiter: str) -> list[Values]:
    """Return a format of as many sections in every text, joined by the delimiter."""
    counts = Counter("\n".join(each).rstrip("\n").count(delimiter) + 1 for each in lines.texts)
    usual, often = counts.most_common(1)[0]
    if not 2 <= usual <= _MOST_SECTIONS:
        return []
    if len(lines) - often <= tolerance(len(lines)):
        return [_joined(delimiter, [{} for _ in range(usual)])]
    if delimiter == "\n\n":
        return []  # paragraphs, which are seldom told apart by their number
    return list(_optional(delimiter, counts, len(lines)))


def delimiters_between(lines: Lines) -> list[str]:
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


def front_matter(lines: Lines) -> list[Values]:
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


def headers_body(lines: Lines) -> list[Values]:
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


def titled(lines: Lines) -> list[Values]:
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
