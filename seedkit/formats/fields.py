"""Fields of data: what a format says of the values in a section, by their paths, and who breaks it.

`ValueShape.accepts` judges a value as a parser returns it, and is fast; `ValueShape.problems`
judges the same value as a tree of nodes, which know where they are, and says what is wrong. One
accepts if and only if the other finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.core.rules import (
    SECTION_MISSING_KEY,
    SECTION_TOO_LONG,
    SECTION_TOO_SHORT,
    SECTION_UNKNOWN_KEY,
    SECTION_WRONG_TYPE,
)
from seedkit.core.text import as_written, plural
from seedkit.formats.data import Problem
from seedkit.formats.values import fault_of, kind_of, one_of, tester, types_of

if TYPE_CHECKING:
    from seedkit.formats.field_spec import FieldSpec
    from seedkit.formats.spec import SectionSpec

Accepts = Callable[[Any], bool]
_LONGEST_NAME = 100  # that is compared with others: it takes time
ITEMS = "[]"  # what a path calls the items of a list


class Node(NamedTuple):
    """A value of data, and its span in the section's text.

    `value` is text, a number, a boolean or None; a mapping from keys to nodes; or a list of nodes.
    `keys` are the spans of a mapping's keys; `bracketed` is whether its last character closes it.
    """

    value: Any
    start: int
    end: int
    keys: Mapping[str, tuple[int, int]] | None = None
    bracketed: bool = True


_INDEXES = re.compile(r"(?:\[-?[0-9]*\])*$")


def parts_of(path: str) -> list[str]:
    """Return the keys of a path: `meta.tags[].name` is `meta`, `tags`, `[]`, `name`."""
    parts: list[str] = []
    for part in path.split("."):
        bare = _INDEXES.sub("", part)
        parts += [bare] if bare else []
        parts += [f"{index}]" for index in part[len(bare) :].split("]")[:-1]]
    return parts


def is_item(part: str) -> bool:
    """Tell whether a part of a path is the items of a list, or one of them: `[]`, `[0]`, `[-1]`."""
    return part.startswith("[")


def _which(part: str) -> slice:
    """The items of a list that a part of a path names."""
    if part == ITEMS:
        return slice(None)
    number = int(part[1:-1])
    return slice(number, number + 1 or None)


class ValueShape:
    """What is declared of a value, of those within it, and whether there may be others."""

    def __init__(self, path: str = "", *, allows_unknown: bool = False, fold: bool = False) -> None:
        self.path = path
        self.fold = fold  # whether keys have no case
        self.spec: FieldSpec | None = None
        self.children: dict[str, ValueShape] = {}
        self.items: ValueShape | None = None
        self.single: dict[str, ValueShape] = {}  # of single items, by how a path writes them
        self.allows_unknown = allows_unknown

    def add(self, spec: FieldSpec) -> None:
        """Declare a field, and what is around it, as far as that is not declared."""
        shape = self
        for part in parts_of(spec.name):
            shape = shape._part(part)
        shape.spec = spec
        if spec.unknown is not None:
            shape.allows_unknown = spec.unknown == "allow"

    def _part(self, part: str) -> ValueShape:
        if part == ITEMS:
            if self.items is None:
                self.items = ValueShape(self.path + ITEMS, allows_unknown=self.allows_unknown)
            return self.items
        if is_item(part):
            return self.single.setdefault(part, ValueShape(self.path + part, allows_unknown=True))
        key = part.casefold() if self.fold else part
        if key not in self.children:
            path = f"{self.path}.{part}" if self.path else part
            self.children[key] = ValueShape(
                path, allows_unknown=self.allows_unknown, fold=self.fold
            )
        return self.children[key]

    @property
    def required(self) -> bool:
        """Whether what is around it must have it."""
        if self.spec is not None:
            return self.spec.required
        inner = [*self.children.values(), *self.single.values()]
        return any(shape.required for shape in inner)

    @property
    def kinds(self) -> Sequence[str]:
        """The types of value that it may be, if that is said."""
        if types_of(self.spec):
            return types_of(self.spec)
        if self.items is not None or self.single:
            return ("list",)
        return ("object",) if self.children else ()

    @property
    def unless(self) -> Sequence[str]:
        """The keys of its object that may take its place."""
        return self.spec.unless if self.spec is not None else ()

    @property
    def may_be_null(self) -> bool:
        """Whether it may be null."""
        return self.spec is not None and self.spec.null

    # -- fast

    def accepts(self) -> Accepts:
        """Return a function that tells whether a value, as a parser returns it, is as declared."""
        tests = [
            test()
            for kind, test in (("object", self._accepts_object), ("list", self._accepts_list))
            if kind in self.kinds
        ]
        if len(tests) < len(self.kinds) or not tests:
            single = tester(self.spec)
            # First, as it is the usual one: a text, or rarely a list of parts.
            tests.insert(0, lambda value: not isinstance(value, dict | list) and single(value))
            if len(tests) == 1:
                return single
        if self.may_be_null:
            tests.append(lambda value: value is None)
        first, *others = tests
        if not others:
            return first
        return lambda value: first(value) or any(test(value) for test in others)

    def _accepts_object(self) -> Accepts:
        known = frozenset(self.children)
        needed = frozenset(key for key, child in self.children.items() if child.required)
        tests = [(key, child.accepts()) for key, child in self.children.items()]
        if any(child.unless for child in self.children.values()):
            return self._accepts_conditions(tests)
        open_ended = self.allows_unknown or not self.children
        exact = needed == known and not open_ended

        def test(value: Any) -> bool:
            if type(value) is not dict:
                return False
            keys = value.keys()
            if exact:
                if keys != known:
                    return False
                for key, accepts in tests:  # noqa: SIM110  # twice as fast as `all`
                    if not accepts(value[key]):
                        return False
                return True
            if not needed <= keys or not (open_ended or keys <= known):
                return False
            for key, accepts in tests:  # noqa: SIM110
                if key in value and not accepts(value[key]):
                    return False
            return True

        return test

    def _accepts_conditions(self, tests: Sequence[tuple[str, Accepts]]) -> Accepts:
        """Return the function for an object with keys that others make unnecessary."""
        needed = frozenset(key for key, child in self.children.items() if child.required)
        refuses = frozenset(self.children) if not self.allows_unknown else None

        def test(value: Any) -> bool:
            if type(value) is not dict or (refuses is not None and not value.keys() <= refuses):
                return False
            excused: frozenset[str] | None = None
            for key, accepts in tests:
                found = value.get(key)
                if (found is not None or key in value) and accepts(found):
                    continue
                if found is None and (key in value or key in needed):
                    if excused is None:
                        excused = self._excused(value.keys(), value.get)
                    if key not in excused:
                        return False
                elif key in value:
                    return False
            return True

        return test

    def _excused(
        self, keys: Collection[str], value_of: Callable[[str], object | None]
    ) -> frozenset[str]:
        """The keys that an object need not have, nor with a value, for others that it has."""
        return frozenset(
            key
            for key, child in self.children.items()
            if any(other in keys and value_of(other) is not None for other in child.unless)
        )

    def _accepts_list(self) -> Accepts:
        accepts = None if self.items is None else self.items.accepts()
        single = [(_which(part), shape.accepts()) for part, shape in self.single.items()]
        spec = self.spec
        least = (spec.min_items if spec is not None else None) or 0
        most = spec.max_items if spec is not None else None

        def test(value: Any) -> bool:
            if type(value) is not list or len(value) < least:
                return False
            if most is not None and len(value) > most:
                return False
            if accepts is not None and not all(map(accepts, value)):
                return False
            for which, accepts_one in single:  # noqa: SIM110
                if not all(map(accepts_one, value[which])):
                    return False
            return True

        return test

    # -- exact

    def problems(self, node: Node, text: str) -> Iterator[Problem]:
        """Return what is wrong with a value, each at the key or value itself.

        `text` is that of the section, in which the nodes are.
        """
        value, kinds, written = node.value, self.kinds, text[node.start : node.end]
        if value is None and self.may_be_null:
            return
        if isinstance(value, dict) and "object" in kinds:
            yield from self._of_object(node, text)
        elif isinstance(value, list) and "list" in kinds:
            yield from self._of_list(node, text)
        elif kinds and not types_of(self.spec):
            what = f"`{self.path}` is" if self.path else "record is"
            message = f"{what} {kind_of(value, written)}, not {one_of(kinds)}"
            yield Problem(SECTION_WRONG_TYPE, message, node.start, node.end)
        elif self.spec is not None:
            found = fault_of(value, self.spec, f"`{self.path}`", written)
            if found is not None:
                yield Problem(*found, node.start, node.end)

    def _of_object(self, node: Node, text: str) -> Iterator[Problem]:
        excused = self._excused(node.value.keys(), lambda key: node.value[key].value)
        unknown = [key for key in node.value if key not in self.children]
        missing = [
            key
            for key, child in self.children.items()
            if child.required and key not in node.value and key not in excused
        ]
        refuses = bool(self.children) and not self.allows_unknown
        for key in unknown if refuses or missing else ():
            wanted = [each for each in self.children if each not in node.value]
            near = near_key(key, wanted if refuses else missing)
            if near is None and not refuses:
                continue
            if near in missing:
                missing.remove(near)  # it is there, under another name
            start, end = (node.keys or {}).get(key, (node.start, node.end))
            help_ = f": did you mean `{self.children[near].path}`?" if near else ""
            written = self._inner(text[start:end] if self.fold else key)
            message = f"key `{as_written(written)}` is not of this format{help_}"
            yield Problem(SECTION_UNKNOWN_KEY, message, start, end)
        if missing:
            listed = ", ".join(f"`{self.children[key].path}`" for key in missing)
            verb, noun = ("is", "key") if len(missing) == 1 else ("are", "keys")
            message = f"{noun} {listed} {verb} missing"
            yield Problem(SECTION_MISSING_KEY, message, node.end - node.bracketed, node.end)
        for key, child in self.children.items():
            if key in node.value and not (key in excused and node.value[key].value is None):
                yield from child.problems(node.value[key], text)

    def _inner(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _of_list(self, node: Node, text: str) -> Iterator[Problem]:
        count, spec = len(node.value), self.spec
        if spec is not None:
            what = f"`{self.path}` has {plural(count, 'item')}"
            if spec.min_items is not None and count < spec.min_items:
                message = f"{what}, at least {spec.min_items:,} required"
                yield Problem(SECTION_TOO_SHORT, message, node.start, node.end)
            if spec.max_items is not None and count > spec.max_items:
                first = node.value[spec.max_items]
                message = f"{what}, at most {spec.max_items:,} allowed"
                yield Problem(SECTION_TOO_LONG, message, first.start, node.value[-1].end)
        found: list[Problem] = []
        for item in node.value if self.items is not None else ():
            found += self.items.problems(item, text)  # type: ignore[union-attr]  # it is there
        said = {(problem.start, problem.end) for problem in found}
        for part, shape in self.single.items():
            for item in node.value[_which(part)]:
                found += (p for p in shape.problems(item, text) if (p.start, p.end) not in said)
        yield from found


def shape_of(specs: Sequence[FieldSpec], *, allows_unknown: bool, fold: bool = False) -> ValueShape:
    """Return what fields together say of the data in a section, whose keys may have no case."""
    shape = ValueShape(allows_unknown=allows_unknown, fold=fold)
    for spec in sorted(specs, key=lambda spec: len(parts_of(spec.name))):
        shape.add(spec)
    return shape


class UniqueField(NamedTuple):
    """A field whose values must be unique in a file: its section, its path as written and in
    parts."""

    section: str
    path: str
    parts: tuple[str, ...]


def unique_fields(sections: Sequence[SectionSpec]) -> dict[int, list[UniqueField]]:
    """Return the fields whose values must be unique in a file, by the number of their section."""
    found: dict[int, list[UniqueField]] = {}
    for index, section in enumerate(sections):
        for field in section.field:
            if field.unique == "file":
                parts = parts_in(section, field.name)
                found.setdefault(index, []).append(UniqueField(section.name, field.name, parts))
    return found


def parts_in(section: SectionSpec, path: str) -> tuple[str, ...]:
    """Return the parts of a field's path, as they are looked up in the section's data."""
    return tuple(map(str.casefold if section.content == "fields" else str, parts_of(path)))


def nodes_at(node: Node, parts: Sequence[str]) -> Iterator[Node]:
    """Return the values that a path leads to."""
    if not parts:
        yield node
    elif is_item(parts[0]):
        for item in node.value[_which(parts[0])] if isinstance(node.value, list) else ():
            yield from nodes_at(item, parts[1:])
    elif isinstance(node.value, dict) and parts[0] in node.value:
        yield from nodes_at(node.value[parts[0]], parts[1:])


def values_at(value: Any, parts: Sequence[str]) -> list[Any]:
    """Return the same values, of data as a parser returns it."""
    found = [value]
    for part in parts:
        if is_item(part):
            which = _which(part)
            found = [item for each in found if isinstance(each, list) for item in each[which]]
        else:
            found = [each[part] for each in found if isinstance(each, dict) and part in each]
    return found


def near_key(key: str, known: Sequence[str]) -> str | None:
    """Return which of the known names another one is meant to be; case and blanks may differ."""
    if len(key) > _LONGEST_NAME:
        return None
    import difflib

    by_fold = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(key.strip().casefold(), by_fold, n=1, cutoff=0.75)
    return by_fold[near[0]] if near else None
