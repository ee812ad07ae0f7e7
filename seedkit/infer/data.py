"""What is declared of data: the columns of tables, and the fields of JSON, YAML and TOML.

From all the texts that were looked at. What only some of them have is optional; what is there once
is not named, and then other keys are allowed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seedkit.core.text import plural
from seedkit.formats.content import Declared
from seedkit.formats.data import read_json
from seedkit.formats.fields import parts_of
from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse
from seedkit.formats.spec import SectionSpec
from seedkit.formats.values import TYPES, Timestamp
from seedkit.infer.draft import Values
from seedkit.infer.tables import DeclaredData, declared_columns, first_of, kind_in_words
from seedkit.infer.values import exceptions_among, few_numbers, few_values, is_id, is_prose, type_of

_MOST = 200  # columns, or fields: who has more declares them otherwise
_KEPT = 2_000  # different values of a column or field that are remembered …
_PROSE_OF = 500  # … and texts by which prose is known
_FEW = 3  # objects that show which keys are required
_KNOWN = 20  # objects before a key that is there once is an exception, or one of many
_RARE = 0.02  # share of the objects that have a key that is worth naming
_MAPPING = 50  # keys of an object that names things by them, if they are rare
_BATCH = 5_000
_PATH = re.compile(r"[^.\[\]]+")
_DATA = ("json", "yaml", "toml")


def declared_data(layout: Layout, texts: Sequence[str]) -> DeclaredData | None:
    """Return what is true of the data in some texts; None if the format has none.

    Nothing is said of fields that the format declares already.
    """
    if layout.dialect is not None:
        return None if layout.sections else declared_columns(layout, texts)
    return _fields(layout, texts)


def _fields(layout: Layout, texts: Sequence[str]) -> DeclaredData | None:
    """The fields of each section that holds data and of which nothing is declared."""
    wanted = {
        number: Declared(section)
        for number, section in enumerate(layout.sections)
        if section.content in _DATA and not section.required_keys
    }
    roots = {number: _FieldValues("") for number in wanted}
    for text in texts if wanted else ():
        document = parse(text, layout)
        for record in document.records:
            for section in record.sections if not record.broken else ():
                if section.number in wanted:
                    value = _read(document.value(section), wanted[section.number])
                    if value is not None:
                        roots[section.number].add(value)
    sections: list[Values] = []
    said: list[str] = []
    for number, root in roots.items():
        spec = layout.sections[number]
        known = {parts_of(field.name)[0] for field in spec.field}
        for key in known:
            root.children.pop(key, None)
        fields = _declared_fields(root, layout, spec)
        if not fields and not known:
            continue
        fields = fields or []
        open_ended = any(field is None for field in fields)
        named = [field for field in fields if field is not None]
        if not 0 < len(named) <= _MOST:
            continue
        _without_repetition(named, allowed=open_ended)
        unknown = "allow" if open_ended else "error"
        settings: Values = {"unknown": unknown} if unknown != spec.unknown else {}
        sections.append({"name": spec.name, **settings, "field": named})
        kinds = [f"{field['name']}{kind_in_words(field)}" for field in named]
        more = ", and others" if open_ended else ""
        said.append(f"{plural(len(named), 'field')}{more}: {first_of(kinds)}")
    if not sections:
        return None
    return DeclaredData({"section": sections}, {}, ("fields", "; ".join(said)))


def _read(text: str, declared: Declared) -> Any:
    """The data in a text, None if there is none."""
    if not text.strip():
        return None
    if declared.content == "json":
        data = read_json(text)
        return None if data.problems else data.value
    return declared.read(text)


def _without_repetition(fields: Sequence[Values], *, allowed: bool) -> None:
    """Leave out `unknown` where what is around the field says the same."""
    says: dict[tuple[str, ...], bool] = {(): allowed}
    for field in sorted(fields, key=lambda field: len(parts_of(field["name"]))):
        path = tuple(parts_of(field["name"]))
        around = next(says[path[:n]] for n in range(len(path) - 1, -1, -1) if path[:n] in says)
        if "unknown" in field:
            says[path] = field["unknown"] == "allow"
            if says[path] == around:
                del field["unknown"]


def _declared_fields(
    root: _FieldValues, layout: Layout, spec: SectionSpec
) -> list[Values | None] | None:
    if not root.objects or root.objects < root.count or root.is_map:
        return None  # lists, or single values: no key can be named
    scope = "file" if layout.spec.record is not None else "corpus"
    return list(root.fields(scope, spec.content))


class _FieldValues:
    """What stands at one place of data, in all that was looked at."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.count = 0
        self.nulls = 0
        self.kinds = Counter[str]()
        self.texts = Counter[str]()
        self.scalars = Counter[Any]()  # numbers and booleans
        self.objects = 0
        self.children: dict[str, _FieldValues] = {}
        self.items: _FieldValues | None = None

    def add(self, value: Any) -> None:
        """Look at a value at that place."""
        self.count += 1
        if value is None:
            self.nulls += 1
        elif isinstance(value, dict):
            self.kinds["object"] += 1
            self.objects += 1
            for key, each in value.items():
                if isinstance(key, str):
                    child = self.children.get(key)
                    if child is None:
                        path = f"{self.path}.{key}" if self.path else key
                        child = self.children[key] = _FieldValues(path)
                    child.add(each)
        elif isinstance(value, list):
            self.kinds["list"] += 1
            if self.items is None:
                self.items = _FieldValues(f"{self.path}[]")
            for each in value:
                self.items.add(each)
        elif isinstance(value, str):
            self.kinds["time" if isinstance(value, Timestamp) else "string"] += 1
            self.texts[value] += 1
        else:
            self.kinds[_number_kind(value)] += 1
            self.scalars[value] += 1

    @property
    def is_map(self) -> bool:
        """Whether the keys name things rather than parts: there are many, and each is rare."""
        if len(self.children) <= _MAPPING:
            return False
        rare = sum(child.count <= self.objects * 0.1 for child in self.children.values())
        return rare * 2 > len(self.children)

    def fields(self, scope: str, content: str) -> Iterator[Values | None]:
        """Return the fields of the keys of these objects, and of what is in them; None where there
        are or may be keys that none names."""
        names = {key: child for key, child in self.children.items() if self._is_worth(child)}
        left = [key for key in self.children if key not in names]
        once = self.objects < _KNOWN and any(child.count == 1 for child in names.values())
        if self.objects < _FEW or once or not all(_is_misspelt(key, names) for key in left):
            yield None
        for key, child in names.items():
            if not _PATH.fullmatch(key) or len(child.path) > 200:
                yield None
                continue
            lacking = self.objects - child.count
            rare = lacking > exceptions_among(self.objects) // 2 or self.objects < _FEW
            yield from child.declared(scope, content, required=not rare)

    def _is_worth(self, child: _FieldValues) -> bool:
        return self.objects < _KNOWN or child.count > max(1, _RARE * self.objects)

    def declared(self, scope: str, content: str, *, required: bool) -> Iterator[Values | None]:
        """Return the field of this place, and those in it."""
        field: Values = {"name": self.path}
        kind = self._type(content)
        if kind is not None:
            field["type"] = kind
        if not required:
            field["required"] = False
        if self.nulls or (kind is None and self.count == 0):
            field["null"] = True
        if kind == "object":
            inner = [] if self.is_map else list(self.fields(scope, content))
            field["unknown"] = "allow" if None in inner or not inner else "error"
            yield field
            yield from (each for each in inner if each is not None)
            return
        if kind == "list":
            yield field
            if self.items is not None and self.items.count:
                item = list(self.items.declared(scope, content, required=True))
                if len(item) > 1 or (item[0] or {}).keys() - {"name", "null", "required"}:
                    yield from item
            return
        yield {**field, **self._values(kind, scope, required=required)}

    def _type(self, content: str) -> str | None:
        """The type of nearly all values; none if they are of several."""
        total = self.count - self.nulls
        kinds = self.kinds
        if not total:
            return None
        if set(kinds) <= {"integer", "number"}:
            return "number" if kinds["number"] else "integer"
        if set(kinds) <= {"string", "time"}:
            kind = type_of(self.texts)
            if kind is not None and TYPES[kind].text:
                return kind
            return "string" if not kinds["time"] else None
        kind, often = kinds.most_common(1)[0]
        exception = content == "json" and total - often <= exceptions_among(total) // 2
        if not exception and len(kinds) > 1:
            return None
        return None if kind == "time" else kind

    def _values(self, kind: str | None, scope: str, *, required: bool) -> Values:
        """What is said of texts and numbers."""
        found: Values = {}
        if kind in ("string", "integer") and required and not self.nulls:
            values = [*self.texts.elements(), *self.scalars.elements()]
            if is_id(self.path, values):
                return {"unique": scope}
        if kind == "string":
            few = few_values(self.texts)
            if few:
                found["enum"] = few
            elif is_prose(self.path, [*self.texts][:_PROSE_OF]):
                found["text"] = True
        elif kind == "integer" and (numbers := few_numbers(self.scalars)):
            found["enum"] = numbers
        return found


def _number_kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number"


def _is_misspelt(key: str, names: Mapping[str, object]) -> bool:
    import difflib

    return bool(difflib.get_close_matches(key.casefold(), names, n=1, cutoff=0.75))
