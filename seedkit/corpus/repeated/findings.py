"""What `check` says of repeats: a finding for every seed and passage that repeats another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seedkit.core.diagnostic import Diagnostic, Place, Related, fingerprint
from seedkit.core.rules import (
    REPEAT_BOILERPLATE,
    REPEAT_CONTAINED_SEED,
    REPEAT_DUPLICATE_SEED,
    REPEAT_NEAR_DUPLICATE,
    REPEAT_REPEATED_PASSAGE,
    REPEAT_SAME_TEXT,
)
from seedkit.core.text import visible
from seedkit.corpus.repeated.texts import Texts
from seedkit.repeats.find import Group, Member, Passage, Repeats
from seedkit.repeats.find import Place as Run
from seedkit.repeats.parameters import Parameters
from seedkit.repeats.seedprint import Fingerprints


class CorpusRepeats(NamedTuple):
    """The repeats among some seeds; the indices in `repeats` stand for `paths`, whose bytes have
    the `digests`."""

    paths: list[str]
    digests: list[bytes]
    prints: Fingerprints
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
    told = _within_others(found.repeats.passages, parameters)
    for passage in found.repeats.passages:
        for diagnostic in _of_passage(found.texts, passage, told, parameters):
            yield clusters[passage.places[0].seed], diagnostic


def _of_group(found: CorpusRepeats, group: Group) -> Iterator[Diagnostic]:
    sizes = found.prints.grams.sizes()
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


def _within_others(passages: Sequence[Passage], parameters: Parameters) -> set[Run]:
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
    texts: Texts, passage: Passage, told: set[Run], parameters: Parameters
) -> Iterator[Diagnostic]:
    first, *others = passage.places
    origin = texts.place(*first)
    words = texts.words(*first)
    if passage.seeds > parameters.boilerplate_seeds:
        related = tuple(Related(texts.place(*other), "also here") for other in others[:2])
        yield REPEAT_BOILERPLATE.diagnostic(
            f"{passage.tokens} words stand in {passage.seeds:,} seeds",
            origin,
            related=related,
            fingerprint=fingerprint(REPEAT_BOILERPLATE.name, words),
        )
        return
    for other in others or [first]:
        if other in told:
            continue
        same = other[0] == first[0]
        where = "earlier in this seed" if same else f"in `{visible(origin.path)}`"
        repeated = f"{passage.tokens} words stand {where} too"
        if not others:
            repeated = f"{passage.tokens} words repeat themselves here"
        yield REPEAT_REPEATED_PASSAGE.diagnostic(
            repeated,
            texts.place(*other),
            related=(Related(origin, "first here"),) if others else (),
            fingerprint=fingerprint(REPEAT_REPEATED_PASSAGE.name, f"{origin.path}\0{words}"),
        )
