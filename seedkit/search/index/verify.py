"""Verifies that an index equals the seeds: every record and every token, in both directions.

What an engine can't be asked is how often a token stands in a record. Where tokens stand is tried
with one phrase of each record.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import get_args

from seedkit.core.text import plural
from seedkit.search.keys import path_of
from seedkit.search.model import AllOf, Field, IndexRecord, Reader, Terms, TokenPhrase

Progress = Callable[[int, int], None]  # questions asked so far, questions to ask

_PHRASE = 6  # words
_EVERY = 1 << 30  # tokens
_BETWEEN = "|"  # what stands between sections, no token

_Place = tuple[str, int]  # path key, record


def differences(
    reader: Reader, records: Sequence[IndexRecord], progress: Progress = lambda done, total: None
) -> Iterator[str]:
    """Return a sentence on each difference between an index and the records it should have."""
    numbers = {(record.path, record.record): at for at, record in enumerate(records)}
    held = {(path, number) for path, number, _ in reader.search(AllOf(()), None).hits}
    if held != numbers.keys():
        yield from _told("missing from the index", numbers.keys() - held)
        yield from _told("in the index, and in no seed", held - numbers.keys())
        return  # every token of theirs would be reported, too
    postings = {field: _postings(records, field) for field in get_args(Field)}
    total = sum(map(len, postings.values())) + len(records)
    done = 0
    for field, tokens in postings.items():
        known = {token for token, _ in reader.terms(field, "", _EVERY)} - {_BETWEEN}
        for token in sorted(tokens.keys() | known):
            hits = reader.search(Terms(field, (token,), flat=True), None).hits
            found = sorted(numbers[path, number] for path, number, _ in hits)
            if found != list(tokens.get(token, ())):
                yield f"`{token}` in `{field}` is not found in the records that it stands in"
            done += 1
            progress(min(done, total), total)
    for record in records:
        phrase = _phrase(record)
        if phrase is not None:
            hits = reader.search(phrase, None).hits
            if all((path, number) != record[:2] for path, number, _ in hits):
                yield f"the words of {_named(record[:2])} are not found in their order"
        done += 1
        progress(done, total)


def _postings(records: Sequence[IndexRecord], field: Field) -> dict[str, array[int]]:
    """The numbers of the records that each token stands in."""
    found: dict[str, array[int]] = {}
    for number, record in enumerate(records):
        for token in set(getattr(record, field).split()) - {_BETWEEN}:
            found.setdefault(token, array("I")).append(number)
    return found


def _phrase(record: IndexRecord) -> TokenPhrase | None:
    """Some words from the middle of a record that stand side by side."""
    words = record.words.split()
    run = words[len(words) // 2 :][:_PHRASE]
    if _BETWEEN in run:
        run = run[: run.index(_BETWEEN)]
    return TokenPhrase(tuple(run)) if len(run) > 1 else None


def _told(what: str, places: set[_Place]) -> Iterator[str]:
    if places:
        yield f"{plural(len(places), 'record')} {what}, such as {_named(min(places))}"


def _named(place: _Place) -> str:
    path, number = place
    return f"record {number} of {path_of(path)}" if number else path_of(path)
