"""Corpora with faults of every kind that a fix is offered for, many at once, as strategies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from hypothesis import strategies as st

from seedkit.core.rules import RULES
from seedkit.formats.load import builtin_names
from support.places import DATA

FIXABLE = tuple(rule.name for rule in RULES.values() if rule.fixable)
EXAMPLES = DATA / "formats"

# A format with cells in quotes, which no built-in format has.
TABLE = (
    '[[section]]\nname = "rows"\ncontent = "rows"\ncolumns = 2\nseparator = ","\nrepeats = false\n'
)
FORMATS = (*builtin_names(), "table")
NAMES = ("a.txt", "b c.txt", "\u00e9.txt", "n(1.txt", "_u_.txt", "Z.md")
NASTY = (
    "\ufeff", "\r", "\r\n", "\n", "\r\r\n", "\x00", " ", "\t", "  \n", "e\u0301", "\u200b",
    "\u2028", "\x85", "a", "b c", '"', '1,"a\nb"', ",", "日本", "-- \n", "\udcff", "<<<<<<< a\n",
)  # fmt: skip
DELIMITERS = (
    "%\n", "% \n", "---\n", "--- \r\n", "--TEST--\n", "--EXPECT--\r\n", "# ", "> ", "- ", "`",
    ".I 1\n", ".W\n", ".w\n", "<DOC>\n", "</DOC>\n", "<TITLE>", "From a Mon Jan  1 00:00:00 2024\n",
    "A: ", "Q: ", "1\n", "-- a.txt --\n", "-- a.txt --  \n", "<|endoftext|>", "k: v\n", "x: \n",
)  # fmt: skip
_LINE_END = re.compile(r"\r\n|\n|\Z")


@cache
def examples(name: str) -> tuple[str, ...]:
    """Return good texts of a format."""
    if name == "table":
        return ('1,a\n2,"b\nc"\n', "1,a\r\n2,b\r\n", '1,"a ""b""\r\nc"\n')
    paths = sorted((EXAMPLES / name).glob("good-*"))
    return tuple(path.read_bytes().decode("utf-8", "surrogateescape") for path in paths)


def _at(text: str, number: int, new: str, old: str = "") -> str:
    """Insert at the end of a line, before what ends it; or in the place of what ends it."""
    ends = list(_LINE_END.finditer(text))
    end = ends[number % len(ends)]
    return text[: end.start()] + new + text[end.end() if old else end.start() :]


def _other_newline(text: str, number: int) -> str:
    ends = [match for match in _LINE_END.finditer(text) if match[0]]
    if not ends:
        return text
    end = ends[number % len(ends)]
    return text[: end.start()] + ("\n" if end[0] == "\r\n" else "\r\n") + text[end.end() :]


EDITS: Mapping[str, Callable[[str, int], str]] = {
    "mark": lambda text, number: "\ufeff" * (1 + number % 3) + text,
    "newline": _other_newline,
    "newlines": lambda text, _: re.sub(r"\r?\n", "\r\n", text),
    "doubled": lambda text, number: _at(text, number, "\r\r\n", "newline"),
    "return": lambda text, number: _at(text, number, "\r"),
    "cut": lambda text, _: text.rstrip("\r\n"),
    "end": lambda text, _: f"{text}\n",
    "apart": lambda text, number: _at(text, number, "e\u0301"),
    "blank": lambda text, number: _at(text, number, (" ", "\t", "  ")[number % 3]),
    "nasty": lambda text, number: _at(text, number // 40, (*NASTY, *DELIMITERS)[number % 40]),
}

# What makes a finding likely: of the format's `[file]`, and done to a text.
_TEXT: Mapping[str, tuple[dict[str, str], str]] = {
    "text/bom": ({"bom": "forbid"}, "mark"),
    "text/mixed-newlines": ({}, "newline"),
    "text/stray-carriage-return": ({}, "doubled"),
    "text/wrong-newline": ({"newline": "lf"}, "newlines"),
    "text/missing-final-newline": ({"final_newline": "require"}, "cut"),
    "text/unwanted-final-newline": ({"final_newline": "forbid"}, "end"),
    "text/not-nfc": ({"normalization": "nfc"}, "apart"),
    "text/trailing-whitespace": ({"trailing_whitespace": "forbid"}, "blank"),
}
# How a seed is listed.
_ROWS = {
    "index/unlinked-index": "below",
    "index/unlisted-seed": "not",
    "index/not-a-link": "bare",
    "index/not-a-row": "well",
    "index/renamed-seed": "moved",
    "index/listed-twice": "twice",
    "index/wrong-spelling": "case",
    "index/path-escapes": "absolute",
}
WAYS = ("well", *_ROWS.values(), "backslash", "above", "reference", "label", "code", "two", "link")
COLUMNS = ("title", "bytes", "sha256", "records", "format", "Licence")


class Seed(NamedTuple):
    """A seed to be written, and how INDEX.md lists it."""

    format: str
    name: str
    text: str
    way: str
    cells: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its path in the corpus."""
        return f"seeds/{self.format}/{self.name}"

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return self.text.encode("utf-8", "surrogateescape")


