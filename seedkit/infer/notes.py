"""What was counted that makes a format have the structure it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from seedkit.infer.draft import Values
from seedkit.infer.facts import Held
from seedkit.text import plural

Key = tuple[str | int, ...]  # of a setting: its tables, and its name
Notes = dict[Key, str]  # why a key has its value


def structure_notes(
    values: Values, held: Sequence[Sequence[Held]], records: Sequence[Counter[int]], files: int
) -> Iterator[tuple[Key, str]]:
    """Return the evidence for records and sections.

    `held` are the texts of each section, `records` how many sections of each kind a record has.
    """
    of = plural(len(records), "record") if "record" in values else plural(files, "file")
    if "record" in values:
        key = "open" if "open" in values["record"] else "delimiter"
        yield ("record", key), f"{of} in {plural(files, 'file')}"
    if "delimiter" in values.get("sections", {}):
        yield (
            ("sections", "delimiter"),
            f"in all of {of}" if len(records) > 1 else "in the one file",
        )
    for index, section in enumerate(values["section"]):
        counts = [record[index] for record in records]
        having = sum(count > 0 for count in counts)
        if section.get("required") is False:
            yield ("section", index, "required"), f"in {having:,} of {of}"
        if section.get("repeat"):
            yield ("section", index, "repeat"), f"up to {max(counts, default=0):,} times"
        if section.get("empty") == "allow":
            empty = sum(not each.value.strip() for each in held[index])
            yield ("section", index, "empty"), f"{empty:,} of {len(held[index]):,} are empty"
        if "same_as" in section:
            which = "all of " if len(records) > 1 else ""
            yield ("section", index, "same_as"), f"in {which}{of}"
