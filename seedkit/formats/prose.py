"""What of the data in a section is prose, and what are values: by `text = true` of its fields.

Prose is compared for repeats; values are found as a whole too, and are never compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # in C
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.core.rules import SECTION_MALFORMED
from seedkit.formats.content import content_problems, tree_of
from seedkit.formats.data import MAX_LENGTH
from seedkit.formats.fields import Node, is_item, nodes_at, parts_of, values_at
from seedkit.formats.json_tree import json_tree, unescaped

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec


_COLON = re.compile(r'[ \t\n\r]*:[ \t\n\r]*"')
_PLAIN = re.compile(
    r'"[A-Za-z0-9_ -]+"'
)  # keys that JSON writes as they are, and no items of lists


class ProseValue(NamedTuple):
    """A value that is prose: the name of its field, and its span in the section."""

    name: str
    start: int
    end: int


def field_name(path: str) -> str:
    """Return the name of a field in search, where names have no dots: `messages_content`."""
    return "_".join(part for part in parts_of(path) if not is_item(part))


class Prose:
    """Finds the prose and the values in the data of one section of a format."""

    def __init__(self, spec: SectionSpec) -> None:
        self._spec = spec
        fold = str.casefold if spec.content == "fields" else str
        self._json = spec.content == "json"
        paths = [
            (field_name(field.name), tuple(map(fold, parts_of(field.name))), field.text)
            for field in spec.field
        ]
        self._prose = [(name, parts) for name, parts, text in paths if text]
        self._values = [(name, parts) for name, parts, text in paths if not text]
        # By the key that it has, each field that is prose, if that tells them apart.
        leaves = {f'"{parts[-1]}"': (name, parts) for name, parts in self._prose}
        apart = len(leaves) == len(self._prose) and all(_PLAIN.fullmatch(key) for key in leaves)
        self._leaves = leaves if self._json and apart else {}

    @property
    def names(self) -> list[str]:
        """The names of the fields that are prose."""
        return [name for name, _ in self._prose]

    @property
    def value_names(self) -> list[str]:
        """The names of the fields that are values, those of lists and objects among them."""
        return [name for name, _ in self._values]

    def passages(self, value: str) -> list[ProseValue]:
        """Return the prose in a section's text, in order; none if it is malformed."""
        if self._leaves and len(value) <= MAX_LENGTH["json"]:
            try:
                found = self._by_key(value, json.loads(value))
            except (ValueError, RecursionError):
                return []
            if found is not None:
                return found
        tree = self._tree(value)
        return [] if tree is None else self._passages(tree)

    def _by_key(self, value: str, data: Any) -> list[ProseValue] | None:
        """Find the prose of JSON by the keys that it has, far faster than with a tree; None if what
        these keys have in the text is not just what the paths lead to in the data."""
        found: list[ProseValue] = []
        for key, (name, parts) in self._leaves.items():
            texts: list[str] = []
            at = value.find(key)
            while at >= 0:
                after = at + len(key)
                begins = _COLON.match(value, after) if value[at - 1] != "\\" else None
                if begins is not None:
                    text, end = scanstring(value, begins.end())
                    texts.append(text)
                    found.append(ProseValue(name, begins.end(), end - 1))
                    after = end
                at = value.find(key, after)
            if texts != [text for text in values_at(data, parts) if isinstance(text, str)]:
                return None
        found.sort(key=lambda passage: passage.start)
        return found

    def _passages(self, tree: Node) -> list[ProseValue]:
        quotes = int(self._json)
        return sorted(
            (
                ProseValue(name, node.start + quotes, node.end - quotes)
                for name, parts in self._prose
                for node in nodes_at(tree, parts)
                if isinstance(node.value, str)
            ),
            key=lambda passage: passage.start,
        )

    def values(self, value: str) -> list[tuple[str, str]]:
        """Return names and values of the fields that are no prose, as text."""
        tree = self._tree(value)
        return [
            (name, _written(node.value))
            for name, parts in (self._values if tree is not None else ())
            for node in nodes_at(tree, parts)  # type: ignore[arg-type]  # it is there
            if node.value is not None and not isinstance(node.value, dict | list)
        ]

    def unescaped(self, value: str) -> str:
        """Return a section's text as long as it is; escapes of JSON are read."""
        return unescaped(value) if self._json else value

    def texts(self, value: str) -> Iterator[tuple[str, int]]:
        """Return the prose in a section's text, as long as it is there but with escapes of JSON
        read, and where it starts."""
        for _, start, end in self.passages(value):
            passage = value[start:end]
            yield self.unescaped(passage), start

    def readable(self, value: str) -> str:
        """Return a section's text as long as it is, with newlines for all but its prose."""
        parts: list[str] = []
        at = 0
        for passage, start in self.texts(value):
            parts += ("\n" * (start - at), passage)
            at = start + len(passage)
        parts.append("\n" * (len(value) - at))
        return "".join(parts)

    def _tree(self, value: str) -> Node | None:
        if self._json and len(value) <= MAX_LENGTH["json"]:
            try:
                json.loads(value)
            except (ValueError, RecursionError):
                return None
            return json_tree(value)
        problems = content_problems(value, self._spec)
        if any(problem.rule == SECTION_MALFORMED for problem in problems):
            return None
        return tree_of(value, self._spec.content)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
