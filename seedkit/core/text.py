"""Offsets, lines and what a terminal shows: text facts that know nothing of seeds.

Lines end at LF, CRLF or CR and nowhere else: `str.splitlines` also breaks at form feeds, NEL and
U+2028, which are content here. Offsets inside seedkit count code points; lines, columns and UTF-8
offsets are derived at the edge.

Finds merge conflicts that git left in a text: its markers, in order, each at a line's start.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

# As git writes them (xdiff/xmerge.c): seven characters, or what the attribute conflict-marker-size
# says, and a label but for the separator. `|||||||`, which diff3 adds, decides nothing.
_MARKER = re.compile(
    r"(?:(?<![^\r\n])|(?<=\A\ufeff))"
    r"(?:(<{7,}+) [^\r\n]++|(={7,}+)(?![^\r\n])|(>{7,}+) [^\r\n]++)"
)


class Conflict(NamedTuple):
    """A conflict, in code points.

    Its first line without the newline, the end of its last, the span of its separator, and where
    its last line begins.
    """

    start: int
    first_end: int
    end: int
    separator: tuple[int, int]
    last_start: int


def find_conflicts(text: str) -> Iterator[Conflict]:
    """Return the conflicts in the text, in order.

    A marker alone is content: `=======` underlines headings, and `>>>>>>> ` is a quote.
    """
    if "<<<<<<< " not in text or ">>>>>>> " not in text:
        return
    opening: re.Match[str] | None = None
    separator: re.Match[str] | None = None
    for marker in _MARKER.finditer(text):
        if marker[1]:
            opening, separator = marker, None
        elif opening is None or len(marker[2] or marker[3]) != len(opening[1]):
            continue  # of another conflict, or content
        elif marker[2]:
            separator = separator or marker  # a later one is a heading's underline
        elif separator:
            yield Conflict(*opening.span(), marker.end(), separator.span(), marker.start())
            opening = None


_LINE_END = re.compile(r"\r\n|\n|\r")

# Bidirectional formatting characters (Unicode Bidirectional Algorithm, UAX #9, table 1).
BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

# What a terminal obeys or shows nothing of, as ranges of a pattern: Cc but for tab and LF, Cf but
# for joiners, Cs, Co, Zl, Zp, and two letters that are blank.
_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufeff\uffa0\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff"
)
_JOINERS = "\u200c\u200d"
_FILLERS = "\u3164\uffa0"
# Joiners and variation selectors that change nothing: at the beginning, or behind a letter with
# cases, a digit, a sign. Those of © and ® and of keycaps (`1\ufe0f\u20e3`) show what they do.
_IDLE = (
    "(?<![^\x00-\xa8\xaa-\xad\xaf-\u058f\u1e00-\u1fff])(?!\ufe0f\u20e3)"
    "[\u034f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_INK = "\x1b\\[(?:[0-2]|3[1-3]|1;3[1-6])m"  # SGR parameters that `seedkit.report.Style` paints in


def decode(data: bytes, encoding: str) -> tuple[str, bool]:
    """Return the text of the bytes, and whether there are some that can't be decoded.

    Each of these is one lone surrogate in the text, as `surrogateescape` has it.
    """
    try:
        return data.decode(encoding), False
    except UnicodeDecodeError:
        return data.decode(encoding, "surrogateescape"), True


def line_spans(text: str) -> tuple[list[int], list[int]]:
    """Return where each line starts and ends (its newline excluded), in code points.

    The lists have equal length, at least 1; text after the last newline, even if empty, is a line.
    """
    starts, ends = [0], []
    if "\r" not in text:
        at = text.find("\n")
        while at >= 0:
            ends.append(at)
            starts.append(at + 1)
            at = text.find("\n", at + 1)
    else:
        for match in _LINE_END.finditer(text):
            ends.append(match.start())
            starts.append(match.end())
    ends.append(len(text))
    return starts, ends


def line_start(text: str, at: int) -> int:
    """Return where the line begins that has the character at an offset, its newline included."""
    if text[at - 1 : at + 1] == "\r\n":
        at -= 1
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """Return where the line ends, its newline excluded, that has the character at an offset."""
    match = _LINE_END.search(text, at)
    return match.start() if match else len(text)


def trim_newlines(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without the newlines at either end."""
    while start < end and text[start] in "\r\n":
        start += 1
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    return start, end


