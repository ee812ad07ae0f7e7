"""Chooses and loads a search engine of the table."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from seedkit.core.errors import EnvironmentFault
from seedkit.settings.engines import AUTO, ENGINES, STORED

if TYPE_CHECKING:
    from seedkit.search.model import Engine


def choose(setting: str) -> str:
    """Return the name of the engine that a setting means; `auto` is the first that is installed."""
    if setting != AUTO:
        return setting
    from importlib.util import find_spec

    installed = (each.name for each in ENGINES if each.stored and find_spec(each.library))
    return next(installed, STORED[-1])


def load(name: str) -> Engine:
    """Return an engine; raises `EnvironmentFault` if its library can't be imported."""
    record = next(each for each in ENGINES if each.name == name)
    try:
        engine: Engine = import_module(f"seedkit.search.engines.{name}").engine()
    except ImportError as error:
        raise EnvironmentFault(
            f"search engine `{name}` can't be loaded: {error}", help=record.remedy or None
        ) from None
    return engine
