"""What `seedkit init` declares of tables: whether there is a header, and what the columns are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.infer.draft import spec_of
from seedkit.infer.propose import Seed, propose
from seedkit.infer.tables import declared_columns, has_header
from support.corpora import more

CSV = {"extends": "builtin:csv"}
BARE = {**CSV, "record": {"header": False}}


def layout(values: dict[str, Any]) -> Layout:
    return Layout("x", spec_of(values))


def columns(*texts: str, header: bool = True) -> list[dict[str, Any]]:
    data = declared_columns(layout(CSV if header else BARE), texts)
    assert data is not None
    sections: list[dict[str, Any]] = data.values.get("section", [])
    return sections


def remark(*texts: str, header: bool = True) -> str:
    data = declared_columns(layout(CSV if header else BARE), texts)
    assert data is not None
    return data.remark[1]


def found(values: dict[str, Any], text: str) -> list[str]:
    facts = Analyser(layout(values)).analyse("x.csv", text.encode())
    return [f"{each.rule} {each.message}" for each in facts.diagnostics]


def table(rows: int = 30) -> str:
    lines = ["id,Source URL,date,label,binary,price ($),note"]
    lines += [
        f"{n},https://a.b/{n},2024-01-{n % 28 + 1:02},{'good' if n % 3 else 'bad'},{n % 2},"
        f"{n / 4},{'' if n % 5 else 'It was said that the ferry leaves late'}"
        for n in range(rows)
    ]
    return "\n".join(lines) + "\n"


def test_columns_of_a_table() -> None:
    assert columns(table()) == [
        {"name": "id", "type": "integer", "unique": "file"},
        {"name": "source_url", "column": "Source URL", "type": "url"},
        {"name": "date", "type": "date"},
        {"name": "label", "enum": ["bad", "good"], "repeats": False},
        {"name": "binary", "type": "integer", "enum": ["0", "1"]},
        {"name": "price", "column": "price ($)", "type": "number"},
        {"name": "note", "empty": "allow"},
    ]
    assert remark(table()) == (
        "7: id (integer), source_url (url), date (date), label (one of 2), binary (one of 2), "
        "price (number), note"
    )


DAMAGE = {
    "\n3,": ("\n4,", "section/not-unique"),
    "\n5,": ("\n5x,", "section/wrong-type"),
    "Source URL": ("Source Url", "format/unknown-section"),
    "2024-01-07": ("2024-02-30", "section/wrong-type"),
    "good": ("goood", "section/not-allowed"),
    ",1.25,": (",1;25,", "section/wrong-type"),
    ",bad,0,": (",0,bad,", "section/not-allowed"),
    ",0.0,": (",0.0,,", "format/extra-section"),
    "https://a.b/9": ("", "section/empty"),
}


@pytest.mark.parametrize("sound", DAMAGE)
def test_damage_made_later_is_found(sound: str) -> None:
    values = {**CSV, "section": columns(table())}
    assert found(values, table()) == []
    spoilt, rule = DAMAGE[sound]
    assert rule in [each.split()[0] for each in found(values, table().replace(sound, spoilt, 1))]


def test_exceptions_to_a_type_are_nearly_of_it() -> None:
    def numbers(odd: str, *, rows: int = 60) -> dict[str, Any]:
        (column,) = columns("\n".join(["n", *map(str, range(rows - 1)), odd]) + "\n")
        return column

    assert numbers("2x")["type"] == "integer"
    assert numbers("2.5")["type"] == "number"
    assert "type" not in numbers("N/A")
    assert "type" not in numbers("2x", rows=40)
    assert "type" not in numbers("2x\n2x", rows=999)


def test_a_list_of_values_is_short_and_each_is_there_often() -> None:
    def listed(values: Sequence[str]) -> list[str] | None:
        (column,) = columns("\n".join(["kind", *values]) + "\n")
        return list(column["enum"]) if "enum" in column else None

    assert listed(["red", "green"] * 10) == ["green", "red"]
    assert listed([*["red", "green"] * 30, "gren"]) == ["green", "red"]
    assert listed([*["red", "green"] * 30, "blue"]) is None
    assert listed([*"abcdefghijklm"] * 30) is None
    assert listed(["red", "green"] * 2) is None


@pytest.mark.parametrize(
    "header",
    ["a b,a_b", "a b,a-b,a_b", "1st,%,", "Größe (cm),größe_cm", "x" * 99 + ",y", "a.b,a b,a_b_2"],
)
def test_names_are_sound_and_distinct(header: str) -> None:
    text = f"{header}\n" + "1,2,3\n"[: 2 * header.count(",") + 1] + "\n"
    values: dict[str, Any] = {**CSV, "section": columns(text)}
    assert [each for each in found(values, text) if "whitespace" not in each] == []
    headings = [each.get("column", each["name"]) for each in values["section"]]
    assert headings == header.split(",")


def test_tables_with_many_headers_are_plain_ones() -> None:
    assert columns("a,b\n1,2\n", "c,d\n1,2\n", "e\n1\n") == []
    assert remark("a,b\n1,2\n", "c,d\n1,2\n") == (
        "2 different headers in the 2 tables looked at: no column is declared"
    )
    same = ["a,b\n1,2\n"] * 11
    assert [each["name"] for each in columns(*same, "a,x\n1,2\n")] == ["a", "b"]


def test_tables_of_which_no_column_can_be_declared() -> None:
    assert columns("a,a\n1,2\n") == []
    assert remark("a,a\n1,2\n") == "2, of which some have one name: none is declared"
    assert columns(",".join(f"c{n}" for n in range(300)) + "\n") == []
    assert declared_columns(layout(CSV), ["", "\n"]) is None


HEADERS = {
    "id,text\n1,a\n2,b\n3,c\n4,d\n5,e\n": True,
    "1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n": False,
    "country,2010,2011\nA,1,2\nB,3,4\nC,5,6\nD,7,8\nE,9,10\n": True,
    "2024-01-01,x\n2024-01-02,y\n2024-01-03,x\n2024-01-04,x\n2024-01-05,z\n2024-01-06,x\n": False,
    "word,sense\nant,insect\nbee,insect\ncat,pet\n": True,
    "bad,it rained\ngood,it did not\nbad,it snowed\n": False,
    "1,a\n2,b\n": True,
    "": True,
}


@pytest.mark.parametrize("text", HEADERS)
def test_a_first_row_like_the_others_is_no_header(text: str) -> None:
    assert has_header(layout(BARE), [text]) is HEADERS[text]


def test_columns_without_a_header() -> None:
    rows = "1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n"
    assert columns(rows, header=False) == [
        {"name": "column_1", "type": "integer"},
        {"name": "column_2", "repeats": False},
    ]
    assert remark(rows, header=False) == (
        "2: column_1 (integer), column_2; no header: the first row is data"
    )
    assert remark("1\n", "1,2\n", header=False) == (
        "2 different numbers of columns in the 2 tables looked at: no column is declared; "
        "no header: the first row is data"
    )


CELLS = st.sampled_from(["", " ", "1", "-2", "2.5", "1e3", "x", "2024-01-01", "true", "http://a/b",
                         'a "b"', "a,b", "a\nb", "N/A", "007", "é"])  # fmt: skip


@given(
    st.lists(st.sampled_from(["id", "a", "A b", "a_b", "", "title", "1"]), min_size=1, max_size=4),
    st.data(),
)
@more(1)
def test_nothing_is_found_in_what_the_columns_are_from(heading: list[str], data: Any) -> None:
    """Fewer than fifty rows have no exceptions."""
    cells = st.lists(CELLS, min_size=len(heading), max_size=len(heading))
    rows = data.draw(st.lists(cells, min_size=1, max_size=12))
    assume(any(heading) and all(any(each.strip() for each in row) for row in rows))
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([heading, *rows])
    text = stream.getvalue()
    for values in (CSV, BARE):
        choice = layout(values)
        sections = (declared_columns(choice, [text]) or ({},))[0].get("section", [])
        told = found({**values, "section": sections}, text)
        assert [each for each in told if each.startswith(("section/", "format/un"))] == []


def test_a_proposal_has_the_columns_and_says_so() -> None:
    from seedkit.infer.choose import builtin

    seed = Seed("x.csv", table().encode(), table())
    proposal = propose(builtin("csv", [table()]), [seed], ["x.csv"])
    assert len(proposal.values["section"]) == 7
    assert proposal.notes["section", 6, "empty"] == "24 of 30 are empty"
    assert [label for label, _ in proposal.remarks] == ["columns"]
