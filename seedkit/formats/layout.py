"""A format compiled for the parser: literals in tables, patterns ready, groups known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.patterns import Pattern, compile_pattern, literal_prefix
from seedkit.core.text import shorten

if TYPE_CHECKING:
    from seedkit.formats.field_spec import PatternDelimiter
    from seedkit.formats.fields import UniqueField
    from seedkit.formats.references import KeyPath, Reference
    from seedkit.formats.rows import Dialect
    from seedkit.formats.spec import FormatSpec, SectionSpec

_NO_FIELDS: Mapping[str, str] = {}


def escaped(delimiter: str) -> str:
    r"""Return the delimiter as a format file has it: a newline as `\n`."""
    return delimiter.replace("\n", r"\n").replace("\r", r"\r").replace("\t", r"\t")


class LineDelimiter:
    """Tells whether a whole line is one delimiter: a literal, or a pattern with named groups."""

    def __init__(
        self, literal: str | None = None, *, pattern: str = "", name: str | None = None
    ) -> None:
        self.literal = literal
        self.name = name
        self.pattern: Pattern | None = None if literal is not None else compile_pattern(pattern)
        self.prefix = literal if literal is not None else literal_prefix(pattern)

    def match(self, line: str) -> Mapping[str, str] | None:
        """Return the named groups if the line is the delimiter, else None."""
        if self.pattern is None:
            return _NO_FIELDS if line == self.literal else None
        return self.pattern.groups(line) if line.startswith(self.prefix) else None

    @cached_property
    def ignoring_case(self) -> Pattern:
        """The pattern as it matches without regard to case."""
        assert self.pattern is not None  # only patterns are asked for it
        return compile_pattern(f"(?i:{self.pattern.source})")

    @property
    def words(self) -> str:
        """What the delimiter is, for people: never a pattern."""
        if self.literal is not None:
            return f"`{shorten(escaped(self.literal))}`" if self.literal else "an empty line"
        if self.name is not None:
            return self.name
        begin = f"begins `{shorten(self.prefix.rstrip())}`, as" if self.prefix.strip() else "is as"
        return f"a line that {begin} the format's pattern says"

    def __str__(self) -> str:
        return self.literal if self.pattern is None else self.pattern.source  # type: ignore[return-value]  # one of the two is set


class NearLabel(NamedTuple):
    """A label, and of it without blanks: its first character without case, its last, its length.

    That length is of the label as it begins a line, without the blanks after it only.
    """

    text: str
    first: str
    last: str
    length: int


class Layout:
    """How the parser sees a format. Immutable; made once a run for each format."""

    def __init__(self, name: str, spec: FormatSpec) -> None:
        self.name = name
        self.spec = spec
        self.sections = spec.section
        self.positional = spec.sections.delimiter
        self.trim = spec.sections.trim
        label = spec.sections.label
        self.label = LineDelimiter(pattern=label) if label else None
        self.inline = any(section.match == "inline" for section in spec.section)
        self.labelled = any(section.delimiter is not None for section in spec.section)
        self.literals: dict[str, int] = {}
        self.patterns: list[tuple[LineDelimiter, int]] = []
        self.prefixes: dict[str, list[tuple[str, int]]] = {}
        # Where in a line with a prefix the text of its section begins.
        self._content: dict[tuple[str, int], int] = {}
        for index, section in enumerate(spec.section):
            for delimiter in (section.delimiter, *section.aliases):
                self._add(index, delimiter, section.match)
        for labels in self.prefixes.values():
            labels.sort(key=lambda label: -len(label[0]))
        self.groups = _groups(spec)
        # Orders of sections found to be sound: what is right depends on the order alone.
        self.sound_orders: set[tuple[int | None, ...]] = set()
        self.members = _members(self.groups)
        self.name_pattern = compile_pattern(spec.file.name) if spec.file.name else None
        self.has_copies = any(section.same_as is not None for section in spec.section)
        # Sections whose text is compared for repeats, and whether that is all a file has of words.
        self.compared = frozenset(
            section.name
            for section in spec.section
            if section.repeats and section.same_as is None and section.type is None
        ) or frozenset(() if spec.section else ("text",))
        # Of these, the ones without declared fields.
        self.prose = self.compared.difference(each.name for each in spec.section if each.field)
        self.has_fields = any(section.field for section in spec.section)
        # Whether records are compared instead of seeds.
        self.compares_records = spec.record is not None and spec.record.unit == "record"
        whole = spec.comments is None and self.dialect is None and not self.has_fields
        whole &= not self.compares_records
        self.compares_all = whole and (
            not spec.section
            or (len(self.compared) == len(spec.section) and not any(map(_wordy, _delimiters(spec))))
        )
        self.unique_in_file = frozenset(
            i for i, section in enumerate(spec.section) if section.unique == "file"
        )

    def _add(self, index: int, delimiter: str | PatternDelimiter | None, match: str) -> None:
        if delimiter is None or match == "inline":
            return
        if not isinstance(delimiter, str):
            self.patterns.append((_compiled(delimiter), index))
        elif match == "line":
            self.literals[delimiter] = index
        else:
            self.prefixes.setdefault(delimiter[0], []).append((delimiter, index))
            self._content[delimiter, index] = _content_at(delimiter, match)

    def classify(self, line: str) -> tuple[int, int, Mapping[str, str]] | None:
        """Return which section the line starts, where in the line its text begins (-1: on the
        next line), and the named groups; None for a line of content."""
        index = self.literals.get(line)
        if index is not None:
            return index, -1, _NO_FIELDS
        for label, index in self.prefixes.get(line[:1], ()):
            if line.startswith(label):
                return index, self._content[label, index], _NO_FIELDS
        for delimiter, index in self.patterns:
            fields = delimiter.match(line)
            if fields is not None:
                return index, -1, fields
        return None

    @cached_property
    def only_label(self) -> tuple[str, LineDelimiter] | None:
        """The one section that has a delimiter, and that; None if several have one."""
        labelled = [section for section in self.sections if section.delimiter is not None]
        if len(labelled) != 1 or labelled[0].delimiter is None:
            return None
        return labelled[0].name, _compiled(labelled[0].delimiter)

    @cached_property
    def names(self) -> list[str]:
        """The name of each section: read for every section of every seed."""
        return [section.name for section in self.sections]

    @cached_property
    def first_only(self) -> frozenset[int]:
        """Sections that must begin their record."""
        return frozenset(index for index, s in enumerate(self.sections) if s.at_start)

    @cached_property
    def has_sequences(self) -> bool:
        """Whether records or sections are counted or ascend, or one comes first."""
        record = self.spec.record
        of_records = record is not None and (record.counts or record.ascends or record.first)
        return bool(of_records) or any(rule.ascends for rule in self.spec.rule)

    @cached_property
    def brackets(self) -> dict[int, re.Pattern[str]]:
        """For each section that ends where its bracket is closed: strings in it, and brackets."""
        return {
            index: re.compile(rf'"(?:[^"\\\r\n]|\\.)*+"?|{_either(section)}')
            for index, section in enumerate(self.sections)
            if section.match == "brackets"
        }

    @cached_property
    def closes(self) -> list[LineDelimiter | None]:
        """For each section what ends it, if that is declared."""
        return [None if s.close is None else _compiled(s.close) for s in self.sections]

    @cached_property
    def section_ends(self) -> list[tuple[LineDelimiter | None, bool, str | None]]:
        """For each section its closing line, whether it takes the rest, and what each of its
        lines begins with."""
        return [
            (
                self.closes[index],
                section.rest,
                section.delimiter
                if section.match == "lines" and isinstance(section.delimiter, str)
                else None,
            )
            for index, section in enumerate(self.sections)
        ]

    @cached_property
    def may_be_empty(self) -> bool:
        """Whether a record of white space can be sound."""
        sections = self.sections
        return bool(sections) and all(not s.required or s.empty == "allow" for s in sections)

    @cached_property
    def blank_is_text(self) -> bool:
        """Whether an empty line in a section is always text, and never a delimiter or label."""
        return self.classify("") is None and (self.label is None or self.label.match("") is None)

    @cached_property
    def inline_literals(self) -> dict[str, int]:
        """Inline delimiters and the sections they start."""
        return {
            section.delimiter: index
            for index, section in enumerate(self.sections)
            if section.match == "inline" and isinstance(section.delimiter, str)
        }

    @cached_property
    def record_delimiters(self) -> tuple[LineDelimiter, ...]:
        """The record's delimiters: one, or open and close."""
        record = self.spec.record
        if record is None or record.mode in ("lines", "csv"):
            return ()
        given = (record.delimiter, record.open, record.close)
        return tuple(_compiled(delimiter) for delimiter in given if delimiter is not None)

    @cached_property
    def unique_fields(self) -> dict[int, list[UniqueField]]:
        """The fields whose values must be unique in a file, by the number of their section."""
        from seedkit.formats.fields import unique_fields

        return unique_fields(self.sections)

    @cached_property
    def unique_in_corpus(self) -> list[KeyPath]:
        """What leads to the values that no two of the corpus may share."""
        from seedkit.formats.references import unique_in_corpus

        return unique_in_corpus(self.spec)

    @cached_property
    def references(self) -> list[Reference]:
        """What leads to values that name others."""
        from seedkit.formats.references import references_of

        return references_of(self.name, self.spec)

    @cached_property
    def dialect(self) -> Dialect | None:
        """How the cells of a table are written; None if records are no rows."""
        record = self.spec.record
        if record is None or record.mode != "csv":
            return None
        from seedkit.formats.rows import Dialect

        delimiter = record.delimiter if isinstance(record.delimiter, str) else ","
        return Dialect(delimiter, record.quote)

    @cached_property
    def has_parts(self) -> bool:
        """Whether a record is more than one section that is all of it, or cells of a table."""
        parts = self.labelled or self.positional or self.trim or self.spec.comments
        return bool(parts) and self.dialect is None

    @cached_property
    def record_keys(self) -> frozenset[str]:
        """The record's delimiters, as `NearMiss` names them."""
        return frozenset(str(delimiter) for delimiter in self.record_delimiters)

    @cached_property
    def near_patterns(self) -> tuple[LineDelimiter, ...]:
        """Whole-line patterns that begin with plain text, for the same search."""
        record = self.spec.record
        by_line = record is not None and record.match == "line"
        patterns = [d for d in self.record_delimiters if d.pattern is not None and by_line]
        patterns += [delimiter for delimiter, _ in self.patterns]
        patterns += [close for close in self.closes if close and close.pattern is not None]
        return tuple(delimiter for delimiter in patterns if delimiter.prefix.strip())

    @cached_property
    def near_blank(self) -> bool:
        """Whether an empty line delimits, so that a line of white space nearly does."""
        return any(d.literal == "" for d in self.record_delimiters) or "" in self.literals

    @cached_property
    def needs_label(self) -> bool:
        """Whether every record must have a section that has a delimiter."""
        return any(section.required and section.delimiter is not None for section in self.sections)

    @cached_property
    def looks_near(self) -> bool:
        """Whether there is any delimiter that a line can nearly be."""
        return bool(self.near_targets or self.near_labels or self.near_patterns or self.near_blank)

    @cached_property
    def near_targets(self) -> tuple[str, ...]:
        """Whole-line literal delimiters, for the search for lines that nearly are one."""
        inline = self.spec.record is not None and self.spec.record.match == "inline"
        targets = [] if inline else [d.literal for d in self.record_delimiters if d.literal]
        targets += [literal for literal in self.literals if literal]
        for section in self.sections:
            if section.match == "line-start" and isinstance(section.delimiter, str):
                targets += [section.delimiter, *section.aliases]
            if section.match == "line" and isinstance(section.close, str):
                targets.append(section.close)
        return tuple(dict.fromkeys(targets))

    @cached_property
    def near_by_length(self) -> dict[int, tuple[str, ...]]:
        """Those of them that a line of some length may be but for one character."""
        lengths = {len(target) + far for target in self.near_targets for far in (-1, 0, 1)}
        return {
            length: tuple(t for t in self.near_targets if abs(length - len(t)) < 2)
            for length in lengths
        }

    @cached_property
    def near_firsts(self) -> frozenset[str]:
        """The characters that they begin with."""
        return frozenset(target[0] for target in self.near_targets)

    @cached_property
    def near_labels(self) -> tuple[NearLabel, ...]:
        """Labels that begin a line and contain a letter, for the same search."""
        return tuple(
            NearLabel(
                label, label.lstrip()[0].casefold()[0], label.rstrip()[-1], len(label.rstrip())
            )
            for labels in self.prefixes.values()
            for label, index in labels
            if self.sections[index].match == "prefix" and any(map(str.isalpha, label))
        )


