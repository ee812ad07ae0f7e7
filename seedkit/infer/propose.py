"""From a structure that fits to a whole format: facts of sections, names, file facts, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from seedkit.core.text import normalize_newlines
from seedkit.formats.parser import parse
from seedkit.formats.spec import FileSpec
from seedkit.infer.choose import Choice
from seedkit.infer.draft import Values, layout_of, spec_of
from seedkit.infer.facts import Frame, Held, section_facts
from seedkit.infer.names import digest_of, name_facts
from seedkit.infer.naming import named
from seedkit.infer.notes import Notes, structure_notes
from seedkit.infer.whole import file_facts

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
    values, notes = _with_facts(choice, [seed.lines for seed in seeds], total or len(seeds))
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
    return Proposal(values, notes)


def _beyond(base: FileSpec, table: Values, unknown: frozenset[str]) -> Values:
    """The settings of `[file]` that a built-in format does not have, or that loosen it."""
    default = FileSpec()
    kept = {key: value for key, value in table.items() if getattr(base, key) != value}
    for key in ("newline", "final_newline", "normalization"):
        if getattr(base, key) != getattr(default, key) and key not in unknown.union(table):
            kept[key] = "any"  # the files have no one way, or another
    return kept


def _with_facts(choice: Choice, texts: Sequence[str], total: int) -> tuple[Values, Notes]:
    """The format with what is true of its sections, names for them, and the evidence."""
    if "extends" in choice.values:
        return dict(choice.values), {}
    layout = choice.layout
    held: list[list[Held]] = [[] for _ in layout.sections]
    documents = [parse(text, layout) for text in texts]
    for number, document in enumerate(documents):
        for record in document.records:
            if not record.broken:
                for section in record.sections:
                    held[section.number].append(Held(number, document.value(section)))
    sections: list[Values] = []
    notes: Notes = dict(structure_notes(choice.values, documents))
    by_line = layout.positional == "\n" and not any(each.rest for each in layout.sections)
    frame = Frame(total, layout.trim, by_line, len(layout.sections) == 1)
    for index, section in enumerate(choice.values["section"]):
        found = section_facts(held[index], section, frame)
        sections.append({**section, **found.settings})
        for key, note in found.notes.items():
            notes["section", index, key] = note
    values = {**choice.values, "section": sections}
    if layout_of(values) is None:
        values = dict(choice.values)
    return named(values, [[each.value for each in one] for one in held]), notes
