"""The records of seeds, as what is compared: texts that no run crosses, and their places."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.diagnostic import Place, Position
from seedkit.core.errors import SeedkitError
from seedkit.core.text import LineIndex, decode, visible
from seedkit.corpus.contents import expanded
from seedkit.corpus.repeated.findings import percent
from seedkit.formats.parser import parse, parse_damaged
from seedkit.rules.repeat import prose_of

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace
    from seedkit.formats.layout import Layout


class TextPart(NamedTuple):
    """A text that is compared, and where it starts in the seed, in code points."""

    text: str
    start: int


class ComparedRecord(NamedTuple):
    """A record with text: its number in the seed, from 1, or 0 for a seed that is cut into none;
    its span in code points; and its texts, sections or values of fields that are prose."""

    number: int
    start: int
    end: int
    parts: list[TextPart]


class RecordReader:
    """Reads the records of seeds; `changed` is set once a seed is not what the corpus knows of it,
    and gives no records."""

    def __init__(self, workspace: Workspace) -> None:
        self.changed = False
        self._workspace = workspace

    def text(self, path: str) -> tuple[str, bool] | None:
        """Return the text of a seed, and whether it has undecodable bytes; None if it changed."""
        workspace = self._workspace
        limit = None
        format_name = workspace.seed_format(path)
        if format_name:
            limit = workspace.formats[format_name].file.max_bytes
        try:
            data = workspace.read(path, limit)
        except (OSError, SeedkitError):
            self.changed = True
            return None
        if hashlib.sha256(data).digest() != workspace.seed_digest(path):
            self.changed = True
            return None
        return decode(expanded(workspace, path, data), workspace.encoding_of(path))

    def records(self, path: str, text: str, *, damaged: bool) -> Iterator[ComparedRecord]:
        """Return the records of a seed, given its text, that have words to compare, perhaps."""
        format_name = self._workspace.seed_format(path)
        if not format_name:
            yield ComparedRecord(0, 0, len(text), [TextPart(text, 0)])
            return
        layout = self._workspace.layout(format_name)
        yield from records_of(text, layout, damaged=damaged)

    def found(
        self, paths: Sequence[str], wanted: Mapping[int, Collection[int]]
    ) -> dict[tuple[int, int], FoundRecord]:
        """Return records by seed and number, given those of seeds, which are
        numbers of `paths`. Each seed is read once; records of one that has changed are left out."""
        found: dict[tuple[int, int], FoundRecord] = {}
        for seed, numbers in wanted.items():
            read = self.text(paths[seed])
            if read is None:
                continue
            lines = LineIndex(read[0])
            for record in self.records(paths[seed], read[0], damaged=read[1]):
                if record.number in numbers:
                    rest = read[0][: record.start] + read[0][record.end :]
                    found[seed, record.number] = FoundRecord(record, lines, not rest.strip())
        return found


def records_of(text: str, layout: Layout, *, damaged: bool) -> Iterator[ComparedRecord]:
    """Cut a text by its format, and return the records that have something to compare."""
    document = parse_damaged(text, layout) if damaged else parse(text, layout)
    prose = prose_of(layout)
    numbered = layout.spec.record is not None
    for number, record in enumerate(document.records, 1):
        parts: list[TextPart] = []
        for section in record.sections:
            if section.name not in layout.compared or section.start == section.end:
                continue
            value = text[section.start : section.end]
            found = prose.get(section.name)
            if found is None:
                parts.append(TextPart(value, section.start))
                continue
            parts += [TextPart(each, section.start + at) for each, at in found.texts(value)]
        if parts:
            yield ComparedRecord(number if numbered else 0, record.start, record.end, parts)


class FoundRecord(NamedTuple):
    """A record, the line index of the seed that it is in, and whether it is all of that."""

    record: ComparedRecord
    lines: LineIndex
    is_all: bool = False

    @property
    def words(self) -> str:
        """All of its text."""
        return "\n".join(part.text for part in self.record.parts)

    def place(self, path: str, start: int, end: int) -> Place:
        """Return the place of a stretch of the seed."""
        lines = self.lines
        return Place(path, Position(*lines.position(start)), Position(*lines.position(end)))

    def whole(self, path: str) -> Place:
        """Return the place of the record: the whole file if it is all that there is."""
        record = self.record
        if not record.number or self.is_all:
            return Place(path)
        return self.place(path, record.start, record.end)


def named(path: str, number: int) -> str:
    """Return what a record, or a seed without records, is called in a message."""
    return f"record {number:,} of `{visible(path)}`" if number else f"`{visible(path)}`"


def relation(kind: str, share: float, name: str, known: str, *, larger: bool) -> str:
    """Say how one repeats the other; `larger` if that is the smaller one."""
    if kind == "same-text":
        record = name.startswith("record")
        return f"{name} is {known}" if record else f"{name} has the words of {known}"
    if kind == "near-duplicate":
        if share == 1:
            return f"{name} has the same 3-grams as {known}"
        return f"{name} is {percent(share)} the same as {known}"
    whole, part = (name, known) if larger else (known, name)
    return f"{percent(share)} of {part} stands in {whole}"
