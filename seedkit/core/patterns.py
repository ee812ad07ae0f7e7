"""User-written patterns, on RE2: linear in time whatever the pattern. The only importer of `re2`.

Syntax: https://github.com/google/re2/wiki/Syntax. RE2 has no look-around, no backreferences and no
possessive quantifiers; `explain` tells the user which of them stands in the way.

gitignore-style patterns over paths of the corpus. The only importer of `pathspec`.

Matching runs on RE2, so no pattern a repository brings can be slow.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

MAX_PATTERN = 10_000  # characters; a longer one is data, not a pattern
MAX_TOTAL = 2_000_000  # instructions of all patterns of a corpus; 1 s to compile
MAX_GROUPS = 100  # RE2 keeps where each begins and ends, once for every way a match may go on

_UNSUPPORTED = (
    (re.compile(r"(?<!\\)\(\?<?[=!]"), "look-ahead and look-behind are not supported"),
    (re.compile(r"(?<!\\)\\[1-9]|\(\?P="), "backreferences are not supported"),
    (re.compile(r"(?<!\\)[*+?}]\+"), "possessive quantifiers are not supported"),
    (re.compile(r"(?<!\\)\(\?>"), "atomic groups are not supported"),
    (re.compile(r"(?<!\\)\\Z"), r"`\Z` is not supported, write `\z`"),
    (re.compile(r"(?<!\\)\(\?#"), "comments in patterns are not supported"),
    (re.compile(r"(?<!\\)\(\?\("), "conditional groups are not supported"),
)
_LITERAL = re.compile(r"\\[^\w\s]|[^\\.^$*+?{}\[\]|()]")


class PatternError(ValueError):
    """The pattern does not compile; the message says what is in the way."""


class Pattern:
    """A compiled pattern. Undecodable bytes of a text match nothing, and never raise."""

    def __init__(self, source: str) -> None:
        import re2

        if len(source) > MAX_PATTERN:
            raise PatternError(
                f"it has {len(source):,} characters, at most {MAX_PATTERN:,} are allowed"
            )
        options = re2.Options()
        options.log_errors = False
        try:
            self._regexp: Any = re2.compile(source.encode("utf-8", "surrogatepass"), options)
        except re2.error as error:
            raise PatternError(explain(source, error)) from None
        if self._regexp.groups > MAX_GROUPS:
            raise PatternError(
                f"it has {self._regexp.groups:,} groups, at most {MAX_GROUPS} are allowed; "
                "write `(?:…)` for those without a name"
            )
        self.source = source
        self.size: int = self._regexp.programsize  # instructions of RE2's program
        self.names = frozenset(name.decode() for name in self._regexp.groupindex)

    def fullmatch(self, text: str) -> bool:
        """Tell whether the pattern matches the whole text."""
        data = _encode(text)
        # A set of one says so in half the time, but may run out of memory: then it finds nothing.
        return bool(self._whole.Match(data)) or self._regexp.fullmatch(data) is not None

    @cached_property
    def _whole(self) -> Any:
        import re2

        options = re2.Options()
        options.log_errors = False
        whole = re2.Set.FullMatchSet(options)
        whole.Add(self.source.encode("utf-8", "surrogatepass"))
        whole.Compile()
        return whole

    def groups(self, text: str) -> dict[str, str] | None:
        """Return the named groups of a match of the whole text, or None without a match."""
        match = self._regexp.fullmatch(_encode(text))
        if match is None:
            return None
        found = match.groupdict()
        return {_decode(name): _decode(value or b"") for name, value in found.items()}

    def spans(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Return the span of every match between `start` and `end`, in code points, in order.

        Empty matches are left out: RE2 also finds them between the bytes of one character.
        """
        data = _encode(text[start:end])
        ascii_only = len(data) == end - start
        done, at = 0, start  # so many bytes are so many code points
        for match in self._regexp.finditer(data):
            a, b = match.span()
            if a == b:
                continue
            if ascii_only:
                yield start + a, start + b
                continue
            first = at + len(_decode(data[done:a]))
            done, at = b, first + len(_decode(data[a:b]))
            yield first, at

    def find(self, text: str) -> tuple[int, int] | None:
        """Return the span of the first match that is not empty, in code points."""
        return next(self.spans(text, 0, len(text)), None)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return compile_pattern, (self.source,)


class Budget:
    """How large the patterns of a corpus may be together: each takes time and memory."""

    def __init__(self, size: int = MAX_TOTAL) -> None:
        self._left = size
        self._met = set[str]()

    @property
    def spent(self) -> bool:
        """Tell whether there was a pattern too many; those after it are not looked at."""
        return self._left < 0

    def check(self, source: str) -> None:
        """Compile a pattern; raises `PatternError`, also at the first that is one too many."""
        if self.spent or source in self._met:
            return
        self._met.add(source)
        self._left -= compile_pattern(source).size
        if self.spent:
            raise PatternError("the patterns of all formats are too large together")


