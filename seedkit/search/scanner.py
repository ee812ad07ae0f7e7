"""The signs and operands of a query, and notes on what can't be one.

Signs that other query languages have, and what does the same in this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seedkit.core.letters import KINDS
from seedkit.core.text import shorten
from seedkit.search.words import name_key, seen

# What a term looks like, with its suffix, and what to say of it. They are searched as words.
_TERMS = (
    (r"/[^/]+/", "there are no regular expressions, but `tex*` and `text~1`"),
    (r"!.*\w.*", "for what must not be there, write `-` before it"),
    (r"\+.*\w.*", "every word must be there without a `+`"),
    (r"\^.*\w.*", "`^` counts after a word, as in `tide^2`"),
    (r".*\w\|+\w.*|\|+", "for one or the other, write OR between them"),
    (r".*\w&&\w.*|&&", "what stands side by side must all be there"),
    (r"\*.*\w.*|.*\w\*+\w.*", "`*` counts at the end of a word, as in `tex*`"),
    (r"(?!.*://).*\w\?+\w.*", "`?` stands for no letter; `text~1` allows for one that differs"),
    (r".*\w[+#]+", "signs are not searched, only letters and digits"),
)
_IN_FIELDS = (
    (r"[<>]=?.*|=[<>].*|[\[{].*", "a range is written `1..5`, `1..` or `..5`"),
    (r"-.*\w.*", "for what must not be there, write `-` before the field"),
)
_QUOTED = ((r".*\w\*.*", '`*` counts after the quotes, as in `"high tid"*`'),)
_Remarks = tuple[tuple[re.Pattern[str], str], ...]


def _compiled(rows: tuple[tuple[str, str], ...]) -> _Remarks:
    return tuple((re.compile(pattern, re.DOTALL), remark) for pattern, remark in rows)


_OF_TERMS, _OF_FIELDS, _OF_QUOTED = map(_compiled, (_TERMS, (*_IN_FIELDS, *_TERMS), _QUOTED))
_LONGEST = 200  # characters: a longer term is no pattern that somebody has typed


def remark(text: str, *, field: bool = False, quoted: bool = False) -> str | None:
    """Return what to say of a term or a quoted text that looks like another language's."""
    if len(text) > _LONGEST or text.isalnum():
        return None
    rows = _OF_QUOTED if quoted else _OF_FIELDS if field else _OF_TERMS
    return next((remark for pattern, remark in rows if pattern.fullmatch(text)), None)


def is_option(text: str) -> bool:
    """Tell whether what stands after a `-` makes it look like an option of a command."""
    return len(text) == 1 and text.isalnum()


_HIGHEST = 1000.0  # boost

# What keyboards and word processors write for signs of the grammar.
_SIGNS = str.maketrans(dict(zip("“”„＂（）：＊\u3000", '""""():* ', strict=True)))
_NAME = re.compile(r"([^\W\d](?:[\w-]|[^\x00-\x7f\s\w])*):")
_TERM = re.compile(r'[^\s()"]+')
_SUFFIX = r"(\*|~[0-9]*)?(\^[0-9]+(?:\.[0-9]+)?)?"
_TERM_SUFFIX = re.compile(_SUFFIX + "$")
_QUOTE_SUFFIX = re.compile(_SUFFIX + r"(?![^\s()\"])")
_GROUP_SUFFIX = re.compile(r"()(\^[0-9]+(?:\.[0-9]+)?)?(?![^\s()\"])")
BOUND = re.compile(r"[^\s()\"*^~%]*")


class Token(NamedTuple):
    """A sign or an operand: `kind` is `(`, `)`, `AND`, `OR`, `NOT`, `term` or `quoted`."""

    kind: str
    text: str = ""
    field: str = ""
    suffix: str = ""
    boost: float = 1.0
    negative: bool = False


