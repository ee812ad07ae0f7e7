"""Answers a query: planned, asked of an engine, judged where the engine can't, and shown.

Nothing is read of the corpus but the seeds that are shown, and those that have to be judged.

What is it that no seed has, and what may have been meant?

How many hits have each value of a field?

Hits that repeat a better one are collapsed under it.

Which seeds repeat each other is known if a check has found it out since they last changed; else
only seeds of the same bytes are seen to. Nothing is compared here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.core.errors import UsageError
from seedkit.core.letters import word_spans
from seedkit.core.text import shorten
from seedkit.search.keys import path_of, unescape
from seedkit.search.match import Matcher
from seedkit.search.model import AllOf, Answer, Hit, Node, Reader, ScorePart, Suggestion, Terms
from seedkit.search.plan import QueryPlan, plan, similar, suggest
from seedkit.search.query import Fields, Near, Phrase, Word, leaves, parse, render
from seedkit.search.rank import Preferred, preferred
from seedkit.search.snippets import sections, snippets
from seedkit.search.values import order
from seedkit.search.words import fold, is_run, name_key, strip

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace
    from seedkit.search import query as ast
    from seedkit.search.analysis import Tokeniser
    from seedkit.search.index.build_records import Seeds

Found = tuple[str, int, float]  # path, record, score
Key = Callable[[str, int], Hashable]

_FURTHER = 200  # hits behind the last one shown that are looked at


class Collapsed(NamedTuple):
    """A hit, and the paths of those that were collapsed under it."""

    hit: Found
    repeats: list[str]


def collapse(ranked: Sequence[Found], limit: int | None, key: Key | None) -> list[Collapsed]:
    """Return the first `limit` hits that repeat no better one, with those that do.

    Without a key, nothing repeats anything.
    """
    if key is None:
        return [Collapsed(found, []) for found in ranked[:limit]]
    kept: dict[Hashable, Collapsed] = {}
    for number, found in enumerate(ranked):
        if limit is not None and len(kept) >= limit and number >= limit + _FURTHER:
            break
        path, record, _ = found
        first = kept.setdefault(key(path, record), Collapsed(found, []))
        if first.hit is not found:
            first.repeats.append(path)
    return list(kept.values())[:limit]


class Repeats:
    """What repeats what, as far as a workspace knows."""

    def __init__(self, workspace: Workspace) -> None:
        groups = workspace.stored_groups()
        self._row = workspace.row
        self._digest = workspace.seed_digest
        self._known = groups is not None
        # What a seed repeats: its bytes, its words, or nearly. Each leads to the next.
        self._copied: dict[str, str] = {}
        self._same: dict[str, str] = {}
        self._near: dict[str, str] = {}
        kinds = {
            "duplicate-seed": self._copied, "same-text": self._same, "near-duplicate": self._near,
        }  # fmt: skip
        for kind, representative, members in groups or ():
            if kind in kinds:
                for path in (representative, *members):
                    kinds[kind].setdefault(path, representative)

    def key(self, path: str, record: int) -> Hashable:
        """Return what a record has in common with those that repeat it, and with no others.

        Copies repeat each other record by record. Seeds that are only alike were compared as a
        whole, which says nothing of one record among several.
        """
        if not self._known:
            digest = self._digest(path)
            return path if digest is None else digest, record
        original = self._copied.get(path, path)
        text = self._same.get(original, original)
        centre = self._near.get(text, text)
        if centre == original and original not in self._same and original not in self._near:
            return original, record
        row = self._row(original)
        whole = row is not None and abs(row.records) == 1
        return (centre, None) if whole else (original, record)


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


_AHEAD = 300  # hits asked for beyond those that are shown, for some may be collapsed


class Request(NamedTuple):
    """What is asked: a query, or a seed to be like, or both.

    `limit` is how many hits to show, None for all. `order` gives what paths are sorted by, and
    `field` is the casefolded name of a field whose values are sorted; without either, hits are by
    score. `key` tells hits that repeat each other, None not to collapse them.
    `width` is how many characters of a line to show.
    """

    query: str = ""
    like: str | None = None
    limit: int | None = 10
    order: Callable[[str], Any] | None = None
    field: str = ""
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
    """Answers queries from one state of an index, which is `reader`'s.

    `languages` are those that it has; of `wanted`, the first that is among them is preferred.
    """

    def __init__(
        self,
        reader: Reader,
        seeds: Seeds,
        fields: Fields,
        tokeniser: Tokeniser,
        languages: frozenset[str] | None = None,
        wanted: Sequence[str] = (),
    ) -> None:
        self.reader = reader
        self.seeds = seeds
        self.fields = fields
        self.tokeniser = tokeniser
        self.languages = languages
        self.wanted = wanted

    def answer(self, request: Request, engine: str) -> Answer:
        """Return what is found.

        Raises `UsageError` for a query without a word and for a facet that is no field,
        `SeedChanged` if a seed is not what was indexed, `IndexDamaged`.
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
        total, everything, collapsed = self._ranked(search, request)
        parts = self._parts(planned) if request.explain and planned is not None else []
        hits = tuple(self._hit(search, each, request.width, parts) for each in collapsed)
        barren = node if not total else None  # a query that finds nothing, to explain
        doubtful = node if not total or self._is_foreign(node) else None
        return Answer(
            query=request.query,
            total=total,
            hits=hits,
            rest=total - len(hits) - sum(len(hit.repeats) for hit in hits),
            engine=engine,
            notes=(*query.notes, *(() if planned is None else planned.notes)),
            missing=() if barren is None else missing(self, request.query, barren),
            suggestion=None if doubtful is None else suggestion(self, request.query, doubtful),
            understood="" if node is None else render(node),
            facets=tuple(
                (name, facet(self.reader, self.fields, name, everything)) for name in request.facets
            ),
        )

    def plan(self, node: ast.Node) -> QueryPlan:
        """Return a query as the engine can be asked."""
        return plan(node, self.reader, self.fields, self.tokeniser, self.languages, self._preferred)

    @cached_property
    def _preferred(self) -> Preferred:
        return preferred(self.reader, self.languages or (), self.wanted)

    def knows(self, word: str) -> bool:
        """Tell whether a folded word is in a record as it is written, or in another form of it.

        That must be one in the preferred language, or in none: other languages have words that end
        differently, and misspelt ones are easily taken for a form of one of theirs.
        """
        if self.reader.holders("words", (strip(word),)):
            return True
        prefer = self._preferred.code
        languages = (prefer,) if prefer else self.languages
        return self.reader.holders("stems", self.tokeniser.lookups(word, languages)) > 0

    def _is_foreign(self, node: ast.Node | None) -> bool:
        """Tell whether a query has a word that only others, in another language, are found by."""
        words = () if node is None else leaves(node)
        return any(
            isinstance(leaf, Word) and not leaf.field and not is_run(leaf.word)
            and not self.knows(leaf.word)
            for leaf in words
        )  # fmt: skip

    def count(self, text: str) -> int:
        """Return how many hits a query has; raises `SeedChanged`."""
        node = parse(text, self.fields).node
        if node is None:
            return 0
        search = self._search(node, self.plan(node), None)
        return self._ranked(search, Request(limit=0))[0]

    def _search(
        self, node: ast.Node | None, planned: QueryPlan | None, like: str | None
    ) -> _Search:
        matcher = None if node is None else Matcher(node, self.fields, self.tokeniser)
        nodes = [] if planned is None else [planned.node]
        if like is not None:
            nodes.append(similar(self.seeds.stems(like), self.reader))
        asked = nodes[0] if len(nodes) == 1 else AllOf(tuple(nodes))
        return _Search(asked, matcher, planned is None or planned.exact, like)

    def _ranked(
        self, search: _Search, request: Request
    ) -> tuple[int, list[Found], list[Collapsed]]:
        """How many hits there are; those that were looked at, all if that is asked for; and those
        to show."""
        window = self._window(search, request)
        while True:
            found = self.reader.search(search.node, window)
            hits = [(path_of(key), record, score) for key, record, score in found.hits]
            if window is None:
                hits = [hit for hit in hits if self._holds(search, hit)]
            if request.field:
                hits = self._by_field(hits, request.field)
            elif request.order is not None:
                by = request.order
                hits.sort(key=lambda hit: (by(hit[0]), hit[0], hit[1]))
            total = len(hits) if window is None else found.total
            collapsed = collapse(hits, request.limit, request.key)
            if window is None or len(hits) >= total or len(collapsed) == request.limit:
                return total, hits, collapsed
            window *= 4  # it was nearly all repeats

    def _by_field(self, hits: Iterable[Found], field: str) -> list[Found]:
        """The hits in the order of the first of a field's values; at the end those without any."""
        ranks = None if field in self.fields.sections else self._ranks(field)
        keyed: list[tuple[Any, Found]] = []
        for hit in sorted(hits, key=lambda hit: hit[:2]):  # the records of a seed side by side
            if ranks is not None:
                keyed.append(((ranks.get(hit[:2], _MOST), ()), hit))
                continue
            record = self.seeds.record(*hit[:2])
            values = [] if record is None else list(map(order, record.values_of(field)))
            keyed.append(((not values, min(values, default=())), hit))
        keyed.sort(key=lambda each: each[0])
        return [hit for _, hit in keyed]

    def _ranks(self, field: str) -> dict[tuple[str, int], int] | None:
        """Which of a field's values, in order, records have, without a look at them; None if there
        are too many values to ask for each."""
        prefix = f"{field}="
        tokens = [token for token, _ in self.reader.terms("tags", prefix, _MOST + 1)]
        if len(tokens) > _MOST:
            return None
        tokens.sort(key=lambda token: order(unescape(token.removeprefix(prefix))))
        found: dict[tuple[str, int], int] = {}
        for number, token in enumerate(tokens):
            for key, record, _ in self.reader.search(Terms("tags", (token,)), None).hits:
                found.setdefault((path_of(key), record), number)
        return found

    def _window(self, search: _Search, request: Request) -> int | None:
        """How many hits to ask the engine for at first, None for all."""
        if request.limit is None or request.facets or request.field or request.order is not None:
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
        self,
        search: _Search,
        collapsed: Collapsed,
        width: int,
        parts: list[tuple[str, dict[Any, float]]],
    ) -> Hit:
        path, number, score = collapsed.hit
        record = self.seeds.record(path, number)
        if record is None:  # gone, and it is known that the answer is not fresh
            return Hit(path, number, 1, 1, score, "", (), (), tuple(collapsed.repeats))
        spans = [] if search.matcher is None else search.matcher.spans(record)
        shown = snippets(record, spans, width)
        line, column = shown[0].place if shown else (1, 1)
        return Hit(
            path,
            number,
            line,
            column,
            score,
            record.title,
            sections(record, spans),
            shown,
            tuple(collapsed.repeats),
            tuple(
                ScorePart(what, scores[path, number])
                for what, scores in parts
                if scores.get((path, number))
            ),
        )

    def _parts(self, planned: QueryPlan) -> list[tuple[str, dict[tuple[str, int], float]]]:
        """Each part of the query, with the score that it gives each record."""
        parts = []
        for what, node in planned.parts:
            found = self.reader.search(node, None)
            scores = {(path_of(key), record): score for key, record, score in found.hits}
            parts.append((what, scores))
        return parts


