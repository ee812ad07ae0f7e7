"""`search --format json`: the wire model, indented by two, one newline at the end.

`search --format json` as pydantic models; schemas/search.json is generated from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from seedkit.core.skipped import Skipped
from seedkit.report import Style
from seedkit.report.check.json import Count, OutputModel, dump, valid
from seedkit.report.search import SearchReport
from seedkit.search import model

FromOne = Annotated[int, Field(ge=1)]


class SnippetOutput(OutputModel):
    """A line of a seed, or the part of a long one round what was found."""

    section: str
    """Name of the section that it stands in."""
    line: FromOne
    """Line in the seed, from 1."""
    column: FromOne
    """Column where `text` begins, from 1, in characters."""
    text: str
    """The text, without its newline."""
    highlights: list[tuple[Count, Count]]
    """What was found, as spans of `text`, in characters from 0."""


class PartOutput(OutputModel):
    """What one part of the query, or something else, adds to the score."""

    what: str
    """The part as it was understood, perhaps with `as written` or `in the title`; `the whole
    title`; `language=CODE`."""
    score: float
    """What it adds."""


class HitOutput(OutputModel):
    """A record that the query finds."""

    path: str
    """Path of the seed, relative to the root."""
    record: Count
    """Which record of the seed it is, from 0."""
    line: FromOne
    """Line of the first highlight, or of where the record begins."""
    column: FromOne
    """Its column, from 1, in characters."""
    score: float
    """How well it fits: more is better. Comparable within one search only."""
    sections: list[str]
    """Names of the sections that something was found in."""
    title: str
    """Its title on one line: a section whose name ends so, `title` in front matter, else the first
    line."""
    snippets: list[SnippetOutput]
    """Lines that show what was found, in the order of the seed."""
    repeats: list[str]
    """Paths of seeds that repeat it and were found too."""
    parts: list[PartOutput] | None = None
    """What the score is made of, with --explain."""


class FacetValueOutput(OutputModel):
    """How many hits have a value."""

    value: str
    """The value, as it is compared: without regard to case."""
    count: FromOne
    """How many hits have it."""


class SearchOutput(OutputModel):
    """What `seedkit search --format json` writes."""

    version: Literal[1]
    """Version of this output."""
    root: str
    """Absolute path of the corpus."""
    query: str
    """The query as it was given."""
    total: Count
    """How many records it finds, those in `repeats` too."""
    took_ms: Count
    """Milliseconds it took, with looking for changed seeds."""
    engine: str
    """Which engine answered."""
    fresh: bool
    """Whether the answer is that of the seeds as they are now."""
    suggestion: str | None
    """A query that finds something, if a word may be misspelt: no seed has it, or only in another
    form, in another language than the preferred one."""
    notes: list[str]
    """How the query was understood, where that may surprise."""
    skipped: dict[Skipped, Count]
    """How many files of the corpus were not searched, by reason."""
    hits: list[HitOutput]
    """The first of the hits, in order."""
    understood: str | None = None
    """The query as it was read, with --explain."""
    facets: dict[str, list[FacetValueOutput]] | None = None
    """How many hits have each value of a field, with --facets."""


def output(report: SearchReport) -> SearchOutput:
    """Return the report as the wire model."""
    found = report.answer
    suggestion = None if found.suggestion is None else valid(found.suggestion.query)
    extras: dict[str, object] = {}
    if report.explain:
        extras["understood"] = valid(found.understood)
    if found.facets:
        extras["facets"] = {
            valid(field): [FacetValueOutput(value=valid(v), count=count) for v, count in values]
            for field, values in found.facets
        }
    return SearchOutput(
        version=1,
        root=valid(report.root),
        query=valid(found.query),
        total=found.total,
        took_ms=report.took_ms,
        engine=found.engine,
        fresh=found.fresh,
        suggestion=suggestion,
        notes=[valid(note) for note in found.notes],
        skipped=dict(report.skipped),
        hits=[_hit(hit, explain=report.explain) for hit in found.hits],
        **extras,  # type: ignore[arg-type]  # each is of its field's type
    )


def _hit(hit: model.Hit, *, explain: bool) -> HitOutput:
    parts = {"parts": [PartOutput(what=valid(what), score=score) for what, score in hit.parts]}
    return HitOutput(
        path=valid(hit.path),
        record=hit.record,
        line=hit.line,
        column=hit.column,
        score=hit.score,
        sections=[valid(section) for section in hit.sections],
        title=valid(hit.title),
        snippets=[_snippet(snippet) for snippet in hit.snippets],
        repeats=[valid(path) for path in hit.repeats],
        **(parts if explain else {}),
    )


def _snippet(snippet: model.Snippet) -> SnippetOutput:
    text = valid(snippet.text)
    spans = snippet.highlights
    if text != snippet.text:  # an undecodable byte has become four characters
        spans = tuple(
            (len(valid(snippet.text[:start])), len(valid(snippet.text[:end])))
            for start, end in spans
        )
    return SnippetOutput(
        section=valid(snippet.section),
        line=snippet.line,
        column=snippet.column,
        text=text,
        highlights=list(spans),
    )


def render(report: SearchReport, style: Style) -> Iterator[str]:
    """Return one JSON object. `style` makes no difference to machines."""
    yield dump(output(report)) + "\n"
