"""INDEX.md is read as CommonMark: compared with markdown-it-py, in all constructs and at random.

The random texts are many more by hand:
SEEDKIT_MARKDOWN_TEXTS=200000 pytest tests/manifest/test_markdown.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.manifest.rows import link_to
from seedkit.manifest.target import escape_text, tidy
from support.markdown_oracle import Rows, markdown_it_rows, missing, our_rows
from support.markdown_texts import random_text

TEXTS = int(os.environ.get("SEEDKIT_MARKDOWN_TEXTS", "3000"))

# Random texts that markdown-it-py alone reads differently: cmark-gfm and comrak, at least, read
# them as we do. Most have an HTML tag or a definition in a line that continues a paragraph.
ALONE = frozenset(
    (35, 195, 256, 287, 297, 409, 724, 816, 1148, 1157, 1184, 1266, 1299, 1318, 1576, 1647, 1892,
     1893, 1957, 2029, 2035, 2172, 2253, 2446, 2518, 2558, 2752, 2823, 2831, 2864)
)  # fmt: skip


def item(text: str) -> str:
    return "- " + text.rstrip("\n").replace("\n", "\n  ") + "\n"


def numbered(text: str) -> str:
    return "12. " + text.rstrip("\n").replace("\n", "\n    ") + "\n"


def quoted(text: str) -> str:
    return "> " + text.rstrip("\n").replace("\n", "\n> ") + "\n"


def second(text: str) -> str:
    return "- x\n\n  " + text.rstrip("\n").replace("\n", "\n  ") + "\n"


PLACES: list[Callable[[str], str]] = [
    str,
    item,
    numbered,
    quoted,
    second,
    lambda text: item(item(text)),
    lambda text: item(quoted(text)),
    lambda text: quoted(item(text)),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # references
        ("- [a][ref]\n\n[ref]: s/a\n", [(0, "s/a", "a")]),
        ("- [a][]\n\n[a]: s/a\n", [(0, "s/a", "a")]),
        ("- [a]\n\n[A]: <s/a b>\n", [(0, "s/a b", "a")]),
        ("- [a]\n\n[a]: s/a\n[a]: s/b\n", [(0, "s/a", "a")]),
        ("- [a]\n\n[a]:\ns/a\n'title'\n", [(0, "s/a", "a")]),
        ("- [a]\n\n[b]: s/a\n", []),
        ("- [a]\n\ntext\n[a]: s/a\n", []),  # no definition interrupts a paragraph
        ("- [a]\n\n> [a]: s/a\n", [(0, "s/a", "a")]),
        ("| x |\n|---|\n| [a][r] |\n\n[r]: s/a\n", [(2, "s/a", "a")]),
        # queries and fragments
        ("- [a](s/a?raw=1#top)\n", [(0, "s/a", "a")]),
        ("- [a](s/a%3Fb)\n", [(0, "s/a?b", "a")]),
        # HTML blocks
        ("<div>\n- [a](s/a)\n</div>\n", []),
        ("<div>\n\n- [a](s/a)\n", [(2, "s/a", "a")]),
        ("<b>\n- [a](s/a)\n", []),
        ("<b> x\n- [a](s/a)\n", [(1, "s/a", "a")]),
        ("<!-- x\n\n- [a](s/a)\n-->\n", []),
        ("<script>\n\n- [a](s/a)\n</script>\n- [b](s/b)\n", [(4, "s/b", "b")]),
        ("- <pre>\n  [a](s/a)\n  </pre>\n", []),
        # containers
        ("- ># x\n  [a](s/a)\n", [(0, "s/a", "a")]),
        ("- > x\n  [a](s/a)\n", []),
        ("- x\n\n  ```\n  [a](s/a)\n  ```\n\n  [b](s/b)\n", [(0, "s/b", "b")]),
        # texts
        ("- [*a* `b` \\[c\\] &amp; ![d](e)](s/a)\n", [(0, "s/a", "a b [c] & d")]),
        ("- [a [b](s/b) c](s/c)\n", [(0, "s/b", "b")]),
        ("- ``x`y`[`a`](s/a)\n", [(0, "s/a", "a")]),  # cmark-gfm and comrak show backticks
        # no links
        ("- [a](s/a b)\n", []),
        ("- `[a](s/a)`\n", []),
        ("- \\[a](s/a)\n", []),
    ],
)
def test_what_lists_a_seed(text: str, expected: Rows) -> None:
    assert our_rows(text) == expected
    for place in PLACES:
        assert our_rows(place(text)) == markdown_it_rows(place(text)), place(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [a]: s/a\n [b]: s/b\n\n- [b]\n", []),
        ("- [a]: s/a\n[b]: s/b\n\n- [b]\n", [(3, "s/b", "b")]),
        ("- [a]: s/a\n  [b]: s/b\n\n- [b]\n", [(3, "s/b", "b")]),
        ("- [b]:\n s/b\n\n- [b]\n", [(3, "s/b", "b")]),
    ],
)
def test_definitions_in_lines_that_lazily_go_on(text: str, expected: Rows) -> None:
    """As cmark-gfm and comrak read them, and so GitHub; markdown-it-py reads the first, too."""
    assert our_rows(text) == expected


@pytest.mark.parametrize("blanks", ["", " ", "  "])
def test_what_goes_on_lazily_may_look_like_code(blanks: str) -> None:
    """As cmark-gfm, comrak and marko read it; markdown-it-py finds a code block."""
    text = f"   10. - x\n   {blanks} + [a](s/a)\n"
    assert our_rows(text) == [(0, "s/a", "a")]


def test_random_texts_are_read_as_others_read_them() -> None:
    alone = [number for number in range(TEXTS) if any(compared(random_text(Random(number))))]
    assert [number for number in alone if number < 3000 and number not in ALONE] == []


def compared(text: str) -> tuple[Rows, Rows]:
    return missing(our_rows(text), markdown_it_rows(text))


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12
) | st.text(st.sampled_from("*_[]()`<>&;~\\|#!a. %é-+1"), min_size=1, max_size=12)


@given(names)
def test_links_that_are_written_read_back(name: str) -> None:
    path = f"seeds/{name}"
    link = link_to("INDEX.md", path, escape_text(name))
    for text in (f"- {link}\n", f"| Seed |\n|---|\n| {link} |\n"):
        ((_, target, said),) = our_rows(text)
        assert (target, said) == (path, tidy(name))
        assert our_rows(text) == markdown_it_rows(text)
