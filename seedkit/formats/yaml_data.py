"""YAML, as the events of its parser: nothing is constructed, no alias is expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seedkit.core.rules import SECTION_MALFORMED
from seedkit.core.text import line_end, line_start, shorten
from seedkit.formats.data import MAX_DEPTH, Data, Problem, duplicate_key
from seedkit.formats.fields import Node
from seedkit.formats.values import Timestamp

if TYPE_CHECKING:
    import yaml

_TOO_DEEP = "YAML is nested too deeply"
_MOST_SIXTIES = 10  # parts of a number to the base of 60: more is no time
_MAX_EXPANDED = 1_000_000  # values, once every alias is replaced with what it stands for
_YAML_TAG = "tag:yaml.org,2002:"
_DATA_TAGS = frozenset(
    ("null", "bool", "int", "float", "str", "seq", "map", "set", "omap", "pairs", "binary",
     "timestamp", "merge", "value"),
)  # fmt: skip
_PROGRAMS = ("!ruby/", "!perl/", "!php/", "!java/", "!python/")
_PLAIN_KEY = re.compile(r"[ \t]*[^\s'\",\[\]{}#]+:(?=[ \t\r\n]|\Z)")
_COLON = re.compile(r":(?=[ \t\r\n]|\Z)")


def read_yaml(value: str) -> Data:
    """Return what is wrong with a text as YAML, and the keys of the mapping that it is."""
    import yaml

    bom = value[:1] == "\ufeff"
    reader = _YamlReader(value[1:] if bom else value)
    try:
        for event in reader.events():
            if reader.take(event):
                break
    except yaml.MarkedYAMLError as error:
        reader.fail(_reason(error), reader.fault_at(error))
    except yaml.reader.ReaderError as error:
        at = reader.text.find(chr(error.character))
        reader.fail(f"YAML does not parse: {error.reason}", max(at, 0))
    except (yaml.YAMLError, ValueError) as error:
        reason = shorten(str(error).partition("\n")[0], 120)
        reader.fail(f"YAML does not parse: {reason}", 0)
    if not bom:
        return Data(reader.problems, reader.top_keys(), reader.start)
    moved = [each._replace(start=each.start + 1, end=each.end + 1) for each in reader.problems]
    return Data(moved, reader.top_keys(), reader.start + 1)


def yaml_tree(text: str) -> Node:
    """Return the tree of a text that is YAML, in which `read_yaml` has found no fault.

    Values are of the types of YAML 1.1, dates are `Timestamp`. What merge keys add is among the
    keys, but has no place of its own. A value that holds itself is null where it does.
    """
    import yaml

    shift = len(text) - len(text.removeprefix("\ufeff"))
    try:
        root = yaml.compose(text[shift:], getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.composer.ComposerError:  # an anchor is defined again, which YAML allows
        root = _compose_again(text[shift:])
    if root is None:  # nothing, or comments only: the keys of nothing, as for `read_yaml`
        return Node({}, 0, 0, {}, bracketed=False)
    return _tree(root, shift)


def _compose_again(text: str) -> Any:
    """Compose a text in which an alias is of the last anchor of its name (YAML 1.2.2, 3.2.2.2)."""
    import yaml

    class Composer(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if not self.check_event(yaml.AliasEvent):
                self.anchors.pop(self.peek_event().anchor, None)  # type: ignore[no-untyped-call]
            return super().compose_node(parent, index)

    try:
        return yaml.compose(text, Composer)
    except yaml.YAMLError:  # libyaml, which has read it, is not as strict
        return None


def _tree(node: Any, shift: int, around: tuple[Any, ...] = ()) -> Node:
    start, end = node.start_mark.index + shift, node.end_mark.index + shift
    if isinstance(node.value, str):
        return Node(_typed(node.tag.removeprefix(_YAML_TAG), node.value), start, end)
    if any(node is each for each in around):
        return Node(None, start, end)
    around = (*around, node)
    if node.id == "sequence":
        return Node([_tree(item, shift, around) for item in node.value], start, end)
    values: dict[str, Node] = {}
    keys: dict[str, tuple[int, int]] = {}
    merged: dict[str, Node] = {}
    for key, value in node.value:
        if key.tag == f"{_YAML_TAG}merge":
            for each in value.value if value.id == "sequence" else [value]:
                inner = _tree(each, shift, around)
                merged = {**(inner.value if isinstance(inner.value, dict) else {}), **merged}
        elif isinstance(key.value, str):
            keys[key.value] = key.start_mark.index + shift, key.end_mark.index + shift
            values[key.value] = _tree(value, shift, around)
    return Node({**merged, **values}, start, end, keys, bool(node.flow_style))


def _typed(tag: str, text: str) -> Any:
    """What a scalar stands for (YAML 1.1 types, https://yaml.org/type/)."""
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    if tag == "timestamp":
        return Timestamp(text)
    if tag in ("int", "float"):
        bare = text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
        for read in (_integer, _number) if tag == "int" else (_number,):
            try:
                return read(bare)
            except ValueError:
                continue
        return 0 if tag == "int" else 0.0
    return text


def _integer(text: str) -> int:
    """Read an integer: `0x10`, `0b11`, `017` (octal), `1:20` (to the base of 60)."""
    digits = text.lstrip("+-")
    sign = "-" if text.startswith("-") else ""
    if digits.startswith(("0b", "0x")):
        return int(sign + digits, 0)
    if ":" in digits:
        return int(sign + "1") * int(_sixties(digits))
    return int(sign + digits, 8 if digits.startswith("0") and digits.strip("0") else 10)


def _number(text: str) -> float:
    if ":" not in text:
        return float(text)
    return float("-1" if text.startswith("-") else "1") * _sixties(text.lstrip("+-"))


def _sixties(digits: str) -> float:
    """Return the value of digits to the base of 60, as times are written."""
    parts = digits.split(":")
    if len(parts) > _MOST_SIXTIES:
        raise ValueError(digits)
    *whole, last = parts
    value = 0
    for part in whole:
        value = value * 60 + int(part)
    return value * 60 + (float(last) if "." in last else int(last))


def _reason(error: yaml.MarkedYAMLError) -> str:
    reason = (error.problem or error.context or "invalid").replace("'", "`")
    if "nesting depth" in reason:
        return _TOO_DEEP
    return f"YAML does not parse: {reason}"


class _Open:
    """A list or mapping that is not at its end yet; `keys` is None for a list."""

    __slots__ = ("anchor", "at_key", "flow", "keys", "size", "start")

    def __init__(self, event: Any, mapping: bool) -> None:
        self.start: int = event.start_mark.index
        self.flow: bool = bool(event.flow_style)
        self.anchor: str | None = event.anchor
        self.keys: dict[str, bool] | None = {} if mapping else None  # True: written plainly
        self.at_key = mapping
        self.size = 1


class _YamlReader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.start = 0
        self._open: list[_Open] = []
        self._top: _Open | None = None
        self._scalar = False  # whether the document is one
        self._anchors: dict[str, int] = {}  # how many values each stands for
        self._aliased = False
        self._documents = 0
        self._count = 0
        self._last: Any = None

    def events(self) -> Iterator[Any]:
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        yield from yaml.parse(self.text, loader)

    def top_keys(self) -> dict[str, bool] | None:
        """Return the keys of the document; none if it is empty, None if it is no mapping."""
        if self._top is not None:
            return self._top.keys
        return None if self._scalar else {}

    def fail(self, message: str, start: int) -> None:
        """Note what keeps the text from being read on from `start`."""
        end = line_end(self.text, start)
        self.problems.append(Problem(SECTION_MALFORMED, message, start, end))

    def take(self, event: Any) -> bool:
        """Note what an event says; returns whether the rest is not to be read."""
        import yaml

        self._last = event
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._check_tag(event)
            self._take_scalar(event)
            if event.anchor is not None:
                self._anchors[event.anchor] = 1
            return self._add(1, event)
        if kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
            self._check_tag(event)
            return self._begin(_Open(event, kind is yaml.MappingStartEvent))
        if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            closed = self._open.pop()
            if closed.anchor is not None:
                self._anchors[closed.anchor] = closed.size
            return self._add(closed.size, event)
        if kind is yaml.AliasEvent:
            self._aliased = True
            size = self._anchors.get(event.anchor)
            if size is not None:
                return self._add(size, event)
            message = f"YAML does not parse: found undefined alias `{shorten(event.anchor)}`"
            self.fail(message, event.start_mark.index)
            return True
        if kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                self.fail("YAML has more than one document", event.start_mark.index)
                return True
        return False

    def _begin(self, opened: _Open) -> bool:
        if opened.anchor is not None:
            self._anchors[opened.anchor] = 1  # within itself, it stands for no more
        if self._top is None:
            self._top, self.start = opened, opened.start
        self._open.append(opened)
        if len(self._open) > MAX_DEPTH:
            self.fail(_TOO_DEEP, opened.start)
            return True
        return False

    def _add(self, size: int, event: Any) -> bool:
        """Count a value, and what it stands for, to what is around it."""
        self._count += 1
        if not self._open:
            return False
        around = self._open[-1]
        around.size += size
        if around.keys is not None:
            around.at_key = not around.at_key
        if self._aliased and around.size > _MAX_EXPANDED + self._count:
            message = f"YAML has aliases that stand for more than {_MAX_EXPANDED:,} values"
            self.fail(message, event.start_mark.index)
            return True
        return False

    def _take_scalar(self, event: Any) -> None:
        if not self._open:
            self.start = event.start_mark.index
            self._scalar = bool(event.value) or not event.implicit[0]
            return
        around = self._open[-1]
        if around.keys is None or not around.at_key:
            return
        plain: bool = event.implicit[0]
        key: str = event.value
        if key == "<<" and plain:  # merges one mapping after the other
            return
        name = key if event.tag in (None, "!") else f"{event.tag} {key}"
        if around.keys.get(name, plain) != plain and not _is_text(key):
            name += "\0"  # `1` and `"1"` are two keys
        if name not in around.keys:
            around.keys[name] = plain
        else:
            start, end = event.start_mark.index, event.end_mark.index
            self.problems.append(duplicate_key(key, start, end))

    def _check_tag(self, event: Any) -> None:
        tag: str | None = event.tag
        if tag is None:
            return
        short = tag.removeprefix(_YAML_TAG)
        foreign = short not in _DATA_TAGS if short is not tag else tag.startswith(_PROGRAMS)
        if foreign:
            shown = f"!!{short}" if short is not tag else tag
            start = event.start_mark.index
            self.fail(f"YAML has a tag that is not data: `{shorten(shown)}`", start)

    def fault_at(self, error: yaml.MarkedYAMLError) -> int:
        """Where the fault is that the parser has met, mostly further on."""
        text, context = self.text, error.context or ""
        mark = error.problem_mark or error.context_mark
        at: int = mark.index if mark else 0
        begun: int | None = error.context_mark.index if error.context_mark else None
        if begun is not None and context.startswith("while scanning"):
            problem = error.problem or ""
            quote = context.endswith("quoted scalar") and "unexpected" in problem
            above = begun < line_start(text, at) and "tab character" not in problem
            return begun if quote or above else at
        if "mapping values are not allowed" in (error.problem or ""):
            return self._line_without_colon(at)
        inner = self._open[-1] if self._open else None
        if inner is not None and inner.flow:
            return self._in_brackets(inner, at)
        last = self._last
        style = getattr(last, "style", None)
        if style in ("'", '"') and last.end_mark.index >= line_start(text, at):
            opened: int = last.start_mark.index  # a quote that is closed by a later one
            return opened if opened < line_start(text, at) else at
        return at

    def _in_brackets(self, inner: _Open, at: int) -> int:
        """For a list or mapping in brackets: the bracket that is not closed, or a comma missing."""
        text, line = self.text, line_start(self.text, at)
        if not text[at:].strip():
            return inner.start
        if inner.start < line and _PLAIN_KEY.match(text, line):
            first = line_start(text, inner.start)
            if _indent(text, line) <= _indent(text, first):
                return inner.start
        end: int = self._last.end_mark.index
        return max(end - 1, 0) if end <= line else at

    def _line_without_colon(self, at: int) -> int:
        """For a colon that makes no sense: the key before it, if that has lost its own."""
        text, line = self.text, line_start(self.text, at)
        if _COLON.search(text, line, at):
            return at
        indent, fault = _indent(text, line), at
        while line > 0:
            line = line_start(text, line - 1)
            content = text[line : line_end(text, line)].strip()
            if not content or content.startswith("#"):
                continue
            if _indent(text, line) != indent or _COLON.search(text, line, line_end(text, line)):
                opens = content.endswith((":", "---")) or content == "-"
                return fault if opens and _indent(text, line) <= indent else at
            fault = line + indent
        return fault


def _indent(text: str, line: int) -> int:
    rest = text[line : line_end(text, line)]
    return len(rest) - len(rest.lstrip(" "))


def _is_text(key: str) -> bool:
    """Tell whether a key that is not quoted is text all the same, and no number or date."""
    import yaml

    resolver: Any = yaml.resolver.Resolver()
    return bool(resolver.resolve(yaml.ScalarNode, key, (True, False)) == f"{_YAML_TAG}str")
