"""Values that must be unique in the corpus, and values that name such a one: `references`.

What a seed has of both are its keys, digests with places; those of all seeds are compared. Values
that name one of the same file are compared at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.core.diagnostic import Diagnostic, Place, Related
from seedkit.core.document import Document, Finding
from seedkit.core.rules import SECTION_NOT_UNIQUE, SECTION_UNKNOWN_REFERENCE
from seedkit.core.text import as_written, normalize_newlines, visible
from seedkit.formats.content import Declared
from seedkit.formats.fields import nodes_at

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout
    from seedkit.formats.references import KeyPath

_SHOWN = 40  # characters of a value in a message


class Key(NamedTuple):
    """A value that must be unique in the corpus: its name, a digest of what it says, its span.

    With a `target` it names such a value instead, and `shown` is what it says. Without a digest it
    can't be read: its record is broken.
    """

    name: str
    digest: str
    start: int
    end: int
    target: str = ""
    shown: str = ""


class _Value(NamedTuple):
    """A value of a section, or of a field in it; `text` is None if one may be that can't be read.

    Of a `broken` record, what is a value and what is not is not certain.
    """

    text: str | None
    start: int
    end: int
    broken: bool = False


def check_references(document: Document, layout: Layout) -> Iterator[Finding]:
    """Report each value that names none of the same file, where it should.

    Nothing is reported while a record is broken, for that may be the one that is named.
    """
    values = _reader(document, layout)
    for reference in layout.references:
        target = reference.target_key
        if reference.scope != "file" or target is None:
            continue
        named = {value.text for value in values(target)}
        if None in named:
            continue
        for value in values(reference.key):
            if value.text and value.text not in named and not value.broken:
                shown = as_written(document.text[value.start : value.end], _SHOWN)
                wanted = f"`{_short(target.name, reference.key.name)}` of this file"
                message = _unknown(reference.key.name, shown, wanted)
                yield SECTION_UNKNOWN_REFERENCE.finding(message, value.start, value.end)


def keys_of(document: Document, layout: Layout) -> list[Key]:
    """Return what a seed has for the comparison of all: unique values, and those that name one."""
    values = _reader(document, layout)
    found: list[Key] = []
    for key in layout.unique_in_corpus:
        broken = False
        for value in values(key):
            if value.text is not None:
                found.append(Key(key.name, _digest(value.text), value.start, value.end))
            elif not broken:  # one says that there may be others
                broken = True
                found.append(Key(key.name, "", value.start, value.end))
    for reference in layout.references:
        if reference.scope == "corpus":
            for value in values(reference.key):
                if value.text and not value.broken:
                    shown = as_written(document.text[value.start : value.end], _SHOWN)
                    found.append(
                        Key(
                            reference.key.name, _digest(value.text), value.start, value.end,
                            reference.target, shown,
                        )
                    )  # fmt: skip
    return found


def _reader(document: Document, layout: Layout) -> Callable[[KeyPath], Iterator[_Value]]:
    """A function that returns the values that a path leads to, in text order."""
    dialect = layout.dialect
    declared: dict[int, Declared] = {}

    def values(key: KeyPath) -> Iterator[_Value]:
        for record in document.records:
            broken = record.broken
            if broken:
                yield _Value(None, record.start, record.end, broken)
            for section in record.sections:
                if section.number != key.number:
                    continue
                text = document.value(section)
                if not key.parts:
                    text = dialect.value(text) if dialect is not None else text.rstrip("\r\n")
                    yield _Value(text, section.start, section.end, broken)
                    continue
                if key.number not in declared:
                    declared[key.number] = Declared(layout.sections[key.number])
                tree = declared[key.number].tree(text)
                if tree is None:
                    yield _Value(None, section.start, section.end, broken)
                    continue
                for node in nodes_at(tree, key.parts):
                    if node.value is not None:
                        a, b = section.start + node.start, section.start + node.end
                        yield _Value(_said(node.value), a, b, broken)

    return values


def _said(value: Any) -> str:
    """What a value says, however it is written: 1 is 1.0 and the text `1`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def check_keys(
    seeds: Mapping[str, tuple[str, Sequence[tuple[str, str, Place, str, str]]]],
    unread: Container[str] = (),
) -> Iterator[Diagnostic]:
    """Compare the keys of all seeds.

    `seeds` maps each path to its format and to its keys: name, digest, place, target and what it
    says. Values that name what a broken record may have, or a seed of an `unread` format, are not
    reported.
    """
    first: dict[tuple[str, str], Place] = {}
    for path in sorted(seeds):
        format_name, keys = seeds[path]
        for name, digest, place, target, _ in keys:
            if target:
                continue
            before = first.setdefault((f"{format_name}:{name}", digest), place)
            if before is not place and digest:
                yield _twice(name, place, before)
    for path in sorted(seeds):
        format_name, keys = seeds[path]
        for name, digest, place, target, shown in keys:
            if target and digest and {(target, digest), (target, "")}.isdisjoint(first):
                other, _, wanted = target.partition(":")
                if other in unread:
                    continue
                of = "the corpus" if other == format_name else f"format `{visible(other)}`"
                message = _unknown(name, shown, f"`{_short(wanted, name)}` of {of}")
                yield SECTION_UNKNOWN_REFERENCE.diagnostic(message, place)


def _twice(name: str, place: Place, before: Place) -> Diagnostic:
    where = f"of `{visible(before.path)}`"
    if before.path == place.path and before.start is not None:
        where = f"on line {before.start.line}"
    section, _, field = name.partition(".")
    message = f"section `{section}` has the same text as that {where}"
    if field:
        message = f"section `{section}`: `{field}` has the same value as that {where}"
    return SECTION_NOT_UNIQUE.diagnostic(message, place, related=(Related(before, "first here"),))


def _short(target: str, name: str) -> str:
    """What is named, for people: without its section, if that is the one of who names it."""
    section, _, field = target.partition(".")
    return field if field and section == name.partition(".")[0] else target


def _unknown(name: str, shown: str, wanted: str) -> str:
    """Return what to say of a value that names nothing; `wanted` is what it should name."""
    section, _, field = name.partition(".")
    subject = f"section `{section}`: `{field}`" if field else f"section `{section}`"
    return f"{subject} is `{shown}`, which is no {wanted}"


def _digest(value: str) -> str:
    data = normalize_newlines(value).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(data, digest_size=16).hexdigest()
