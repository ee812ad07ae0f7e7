"""Which values of a format must be unique in the corpus, and which name one: `references`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from seedkit.formats.fields import parts_in

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec


class KeyPath(NamedTuple):
    """Where values are: the number of a section, and the parts of a field's path within it.

    `name` is that of the section, or section and path: `record.meta.id`.
    """

    number: int
    name: str
    parts: tuple[str, ...]


class Reference(NamedTuple):
    """Values that name others: `target`, as `FORMAT:NAME`, which are unique in the `scope`.

    `target_key` leads to those of the same format; it is None if they are of another.
    """

    key: KeyPath
    target: str
    scope: str  # file | corpus
    target_key: KeyPath | None


class BadReference(ValueError):
    """What is named is not there, or is not unique; the message says so."""


def unique_in_corpus(spec: FormatSpec) -> list[KeyPath]:
    """Return what leads to the values that no two of the corpus may share."""
    return [key for key, scope, _ in _declared(spec) if scope == "corpus"]


def references_of(name: str, spec: FormatSpec) -> list[Reference]:
    """Return what leads to values that name others; `name` is the format's."""
    found = []
    for key, _, wanted in _declared(spec):
        if wanted is not None:
            other, path = _parted(wanted)
            if other is not None and other != name:
                found.append(Reference(key, f"{other}:{path}", "corpus", None))
            else:
                target, scope = _target(spec, path, key)
                found.append(Reference(key, f"{name}:{target.name}", scope, target))
    return found


def check_references_of(
    spec: FormatSpec, formats: Mapping[str, FormatSpec] | None = None
) -> Iterator[tuple[BadReference, tuple[str | int, ...]]]:
    """Return what is wrong with the references of a format, and the path of each key.

    Without the other `formats`, those to the values of others are passed over.
    """
    for key, _, wanted in _declared(spec):
        if wanted is None:
            continue
        other, path = _parted(wanted)
        try:
            if other is None:
                _target(spec, path, key)
            elif formats is not None:
                if other not in formats:
                    raise BadReference(f"`references` names format `{other}`, which there is not")
                if _target(formats[other], path, None)[1] != "corpus":
                    raise BadReference(
                        f"`references` names `{path}` of format `{other}`, "
                        'which is not `unique = "corpus"`'
                    )
        except BadReference as error:
            yield error, _place(spec, key)


def _parted(wanted: str) -> tuple[str | None, str]:
    """The format and the path that `references` names."""
    other, colon, path = wanted.partition(":")
    return (other, path) if colon else (None, wanted)


def _target(spec: FormatSpec, path: str, by: KeyPath | None) -> tuple[KeyPath, str]:
    """What a format calls by this path, and its scope; a field may leave out its own section."""
    known = {key.name: (key, scope) for key, scope, _ in _declared(spec)}
    own = f"{by.name.partition('.')[0]}.{path}" if by is not None and by.parts else path
    found = known.get(own) or known.get(path)
    if found is None:
        raise BadReference(f"`references` names `{path}`, and there is no such section or field")
    key, scope = found
    if scope is None:
        raise BadReference(f"`references` names `{path}`, which is not `unique`")
    return key, scope


def _declared(spec: FormatSpec) -> Iterator[tuple[KeyPath, str | None, str | None]]:
    """Each section and field, `unique` and `references` of it; sections first."""
    for number, section in enumerate(spec.section):
        yield KeyPath(number, section.name, ()), section.unique, section.references
    for number, section in enumerate(spec.section):
        for field in section.field:
            key = KeyPath(number, f"{section.name}.{field.name}", parts_in(section, field.name))
            yield key, field.unique, field.references


def _place(spec: FormatSpec, key: KeyPath) -> tuple[str | int, ...]:
    section = spec.section[key.number]
    for index, field in enumerate(section.field if key.parts else ()):
        if key.name == f"{section.name}.{field.name}":
            return "section", key.number, "field", index, "references"
    return "section", key.number, "references"