def _content_at(label: str, match: str) -> int:
    """Where in a line that begins with the label the section's text begins, as `classify`."""
    if match == "line-start":
        return -1
    return 0 if match in ("lines", "brackets") else len(label)


def _either(section: SectionSpec) -> str:
    """The pattern of a section's opening and closing bracket."""
    return f"[{re.escape(str(section.delimiter))}{re.escape(str(section.close))}]"


def _delimiters(spec: FormatSpec) -> Iterator[str]:
    """Every delimiter of the format, patterns as they are written."""
    record = spec.record
    given = [spec.sections.delimiter]
    given += [key for section in spec.section for key in delimiter_keys(section)]
    given += [delimiter_key(section.close) for section in spec.section]
    if record is not None:
        given += [delimiter_key(each) for each in (record.delimiter, record.open, record.close)]
    yield from (delimiter for delimiter in given if delimiter)


def _wordy(delimiter: str) -> bool:
    """Tell whether the delimiter may hold a word, which is no text of the seed."""
    return any(char.isalnum() or char == "_" for char in delimiter)


def delimiter_key(delimiter: str | PatternDelimiter | None) -> str | None:
    """Return the delimiter as `NearMiss` names it."""
    return delimiter if delimiter is None or isinstance(delimiter, str) else delimiter.pattern


def delimiter_keys(section: SectionSpec) -> list[str]:
    """Return all spellings of a section's delimiter as `NearMiss` names them."""
    key = delimiter_key(section.delimiter)
    return [] if key is None else [key, *section.aliases]


def _compiled(delimiter: str | PatternDelimiter) -> LineDelimiter:
    if isinstance(delimiter, str):
        return LineDelimiter(delimiter)
    return LineDelimiter(pattern=delimiter.pattern, name=delimiter.name)


def _members(groups: list[int]) -> dict[int, list[int]]:
    """The sections of each group."""
    members: dict[int, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    return members


def _groups(spec: FormatSpec) -> list[int]:
    """For each section the number of its group of neighbouring repeated sections, or -1."""
    groups: list[int] = []
    current = -1
    for index, section in enumerate(spec.section):
        if not section.repeat:
            groups.append(-1)
            continue
        if index == 0 or not spec.section[index - 1].repeat:
            current += 1
        groups.append(current)
    return groups