@st.composite
def texts_of(draw: st.DrawFn, name: str, first: str | None = None) -> str:
    """A good text of a format, or a random one, with edits; with one for sure, few others."""
    texts = st.sampled_from(examples(name))
    if first is None:
        pieces = st.lists(st.sampled_from((*NASTY, *DELIMITERS)), max_size=8)
        texts |= pieces.map("".join)
    text = draw(texts)
    edit = st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 400))
    edits = draw(st.lists(edit, max_size=3 if first is None else 1))
    if first is not None:
        edits.append((first, draw(st.integers(0, 9))))
    for name, number in edits:
        text = EDITS[name](text, number)
    return text


def _files(wanted: Mapping[str, str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "newline": st.sampled_from(["lf", "crlf", "any"]),
            "final_newline": st.sampled_from(["require", "forbid", "any"]),
            "normalization": st.sampled_from(["nfc", "any"]),
            "trailing_whitespace": st.sampled_from(["allow", "forbid"]),
            "bom": st.sampled_from(["allow", "forbid"]),
        },
    ).map(lambda drawn: {**drawn, **wanted})


def _schema(name: str, file: Mapping[str, str]) -> str:
    head = f'files = ["seeds/{name}/**"]\n'
    settings = "[file]\n" + "".join(f'{key} = "{value}"\n' for key, value in file.items())
    if name == "table":
        return head + settings + TABLE
    return f'extends = "builtin:{name}"\n{head}{settings}'


def _value(column: str, seed: Seed, state: str) -> str:
    """What a cell says."""
    if state == "empty":
        return ""
    digest = hashlib.sha256(seed.data).hexdigest()
    right = {"bytes": str(len(seed.data)), "sha256": digest, "format": seed.format, "records": "1"}
    if state == "short":
        return right.get(column, "A tale")[:8]
    wrong = {"bytes": "7", "sha256": "0" * 8, "format": "`x`", "records": "1,234"}
    return (wrong if state == "wrong" else right).get(column, "Zebra")


def _links(seed: Seed, number: int) -> tuple[list[str], str]:
    """The links to a seed, one a row, and the definition that they need."""
    path, text = seed.path, seed.name.replace("_", "\\_")
    good = quote(path)
    folder, _, name = path.rpartition("/")
    links = {
        "well": [f"[{text}]({good})"],
        "not": [],
        "below": [],
        "bare": [f"[{text}]({path})"],
        "moved": [f"[gone-{'abcd'[number]}.txt](seeds/gone-{'abcd'[number]}.txt)"],
        "twice": [f"[{text}]({good})", f"[again](./{good}#x)"],
        "case": [f"[{text}]({quote(f'{folder}/{name.swapcase()}')})"],
        "absolute": [f"[{text}](</home/ada/{path}>)"],
        "backslash": ["[{}](<{}>)".format(text, path.replace("/", "\\"))],
        "above": [f"[{text}](../../{good})"],
        "reference": [f"[{text}][r{number}]"],
        "label": [f"[r{number}]"],
        "two": [f"[{text}]({path}) and [a]({good})"],
        "link": [f"see [a]({good}) and [b](seeds/b c.txt)"],
        "code": [f"[`{seed.name}`]({good})"],
    }[seed.way]
    definition = f"[r{number}]: {good}" if seed.way in ("reference", "label") else ""
    return links, definition


