"""Chooses and loads a search engine; combines the scores of a query's parts for all engines.

Scores are combined by `model.AllOf` and `AnyOf`, one record a key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from seedkit.core.errors import EnvironmentFault
from seedkit.search.model import AllOf, AnyOf, Node, Terms, TokenPhrase
from seedkit.settings.engines import AUTO, ENGINES, STORED

if TYPE_CHECKING:
    from seedkit.search.model import Engine


K = TypeVar("K")
Leaf = Callable[[Terms | TokenPhrase, Set[K] | None], dict[K, float]]


def combined(
    node: Node, leaf: Leaf[K], every: Callable[[], Iterable[K]], within: Set[K] | None = None
) -> dict[K, float]:
    """Return the records that a node finds, each with its score.

    Those that are not `within` are of no interest; there may be some of them. `leaf` does the same
    for leaves, `every` returns all records.
    """
    if isinstance(node, Terms | TokenPhrase):
        return leaf(node, within)
    if isinstance(node, AnyOf):
        return _sum(combined(each, leaf, every, within) for each in node.nodes)
    parts: list[dict[K, float]] = []
    for each in sorted(node.nodes, key=_has_tags):  # last, within what the others have found
        parts.append(combined(each, leaf, every, within))
        within = parts[-1].keys() if within is None else parts[-1].keys() & within
    found: set[K] = set(every() if within is None else within)
    for each in node.without:
        found -= combined(each, leaf, every, found).keys()
    parts += [combined(each, leaf, every, found) for each in node.bonus]
    return {key: sum(part.get(key, 0.0) for part in parts) for key in found}


def _has_tags(node: Node) -> bool:
    match node:
        case Terms(field):
            return field == "tags"
        case AllOf(nodes) | AnyOf(nodes):
            return any(map(_has_tags, nodes))
    return False


def _sum(parts: Iterable[dict[K, float]]) -> dict[K, float]:
    """Return the records that are in any of the parts, and the sums of their scores."""
    total: dict[K, float] = {}
    for part in parts:
        for key, score in part.items():
            total[key] = total.get(key, 0.0) + score
    return total


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
