"""Answers a query: planned, asked of an engine, judged where the engine can't, and shown.

Nothing is read of the corpus but the seeds that are shown, and those that have to be judged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.core.errors import UsageError
from seedkit.core.text import shorten
from seedkit.search.answer import Answer, Hit, Part
from seedkit.search.facets import facet
from seedkit.search.folding import Folded, Found, Key, fold
from seedkit.search.match import Matcher
from seedkit.search.model import And, Node, Reader
from seedkit.search.plan import Plan, plan, similar
from seedkit.search.query import Fields, leaves, parse, render
from seedkit.search.records import path_of
from seedkit.search.snippets import sections, snippets
from seedkit.search.suggestions import missing, suggestion

if TYPE_CHECKING:
    from seedkit.search import query as ast
    from seedkit.search.analysis import Analyser
    from seedkit.search.seeds import Seeds

_AHEAD = 300  # hits asked for beyond those that are shown, for some may be folded


class Request(NamedTuple):
    """What is asked: a query, or a seed to be like, or both.

    `limit` is how many hits to show, None for all. `order` gives what paths are sorted by; without
    it, hits are by score. `key` tells hits that repeat each other, None not to fold them. `width`
    is how many characters of a line to show.
    """

    query: str = ""
    like: str | None = None
    limit: int | None = 10
    order: Callable[[str], Any] | None = None
    key: Key | None = None
    facets: tuple[str, ...] = ()
    explain: bool = False
    width: int = 200


class _Search(NamedTuple):
    """A query as an engine is asked; unless it is `exact`, `matcher` has to judge every hit.

    `like` is a seed that is no hit itself.
    """

    node: Node
    matcher: Matcher | None
    exact: bool
    like: str | None = None


class Finder:
    """Answers queries from one state of an index, which is `reader`'s."""

    def __init__(
        self,
        reader: Reader,
        seeds: Seeds,
        fields: Fields,
        analyser: Analyser,
        languages: frozenset[str] | None = None,
    ) -> None:
        self.reader = reader
        self.seeds = seeds
        self.fields = fields
        self.analyser = analyser
        self.languages = languages

    def answer(self, request: Request, engine: str) -> Answer:
        """Return what is found.

        Raises `UsageError` for a query without a word and for a facet that is no field, `Changed`
        if a seed is not what was indexed, `IndexDamaged`.
        """
        query = parse(request.query, self.fields)
        node = query.node
        if node is None and request.like is None:
            raise UsageError(
                f"there is no word to search for in `{shorten(request.query)}`",
                help="`seedkit search --help` has the query language",
            )
        planned = None if node is None else self.plan(node)
        search = self._search(node, planned, request.like)
        total, everything, folded = self._ranked(search, request)
        parts = self._parts(node) if request.explain and node is not None else []
        hits = tuple(self._hit(search, each, request.width, parts) for each in folded)
        barren = node if not total else None  # a query that finds nothing, to explain
        return Answer(
            query=request.query,
            total=total,
            hits=hits,
            rest=total - len(hits) - sum(len(hit.repeats) for hit in hits),
            engine=engine,
            notes=(*query.notes, *(() if planned is None else planned.notes)),
            missing=() if barren is None else missing(self, barren),
            suggestion=None if barren is None else suggestion(self, request.query, barren),
            understood="" if node is None else render(node),
            facets=tuple(
                (name, facet(self.reader, self.fields, name, everything)) for name in request.facets
            ),
        )

    def plan(self, node: ast.Node) -> Plan:
        """Return a query as the engine can be asked."""
        return plan(node, self.reader, self.fields, self.analyser, self.languages)

    def count(self, text: str) -> int:
        """Return how many hits a query has; raises `Changed`."""
        node = parse(text, self.fields).node
        if node is None:
            return 0
        search = self._search(node, self.plan(node), None)
        return self._ranked(search, Request(limit=0))[0]

    def _search(self, node: ast.Node | None, planned: Plan | None, like: str | None) -> _Search:
        matcher = None if node is None else Matcher(node, self.fields, self.analyser)
        nodes = [] if planned is None else [planned.node]
        if like is not None:
            nodes.append(similar(self.seeds.stems(like), self.reader))
        asked = nodes[0] if len(nodes) == 1 else And(tuple(nodes))
        return _Search(asked, matcher, planned is None or planned.exact, like)

    def _ranked(self, search: _Search, request: Request) -> tuple[int, list[Found], list[Folded]]:
        """How many hits there are; those that were looked at, all if that is asked for; and those
        to show."""
        window = self._window(search, request)
        while True:
            found = self.reader.search(search.node, window)
            hits = [(path_of(key), record, score) for key, record, score in found.hits]
            if window is None:
                hits = [hit for hit in hits if self._holds(search, hit)]
            if request.order is not None:
                order = request.order
                hits.sort(key=lambda hit: (order(hit[0]), hit[0], hit[1]))
            total = len(hits) if window is None else found.total
            folded = fold(hits, request.limit, request.key)
            if window is None or len(hits) >= total or len(folded) == request.limit:
                return total, hits, folded
            window *= 4  # it was nearly all repeats

    def _window(self, search: _Search, request: Request) -> int | None:
        """How many hits to ask the engine for at first, None for all."""
        if request.limit is None or request.order is not None or request.facets:
            return None
        if search.like is not None or not search.exact:
            return None
        return request.limit + _AHEAD

    def _holds(self, search: _Search, hit: Found) -> bool:
        path, number, _ = hit
        if path == search.like:
            return False
        if search.exact or search.matcher is None:
            return True
        record = self.seeds.record(path, number)
        return record is not None and search.matcher.matches(record)

    def _hit(
        self, search: _Search, folded: Folded, width: int, parts: list[tuple[str, dict[Any, float]]]
    ) -> Hit:
        path, number, score = folded.hit
        record = self.seeds.record(path, number)
        if record is None:  # gone, and it is known that the answer is not fresh
            return Hit(path, number, 1, 1, score, "", (), (), tuple(folded.repeats))
        spans = [] if search.matcher is None else search.matcher.spans(record)
        shown = snippets(record, spans, width)
        line, column = shown[0].place if shown else (1, 1)
        title = next((part for part in record.parts if part.name == "title"), None)
        return Hit(
            path,
            number,
            line,
            column,
            score,
            "" if title is None else " ".join(record.text[title.start : title.end].split()),
            sections(record, spans),
            shown,
            tuple(folded.repeats),
            tuple(
                Part(what, scores[path, number])
                for what, scores in parts
                if scores.get((path, number))
            ),
        )

    def _parts(self, node: ast.Node) -> list[tuple[str, dict[tuple[str, int], float]]]:
        """Each part of the query, with the score that it gives each record."""
        parts = []
        for leaf in leaves(node):
            found = self.reader.search(self.plan(leaf).node, None)
            scores = {(path_of(key), record): score for key, record, score in found.hits}
            parts.append((render(leaf), scores))
        return parts
