"""gitignore-style patterns over paths of the corpus. The only importer of `pathspec`.

Matching runs on RE2, so no pattern a repository brings can be slow.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from seedkit.core.patterns import PatternError, compile_pattern, refusal

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
