"""The types of single values, and the check that a value is of its type and within its limits.

Text of formats without types (`Key: value` lines, cells of tables) is `Untyped`, and is what it can
be read as.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from seedkit.core.patterns import compile_pattern
from seedkit.core.rules import (
    SECTION_NOT_ALLOWED,
    SECTION_OUT_OF_RANGE,
    SECTION_PATTERN_MISMATCH,
    SECTION_TOO_LONG,
    SECTION_TOO_SHORT,
    SECTION_WRONG_TYPE,
    Rule,
)
from seedkit.core.text import as_written, plural, shorten, visible

if TYPE_CHECKING:
    from seedkit.formats.field_spec import FieldSpec

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,5})?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]| ?[+-][0-9]{2}:?[0-9]{2})?"
)
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+)[^\s]*")


class Limits(Protocol):
    """What a section says of a single value."""

    @property
    def type(self) -> str | None: ...
    @property
    def min(self) -> int | float | None: ...
    @property
    def max(self) -> int | float | None: ...


class Untyped(str):
    """Text that may stand for a value of any type."""

    __slots__ = ()


class Timestamp(str):
    """A date, or a date and time, that is data of its own in YAML and TOML, as it is written."""

    __slots__ = ()


def kind_of(value: object, written: str) -> str:
    """Return what a value is, for people: `written` is how the file has it."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else f"`{as_written(written, 30)}`"


def types_of(spec: FieldSpec | None) -> Sequence[str]:
    """Return the types that a field may be of; anything, if that is empty."""
    kinds = spec.type if spec is not None else None
    return (kinds,) if isinstance(kinds, str) else kinds or ()


def is_a(value: object, kind: str) -> bool:
    """Tell whether a value is of a type."""
    return TYPES[kind].test(value)


def one_of(kinds: Sequence[str]) -> str:
    """Return the types that a value may be of, for people: `text or a list`."""
    return " or ".join(TYPES[kind].words for kind in kinds)


def _is_string(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Timestamp)


def _is_integer(value: object) -> bool:
    if isinstance(value, Untyped):
        return _INTEGER.fullmatch(value) is not None
    if isinstance(value, float):  # as JSON Schema has it, 1.0 is an integer
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    if isinstance(value, Untyped):
        return _NUMBER.fullmatch(value) is not None and math.isfinite(float(value))
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, Untyped) and value in ("true", "false"))


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_datetime(value: object) -> bool:
    if not isinstance(value, str) or not _DATETIME.fullmatch(value):
        return False
    try:
        zone = re.sub(r" (?=[+-])", "", value.upper())  # as Jekyll writes it
        datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", zone))
    except ValueError:
        return False
    return True


def _is_url(value: object) -> bool:
    match = _URL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return False
    from urllib.parse import urlsplit

    try:
        return urlsplit(match[1]).port is None or True
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return False


class ValueType(NamedTuple):
    """What is known of a `type`; the models of formats, search and `init` agree with it by test."""

    words: str  # what a value of it is called in messages
    test: Callable[[object], bool]
    text: bool = False  # a text in JSON: limits of texts apply to it
    written: bool = True  # what text can be read as: sections can have it, and init finds it
    ordered: bool = False  # search compares values by `..`
    bounded: bool = False  # `min` and `max` apply to it


# In the order in which init tries them: what is of two types is of the first.
TYPES: Final = {
    "string": ValueType("text", _is_string, text=True, written=False),
    "integer": ValueType("an integer", _is_integer, ordered=True, bounded=True),
    "number": ValueType("a number", _is_number, ordered=True, bounded=True),
    "boolean": ValueType("a boolean", _is_boolean),
    "date": ValueType("a date as `2024-12-31`", _is_date, text=True, ordered=True),
    "datetime": ValueType(
        "a date and time as `2024-12-31T23:59:00`", _is_datetime, text=True, ordered=True
    ),
    "url": ValueType("a URL", _is_url, text=True),
    "list": ValueType("a list", lambda value: isinstance(value, list), written=False),
    "object": ValueType("an object", lambda value: isinstance(value, dict), written=False),
}


