"""Snowball stemmers by language code. The only importer of `snowballstemmer`.

It uses PyStemmer by itself where that is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

from seedkit.core.languages import LANGUAGES


@cache
def version() -> str:
    """Return what stems depend on: the library in use and its version."""
    import snowballstemmer

    backend = type(snowballstemmer.stemmer("english")).__module__
    if backend == "Stemmer":
        return f"pystemmer-{sys.modules[backend].version()}"
    import importlib.metadata

    return f"snowballstemmer-{importlib.metadata.version('snowballstemmer')}"


def stemmer(code: str) -> Callable[[str], str]:
    """Return what stems a folded word of the language; one without a stemmer stays as it is.

    Not every version of the library knows every language.
    """
    import snowballstemmer

    name = next(name for name, each in LANGUAGES.items() if each == code)
    try:
        made = snowballstemmer.stemmer(name)
    except KeyError:
        return str
    if hasattr(made, "maxCacheSize"):
        made.maxCacheSize = 0  # `analysis` keeps every stem
    stem: Callable[[str], str] = made.stemWord
    return stem
