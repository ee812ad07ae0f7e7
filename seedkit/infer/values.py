"""What single values have in common: their type, their few values, whether they are prose or ids.

Of cells of tables and of values in data alike. A type is proposed if all values have it, but for a
few that are nearly of it: `2x` in a column of numbers is an exception, `n/a` shows that there are
others. The same goes for a short list of values.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from seedkit.formats.values import TYPES, is_a

_READ_AS: Final = [kind for kind, known in TYPES.items() if known.written]  # strictest first
_TYPED = 5  # values that show a type
_CERTAIN = 50  # values of which one may be an exception …
_EXCEPTIONS = 200  # … and one in so many
_LISTED = 12  # values of a short list
_LONGEST = 40  # characters of one
_OFTEN = 3  # times that each is there …
_TIMES = 8  # … and on average
_NUMBERS = 2  # values of a short list of numbers, as of labels: more are counts
_SHOWN = 20  # of them that show such a list
_NEAR = 0.8  # how alike a misspelt value and one of the list are …
_WORD = 4  # … which has so many letters
_PROSE = 4  # words that values have on average
_TITLES = frozenset(("title", "name", "heading", "description", "summary", "abstract", "text"))
_IDS = frozenset(("id", "uuid", "guid", "uid", "_id"))


def exceptions_among(count: int) -> int:
    """Return how many of so many values may go against what is said of them."""
    return count // _EXCEPTIONS if count >= _EXCEPTIONS else int(count >= _CERTAIN)


def type_of(counts: Mapping[str, int]) -> str | None:
    """Return the type that texts are of, given how often each is there; None if they have none.

    The values are `Untyped` where they stand for what they can be read as.
    """
    total = sum(counts.values())
    if total < _TYPED:
        return None
    allowed = exceptions_among(total)
    for kind in _READ_AS:
        against, left = 0, allowed
        for value, times in counts.items():
            if not is_a(value, kind):
                # What is there twice, and what has no digit, is meant.
                if times > 1 or not any(map(str.isdigit, value)) or _is_number(value, kind):
                    break
                against += 1
                left -= 1
                if left < 0:
                    break
        else:
            return kind
    return None


def _is_number(value: str, kind: str) -> bool:
    """Tell whether a value that is no integer, or no date, is a sound number."""
    return kind != "number" and is_a(value, "number")


def few_values(counts: Mapping[str, int]) -> list[str]:
    """Return the short list of which texts are, but for misspelt ones; empty if there is none."""
    usual = [value for value, times in counts.items() if times >= _OFTEN]
    total = sum(counts.values())
    if not 0 < len(usual) <= _LISTED or total < _TIMES * max(len(usual), 2):
        return []
    if any(len(value) > _LONGEST or not value.isprintable() or not value for value in usual):
        return []
    rare = [value for value in counts if counts[value] < _OFTEN]
    if len(rare) > exceptions_among(total) or any(counts[value] > 1 for value in rare):
        return []
    return sorted(usual) if all(_is_misspelt(value, usual) for value in rare) else []


def few_numbers(counts: Mapping[int, int]) -> list[int]:
    """Return the short list of which whole numbers are, as of labels; empty if there is none."""
    if len(counts) != _NUMBERS or sum(counts.values()) < _SHOWN or min(counts.values()) < _OFTEN:
        return []
    return sorted(counts)


def _is_misspelt(value: str, usual: Sequence[str]) -> bool:
    """Tell whether a value is one of the others but for its case, blanks round it, or a letter."""
    if any(each != each.strip() for each in usual):
        return False  # blanks are there for another reason
    folded = {each.casefold() for each in usual}
    bare = value.strip().casefold()
    if bare in folded:
        return True
    near = [each for each in folded if abs(len(each) - len(bare)) < 2]
    is_word = len(bare) >= _WORD and bare.isalpha()
    return is_word and bool(difflib.get_close_matches(bare, near, n=1, cutoff=_NEAR))


def is_prose(name: str, values: Sequence[str]) -> bool:
    """Tell whether texts, of something that is called so, are prose: words that are compared."""
    if not values:
        return False
    words = sum(len(value.split()) for value in values) / len(values)
    if words >= 2 and re.sub(r".*[.\]]", "", name).casefold() in _TITLES:
        return True
    return words >= _PROSE


def is_id(name: str, values: Sequence[Hashable]) -> bool:
    """Tell whether values, of something that is called so, are ids: each is there once.

    Of many, one in a few hundred may be there twice: it is an exception.
    """
    if name.casefold() not in _IDS or len(values) < _TYPED:
        return False
    twice = len(values) - len(Counter(values))
    return twice <= exceptions_among(len(values))
