"""Data in a section: what is found in it, and the bounds within which it is parsed.

Parsers of YAML, JSON and TOML recurse and build objects, so a text of a few kilobytes can take a
stack or gigabytes. What is beyond the bounds is a finding, and is not parsed further.

JSON that every program reads alike (I-JSON, RFC 7493).

That is: no duplicate keys, no NaN, no half of a surrogate pair, numbers that a double holds.

Python's parser decides whether a text is JSON. It accepts more than other programs do, and does not
say where: what it lets pass is looked for by a scanner of tokens, and only where it may occur.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from typing import Any, Final, NamedTuple, NoReturn

from seedkit.core.rules import SECTION_DUPLICATE_KEY, SECTION_MALFORMED, Rule
from seedkit.core.text import as_written, line_end, shorten

MAX_DEPTH: Final = 200  # values within values; parsers of many languages take no more than 500
MAX_LENGTH: Final = {"yaml": 10_000_000, "json": 10_000_000, "toml": 1_000_000}  # characters


class Problem(NamedTuple):
    """What is wrong, and where in the section's text, in code points."""

    rule: Rule
    message: str
    start: int
    end: int


class Data(NamedTuple):
    """What a parser found: problems, and the keys if the whole is a mapping.

    `keys` is None if it is a list or a scalar; `start` is where it starts. `value` is what the text
    stands for, if that is asked for and there is no problem.
    """

    problems: list[Problem]
    keys: Collection[str] | None = None
    start: int = 0
    value: Any = None


def duplicate_key(key: str, start: int, end: int) -> Problem:
    """Return the problem of a key that its mapping has already."""
    return Problem(
        SECTION_DUPLICATE_KEY, f"key `{as_written(key)}` occurs twice in a mapping", start, end
    )


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{},:]|[^\s"\[\]{},:]+', re.DOTALL)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a surrogate pair
_LONGEST = 308  # digits of a number that a double holds, whatever they are
_SURROGATES = re.compile(  # a pair, or one alone; other escapes so that `\\ud800` is none
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<alone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key occurs twice")
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _float(token: str) -> float:
    number = float(token)
    if math.isinf(number):
        raise ValueError(token)
    return number


def _int(token: str) -> int:
    if len(token) > _LONGEST:
        raise ValueError(token)
    return int(token)


_STRICT = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse, parse_float=_float, parse_int=_int
)
_LENIENT = json.JSONDecoder(parse_int=len, parse_constant=str)


def read_json(value: str) -> Data:
    """Return what is wrong with a text as JSON, and the keys of the object that it is."""
    deep = _too_deep(value)
    if deep is not None:
        return Data([_malformed("JSON is nested too deeply", deep, deep + 1)])
    plain = _HALF.search(value) is None
    try:
        try:
            data = _STRICT.decode(value)
        except json.JSONDecodeError:
            raise
        except ValueError:  # a key occurs twice, a constant, a number too large
            plain = False
            data = _LENIENT.decode(value)
    except json.JSONDecodeError as error:
        message, start = _fault(value, error)
        return Data([_malformed(f"JSON does not parse: {message}", start, line_end(value, start))])
    problems = [] if plain else _scan(value)
    start = len(value) - len(value.lstrip())
    return Data(problems, data.keys() if isinstance(data, dict) else None, start, data)


def goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether a value of JSON begins there, and ends after `end`, where a line of it does."""
    if _too_deep(text[start:end]) is not None or _is_json(text[start:end]):
        return False
    text = text[start : start + MAX_LENGTH["json"]]
    if _too_deep(text) is not None:
        return False
    try:
        return json.JSONDecoder(parse_int=len).raw_decode(text)[1] > end - start
    except ValueError:
        return False


def _is_json(text: str) -> bool:
    try:
        _LENIENT.decode(text)
    except ValueError:
        return False
    return True


def _too_deep(value: str) -> int | None:
    """Where values are nested deeper than they may be, if anywhere."""
    if value.count("[") + value.count("{") <= MAX_DEPTH:
        return None
    depth = 0
    for match in _BRACKETS.finditer(value):
        first = match[0][0]
        depth += (first in "[{") - (first in "]}")
        if depth > MAX_DEPTH:
            return match.start()
    return None


def _fault(value: str, error: json.JSONDecodeError) -> tuple[str, int]:
    """What the fault is and where: for what is missing, the token before where it was missed."""
    message = error.msg.removesuffix(" at").removesuffix(" starting").replace("'", "`")
    message, at = f"{message[:1].lower()}{message[1:]}", error.pos
    before = len(value[:at].rstrip(" \t\r\n")) - 1
    last, following = value[max(before, 0) : before + 1], value[at : at + 1]
    if message == "invalid control character" and following in ("\r", "\n"):
        return "a string is not closed", at
    if message.startswith(("expecting `,`", "expecting `:`")):
        missed = not following or line_end(value, before) < at
        return message, before if missed else at
    if message.startswith(("expecting value", "expecting property name")):
        ends = following in ("", "]", "}")
        if last == "," and following and ends:
            return f"`,` before `{following}`", before
        return message, before if ends and last in (",", ":") else at
    return message, at


def _scan(value: str) -> list[Problem]:
    """What Python's parser lets pass, in a text that it takes for JSON."""
    problems: list[Problem] = []
    open_keys: list[set[str] | None] = []  # of each object around; None for an array
    at_key = False
    for match in _TOKEN.finditer(value):
        token, (start, end) = match[0], match.span()
        first = token[0]
        if first in "[{":
            open_keys.append(set() if first == "{" else None)
            at_key = first == "{"
        elif first in "]}":
            open_keys.pop()
            at_key = False
        elif first in ",:":
            at_key = first == "," and bool(open_keys) and open_keys[-1] is not None
        elif first == '"':
            alone = _lone_surrogate(token)
            if alone:
                message = f"JSON has half of a surrogate pair: `{alone[0]}`"
                problems.append(_malformed(message, start + alone.start(), start + alone.end()))
            keys = open_keys[-1] if at_key else None
            if keys is not None:
                key: str = json.loads(token)
                if key in keys:
                    problems.append(duplicate_key(key, start, end))
                keys.add(key)
        elif first in "NI" or token.startswith("-I"):
            problems.append(_malformed(f"JSON has no number `{token}`", start, end))
        elif first not in "tfn" and math.isinf(float(token)):
            message = f"number is larger than a double holds: `{shorten(token, 20)}`"
            problems.append(_malformed(message, start, end))
    return problems


def _lone_surrogate(token: str) -> re.Match[str] | None:
    return next((m for m in _SURROGATES.finditer(token) if m["alone"]), None)


def _malformed(message: str, start: int, end: int) -> Problem:
    return Problem(SECTION_MALFORMED, message, start, end)
