"""Counts the bits that a format, and the texts given the format, take: the fewer, the better.

A two-part code (Rissanen 1978; Grünwald, The Minimum Description Length Principle, 2007). Content
costs the same by the character whatever the format, so what counts is what a format knows: literal
delimiters are free, and what comes next (one more line, an empty one, this section or that) costs
as much as it surprises. Frequencies are those of the texts; each costs half the logarithm of the
number of cases, which is what it takes to state it as precisely as they warrant.
"""

from __future__ import annotations

import re
import string
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from math import log2
from typing import Any, Literal, NamedTuple

from seedkit.core.document import Document, Finding, Kind, Record
from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse
from seedkit.infer.shapes import Template, common_prefix, template_of
from seedkit.rules.section import check_sections, checks_of

CHARACTER = 4.5  # bits of a character of prose, by its frequency alone
DIGIT = 3.4
EXCEPTION = 24  # bits to say that a text, or a record, is not of the format
_SECTION = 10  # bits to state one section, its literals aside
_SHORT = 80  # characters of a text that may be all numbers and marks
_FEW_VALUES = 64
_MOST_BLANK = 3  # newlines that are layout; more of them are not regular
_BUILTIN = 9  # bits to say which built-in format
_SETTING = 4  # bits of one more setting
FEW_FILES = 10  # below that, records count, and not files
_BLANKS = re.compile(r"\n\n+")
_GROUPS = re.compile(r"\(\?P<\w+>|[()\\]|\{[\d,]+\}")  # what is no literal and no class
# Names, and what only says more of texts that are explained already.
_FREE = frozenset(("name", "title", "files", "weight", "label", "unique", "trailing"))
_JSON_KEY = re.compile(r'"[^"\\\n]*"[ ]*:')
_KEY = re.compile(r"([^\s:]+)[ \t]*:[ \t]*")


class Cost(NamedTuple):
    """The bits of a format and of the texts, and how many of the texts (or records) it explains.

    `stated` are the bits of the format alone.
    """

    bits: float
    explained: int
    units: int
    stated: float = 0.0

    @property
    def share(self) -> float:
        """The share of texts that the format explains."""
        return self.explained / self.units if self.units else 0.0


class Judged(NamedTuple):
    """A text as parsed, with every finding about its structure and its sections."""

    document: Document
    findings: list[Finding]


def judge(text: str, layout: Layout) -> Judged:
    """Return the parsed text and what is wrong with it."""
    document = parse(text, layout)
    checks = [checks_of(spec) for spec in layout.sections]
    return Judged(document, [*document.findings, *check_sections(document, layout, checks)])


def cost_of(values: Mapping[str, Any], layout: Layout, texts: Sequence[str]) -> Cost:
    """Return the description length of the texts with this format."""
    coder = _Coder(layout)
    by_record = len(texts) < FEW_FILES and layout.spec.record is not None
    explained = units = 0
    for text in texts:
        judged = judge(text, layout)
        if by_record:
            sound, total = coder.records(judged)
        else:
            sound, total = coder.text(judged), 1
        explained += sound
        units += total
    stated = _model_bits(values)
    return Cost(stated + coder.bits(), explained, units, stated)


