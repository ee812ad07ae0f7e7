"""The query language: text to a tree and back. Any text is a query; nothing here raises.

    tide moon            both words          "high tide"     side by side, as written
    tide OR ebb          either              "moon tide"~3   in any order, 3 words between
    -ebb   NOT ebb       not this            tid*   tyde~1   what begins so; what is like it
    (a OR b) c           groups              title:tide      in a section or field; title:(a OR b)
    number:10..20        a range             tide^2          counts twice

AND binds tighter than OR. What can't be read as meant is searched as words, with a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from seedkit.core.languages import CODES, is_language
from seedkit.search.scanner import BOUND, Notes, Scanner, Token, bounded, is_option, remark
from seedkit.search.values import is_negative
from seedkit.search.words import fold, pieces

_DEEPEST = 50  # parentheses within each other: trees are walked by recursion, in engines too
_OPTION = '{}: what has this word is left out; to find an option, quote it, as in `"-x"`'
_FARTHEST = 1_000_000  # words between those of a near phrase


class Fields(NamedTuple):
    """What can stand before a colon, casefolded: sections, and values of seeds such as `number`."""

    sections: frozenset[str]
    values: frozenset[str]


class Word(NamedTuple):
    """A word in any of its inflected forms; of a script without spaces, a run of characters."""

    word: str
    field: str = ""
    boost: float = 1.0


class Prefix(NamedTuple):
    """Words that begin like this."""

    word: str
    field: str = ""
    boost: float = 1.0


class Fuzzy(NamedTuple):
    """Words that differ in at most `distance` characters, not counting the first."""

    word: str
    distance: int
    field: str = ""
    boost: float = 1.0


class Phrase(NamedTuple):
    """Words side by side and as they are written; with `prefix`, the last one begins like this."""

    words: tuple[str, ...]
    prefix: bool = False
    field: str = ""
    boost: float = 1.0


class Near(NamedTuple):
    """Two words or more in one section, in any order, with `distance` others between at most."""

    words: tuple[str, ...]
    distance: int
    field: str = ""
    boost: float = 1.0


class Range(NamedTuple):
    """Values of a field from `low` to `high`, both included; None is without a bound."""

    low: str | None
    high: str | None
    field: str
    boost: float = 1.0


class Not(NamedTuple):
    """Records that the node does not find."""

    node: Node


class And(NamedTuple):
    """Records that all nodes find."""

    nodes: tuple[Node, ...]


class Or(NamedTuple):
    """Records that any of the nodes finds."""

    nodes: tuple[Node, ...]


Leaf = Word | Prefix | Fuzzy | Phrase | Near | Range
Node = Leaf | Not | And | Or


class Query(NamedTuple):
    """A text as understood. Without a node there is nothing to search for."""

    node: Node | None
    notes: tuple[str, ...]


def parse(text: str, fields: Fields) -> Query:
    """Return the query that a text is, with notes on what was not read as it may be meant."""
    parser = _QueryParser(fields)
    return Query(parser.parse(text), parser.notes())


def leaves(node: Node, *, negated: bool = False) -> Iterator[Leaf]:
    """Return the leaves from left to right, but for those that must not be found."""
    if isinstance(node, Not):
        yield from leaves(node.node, negated=not negated)
    elif isinstance(node, And | Or):
        for each in node.nodes:
            yield from leaves(each, negated=negated)
    elif not negated:
        yield node


# -- from a tree to text


def render(node: Node) -> str:
    """Return the text of a query in its plainest form, which parses to the same tree."""
    if isinstance(node, Or):
        return " OR ".join(map(render, node.nodes))
    if isinstance(node, And):
        return " ".join(map(_operand, node.nodes))
    if isinstance(node, Not):
        inner = render(node.node)
        return f"-({inner})" if isinstance(node.node, And | Or) else f"-{inner}"
    scope = f"{node.field}:" if node.field else ""
    boost = "" if node.boost == 1 else f"^{_number(node.boost)}"
    return f"{scope}{_bare(node)}{boost}"


def _operand(node: Node) -> str:
    return f"({render(node)})" if isinstance(node, Or) else render(node)


def _bare(leaf: Leaf) -> str:
    if isinstance(leaf, Word):
        return leaf.word
    if isinstance(leaf, Prefix):
        return f"{leaf.word}*"
    if isinstance(leaf, Fuzzy):
        return f"{leaf.word}~{leaf.distance}"
    if isinstance(leaf, Range):
        either = leaf.low is None and leaf.high is None
        return "*" if either else f"{leaf.low or ''}..{leaf.high or ''}"
    quoted = f'"{" ".join(leaf.words)}"'
    if isinstance(leaf, Near):
        return f"{quoted}~{leaf.distance}"
    return f"{quoted}*" if leaf.prefix else quoted


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


# -- from text to a tree


class _Group:
    """What has been read between parentheses: alternatives, each of nodes that must all hold."""

    def __init__(self, field: str = "", *, negative: bool = False) -> None:
        self.field = field
        self.negative = negative
        self.negate = False  # whether the next operand is what must not be found
        self.complete = False  # whether an operand stands before, so that an operator may follow
        self.alternatives: list[list[Node]] = [[]]

    def add(self, node: Node | None, *, negative: bool) -> None:
        """Add an operand; None is one that holds nothing to search for."""
        if node is not None:
            if negative != self.negate:
                node = node.node if isinstance(node, Not) else Not(node)
            self.alternatives[-1] += node.nodes if isinstance(node, And) else (node,)
        self.negate, self.complete = False, True

    def node(self) -> Node | None:
        """Return the tree of what has been read."""
        found: list[Node] = []
        for nodes in filter(None, self.alternatives):
            node = nodes[0] if len(nodes) == 1 else And(tuple(nodes))
            found += node.nodes if isinstance(node, Or) else (node,)
        if len(found) < 2:
            return found[0] if found else None
        return Or(tuple(found))


class _QueryParser:
    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._names = fields.sections | fields.values
        self._notes = Notes()
        self._groups = [_Group()]
        self._ignored = 0  # parentheses open that are too deep

    def notes(self) -> tuple[str, ...]:
        return self._notes.lines()

    def parse(self, text: str) -> Node | None:
        tokens = list(Scanner(text, self._names, self._notes).tokens())
        for token, after in zip(tokens, [*tokens, Token(")")][1:], strict=True):
            if token.kind == "(":
                self._open(token)
            elif token.kind == ")":
                self._close(token.boost)
            elif token.kind in ("term", "quoted"):
                self._add(token)
            else:
                self._operator(token, last=after.kind == ")")
        if len(self._groups) > 1 or self._ignored:
            self._notes.add("a `(` is not closed")
        while len(self._groups) > 1:
            self._close(1.0)
        return self._groups[0].node()

    def _operator(self, token: Token, *, last: bool) -> None:
        group = self._groups[-1]
        if last or (token.kind != "NOT" and not group.complete):
            side = "after" if last else "before"
            self._notes.add(f"{{}}: searched as a word, with nothing {side} it", token.kind)
            self._add(token)
            return
        group.complete = False
        if token.kind == "OR":
            group.alternatives.append([])
        elif token.kind == "NOT":
            group.negate = not group.negate

    def _open(self, token: Token) -> None:
        if len(self._groups) > _DEEPEST:
            self._notes.add(f"parentheses more than {_DEEPEST} deep are ignored")
            self._ignored += 1
            return
        field = token.field or self._groups[-1].field
        self._groups.append(_Group(field, negative=token.negative))

    def _close(self, boost: float) -> None:
        if self._ignored:
            self._ignored -= 1
        elif len(self._groups) == 1:
            self._notes.add("a `)` closes nothing")
        else:
            group = self._groups.pop()
            node = group.node()
            if node is not None and boost != 1:
                node = _boosted(node, boost)
            self._groups[-1].add(node, negative=group.negative)

    def _add(self, token: Token) -> None:
        group = self._groups[-1]
        field = token.field or group.field
        if token.kind == "quoted":
            self._remark(token, f'"{token.text}"', remark(token.text, quoted=True))
            node = self._quoted(token, field)
        else:
            node = self._range(token, field)
            if node is None:
                shown = token.text + token.suffix
                if token.negative and not token.field and is_option(token.text):
                    self._notes.add(_OPTION, f"-{shown}")
                self._remark(token, shown, remark(token.text, field=bool(token.field)))
                node = self._term(token, field)
        group.add(node, negative=token.negative)

    def _remark(self, token: Token, shown: str, said: str | None) -> None:
        if said is not None:
            self._notes.add(f"{{}}: {said}", f"{token.field}:{shown}" if token.field else shown)

    def _range(self, token: Token, field: str) -> Node | None:
        if field not in self._fields.values or field == "path":
            return None
        if token.suffix == "*" and not token.text:
            return Range(None, None, field, token.boost)
        text = fold(token.text)
        if is_negative(text) and not token.suffix:
            return Range(text, text, field, token.boost)
        low, dots, high = text.partition("..")
        if token.suffix or not dots or not BOUND.fullmatch(low + high):
            return None
        return Range(low or None, high or None, field, token.boost)

    def _term(self, token: Token, field: str) -> Node | None:
        found = list(pieces(token.text))
        if not found:
            shown = token.text + token.suffix
            self._notes.add("{}: left out, without a letter or digit", shown)
            return None
        words = tuple(piece.text for piece in found)
        run, suffix, boost = found[-1].unspaced, token.suffix, token.boost
        prefix = suffix == "*" and found[-1].end == len(token.text) and not run
        if prefix and len(found[-1].word) < 2:
            self._notes.add(
                "{}: searched as a word, a prefix has two letters or more", f"{words[-1]}*"
            )
            prefix = False
        if len(words) > 1:
            if suffix.startswith("~"):
                self._notes.add("{}: `~` is ignored after more than one word", token.text)
            return Phrase(words, prefix, field, boost)
        if prefix:
            return Prefix(words[0], field, boost)
        if suffix.startswith("~") and not run:
            distance = _count(suffix)
            if distance > 2:
                self._notes.add("a word may differ by `~2` at most")
            if distance:
                return Fuzzy(words[0], min(distance, 2), field, boost)
        if field == "language" and not is_language(words[0]):
            known = (
                f"no language has this name; those that are recognised: {', '.join(sorted(CODES))}"
            )
            self._notes.add(f"{{}}: {known}", f"language:{token.text}")
        return Word(words[0], field, boost)

    def _quoted(self, token: Token, field: str) -> Node | None:
        found = list(pieces(token.text))
        if not found:
            self._notes.add("{}: left out, without a letter or digit", f'"{token.text}"')
            return None
        words = tuple(piece.text for piece in found)
        if token.suffix == "*" and not found[-1].unspaced:
            if len(words) == 1:
                return self._term(token, field)
            return Phrase(words, len(found[-1].word) > 1, field, token.boost)
        if token.suffix.startswith("~") and len(words) > 1:
            distance = min(_count(token.suffix), _FARTHEST)
            return Near(words, distance, field, token.boost)
        return Phrase(words, False, field, token.boost)


def _count(suffix: str) -> int:
    """The number after `~`, 1 if there is none."""
    return int(suffix[1:9] or 1) if len(suffix) < 9 else _FARTHEST


def _boosted(node: Node, boost: float) -> Node:
    if isinstance(node, Not):
        return Not(_boosted(node.node, boost))
    if isinstance(node, And):
        return And(tuple(_boosted(each, boost) for each in node.nodes))
    if isinstance(node, Or):
        return Or(tuple(_boosted(each, boost) for each in node.nodes))
    return node._replace(boost=bounded(node.boost * boost))
