"""INDEX.md is read as GitHub shows it: which rows there are, which links, and what they name."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.manifest.inline import cell_spans, links_in
from seedkit.manifest.load import parse_manifest
from seedkit.manifest.model import Items, Manifest, Table
from seedkit.manifest.plain import plain_text
from seedkit.manifest.target import (
    decode_target,
    encode_target,
    escape_text,
    guard_start,
    is_elsewhere,
    relative,
    resolve,
    tidy,
)
from support.corpora import cases


def targets(text: str) -> list[str]:
    return [link.target for link in sorted(parse_manifest(text).links(), key=lambda x: x.start)]


def shape(manifest: Manifest) -> list[str]:
    """Describe the blocks: kind, lines from 1, and each link's line and target."""
    described = []
    for block in manifest.blocks:
        kind = "table" if isinstance(block, Table) else f"list {block.mark}"
        links = " ".join(f"{link.line + 1}:{link.target}" for link in block.links)
        described.append(f"{kind} {block.first + 1}-{block.last + 1} {links}".rstrip())
    return described


# Which links list something.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [a](s/a)", ["s/a"]),
        ("* [a](s/a)", ["s/a"]),
        ("+ [a](s/a)", ["s/a"]),
        ("1. [a](s/a)", ["s/a"]),
        ("7) [a](s/a)", ["s/a"]),
        ("-\t[a](s/a)", ["s/a"]),
        ("   - [a](s/a)", ["s/a"]),
        ("- [ ] [a](s/a)", ["s/a"]),
        ("- x\n  - [a](s/a)", ["s/a"]),
        ("- - [a](s/a)", ["s/a"]),
        ("- about\n  [a](s/a)", ["s/a"]),
        ("- about\n[a](s/a)", ["s/a"]),
        ("- about\n\n  [a](s/a)", ["s/a"]),
        ("- ## [a](s/a)", ["s/a"]),
        ("- x\n\n      [a](s/a)", []),  # indented code in an item
        ("-     [a](s/a)", []),  # the same, at once
        ("-[a](s/a)", []),
        ("1234567890. [a](s/a)", []),
        ("    - [a](s/a)", []),  # indented code
        ("text\n    - [a](s/a)", []),  # a lazy line
        ("text\n2. [a](s/a)", []),  # only 1 interrupts a paragraph
        ("text\n1. [a](s/a)", ["s/a"]),
        ("text\n- [a](s/a)", ["s/a"]),
        ("see [a](s/a)", []),
        ("> - [a](s/a)", []),
        ("> text\n[a](s/a)\n- [b](s/b)", ["s/b"]),
        ("- > text\n  [a](s/a)\n\n  [b](s/b)", ["s/b"]),
        ("- > # text\n  [a](s/a)", ["s/a"]),
        ("-\n  [a](s/a)", ["s/a"]),
        ("-\n\n  [a](s/a)", []),  # no item begins with two blank lines
        ("# [a](s/a)", []),
        ("- x\n\ntext [a](s/a)", []),
        ("- - -\n[a](s/a)", []),  # a thematic break
        ("- x\n---\n[a](s/a)", []),
        ("```\n- [a](s/a)\n```\n- [b](s/b)", ["s/b"]),
        ("````\n```\n- [a](s/a)\n````\n- [b](s/b)", ["s/b"]),
        ("~~~ x\n- [a](s/a)\n~~~~\n- [b](s/b)", ["s/b"]),
        ("```\n- [a](s/a)\n    ```\n- [c](s/c)", []),  # indented too far to close
        ("``` `\n- [a](s/a)", ["s/a"]),  # no fence: backticks may not follow
        ("```\n- [a](s/a)", []),
        ("- x\n  ```\n  - [a](s/a)\n- [b](s/b)", ["s/b"]),  # the fence ends with its item
        ("- x\n  ```\n\n  - [a](s/a)\n  ```\n  - [b](s/b)", ["s/b"]),
        ("<!-- - [a](s/a) -->\n- [b](s/b)", ["s/b"]),
        ("<!--\n- [a](s/a)\n-->\n- [b](s/b)", ["s/b"]),
        ("<!-->\n- [b](s/b)", ["s/b"]),
        ("- <!-- [a](s/a) --> [b](s/b)", []),  # an HTML block, up to the end of the line
        ("- x <!-- [a](s/a) --> [b](s/b)", ["s/b"]),
        ("- x <!-- [a](s/a)\n- [b](s/b) -->", ["s/a", "s/b"]),  # no comment: it leaves the item
        ("<pre>\n- [a](s/a)\n</PRE>\n- [b](s/b)", ["s/b"]),
        ("<details>\n\n- [a](s/a)\n\n</details>", ["s/a"]),
    ],
)
def test_lists(text: str, expected: list[str]) -> None:
    assert targets(text) == expected
    assert targets(text.replace("\n", "\r\n")) == expected
    assert targets(text.replace("\n", "\r")) == expected
    assert targets(f"\ufeff{text}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|a|b|\n|-|-|\n|[a](s/a)|x|", ["s/a"]),
        ("a|b\n-|-\nx|[a](s/a)", ["s/a"]),
        ("a|b\n:-|-:\nx|[a](s/a)", ["s/a"]),
        ("|a|\n|:-:|\n|[a](s/a)|", ["s/a"]),
        ("a\n:-\n[a](s/a)", ["s/a"]),
        ("text\n|a|\n|-|\n|[a](s/a)|", ["s/a"]),  # the last line of a paragraph is the header
        ("- x\n\n  |a|\n  |-|\n  |[a](s/a)|", ["s/a"]),
        ("  |a|\n |-|\n   |[a](s/a)|", ["s/a"]),
        ("|a|\n|-|\n[a](s/a)", ["s/a"]),
        ("|a|b|\n|-|-|\n|[a](s/a)|[b](s/b)|", ["s/a", "s/b"]),
        ("|a|\n|-|\n|[a](s/a)|[b](s/b)|", ["s/a"]),  # cells without a column are not shown
        ("|a|\n|-|\n|x|[b](s/b)|", []),
        ("|\n|-|\n|[a](s/a)|", []),
        ("a\n-|-\na|b\n-|-\n[a](s/a)", []),  # nor is a second attempt in one paragraph
        ("|a|b|\n|-|\n|[a](s/a)|x|", []),  # as many delimiters as headings
        ("|a|\n|[a](s/a)|", []),
        ("|[a](s/a)|\n|-|", []),  # a header lists nothing
        ("a\n-\n[a](s/a)", []),  # a heading
        ("|a|\n|-|\n\n|[a](s/a)|", []),
        ("|a|\n|-|\n> |[a](s/a)|", []),
        ("|a|\n|-|\n    |[a](s/a)|", []),
        ("|a|\n|-|\n# |[a](s/a)|", []),
        ("|a|\n|-|\n- [a](s/a)", ["s/a"]),
        ("    |a|\n|-|\n|[a](s/a)|", []),
        ("|a|\n|-|\n|`[a](s/a)`|", []),
        ("|a|b|\n|-|-|\n|`x|[a](s/a)`|", ["s/a"]),  # pipes part cells, in code spans too
        ("|a|\n|-|\n|[a\\|b](s/a\\|b)|", ["s/a|b"]),
        ("|a|\n|-|\n|[a|b](s/a)|", []),
        ("|a|\n|-|\n|\\\\|[a](s/a)|", ["s/a"]),
        ("|a|\n|-|\n|![a](s/a) [b](s/b)|", ["s/b"]),
        ("|a|\n|-|\n| <!-- [a](s/a) --> |", []),
    ],
)
def test_tables(text: str, expected: list[str]) -> None:
    assert targets(text) == expected
    assert targets(text.replace("\n", "\r\n")) == expected
    assert targets(f"\ufeff{text}\n") == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[a](<s/a b>)", ["s/a b"]),
        ("[a](<s/a\\>b>)", ["s/a>b"]),
        ("[a](s/a%20b)", ["s/a b"]),
        ("[a](s/%C3%A9)", ["s/é"]),
        ("[a](s/%e9)", ["s/\udce9"]),
        ("[a](s/%zz%4)", ["s/%zz%4"]),
        ('[a](s/a "title")', ["s/a"]),
        ("[a](s/a 'ti\\'tle')", ["s/a"]),
        ("[a](s/a (title))", ["s/a"]),
        ("[a]( s/a )", ["s/a"]),
        ("[a](s/a#part)", ["s/a"]),
        ("[a](./s/a)", ["./s/a"]),
        ("[a](s/a(1).txt)", ["s/a(1).txt"]),
        ("[a](s/a\\(1.txt)", ["s/a(1.txt"]),
        ("[a](s/a&amp;b&#33;&#x21;&nope;)", ["s/a&b!!&nope;"]),
        ("[a](s/a?b)", ["s/a"]),
        ("[a](s/日本.txt)", ["s/日本.txt"]),
        ("[a \\] b](s/a)", ["s/a"]),
        ("[a [b] c](s/a)", ["s/a"]),
        ("[a `]` b](s/a)", ["s/a"]),
        ("[`a](s/x)` b](s/a)", ["s/a"]),
        ("[a](s/a) [b](s/b)", ["s/a", "s/b"]),
        ("[a ![i](i.png) b](s/a)", ["s/a"]),
        ("[a [b](s/b) c](s/c)", ["s/b"]),  # no link holds another
        ("![a](s/a)", []),
        ("\\![a](s/a)", ["s/a"]),
        ("\\[a](s/a)", []),
        ("`[a](s/a)`", []),
        ("`` ` [a](s/a) ``", []),
        ("\\`[a](s/a)`", ["s/a"]),
        ("``[a](s/a)`", ["s/a"]),
        ("<http://x/[a](s/a)>", []),
        ('<img alt="[a](s/a)"> [b](s/b)', ["s/b"]),
        ("a < b [a](s/a) > c", ["s/a"]),
        ("</b> [a](s/a)", ["s/a"]),
        ("[a] (s/a)", []),
        ("[a][s/a]", []),
        ("[a](s/a b)", []),
        ("[a](s/a", []),
        ('[a](s/a"title")', ['s/a"title"']),
        ("[a](<s/a)", []),
        ("[a](s/a))", ["s/a"]),
        ("[a](s/(a)", []),
        ("[a]()", []),
        ("[a](<>)", []),
        ("[a](http://x/seeds/a)", []),
        ("[a](mailto:x)", []),
        ("[a](//host/a)", []),
        ("[a](#part)", []),
        ("[a](C:/a)", ["C:/a"]),
    ],
)
def test_links(link: str, expected: list[str]) -> None:
    assert targets(f"- {link}\n") == expected
    assert targets(f"| a |\n|---|\n| {link} |\n") == expected
    assert targets(f"- words {link} words\n") == expected
    assert targets(f"- words\n  {link}\n  words\n") == expected


