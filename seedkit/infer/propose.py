"""From a structure that fits to a whole format: facts of sections, names, file facts, and why.

What was counted that makes a format have the structure it has.

What is true of every file as a whole: its encoding, how its lines end, and how it ends.

Names for sections: from their labels, from what they hold, from where they stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from seedkit.core.document import Document, Record
from seedkit.core.text import normalize_newlines, plural
from seedkit.formats.parser import parse
from seedkit.formats.spec import FileSpec
from seedkit.infer.choose import Choice
from seedkit.infer.data import declared_data
from seedkit.infer.draft import Values, layout_of, spec_of, tolerance
from seedkit.infer.facts import FORMS, Frame, SectionText, section_facts
from seedkit.infer.names import digest_of, name_facts
from seedkit.infer.tables import DeclaredData, Key

_MARKS: Final = {"#": "title", ">": "quote", "-": "item", "*": "item", "`": "code", "$": "command",
                 "+": "added", "@": "at", "%": "note", "---": "meta", "+++": "meta"}  # fmt: skip
_LETTERS: Final = {"q": "question", "a": "answer"}
_STOPS = frozenset(".!?")
_TITLE = 150  # characters of a line that may be a title


def named(values: Values, held: Sequence[Sequence[str]]) -> Values:
    """Return the format with names for its sections; `held` are the texts of each."""
    names = _names(values, held)
    new = dict(zip((section["name"] for section in values["section"]), names, strict=True))
    sections = []
    for section in values["section"]:
        section = {**section, "name": new[section["name"]]}
        if "same_as" in section:
            section["same_as"] = new[section["same_as"]]
        sections.append(section)
    renamed = {**values, "section": sections}
    if "rule" in values:
        renamed["rule"] = [
            {key: [new[name] for name in given] for key, given in rule.items()}
            for rule in values["rule"]
        ]
    return renamed


def _names(values: Values, held: Sequence[Sequence[str]]) -> list[str]:
    sections = values["section"]
    names: list[str] = []
    by_old: dict[str, str] = {}
    pairs = {_label(section) for section in sections} >= {"q", "a"}
    roles = _roles(values, held)
    for index, section in enumerate(sections):
        label = _label(section)
        if "same_as" in section:
            name = f"{by_old[section['same_as']]}_again"
        elif label:
            name = _LETTERS.get(label, label) if pairs else label
        else:
            name = roles[index]
        if name in names:
            name = next(f"{name}_{n}" for n in range(2, 999) if f"{name}_{n}" not in names)
        names.append(name)
        by_old[section["name"]] = name
    return names


def _label(section: Mapping[str, object]) -> str:
    """What the delimiter of a section says, as a name; empty if it says nothing."""
    delimiter = section.get("delimiter")
    if not isinstance(delimiter, str):
        return ""
    words = re.findall(r"[^\W\d_][^\W_]*", delimiter)
    if words:
        name = "_".join(words).lower()
        return name[:64] if name.isidentifier() else ""
    if section.get("match") == "lines" and delimiter.strip() == "#":
        return "comments"
    return _MARKS.get(delimiter.strip(), "")


def _roles(values: Values, held: Sequence[Sequence[str]]) -> list[str]:
    """Names for sections without a label, by what they hold.

    Of several that differ by place, a title is a short line, and the body is the longest.
    """
    sections = values["section"]
    sizes = [median(map(len, each)) if each else 0 for each in held]
    roles = [_role(section, len(sections)) for section in sections]
    free = [
        i for i, s in enumerate(sections) if not roles[i] and "same_as" not in s and not _label(s)
    ]
    longest = max(free, key=lambda i: sizes[i], default=-1)
    alone = len(free) == 1 and "delimiter" not in values.get("sections", {})
    heads = {"meta", "headers"}
    title = False
    for index in free:
        one_line = all("\n" not in value for value in held[index])
        short = one_line and sizes[index] <= _TITLE and sizes[index] * 2 <= max(sizes)
        if short and not title and _is_headed(held[index]):
            roles[index], title = "title", True
        elif index == longest:
            roles[index] = "text" if alone and not heads.intersection(roles) else "body"
        else:
            roles[index] = "line" if one_line else "part"
    return roles


def _role(section: Values, count: int) -> str:
    """The name of a section by its content or the form of its texts; empty if these are free."""
    content = section.get("content", "text")
    if content == "fields":
        return "headers"
    if content == "rows":
        return "rows"
    if content in ("yaml", "json", "toml"):
        return "meta" if count > 1 else "data"
    if isinstance(section.get("delimiter"), Mapping):
        return "part"
    if "enum" in section:
        return "kind"
    pattern = section.get("pattern", "")
    if form := _form_name(pattern):
        return form
    if r"\d" in pattern:  # texts that differ in their numbers
        return "time" if ":" in pattern else "id"
    return ""


def _is_headed(texts: Sequence[str]) -> bool:
    """Tell whether the texts may be headings: few of them end as sentences do."""
    return sum(text[-1:] in _STOPS for text in texts) * 4 <= len(texts)


def _form_name(pattern: str) -> str:
    """The name of what has such a pattern, empty if it is no usual form."""
    bare = pattern.removeprefix(r"\s*").removesuffix(r"\s*")
    return next((name for name, form in FORMS.items() if form == bare), "")


class FileFacts(NamedTuple):
    """The settings of `[file]` that the texts bear out, and why each.

    `unknown` are those of which they say nothing, as ASCII does of normalization.
    """

    settings: Values
    notes: Mapping[str, str]
    unknown: frozenset[str]


def file_facts(texts: Sequence[str], encoding: str = "utf-8") -> FileFacts:
    """Return what is true of all the texts, or of all but a few; the notes count which."""
    settings: Values = {}
    notes: dict[str, str] = {}
    if encoding != "utf-8":
        settings["encoding"] = encoding
    with_lines = [text for text in texts if "\n" in text or "\r" in text]
    for newline, has in (("lf", _has_lf), ("crlf", _has_crlf)):
        count = sum(map(has, with_lines))
        if with_lines and len(with_lines) - count <= tolerance(len(with_lines)):
            settings["newline"] = newline
            notes["newline"] = f"in {_of(sum(map(has, texts)), texts)}"
    spoken = [text for text in texts if text.strip()]
    ended = sum(map(_is_ended, spoken))
    if spoken and len(spoken) - ended <= tolerance(len(spoken)):
        settings["final_newline"] = "require"
        notes["final_newline"] = f"at the end of {_of(sum(map(_is_ended, texts)), texts)}"
    elif spoken and ended <= tolerance(len(spoken)):
        settings["final_newline"] = "forbid"
        bare = len(texts) - sum(map(_is_ended, texts))
        notes["final_newline"] = f"no newline at the end of {_of(bare, texts)}"
    if not all(map(str.isascii, texts)):
        composed = sum(unicodedata.is_normalized("NFC", text) for text in texts)
        if len(texts) - composed <= tolerance(len(texts)):
            settings["normalization"] = "nfc"
            notes["normalization"] = f"in {_of(composed, texts)}"
    silent = {
        "newline": not with_lines,
        "final_newline": not spoken,
        "normalization": all(map(str.isascii, texts)),
    }
    return FileFacts(settings, notes, frozenset(key for key, said in silent.items() if said))


def _has_lf(text: str) -> bool:
    """Tell whether all lines end with LF; a text without a newline is none that has."""
    return "\n" in text and "\r" not in text


def _has_crlf(text: str) -> bool:
    """Tell whether all lines end with CRLF."""
    count = text.count("\r\n")
    return 0 < count == text.count("\n") == text.count("\r")


def _is_ended(text: str) -> bool:
    return text.endswith(("\n", "\r"))


def _of(count: int, texts: Sequence[str]) -> str:
    """How many of the files, in words."""
    if len(texts) == 1:
        return "the one file"
    return f"{'all' if count == len(texts) else f'{count:,} of'} {plural(len(texts), 'file')}"


Notes = dict[Key, str]  # why a key has its value


def structure_notes(values: Values, documents: Sequence[Document]) -> Iterator[tuple[Key, str]]:
    """Return the evidence for records and sections, counted in all documents, sound or not."""
    records = [(document, record) for document in documents for record in document.records]
    if "record" in values:
        total, noun = len(records), "record"
        key = "open" if "open" in values["record"] else "delimiter"
        yield ("record", key), f"{plural(total, noun)} in {plural(len(documents), 'file')}"
    else:
        total, noun = len(documents), "file"

    def of(count: int) -> str:
        if total == 1:
            return f"the one {noun}"
        return f"{'all' if count == total else f'{count:,} of'} {plural(total, noun)}"

    if "delimiter" in values.get("sections", {}):
        sound = sum(not record.broken for _, record in records)
        yield ("sections", "delimiter"), f"in {of(sound)}"
    names = [section["name"] for section in values["section"]]
    by_record = [_texts(document, record) for document, record in records]
    for index, section in enumerate(values["section"]):
        held = [texts.get(index, []) for texts in by_record]
        having = sum(bool(texts) for texts in held)
        if section.get("required") is False:
            yield ("section", index, "required"), f"in {of(having)}"
        if section.get("repeat"):
            yield ("section", index, "repeat"), f"up to {max(map(len, held), default=0):,} times"
        if section.get("empty") == "allow":
            every = [text for texts in held for text in texts]
            empty = sum(not text.strip() for text in every)
            yield ("section", index, "empty"), f"{empty:,} of {len(every):,} are empty"
        if "same_as" in section:
            original = names.index(section["same_as"])
            same = sum(
                index in texts and set(texts[index]) == set(texts.get(original, []))
                for texts in by_record
            )
            yield ("section", index, "same_as"), f"in {of(same)}"


def _texts(document: Document, record: Record) -> dict[int, list[str]]:
    """The texts of each section of a record, by its number."""
    texts: dict[int, list[str]] = {}
    for section in record.sections:
        texts.setdefault(section.number, []).append(document.value(section))
    return texts


_DIGESTS = 40  # files whose digests are computed


class Seed(NamedTuple):
    """A file that was looked at."""

    path: str
    data: bytes
    text: str

    @property
    def lines(self) -> str:
        """The text without a byte order mark, every line ended by LF."""
        return normalize_newlines(self.text.removeprefix("\ufeff"))


class Proposal(NamedTuple):
    """A format as TOML has it, and why its keys have their values."""

    values: Values
    notes: Notes
    remarks: tuple[tuple[str, str], ...] = ()  # lines for the summary, each with its label


def propose(
    choice: Choice,
    seeds: Sequence[Seed],
    names: Sequence[str],
    encoding: str = "utf-8",
    *,
    total: int | None = None,
) -> Proposal:
    """Return a format for the seeds; `names` are those of all files that are to have it.

    If the seeds are all that go against rules among so many files, `total` says how many.
    """
    found = _with_facts(choice, [seed.lines for seed in seeds], total or len(seeds))
    values, notes = found.values, found.notes
    whole = file_facts([seed.text for seed in seeds], encoding)
    name = name_facts(names)
    table: Values = {**name.settings, **whole.settings}
    for key, note in (*name.notes.items(), *whole.notes.items()):
        notes["file", key] = note
    if "name" in table:
        looked_at = [(seed.path.rpartition("/")[2], seed.data) for seed in seeds[:_DIGESTS]]
        digest = digest_of(table["name"], looked_at)
        if digest is not None:
            table["hash"], notes["file", "hash"] = digest
    if "extends" in values:
        table = _beyond(spec_of(values).file, table, whole.unknown)
    if table:
        values["file"] = table
    return found._replace(values=values)


def _beyond(base: FileSpec, table: Values, unknown: frozenset[str]) -> Values:
    """The settings of `[file]` that a built-in format does not have, or that loosen it."""
    default = FileSpec()
    kept = {key: value for key, value in table.items() if getattr(base, key) != value}
    for key in ("newline", "final_newline", "normalization"):
        if getattr(base, key) != getattr(default, key) and key not in unknown.union(table):
            kept[key] = "any"  # the files have no one way, or another
    return kept


def _with_facts(choice: Choice, texts: Sequence[str], total: int) -> Proposal:
    """The format with what is true of its sections, names for them, and the evidence."""
    layout = choice.layout
    data = declared_data(layout, texts)
    if "extends" in choice.values:
        if data is None:
            return Proposal(dict(choice.values), {})
        return Proposal({**choice.values, **data.values}, dict(data.notes), (data.remark,))
    held: list[list[SectionText]] = [[] for _ in layout.sections]
    documents = [parse(text, layout) for text in texts]
    for number, document in enumerate(documents):
        for record in document.records:
            if not record.broken:
                for section in record.sections:
                    held[section.number].append(SectionText(number, document.value(section)))
    sections: list[Values] = []
    notes: Notes = dict(structure_notes(choice.values, documents))
    by_line = layout.positional == "\n" and not any(each.rest for each in layout.sections)
    frame = Frame(total, layout.trim, by_line, len(layout.sections) == 1)
    for index, section in enumerate(choice.values["section"]):
        found = section_facts(held[index], section, frame)
        fields = _of_section(data, section["name"])
        left_out = {"required_keys"} if fields else set()
        settings = {k: v for k, v in found.settings.items() if k not in left_out}
        sections.append({**section, **settings, **fields})
        for key in found.notes.keys() - left_out:
            notes["section", index, key] = found.notes[key]
    values = {**choice.values, "section": sections}
    if layout_of(values) is None:
        values = dict(choice.values)
    values = named(values, [[each.value for each in one] for one in held])
    return Proposal(values, notes, (data.remark,) if data is not None else ())


def _of_section(data: DeclaredData | None, name: str) -> Values:
    """What is declared of the data in a section, its name aside."""
    for section in data.values.get("section", []) if data is not None else ():
        if section["name"] == name:
            return {key: value for key, value in section.items() if key != "name"}
    return {}
