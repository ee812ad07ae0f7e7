"""Between link targets, Markdown text and paths.

Paths are relative to the corpus root, with `/`; undecodable bytes are lone surrogates, as
`os.fsdecode` has them. What one function writes, its counterpart reads back.
"""

from __future__ import annotations

import re

from seedkit.core.text import escape_unseen, shorten, visible

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]++:")  # of two letters or more; one is a drive
_MARKUP = re.compile(
    r"\\([!-/:-@\[-`{-~])|&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_AFTER_PATH = re.compile("[?#]")
_BYTES = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
_PLAIN_TARGET = re.compile(r"[A-Za-z0-9_./~+,=@-]*+")
_NOT_IN_TARGET = frozenset(' ()<>%#?&\\`[]|"')
# An underscore within a word marks nothing.
_SPECIAL = re.compile(r"[\\|\[\]`<*~]|&(?=#?[0-9A-Za-z]{1,32};)|(?<![^\W_])_++|_++(?![^\W_])")
_PUNCTUATION = frozenset("!\"#$%'()*+,-./:;<=>?@^_`{|}~")  # but for `&`, `[` and `\\`
_NUMBERED = re.compile(r"[0-9]{1,9}(?=[.)])")
_DRIVE = re.compile(r"[A-Za-z]:")
_REPLACED = re.compile("[\0\ud800-\udfff]")


def is_elsewhere(url: str) -> bool:
    """Tell whether a URL names no file of the corpus: one with a scheme, an anchor, nothing."""
    return not url or url.startswith(("#", "?", "//")) or _SCHEME.match(url) is not None


def decode_target(raw: str, *, cell: bool = False) -> str | None:
    """Return the path that a target as written stands for, without query and fragment.

    None if it names no file of the corpus.
    """
    if cell:
        raw = raw.replace("\\|", "|")
    url = undo(raw)
    if is_elsewhere(url):
        return None
    path = _AFTER_PATH.split(url, maxsplit=1)[0]
    return _BYTES.sub(_decode_bytes, path) if "%" in path else path


def encode_target(path: str) -> str:
    """Return the target that stands for a relative path: `decode_target` gives the path back."""
    plain = _PLAIN_TARGET.match(path)
    if plain is not None and plain.end() == len(path):
        return path
    coded = escape_unseen("".join(map(_encode, path)), _percent)
    # A colon in the first part would make it a scheme.
    return coded.replace(":", "%3A", path.partition("/")[0].count(":"))


def _encode(char: str) -> str:
    return _percent(char) if char in _NOT_IN_TARGET or char.isspace() else char


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


def _decode_bytes(run: re.Match[str]) -> str:
    return bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "surrogateescape")


def undo(raw: str) -> str:
    """Undo Markdown's escapes and character references."""
    return _MARKUP.sub(_meaning, raw) if "\\" in raw or "&" in raw else raw


def _meaning(match: re.Match[str]) -> str:
    escaped, name = match[1], match[2]
    if escaped:
        return escaped
    if name.startswith("#"):
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        valid = 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF
        return chr(code) if valid else "\ufffd"
    from html.entities import html5  # a large table, hardly ever needed

    return html5.get(f"{name};", match[0])


def tidy(value: str) -> str:
    """Return a value as an index can say it: on one line, no NUL, no undecodable byte."""
    if value.isascii() and value.isprintable() and value.strip() == value and "  " not in value:
        return value
    return " ".join(_REPLACED.sub("\ufffd", value).split())


def escape_text(value: str) -> str:
    """Return Markdown text that says `tidy(value)`, in a link, a cell or a list item."""
    return escape_unseen(_SPECIAL.sub(_escaped, tidy(value)), lambda char: f"&#x{ord(char):X};")


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"\\{char}" for char in match[0])


def guard_start(text: str) -> str:
    """Return escaped text so that a line may start with it and be neither list nor heading."""
    if text[:1] in _PUNCTUATION:
        return f"\\{text}"
    return _NUMBERED.sub(r"\g<0>\\", text, count=1) if _NUMBERED.match(text) else text


def resolve(base: str, target: str) -> str | None:
    """Return the path that a decoded target in folder `base` means; None if it leaves the root."""
    if target.startswith("/") or _DRIVE.match(target):
        return None
    parts = base.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def relative(base: str, path: str) -> str:
    """Return the path as seen from folder `base`; `resolve` gives it back."""
    if path.startswith(base):
        return path[len(base) :]
    here, there = base.split("/")[:-1], path.split("/")
    shared = 0
    while shared < len(here) and shared < len(there) - 1 and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])


def folder_of(path: str) -> str:
    """Return the folder that holds the path, empty for the root."""
    return path.rpartition("/")[0]


def shown(path: str) -> str:
    """Return the path in backticks for a message, whole unless it is absurdly long."""
    return f"`{visible(path) if len(path) <= 300 else shorten(path, 300)}`"