def test_link_may_go_on_in_the_next_line() -> None:
    assert targets("- [a\n  b](s/a\n  'title')") == ["s/a"]


def test_spans_are_those_of_target_text_and_row() -> None:
    text = (
        "\ufeff| a | é |\r\n|---|---|\r\n| x | [𝒂 `b`](<s/a b> 't') |\r\n- [n](s/n#f)\r\n  more\r\n"
    )
    manifest = parse_manifest(text)
    table, items = manifest.blocks
    (one,), (two,) = table.links, items.links
    assert text[one.start : one.end] == "s/a b"
    assert text[one.text_start : one.text_end] == "𝒂 `b`"
    assert text[slice(*manifest.row_span(table, one.line))] == "\r\n| x | [𝒂 `b`](<s/a b> 't') |"
    assert [text[a:b] for a, b in manifest.cells(one.line)] == [" x ", " [𝒂 `b`](<s/a b> 't') "]
    assert text[two.start : two.end] == "s/n#f"
    assert text[slice(*manifest.row_span(items, two.line))] == "\r\n- [n](s/n#f)\r\n  more"
    assert manifest.newline == "\r\n"
    assert isinstance(table, Table)
    assert table.columns == ("a", "é")


def test_blocks() -> None:
    text = dedent("""\
        # Index

        | A | B |
        |---|---|
        | [a](a) | |
        | none | |

        text
        - [b](b)
          - [c](c)

            more
          - [d](d)
        - [e](e)
        * [f](f)

        1. [g](g)

        2. [h](h) [i](i)
           lazy
        and lazier
        """)
    manifest = parse_manifest(text)
    assert shape(manifest) == [
        "table 3-6 5:a",
        "list - 9-14 9:b 14:e",
        "list - 10-13 10:c 13:d",
        "list * 15-15 15:f",
        "list . 17-21 17:g 19:h 19:i",
    ]
    outer, inner, _, numbers = manifest.blocks[1:]
    assert isinstance(outer, Items)
    assert isinstance(inner, Items)
    assert isinstance(numbers, Items)
    assert (outer.row_end(8), outer.nests, outer.loose) == (12, {8}, False)
    assert (inner.row_end(9), inner.nests, inner.loose) == (11, set(), False)
    assert (numbers.row_end(18), numbers.loose) == (20, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n```\nb", 2),
        ("a\n```\nb\n```\n", None),
        ("<!-- a\n- [b](b)\n", 0),
        ("- a\n  ```\n  b", None),  # whatever stands further left closes it
        ("\ufeff~~~", 1),
    ],
)
def test_unclosed_code_or_comment_is_known(text: str, expected: int | None) -> None:
    assert parse_manifest(text).unclosed == expected


