"""Where does each key of a TOML file stand? `tomllib` gives the values; this gives the places.

The scanner runs only on text that `tomllib` has accepted, so it need not check anything: it walks
keys, skips values, and notes every key's span. Paths are what pydantic calls a location: keys and
array indices from the top of the file.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from seedkit.core.toml_faults import Explained, explained

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]*?(?=[ \t\r]*(?:[,\]}\n#]|\Z))")
_STRINGS = {
    '"""': re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL),
    "'''": re.compile(r"'''.*?'{3,5}", re.DOTALL),
    '"': re.compile(r'"(?:[^"\\]|\\.)*"'),
    "'": re.compile(r"'[^']*'"),
}
_MAX_DEPTH = 200  # values within values; `tomllib` takes a frame of the stack or more for each
_MAX_PARTS = 100  # of a dotted key; `tomllib` takes memory by their square
_TOO_DEEP = Explained("values are nested too deeply", "write them with fewer levels")
_TOO_LONG = Explained(f"a key has more than {_MAX_PARTS} parts", "write a shorter one")
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+"""
_BOUNDED = re.compile(
    rf"""(?P<long>{_PART}(?:\.[ \t]*+{_PART}){{{_MAX_PARTS}}})|#[^\n]*+"""
    r"""|\"\"\"(?:[^"\\]|\\.|"{1,2}+(?!"))*+"{3,5}|'''.*?'{3,5}"""
    rf"""|{_PART}(?:\.[ \t]*+{_PART})*+|(?P<open>[\[{{])|(?P<close>[\]}}])""",
    re.DOTALL,
)
_PLACE_IN_MESSAGE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlSyntaxError(ValueError):
    """The text is no TOML; `line` and `column` count from 1, `help` is the remedy."""

    def __init__(self, message: str, help: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.line = line
        self.column = column


class TomlFile:
    """The values of a TOML text and the span of every key, in code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.values = parse(text)
        self._spans: dict[KeyPath, tuple[int, int]] | None = None

    def span(self, path: KeyPath) -> tuple[int, int] | None:
        """Return the span of the key at `path`, or of its nearest enclosing key, if any."""
        if self._spans is None:
            try:
                self._spans = _Scanner(self.text).scan()
            except RecursionError:
                self._spans = {}
        for length in range(len(path), 0, -1):
            found = self._spans.get(path[:length])
            if found is not None:
                return found
        return None


def parse(text: str) -> dict[str, Any]:
    """Return the values of a TOML text; raises `TomlSyntaxError`, also for what has no bounds."""
    _check_bounds(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        match = _PLACE_IN_MESSAGE.search(message)
        if match and match[1]:
            line, column = int(match[1]), int(match[2])
        else:
            line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        if match:
            message = message[: match.start()]
        start = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
        wrong = explained(text, start + column - 1, message[:1].lower() + message[1:])
        raise TomlSyntaxError(*wrong, line, column) from None
    except RecursionError:
        raise TomlSyntaxError(*_TOO_DEEP, 1, 1) from None
    except ValueError:  # a number with more digits than Python converts
        raise TomlSyntaxError("a number is too long", "write a shorter one", 1, 1) from None


def _check_bounds(text: str) -> None:
    """Raise `TomlSyntaxError` for what would take `tomllib` gigabytes, or all of the stack."""
    if text.count(".") < _MAX_PARTS and text.count("[") + text.count("{") <= _MAX_DEPTH:
        return
    depth = 0
    for match in _BOUNDED.finditer(text):
        depth += (match["open"] is not None) - (match["close"] is not None)
        if match["long"] is None and depth <= _MAX_DEPTH:
            continue
        at = match.start()
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        if match["long"] is not None:
            raise TomlSyntaxError(*_TOO_LONG, line, column)
        raise TomlSyntaxError(*_TOO_DEEP, line, column)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans: dict[KeyPath, tuple[int, int]] = {}
        self.arrays: dict[KeyPath, int] = {}  # how many [[tables]] each path has had so far

    def scan(self) -> dict[KeyPath, tuple[int, int]]:
        table: KeyPath = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return self.spans
            if self.text.startswith("[[", self.at):
                table = self._header(2)
            elif self.text[self.at] == "[":
                table = self._header(1)
            else:
                self._pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def _header(self, brackets: int) -> KeyPath:
        start = self.at
        self.at += brackets
        names = self._dotted()
        self.at += brackets
        path: KeyPath = ()
        for position, (name, _) in enumerate(names):
            path += (name,)
            last = position == len(names) - 1
            if last and brackets == 2:
                self.arrays[path] = self.arrays.get(path, 0) + 1
                self.spans.setdefault(path, (start, self.at))
            if path in self.arrays:
                path += (self.arrays[path] - 1,)
            self.spans.setdefault(path, (start, self.at))
        return path

    def _dotted(self) -> list[tuple[str, tuple[int, int]]]:
        names = []
        while True:
            self._skip(_SPACE)
            start = self.at
            quote = self.text[self.at : self.at + 1]
            if quote in ("'", '"'):
                self._skip(_STRINGS[quote])
                name = tomllib.loads(f"k = {self.text[start : self.at]}")["k"]
            else:
                self._skip(_BARE)
                name = self.text[start : self.at]
            names.append((name, (start, self.at)))
            self._skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return names
            self.at += 1

    def _pair(self, table: KeyPath) -> None:
        path = table
        for name, span in self._dotted():
            path += (name,)
            self.spans.setdefault(path, span)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        for quotes, pattern in _STRINGS.items():
            if self.text.startswith(quotes, self.at):
                self._skip(pattern)
                return
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._sequence(path, "]")
        elif first == "{":
            self._sequence(path, "}")
        else:
            self._skip(_SCALAR)

    def _sequence(self, path: KeyPath, close: str) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text) or self.text[self.at] == close:
                self.at += 1
                return
            if close == "}":
                self._pair(path)
            else:
                start = self.at
                self._value((*path, index))
                self.spans.setdefault((*path, index), (start, self.at))
                index += 1
            self._skip(_BLANK)
            if self.text[self.at : self.at + 1] == ",":
                self.at += 1
