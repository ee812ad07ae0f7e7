"""Plans, against what a query means: an engine finds by them what `match` says, and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.search import plan as planning
from seedkit.search.analysis import Tokeniser
from seedkit.search.engines.scan import ScanReader
from seedkit.search.keys import path_of
from seedkit.search.match import Matcher
from seedkit.search.model import AnyOf, IndexRecord, Node, Terms, TokenPhrase
from seedkit.search.plan import plan, similar, suggest
from seedkit.search.query import parse
from seedkit.search.records import fields_of
from support.corpora import more
from support.search_corpora import LANGUAGES, LAYOUTS, Corpus, cases, records_of

FIELDS = fields_of(LAYOUTS.values())


@more(4)
@given(cases(), st.sampled_from(LANGUAGES))
def test_a_plan_finds_what_the_query_means(case: tuple[Corpus, str], language: str) -> None:
    corpus, text = case
    tokeniser = Tokeniser()
    indexed, judged = records_of(corpus, language, tokeniser)
    node = parse(text, FIELDS).node
    if node is None:
        return
    matcher = Matcher(node, FIELDS, tokeniser)
    meant = {(record.path, record.number) for record in judged if matcher.matches(record)}
    reader = ScanReader(indexed)
    for languages in (None, {record.language for record in judged}):
        planned = plan(node, reader, FIELDS, tokeniser, languages)
        hits = reader.search(planned.node, None).hits
        found = {(path_of(key), record) for key, record, _ in hits}
        if planned.exact:
            assert found == meant
        else:
            assert found >= meant


NOTES = {
    "seeds/1_sea.txt": ("news", "High tides\nThe sea is at the moon's feet"),
    "seeds/02_moon tide.txt": ("news", "Moon\nthe tide of the sea and the moons"),
    "seeds/x.txt": ("plain", "a title of tides"),
    "seeds/2026_東京.txt": ("news", "東京都\n京都"),
}


def planned(text: str) -> tuple[str, bool]:
    """A plan as text: what is required, what must not be there, and whether it is exact."""
    tokeniser = Tokeniser()
    reader = ScanReader(records_of(NOTES, "english", tokeniser)[0])
    node = parse(text, FIELDS).node
    assert node is not None
    found = plan(node, reader, FIELDS, tokeniser, ["en"])
    return as_text(found.node), found.exact


def as_text(node: Node) -> str:
    if isinstance(node, Terms):
        return f"{node.field}({' '.join(node.tokens)})"
    if isinstance(node, TokenPhrase):
        return f'"{" ".join(node.tokens)}"'
    if isinstance(node, AnyOf):
        return f"any[{', '.join(map(as_text, node.nodes))}]"
    if node.bonus and len(node.nodes) == 1:
        return as_text(node.nodes[0])
    without = "".join(f" -{as_text(each)}" for each in node.without)
    return f"all[{', '.join(map(as_text, node.nodes))}{without}]"


@pytest.mark.parametrize(
    ("text", "expected", "exact"),
    [
        ("tides", "stems(tides en:tide en'tide)", True),
        ("tides^2 -moon", "all[stems(tides en:tide en'tide) -stems(moon en:moon en'moon)]", True),
        ("-moon", "all[ -stems(moon en:moon en'moon)]", True),
        ('"the sea"', '"the sea"', True),
        ('"sea"', "words(sea)", True),
        ("mo*", "words(moon moons)", True),
        ("zz*", "any[]", True),
        ("moon~1", "any[words(moon), words(moons)]", True),
        (
            "body:moons^2",
            "all[stems(moons en:moon en'moon), "
            "tags(sole=body body~moons body~en:moon body~en'moon)]",
            True,
        ),
        ("body:mo*", "all[words(moon moons), tags(sole=body body:moon body:moons)]", True),
        # A word of several sections may be in another one; near is known of no word.
        (
            'body:"the sea"',
            'all["the sea", tags(sole=body body:the), tags(sole=body body:sea)]',
            False,
        ),
        ('"sea moon"~3', "all[words(sea), words(moon)]", False),
        ('moon -"sea moon"~3', "all[stems(moon en:moon en'moon) -any[]]", False),
        ('-(-"sea moon"~3)', "all[words(sea), words(moon)]", False),
        # Values: as a whole, and their words.
        ("number:02", "tags(number=02 number=2 number:02 number:2)", True),
        ("slug:moon", "tags(slug=moon slug:moon)", True),
        ('slug:"moon tide"', "all[tags(slug=moon slug:moon), tags(slug=tide slug:tide)]", False),
        ("slug:ti*", "tags(slug=tide slug:tide)", True),
        ("slug:sae~1", "tags(slug=sea slug:sea)", True),
        ("number:2..9", "tags(number=02)", True),
        ("number:*", "tags(number=02 number=1 number=2026)", True),
        ("path:seeds", "tags(path=seeds)", True),
        ("path:mo*", "tags(path=moon)", True),
        # Runs.
        ("東京都", '"東京 京都"', True),
        ("東京", "stems(東京)", True),
        ("京^2", "stems(京都)", True),
        ('"a 東"', "all[words(a), words(東京)]", False),
    ],
)
def test_plans(text: str, expected: str, exact: bool) -> None:
    assert planned(text) == (expected, exact)


def test_a_name_of_a_section_and_of_a_value_means_either() -> None:
    assert planned('title:"tide moon"')[1] is False
    text, exact = planned("title:07")
    assert text == (
        "any[all[stems(07 en:07 en'07), tags(sole=title title~07 title~en:07 title~en'07)], "
        "tags(title=07 title=7 title:07 title:7)]"
    )
    assert not exact  # `title:7` may be the word of a section


def test_all_languages_if_it_is_not_known_which() -> None:
    tokeniser = Tokeniser()
    node = parse("running", FIELDS).node
    assert node is not None
    tokens = tokeniser.lookups("running")
    assert (
        as_text(plan(node, ScanReader([]), FIELDS, tokeniser).node) == f"stems({' '.join(tokens)})"
    )
    assert "en:run" in tokens


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("number:1..2026", ()),
        ("number:..2026-03", ()),  # a year is a number, too
        ("number:1..x", ("`x`: no value of `number` is like it",)),
        ("slug:1..", ("`1`: no value of `slug` is like it",)),
        ("number:*", ()),
    ],
)
def test_a_bound_that_nothing_can_be_compared_with_gets_a_note(
    text: str, notes: tuple[str, ...]
) -> None:
    tokeniser = Tokeniser()
    reader = ScanReader(records_of(NOTES, "english", tokeniser)[0])
    node = parse(text, FIELDS).node
    assert node is not None
    assert plan(node, reader, FIELDS, tokeniser).notes == notes


def test_too_many_words_are_cut_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_MOST", 1)
    tokeniser = Tokeniser()
    reader = ScanReader(records_of(NOTES, "english", tokeniser)[0])
    node = parse("mo* number:*", FIELDS).node
    assert node is not None
    found = plan(node, reader, FIELDS, tokeniser)
    assert as_text(found.node) == "all[words(moon), tags(number=02)]"
    assert found.notes == (
        "`mo`: only 1 words that begin so were looked for",
        "`number=`: only 1 words that begin so were looked for",
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("taide", "tide"),
        ("universty", "university"),
        ("uinversity", "university"),
        ("nuiversity", "university"),  # the first two letters swapped
        ("Univérsty", "university"),
        ("universiti", "university"),  # one edit is nearer than two, however rare
        ("tidez", "tides"),  # of two as near the more frequent
        ("tiide", "tide"),
        ("university", None),  # it is there itself, and nothing is like it
        ("tdxe", None),
        ("ti", None),
        ("2o26", "2026"),
        ("2027", None),
        ("東京", None),
        ("ide", "tide"),  # the first letter is missing, wrong, too much
        ("xide", "tide"),
        ("atides", "tides"),
        ("moonn", "moon"),  # of two as near the one of a title
        ("sunx", "sun"),
    ],
)
def test_suggestions(word: str, expected: str | None) -> None:
    text = "tide university tides 2026 東都"
    records = [IndexRecord(str(number), 0, "", text, "") for number in range(2)]
    records += [IndexRecord("x", 0, "", "tides universities universities", "")]
    records += [IndexRecord("y", 0, "", "moons moon sun", "=moon")]
    records += [IndexRecord("z", 0, "", "moons", "")]
    assert suggest(word, ScanReader(records)) == expected


def test_similar_asks_for_the_most_telling_stems() -> None:
    texts = ["the sea sea moon", "the sea", "the moon the", "the the sun", "the rain"]
    reader = ScanReader([IndexRecord(text, 0, f"{text} pt'x", "", "") for text in texts])
    assert as_text(similar(["the sea sea", "moon gone pt'x the"], reader)) == (
        "any[stems(sea), stems(moon), stems(the)]"
    )
    assert as_text(similar(["the sea sea moon"], reader, 1)) == "any[stems(sea)]"
    assert as_text(similar([], reader)) == "any[]"
