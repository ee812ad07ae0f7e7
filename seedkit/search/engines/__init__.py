"""The engines that can keep an index, by name, and which of them to take."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from seedkit.core.errors import EnvironmentFault

if TYPE_CHECKING:
    from seedkit.search.model import Engine

SCAN: Final = "scan"  # the engine that keeps nothing
CHOICES: Final = ("auto", "tantivy", "whoosh", SCAN)  # that can be asked for

# A module has a function `engine()` that returns the `Engine`, and imports its library there.
ENGINES = {
    SCAN: "seedkit.search.engines.scan",
    "tantivy": "seedkit.search.engines.tantivy",
    "whoosh": "seedkit.search.engines.whoosh",
}

_REMEDIES = {
    "tantivy": 'pip install tantivy, or set `engine = "auto"`',
    "whoosh": "pip install seedkit again: whoosh-reloaded comes with it",
}


def choose(setting: str) -> str:
    """Return the name of the engine that a setting means: `auto` is the fastest installed."""
    if setting != "auto":
        return setting
    from importlib.util import find_spec

    return "tantivy" if find_spec("tantivy") is not None else "whoosh"


def load(name: str) -> Engine:
    """Return an engine; raises `EnvironmentFault` if its library can't be imported."""
    try:
        engine: Engine = import_module(ENGINES[name]).engine()
    except ImportError as error:
        raise EnvironmentFault(
            f"search engine `{name}` can't be loaded: {error}", help=_REMEDIES.get(name)
        ) from None
    return engine
