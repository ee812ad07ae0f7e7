"""Rules about what a section holds, as its format declares.

Records with a structural error are passed over: what is missing can't also be too short.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from seedkit.core.document import Document, Finding, Record, Section
from seedkit.core.patterns import compile_pattern
from seedkit.core.rules import (
    SECTION_DIFFERS,
    SECTION_EMPTY,
    SECTION_MALFORMED,
    SECTION_MULTILINE,
    SECTION_NOT_ALLOWED,
    SECTION_NOT_UNIQUE,
    SECTION_PATTERN_MISMATCH,
    SECTION_TOO_LONG,
    SECTION_TOO_SHORT,
    SECTION_WRONG_SCRIPT,
)
from seedkit.core.text import as_written, line_spans, plural, shorten, visible
from seedkit.formats.content import content_problems
from seedkit.formats.data import goes_on
from seedkit.formats.layout import Layout
from seedkit.formats.rows import LineRows, TableRows
from seedkit.formats.values import fault_of_text
from seedkit.rules.fields import (
    FieldsCheck,
    UniqueInFile,
    check_table,
    declared_in,
    of_problems,
)

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

# A check of one section's text; its findings have spans within that text. It returns a sequence,
# empty for nearly every section there is, and is no generator: it runs ten times a seed.
SectionCheck = Callable[[str, "SectionSpec"], Sequence[Finding]]


def check_empty(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report a section of white space only, unless `empty = "allow"`."""
    if value and not value.isspace():
        return ()
    return (SECTION_EMPTY.finding(f"section `{spec.name}` is empty", 0, len(value)),)