@lru_cache(maxsize=1024)
def compile_pattern(source: str) -> Pattern:
    """Compile a pattern in RE2 syntax; raises `PatternError` with the reason."""
    return Pattern(source)


@contextlib.contextmanager
def refusal(message: str) -> Iterator[None]:
    """Raise `PatternError` with the message if RE2 refuses something in the block."""
    import re2

    try:
        yield
    except re2.error:
        raise PatternError(message) from None


def explain(source: str, error: Exception) -> str:
    """Say in the user's words why RE2 refuses the pattern."""
    for unsupported, reason in _UNSUPPORTED:
        if unsupported.search(source):
            return reason
    detail = error.args[0] if error.args else ""
    text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
    return text or "it is not a valid pattern"


# Escapes and classes are passed over; an odd class ends early, which only loses a prefix.
_NESTING = re.compile(r"\\.|\[\^?\]?[^\]]*\]|[()|]", re.DOTALL)


def literal_prefix(source: str) -> str:
    """Return text that every whole match of the pattern begins with, as far as is plain to see.

    It lets a caller skip lines that can't match before asking RE2. Sound, not complete: the empty
    string is always a right answer.
    """
    if source.startswith("(?") or _alternates(source):
        return ""
    at = 1 if source.startswith("^") else 0
    prefix = ""
    while match := _LITERAL.match(source, at):
        if source[match.end() : match.end() + 1] in ("*", "?", "{"):
            break
        prefix += match[0][-1]
        at = match.end()
    return prefix


def _alternates(source: str) -> bool:
    """Tell whether a `|` may stand outside of every group."""
    depth = 0
    for part in _NESTING.findall(source):
        depth += (part == "(") - (part == ")")
        if part == "|" and depth == 0:
            return True
    return False


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


MAX_GLOB = 4096  # characters; pathspec takes time by their square

_SURROGATE = re.compile("[\udc80-\udcff]")


def check_glob(pattern: str) -> None:
    """Raise `PatternError` if the pattern is not valid, or can never match."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    if len(pattern) > MAX_GLOB:
        raise PatternError(f"it has {len(pattern):,} characters, at most {MAX_GLOB:,} are allowed")
    if not pattern.strip() or pattern.startswith("#"):
        raise PatternError("it is empty or a comment")
    for part in pattern.removeprefix("!").split("/"):
        if part in (".", ".."):
            raise PatternError(f"it can never match: no path of the corpus has `{part}` in it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own remarks on the translated pattern
            regex = GitIgnoreSpecPattern(pattern).regex
    except (ValueError, re.error) as error:
        raise PatternError(str(error)) from None
    if regex is None:
        raise PatternError("it matches nothing")
    compile_pattern(regex.pattern)


def check_globs(patterns: Sequence[str]) -> None:
    """Raise `PatternError` if the patterns, valid each, are too much for RE2 together."""
    with refusal("together they are too large"):
        Globs(patterns)


class Globs:
    """An ordered list of patterns; `!` takes back, the last match decides, as in .gitignore."""

    def __init__(self, patterns: Sequence[str]) -> None:
        from pathspec import GitIgnoreSpec

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._spec = GitIgnoreSpec.from_lines(patterns, backend="re2")

    def match(self, path: str) -> bool:
        """Tell whether the path, relative to the root with `/`, is matched."""
        if not path.isascii():
            path = _SURROGATE.sub("\ufffd", path)
        return self._spec.match_file(path)


_WILDCARD = re.compile(r"(\*\*/|\*\*|\*)")
_STANDS_FOR = {"**/": "((?:.*/)?)", "**": "(.*)", "*": "([^/]*)"}


class PathTemplate:
    """A path with wildcards, in whose place something else can be put: `*` is any text without `/`,
    `**` any text, `**/` any folders, or none."""

    def __init__(self, source: str) -> None:
        import re2

        parts = _WILDCARD.split(source)
        self.literals, self.wildcards = parts[::2], parts[1::2]
        written = "".join(
            _STANDS_FOR[part] if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
        options = re2.Options()
        options.log_errors = False
        options.dot_nl = True
        self._regexp = re2.compile(written.encode("utf-8", "surrogatepass"), options)

    def match(self, path: str) -> tuple[str, ...] | None:
        """Return what the wildcards stand for in a path, None if it does not match."""
        match = self._regexp.fullmatch(_encode(path))
        return None if match is None else tuple(map(_decode, match.groups()))

    def fill(self, texts: Sequence[str]) -> str:
        """Return the path in which the wildcards stand for these texts."""
        return "".join(a + b for a, b in zip(self.literals, (*texts, ""), strict=True))