def test_only_newlines_end_lines() -> None:
    text = "- [a](s/a)\x0b\x0c\x1c\x85\u2028- [b](s/b)\n"
    assert targets(text) == ["s/a", "s/b"]
    assert [link.line for link in parse_manifest(text).links()] == [0, 0]


def test_lists_may_nest_deeply() -> None:
    assert targets("".join(f"{'  ' * n}- [a](s/{n})\n" for n in range(30))) == [
        f"s/{n}" for n in range(30)
    ]
    assert targets("- " * 60 + "[a](s/a)") == ["s/a"]
    assert targets("- " * 5000 + "[a](s/a)") == ["s/a"]


# Every text, and texts made to be slow.

_PIECES = st.sampled_from(
    [
        *("- ", "* ", "1. ", "  ", "    ", "\t", "[", "]", "](", "(", ")", "<", ">", "<!--", "-->"),
        *("`", "``", "```", "~~~", "\\", "|", "#", "!", "&amp;", "%20", "%", '"', "'", ":", "//"),
        *("\n", "\n\n", "\r\n", "\r", "---", ":-:", "===", "| a | b |\n|---|---|\n"),
        *("a", "s/a", "[a](s/a)", "[a](<s/a b>)", "é", "\ufeff", "\0", "\x85", "\u2028"),
        *("\udcff", "\ud800"),
    ]
)
_TEXTS = st.one_of(st.text(), st.lists(_PIECES, max_size=60).map("".join))


