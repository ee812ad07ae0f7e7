"""What was counted that makes a format have the structure it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedkit.core.document import Document, Record
from seedkit.core.text import plural
from seedkit.infer.draft import Values

Key = tuple[str | int, ...]  # of a setting: its tables, and its name
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