def check_too_short(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report fewer characters, words or lines than the least."""
    for noun, count, least, _ in _measures(value, spec):
        if least is not None and count < least:
            message = (
                f"section `{spec.name}` has {plural(count, noun)}, at least {least:,} required"
            )
            return (SECTION_TOO_SHORT.finding(message, 0, len(value)),)
    return ()


def check_too_long(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report more characters, words or lines than the most, at what is too much."""
    for noun, count, _, most in _measures(value, spec):
        if most is not None and count > most:
            message = f"section `{spec.name}` has {plural(count, noun)}, at most {most:,} allowed"
            start = _where_excess(value, noun, most)
            return (SECTION_TOO_LONG.finding(message, start, len(value)),)
    return ()


def check_pattern_mismatch(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report a text that the pattern does not match as a whole."""
    assert spec.pattern is not None  # `checks_of`
    pattern = compile_pattern(spec.pattern)
    if pattern.fullmatch(value):
        return ()
    bare = value.strip()
    if bare and pattern.fullmatch(bare):  # then only what stands around it is wrong
        first = value.index(bare)
        last = first + len(bare)
        head, tail = ("begins", 0, first), ("ends", last, len(value))
        spans = [head, tail]
        if pattern.fullmatch(value[:last]):
            spans = [tail]
        elif pattern.fullmatch(value[first:]):
            spans = [head]
        return [
            SECTION_PATTERN_MISMATCH.finding(
                f"section `{spec.name}` {verb} with {_white(value[start:end])}, "
                "which its pattern does not match",
                start,
                end,
            )
            for verb, start, end in spans
            if start < end
        ]
    message = f"section `{spec.name}` does not match `{visible(spec.pattern)}`"
    return (SECTION_PATTERN_MISMATCH.finding(message, 0, len(value)),)


def check_not_allowed(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report a text that `enum` does not list."""
    assert spec.enum is not None  # `checks_of`
    if value in spec.enum:
        return ()
    allowed = ", ".join(f"`{shorten(each, 30)}`" for each in spec.enum[:8])
    more = ", …" if len(spec.enum) > 8 else ""
    message = f"section `{spec.name}` is `{as_written(value, 30)}`, not one of {allowed}{more}"
    return (SECTION_NOT_ALLOWED.finding(message, 0, len(value)),)


def check_multiline(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report the first line end of a section with `content = "line"`."""
    if "\n" not in value and "\r" not in value:
        return ()
    starts, ends = line_spans(value)
    message = f"section `{spec.name}` has {len(starts)} lines, it must be a single line"
    return (SECTION_MULTILINE.finding(message, ends[0], starts[1]),)


def check_wrong_script(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report the first run of letters of another script."""
    script = spec.script
    other = compile_pattern(rf"[^\p{{{script}}}\p{{Common}}\p{{Inherited}}]+").find(value)
    if other is None:
        return ()
    found, first = shorten(value[other[0] : other[1]], 20), value[other[0]]
    named = f"U+{ord(first):04X} {unicodedata.name(first, '')}".rstrip()
    message = f"section `{spec.name}` has letters that are not {script}: `{found}` ({named})"
    return (SECTION_WRONG_SCRIPT.finding(message, *other),)


def check_content(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report what keeps the text from being its kind of content."""
    return of_problems(content_problems(value, spec), spec)


def check_type(value: str, spec: SectionSpec) -> Sequence[Finding]:
    """Report a text that can't be read as what it should be, or is too small or large a number."""
    found = fault_of_text(value, spec, f"section `{spec.name}`")
    return () if found is None else (found[0].finding(found[1], 0, len(value)),)


# Each with the question whether a declaration asks for it. `check_empty` comes before them.
_CHECKS: Final[Sequence[tuple[Callable[[SectionSpec], bool], SectionCheck]]] = (
    (lambda spec: _any(spec.min_chars, spec.min_words, spec.min_lines), check_too_short),
    (lambda spec: _any(spec.max_chars, spec.max_words, spec.max_lines), check_too_long),
    # What `enum` refuses is one finding, whatever the pattern would say of it.
    (lambda spec: spec.pattern is not None and spec.enum is None, check_pattern_mismatch),
    (lambda spec: spec.enum is not None, check_not_allowed),
    (lambda spec: spec.type is not None, check_type),
    (lambda spec: spec.content == "line", check_multiline),
    (lambda spec: spec.content not in ("text", "line"), check_content),
    (lambda spec: spec.script is not None, check_wrong_script),
)


def _any(*limits: int | None) -> bool:
    return any(limit is not None for limit in limits)


def checks_of(spec: SectionSpec) -> tuple[SectionCheck, ...]:
    """Return the checks that this section's declaration asks for, `check_empty` aside."""
    checks = [check for asks, check in _CHECKS if asks(spec)]
    if spec.field or spec.schema_ is not None:
        checks[checks.index(check_content)] = FieldsCheck(spec)
    return tuple(checks)


def _check_of_keys(spec: SectionSpec, checks: Sequence[SectionCheck]) -> SectionCheck | None:
    """Return the check that finds required keys missing where there are none; JSON is not empty."""
    declared = spec.field or spec.required_keys or spec.schema_ is not None
    if not declared or spec.content not in ("fields", "yaml", "toml"):
        return None
    return next(
        check for check in checks if check is check_content or isinstance(check, FieldsCheck)
    )


def check_sections(
    document: Document, layout: Layout, checks: Sequence[tuple[SectionCheck, ...]]
) -> Iterator[Finding]:
    """Check the sections of every sound record, one by one and against each other.

    `checks` are those of each of the format's sections, from `checks_of`.
    """
    text, specs = document.text, layout.sections
    if isinstance(document.records, TableRows):
        yield from check_table(document.records, layout, checks, check_empty)
        if layout.has_copies:
            for record in document.records:
                yield from () if record.broken else check_differs(document, layout, record)
        return
    spread = _spread_json(document, layout)
    if spread is not None:
        yield spread
        return
    unique = {
        index: UniqueInFile(text, fields, declared_in(checks[index]))
        for index, fields in layout.unique_fields.items()
    }
    for record in document.records:
        if record.broken:
            continue
        for _, start, end, index in record.sections if specs else ():
            value = text[start:end]
            spec = specs[index]
            if not value or value.isspace():  # then nothing else can be said of it, but of its keys
                blank = (
                    check_empty if spec.empty == "forbid" else _check_of_keys(spec, checks[index])
                )
                found = blank(value, spec) if blank is not None else ()
                yield from (_shift(finding, start) for finding in found)
                continue
            for check in checks[index]:
                found = check(value, spec)
                if found:
                    yield from (_shift(finding, start) for finding in found)
            if index in unique:
                yield from unique[index].add(start, end)
        if layout.has_copies:
            yield from check_differs(document, layout, record)
    if layout.unique_in_file:
        yield from _unique_in_file(document, layout)


def _spread_json(document: Document, layout: Layout) -> Finding | None:
    """Report JSON that goes over the lines of a text in which each should be JSON."""
    text, records, specs = document.text, document.records, layout.sections
    if not isinstance(records, LineRows) or not records:
        return None
    if not specs or specs[0].content != "json":
        return None
    start, end = records.starts[0], records.ends[0]
    first = text[start:end].strip()
    if first[:1] not in ("[", "{"):
        return None
    shape = specs[0].field or specs[0].schema_ or specs[0].mapping
    one_line = len(records) == 1 and bool(shape) and first[0] == "["
    if len(first) > 1 and not one_line and not goes_on(text, start, end):
        return None
    if first[0] == "[":
        message = "the file is one JSON list, and each line is a record"
        help_ = "write each item of the list on a line of its own, as `jq -c '.[]'` does"
    else:
        message = "a JSON object goes over several lines, and each line is a record"
        help_ = "write each object on one line, as `jq -c .` does"
    message = f"section `{specs[0].name}`: {message}"
    return SECTION_MALFORMED.finding(message, start, end, help_)


def check_differs(document: Document, layout: Layout, record: Record) -> Iterator[Finding]:
    """Report sections that should equal another, where the two texts differ."""
    by_name: dict[str, Section] = {}
    for section in record.sections:
        by_name.setdefault(section.name, section)
    for section in record.sections:
        original = layout.sections[section.number].same_as
        other = None if original is None else by_name.get(original)
        if other is not None and document.value(section) != document.value(other):
            yield _difference(document, section, other)


def _difference(document: Document, section: Section, other: Section) -> Finding:
    """The smallest stretch in which the texts of two sections differ."""
    a, b = document.value(other), document.value(section)
    start = _common_prefix(a, b)
    tail = _common_prefix(a[start:][::-1], b[start:][::-1])
    span = (section.start + start, section.end - tail)
    related = ((other.start + start, other.end - tail, f"`{other.name}` here"),)
    message = f"section `{section.name}` differs from `{other.name}`"
    return SECTION_DIFFERS.finding(message, *span, related=related)


def _unique_in_file(document: Document, layout: Layout) -> Iterator[Finding]:
    seen: dict[tuple[int, str], Section] = {}
    for section in document.sections():
        if section.number not in layout.unique_in_file:
            continue
        first = seen.setdefault((section.number, document.value(section)), section)
        if first is not section:
            message = f"section `{section.name}` has the same text as an earlier one"
            related = ((first.start, first.end, "first here"),)
            span = (section.start, section.end)
            yield SECTION_NOT_UNIQUE.finding(message, *span, related=related)


def _measures(value: str, spec: SectionSpec) -> Iterator[tuple[str, int, int | None, int | None]]:
    if spec.min_chars is not None or spec.max_chars is not None:
        yield "character", len(value), spec.min_chars, spec.max_chars
    if spec.min_words is not None or spec.max_words is not None:
        yield "word", len(value.split()), spec.min_words, spec.max_words
    if spec.min_lines is not None or spec.max_lines is not None:
        yield "line", len(line_spans(value)[0]), spec.min_lines, spec.max_lines


def _where_excess(value: str, noun: str, most: int) -> int:
    if noun == "character":
        return most
    if noun == "line":
        return line_spans(value)[0][most]
    rest = value.split(None, most)[-1]
    return len(value) - len(rest)  # `split` keeps the end as it is


def _white(blanks: str) -> str:
    """What white space at an end of a section is, for people."""
    lines = len(line_spans(blanks)[0]) - 1
    return ("white space", "a blank line")[lines] if lines < 2 else f"{lines} blank lines"


def _common_prefix(a: str, b: str) -> int:
    """The length of the common prefix, by bisection: comparing slices is fast."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shift(finding: Finding, by: int) -> Finding:
    return finding._replace(start=finding.start + by, end=finding.end + by)