@given(_TEXTS)
def test_every_text_parses(text: str) -> None:
    manifest = parse_manifest(text)
    starts = [block.first for block in manifest.blocks]
    assert starts == sorted(starts)
    for block in manifest.blocks:
        assert 0 <= block.first <= block.last < len(manifest.starts)
        at = -1
        for link in block.links:
            assert block.first <= link.line <= block.row_end(link.line) <= block.last
            first, end = manifest.row_span(block, link.line)
            assert first <= link.text_start <= link.text_end < link.start <= link.end <= end
            assert at < link.start
            at = link.start
            assert decode_target(text[link.start : link.end], cell=isinstance(block, Table)) == (
                link.target
            )


_ROWS = st.lists(_PIECES.filter(lambda piece: not {"\n", "\r"} & set(piece)), max_size=12)


@given(_ROWS.map("".join))
def test_simple_rows_are_read_as_any_others(row: str) -> None:
    """Rows of one link are read in a quicker way, which must not read them otherwise."""
    text = f"| a |\n|---|\n|{row}|"
    careful = [
        link[4]
        for start, end in cell_spans(text, 12, len(text))
        for link in links_in(text, start, end, {}, cell=True)
    ]
    assert targets(text) == careful
    start = "- [x](y)\n- "  # the first item is read in the slow way, those after it in the quick
    text = f"{start}[{row}"
    careful = [link[4] for link in links_in(text, len(start), len(text), {})]
    assert targets(text) == ["y", *careful]


@given(st.lists(st.sampled_from(["a", " ", "|", "\\|", "\\", "`", "é", "\t"])).map("".join))
def test_cells_are_what_stands_between_pipes(row: str) -> None:
    bare = row.strip(" \t")
    bare = re.sub(r"(?<!\\)\|\Z", "", bare.removeprefix("|"))
    cells = [row[start:end] for start, end in cell_spans(row, 0, len(row))]
    assert cells == ([] if row.strip(" \t") == "|" else re.split(r"(?<!\\)\|", bare))