def fault_of(value: Any, spec: FieldSpec, name: str, written: str) -> tuple[Rule, str] | None:
    """Return what is wrong with a single value, None if nothing is.

    `name` is what it is called, `written` how the file has it.
    """
    if value is None:
        return None if spec.null else (SECTION_WRONG_TYPE, f"{name} is null")
    kinds = types_of(spec)
    if kinds and not any(is_a(value, kind) for kind in kinds):
        return SECTION_WRONG_TYPE, f"{name} is {kind_of(value, written)}, not {one_of(kinds)}"
    if spec.enum is not None and not _is_one_of(value, spec.enum):
        allowed = ", ".join(f"`{shorten(str(each), 30)}`" for each in spec.enum[:8])
        more = ", …" if len(spec.enum) > 8 else ""
        shown = kind_of(value, written)
        return SECTION_NOT_ALLOWED, f"{name} is {shown}, not one of {allowed}{more}"
    if isinstance(value, str):
        found = _fault_of_text(value, spec, name)
        if found is not None:
            return found
    if spec.min is not None or spec.max is not None:
        return _fault_of_range(value, spec, name, written)
    return None


def _fault_of_text(value: str, spec: FieldSpec, name: str) -> tuple[Rule, str] | None:
    if spec.min_chars is not None and len(value) < spec.min_chars:
        length = f"{name} has {plural(len(value), 'character')}"
        return SECTION_TOO_SHORT, f"{length}, at least {spec.min_chars:,} required"
    if spec.max_chars is not None and len(value) > spec.max_chars:
        length = f"{name} has {plural(len(value), 'character')}"
        return SECTION_TOO_LONG, f"{length}, at most {spec.max_chars:,} allowed"
    if spec.pattern is not None and not compile_pattern(spec.pattern).fullmatch(value):
        return SECTION_PATTERN_MISMATCH, f"{name} does not match `{visible(spec.pattern)}`"
    return None


def fault_of_text(value: str, spec: Limits, name: str) -> tuple[Rule, str] | None:
    """Return what is wrong with a text that must be of a type, and within bounds."""
    if spec.type is not None and not is_a(Untyped(value), spec.type):
        words = TYPES[spec.type].words
        return SECTION_WRONG_TYPE, f"{name} is `{as_written(value, 30)}`, not {words}"
    return _fault_of_range(Untyped(value), spec, name, value)


def text_tester(spec: Limits) -> Callable[[str], object]:
    """Return a function that tells, fast, whether `fault_of_text` finds nothing wrong with a text,
    by what is true or not."""
    least = -math.inf if spec.min is None else spec.min
    most = math.inf if spec.max is None else spec.max
    bounded = spec.min is not None or spec.max is not None
    if spec.type == "integer" and not bounded:
        return _INTEGER.fullmatch
    if spec.type == "number":
        return lambda text: (
            _NUMBER.fullmatch(text) and math.isfinite(n := float(text)) and least <= n <= most
        )
    return lambda text: fault_of_text(text, spec, "") is None


def _fault_of_range(
    value: Any, spec: FieldSpec | Limits, name: str, written: str
) -> tuple[Rule, str] | None:
    if not _is_number(value):
        return None
    number = float(value) if isinstance(value, str) else value
    if spec.min is not None and number < spec.min:
        return SECTION_OUT_OF_RANGE, f"{name} is `{as_written(written, 30)}`, less than {spec.min}"
    if spec.max is not None and number > spec.max:
        return SECTION_OUT_OF_RANGE, f"{name} is `{as_written(written, 30)}`, more than {spec.max}"
    return None


def _is_one_of(value: Any, enum: list[Any]) -> bool:
    if isinstance(value, str):
        return value in enum or (
            isinstance(value, Untyped) and value in [_written(each) for each in enum]
        )
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in enum)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def tester(spec: FieldSpec | None) -> Callable[[Any], bool]:
    """Return a function that tells, fast, whether `fault_of` finds nothing wrong with a value."""
    if spec is None:
        return lambda value: True
    limits = (spec.enum, spec.pattern, spec.min, spec.max, spec.min_chars, spec.max_chars)
    if all(limit is None for limit in limits) and not spec.null:
        if spec.type == "string":
            return lambda value: type(value) is str or _is_string(value)
        if spec.type is None:
            return lambda value: value is not None
        if isinstance(spec.type, str):
            return TYPES[spec.type].test
        if "string" in spec.type:
            return lambda value: type(value) is str or fault_of(value, spec, "", "") is None
    texts = frozenset(each for each in spec.enum or () if isinstance(each, str))
    others = (spec.pattern, spec.min, spec.max, spec.min_chars, spec.max_chars)
    if texts and spec.type in (None, "string") and all(limit is None for limit in others):
        return lambda value: (
            value in texts if type(value) is str else fault_of(value, spec, "", "") is None
        )
    return lambda value: fault_of(value, spec, "", "") is None
