"""How texts might be cut into records: separators, terminators, start lines, blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedkit.core.patterns import MAX_PATTERN, compile_pattern
from seedkit.infer.draft import Values
from seedkit.infer.lines import Lines

_MOST = 0.95  # of the texts must begin, or end, with a delimiter for it to be one of that kind
_WORDS = 4  # of a line that is no prose
_CANDIDATES = 4  # of each kind that are looked at


def record_candidates(texts: Sequence[str], lines: Lines) -> Iterator[Values]:
    """Return `[record]` tables that may fit, the likeliest of each kind first."""
    marks = _marks(lines)
    yield from _patterns(marks, lines)
    yield from _literals(marks, lines)
    yield from _blank(texts, lines)
    if all(line[:1] == "{" and line[-1:] == "}" for each in lines.texts for line in each if line):
        yield {"mode": "separator", "delimiter": "\n", "match": "inline"}


def _marks(lines: Lines) -> list[str]:
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


def _literals(marks: Sequence[str], lines: Lines) -> Iterator[Values]:
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


def _is_usual(line: str, places: Sequence[str], lines: Lines) -> bool:
    return places.count(line) >= _MOST * len(lines)


def _closers(marks: Sequence[str], lines: Lines) -> list[str]:
    return [line for line in marks if _is_usual(line, lines.last, lines)]


def _blank(texts: Sequence[str], lines: Lines) -> Iterator[Values]:
    blank = sum("" in each for each in lines.texts)
    if blank * 2 < len(lines):
        return
    ended = sum(text.endswith("\n\n") for text in texts)
    mode = "terminator" if ended >= _MOST * len(texts) else "separator"
    values: Values = {"mode": mode, "delimiter": ""}
    if mode == "terminator" and not any("\n\n\n" in text for text in texts):
        values["empty_lines"] = "each"  # one too many would be a fault
    yield values


def _patterns(marks: Sequence[str], lines: Lines) -> Iterator[Values]:
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


def _is_distinct(pattern: str, lines: Lines) -> bool:
    compiled = compile_pattern(pattern)
    for each in lines.texts:
        found = [groups["number"] for line in each if (groups := compiled.groups(line))]
        if len(set(found)) < len(found):
            return False
    return True