@st.composite
def indexes(draw: st.DrawFn, wanted: str, seeds: list[Seed]) -> bytes | None:
    """Return an INDEX.md for the seeds, None for none."""
    if wanted == "index/missing-index":
        return None
    columns = draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=4))
    if wanted == "index/renamed-seed" and "sha256" not in columns:
        columns.append("sha256")
    if wanted == "index/wrong-value" and "bytes" not in columns:
        columns.append("bytes")
    rows: list[tuple[str, list[str]]] = []
    definitions: list[str] = []
    for number, seed in enumerate(seeds):
        links, definition = _links(seed, number)
        definitions += [definition] if definition else []
        for link in links:
            states = [seed.cells[at % len(seed.cells)] for at in range(len(columns))]
            if seed.way == "moved":
                states = ["right"] * len(columns)
            if wanted == "index/wrong-value" and number == 0:
                states = ["wrong"] * len(columns)
            cells = [_value(*each) for each in zip(columns, [seed] * 9, states, strict=False)]
            rows.append((link, cells))
    below = {seed.format for seed in seeds if seed.way == "below"}
    if wanted != "index/unlinked-index":
        linked = sorted(name for name in below if draw(st.booleans()))
        rows += [(f"[{name}](seeds/{name}/INDEX.md)", [""] * len(columns)) for name in linked]
    gone = draw(st.integers(0, 2)) or (1 if wanted == "index/dangling-entry" else 0)
    rows += [(f"[lost](seeds/lost-{name}.txt)", [""] * len(columns)) for name in "ab"[:gone]]
    rows = draw(st.permutations(rows))
    short = draw(st.booleans())  # a row without the last cells
    list_from = draw(st.integers(0, 9))
    apart = wanted == "index/not-a-row"  # a blank line is in the table
    if apart:
        short, list_from = False, 9
    lines = draw(st.sampled_from([[], ["# Seeds", ""], ["# Seeds", "", "Prose, and `code`. ", ""]]))
    lines = [*lines]
    as_table, as_list = rows[:list_from], rows[list_from:]
    if columns or as_table:
        head = ["seed", *columns]
        lines += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
        gap = draw(st.integers(0, len(as_table))) if apart else -1
        for at, (link, cells) in enumerate(as_table):
            lines += [""] if at == gap else []
            cells = cells[: len(cells) // 2] if short else cells
            lines.append(f"| {' | '.join([link, *cells])} |")
        lines += [""]
    mark = draw(st.sampled_from(["- ", "* ", "1. ", "  - "]))
    lines += [f"{mark}{link}" for link, _ in as_list]
    lines += ["", *definitions] if definitions else []
    lines += draw(st.sampled_from([[], ["", "More prose."], ["", "```", "- [x](seeds/x)", "```"]]))
    text = "\n".join(lines) + draw(st.sampled_from(["\n", "", "\n\n"]))
    newlines = draw(st.sampled_from(["\n", "\n", "\r\n", "mixed"]))
    if newlines == "mixed":
        text = _other_newline(text, draw(st.integers(0, 9)))
    else:
        text = text.replace("\n", newlines)
    marks = draw(st.integers(0, 2)) or (1 if wanted == "index/index-bom" else 0)
    return ("\ufeff" * marks + text).encode("utf-8", "surrogateescape")


class Corpus(NamedTuple):
    """The files of a corpus, the format of each seed, and which findings a baseline accepts."""

    files: Mapping[str, str | bytes]
    seeds: Mapping[str, str]
    accepted: tuple[bool, ...]


@st.composite
def corpora(draw: st.DrawFn, wanted: str) -> Corpus:
    """Return a corpus with faults, in which a finding of the wanted rule is likely."""
    names = draw(st.lists(st.sampled_from(FORMATS), min_size=1, max_size=3, unique=True))
    settings, edit = _TEXT.get(wanted, ({}, None))
    sorts = st.just(True) if wanted == "index/out-of-order" else st.booleans()
    files: dict[str, str | bytes] = {
        "seedkit.toml": 'index_order = "path"\n' if draw(sorts) else "",
        **{f"schemas/{name}.toml": _schema(name, draw(_files(settings))) for name in names},
    }
    chosen = draw(
        st.lists(
            st.tuples(st.sampled_from(names), st.sampled_from(NAMES)),
            min_size=1, max_size=4, unique=True,
        )
    )  # fmt: skip
    seeds: list[Seed] = []
    for number, (name, file) in enumerate(chosen):
        text = draw(texts_of(name, edit if number == 0 else None))
        way = _ROWS.get(wanted) if number == 0 else None
        if way == "bare":
            file = "b c.txt"
        states = st.sampled_from(["right", "wrong", "empty", "short"])
        cells = draw(st.lists(states, min_size=1, max_size=4))
        way = way or draw(st.sampled_from(WAYS))
        seeds.append(Seed(name, file, text, way, tuple(cells)))
    seeds = list({seed.path: seed for seed in seeds}.values())
    index = draw(indexes(wanted, seeds))
    files |= {seed.path: seed.data for seed in seeds}
    if index is not None:
        files["INDEX.md"] = index
    for seed in seeds:
        if seed.way == "below":
            path = f"seeds/{seed.format}/INDEX.md"
            files[path] = f"{files.get(path, '')!s}- [{seed.format}]({quote(seed.name)})\n"
    accepted = draw(st.just(()) | st.lists(st.booleans(), max_size=6).map(tuple))
    return Corpus(files, {seed.path: seed.format for seed in seeds}, accepted)
