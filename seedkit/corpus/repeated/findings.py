"""What `check` says of repeats: a finding for every seed and passage that repeats another.

The texts of seeds that repeat something, read again for its tokens and places.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.diagnostic import Diagnostic, Place, Position, Related, fingerprint
from seedkit.core.errors import SeedkitError
from seedkit.core.rules import (
    REPEAT_BOILERPLATE,
    REPEAT_CONTAINED_SEED,
    REPEAT_DUPLICATE_SEED,
    REPEAT_NEAR_DUPLICATE,
    REPEAT_REPEATED_PASSAGE,
    REPEAT_REPEATED_SECTION,
    REPEAT_SAME_TEXT,
)
from seedkit.core.text import LineIndex, visible
from seedkit.corpus.contents import expanded
from seedkit.corpus.facts import has_finding, skipped_of
from seedkit.corpus.repeated.fingerprints import ChosenFingerprints
from seedkit.repeats.arrays import Bounds, Hashes, Offsets
from seedkit.repeats.find import Group, Member, Passage, Repeats
from seedkit.repeats.find import Place as Run
from seedkit.repeats.fold import tokenize
from seedkit.repeats.parameters import Parameters
from seedkit.sources.compressed import is_compressed

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace
    from seedkit.store.database import Row


class Texts:
    """The texts of some seeds, by their numbers.

    Seeds are read as their `hashes` are asked for; all else is asked of such seeds only. Offsets in
    code points are the same in a seed's text as it is and as it is compared. `changed` is set once
    a seed was read that is not what its row says.
    """

    def __init__(self, workspace: Workspace, paths: Sequence[str]) -> None:
        self.changed = False
        self._workspace = workspace
        self._paths = paths
        self._originals: dict[int, str] = {}
        self._texts: dict[int, str] = {}
        self._edges: dict[int, tuple[Offsets, Offsets]] = {}  # where tokens start and end
        self._indexes: dict[int, LineIndex] = {}

    def hashes(self, numbers: Sequence[int]) -> tuple[Hashes, Bounds]:
        """Return the token hashes of some seeds, one after the other, and their bounds."""
        self._read([number for number in numbers if number not in self._texts])
        tokens = tokenize([self._texts[number] for number in numbers], characters=True)
        for number, (first, last) in zip(numbers, pairwise(tokens.bounds.tolist()), strict=True):
            self._edges[number] = tokens.starts[first:last], tokens.ends[first:last]
        return tokens.hashes, tokens.bounds

    def span(self, number: int, first: int, count: int) -> tuple[int, int]:
        """Return where `count` tokens from the first-th on stand in the seed, in code points."""
        starts, ends = self._edges[number]
        return int(starts[first]), int(ends[first + count - 1])

    def place(self, number: int, first: int, count: int) -> Place:
        """Return the place of those tokens, with lines and columns."""
        start, end = self.span(number, first, count)
        index = self._indexes.get(number)
        if index is None:
            index = self._indexes[number] = LineIndex(self._originals[number])
        path = self._paths[number]
        return Place(path, Position(*index.position(start)), Position(*index.position(end)))

    def cut(self, number: int, first: int, count: int) -> str:
        """Return the text there, with whatever stands between those tokens."""
        start, end = self.span(number, first, count)
        return self._originals[number][start:end]

    def words(self, number: int, first: int, count: int) -> str:
        """Return the text that is compared there, without regard to case and white space."""
        start, end = self.span(number, first, count)
        return " ".join(self._texts[number][start:end].casefold().split())

    def _read(self, numbers: Sequence[int]) -> None:
        rows = self._workspace.rows_of([self._paths[number] for number in numbers])
        for number in numbers:
            row = rows[self._paths[number]]
            self._originals[number] = text = self._original(row)
            self._texts[number] = self._compared(row, text)

    def _original(self, row: Row) -> str:
        try:
            data = self._workspace.read(row.path)
        except (OSError, SeedkitError):
            self.changed = True
            return ""
        if hashlib.sha256(data).digest() != row.digest:
            self.changed = True
            if is_compressed(row.path):
                return ""
        data = expanded(self._workspace, row.path, data)
        return data.decode(self._workspace.encoding_of(row.path), "surrogateescape")

    def _compared(self, row: Row, text: str) -> str:
        if skipped_of(row.findings) is not None:
            return ""
        if not row.format:
            return text
        layout = self._workspace.layout(row.format)
        has_repeated = has_finding(row.findings, REPEAT_REPEATED_SECTION)
        if layout.compares_all and not has_repeated:
            return text
        from seedkit.formats.parser import parse_damaged
        from seedkit.rules.repeat import check_repeated_section, comparable

        document = parse_damaged(text, layout)
        tokens = self._workspace.config.passage_tokens
        repeated = check_repeated_section(document, layout, tokens) if has_repeated else []
        return comparable(document, layout, repeated)


class CorpusRepeats(NamedTuple):
    """The repeats among some seeds; the indices in `repeats` stand for `paths`, whose bytes have
    the `digests`."""

    paths: list[str]
    digests: list[bytes]
    fingerprints: ChosenFingerprints
    repeats: Repeats
    texts: Texts


_OF_GROUPS = {
    "duplicate-seed": REPEAT_DUPLICATE_SEED,
    "same-text": REPEAT_SAME_TEXT,
    "near-duplicate": REPEAT_NEAR_DUPLICATE,
    "contained-seed": REPEAT_CONTAINED_SEED,
}


def findings(found: CorpusRepeats, parameters: Parameters) -> Iterator[tuple[int, Diagnostic]]:
    """Return the findings, each with the cluster that it belongs to."""
    clusters = found.repeats.clusters.tolist()
    for group in found.repeats.groups:
        for diagnostic in _of_group(found, group):
            yield clusters[group.representative], diagnostic
    reported = within_others(found.repeats.passages, parameters)
    for passage in found.repeats.passages:
        for diagnostic in _of_passage(found.texts, passage, reported, parameters):
            yield clusters[passage.places[0].seed], diagnostic


def _of_group(found: CorpusRepeats, group: Group) -> Iterator[Diagnostic]:
    sizes = found.fingerprints.sizes
    centre = group.representative
    for member in group.members:
        seed, other = member.seed, centre
        if group.kind == "contained-seed" and member.larger:
            seed, other = centre, seed  # the smaller one is what repeats
        path, original = found.paths[seed], found.paths[other]
        subject = f"{found.digests[seed].hex()} {found.digests[other].hex()} {original}"
        rule = _OF_GROUPS[group.kind]
        yield rule.diagnostic(
            _relation(group.kind, member, visible(original), equal=sizes[seed] == sizes[other]),
            Place(path),
            help=f"compare them with `seedkit repeats {visible(path)}`; remove one, or accept both",
            related=(Related(Place(original), "the other"),),
            fingerprint=fingerprint(rule.name, subject),
        )


def _relation(kind: str, member: Member, original: str, *, equal: bool) -> str:
    """Say how a seed repeats another one; `equal` if they have equally many 3-grams."""
    if kind == "duplicate-seed":
        return f"seed has the same bytes as `{original}`"
    if kind == "same-text":
        return f"seed has the same words as `{original}`"
    if kind == "contained-seed":
        share = percent(member.containment)
        if equal:
            return f"seed has {share} in common with `{original}`"
        return f"{share} of the seed stands in `{original}`"
    if member.similarity == 1:
        return f"seed has the same 3-grams as `{original}`, in another order or number"
    return f"seed is {percent(member.similarity)} the same as `{original}`"


def percent(share: float) -> str:
    """Return a share as a whole percentage, rounded down: only what is equal is 100 %."""
    return f"{int(share * 100 + 1e-9)} %"


def within_others(passages: Sequence[Passage], parameters: Parameters) -> set[Run]:
    """Return the places of passages that lie within a place reported for a longer one.

    It is enough to say of the longer one that it stands elsewhere too.
    """
    reported = sorted(
        (
            place
            for passage in passages
            if passage.seeds <= parameters.boilerplate_seeds
            for place in passage.places[1:]
        ),
        key=lambda place: (place.seed, place.start, -place.tokens),
    )
    found = set()
    seed, reach = -1, 0
    for place in reported:
        if place.seed != seed:
            seed, reach = place.seed, 0
        if place.start + place.tokens <= reach:
            found.add(place)
        reach = max(reach, place.start + place.tokens)
    return found


def _of_passage(
    texts: Texts, passage: Passage, reported: set[Run], parameters: Parameters
) -> Iterator[Diagnostic]:
    first, *others = passage.places
    origin = texts.place(*first)
    words = texts.words(*first)
    if passage.seeds > parameters.boilerplate_seeds:
        related = tuple(Related(texts.place(*other), "also here") for other in others[:2])
        yield REPEAT_BOILERPLATE.diagnostic(
            f"{passage.tokens} words occur in {passage.seeds:,} seeds",
            origin,
            related=related,
            fingerprint=fingerprint(REPEAT_BOILERPLATE.name, words),
        )
        return
    for other in others or [first]:
        if other in reported:
            continue
        same = other[0] == first[0]
        where = "earlier in this seed" if same else f"in `{visible(origin.path)}`"
        repeated = f"{passage.tokens} words also occur {where}"
        if not others:
            repeated = f"{passage.tokens} words repeat themselves here"
        yield REPEAT_REPEATED_PASSAGE.diagnostic(
            repeated,
            texts.place(*other),
            related=(Related(origin, "first here"),) if others else (),
            fingerprint=fingerprint(REPEAT_REPEATED_PASSAGE.name, f"{origin.path}\0{words}"),
        )
