"""Records as they are indexed and judged: sections, values, languages, faults."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format
from seedkit.formats.spec import FormatSpec
from seedkit.search.analysis import Tokeniser
from seedkit.search.keys import escape, key_of, path_of, plain_number, unescape
from seedkit.search.model import IndexRecord
from seedkit.search.records import RecordMaker, fields_of
from support.search_corpora import LANGUAGES, Corpus, cases, records_of

NEWS = {
    "file": {"name": r"(?P<Number>\d+)_(?P<slug>[^.]*)(?P<none>x?)\.txt"},
    "sections": {"delimiter": "\n"},
    "section": [
        {"name": "Title", "weight": 2.6},
        {"name": "body"},
        {"name": "again", "same_as": "Title", "required": False},
        {"name": "notes", "search": False, "required": False},
    ],
}
CARDS = {
    "language": "english",
    "record": {"mode": "start", "delimiter": {"pattern": r"\.I (?P<id>\S+) *(?P<by>.*)"}},
    "section": [{"name": "body"}],
}


def layout(values: dict[str, Any], name: str = "news") -> Layout:
    return Layout(name, FormatSpec.model_validate(values))


def maker(values: dict[str, Any], language: str = "none", name: str = "news") -> RecordMaker:
    return RecordMaker(layout(values, name), Tokeniser(), language)


def stored(records: Iterable[tuple[str, int, str, str, str]]) -> list[str]:
    """Records as text, without the tags of titles."""
    return [
        f"{path} {number}\n{stems}\n{words}\n"
        + " ".join(tag for tag in tags.split(" ") if not tag.startswith("="))
        for path, number, stems, words, tags in records
    ]


def titles(records: Iterable[IndexRecord]) -> list[str]:
    """The tags of titles."""
    return [
        " ".join(tag for tag in record.tags.split() if tag.startswith("=")) for record in records
    ]


def test_a_record_of_several_sections() -> None:
    data = b"High tides\nThe sea, the sea\nHigh tides\nsecret"
    assert stored(maker(NEWS).index("seeds/007_a-b.txt", data)) == [
        "seeds/007_a-b.txt 0\n"
        "high tides high tides high tides the sea the sea\n"
        "high tides | the sea the sea\n"
        "format=news language=none path=seeds path=007 path=a path=b path=txt "
        "number=007 number:7 slug=a-b slug:a slug:b "
        "title:high title:tides title~high title~tides body:the body:sea body~the body~sea"
    ]


def test_sections_with_names_of_different_case_are_found_as_one() -> None:
    sections = {"delimiter": "\n"}
    same: dict[str, Any] = {"sections": sections, "section": [{"name": "Note"}, {"name": "note"}]}
    other = {**same, "section": [{"name": "Note"}, {"name": "note"}, {"name": "by"}]}
    assert stored(maker(same).index("x", b"high tide\nhigh sea")) == [
        "x 0\nhigh tide high sea\nhigh tide | high sea\nformat=news language=none path=x sole=note"
    ]
    assert stored(maker(other).index("x", b"high tide\nhigh sea\nAnn")) == [
        "x 0\nhigh tide high sea ann\nhigh tide | high sea | ann\nformat=news language=none path=x "
        "note:high note:tide note:sea note~high note~tide note~sea by:ann by~ann"
    ]


def test_breaks_between_sections_are_none_of_the_text() -> None:
    """What has no words leaves no break; what stands for one in a text is none."""
    data = b"a \0 b | c\n\0|\n|\nd\0e"
    values: dict[str, Any] = {
        "sections": {"delimiter": "\n"},
        "section": [{"name": name} for name in ("a", "b", "c", "d")],
    }
    assert stored(maker(values, "en").index("x", data)) == [
        "x 0\nen:a en:b en:c en:d en:e\na b c | d e\nformat=news "
        "language=en language:english path=x a:a a:b a:c a~en:a a~en:b a~en:c d:d d:e d~en:d d~en:e"
    ]
    values["record"] = {"mode": "separator", "delimiter": "%"}
    assert stored(maker(values).index("x", "é\n1\n%\n\0\n%\n2\nb\n".encode())) == [
        "x 0\ne 1\ne | 1\nformat=news language=none path=x a:e a~e b:1 b~1",
        "x 1\n\n\nformat=news language=none path=x sole=a",
        "x 2\n2 b\n2 | b\nformat=news language=none path=x a:2 a~2 b:b b~b",
    ]


def test_records_of_one_section_and_their_fields() -> None:
    data = b".I 2 Ann  Lee\nRunning seas\n.I 07\nIt's\n"
    assert stored(maker(CARDS, name="cards").index("x.txt", data)) == [
        "x.txt 0\nen:run en:sea\nrunning seas\n"
        "format=cards language=en language:english path=x path=txt "
        "by=ann%20%20lee by:ann by:lee id=2 sole=body",
        "x.txt 1\nen:it en:s\nit s\n"
        "format=cards language=en language:english path=x path=txt id=07 id:7 sole=body",
    ]


# Titles


def section(*names: str) -> dict[str, Any]:
    found = [{"name": name, "delimiter": f"{name}:", "required": False} for name in names]
    return {"sections": {"order": "any"}, "section": found}


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        (["body", "title"], "body:\nx\ntitle:\nHigh Tides\n", "=high =tides ==high-tides"),
        (["subtitle", "title"], "subtitle:\nx\ntitle:\ny\n", "=y ==y"),
        (["doc-title", "body"], "body:\nx\ndoc-title:\nThe Ebb\n", "=the =ebb ==the-ebb"),
        (
            ["title", "body"],
            "title:\n\nbody:\n\n \n first line.\nnext\n",
            "=first =line ==first-line",
        ),
        (["body"], "body:\n- - -\n", ""),
        (["body"], "body:\nthe tide, the tide\n", "=the =tide ==the-tide-the-tide"),
        (["body"], "body:\n東京都\n", "=東京 =京都 =都 ==東京-京都-都"),
        (["body"], "body:\n" + "x " * 300, "=x ==" + "-".join("x" * 40)),
    ],
)
def test_a_title_is_a_section_or_the_first_line(names: list[str], text: str, expected: str) -> None:
    assert titles(maker(section(*names)).index("x", text.encode())) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntags: title\ntitle: 'High tides'\n---\n# Moon\n",
        "+++\n title = 'no'\ntitle = \"High tides\"\n+++\nMoon\n",
        '{"title": "High tides", "tags": []}\nMoon\n',
        '{\n  "tags": [],\n  "title" : "High tides"\n}\nMoon\n',
        "---\ntags: x\n---\n\n# High tides\nMoon\n",
    ],
)
def test_a_title_is_what_front_matter_calls_so(text: str) -> None:
    front = Layout("front", builtin_format("front-matter", ["**"]))
    found = RecordMaker(front, Tokeniser(), "none").index("x.md", text.encode())
    assert titles(found) == ["=high =tides ==high-tides"]


def test_the_subject_of_a_message_is_its_title() -> None:
    mail = Layout("mail", builtin_format("headers-body", ["**"]))
    text = b"From: x@example.org\nSubject: High tides\n\nMoon\n"
    assert titles(RecordMaker(mail, Tokeniser(), "none").index("x", text)) == [
        "=high =tides ==high-tides"
    ]


def test_a_format_without_sections_has_one_named_text() -> None:
    assert stored(maker({}, name="Plain").index("x.txt", b"Sea")) == [
        "x.txt 0\nsea\nsea\nformat=plain language=none path=x path=txt sole=text"
    ]


def test_sections_of_one_name_are_one_place() -> None:
    values = {"section": [{"name": "q", "delimiter": "Q ", "match": "prefix", "repeat": True}]}
    (record,) = maker(values).index("x", b"Q sea\nQ moon\n")
    assert record.words == "sea | moon"
    assert record.tags == "format=news language=none path=x sole=q =sea ==sea"


def test_text_in_no_section_is_found_too() -> None:
    values = {
        "record": {"mode": "block", "open": "<", "close": ">"},
        "sections": {"unknown": "allow"},
        "section": [{"name": "title", "delimiter": "T ", "match": "prefix"}],
    }
    made = maker(values)
    data = b"before\n<\nT tide\n>\nafter\n<\nT moon\n>\n"
    first, second = made.records("x", data)
    assert [part.name for part in first.parts] == ["", "title", ""]
    assert (first.start, first.text[first.start : first.end].split()) == (
        0,
        ["before", "<", "T", "tide", ">", "after"],
    )
    assert [part.name for part in second.parts] == ["title"]
    assert [record.words for record in made.index("x", data)] == ["before | tide | after", "moon"]
    assert made.index("x", data)[0].tags == (
        "format=news language=none path=x title:tide title~tide =tide ==tide"
    )
    (record,) = made.index("x", b"no record at all")
    assert record[1:] == (
        0,
        "no record at all",
        "no record at all",
        "format=news language=none path=x =no =record =at =all ==no-record-at-all",
    )


DATA = {
    "record": {"mode": "lines"},
    "section": [
        {"name": "chat", "content": "json", "field": [{"name": "turns[].text", "text": True}]}
    ],
}
VALUES = st.recursive(
    st.none() | st.integers() | st.text('aé \\"\n🙂', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("turns", "text", "id")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=4), st.integers(0, 60))
def test_all_of_data_is_searched(values: list[Any], cut: int) -> None:
    """In parts that do not overlap: what is prose, what is not, and what does not parse."""
    text = "".join(f"{json.dumps(value)}\n" for value in values)
    text = text[:cut] + text[cut + 1 :]
    searched = [0] * len(text)
    for record in maker(DATA).records("x", text.encode()):
        assert len(record.readable) == len(text)
        for part in record.parts:
            for at in range(part.start, part.end):
                searched[at] += 1
    lines = text.splitlines(keepends=True)
    assert [count for count, char in zip(searched, text, strict=True) if char != "\n"] == [1] * sum(
        len(line.rstrip("\n")) for line in lines
    )


def test_the_language_of_data_is_that_of_its_prose() -> None:
    said = "Die Häuser und der Fluß sind nicht weit von der Straße, aber es ist schön."
    data = json.dumps({"the": "is of and", "is": "the", "turns": [{"text": said}]}).encode()
    (record,) = maker(DATA, "auto").records("x", data)
    assert record.language == "de"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"page_title": "High Tides", "turns": [{"text": "The sea"}]}, "high tides"),
        ({"id": 7, "turns": [{"text": "The sea\nand more"}]}, "the sea"),
        ({"id": 7}, "id 7"),
    ],
)
def test_the_title_of_data(data: Any, expected: str) -> None:
    field = [{"name": "turns[].text", "text": True}, {"name": "page_title", "required": False}]
    chat = {"record": {"mode": "lines"}}
    made = maker({**chat, "section": [{"name": "chat", "content": "json", "field": field}]})
    (tags,) = titles(made.index("x", json.dumps(data).encode()))
    assert tags.replace("=", " ").split()[: len(expected.split())] == expected.split()


def test_a_record_without_text_is_a_record() -> None:
    values = {"section": [{"name": "body", "empty": "allow"}]}
    assert stored(maker(values).index("x", b"-\n")) == [
        "x 0\n\n\nformat=news language=none path=x sole=body"
    ]
    assert maker(values).index("x", b"") == []


def test_what_can_not_be_decoded() -> None:
    made = maker({})
    assert made.index("x", b"sea\xffmoon\xc3")[0].words == "sea moon"
    cyrillic = {"file": {"encoding": "koi8-r"}}
    assert maker(cyrillic).index("x", "море".encode("koi8-r"))[0].words == "море"
    ascii_only = maker({"file": {"encoding": "ascii"}})
    assert ascii_only.index("x", b"sea\xff")[0].words == "sea"
    assert [each.text for each in ascii_only.records("x", b"sea\xff")] == ["sea\udcff"]
    assert maker({"file": {"max_bytes": 2}}).index("x", b"sea") == []


@pytest.mark.parametrize(
    ("of_format", "of_corpus", "expected"),
    [
        (None, "auto", "id"),
        (None, "english", "en"),
        (None, "none", "none"),
        ("none", "english", "none"),
        ("auto", "english", "id"),
        ("indonesian", "none", "id"),
    ],
)
def test_language(of_format: str | None, of_corpus: str, expected: str) -> None:
    made = maker({"language": of_format}, of_corpus)
    data = b"air laut naik dan turun dua kali sehari karena bulan"
    assert made.index_with_language("x", data)[1] == expected
    assert [record.language for record in made.records("x", data)] == [expected]


def test_a_seed_has_one_language_found_from_all_of_it() -> None:
    made = RecordMaker(layout({**CARDS, "language": None}), Tokeniser())
    data = b".I 1\nuniversities\n.I 2\nThe sea is one of the things that rise\n"
    assert made.index("x", data)[0].stems == "en:universiti"


def test_fields() -> None:
    assert fields_of([layout(NEWS), layout(CARDS)]) == (
        {"title", "body"},
        {"format", "language", "path", "number", "slug", "none", "id", "by"},
    )
    assert fields_of([layout({})]) == ({"text"}, {"format", "language", "path"})
    headed = {"section": [{"name": "s", "delimiter": {"pattern": "= (?P<Date>.*)"}}]}
    assert fields_of([layout(headed)]).values == {"format", "language", "path", "date"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a b\t100%", "a%20b%09100%25"),
        ("x\u3000\x85\x1f\0", "x%e3%80%80%c2%85%1f%00"),
        ("\udcff", "%ff"),
        ("\ud800", "%ed%a0%80"),
        ("東京-é", "東京-é"),
    ],
)
def test_escapes(value: str, expected: str) -> None:
    assert escape(value) == expected
    if value != "\ud800":
        assert unescape(expected) == value


@given(st.text(st.characters(exclude_categories=())))
def test_keys_of_paths(path: str) -> None:
    key = key_of(path)
    assert len(key.encode()) >= len(path)
    assert path_of(key) == path
    assert unescape(escape(path)) == path or any("\ud800" <= char <= "\udfff" for char in path)


def test_plain_numbers() -> None:
    assert [*map(plain_number, ("007", "000", "7", "", "0x7", "٠٧"))] == [
        *("7", "0", "7", "", "0x7", "٠٧")
    ]


def test_a_long_value_is_cut() -> None:
    (record,) = maker(CARDS).index("x", b".I " + b"a" * 5000 + b"\nsea\n")
    assert max(map(len, record.tags.split())) == len("id=") + 200


@given(cases(), st.sampled_from(LANGUAGES))
def test_records_are_in_the_form_that_engines_take(case: tuple[Corpus, str], language: str) -> None:
    indexed, judged = records_of(case[0], language, Tokeniser())
    assert [(path_of(each.path), each.record) for each in indexed] == [
        (each.path, each.number) for each in judged
    ]
    for record in indexed:
        for text in record[2:]:
            assert text.encode() == " ".join(text.split()).encode()
        assert not record.words.startswith("|") and not record.words.endswith("|")
    for each in judged:
        assert all(
            each.start <= part.start <= part.end <= each.end <= len(each.text)
            for part in each.parts
        )
