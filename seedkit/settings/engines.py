"""The table of search engines, one record an engine.

What may be configured, `--engine`, docs/search.md and the tests follow from it. It imports nothing
of an engine, and is imported by all that reads options.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class EngineRecord(NamedTuple):
    """A search engine.

    Its module is seedkit/search/engines/NAME.py, whose `engine()` returns a `model.Engine`; only
    that imports its library. `auto` means the first whose `library` is installed. One that is not
    `stored` keeps no index: it can be asked for, but not configured. `about` ends a line of
    docs/search.md; `remedy` is what to do if the library can't be imported.
    """

    name: str
    library: str
    about: str
    remedy: str = ""
    stored: bool = True


ENGINES: Final = (
    EngineRecord(
        name="tantivy",
        library="tantivy",
        about="written in Rust; the fastest. Not installed on Windows on ARM",
        remedy='pip install tantivy, or set `engine = "auto"`',
    ),
    EngineRecord(
        name="whoosh",
        library="whoosh",
        about="pure Python, works everywhere",
        remedy="pip install whoosh-reloaded",
    ),
    EngineRecord(
        name="scan",
        library="",
        about="keeps no index: reads every seed, every time",
        stored=False,
    ),
)

AUTO: Final = "auto"
SCAN: Final = "scan"
STORED: Final = tuple(record.name for record in ENGINES if record.stored)
CONFIGURABLE: Final = (AUTO, *STORED)
CHOICES: Final = (AUTO, *(record.name for record in ENGINES))