class _Coder:
    """Counts what has to be coded; `bits` says what that takes."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.free = 0.0  # bits that depend on no frequency
        self.events: defaultdict[Hashable, Counter[Hashable]] = defaultdict(Counter)
        self.contents: defaultdict[Hashable, _Content] = defaultdict(_Content)
        by_line = layout.positional == "\n"
        self.single = [by_line and not each.rest for each in layout.sections] or [False]
        if layout.spec.record is None:
            self.events["records"]["end"] = 0

    def text(self, judged: Judged) -> int:
        """Count a text; return whether the format explains it."""
        if judged.findings or not judged.document.records:
            self._exception(judged.document.text)
            return 0
        self._delimiters(judged.document)
        for number, record in enumerate(judged.document.records):
            self._record(judged.document, record, number)
        self.events["records"]["end"] += 1
        return 1

    def records(self, judged: Judged) -> tuple[int, int]:
        """Count a text record by record; return how many are explained, of how many."""
        document, sound = judged.document, 0
        bad = sorted(finding.start for finding in judged.findings)
        self._delimiters(document)
        at = 0
        for number, record in enumerate(document.records):
            if record.broken or any(record.start <= each <= record.end for each in bad):
                self._exception(document.text[record.start : record.end])
            else:
                self._record(document, record, number)
                sound += 1
            at = record.end
        self.events["records"]["end"] += 1
        if not document.records:
            self._exception(document.text[at:])
        strays = sum(p.end - p.start for p in document.pieces if p.kind is Kind.STRAY)
        self.free += strays * CHARACTER
        return sound, max(1, len(document.records))

    def _exception(self, text: str) -> None:
        self.free += EXCEPTION + CHARACTER * (len(text) - text.count("\n"))
        self._lines("exception", text)
        self.events["exception", "next"]["end"] += 1

    def _delimiters(self, document: Document) -> None:
        before = ""
        for piece in document.pieces:
            if piece.kind is Kind.SPACE:
                lines = min(document.text.count("\n", piece.start, piece.end), _MOST_BLANK)
                self.events["space", before][lines] += 1
                self.free += CHARACTER * (piece.end - piece.start - lines)
            elif piece.kind is Kind.STRAY:
                self.free += CHARACTER * (piece.end - piece.start)
            elif piece.kind is Kind.DELIMITER:
                self._open(document.text[piece.start : piece.end])
            before = piece.name

    def _open(self, delimiter: str) -> None:
        """Count what a delimiter that is a pattern leaves open."""
        line = delimiter.strip("\n")
        for each in (*self.layout.record_delimiters, *(d for d, _ in self.layout.patterns)):
            if each.pattern is not None and each.match(line) is not None:
                self.contents["delimiter", str(each)].add(line[len(each.prefix) :], loose=False)
                return

    def _record(self, document: Document, record: Record, number: int) -> None:
        self.events["records" if number else "first"]["more"] += 1
        state: Hashable = "start"
        for section in record.sections:
            self.events[state, "next"][section.number] += 1
            self._section(section.number, document.text[section.start : section.end])
            state = section.number
        self.events[state, "next"]["end"] += 1

    def _section(self, number: int, value: str) -> None:
        spec = self.layout.sections[number] if self.layout.sections else None
        if spec is not None and spec.same_as is not None:
            return
        content = self.contents[number]
        kind = "text" if spec is None else spec.content
        if kind == "fields" or kind == "yaml":
            self._fields(number, value)
            return
        if kind == "rows" and spec is not None:
            value = value.replace(spec.separator, "")
        if kind == "json":
            value = self._json(number, value)
        content.add(value)
        if not self.single[number] and kind not in ("line", "json"):
            self._lines(number, value)

    def _fields(self, number: int, value: str) -> None:
        """`Key: value` lines: which key follows which, and the texts of each."""
        before = ""
        for line in value.split("\n"):
            match = _KEY.match(line)
            key = "more" if match is None else match[1]
            self.events[number, before][key] += 1
            self.contents[number, key].add(line if match is None else line[match.end() :])
            before = before if match is None else key
        self.events[number, before]["end"] += 1

    def _json(self, number: int, value: str) -> str:
        """Count the keys; return the text without them."""
        before = ""
        for key in _JSON_KEY.findall(value):
            self.events[number, before][key] += 1
            before = key
        self.events[number, before]["end"] += 1
        return _JSON_KEY.sub("", value)

    def _lines(self, state: Hashable, value: str) -> None:
        """What follows each line: text, an empty line, or the end."""
        lines = value.count("\n") + 1
        if lines == 1:
            self.events[state, "text"]["end"] += 1
            return
        runs = [len(run) - 1 for run in _BLANKS.findall(value)]
        blank = sum(runs)
        self.events[state, "text"]["blank"] += len(runs)
        self.events[state, "blank"]["blank"] += blank - len(runs)
        self.events[state, "blank"]["text"] += len(runs)
        self.events[state, "text"]["text"] += lines - 1 - blank - len(runs)
        self.events[state, "text"]["end"] += 1

    def bits(self) -> float:
        """Return the bits of everything counted."""
        total = self.free + sum(content.bits() for content in self.contents.values())
        for counts in self.events.values():
            cases = sum(counts.values())
            used = [count for count in counts.values() if count > 0]
            total += sum(count * log2(cases / count) for count in used)
            total += (len(used) - 1) / 2 * log2(cases) if cases else 0
        return total


class _Content:
    """The texts of one section in all files: as characters, as one of a few, and how all begin."""

    def __init__(self) -> None:
        self.bare = 0.0  # bits of the characters, one by one
        self.count = 0
        self.start: str | None = None  # what all texts begin with
        self.end = ""  # and end with
        self.values: Counter[str] | None = Counter()
        self.template: Template | Literal[False] | None = (
            None  # the one that all have; False for none
        )
        self.open = 0  # characters that the template leaves open

    def add(self, value: str, *, loose: bool = True) -> None:
        """Count a text; if it is not `loose`, its marks are given by the format."""
        digits = sum(map(value.count, string.digits))
        if not loose:
            value = "".join(char for char in value if char.isalnum())
        self.bare += _characters(value) + digits * (DIGIT - CHARACTER)
        self.count += 1
        if self.start is None:
            self.start = self.end = value
        if self.start:
            self.start = common_prefix([self.start, value[: len(self.start)]])
        if self.end:
            self.end = common_prefix([self.end[::-1], value[: -len(self.end) - 1 : -1]])[::-1]
        if self.template is not False:
            self._add_template(value)
        if self.values is not None:
            self.values[value] += 1
            if len(self.values) > _FEW_VALUES:
                self.values = None

    def _add_template(self, value: str) -> None:
        template = template_of(value) if len(value) < _SHORT and value[-1:].isdigit() else None
        if template is None or (self.count > 1 and template != self.template):
            self.template = False
        else:
            self.template = template
            self.open += sum(map(str.isdigit, value))

    def bits(self) -> float:
        """Return the least of what these ways of writing the texts take."""
        common = _characters(self.start or "") + _characters(self.end)
        marks = 2 * _SETTING * (bool(self.start) + bool(self.end))  # to say what is common
        bits = self.bare - max(0, (self.count - 1) * common - marks)
        if self.template:
            bits = min(bits, _characters("".join(self.template.parts[::2])) + self.open * DIGIT)
        if self.values is None or self.count < 2:
            return bits
        listed = sum(_characters(value) + log2(self.count) for value in self.values)
        used = (count for count in self.values.values())
        return min(bits, listed + sum(count * log2(self.count / count) for count in used))


def _characters(value: str) -> float:
    return CHARACTER * (len(value) - value.count("\n"))


def _model_bits(values: Mapping[str, Any]) -> float:
    """The bits of a format: its literals by the character, everything else at a flat rate."""
    bits = 0.0
    for key, value in values.items():
        if key in _FREE:
            continue
        if isinstance(value, Mapping):
            bits += _model_bits(value)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            bits += sum(_SECTION + _model_bits(each) for each in value)
        elif key == "pattern":
            bits += _SETTING + CHARACTER * len(_GROUPS.sub("", value))
        elif key in ("delimiter", "open", "close"):
            bits += _SETTING + CHARACTER * len(value)
        elif isinstance(value, list):
            bits += _SETTING * (1 + len(value))
        else:
            bits += _BUILTIN if key == "extends" else _SETTING
    return bits
