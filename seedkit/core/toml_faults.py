"""What TOML expects where `tomllib` refuses a text: its words made plain, and a remedy."""

from __future__ import annotations

import re
from typing import NamedTuple

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
