"""The query language: text to trees, as text again, with notes; and any text at all."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.text import is_hidden
from seedkit.search.query import Fields, Node, Not, Word, leaves, parse, render
from support.corpora import cases, more
from support.search_corpora import queries

FIELDS = Fields(
    frozenset(("title", "body", "same-name")), frozenset(("path", "format", "number", "date"))
)


def shown(text: str) -> str:
    """The query of a text in its plainest form, and its notes."""
    query = parse(text, FIELDS)
    return "\n".join(["nothing" if query.node is None else render(query.node), *query.notes])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Words, folded; AND binds tighter than OR.
        ("tide moon", "tide moon"),
        ("Tide MOON Straße Café", "tide moon strasse café"),
        ("tide AND moon", "tide moon"),
        ("a OR b c OR d", "a OR b c OR d"),
        ("(a OR b) c", "(a OR b) c"),
        ("(a b) (c d)", "a b c d"),
        ("(a OR b) OR c", "a OR b OR c"),
        ("((a))", "a"),
        ("and or not", "and or not"),
        ("tide tide", "tide tide"),
        # What must not be found.
        ("-aa NOT bb", "-aa -bb"),
        ("NOT a b", "-a b"),
        ("NOT NOT a", "a"),
        ("-(-aa)", "aa"),
        ("NOT -aa", "aa"),
        ("-(a b) -(c OR d)", "-(a b) -(c OR d)"),
        ("a OR -bb", "a OR -bb"),
        ("-title:a -\"a b\"", '-title:a -"a b"'),
        ("tar --extract", "tar extract"),
        ("a AND NOT b", "a -b"),
        # Several words written as one, and as they are.
        ("snake_case don't C:\\temp", '"snake case" "don t" "c temp"'),
        ('"high  tide"', '"high tide"'),
        ('"tide"', '"tide"'),
        ('foo"bar baz"qux', 'foo "bar baz" qux'),
        # What a word may be like.
        ("tid* title:ti*", "tid* title:ti*"),
        ("tyde~ tyde~1 tyde~2 tyde~0", "tyde~1 tyde~1 tyde~2 tyde"),
        ('"moon tide"~3 "moon tide"~ "tide"~3', '"moon tide"~3 "moon tide"~1 "tide"'),
        ('foo-ba* "foo ba"* "tid"*', '"foo ba"* "foo ba"* tid*'),
        ("foo-* *", "foo\n`*`: left out, without a letter or digit"),
        # Boosts.
        ("a^2 b^0.5 c^1 d^0", "a^2 b^0.5 c d^0"),
        ("(a OR b^2)^3", "a^3 OR b^6"),
        ("-(a b)^2", "-(a^2 b^2)"),
        ('tid*^2 tyde~2^2 "a b"~3^2', 'tid*^2 tyde~2^2 "a b"~3^2'),
        ("a^9999 a^0.00001 a^1e3", 'a^1000 a^0 "a 1e3"'),
        # Fields.
        ("title:tide TITLE:a same-name:b", "title:tide title:a same-name:b"),
        ('title:"high tide"~2', 'title:"high tide"~2'),
        ("title:(a OR b c)", "title:a OR title:b title:c"),
        ("title:(a body:b)^2", "title:a^2 body:b^2"),
        ("title:number:5", 'title:"number 5"'),
        ("http://x.org/y //x", '"http x org y" x'),
        # Ranges, of whole values only.
        ("number:10..20 number:10.. number:..20", "number:10..20 number:10.. number:..20"),
        ("number:* number:..", "number:* number:*"),
        ("date:2026-01..2026-03^2", "date:2026-01..2026-03^2"),
        ("number:1‥5", "number:1..5"),
        ("title:a..b path:../a", 'title:"a b" path:a'),
        ("number:1..x~y", 'number:"1 x y"'),
        # Runs of scripts without spaces.
        ("東京都 東* 東京都* 東京~1", "東京都 東 東京都 東京"),
        ('A股 "第3章"', '"a 股" "第 3 章"'),
        ("ﾃｽﾄ", "テスト"),
        # What keyboards and word processors write.
        ("（a OR b）　“high tide”", '(a OR b) "high tide"'),
        ("title：tide", "title:tide"),
    ],
)  # fmt: skip
def test_as_it_is_read(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "nothing"),
        (" \t\n", "nothing"),
        ("()", "nothing"),
        ("a OR ()", "a"),
        ("- a", "a\n`-`: left out, without a letter or digit"),
        (
            "*** && a || ***",
            "a\n`***`, `&&`, `||`: left out, without a letter or digit\n"
            "`&&`: what stands side by side must all be there\n"
            "`||`: for one or the other, write OR between them",
        ),
        ('" - "', 'nothing\n`" - "`: left out, without a letter or digit'),
        ("AND", "and\n`AND`: searched as a word, with nothing after it"),
        ("a OR", "a or\n`OR`: searched as a word, with nothing after it"),
        ("OR b", "or b\n`OR`: searched as a word, with nothing before it"),
        ("(AND a)", "and a\n`AND`: searched as a word, with nothing before it"),
        ("a (b OR)", "a b or\n`OR`: searched as a word, with nothing after it"),
        ("a OR OR b", "a OR or b\n`OR`: searched as a word, with nothing before it"),
        ("NOT", "not\n`NOT`: searched as a word, with nothing after it"),
        ("NOT AND b", "-and b\n`AND`: searched as a word, with nothing before it"),
        ('a "b c', 'a "b c"\nthe last `"` is not closed'),
        ("((a", "a\na `(` is not closed"),
        ("a)) OR b", "a OR b\na `)` closes nothing"),
        (
            "i* foo-b*",
            'i "foo b"\n`i*`, `b*`: searched as a word, a prefix has two letters or more',
        ),
        ("a~9", "a~2\na word may differ by `~2` at most"),
        ("foo-bar~1", '"foo bar"\n`foo-bar`: `~` is ignored after more than one word'),
        ("title: tide", "title tide\n`title:`: searched as a word, with nothing after it"),
        (
            "titel:tide x:y",
            '"titel tide" "x y"\n'
            "`titel`, `x`: searched as a word, there is no such field\n"
            "`title`: a field with a similar name",
        ),
        ("\x1b[0m:a \u202e*", '"0m a"\n`*`: left out, without a letter or digit'),
    ],
)
def test_what_can_not_be_read_as_it_may_be_meant(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_leaves_are_what_may_be_found() -> None:
    query = parse('a -b -(c -d) title:(e OR "f g")', FIELDS)
    assert query.node is not None
    assert [render(leaf) for leaf in leaves(query.node)] == ["a", "d", "title:e", 'title:"f g"']


def depth(node: Node) -> int:
    if isinstance(node, Not):
        return 1 + depth(node.node)
    nodes = getattr(node, "nodes", ())
    return 1 + max(map(depth, nodes), default=0)


CHARACTERS = st.characters(categories=("L", "N", "P", "S", "Z", "Cc", "Cs", "Mn", "Mc"))
SIGNS = st.sampled_from(
    (
        *'()"-*~^:.',
        " ",
        "~1",
        "^2",
        "AND",
        " OR ",
        "NOT ",
        "a",
        "title:",
        "number:",
        "1..2",
        "東",
        "・",
    )
)


@more(10)
@given(st.one_of(st.lists(SIGNS).map("".join), st.text(CHARACTERS), queries))
def test_any_text_is_a_query_that_is_written_as_it_is_read(text: str) -> None:
    query = parse(text, FIELDS)
    assert not any(is_hidden(char) for note in query.notes for char in note)
    if query.node is None:
        return
    again = parse(render(query.node), FIELDS)
    assert repr(again.node) == repr(query.node)
    assert all("to find an option" in note for note in again.notes)


LONG = cases(200)  # an even number


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10 * LONG + "a" + ")" * 10 * LONG,
        "(" * 10 * LONG + "a",
        "a (" * LONG,
        "a OR (b " * LONG,
        "-(a " * LONG + ")" * LONG,
        "title:(" * LONG + "a",
        ")" * 10 * LONG + "a",
        "NOT " * 10 * LONG + "a",
        "- " * 5 * LONG + "a",
        "-" * 10 * LONG + "a",
        "a " * LONG,
        "a OR " * LONG + "a",
        'a"' * (LONG + 1),
        "a~" * 5 * LONG,
        "^1" * 5 * LONG + "a",
        "x" + "~1^2" * 5 * LONG,
        "number:1.." + "1" * 20 * LONG,
        "a^" + "9" * 20 * LONG,
        "a~" + "9" * 20 * LONG,
        '"a b"~' + "9" * 20 * LONG,
        "no:a " * LONG,
        "東" * 10 * LONG,
        "a" * 50 * LONG,
        "\u0301" * 20 * LONG + "a",
        "\ud800\udfff\x00 a" * 2 * LONG,
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_long_and_deep_texts(text: str) -> None:
    """What is quadratic here takes minutes."""
    query = parse(text, FIELDS)
    assert query.node is not None
    assert len(query.notes) < 6
    assert depth(query.node) < sys.getrecursionlimit() // 8
    assert repr(parse(render(query.node), FIELDS).node) == repr(query.node)


def test_parentheses_too_deep_are_ignored() -> None:
    text = "a OR (b " * 60 + ")" * 60 + " -cc"
    assert parse(text, FIELDS).notes == ("parentheses more than 50 deep are ignored",)
    assert shown(text).partition("\n")[0].endswith(" -cc")


HIDDEN = ("\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\ufe0f", "\u202e", "\U000e0041")
QUERIES = (
    "tide OR -moon",
    'title:"high tide"~3^2',
    "number:10..20",
    "日本語 ไทย* café~1",
    "(a NOT b)",
)


@given(st.sampled_from(QUERIES), st.lists(st.tuples(st.integers(0, 30), st.sampled_from(HIDDEN))))
def test_hidden_characters_change_no_query(text: str, added: list[tuple[int, str]]) -> None:
    changed = text
    for at, char in added:
        changed = changed[:at] + char + changed[at:]
    assert parse(changed, FIELDS) == parse(text, FIELDS)


@pytest.mark.parametrize("name", ["größe", "gro\u0308ße", "GRÖSSE", "GRO\u0308ße", "grö\u00adße"])
def test_a_name_is_that_of_a_field_in_any_form(name: str) -> None:
    fields = Fields(frozenset({"grösse"}), frozenset())
    assert parse(f"{name}:x", fields).node == Word("x", "grösse")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("te*t", "`te*t`: `*` counts at the end of a word, as in `tex*`"),
        ("*our", "`*our`: `*` counts at the end of a word, as in `tex*`"),
        ("colo?r", "`colo?r`: `?` stands for no letter; `text~1` allows for one that differs"),
        (
            '"colour tex*"',
            '`"colour tex*"`: `*` counts after the quotes, as in `"high tid"*`',
        ),
        ("/re/", "`/re/`: there are no regular expressions, but `tex*` and `text~1`"),
        ("!x", "`!x`: for what must not be there, write `-` before it"),
        ("+x", "`+x`: every word must be there without a `+`"),
        ("^x", "`^x`: `^` counts after a word, as in `tide^2`"),
        ("a|b", "`a|b`: for one or the other, write OR between them"),
        ("a&&b", "`a&&b`: what stands side by side must all be there"),
        ("C++ c#", "`C++`, `c#`: signs are not searched, only letters and digits"),
        ("number:>1", "`number:>1`: a range is written `1..5`, `1..` or `..5`"),
        ("title:-x", "`title:-x`: for what must not be there, write `-` before the field"),
    ],
)
def test_signs_of_other_languages(text: str, note: str) -> None:
    assert parse(text, FIELDS).notes == (note,)


@pytest.mark.parametrize(
    "text",
    [
        *("tex*", "x~1^2", "what is it?", "Yes!", "well-known", "a_b", "'tis", "-xz", '"a b"*'),
        *("http://example.org/?q=a", "/usr/local/bin", "C:\\temp", "number:-5..5", "number:1..5"),
        *("#tag", "a.b@c", "50%", "R&D", "and/or", "(a OR b)", "title:x", "a...b", "東京?"),
    ],
)
def test_signs_that_need_no_note(text: str) -> None:
    assert parse(text, FIELDS).notes == ()


@pytest.mark.parametrize(("text", "option"), [("pacman -F", "-F"), ("-x b", "-x")])
def test_options_of_commands_are_left_out(text: str, option: str) -> None:
    note = 'what has this word is left out; to find an option, quote it, as in `"-x"`'
    assert parse(text, FIELDS).notes == (f"`{option}`: {note}",)
    assert not parse(text.replace(option, f'"{option}"'), FIELDS).notes


def test_languages_that_are_not_known() -> None:
    fields = Fields(frozenset(), frozenset({"language"}))
    (note,) = parse("language:(ja OR klingon) language:nb language:none", fields).notes
    assert note.startswith("`language:klingon`: no language has this name; ")
    assert note.endswith(", vi, yi, zh")
    assert parse("language:kl*", fields).notes == ()
