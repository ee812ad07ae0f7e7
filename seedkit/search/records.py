"""Seeds to records, as search sees them: their searchable text, and as an engine stores them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.document import Document, Kind, MadeRecords, Record
from seedkit.core.languages import AUTO, NONE, detect, language_code, language_names
from seedkit.core.text import decode
from seedkit.formats.damage import is_binary
from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse, parse_damaged
from seedkit.rules.name import name_groups
from seedkit.search.analysis import Tokeniser
from seedkit.search.keys import escape, key_of, plain_number
from seedkit.search.model import IndexRecord
from seedkit.search.query import Fields
from seedkit.search.rank import title_tags
from seedkit.search.words import BREAK, chunks_of, fold, name_key

if TYPE_CHECKING:
    from seedkit.formats.prose import Prose
    from seedkit.formats.spec import SectionSpec

_LONGEST_VALUE = 200  # characters; engines have limits, and nobody types more
_MOST_OF_TITLE = 40  # tokens
_LONGEST_TITLE = 2000  # characters of a section that is one
# A title in front matter, in YAML, TOML and JSON; the subject of a message.
_DATA = ("fields", "yaml", "toml", "json")
_TITLE_KEY = re.compile(
    r"""^(?:[ \t{]*(["'])|)(?:title|subject)\1?[ \t]*[:=][ \t]*("[^"\n]*"|'[^'\n]*'|.*)""",
    re.I | re.M,
)
# Types of `TYPES` in formats/values.py, which most searches need not import; a test compares them.
ORDERED = ("integer", "number", "date", "datetime")
_FIRST_LINE = re.compile(r"\S.*")
_WORD = re.compile(r"\w")


class Part(NamedTuple):
    """A searchable section of a record, or text in it that belongs to none (`name` is empty).

    The span is in the seed's text. `weight` is how many times over its words count.
    """

    name: str
    start: int
    end: int
    weight: int = 1


class RecordText(NamedTuple):
    """One record of a seed to be searched or shown.

    `text` is the whole seed's; the record's span is in it. `readable` is as long, and what words
    are read from: the same, but in JSON with fields escapes are read. `values` are
    what the record can be found by as a whole: casefolded names and folded values; `language` is a
    code, or `none`; `title` is on one line, empty if there is none.
    """

    path: str
    number: int
    text: str
    start: int
    end: int
    parts: tuple[Part, ...]
    values: tuple[tuple[str, str], ...]
    language: str
    readable: str = ""
    title: str = ""

    def values_of(self, key: str) -> list[str]:
        """Return the folded values of a field, given by its casefolded name; of a section, its
        text."""
        return [value for name, value in self.values if name == key] or [
            fold(" ".join(self.readable[part.start : part.end].split()))[:_LONGEST_VALUE]
            for part in self.parts
            if part.name and name_key(part.name) == key
        ]


class _Cut(NamedTuple):
    """A record of a seed, cut into parts."""

    start: int
    end: int
    fields: Sequence[tuple[str, str]]
    parts: tuple[Part, ...]


_NEW_PART = partial(
    tuple.__new__, Part
)  # made by the million: without the named call it costs half


class RecordMaker:
    """Makes records of the seeds of one format. `language` is that of the configuration."""

    def __init__(self, layout: Layout, tokeniser: Tokeniser, language: str = AUTO) -> None:
        self._layout = layout
        self._tokeniser = tokeniser
        code = language_code(layout.spec.language or language)
        self._language = None if code == AUTO else code
        self._format = ("format", fold(layout.name))
        self._format_tags = list(self._tags([self._format]))
        self._language_tags: dict[str, list[str]] = {}
        # For each section of the format its name and weight, None if it is not to be searched.
        self._sections = [
            (section.name, max(1, round(section.weight))) if _searched(section) else None
            for section in layout.sections
        ] or [("text", 1)]
        # By number, the sections whose data is prose in part.
        self._prose = {
            number: prose
            for number, section in enumerate(layout.sections)
            if _searched(section) and (prose := _prose_of(section)) is not None
        }
        # By number, the names of sections that are numbers or dates.
        self._typed = {
            number: section.name
            for number, section in enumerate(layout.sections)
            if _searched(section) and section.type in ORDERED
        }
        names = ["", *(known[0] for known in self._sections if known is not None)]
        names += [name for prose in self._prose.values() for name in prose.names]
        self._folded_names = {name: name_key(name) for name in names}
        self._titles = _title_names(self._folded_names.values())
        self._data = frozenset(
            section.name for section in layout.sections if section.content in _DATA
        )

    def records(self, path: str, data: bytes) -> list[RecordText]:
        """Return the records of a seed; none for one that is too large, or binary."""
        document = self._parse(data)
        if document is None:
            return []
        cuts = self._cut(document)
        readable = self._readable(document)
        language = self._language_of(_chunks(readable, self._spoken(cuts)))
        common = (self._format, ("language", language), *self._of_path(path))
        return [
            RecordText(
                path,
                number,
                document.text,
                cut.start,
                cut.end,
                cut.parts,
                (*common, *_folded(cut.fields)),
                language,
                readable,
                " ".join(self._title(readable, cut).split()),
            )
            for number, cut in enumerate(cuts)
        ]

    def index(self, path: str, data: bytes) -> list[IndexRecord]:
        """Return the same records as an engine stores them."""
        return self.index_with_language(path, data)[0]

    def index_with_language(self, path: str, data: bytes) -> tuple[list[IndexRecord], str]:
        """Return the same records as an engine stores them, and the code of their language."""
        document = self._parse(data)
        if document is None:
            return [], NONE
        cuts = self._cut(document)
        readable = self._readable(document)
        found = _chunks(readable, cuts)  # of the whole seed: word by word it is much slower
        spoken = _chunks(readable, self._spoken(cuts)) if self._prose else found
        language = self._language_of(spoken)
        words, stems = self._tokeniser.fields(found, readable.isascii(), language)
        of_words, of_stems = map(_between_breaks, (words, stems))
        key = key_of(path)
        if language not in self._language_tags:
            self._language_tags[language] = list(self._tags([("language", language)]))
        common = " ".join(
            (*self._format_tags, *self._language_tags[language], *self._tags(self._of_path(path)))
        )
        return [
            IndexRecord(key, number, *self._tokens(readable, cut, of_words, of_stems, common))
            for number, cut in enumerate(cuts)
        ], language

    def _parse(self, data: bytes) -> Document | None:
        file = self._layout.spec.file
        if len(data) > file.max_bytes:
            return None
        text, damaged = decode(data, file.encoding)  # undecodable bytes only separate words
        if is_binary(text, damaged=damaged):
            return None
        return (parse_damaged if damaged else parse)(text, self._layout)

    def _language_of(self, chunks: Sequence[str]) -> str:
        return detect(chunks) if self._language is None else self._language

    def _cut(self, document: Document) -> list[_Cut]:
        """Every record with its parts."""
        text = document.text
        records: Sequence[Record] = document.records
        stray = _stray(document)
        if stray and not records:  # text can be found even if nothing in it is a record
            records = [Record(0, len(text), {}, ())]
        cuts = []
        for number, record in enumerate(records):
            start, end = record.start, record.end
            parts = [
                _NEW_PART((known[0], first, last, known[1]))
                for _, first, last, which in record.sections
                if (known := self._sections[which]) is not None
            ]
            fields = list(record.fields.items())
            if self._typed:
                fields += [
                    (self._typed[which], text[first:last].strip())
                    for _, first, last, which in record.sections
                    if which in self._typed
                ]
            if self._prose:
                parts, more = self._of_data(document, record)
                fields += more
            if number in stray:
                parts = sorted([*parts, *stray[number]], key=lambda part: part.start)
                start, end = min(start, parts[0].start), max(end, parts[-1].end)
            cuts.append(_Cut(start, end, fields, tuple(parts)))
        return cuts

    def _spoken(self, cuts: Iterable[_Cut]) -> Iterable[_Cut]:
        """The records without what is no prose, by which no language is recognised."""
        if not self._prose:
            return cuts
        return [cut._replace(parts=tuple(part for part in cut.parts if part.name)) for cut in cuts]

    def _of_data(
        self, document: Document, record: Record
    ) -> tuple[list[Part], list[tuple[str, str]]]:
        """The parts and values of a record, some of whose sections hold data.

        What stands between the prose, or in data that does not parse, is searched too, nameless.
        """
        parts: list[Part] = []
        values: list[tuple[str, str]] = []
        for _, start, end, number in record.sections:
            known, prose = self._sections[number], self._prose.get(number)
            if known is not None and prose is None:
                parts.append(Part(known[0], start, end, known[1]))
            elif known is not None and prose is not None:
                value = document.text[start:end]
                at = 0
                for name, first, last in (*prose.passages(value), ("", end - start, end - start)):
                    if at < first:
                        parts.append(Part("", start + at, start + first))
                    if name:
                        parts.append(Part(name, start + first, start + last, known[1]))
                    at = last
                values += prose.values(value)
        return parts, values

    def _readable(self, document: Document) -> str:
        """The text that words are read from, as long as that of the seed."""
        if not self._prose:
            return document.text
        pieces: list[str] = []
        at = 0
        for _, start, end, number in document.sections():
            if number in self._prose:
                pieces += (
                    document.text[at:start],
                    self._prose[number].unescaped(document.text[start:end]),
                )
                at = end
        return "".join((*pieces, document.text[at:]))

    def _of_path(self, path: str) -> list[tuple[str, str]]:
        """What all records of a seed can be found by as a whole, besides its format."""
        groups = name_groups(path, self._layout) or {}
        return [("path", fold(path)), *_folded(groups.items())]

    def _tags(self, values: Iterable[tuple[str, str]]) -> Iterator[str]:
        for name, value in values:
            words = dict.fromkeys(value_row(name, value, self._tokeniser).replace("|", "").split())
            if name == "path":
                yield from (f"path={word}" for word in words)
            else:
                yield f"{name}={escape(value)}"
                yield from (f"{name}:{word}" for word in words if word != value)

    def _tokens(
        self,
        readable: str,
        cut: _Cut,
        of_words: Iterator[str],
        of_stems: Iterator[str],
        common: str,
    ) -> tuple[str, str, str]:
        """What is stored in the fields `stems`, `words` and `tags`.

        From the iterators, the tokens of the record's parts are taken.
        """
        tags, all_words = [common], []
        all_stems: list[str] = []
        if cut.fields:
            tags += self._tags(_folded(cut.fields))
        sections: dict[str, tuple[list[str], list[str]]] = {}
        # The parts come first: one more of the others would be lost.
        for (name, _, _, weight), words, stems in zip(cut.parts, of_words, of_stems, strict=False):
            folded = self._folded_names[name]
            if folded not in sections:
                sections[folded] = [], []
            if words:
                all_words.append(words)
                all_stems += (stems,) * weight
                in_words, in_stems = sections[folded]
                in_words.append(words)
                in_stems.append(stems)
        if len(sections) == 1:
            tags += [f"sole={name}" for name in sections if name]
        else:
            for name, (in_words, in_stems) in sections.items():
                if name and in_words:
                    tags.append(_marked(f"{name}:", in_words))
                    tags.append(_marked(f"{name}~", in_stems))
        title = self._tokeniser.words(self._title(readable, cut))
        tags += title_tags(title[:_MOST_OF_TITLE])
        return " ".join(all_stems), " | ".join(all_words), " ".join(tags)

    def _title(self, text: str, cut: _Cut) -> str:
        """The title of a record, as it is written.

        That is a section of this name, or of one that ends so; else what the data before the text
        calls so; else the first line that is not empty.
        """
        for title in self._titles:
            for name, start, end, _ in cut.parts:
                if self._folded_names[name] == title and _WORD.search(text, start, end):
                    section = text[start:end][:_LONGEST_TITLE]
                    return _unquoted(section) if self._prose else section
        for name, value in cut.fields if self._prose else ():
            if value and name_key(name).endswith("title"):
                return value[:_LONGEST_VALUE]
        prose = [part for part in cut.parts if part.name] if self._prose else []
        for name, start, end, _ in prose or cut.parts:
            if name in self._data:
                found = _TITLE_KEY.search(text, start, end)
            else:
                found = _FIRST_LINE.search(text, start, end)
            if found is not None:
                line = _unquoted(found[2]) if name in self._data else found[0]
                return line[:_LONGEST_VALUE]
        return ""


def _unquoted(value: str) -> str:
    """The text without the quotes that YAML and the like have round it."""
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _title_names(names: Iterable[str]) -> list[str]:
    """Names of sections that are titles, the plainest first."""
    return sorted((name for name in names if name.endswith("title")), key=len)


def _chunks(text: str, cuts: Iterable[_Cut]) -> list[str]:
    """The chunks of all parts of all records, with breaks between them."""
    return chunks_of([text[start:end] for cut in cuts for _, start, end, _ in cut.parts])


def _between_breaks(tokens: str) -> Iterator[str]:
    return map(str.strip, tokens.split(BREAK))


def _searched(section: SectionSpec) -> bool:
    return section.search and section.same_as is None


def _folded(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Named values as they are compared; groups that have matched nothing have none."""
    for name, value in fields:
        if value:
            yield name_key(name), fold(value)[:_LONGEST_VALUE]


def _marked(mark: str, texts: Iterable[str]) -> str:
    """Each token once, with a mark before it. There is at least one."""
    return mark + f" {mark}".join(dict.fromkeys(" ".join(texts).split()))


def _stray(document: Document) -> dict[int, list[Part]]:
    """Text that is in no section, by the record in which it stands, or after which."""
    found: dict[int, list[Part]] = {}
    records, number = document.records, 0
    if isinstance(records, MadeRecords) and len(records) and not records.has_stray():
        return found
    for piece in document.pieces:
        if piece.kind is Kind.STRAY:
            while number + 1 < len(records) and records[number + 1].start <= piece.start:
                number += 1
            found.setdefault(number, []).append(Part("", piece.start, piece.end))
    return found


def _prose_of(section: SectionSpec) -> Prose | None:
    """Return what finds the prose in a section of data with fields; None for other sections."""
    if not section.field:
        return None
    from seedkit.formats.prose import Prose  # here: few formats have fields

    return Prose(section)


def fields_of(layouts: Iterable[Layout]) -> Fields:
    """Return what can be searched for in seeds of the formats: sections, and named groups."""
    sections: set[str] = set()
    values = {"format", "language", "path"}
    for layout in layouts:
        for section in filter(_searched, layout.sections):
            prose = _prose_of(section)
            sections.update(map(name_key, [section.name] if prose is None else prose.names))
            values.update(() if prose is None else map(name_key, prose.value_names))
            if section.type in ORDERED:
                values.add(name_key(section.name))
        if not layout.sections:
            sections.add("text")
        delimiters = [*layout.record_delimiters, *(each for each, _ in layout.patterns)]
        patterns = [layout.name_pattern, *(delimiter.pattern for delimiter in delimiters)]
        for pattern in patterns:
            values.update(() if pattern is None else map(name_key, pattern.names))
    return Fields(frozenset(sections), frozenset(values))


def value_row(name: str, value: str, tokeniser: Tokeniser) -> str:
    """Return the words of a value.

    After a lone `|`, a number stands without zeros in front, and a language with each name.
    """
    words = " ".join(tokeniser.words(value))
    if name == "language":
        return " | ".join((words, *language_names(value)))
    plain = value if name == "path" else plain_number(value)
    return words if plain == value else f"{words} | {plain}"