def missing(finder: Finder, text: str, node: ast.Node) -> tuple[str, ...]:
    """Return the parts of a query that no record has, each once; words as they were typed."""
    typed = _typed_words(text)
    parts = [leaf for leaf in _distinct(node) if not _hits(finder, leaf)]
    return tuple(dict.fromkeys(_typed(typed, leaf) for leaf in parts))


def suggestion(finder: Finder, text: str, node: ast.Node) -> Suggestion | None:
    """Return the query with the words that no record has replaced by some that are like them.

    None if there is nothing to replace or nothing like it, or if that finds nothing either.
    """
    changed = text
    words = dict.fromkeys(word for leaf in _distinct(node) for word in _unknown(finder, leaf))
    for word in words:
        instead = suggest(word, finder.reader)
        if instead is None:
            return None
        changed = _replaced(changed, word, instead)
    hits = finder.count(changed) if changed != text else 0
    typed = _typed_words(text)
    said = tuple(typed.get(word, word) for word in words)
    return Suggestion(changed, hits, said) if hits else None


def _distinct(node: ast.Node) -> Iterable[ast.Leaf]:
    """The parts of a query, each once, since a query may be one word ten thousand times."""
    return {(type(leaf), leaf): leaf for leaf in leaves(node)}.values()  # tuples alike are equal


