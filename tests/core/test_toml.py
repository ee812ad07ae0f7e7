"""Key spans against documents that were generated with their positions known."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.toml import KeyPath, TomlFile, TomlSyntaxError
from support.corpora import more


class Writer:
    """Writes a random TOML document and notes where it puts each key and array item."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.text = ""
        self.spans: dict[KeyPath, tuple[int, int]] = {}
        self.newline = draw(st.sampled_from(["\n", "\r\n"]))
        self.serial = 0

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def name(self) -> str:
        """A key that no table has yet, some of them odd."""
        self.serial += 1
        return f"k{self.serial}" + self.pick(
            "", "", "-", "_x", " y", ".z", "é", '"', "'", "\t", "]", "#", "="
        )

    def key(self, name: str) -> str:
        forms = [json.dumps(name)]
        if re.fullmatch(r"[A-Za-z0-9_-]+", name):
            forms += [name] * 3
        if "'" not in name:
            forms.append(f"'{name}'")
        return self.pick(*forms)

    def space(self) -> None:
        self.text += self.pick("", "", " ", "\t ")

    def blank(self) -> None:
        self.text += self.pick(
            "", self.newline, f"  # a [comment] = 'x' \"{self.newline}", f" \t{self.newline}"
        )

    def note(self, path: KeyPath, start: int) -> None:
        self.spans.setdefault(path, (start, len(self.text)))

    def dotted(self, table: KeyPath, names: list[str]) -> KeyPath:
        for position, name in enumerate(names):
            if position:
                self.space()
                self.text += "."
                self.space()
            start = len(self.text)
            self.text += self.key(name)
            table += (name,)
            self.note(table, start)
        return table

    def pair(self, table: KeyPath, depth: int, *prefix: str) -> None:
        names = [*prefix, *(self.name() for _ in range(self.pick(1, 1, 2, 3)))]
        path = self.dotted(table, names)
        self.space()
        self.text += "="
        self.space()
        self.value(path, depth)

    def value(self, path: KeyPath, depth: int) -> None:
        kinds = ["scalar"] * 4 + (["array", "inline"] if depth else [])
        kind = self.pick(*kinds)
        if kind == "scalar":
            nl = self.newline
            self.text += self.pick(
                "1",
                "0x1F",
                "1_000",
                "3.14e-2",
                "true",
                "inf",
                "1979-05-27",
                "1979-05-27 07:32:00.5",
                "1979-05-27T07:32:00Z",
                '""',
                r'"a\"b\\"',
                '"# [x] = 1, }"',
                "''",
                "'it # = ]'",
                '""""""',
                f'"""{nl}a = 1{nl}""{nl}"""',
                '""""quoted"""""',
                r'"""\""" x"""',
                f'"""a \\{nl}   b"""',
                "''''''",
                f"'''{nl}[t]{nl}k = 2'''",
                "'''''q'''''",
                "'''\\'''",
            )
        elif kind == "array":
            self.text += "["
            count = self.pick(0, 1, 2, 3)
            for index in range(count):
                self.blank()
                self.space()
                start = len(self.text)
                self.value((*path, index), depth - 1)
                self.note((*path, index), start)
                self.space()
                self.blank()
                if index < count - 1 or self.pick(True, False):
                    self.text += ","
            self.blank()
            self.text += "]"
        else:
            self.text += "{"
            self.space()
            for index in range(self.pick(0, 1, 2)):
                self.text += "," if index else ""
                self.space()
                self.pair(path, depth - 1)
                self.space()
            self.text += "}"

    def pairs(self, table: KeyPath) -> None:
        for _ in range(self.pick(0, 1, 2)):
            self.blank()
            self.space()
            shared = self.name() if self.pick(True, False) else None
            self.pair(table, 2, *([shared] if shared else []))
            self.text += self.pick("", " ", " # x = 1") + self.newline
            if shared:
                self.pair(table, 1, shared)
                self.text += self.newline

    def header(self, names: list[str], path: KeyPath, brackets: int, known: list[KeyPath]) -> None:
        start = len(self.text)
        self.text += "[" * brackets
        for position, name in enumerate(names):
            self.space()
            self.text += ("." if position else "") + self.pick("", " ") + self.key(name)
        self.space()
        self.text += "]" * brackets
        for each in known:
            self.note(each, start)
        self.text += self.pick("", " # [no]") + self.newline
        self.pairs(path)

    def document(self) -> str:
        self.pairs(())
        for _ in range(self.pick(0, 1, 2, 3)):
            self.blank()
            name, inner = self.name(), self.name()
            kind = self.pick("table", "nested", "array")
            if kind == "table":
                self.header([name], (name,), 1, [(name,)])
            elif kind == "nested":
                path = (name, inner)
                self.header([name, inner], path, 1, [(name,), path])
            else:
                for number in range(self.pick(1, 2)):
                    at = (name, number)
                    self.header([name], at, 2, [(name,), at])
                    if self.pick(True, False):
                        self.header([name, inner], (*at, inner), 1, [(*at, inner)])
                    else:
                        for row in range(self.pick(0, 1, 2)):
                            below = (*at, inner)
                            self.header([name, inner], (*below, row), 2, [below, (*below, row)])
        self.text += self.pick("", "# the end", "\t")
        return self.text


