"""Which JSON Schema can be used: one that is valid, complete and not too slow.

A value is looked at by each schema that applies to it, which may be many, and twice as many with
each level. `weigh` finds by the schema alone how often that may be, so that no schema from a
repository can keep a check busy without end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from seedkit.core.text import shorten
from seedkit.formats.data import MAX_DEPTH, read_json
from seedkit.formats.json_tree import json_tree
from seedkit.formats.values import kind_of

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_MOST = 1_000_000  # looks at one value
_LARGEST = 5_000  # schemas within one
_PATTERNS = 250  # of one schema
_ERROR = 1_600  # bytes
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_DRAFTS: Final = (
    _DRAFT,
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-04/schema",
)
_SCHEMAS = ("allOf", "anyOf", "oneOf")  # lists of schemas of the same value
_SCHEMA = ("not", "if", "then", "else")
_DEPENDENT = ("dependentSchemas", "dependencies")  # mappings of schemas of the same value
_WITHIN = (
    "additionalProperties", "unevaluatedProperties", "prefixItems", "items", "additionalItems",
    "unevaluatedItems", "contains", "propertyNames",
)  # fmt: skip


class BadSchema(ValueError):
    """A text is no JSON Schema that can be used; `offset` says where in it, if that is known."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class Weight(NamedTuple):
    """How often a value may be looked at by a schema, and how much oftener with each level.

    `listed` is the length of its longest `enum` or `required`; `patterns` counts those of keys;
    `by_key` says whether each key of an object may be an error of its own.
    """

    looks: int
    growth: int
    listed: int = 0
    patterns: int = 0
    by_key: bool = False

    def time(self, values: int) -> int:
        """How many steps judging so many values may take."""
        return values * self.looks * (1 + self.listed // 4 + self.patterns)

    def memory(self, values: int, characters: int) -> int:
        """How many bytes the errors of so many values may take; each holds what it is about."""
        each = values * self.looks * (_ERROR + 40 * self.listed)
        whole = self.looks * (1 + self.listed + values * self.by_key)
        return each + whole * (characters + 100 * values)

    @property
    def depth(self) -> int:
        """How deep a record may be nested for it to be checked."""
        depth, looks = 0, self.looks
        while depth < MAX_DEPTH and looks * self.growth <= _MOST:
            depth, looks = depth + 1, looks * self.growth
        return depth


def check_schema(text: str) -> None:
    """Raise `BadSchema` if a text is no JSON Schema, or one that can't be used."""
    data = read_json(text)
    if data.problems:
        problem = data.problems[0]
        raise BadSchema(problem.message, problem.start)
    schema = data.value
    if not isinstance(schema, dict | bool):
        raise BadSchema(f"a JSON Schema is an object, not {kind_of(schema, text.strip())}")
    draft = schema.get("$schema", _DRAFT) if isinstance(schema, dict) else _DRAFT
    if str(draft).removesuffix("#") not in _DRAFTS:
        raise BadSchema(f"`$schema` is `{shorten(str(draft))}`, no draft that is known: `{_DRAFT}`")
    if weigh(schema).looks > _MOST:
        raise BadSchema("so many schemas apply to one value that a check may not end")
    try:
        compiled(text)
    except ValueError as error:
        node = json_tree(text)
        for part in getattr(error, "instance_path", ()):
            node = node.value[part]
        message = shorten(str(error).partition("\n")[0])
        if message.endswith('"regex"'):
            message += " without look-around and backreferences"
        raise BadSchema(f"it is no JSON Schema: {message}", node.start) from None


@lru_cache(maxsize=16)
def compiled(text: str) -> Validator:
    """Return what judges data by a schema; raises `ValueError` if it is none."""
    from jsonschema_rs import RegexOptions, validator_for

    patterns = RegexOptions(size_limit=500_000)  # in linear time, as all others
    return validator_for(json.loads(text), validate_formats=True, pattern_options=patterns)


def weigh(schema: Any) -> Weight:
    """Return how often a value may be looked at.

    Raises `BadSchema` for a reference out of the schema, and for one that leads back to itself
    without going into the value.
    """
    return _Subschemas(schema).weight()


class _Subschemas:
    """The schemas within a schema, and which of them are applied by which."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._same: dict[int, list[int]] = {}  # schemas of the same value, by number
        self._inner: dict[int, list[list[int]]] = {}  # of values within; of each group only one
        self._numbers: dict[int, int] = {}  # by identity
        self._anchors: dict[str, Any] = {}
        self._find_anchors(root)
        self._listed = self._key_patterns = patterns = 0
        self._by_key = False
        pending = [root]
        self._number(root)
        while pending:
            schema = pending.pop()
            if not isinstance(schema, dict):
                continue
            pending += self._add(schema)
            lists = (schema.get("enum"), schema.get("required"))
            self._listed = max(self._listed, *(len(e) for e in lists if isinstance(e, list)), 0)
            of_keys = schema.get("patternProperties")
            self._key_patterns += len(of_keys) if isinstance(of_keys, dict) else 0
            self._by_key |= "propertyNames" in schema
            patterns += "pattern" in schema
            if patterns + self._key_patterns > _PATTERNS:
                raise BadSchema(f"it has more than {_PATTERNS} patterns")

    def _find_anchors(self, root: Any) -> None:
        pending = [root]
        while pending:
            value = pending.pop()
            if isinstance(value, dict):
                if isinstance(value.get("$anchor"), str):
                    self._anchors[value["$anchor"]] = value
                if value is not root and isinstance(value.get("$id"), str):
                    raise BadSchema("`$id` is only understood at the top")
                pending += value.values()
            elif isinstance(value, list):
                pending += value

    def _number(self, schema: Any) -> int:
        if len(self._numbers) == _LARGEST:
            raise BadSchema(f"it has more than {_LARGEST:,} schemas within")
        return self._numbers.setdefault(id(schema), len(self._numbers))

    def _add(self, schema: dict[str, Any]) -> list[Any]:
        """Note what a schema applies; return those that are new."""
        same: list[Any] = []
        inner: list[list[Any]] = []
        for key, value in schema.items():
            if key in _SCHEMAS and isinstance(value, list):
                same += value
            elif key in _SCHEMA:
                same.append(value)
            elif key in _DEPENDENT and isinstance(value, dict):
                same += value.values()
            elif key == "$ref":
                same.append(self._target(value))
            elif key in ("$dynamicRef", "$recursiveRef"):
                raise BadSchema(f"`{key}` is not understood; use `$ref`")
            elif key == "properties" and isinstance(value, dict):
                inner.append(list(value.values()))  # each of another key
            elif key == "patternProperties" and isinstance(value, dict):
                inner += ([each] for each in value.values())
            elif key in _WITHIN:
                inner.append(value if isinstance(value, list) else [value])
        applied = [*same, *(each for group in inner for each in group)]
        new = [each for each in applied if id(each) not in self._numbers]
        number = self._number(schema)
        self._same[number] = [self._number(each) for each in same]
        self._inner[number] = [[self._number(each) for each in group] for group in inner]
        return list({id(each): each for each in new}.values())

    def _target(self, reference: Any) -> Any:
        """What a `$ref` leads to (RFC 6901, or an anchor)."""
        if not isinstance(reference, str) or not reference.startswith("#"):
            shown = shorten(str(reference))
            raise BadSchema(f"`$ref` to `{shown}` leads out of the file; only `#…` is followed")
        name = unquote(reference[1:])
        if name and not name.startswith("/"):
            if name in self._anchors:
                return self._anchors[name]
            raise BadSchema(f"`$ref` to `{shorten(reference)}`: there is no such `$anchor`")
        value = self._root
        for part in name.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                raise BadSchema(f"`$ref` to `{shorten(reference)}`: there is nothing there")
        return value

    def weight(self) -> Weight:
        """How often a value may be looked at: at most the product along its path."""
        closures = self._closures()
        within = {
            number: [
                (group, times)
                for each, times in closures[number].items()
                for group in self._inner.get(each, ())
            ]
            for number in self._numbers.values()
        }
        parts = _connected({
            number: {each for group, _ in groups for each in group}
            for number, groups in within.items()
        })  # fmt: skip
        growth, looks = 1, dict[int, int]()
        for number in sorted(within, key=parts.__getitem__):
            back, on = 0, sum(closures[number].values())
            for group, times in within[number]:
                outside = [looks[each] for each in group if parts[each] != parts[number]]
                back += times * (len(outside) < len(group))
                on += times * max(outside, default=0)
            growth, looks[number] = max(growth, back), min(on, 10 * _MOST)
        return Weight(looks[0], growth, self._listed, self._key_patterns, self._by_key)

    def _closures(self) -> dict[int, dict[int, int]]:
        """By schema, how many times each schema is applied to the same value."""
        done: dict[int, dict[int, int]] = {}
        total = 0
        for first in self._numbers.values():
            stack = [(first, False)]
            within: set[int] = set()
            while stack:
                number, ready = stack.pop()
                if ready:
                    within.discard(number)
                    times = {number: 1}
                    for each in self._same.get(number, ()):
                        for inner, count in done[each].items():
                            times[inner] = min(times.get(inner, 0) + count, 10 * _MOST)
                    done[number] = times
                    total += len(times)
                    if total > _MOST:
                        raise BadSchema("its schemas refer to one another in too many ways")
                elif number in within:
                    raise BadSchema("a schema refers to itself without going into the value")
                elif number not in done:
                    within.add(number)
                    stack.append((number, True))
                    stack += ((each, False) for each in self._same.get(number, ()))
        return done


def _connected(edges: Mapping[int, set[int]]) -> dict[int, int]:
    """Number the groups of nodes that lead to one another, those that are led to first.

    By R. Tarjan, Depth-first search and linear graph algorithms (1972).
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    part: dict[int, int] = {}
    path: list[int] = []
    group = 0
    for first in edges:
        work = [] if first in index else [(first, iter(edges[first]))]
        for number, _ in work:
            index[number] = low[number] = len(index)
            path.append(number)
        while work:
            number, following = work[-1]
            for each in following:
                if each not in index:
                    index[each] = low[each] = len(index)
                    path.append(each)
                    work.append((each, iter(edges[each])))
                    break
                if each not in part:
                    low[number] = min(low[number], index[each])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[number])
                if low[number] == index[number]:
                    group, member = group + 1, -1
                    while member != number:
                        member = path.pop()
                        part[member] = group
    return part