def _hits(finder: Finder, leaf: ast.Leaf) -> int:
    return finder.reader.search(finder.plan(leaf).node, 0).total


def _unknown(finder: Finder, leaf: ast.Leaf) -> Iterator[str]:
    """The words of a part that no record has, or only as another form in another language."""
    if isinstance(leaf, Word):
        if not is_run(leaf.word) and not finder.knows(leaf.word):
            yield leaf.word
    elif isinstance(leaf, Phrase | Near):
        for word in leaf.words:
            if not is_run(word) and not finder.reader.holders("words", (strip(word),)):
                yield word


def _typed(typed: Mapping[str, str], leaf: ast.Leaf) -> str:
    if isinstance(leaf, Word) and not leaf.field:
        return typed.get(leaf.word, leaf.word)
    return render(leaf)


def _typed_words(text: str) -> dict[str, str]:
    """The words of a text, by what they are folded; of several, the first."""
    found: dict[str, str] = {}
    for start, end in word_spans(text):
        found.setdefault(fold(text[start:end]), text[start:end])
    return found


def _replaced(text: str, word: str, instead: str) -> str:
    """The text with another word in place of one, however that is written there.

    What stands before a colon is the name of a field, or looks like one, and stays.
    """
    plain = strip(word)
    changed: list[str] = []
    at = 0
    for start, end in word_spans(text):
        if strip(fold(text[start:end])) == plain and text[end : end + 1] != ":":
            changed += text[at:start], instead
            at = end
    return "".join((*changed, text[at:]))
