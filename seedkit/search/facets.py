"""How many hits have each value of a field?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from seedkit.core.errors import UsageError
from seedkit.core.text import shorten
from seedkit.search.folding import Found
from seedkit.search.model import Reader, Terms
from seedkit.search.query import Fields
from seedkit.search.records import path_of, unescape
from seedkit.search.words import name_key

_MOST = 5000  # values; what has more is no field to count by


def facet(
    reader: Reader, fields: Fields, name: str, hits: Iterable[Found]
) -> tuple[tuple[str, int], ...]:
    """Return the values that a field has among the hits, and how many have each: the most first.

    A path counts for its folder. Raises `UsageError` for what is no such field.
    """
    field = name_key(name)
    if field not in fields.values:
        known = ", ".join(f"`{value}`" for value in sorted(fields.values))
        raise UsageError(
            f"--facets: there is no field `{shorten(name)}` to count by", help=f"there are {known}"
        )
    if field == "path":
        counts = Counter(path.rpartition("/")[0] for path, _, _ in hits)
    else:
        counts = _by_tag(reader, name, f"{field}=", {(path, record) for path, record, _ in hits})
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _by_tag(reader: Reader, name: str, prefix: str, hits: set[tuple[str, int]]) -> Counter[str]:
    tokens = reader.terms("tags", prefix, _MOST + 1)
    if len(tokens) > _MOST:
        raise UsageError(
            f"--facets: `{shorten(name)}` has more than {_MOST:,} values",
            help="count by a field that many seeds have the same value of",
        )
    counts: Counter[str] = Counter()
    for token, _ in tokens:
        having = reader.search(Terms("tags", (token,)), None).hits
        count = sum((path_of(key), record) in hits for key, record, _ in having)
        if count:
            counts[unescape(token.removeprefix(prefix))] += count
    return counts