class Notes:
    """What is to be said about a query: each thing once, and of a kind not too many."""

    def __init__(self) -> None:
        self._said: dict[str, list[str]] = {}

    def add(self, sort: str, thing: str = "", *, limit: int = 3) -> bool:
        """Note a thing of some sort; False if there are enough of the sort, or it is there."""
        things = self._said.setdefault(sort, [])
        shown = f"`{shorten(thing, 30)}`" if thing else ""
        if len(things) >= limit or shown in things:
            return False
        things.append(shown)
        return True

    def lines(self) -> tuple[str, ...]:
        """Return the notes, those of a sort as one."""
        return tuple(sort.replace("{}", ", ".join(things)) for sort, things in self._said.items())


class Scanner:
    """Cuts a query into tokens."""

    def __init__(self, text: str, fields: frozenset[str], notes: Notes) -> None:
        """Take a query, the casefolded names that may stand before a colon, and where notes go."""
        self._text = seen(text).translate(_SIGNS)
        self._fields = fields
        self._notes = notes
        self._at = 0

    def tokens(self) -> Iterator[Token]:
        """Return the tokens, in order."""
        text = self._text
        while self._at < len(text):
            if text[self._at].isspace():
                self._at += 1
            elif text[self._at] == ")":
                self._at += 1
                yield Token(")", boost=self._suffix(_GROUP_SUFFIX)[1])
            else:
                yield self._operand()

    def _operand(self) -> Token:
        text = self._text
        negative = text[self._at] == "-" and not self._ends(self._at + 1, "-)")
        self._at += negative
        field = self._field()
        if text[self._at] == "(":
            self._at += 1
            return Token("(", field=field, negative=negative)
        if text[self._at] == '"':
            start = self._at + 1
            end = text.find('"', start)
            if end < 0:
                self._notes.add('the last `"` is not closed')
                end = len(text)
            self._at = end + 1
            suffix, boost = self._suffix(_QUOTE_SUFFIX)
            return Token("quoted", text[start:end], field, suffix, boost, negative)
        found = _TERM.match(text, self._at)
        assert found is not None  # what else may stand here has been dealt with
        term = found[0]
        self._at = found.end()
        if term in ("AND", "OR", "NOT") and not field and not negative:
            return Token(term, term)
        tail = _TERM_SUFFIX.search(term)
        assert tail is not None  # it may be empty
        return Token("term", term[: tail.start()], field, *_read(tail), negative)

    def _ends(self, at: int, signs: str) -> bool:
        """Tell whether there is the end of the text, white space or one of the signs."""
        char = self._text[at : at + 1]
        return not char or char.isspace() or char in signs

    def _field(self) -> str:
        """Read the name of a field and its colon; what is no field is left to be searched."""
        name = _NAME.match(self._text, self._at)
        if name is None or not _is_name(name[1]):
            return ""
        key = name_key(name[1])
        if key not in self._fields:
            if not self._text.startswith(("/", "\\"), name.end()):  # an address, a path
                self._unknown(name[1])
            return ""
        if self._ends(name.end(), ")"):
            self._notes.add("{}: searched as a word, with nothing after it", name[0])
            return ""
        self._at = name.end()
        return key

    def _unknown(self, name: str) -> None:
        import difflib

        sort = "{}: searched as a word, there is no such field"
        if self._notes.add(sort, name):
            near = difflib.get_close_matches(name_key(name), sorted(self._fields), n=1)
            if near:
                self._notes.add("{}: a field with a similar name", near[0])

    def _suffix(self, pattern: re.Pattern[str]) -> tuple[str, float]:
        found = pattern.match(self._text, self._at)
        if found is None:
            return "", 1.0
        self._at = found.end()
        return _read(found)


def _is_name(text: str) -> bool:
    """Tell whether the text may be the name of a field: letters, marks, digits, `-` and `_`."""
    return all(char in "-_" or KINDS[ord(char)] in "wum" for char in text)


def _read(suffix: re.Match[str]) -> tuple[str, float]:
    """Return the sign after an operand, with its number, and the boost."""
    boost = suffix[2]
    return suffix[1] or "", 1.0 if boost is None else bounded(float(boost[1:]))


def bounded(boost: float) -> float:
    """Return a boost as it can be written in a query."""
    return min(round(boost, 3), _HIGHEST) if boost < _HIGHEST else _HIGHEST