@pytest.mark.parametrize("before", ["", "- ", "- [a", "| a |\n|---|\n| "], ids=repr)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "[",
            "]",
            "](",
            "[](",
            "`",
            "|",
            "<",
            "<!--",
            "<a b=",
            "\\",
            "- ",
            "1. ",
            "#",
            ">",
            "%e3",
        ),
        *(
            '[](a "',
            "[](a '",
            "[](<",
            "![",
            "[a](b) ",
            "&#",
            "\n",
            "\r",
            "- \n",
            "|\n",
            "|-\n",
            "a\n-|-\n",
        ),
        *("-|", "\t", "- [a](b)\n", "```\n", "-->", "<pre>\n", "* * *\n", "  "),
    ],
    ids=repr,
)
def test_hostile_texts_are_parsed_in_time(before: str, piece: str) -> None:
    """Nothing is asserted of time, but a quadratic parser would not come to an end."""
    parse_manifest(before + piece * (cases(1500) // len(piece)))


def test_hostile_nesting_is_parsed_in_time() -> None:
    parse_manifest("".join(f"{' ' * (2 * n)}- a\n" for n in range(500)) + "lazy\n" * cases(800))
    parse_manifest("- " * 64 + "a\n" + "b\n" * cases(800))
    parse_manifest("- [" + " ".join("`" * (n % 700 + 1) for n in range(2_000)))


# Targets and texts.

_NAMES = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1),
    st.binary(min_size=1).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.text("ab ()<>[]{}|\\%#?&;:!`'\"*_~+.,\u202e\u00a0\u3000\u200bא日é\udce9", min_size=1),
)
_PATHS = (
    st.lists(_NAMES, min_size=1, max_size=3)
    .map(lambda parts: "/".join(part.replace("/", "-") for part in parts))
    .filter(lambda path: not {"", ".", ".."} & set(path.split("/")))
)


@given(_PATHS, st.sampled_from(["- %s\n", "| a |\n|---|\n| %s |\n", "x|y\n-|-\n%s|y\n"]))
def test_every_path_can_be_linked_to(path: str, row: str) -> None:
    target = encode_target(path)
    assert not is_elsewhere(target)
    assert decode_target(target) == path
    assert targets(row % f"[a]({target})") == [path]
    assert targets(row % f"[a](<{target}>)") == [path]


@given(_PATHS, st.one_of(st.just(""), _PATHS.map(lambda path: f"{path}/")))
def test_relative_paths_resolve(path: str, base: str) -> None:
    if not re.match(r"/|[A-Za-z]:", relative(base, path)):
        assert resolve(base, relative(base, path)) == path


@pytest.mark.parametrize(
    ("base", "target", "expected"),
    [
        ("", "s/a", "s/a"),
        ("", "./s//./a/", "s/a"),
        ("x/", "a", "x/a"),
        ("x/y/", "../../s/a", "s/a"),
        ("x/y/", "../../../s/a", None),
        ("", "s/../../a", None),
        ("", "s/..", ""),
        ("", "/s/a", None),
        ("", "c:s", None),
        ("", "s\\a", "s\\a"),
    ],
)
def test_resolve(base: str, target: str, expected: str | None) -> None:
    assert resolve(base, target) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("seeds/a-b_c.txt", "seeds/a-b_c.txt"),
        ("a b(1).txt", "a%20b%281%29.txt"),
        ("100%#?.txt", "100%25%23%3F.txt"),
        ("<a>|[b]\\`", "%3Ca%3E%7C%5Bb%5D%5C%60"),
        ("日本/é/א.txt", "日本/é/א.txt"),
        ("a\udce9\u202e\x1b", "a%E9%E2%80%AE%1B"),
        ("a:b/c:d", "a%3Ab/c:d"),
    ],
)
def test_encode_target(path: str, expected: str) -> None:
    assert encode_target(path) == expected


@given(_NAMES)
def test_every_text_can_be_written(value: str) -> None:
    text = escape_text(value)
    assert plain_text(text) == plain_text(text, cell=True) == tidy(value)
    assert targets(f"- [{text}](s/a)") == ["s/a"]
    assert targets(f"| a | b |\n|---|---|\n| [{text}](s/a) | {text} |") == ["s/a"]
    text.encode("utf-8")
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", text)


@given(_NAMES.map(tidy).filter(bool))
def test_guarded_text_starts_no_block(value: str) -> None:
    text = guard_start(escape_text(value))
    assert plain_text(text) == value
    assert targets(f"a|b\n-|-\n{text}|[b](s/b)\n") == ["s/b"]
    (table,) = parse_manifest(f"a|b\n-|-\n{text}|[b](s/b)\n").blocks
    assert table.last == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a | b", "a \\| b"),
        ("[a] `b` <c>", "\\[a\\] \\`b\\` \\<c>"),
        ("a\\b", "a\\\\b"),
        ("a &amp; b & c", "a \\&amp; b & c"),
        ("a\n\t b", "a b"),
        ("a\x1b\u202eb", "a&#x1B;&#x202E;b"),
        ("a\x00\udcffb", "a\ufffd\ufffdb"),
        ("*a* _b_ #c a_b ~c~", "\\*a\\* \\_b\\_ #c a_b \\~c\\~"),
    ],
)
def test_escape_text(value: str, expected: str) -> None:
    assert escape_text(value) == expected
