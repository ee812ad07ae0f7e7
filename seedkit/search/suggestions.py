"""What is it that no seed has, and what may have been meant?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedkit.core.letters import word_spans
from seedkit.search.answer import Suggestion
from seedkit.search.model import Terms
from seedkit.search.plan import suggest
from seedkit.search.query import Near, Phrase, Word, leaves, render
from seedkit.search.words import fold, strip

if TYPE_CHECKING:
    from seedkit.search import query as ast
    from seedkit.search.find import Finder


def missing(finder: Finder, node: ast.Node) -> tuple[str, ...]:
    """Return the parts of a query that no record has, as they are written, each once."""
    parts = (leaf for leaf in leaves(node) if not _hits(finder, leaf))
    return tuple(dict.fromkeys(render(leaf) for leaf in parts))


def suggestion(finder: Finder, text: str, node: ast.Node) -> Suggestion | None:
    """Return the query with the words that no record has replaced by some that are like them.

    None if there is nothing to replace or nothing like it, or if that finds nothing either.
    """
    changed = text
    for word in dict.fromkeys(word for leaf in leaves(node) for word in _unknown(finder, leaf)):
        instead = suggest(word, finder.reader)
        if instead is None:
            return None
        changed = _replaced(changed, word, instead)
    hits = finder.count(changed) if changed != text else 0
    return Suggestion(changed, hits) if hits else None


def _hits(finder: Finder, leaf: ast.Leaf) -> int:
    return finder.reader.search(finder.plan(leaf).node, 1).total


def _unknown(finder: Finder, leaf: ast.Leaf) -> Iterator[str]:
    """The words of a part that stand nowhere."""
    if isinstance(leaf, Word):
        if not _hits(finder, Word(leaf.word)):
            yield leaf.word
    elif isinstance(leaf, Phrase | Near):
        for word in leaf.words:
            if not finder.reader.search(Terms("words", (word,)), 1).total:
                yield word


def _replaced(text: str, word: str, instead: str) -> str:
    """The text with another word in place of one, however that is written there."""
    plain = strip(fold(word))
    changed: list[str] = []
    at = 0
    for start, end in word_spans(text):
        if strip(fold(text[start:end])) == plain:
            changed += text[at:start], instead
            at = end
    return "".join((*changed, text[at:]))
