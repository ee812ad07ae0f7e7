"""Checks of data by the fields that a format declares, and of values that must be unique."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.core.document import Document, Finding
from seedkit.core.rules import SECTION_NOT_UNIQUE
from seedkit.core.text import as_written
from seedkit.formats.content import Declared
from seedkit.formats.data import Problem
from seedkit.formats.fields import nodes_at, values_at

if TYPE_CHECKING:
    from seedkit.formats.fields import Node, UniqueField
    from seedkit.formats.layout import Layout
    from seedkit.formats.spec import SectionSpec


def of_problems(problems: Iterable[Problem], spec: SectionSpec) -> Sequence[Finding]:
    """Return the findings that problems of a section's content are."""
    return [
        problem.rule.finding(
            f"section `{spec.name}`: {problem.message}", problem.start, problem.end
        )
        for problem in problems
    ]


class FieldsCheck:
    """The check of content for a section whose format declares fields of it."""

    def __init__(self, spec: SectionSpec) -> None:
        self.declared = Declared(spec)

    def __call__(self, value: str, spec: SectionSpec) -> Sequence[Finding]:
        problems = self.declared.problems(value)
        return of_problems(problems, spec) if problems else ()


def declared_in(checks: Sequence[object]) -> Declared:
    """Return what the check of fields among some checks goes by."""
    return next(check.declared for check in checks if isinstance(check, FieldsCheck))


class _Seen(NamedTuple):
    """A section in which a value of a field was first."""

    start: int
    end: int


class UniqueInFile:
    """Compares the values of fields that must be unique in a file."""

    def __init__(self, text: str, fields: Sequence[UniqueField], declared: Declared) -> None:
        self._text = text
        self._fields = [field for field in fields if field.scope == "file"]
        self._declared = declared
        self._first: list[dict[object, _Seen]] = [{} for _ in self._fields]

    def add(self, start: int, end: int) -> Iterator[Finding]:
        """Report the values in a section that were there before."""
        data = self._declared.read(self._text[start:end])
        for field, first in zip(self._fields, self._first, strict=True):
            for value in values_at(data, field.parts):
                known = first.setdefault(_key(value), _Seen(start, end))
                if known.start != start and value is not None:
                    yield self._finding(field, value, _Seen(start, end), known)

    def _finding(self, field: UniqueField, value: Any, here: _Seen, first: _Seen) -> Finding:
        span, before = (self._span(field, value, each) for each in (here, first))
        related = ((*before, "first here"),)
        shown = f"`{field.path}` `{as_written(self._text[slice(*span)], 40)}`"
        message = f"section `{field.section}`: {shown} is there twice"
        return SECTION_NOT_UNIQUE.finding(message, *span, related=related)

    def _span(self, field: UniqueField, value: Any, seen: _Seen) -> tuple[int, int]:
        tree = self._declared.tree(self._text[seen.start : seen.end])
        for node in nodes_at(tree, field.parts) if tree is not None else ():
            if _key(node.value) == _key(value):
                return seen.start + node.start, seen.start + node.end
        return seen.start, seen.end


def _key(value: Any) -> object:
    """What two values have in common if they are the same, as 1 and 1.0 are."""
    if type(value) is str:
        return value
    if type(value) is float and value.is_integer():
        value = int(value)
    return type(value), repr(value)


def corpus_values(document: Document, layout: Layout) -> Iterator[tuple[str, Node, int]]:
    """Return each value of a field that must be unique in the corpus: the name of the field, the
    value, and where its section starts."""
    declared = {index: Declared(layout.sections[index]) for index in layout.unique_fields}
    for section in document.sections():
        fields = layout.unique_fields.get(section.number, ())
        wanted = [field for field in fields if field.scope == "corpus"]
        tree = declared[section.number].tree(document.value(section)) if wanted else None
        for field in wanted:
            for node in nodes_at(tree, field.parts) if tree is not None else ():
                if node.value is not None:
                    yield f"{field.section}.{field.path}", node, section.start
