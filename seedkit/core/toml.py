"""Finds where each key of a TOML file stands: `tomllib` gives the values, this the places.

The scanner runs only on text that `tomllib` has accepted, so it need not check anything: it walks
keys, skips values, and notes every key's span. Paths are what pydantic calls a location: keys and
array indices from the top of the file.

What TOML expects where `tomllib` refuses a text: its words made plain, and a remedy.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, NamedTuple

_LINE = "write `key = value`, `[table]` or `# comment` on a line"
_QUOTES = "write texts in quotes: `\"…\"`, or `'…'`, where a backslash is a character as others"
_UNCLOSED = "a string is not closed"
_TWICE = "the table `{}` is there twice, or was made in another way before"


class Explained(NamedTuple):
    """What is wrong, and what to do."""

    message: str
    help: str


# By what `tomllib` says. Groups are filled into the message; the first that matches counts.
_BY_MESSAGE = {
    r"expected newline or end": (
        "there is more on the line than one value",
        "write one `key = value` a line, and texts in quotes of a kind that is not in them",
    ),
    r"expected '=' after a key": ("`=` is missing after a key", _LINE),
    r"expected \"'|unterminated string": (
        _UNCLOSED,
        "end it with the quotation marks that it begins with",
    ),
    r"expected '\]": ("the header of a table is not closed", "write `[table]` or `[[table]]`"),
    r"unclosed array": (
        "an array is not closed, or lacks a comma",
        "write commas between its items, and `]` at its end",
    ),
    r"unclosed inline table": (
        "an inline table is not closed, or lacks a comma",
        "write `{ key = value, key = value }` on one line",
    ),
    r"duplicate inline table key|cannot overwrite a value": (
        "the key or table is there twice",
        "keep one of the two",
    ),
    r"cannot declare \((.*?),?\) twice|cannot redefine namespace \((.*?),?\)": (
        _TWICE,
        "join the two, or write each as `[[table]]` if there are to be several",
    ),
    r"cannot mutate immutable namespace": (
        "keys are added to an inline table, or to an array",
        "write all its keys between its braces",
    ),
    r"unescaped '\\' in a string|invalid hex value|escaped character": (
        "a backslash in `\"…\"` begins an escape that TOML does not have",
        "write `\\\\`, or the text between `'…'`, where a backslash is a character as others",
    ),
    r"invalid initial character": (
        "a key is missing, or needs quotes",
        "write `key` or `\"any key\"`",
    ),
    r"invalid date": ("there is no such date or time", _QUOTES),
    r"invalid statement": ("neither a key nor a table begins here", _LINE),
    r"invalid value": ("a value is expected here", _QUOTES),
}  # fmt: skip
_SAID_TWICE = re.compile("cannot (overwrite|declare|redefine)|duplicate inline table key")
_MOST_LINES = 20  # of a value that is there twice: each is parsed up to
_CONSTANT = re.compile(r"(?i)(true|false|yes|no|on|off|null|none|nil)\b")
_REMEDIES = {
    **dict.fromkeys(("true", "yes", "on"), "write `true`"),
    **dict.fromkeys(("false", "no", "off"), "write `false`"),
    **dict.fromkeys(("null", "none", "nil"), "TOML has no such value: leave the key out"),
}
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7}) |={7}$", re.MULTILINE)


def explained(text: str, offset: int, message: str) -> Explained:
    """Return what is wrong with a text at an offset, of which `tomllib` said `message`."""
    rest = text[offset : offset + 20]
    if text.startswith("\ufeff") and offset == 0:
        return Explained("it begins with a byte order mark", "save it as UTF-8 without one")
    if _CONFLICT.match(text, text.rfind("\n", 0, offset) + 1):
        return Explained("there is a merge conflict", "resolve it, and delete its markers")
    if rest[:1] == "\r" and rest[:2] != "\r\n":
        return Explained("a line ends with a carriage return alone", "end lines with `\\n`")
    if message.startswith(("illegal character", "found invalid character")):
        if rest[:1] in ("\n", "\r"):
            help_text = 'end it on its line, or write it between `"""` and `"""`'
            return Explained(_UNCLOSED, help_text)
        return Explained(
            "there is a control character", f"remove it, or write `\\u{ord(rest[0]):04x}`"
        )
    if message.startswith("invalid value"):
        if constant := _CONSTANT.match(rest):
            return Explained("a value is expected here", _REMEDIES[constant[0].lower()])
        if rest[:1] in ("", "\r", "\n", ",", "]", "}", "#"):
            return Explained("a value is missing", "write one; an array ends with `]`")
    for pattern, (what, remedy) in _BY_MESSAGE.items():
        if match := re.match(pattern, message):
            names = next(filter(None, match.groups()), "")
            return Explained(what.format(names.replace("', '", ".").strip("'")), remedy)
    return Explained(message, _LINE)


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
        self._values: dict[KeyPath, tuple[int, int]] = {}

    def span(self, path: KeyPath) -> tuple[int, int] | None:
        """Return the span of the key at `path`, or of its nearest enclosing key, if any."""
        if self._spans is None:
            try:
                scanner = _Scanner(self.text)
                self._spans, self._values = scanner.scan(), scanner.values
            except RecursionError:
                self._spans = {}
        for length in range(len(path), 0, -1):
            found = self._spans.get(path[:length])
            if found is not None:
                return found
        return None

    def value_span(self, path: KeyPath) -> tuple[int, int]:
        """Return the span of the value at `path`; of a table, that of the key or header it has."""
        found = self.span(path) or (0, 0)
        return self._values.get(path, found)


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
        message = message[:1].lower() + message[1:]
        wrong = explained(text, start + column - 1, message)
        if _SAID_TWICE.match(message):
            at = _statement(text, start + column - 1)
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        raise TomlSyntaxError(*wrong, line, column) from None
    except RecursionError:
        raise TomlSyntaxError(*_TOO_DEEP, 1, 1) from None
    except ValueError:  # a number with more digits than Python converts
        raise TomlSyntaxError("a number is too long", "write a shorter one", 1, 1) from None


def _statement(text: str, offset: int) -> int:
    """Where the statement begins that ends at an offset. Its value may have some lines."""
    at = offset
    for _ in range(_MOST_LINES):
        at = text.rfind("\n", 0, at) + 1
        try:
            tomllib.loads(text[:at])
        except ValueError:
            at -= 1
            continue
        return at + len(text[at:offset]) - len(text[at:offset].lstrip(" \t"))
    return offset


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
        self.values: dict[
            KeyPath, tuple[int, int]
        ] = {}  # where each value is, as far as it has one
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
        start = self.at
        self._value(path)
        self.values[path] = start, self.at

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