@st.composite
def documents(draw: Any) -> tuple[str, dict[KeyPath, tuple[int, int]]]:
    writer = Writer(draw)
    return writer.document(), writer.spans


def paths_of(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    """Every path of a parsed document."""
    if isinstance(value, dict):
        return [
            p for key, each in value.items() for p in [(*path, key), *paths_of(each, (*path, key))]
        ]
    if isinstance(value, list):
        return [
            p for i, each in enumerate(value) for p in [(*path, i), *paths_of(each, (*path, i))]
        ]
    return []


@given(documents())
@more(4)
def test_every_key_of_a_generated_document_has_its_span(
    document: tuple[str, dict[KeyPath, tuple[int, int]]],
) -> None:
    text, spans = document
    file = TomlFile(text)
    assert file.values == tomllib.loads(text)
    assert {path: file.span(path) for path in spans} == spans
    assert set(paths_of(file.values)) == set(spans)


def spanned(text: str, *path: str | int) -> str | None:
    span = TomlFile(text).span(path)
    return None if span is None else text[span[0] : span[1]]


def test_span_of_keys_headers_and_items() -> None:
    text = 'a.b = [1 , "two"]\n[t."x y"] # c\nkey = {q = {r = 3}}\n[[s]]\nn = 1\n[[s]]\nn = 2\n'
    assert spanned(text, "a") == "a"
    assert spanned(text, "a", "b") == "b"
    assert spanned(text, "a", "b", 0) == "1"
    assert spanned(text, "a", "b", 1) == '"two"'
    assert spanned(text, "t") == '[t."x y"]'
    assert spanned(text, "t", "x y", "key", "q", "r") == "r"
    assert spanned(text, "s") == "[[s]]"
    assert TomlFile(text).span(("s", 1)) == (text.rindex("[[s]]"), text.rindex("[[s]]") + 5)
    assert TomlFile(text).span(("s", 1, "n")) == (text.rindex("n = 2"), text.rindex("n = 2") + 1)


def test_a_path_that_is_not_there_has_the_span_of_what_encloses_it() -> None:
    text = "[file]\nname = 'x'\n"
    assert spanned(text, "file", "missing", "deeper") == "[file]"
    assert spanned(text, "file", "name", 3) == "name"
    assert spanned(text, "other") is None
    assert spanned("", "anything") is None


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a = \n", 1, 5, "a value is missing"),
        ("a = 1\r\nb = 2\r\nc = ]\r\n", 3, 5, "a value is missing"),
        ("a = 1\na = 2\n", 2, 1, "the key or table is there twice"),
        ("a = [1,\n", 2, 1, "a value is missing"),
        ("é = 1", 1, 1, "neither a key nor a table begins here"),
        ("a = 1\r", 1, 6, "a line ends with a carriage return alone"),
        ("a = 1\n  a = [\n  2,\n]\n", 2, 3, "the key or table is there twice"),
        ("[a]\n[a]\n", 2, 1, "the table `a` is there twice, or was made in another way before"),
        ("a = '''x", 1, 9, "a string is not closed"),
    ],
)
def test_syntax_errors_have_line_and_column(
    text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(TomlSyntaxError) as caught:
        TomlFile(text)
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)


def test_a_number_that_python_refuses_is_a_syntax_error() -> None:
    with pytest.raises(TomlSyntaxError) as caught:
        TomlFile(f"a = {'9' * 5000}\n")
    assert caught.value.message == "a number is too long"


@pytest.mark.parametrize("opening", ["[", "{a=", "[{a=["])
def test_deep_nesting_is_a_syntax_error(opening: str) -> None:
    with pytest.raises(TomlSyntaxError) as caught:
        TomlFile("a = " + opening * 20_000)
    assert caught.value.message == "values are nested too deeply"


def test_nesting_that_tomllib_bears_costs_at_worst_the_spans() -> None:
    for depth in range(100, 500, 25):
        text = "a = " + "[" * depth + "]" * depth
        try:
            file = TomlFile(text)
        except TomlSyntaxError:
            break
        assert file.span(("a", 0)) in ((5, len(text) - 1), None)


FRAGMENTS = [
    "a",
    "b.c",
    "=",
    " ",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "\n",
    "\r\n",
    "\r",
    '"',
    "'",
    '"""',
    "'''",
    "\\",
    "#",
    "1",
    "1e",
    "true",
    "1979-13-45",
    "0x",
    "\x00",
    "é",
    "\u2028",
    "a = 1\n",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join) | st.text())
@more(7)
def test_any_text_parses_or_raises_toml_syntax_error(text: str) -> None:
    try:
        file = TomlFile(text)
    except TomlSyntaxError as error:
        assert 1 <= error.line <= text.count("\n") + 1
        assert error.column >= 1
        assert error.message[:1] == error.message[:1].lower()
        assert error.help
        return
    for path in paths_of(file.values):
        span = file.span(path)
        assert span is not None
        assert 0 <= span[0] <= span[1] <= len(text)
