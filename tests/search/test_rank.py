"""What comes first: words as written, in titles, in a language; and what counts less."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from seedkit.core.languages import LANGUAGES, spoken_language
from seedkit.search.analysis import Tokeniser
from seedkit.search.engines.scan import ScanReader
from seedkit.search.model import IndexRecord
from seedkit.search.plan import plan
from seedkit.search.query import Fields, parse
from seedkit.search.rank import (
    Preferred,
    Rarity,
    best_first,
    coarse,
    damping,
    preferred,
    saturation,
    stop_words,
    title_tags,
)

TOKENISER = Tokeniser()
FIELDS = Fields(frozenset(("title", "text")), frozenset(("language",)))


def record(path: str, text: str, title: str = "", language: str = "en") -> IndexRecord:
    tags = [f"language={language}", "sole=text", *title_tags(TOKENISER.words(title))]
    words = " ".join(TOKENISER.words(text))
    return IndexRecord(path, 0, " ".join(TOKENISER.stems(text, language)), words, " ".join(tags))


def ranked(
    text: str, *records: IndexRecord, languages: Sequence[str] = ("en", "id"), wanted: str = ""
) -> list[str]:
    """The paths that a query finds, in order."""
    return [path for path, _, _ in hits(text, records, languages, wanted)]


def hits(
    text: str, records: Sequence[IndexRecord], languages: Sequence[str], wanted: str = ""
) -> list[tuple[str, int, float]]:
    reader = ScanReader(records)
    node = parse(text, FIELDS).node
    assert node is not None
    prefer = preferred(reader, languages, (wanted,))
    planned = plan(node, reader, FIELDS, TOKENISER, languages, prefer)
    found = reader.search(planned.node, None).hits
    for path, number, score in found:  # the parts are all that the score is made of
        parts = (reader.search(part, None).hits for _, part in planned.parts)
        each = [value for hit in parts for where, n, value in hit if (where, n) == (path, number)]
        assert sum(each) == pytest.approx(score)
    return found


def test_a_word_as_it_is_written_comes_before_another_form() -> None:
    a, b = record("a", "running water"), record("b", "run water")
    assert ranked("run", a, b) == ["b", "a"]
    assert ranked("running", a, b) == ["a", "b"]
    assert ranked("-missing", a, b) == ["a", "b"]


def test_a_title_comes_first_and_before_that_the_whole_title() -> None:
    a = record("a", "git clone page of much text", "x")
    b = record("b", "git clone page of much text", "git clone")
    c = record("c", "git clone page of much text", "the git clone")
    assert ranked("git clone", a, b, c) == ["b", "c", "a"]
    assert ranked("Git-Clone", a, b, c)[0] == "b"
    assert ranked("git OR clone", a, b, c)[0] == "b"


def test_a_title_decides_nothing() -> None:
    a = record("a", "other text", "sea")
    assert ranked("sea", a) == []
    assert ranked("text:sea OR other", a) == ["a"]
    assert ranked("-sea", a) == ["a"]


def test_runs_have_titles_too() -> None:
    a, b = (
        record("a", "東京都の水車 東京", language="none"),
        record("b", "東京と水車", "東京都の水車", "none"),
    )
    assert ranked("東京", a, b, languages=("none",)) == ["b", "a"]


def test_a_word_is_as_rare_as_in_all_languages_together() -> None:
    """Else the few in a language that is rare would come first."""
    many = [record(f"en{n}", "tar of files") for n in range(20)]
    few = [record("id", "tar of of files", language="id")]
    assert ranked("tar", *many, *few)[-1] == "id"


def test_the_scores_are_those_of_the_formula() -> None:
    records = [
        record("a", "seas of the moon", "seas"), record("b", "sea", "b"), record("c", "sun", "c")
    ]  # fmt: skip
    idf = math.log(1 + 1.5 / 2.5)
    of_a, of_b = (saturation(1, damping(length, 2)) for length in (4, 1))
    found = {path: score for path, _, score in hits("seas^2", records, ("en",))}
    assert found["a"] == pytest.approx(2 * idf * (of_a + 0.1 * of_a + 0.25 + 0.5))
    assert found["b"] == pytest.approx(2 * idf * of_b)


def test_stop_words_count_a_tenth_next_to_others() -> None:
    a = record("a", "over over over rivers")
    b = record("b", "over rivers rivers rivers")
    fill = [record(f"x{n}", "sea") for n in range(5)]
    assert ranked("over rivers", a, b, *fill) == ["b", "a"]
    assert ranked("over", b, a, *fill) == ["a", "b"]
    assert ranked("over over", b, a, *fill) == ["a", "b"]


def test_the_preferred_language_comes_first() -> None:
    texts = [record("a", "tar", "tar", "id"), record("b", "tar", "tar", "en")]
    assert ranked("tar", *texts) == ["b", "a"]  # the first by code, of as many records
    assert ranked("tar", *texts, wanted="id") == ["a", "b"]
    assert ranked("tar", *texts, record("c", "x", "x", "id")) == ["a", "b"]
    assert ranked("tar", *texts, wanted="fr") == ["b", "a"]
    assert ranked("text:tar", *texts, wanted="en") == ["a", "b"]


def test_a_language_that_no_record_is_in_any_more_is_not_preferred() -> None:
    reader = ScanReader([record("a", "x"), record("b", "x", language="none")])
    assert preferred(reader, ("en", "fr", "none"), ("fr",)) == Preferred("en", several=False)
    assert preferred(reader, ("none",), ("en",)) == Preferred()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "id_ID.UTF-8"}, "id"),
        ({"LANG": "id_ID.UTF-8", "LC_ALL": "C"}, ""),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "nb_NO@x"}, "no"),
        ({"LANG": "de"}, "de"),
        ({}, ""),
    ],
)
def test_the_language_of_a_locale(environment: dict[str, str], expected: str) -> None:
    assert spoken_language(environment) == expected


def test_lists_of_stop_words() -> None:
    assert {"the", "of", "above", "yourselves"} <= stop_words("en")
    assert {"yang", "dengan"} <= stop_words("id")
    assert "don't" not in stop_words("en")  # which a query has as a phrase
    assert not stop_words("xx")
    assert sum(bool(stop_words(code)) for code in LANGUAGES.values()) == 16


def test_rarity_is_never_that_of_more_records_than_there_are() -> None:
    rarity = Rarity(ScanReader([record("a", "x y"), record("b", "x y")]))
    assert rarity.of("words", ("x", "y")) == rarity.of("words", ("x",)) > 0
    assert rarity.of("words", ("z",)) > rarity.of("words", ("x",))


def test_lengths_are_as_lucene_rounds_them() -> None:
    lengths = (0, 1, 39, 40, 41, 42, 55, 56, 59, 60, 1000, 123456)
    assert list(map(coarse, lengths)) == [
        0, 1, 39, 40, 40, 42, 54, 56, 56, 60, 984, 122904,
    ]  # fmt: skip
    assert all(coarse(n) <= coarse(n + 1) <= n + 1 for n in range(5000))


def test_scores_that_are_as_good_as_equal_tie() -> None:
    found = [("c", 0, 1.0), ("b", 1, 1.0 + 1e-7), ("b", 0, 1.0 - 1e-7), ("a", 0, 0.9)]
    assert [hit[:2] for hit in best_first(found)] == [("b", 0), ("b", 1), ("c", 0), ("a", 0)]