def first_line(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the first line of a stretch that has any character."""
    start, _ = trim_newlines(text, start, max(start, end))
    return start, start + line_spans(text[start : max(start, end)])[1][0]


def line_before(text: str, start: int) -> tuple[int, int]:
    """Return the span of the line that ends just before `start`, empty lines passed over."""
    end = start
    while end and text[end - 1] in "\r\n":
        end -= 1
    begin = end
    while begin and text[begin - 1] not in "\r\n":
        begin -= 1
    return begin, end


def normalize_newlines(text: str) -> str:
    """Return the text with every CRLF and CR as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def utf8_length(text: str) -> int:
    """Return the bytes the text takes in UTF-8, undecodable bytes counted as one each."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


class LineIndex:
    """Translates code-point offsets of one text into lines, columns and UTF-8 offsets."""

    __slots__ = ("_bytes", "_ends", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts, self._ends = line_spans(text)
        self._bytes: list[int] | None = None  # UTF-8 offset of each line's start, if not the same

    def position(self, offset: int) -> tuple[int, int, int]:
        """Return line and column, from 1 in characters, and offset, from 0 in UTF-8 bytes.

        An offset past the end is taken as the end.
        """
        offset = min(offset, len(self.text))
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        if self.text.isascii():
            return line, offset - start + 1, offset
        if self._bytes is None:
            edges = [*self._starts[1:], len(self.text)]
            sizes = (utf8_length(self.text[a:b]) for a, b in zip(self._starts, edges, strict=True))
            self._bytes = [0, *accumulate(sizes)]
        return (
            line,
            offset - start + 1,
            self._bytes[line - 1] + utf8_length(self.text[start:offset]),
        )

    def line_text(self, line: int) -> str:
        """Return line number `line` (from 1) without its newline; empty past the end."""
        if not 1 <= line <= len(self._starts):
            return ""
        return self.text[self._starts[line - 1] : self._ends[line - 1]]


def display_width(text: str) -> int:
    """Return how many terminal cells printable text takes (UAX #11 wide and fullwidth are two)."""
    if text.isascii():
        return len(text)
    width = 0
    for char in text:
        if unicodedata.category(char) in ("Mn", "Me", "Cf"):
            continue
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return width


def is_hidden(char: str) -> bool:
    """Tell whether a terminal would obey the character, or show nothing, instead of printing it."""
    if " " <= char <= "~":
        return False
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")
    return char in _FILLERS if not hidden else char not in _JOINERS


def visible(text: str) -> str:
    """Return the text with hidden characters as escapes, safe on a terminal and in a log."""
    return escape_unseen(text, _escape)


def escape_unseen(text: str, escape: Callable[[str], str]) -> str:
    """Return the text with hidden characters, and idle joiners, as `escape` writes one."""
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(escape(char) if is_hidden(char) else char for char in text)
    return re.sub(_IDLE, lambda match: "".join(map(escape, match[0])), shown)


def harmless(text: str, *, color: bool = False) -> str:
    """Return what is to be written, with whatever a terminal would obey in it as escapes.

    Newlines and tabs stay, and with `color` the inks of `seedkit.report.Style`. It is the last
    resort for what a caller forgot to make `visible`, and costs little where nothing was.
    """
    if not color or "\x1b" not in text:
        return escape_obeyed(text, _escape)
    bare = re.sub(_INK, "", text)
    if escape_obeyed(bare, _escape) is bare:
        return text
    parts = re.split(f"({_INK})", text)
    return "".join(part if at % 2 else harmless(part) for at, part in enumerate(parts))


def escape_obeyed(text: str, escape: Callable[[str], str]) -> str:
    """Return the text with hidden characters, but newlines and tabs, as `escape` writes one.

    It is the quick counterpart of `escape_unseen`: unassigned characters and joiners stay.
    """
    blank = _FILLERS[0] in text or _FILLERS[1] in text
    if not blank and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return re.sub(f"[{_HIDDEN}]", lambda match: escape(match[0]), text)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte, as `surrogateescape` keeps it
        return f"\\x{code - 0xDC00:02x}"
    if char == "\t":
        return "\\t"
    if char == "\n":
        return "\\n"
    if char == "\r":
        return "\\r"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shorten(text: str, limit: int = 60) -> str:
    """Return the text on one line, cut to `limit` characters with `…`, then made visible."""
    flat = " ".join(text.split())
    return visible(flat if len(flat) <= limit else flat[: limit - 1] + "…")


def as_written(text: str, limit: int = 60) -> str:
    """Return the text with its blanks, cut to `limit` characters with `…`, then made visible."""
    return visible(text if len(text) <= limit else text[: limit - 1] + "…")


def capitalized(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return f"{text[:1].upper()}{text[1:]}"


def plural(count: int, noun: str) -> str:
    """Return the count with thousands separated and the noun in the right number."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"


def other_form(path: str, paths: Iterable[str]) -> str:
    """Return how a missing path is spelled after all, as a part of a sentence; empty if it is not.

    That is where one of the `paths` differs from it in its Unicode normalization form only.
    """
    if path.isascii():
        return ""
    same = unicodedata.normalize("NFC", path)
    for each in paths:
        if each != path and not each.isascii() and unicodedata.normalize("NFC", each) == same:
            form = " (NFC)" if each == same else ""
            form = " (NFD)" if each == unicodedata.normalize("NFD", each) else form
            return f": on disk, the name is spelled in another Unicode form{form}"
    return ""
