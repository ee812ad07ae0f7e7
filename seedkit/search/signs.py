"""Signs that other query languages have, and what does the same in this one."""

from __future__ import annotations

import re

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
